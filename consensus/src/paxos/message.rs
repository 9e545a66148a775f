//! Paxos's messages between members, their kinds and their sizes.

use crate::ballot::{Ballot, Vote, content_bytes, kind};
use crate::{Class, Kind, Missed, Request};
use std::sync::Arc;

/// What members send each other. All but the last two are about one slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// Phase 1a: promise me to take part in nothing lower.
    Prepare {
        /// The slot.
        slot: u64,
        /// The proposer's ballot.
        ballot: Ballot,
    },
    /// Phase 1b: promised, and this is what I accepted last.
    Promise {
        /// The slot.
        slot: u64,
        /// The ballot that it promised.
        ballot: Ballot,
        /// Its latest vote.
        accepted: Option<Vote>,
    },
    /// Phase 2a: accept this.
    Accept {
        /// The slot.
        slot: u64,
        /// The ballot.
        ballot: Ballot,
        /// The value.
        content: Option<Request>,
    },
    /// Phase 2b: accepted.
    Accepted {
        /// The slot.
        slot: u64,
        /// The ballot.
        ballot: Ballot,
    },
    /// A higher ballot was promised (an optimisation, says section 2.2).
    Refused {
        /// The slot.
        slot: u64,
        /// The ballot that was promised.
        ballot: Ballot,
    },
    /// This was chosen.
    Learn {
        /// The slot.
        slot: u64,
        /// The value.
        content: Option<Request>,
        /// Whether it answers a member that did not know.
        again: bool,
    },
    /// What was decided beyond this?
    Missing {
        /// The last slot that the asking member has executed.
        applied: u64,
    },
    /// That was.
    State {
        /// The last slot that the answering member has executed.
        applied: u64,
        /// What the other lacks.
        missed: Option<Arc<Missed>>,
    },
}

/// What a member waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// To propose for a slot again.
    Propose(u64),
    /// That the first undecided slot is decided, on which others depend.
    Gap,
    /// What was decided while it was away.
    Recover,
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("1a", Class::Request),
    kind("1b", Class::Request),
    kind("2a", Class::Request),
    kind("2b", Class::Request),
    kind("learn", Class::Periodic),
    kind("refused", Class::Repair),
    kind("learn-again", Class::Repair),
    kind("missing", Class::Repair),
    kind("state", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> (u8, u32) {
    match msg {
        Msg::Prepare { .. } => (2, 16),
        Msg::Promise { accepted, .. } => {
            (3, 16 + accepted.map_or(0, |vote| 8 + content_bytes(&vote.content)))
        }
        Msg::Accept { content, .. } => (4, 8 + content_bytes(content)),
        Msg::Accepted { .. } => (5, 16),
        Msg::Learn { content, again, .. } => (if *again { 8 } else { 6 }, content_bytes(content)),
        Msg::Refused { .. } => (7, 16),
        Msg::Missing { .. } => (9, 8),
        Msg::State { missed, .. } => (10, 8 + missed.as_ref().map_or(0, |missed| missed.bytes())),
    }
}

/// What a Byzantine member could send instead: an empty proposal, or promises, votes and decisions
/// that it did not make.
pub(super) fn variants(msg: &Msg) -> Vec<Msg> {
    match *msg {
        Msg::Promise { slot, ballot, accepted: Some(_) } => {
            vec![Msg::Promise { slot, ballot, accepted: None }]
        }
        Msg::Accept { slot, ballot, content: Some(_) } => {
            vec![Msg::Accept { slot, ballot, content: None }]
        }
        Msg::Learn { slot, content: Some(_), again } => {
            vec![Msg::Learn { slot, content: None, again }]
        }
        Msg::Accepted { slot, ballot } => vec![Msg::Refused { slot, ballot: Ballot(ballot.0 + 1) }],
        _ => Vec::new(),
    }
}
