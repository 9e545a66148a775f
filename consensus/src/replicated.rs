//! The family of protocols that put requests in one order: what they take, what they tell, and what
//! a group of any of them can be asked. Not a protocol.

use crate::{NodeId, Protocol, Request};
use gridtwin_kernel::Span;

/// What a node of a total-order protocol tells the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A member appended a request to the decided sequence, at `position` from 0.
    Delivered {
        /// Where in the sequence.
        position: u64,
        /// What.
        request: Request,
    },
    /// A member took over a state from its own storage or from others: the first `length` requests.
    Installed {
        /// How many requests the state holds.
        length: u64,
        /// The digest of them all.
        digest: u64,
    },
    /// A client has the answer to its request.
    Answered {
        /// Which.
        request: Request,
    },
    /// A node works in a new view or term under this leader.
    View {
        /// The view or term.
        view: u64,
        /// Who leads it.
        leader: NodeId,
    },
    /// A member was elected, or leads the new view by its number.
    Elected {
        /// The view or term.
        view: u64,
    },
    /// A member gave up on a leader and asks for another view or term.
    Suspected {
        /// The view or term asked for.
        view: u64,
    },
    /// A member proposed a request.
    Proposed {
        /// Which.
        request: Request,
    },
    /// A member that was away knows all that the others had decided when it asked.
    CaughtUp {
        /// How many requests its state holds.
        length: u64,
    },
}

/// The time-outs of a group; each protocol reads those it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timing {
    /// A client waits so long before it asks everybody; doubled each time, up to 16 times.
    pub client_timeout: Span,
    /// A PBFT backup waits so long for a request to be carried out before it wants another view;
    /// doubled by each view change in a row.
    pub request_timeout: Span,
    /// Between a Raft leader's heartbeats.
    pub heartbeat: Span,
    /// A Raft follower waits at least so long for its leader,
    pub election_min: Span,
    /// and at most so long, drawn evenly each time.
    pub election_max: Span,
    /// Whether a Raft group falls silent once everybody knows everything: no heartbeats until the
    /// next request, and a dead leader is found out only then.
    pub quiesce: bool,
}

impl Timing {
    /// For one component alone: Raft as in its paper (section 9.3: elections after 150 to 300 ms),
    /// others a second.
    pub const LAB: Self = Self {
        client_timeout: Span::from_secs(1),
        request_timeout: Span::from_secs(1),
        heartbeat: Span::from_millis(50),
        election_min: Span::from_millis(150),
        election_max: Span::from_millis(300),
        quiesce: false,
    };

    /// For a year in the twin: slower, and silent when idle.
    pub const TWIN: Self = Self {
        client_timeout: Span::from_secs(5),
        request_timeout: Span::from_secs(3),
        heartbeat: Span::from_millis(500),
        election_min: Span::from_millis(1500),
        election_max: Span::from_secs(3),
        quiesce: true,
    };

    /// The same time-outs, stretched together where messages may be under way for so long that they
    /// would run out in a group where nothing is wrong: no time-out is below ten such ways.
    pub fn for_latency(self, longest: Span) -> Self {
        let least = longest * 10;
        let shortest = self.election_min.min(self.request_timeout).min(self.client_timeout);
        if least <= shortest {
            return self;
        }
        let factor = least.as_secs_f64() / shortest.as_secs_f64();
        let stretched = |span: Span| Span::from_secs_f64(span.as_secs_f64() * factor);
        Self {
            client_timeout: stretched(self.client_timeout),
            request_timeout: stretched(self.request_timeout),
            heartbeat: stretched(self.heartbeat),
            election_min: stretched(self.election_min),
            election_max: stretched(self.election_max),
            quiesce: self.quiesce,
        }
    }
}

/// A protocol that puts its clients' requests in one order.
pub trait Replicated: Protocol<In = Request, Out = Outcome> {
    /// Its name on the command line.
    const NAME: &'static str;
    /// The fewest members it works with.
    const MIN_MEMBERS: usize;
    /// The first view or term that may have a leader: getting there is no change of view.
    const FIRST_VIEW: u64;

    /// A group of `members` members and `clients` clients after them.
    fn group(members: u16, clients: u16, timing: &Timing) -> Vec<Self>;
    /// How many of `members` may be without power while it goes on.
    fn tolerates(members: u16) -> u16;
    /// The view or term that this node is in.
    fn view(&self) -> u64;
    /// Whom this node follows, if anybody.
    fn leader(&self) -> Option<NodeId>;
    /// How many log entries and votes this node holds: bounded, however long the run.
    fn held(&self) -> usize;
}
