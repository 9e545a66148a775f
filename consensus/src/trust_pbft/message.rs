//! Trust-PBFT's messages, their kinds, their sizes, and their Byzantine variants.

use super::era::Era;
use super::{Stored, TrustPbft, salt_of};
use crate::pbft::{self, Pbft};
use crate::{Class, Forge, Fx, Kind, Members, NodeId, Part, Protocol, Wire, mix};
use std::sync::Arc;

/// Bytes of the headers below the protocol.
const HEADERS: u32 = 42;
/// Bytes of a message authentication code.
const MAC: u32 = 10;

/// What Trust-PBFT's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// Within a committee, and from its clients: PBFT that decides requests.
    Work {
        /// The committee's era.
        era: u64,
        /// As in PBFT.
        msg: pbft::Msg,
    },
    /// Within a committee: PBFT that decides which opinions count.
    Feedback {
        /// The committee's era.
        era: u64,
        /// As in PBFT.
        msg: pbft::Msg,
    },
    /// A member has carried a request out.
    Reply {
        /// The era to come if the request was its era's last, else that era,
        era: u64,
        /// and its committee.
        committee: Members,
        /// The committee's view.
        view: u64,
        /// The request's number.
        number: u64,
        /// The result: an echo of the request's digest.
        result: u64,
    },
    /// A committee's result, for members outside it: the initial state of the next era.
    Result(Arc<Era>),
    /// Which era is it?
    Ask {
        /// The last one known.
        era: u64,
        /// Whether an answer is wanted even if that is right.
        recovering: bool,
    },
    /// To a client: the current committee.
    Moved {
        /// The era,
        era: u64,
        /// and its committee.
        committee: Members,
    },
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// PBFT's, where it decides requests.
    Work(pbft::Timer),
    /// PBFT's, where it decides which opinions count.
    Feedback(pbft::Timer),
    /// The time to send its opinion again.
    Opinion,
    /// The time to ask again which era it is.
    Ask,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

const OF_PBFT: &[Kind] = Pbft::KINDS;

pub(super) const KINDS: &[Kind] = &[
    OF_PBFT[0],
    OF_PBFT[1],
    OF_PBFT[2],
    OF_PBFT[3],
    OF_PBFT[4],
    OF_PBFT[5],
    OF_PBFT[6],
    OF_PBFT[7],
    OF_PBFT[8],
    OF_PBFT[9],
    kind("feedback", Class::Periodic),
    kind("result", Class::Periodic),
    kind("ask", Class::Repair),
    kind("moved", Class::Repair),
];

/// Bytes of what an era begins with: scores and services of two bytes each.
pub(super) fn bytes_of(era: &Era) -> u32 {
    96 + 4 * era.scores.len() as u32
}

pub(super) fn wire(msg: &Msg) -> Wire {
    let body = |kind, body| Wire { kind, bytes: HEADERS + body };
    match msg {
        Msg::Work { msg, .. } => Pbft::wire(msg),
        Msg::Feedback { msg, .. } => Wire { kind: 10, ..Pbft::wire(msg) },
        Msg::Reply { .. } => body(4, 18 + 32 + 24 + MAC),
        Msg::Result(era) => body(11, bytes_of(era) + MAC),
        Msg::Ask { .. } => body(12, 9 + MAC),
        Msg::Moved { .. } => body(13, 24 + MAC),
    }
}

/// What a Byzantine node could send instead: PBFT's variants, another result, another era.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<TrustPbft>) -> Vec<Msg> {
    match msg {
        Msg::Work { era, msg } => {
            let wrap = |msg| Msg::Work { era: *era, msg };
            in_pbft(*era, false, msg, fx).into_iter().map(wrap).collect()
        }
        Msg::Feedback { era, msg } => {
            let wrap = |msg| Msg::Feedback { era: *era, msg };
            in_pbft(*era, true, msg, fx).into_iter().map(wrap).collect()
        }
        &Msg::Reply { era, committee, view, number, result } => {
            let next = committee.iter().map(|member| NodeId(member.0 + 1)).collect();
            vec![
                Msg::Reply { era, committee, view, number, result: mix(result, 1) },
                Msg::Reply { era: era + 1, committee: next, view, number, result },
            ]
        }
        Msg::Result(era) => {
            let mut other = Era::clone(era);
            other.ledger.digest = mix(other.ledger.digest, 1);
            vec![Msg::Result(Arc::new(other))]
        }
        _ => Vec::new(),
    }
}

/// PBFT's variants, signed as the members of that era's committee sign.
fn in_pbft(era: u64, feedback: bool, msg: &pbft::Msg, fx: &mut Fx<TrustPbft>) -> Vec<pbft::Msg> {
    // Signatures go by the outer numbers, so that here all may keep theirs.
    let members = fx.members();
    let nodes = (0..members).map(NodeId).chain(fx.clients()).collect();
    let (me, part) = (fx.me(), Part { nodes, members, salt: salt_of(era, feedback) });
    let stored: fn(&mut Stored) -> &mut pbft::Stored = |stored| &mut stored.work;
    let wrap = |msg| Msg::Work { era, msg };
    fx.nest(&part, me, stored, wrap, Timer::Work, &mut Vec::new(), |fx| Pbft::variants(msg, fx))
}
