//! What the members of a process group send each other: kinds and sizes.

use super::history::State;
use crate::{Class, Kind, NodeId, Request, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
/// Bytes of one request beside its payload: client, number, digest.
const REQUEST: u32 = 24;

/// A view: the group's current members.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Its number, from 1.
    pub number: u64,
    /// Its members, oldest first; the oldest gives the order.
    pub members: Arc<[NodeId]>,
}

impl View {
    /// The sequencer.
    pub fn leader(&self) -> Option<NodeId> {
        self.members.first().copied()
    }

    /// Whether a node is a member of it.
    pub fn contains(&self, member: NodeId) -> bool {
        self.members.contains(&member)
    }

    fn bytes(&self) -> u32 {
        8 + 2 * self.members.len() as u32
    }
}

/// An attempt to end a view: a number, and the coordinator.
pub type Ballot = (u64, NodeId);

/// What a coordinator puts to the vote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// The next view.
    pub next: View,
    /// The last slot of the view that ends.
    pub began: u64,
    /// What its members lack of that.
    pub state: State,
}

/// Why a member says how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// It received a request in its turn.
    Received,
    /// The leader's periodic heartbeat.
    Alive,
    /// It lacks slots.
    Lacks,
    /// It has not heard from the leader for long, or has restarted: asks for a current view.
    Asks,
}

/// What nodes of a process group send each other. `view` is the number of the sender's view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Request),
    /// It was executed.
    Reply {
        /// The request.
        request: Request,
        /// The leader's view.
        view: u64,
    },
    /// The leader: reported by the leader of a new view, and by others when asked.
    Leading {
        /// The view.
        view: u64,
        /// Its leader.
        leader: NodeId,
    },
    /// The leader gives a request its place.
    Order {
        /// The view.
        view: u64,
        /// The place.
        slot: u64,
        /// The request.
        request: Request,
        /// Slots up to here may be delivered.
        committed: u64,
    },
    /// A member says how far it is.
    Report {
        /// The view.
        view: u64,
        /// Slots delivered,
        applied: u64,
        /// and received.
        last: u64,
        /// Why it says so.
        why: Why,
    },
    /// Slots up to one are safe.
    Commit {
        /// The view.
        view: u64,
        /// The last of them.
        committed: u64,
    },
    /// The leader is there.
    Heartbeat {
        /// The view.
        view: u64,
        /// The last slot in order.
        last: u64,
        /// Slots up to here may be delivered.
        committed: u64,
        /// Whether the leader becomes quiescent after this.
        quiet: bool,
    },
    /// What a member of the same view lacks.
    Fill {
        /// The view.
        view: u64,
        /// What it lacks,
        state: Arc<State>,
        /// and up to where that may be delivered.
        committed: u64,
    },
    /// The view that the receiver knew is over.
    Over {
        /// The one after it, or a later one.
        view: View,
    },
    /// A member asks to join the next view.
    Join {
        /// Slots that it delivered, and will keep.
        applied: u64,
    },
    /// A coordinator ends a view.
    Flush {
        /// The view.
        view: u64,
        /// The attempt.
        ballot: Ballot,
        /// Slots that the coordinator delivered.
        applied: u64,
    },
    /// A member has stopped sending in the view, and reports what it received in it.
    Flushed {
        /// The view: attempts are numbered anew in each.
        view: u64,
        /// The attempt.
        ballot: Ballot,
        /// What it has beyond the coordinator.
        state: Arc<State>,
        /// What it has accepted, in the highest attempt that it did in.
        accepted: Option<(Ballot, Arc<Proposal>)>,
    },
    /// A coordinator puts the next view to the vote.
    Propose {
        /// The view that ends.
        view: u64,
        /// The attempt.
        ballot: Ballot,
        /// The next view.
        proposal: Arc<Proposal>,
    },
    /// A member has accepted it.
    Accepted {
        /// The view that ends.
        view: u64,
        /// The attempt.
        ballot: Ballot,
    },
    /// The next view begins; with what came to pass in it, where it began long ago.
    Install(Arc<Proposal>),
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A message from the leader or the coordinator, or admission to a view.
    Word,
    /// The next heartbeat.
    Heartbeat,
    /// The last answers to a flush.
    Gather,
    /// An answer, as a client.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("leading", Class::Client),
    kind("order", Class::Request),
    kind("ack", Class::Request),
    kind("commit", Class::Request),
    kind("heartbeat", Class::Periodic),
    kind("alive", Class::Periodic),
    kind("lack", Class::Repair),
    kind("fill", Class::Repair),
    kind("ask", Class::Repair),
    kind("over", Class::Repair),
    kind("join", Class::Repair),
    kind("flush", Class::Repair),
    kind("flushed", Class::Repair),
    kind("propose", Class::Repair),
    kind("accepted", Class::Repair),
    kind("install", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> Wire {
    let whole = |proposal: &Proposal| 8 + proposal.next.bytes() + proposal.state.bytes();
    let (kind, body) = match msg {
        Msg::Request(request) => (0, REQUEST + request.bytes),
        Msg::Reply { .. } => (1, 24),
        Msg::Leading { .. } => (2, 12),
        Msg::Order { request, .. } => (3, 24 + REQUEST + request.bytes),
        Msg::Report { why, .. } => match why {
            Why::Received => (4, 24),
            Why::Alive => (7, 24),
            Why::Lacks => (8, 24),
            Why::Asks => (10, 24),
        },
        Msg::Commit { .. } => (5, 16),
        Msg::Heartbeat { .. } => (6, 25),
        Msg::Fill { state, .. } => (9, 16 + state.bytes()),
        Msg::Over { view } => (11, view.bytes()),
        Msg::Join { .. } => (12, 8),
        Msg::Flush { .. } => (13, 26),
        Msg::Flushed { state, accepted, .. } => {
            let accepted = accepted.as_ref().map_or(0, |(_, proposal)| 10 + whole(proposal));
            (14, 18 + state.bytes() + accepted)
        }
        Msg::Propose { proposal, .. } => (15, 18 + whole(proposal)),
        Msg::Accepted { .. } => (16, 18),
        Msg::Install(proposal) => (17, whole(proposal)),
    };
    let bytes = HEADERS + body;
    Wire { kind, bytes }
}

/// What a Byzantine member could send instead: another request in the same slot, acknowledgements
/// of what it or others lack, an empty flush, another view.
pub(super) fn variants(msg: &Msg) -> Vec<Msg> {
    let without_youngest = |proposal: &Proposal| {
        let mut other = proposal.clone();
        let kept = other.next.members.len().saturating_sub(1).max(1);
        other.next.members = other.next.members.iter().copied().take(kept).collect();
        other.state.unstable.clear();
        Arc::new(other)
    };
    match *msg {
        Msg::Order { view, slot, request, committed } => {
            let request = Request::new(request.client, request.number + 1, request.bytes);
            vec![Msg::Order { view, slot, request, committed }]
        }
        Msg::Report { view, applied, last, why } => {
            vec![Msg::Report { view, applied, last: last + 1, why }]
        }
        Msg::Commit { view, committed } => vec![Msg::Commit { view, committed: committed + 1 }],
        Msg::Flushed { view, ballot, ref state, .. } => {
            let (missed, unstable) = (None, Vec::new());
            let state = Arc::new(State { applied: state.applied, missed, unstable });
            vec![Msg::Flushed { view, ballot, state, accepted: None }]
        }
        Msg::Propose { view, ballot, ref proposal } => {
            vec![Msg::Propose { view, ballot, proposal: without_youngest(proposal) }]
        }
        Msg::Install(ref proposal) => vec![Msg::Install(without_youngest(proposal))],
        _ => Vec::new(),
    }
}
