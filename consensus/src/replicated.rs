//! The family of total-order protocols: their inputs, their outcomes, and what can be queried of a
//! group. Not a protocol itself.

use crate::{Forge, Members, NodeId, Request};
use gridtwin_kernel::Span;

/// The outcomes that a node of a total-order protocol reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A member appended a request to the decided sequence, at `position` from 0.
    Delivered {
        /// Where in the sequence.
        position: u64,
        /// The request.
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
        /// The request.
        request: Request,
        /// The request's position in the sequence, if the client is given one; it is final.
        position: Option<u64>,
    },
    /// A node works in a new view or term under this leader.
    View {
        /// The view or term.
        view: u64,
        /// The leader.
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
        /// The request.
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
    /// How long a client waits before it sends its request to all members; doubled each time, up to
    /// 16 times.
    pub client_timeout: Span,
    /// How long a PBFT backup waits for a request to be executed before it starts a view change;
    /// doubled by each consecutive view change.
    pub request_timeout: Span,
    /// Between a Raft leader's heartbeats.
    pub heartbeat: Span,
    /// The shortest election time-out of a Raft follower,
    pub election_min: Span,
    /// and the longest; each is drawn uniformly between the two.
    pub election_max: Span,
    /// Whether a Raft leader stops its heartbeats once all logs are equal, until the next request.
    /// A crashed leader is then detected only by the next request.
    pub quiesce: bool,
    /// Whether a PBFT member answers as soon as a request has prepared, before it is committed: a
    /// delay less, and the client waits for a quorum that says the same.
    pub tentative: bool,
    /// The bound on message delay and processing that a synchronous protocol assumes; the length of
    /// its rounds and slots.
    pub delta: Span,
    /// The duration of a lease,
    pub lease: Span,
    /// and clocks are taken to differ by at most this.
    pub skew: Span,
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
        tentative: false,
        delta: Span::from_millis(20),
        lease: Span::from_secs(1),
        skew: Span::from_millis(10),
    };

    /// For a year in the twin: slower, and silent when idle.
    pub const TWIN: Self = Self {
        client_timeout: Span::from_secs(5),
        request_timeout: Span::from_secs(3),
        heartbeat: Span::from_millis(500),
        election_min: Span::from_millis(1500),
        election_max: Span::from_secs(3),
        quiesce: true,
        tentative: false,
        delta: Span::from_millis(500),
        lease: Span::from_secs(30),
        skew: Span::from_millis(50),
    };

    /// The same time-outs, scaled up together for a network with this longest latency, so that they
    /// do not expire in a fault-free group: no time-out is below ten latencies, and no round of a
    /// synchronous protocol below four.
    pub fn for_latency(self, longest: Span) -> Self {
        let shortest = self.election_min.min(self.request_timeout).min(self.client_timeout);
        let over = |least: Span, have: Span| least.as_secs_f64() / have.as_secs_f64();
        let factor = over(longest * 10, shortest).max(over(longest * 4, self.delta));
        if factor <= 1.0 {
            return self;
        }
        let stretched = |span: Span| Span::from_secs_f64(span.as_secs_f64() * factor);
        Self {
            client_timeout: stretched(self.client_timeout),
            request_timeout: stretched(self.request_timeout),
            heartbeat: stretched(self.heartbeat),
            election_min: stretched(self.election_min),
            election_max: stretched(self.election_max),
            quiesce: self.quiesce,
            tentative: self.tentative,
            delta: stretched(self.delta),
            lease: stretched(self.lease),
            skew: self.skew,
        }
    }
}

/// What comes in from outside to a node of a total-order protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// To a client: have this decided.
    Request(Request),
    /// To a client: change the membership to exactly these members. Ignored by protocols with fixed
    /// membership.
    Reconfigure(Members),
}

/// What a group is made of, as its nodes need to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setup {
    /// How many members.
    pub members: u16,
    /// How many clients.
    pub clients: u16,
    /// The time-outs.
    pub timing: Timing,
    /// A quorum, by its place in [`Replicated::QUORUMS`], that is one vote too small: a planted
    /// fault that explorer and chaos must find. None where results are to be trusted.
    pub planted: Option<usize>,
}

impl Setup {
    /// A group of this size with these time-outs, and no planted fault.
    pub fn new(members: u16, clients: u16, timing: &Timing) -> Self {
        Self { members, clients, timing: *timing, planted: None }
    }

    /// The size of a quorum, where the paper's is `right`: that, unless this one is planted.
    pub fn quorum(&self, which: usize, right: usize) -> usize {
        if self.planted == Some(which) { right.saturating_sub(1).max(1) } else { right }
    }
}

/// A node that only serves, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Helper {
    /// In the cloud, far from all members.
    Cloud,
    /// In the same place as a member.
    Beside(NodeId),
}

/// What a protocol needs of time to keep its promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeModel {
    /// Nothing: neither for safety nor for progress.
    Asynchronous,
    /// Nothing for safety; for progress that messages arrive in bounded time from some time on.
    PartiallySynchronous,
    /// Safety, too, requires that every message between running nodes arrives within
    /// [`Timing::delta`].
    Synchronous,
}

/// What a protocol survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultModel {
    /// Nodes that stop, and come back with what they had written down.
    Crash,
    /// Nodes that deviate from the protocol arbitrarily.
    Byzantine,
}

/// The published properties of a protocol, in words, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its protocol family, such as `paxos` or `pbft`.
    pub family: &'static str,
    /// What it survives.
    pub faults: FaultModel,
    /// What it needs of time.
    pub time: TimeModel,
    /// Members by faults, such as `3f + 1`.
    pub members: &'static str,
    /// The published count of messages a request, such as `2n^2 - n + 1`.
    pub messages: &'static str,
    /// The published message delays from request to answer.
    pub delays: &'static str,
    /// Who published it, where and when.
    pub paper: &'static str,
    /// What of it is reconstructed from an abstract or a summary; empty where nothing is.
    pub reconstructed: &'static str,
    /// What breaks or stalls it, in a few words.
    pub weakness: &'static str,
}

/// A protocol that puts its clients' requests in one order.
pub trait Replicated: Forge<In = Input, Out = Outcome> {
    /// Its name on the command line.
    const NAME: &'static str;
    /// The fewest members it works with.
    const MIN_MEMBERS: usize;
    /// The first view or term that may have a leader: getting there is no change of view.
    const FIRST_VIEW: u64;
    /// Its published properties.
    const FACTS: Facts;
    /// Its quorums by name, each of which can be planted one vote too small ([`Setup::quorum`]).
    const QUORUMS: &'static [&'static str];

    /// Whether the protocol, as published, is known to break its promises within its fault model.
    const BROKEN: bool = false;

    /// A group: its members, its clients, its helpers, in this order.
    fn group(setup: &Setup) -> Vec<Self>;
    /// The helpers of a group of `members`, and where they stand; most need none.
    fn helpers(_members: u16) -> Vec<Helper> {
        Vec::new()
    }
    /// The number of members, out of `members`, that may be without power without stopping the
    /// protocol.
    fn tolerates(members: u16) -> u16;
    /// Whether safety and liveness hold while these of `members` members are Byzantine: only the
    /// empty set, for a crash-tolerant protocol.
    fn withstands(members: u16, byzantine: Members) -> bool;
    /// The view or term that this node is in.
    fn view(&self) -> u64;
    /// The node that this node regards as the leader, if any.
    fn leader(&self) -> Option<NodeId>;
    /// How many log entries and votes this node holds: bounded, however long the run.
    fn held(&self) -> usize;
}
