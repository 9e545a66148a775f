//! Multi-Paxos's messages between members, their kinds and their sizes.

use crate::ballot::{Ballot, Vote, content_bytes, kind};
use crate::{Class, Kind, Missed, NodeId, Request};
use std::sync::Arc;

/// Messages between members; the last two go to clients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// Phase 1a for all slots: promise me to take part in nothing lower.
    Prepare {
        /// The candidate's ballot.
        ballot: Ballot,
        /// The last slot that it has executed.
        applied: u64,
    },
    /// Phase 1b: promised.
    Promise {
        /// The ballot.
        ballot: Ballot,
        /// What the candidate lacks of what is decided.
        missed: Option<Arc<Missed>>,
        /// The latest votes in all later slots.
        accepted: Arc<[(u64, Vote)]>,
    },
    /// Phase 2a: accept this.
    Accept {
        /// The ballot.
        ballot: Ballot,
        /// The slot.
        slot: u64,
        /// The value.
        content: Option<Request>,
        /// All slots up to this one are decided, the leader's values chosen.
        commit: u64,
        /// Whether the leader proposes it again: after its election, or since it got no answer.
        again: bool,
    },
    /// Phase 2b: accepted.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The slot.
        slot: u64,
        /// Whether it answers a repetition.
        again: bool,
    },
    /// A higher ballot was promised.
    Refused {
        /// The ballot.
        ballot: Ballot,
    },
    /// The leader is there.
    Heartbeat {
        /// Its ballot.
        ballot: Ballot,
        /// All slots up to this one are decided.
        commit: u64,
        /// Whether the leader becomes quiescent after this.
        quiet: bool,
    },
    /// Is there a leader? If not, I would stand.
    Ask {
        /// The last slot that the asking member has executed.
        applied: u64,
    },
    /// An answer to that.
    Answer {
        /// The highest ballot that the answering member has promised.
        ballot: Ballot,
        /// Whether it has no leader either.
        willing: bool,
    },
    /// What was decided beyond this?
    Lack {
        /// The last slot that the asking member has executed.
        applied: u64,
    },
    /// That was.
    State(Arc<Missed>),
    /// A member that is not the leader; it may know the leader.
    Redirect {
        /// What was asked.
        request: Request,
        /// The leader, as far as it knows,
        leader: Option<NodeId>,
        /// in which ballot.
        ballot: Ballot,
    },
    /// A leader makes itself known.
    Leading {
        /// Its ballot.
        ballot: Ballot,
    },
}

/// What a member waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A message from the leader.
    Election,
    /// The next heartbeat.
    Heartbeat,
    /// That what is decided reaches it.
    CatchUp,
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("redirect", Class::Client),
    kind("leading", Class::Client),
    kind("2a", Class::Request),
    kind("2b", Class::Request),
    kind("heartbeat", Class::Periodic),
    kind("1a", Class::Repair),
    kind("1b", Class::Repair),
    kind("2a-again", Class::Repair),
    kind("2b-again", Class::Repair),
    kind("refused", Class::Repair),
    kind("ask", Class::Repair),
    kind("answer", Class::Repair),
    kind("lack", Class::Repair),
    kind("state", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> (u8, u32) {
    match msg {
        Msg::Redirect { .. } => (2, 24),
        Msg::Leading { .. } => (3, 8),
        Msg::Accept { content, again, .. } => {
            (if *again { 9 } else { 4 }, 16 + content_bytes(content))
        }
        Msg::Accepted { again, .. } => (if *again { 10 } else { 5 }, 16),
        Msg::Heartbeat { .. } => (6, 17),
        Msg::Prepare { .. } => (7, 16),
        Msg::Promise { missed, accepted, .. } => {
            let votes = accepted.iter().map(|(_, vote)| 8 + content_bytes(&vote.content));
            (8, 8 + missed.as_ref().map_or(0, |missed| missed.bytes()) + votes.sum::<u32>())
        }
        Msg::Refused { .. } => (11, 8),
        Msg::Ask { .. } => (12, 8),
        Msg::Answer { .. } => (13, 9),
        Msg::Lack { .. } => (14, 8),
        Msg::State(missed) => (15, missed.bytes()),
    }
}

/// What a Byzantine member could send instead: a no-op for a request, a promise without its votes,
/// a higher commit index, a rejection instead of a vote.
pub(super) fn variants(msg: &Msg) -> Vec<Msg> {
    match *msg {
        Msg::Promise { ballot, ref missed, ref accepted } if !accepted.is_empty() => {
            vec![Msg::Promise { ballot, missed: missed.clone(), accepted: Arc::new([]) }]
        }
        Msg::Accept { ballot, slot, content: Some(_), commit, again } => {
            let variant = |content, commit| Msg::Accept { ballot, slot, content, commit, again };
            vec![variant(None, commit), variant(None, slot)]
        }
        Msg::Heartbeat { ballot, commit, quiet } => {
            vec![Msg::Heartbeat { ballot, commit: commit + 1, quiet }]
        }
        Msg::Accepted { ballot, .. } => vec![Msg::Refused { ballot: Ballot(ballot.0 + 1) }],
        Msg::Answer { ballot, willing } => vec![Msg::Answer { ballot, willing: !willing }],
        _ => Vec::new(),
    }
}
