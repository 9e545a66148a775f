//! The messages of protocols whose slots have owners, their kinds and their sizes.

use super::{Content, Scheme};
use crate::{Class, Kind, Missed, NodeId, Request, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
pub(crate) const HEADERS: u32 = 42;
/// Bytes of a request beside its payload: client and number.
const REQUEST: u32 = 16;

/// What a takeover found or puts there, slot by slot.
pub type Contents = Arc<[(u64, Content)]>;

/// The nodes' messages; `S` assigns slots to owners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg<S: Scheme> {
    /// A client asks.
    Request(Request),
    /// The member that it asked has carried it out.
    Reply {
        /// The request's number.
        number: u64,
        /// Its result.
        result: u64,
    },
    /// A member without a slot hands a request to the owner of the next one.
    Forward(Request),
    /// 2a: the owner proposes for its slot, in ballot 0.
    Accept {
        /// The slot.
        slot: u64,
        /// The content.
        content: Content,
        /// The proposer's view.
        view: u64,
        /// Whether it was sent before.
        again: bool,
    },
    /// 2b, and which of its own earlier slots the voter will never use.
    Accepted {
        /// The slot.
        slot: u64,
        /// The voter's own slots that hold nothing.
        skips: Vec<u64>,
        /// Whether it answers a proposal that was sent before.
        again: bool,
    },
    /// What the owner proposed for its slot is decided.
    Commit {
        /// The slot.
        slot: u64,
        /// Slots that their owners have declared empty.
        skips: Vec<u64>,
    },
    /// Slots that their owners have declared empty.
    Skip {
        /// The slots.
        slots: Vec<u64>,
    },
    /// A member asks for what was decided after what it has executed.
    Fetch {
        /// The last slot that it has executed.
        applied: u64,
    },
    /// The answer.
    Told {
        /// After which slot,
        after: u64,
        /// what the other lacks, if anything.
        missed: Option<Arc<Missed>>,
        /// The ownership of slots, after those.
        state: S::State,
        /// The sender's own slots that hold nothing.
        skips: Vec<u64>,
    },
    /// A member reports to the cloud that these slots block the sequence.
    Stuck {
        /// The slots, in order.
        slots: Arc<[u64]>,
    },
    /// 1a of the cloud, which takes these slots over.
    Prepare {
        /// Its ballot.
        ballot: u64,
        /// The slots, in order.
        slots: Arc<[u64]>,
        /// The member that reported them.
        reporter: NodeId,
    },
    /// 1b: what was accepted, in which ballot.
    Promise {
        /// The ballot.
        ballot: u64,
        /// Slots up to this one are executed here, and not to be filled.
        applied: u64,
        /// Slot, ballot and content; the greatest ballot of all where it is decided.
        found: Vec<(u64, u64, Content)>,
    },
    /// 2a of the cloud: what it found, and nothing where it found nothing.
    Fill {
        /// The ballot.
        ballot: u64,
        /// The contents.
        contents: Contents,
    },
    /// 2b.
    Filling {
        /// The ballot.
        ballot: u64,
    },
    /// These are decided.
    Filled {
        /// The contents.
        contents: Contents,
    },
    /// A message about ownership.
    Scheme(S::Msg),
}

/// What the nodes wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// An answer, as a client.
    Retry,
    /// Progress, as a member.
    Stall,
    /// Votes, as the cloud.
    Takeover,
    /// The end of a lease, as the cloud.
    Expiry,
}

pub(crate) const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

/// The kinds that every scheme has, in the order of [`Wire::kind`].
pub(crate) const COMMON: [Kind; 17] = [
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("forward", Class::Request),
    kind("accept", Class::Request),
    kind("accepted", Class::Request),
    kind("commit", Class::Request),
    kind("skip", Class::Request),
    kind("accept-again", Class::Repair),
    kind("accepted-again", Class::Repair),
    kind("fetch", Class::Repair),
    kind("catch-up", Class::Repair),
    kind("stuck", Class::Repair),
    kind("prepare", Class::Repair),
    kind("promise", Class::Repair),
    kind("fill", Class::Repair),
    kind("filling", Class::Repair),
    kind("filled", Class::Repair),
];

pub(super) fn wire<S: Scheme>(msg: &Msg<S>) -> Wire {
    let content = |content: &Content| 3 + content.map_or(0, |b| REQUEST + b.request.bytes);
    let list = |slots: &[u64]| 8 * slots.len() as u32;
    let filled = |contents: &Contents| contents.iter().map(|(_, c)| 8 + content(c)).sum::<u32>();
    let (kind, body) = match msg {
        Msg::Request(request) => (0, REQUEST + request.bytes),
        Msg::Reply { .. } => (1, 16),
        Msg::Forward(request) => (2, REQUEST + request.bytes),
        Msg::Accept { content: c, again, .. } => (if *again { 7 } else { 3 }, 16 + content(c)),
        Msg::Accepted { skips, again, .. } => (if *again { 8 } else { 4 }, 10 + list(skips)),
        Msg::Commit { skips, .. } => (5, 10 + list(skips)),
        Msg::Skip { slots } => (6, 2 + list(slots)),
        Msg::Fetch { .. } => (9, 8),
        Msg::Told { missed, skips, state, .. } => {
            let missed = missed.as_deref().map_or(0, Missed::bytes);
            (10, 12 + missed + list(skips) + S::state_bytes(state))
        }
        Msg::Stuck { slots } => (11, 2 + list(slots)),
        Msg::Prepare { slots, .. } => (12, 12 + list(slots)),
        Msg::Promise { found, .. } => {
            (13, 16 + found.iter().map(|(_, _, c)| 16 + content(c)).sum::<u32>())
        }
        Msg::Fill { contents, .. } => (14, 8 + filled(contents)),
        Msg::Filling { .. } => (15, 8),
        Msg::Filled { contents } => (16, filled(contents)),
        Msg::Scheme(msg) => {
            let (kind, body) = S::wire(msg);
            (COMMON.len() as u8 + kind, body)
        }
    };
    Wire { kind, bytes: HEADERS + body }
}

/// What a Byzantine node could send instead: empty proposals, empty promises, its own slots
/// declared used.
pub(super) fn variants<S: Scheme>(msg: &Msg<S>) -> Vec<Msg<S>> {
    let empty = |contents: &Contents| contents.iter().map(|&(slot, _)| (slot, None)).collect();
    match msg {
        Msg::Accept { slot, content: Some(_), view, again } => {
            vec![Msg::Accept { slot: *slot, content: None, view: *view, again: *again }]
        }
        Msg::Accepted { slot, skips, again } => {
            let skips = skips.iter().copied().chain([*slot]).collect();
            vec![Msg::Accepted { slot: *slot, skips, again: *again }]
        }
        Msg::Commit { slot, .. } => vec![Msg::Skip { slots: vec![*slot] }],
        Msg::Promise { ballot, applied, found } if !found.is_empty() => {
            vec![Msg::Promise { ballot: *ballot, applied: *applied, found: Vec::new() }]
        }
        Msg::Fill { ballot, contents } => {
            vec![Msg::Fill { ballot: *ballot, contents: empty(contents) }]
        }
        Msg::Filled { contents } => vec![Msg::Filled { contents: empty(contents) }],
        _ => Vec::new(),
    }
}
