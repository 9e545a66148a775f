//! What a group reports to its owner: plain data with time stamps.

use crate::NodeId;
use gridtwin_kernel::{SimTime, Span};

/// Something that happened in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The time.
    pub at: SimTime,
    /// The event.
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
        /// The member.
        member: NodeId,
        /// The request's number.
        number: u64,
    },
    /// A member gave up on its leader and asks for this view or term.
    Suspected {
        /// The member.
        member: NodeId,
        /// The view or term asked for.
        view: u64,
    },
    /// A member works in a new view or term.
    ViewChange {
        /// The member.
        member: NodeId,
        /// The view or term.
        view: u64,
        /// Its leader.
        leader: NodeId,
    },
    /// A member leads.
    LeaderElected {
        /// The member.
        member: NodeId,
        /// The view or term.
        view: u64,
    },
    /// A node has power again, and started from what it had written down.
    Restarted {
        /// The node; the client's number is the number of members.
        member: NodeId,
    },
    /// A member that was away knows all that the others knew when it asked.
    CaughtUp {
        /// The member.
        member: NodeId,
    },
    /// The specification was broken: never within the protocol's fault model.
    Violation {
        /// A description.
        text: String,
    },
}
