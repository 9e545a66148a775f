//! Ouroboros-BFT's messages, their kinds and sizes, and their Byzantine variants.

use super::OuroborosBft;
use super::block::{Block, Point};
use crate::crypto::digest;
use crate::{Class, Fx, Kind, Missed, Request, Sequence, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
const SIG: u32 = 64;
const HASH: u32 = 32;
/// Bytes of a request beside its payload: client, number, signature.
const REQUEST: u32 = 16 + SIG;
/// Bytes of a place in a chain.
const POINT: u32 = 16 + HASH;

/// A reply to a lagging member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// Up to where its chain is final.
    pub settled: Point,
    /// What was executed up to there, where the blocks begin too late for the one that asks.
    pub missed: Option<Missed>,
    /// The last blocks of its chain, final ones among them.
    pub blocks: Vec<Arc<Block>>,
}

/// What Ouroboros-BFT's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Signed),
    /// A member has taken the request up, and will see to it that it is settled.
    Receipt {
        /// The request's number.
        number: u64,
        /// The request's digest.
        result: u64,
        /// Over both: proof for others.
        sig: Sig,
    },
    /// The leader's block of the slot.
    Block(Arc<Block>),
    /// The request is final.
    Settled {
        /// The request's number.
        number: u64,
        /// The request's digest.
        result: u64,
    },
    /// A member asks for what it lacks.
    Fetch {
        /// Up to where its chain is final,
        height: u64,
        /// and how many requests were decided there.
        applied: u64,
    },
    /// The answer.
    Told(Arc<Told>),
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The next slot.
    Slot,
    /// The time to ask again what it lacks.
    Fetch,
    /// An answer, as a client.
    Retry,
}

pub(super) fn receipt_digest(number: u64, result: u64) -> u64 {
    digest([0x7ece, number, result])
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("receipt", Class::Client),
    kind("block", Class::Request),
    kind("empty-block", Class::Periodic),
    kind("settled", Class::Client),
    kind("fetch", Class::Repair),
    kind("chain", Class::Repair),
];

fn block_bytes(block: &Block) -> u32 {
    let requests = block.requests().iter().map(|signed| REQUEST + signed.request.bytes);
    POINT + HASH + SIG + requests.sum::<u32>()
}

pub(super) fn wire(msg: &Msg) -> Wire {
    let (kind, body) = match msg {
        Msg::Request(signed) => (0, REQUEST + signed.request.bytes),
        Msg::Receipt { .. } => (1, 8 + HASH + SIG),
        Msg::Block(block) if !block.requests().is_empty() => (2, block_bytes(block)),
        Msg::Block(block) => (3, block_bytes(block)),
        Msg::Settled { .. } => (4, 8 + HASH),
        Msg::Fetch { .. } => (5, 16),
        Msg::Told(told) => {
            let blocks: u32 = told.blocks.iter().map(|block| block_bytes(block)).sum();
            (6, POINT + told.missed.as_ref().map_or(0, Missed::bytes) + blocks)
        }
    };
    Wire { kind, bytes: HEADERS + body }
}

/// What a Byzantine member could send instead: another block of the same slot, a false finality
/// report, a different history for lagging members.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<OuroborosBft>) -> Vec<Msg> {
    match msg {
        Msg::Block(block) if !block.requests().is_empty() => {
            let Point { height, slot, .. } = block.point();
            let parent = Point { height: height - 1, slot: 0, hash: block.parent() };
            vec![Msg::Block(Arc::new(Block::new(parent, slot, Vec::new(), fx)))]
        }
        Msg::Receipt { number, result, .. } => {
            vec![Msg::Settled { number: *number, result: *result }]
        }
        Msg::Settled { number, result } => {
            let client = fx.clients().next().unwrap_or(fx.me());
            let next = Request::new(client, number + 1, 64);
            vec![
                Msg::Settled { number: number + 1, result: next.digest },
                Msg::Settled { number: *number, result: !result },
            ]
        }
        Msg::Told(told) => {
            let mut variants = Vec::new();
            let last = told.missed.as_ref().map_or(0, Missed::last);
            if (1..=512).contains(&last) {
                // As if nothing had been decided by all the blocks so far.
                let mut empty = Sequence::default();
                for slot in 1..=last {
                    empty.decide(slot, None);
                    empty.advance();
                }
                let settled = Point { hash: !told.settled.hash, ..told.settled };
                let (missed, blocks) = (empty.since(0), Vec::new());
                variants.push(Msg::Told(Arc::new(Told { settled, missed, blocks })));
            }
            variants
        }
        Msg::Request(_) | Msg::Block(_) | Msg::Fetch { .. } => Vec::new(),
    }
}
