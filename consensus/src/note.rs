//! What a group tells its owner: plain data with the time it happened.

use crate::NodeId;
use gridtwin_kernel::{SimTime, Span};

/// Something that happened in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: SimTime,
    /// What.
    pub kind: NoteKind,
}

/// What can happen in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// The client has the answer to a request.
    Decided {
        /// The request's number.
        number: u64,
        /// When it was submitted.
        submitted_at: SimTime,
        /// From then to the end of handling the answer.
        latency: Span,
        /// Message delays along its critical path.
        delays: u32,
    },
    /// A member, the leader mostly, put a request to the vote.
    Proposed {
        /// Who.
        member: NodeId,
        /// The request's number.
        number: u64,
    },
    /// A member gave up on its leader and asks for this view or term.
    Suspected {
        /// Who.
        member: NodeId,
        /// The view or term asked for.
        view: u64,
    },
    /// A member works in a new view or term.
    ViewChange {
        /// Who.
        member: NodeId,
        /// The view or term.
        view: u64,
        /// Its leader.
        leader: NodeId,
    },
    /// A member leads.
    LeaderElected {
        /// Who.
        member: NodeId,
        /// The view or term.
        view: u64,
    },
    /// A node has power again, and started from what it had written down.
    Restarted {
        /// Who; the client's number is that of the members.
        member: NodeId,
    },
    /// A member that was away knows all that the others knew when it asked.
    CaughtUp {
        /// Who.
        member: NodeId,
    },
    /// The specification was broken: never within the protocol's fault model.
    Violation {
        /// How.
        text: String,
    },
}
