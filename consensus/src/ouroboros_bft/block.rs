//! Blocks, and the chain that a member holds: the longest valid one that it knows, its front final
//! and executed. Losing chains are not kept: a member that needs one asks for it.

use crate::crypto::{digest, mix};
use crate::{Fx, Members, NodeId, Sequence, Sig, Signed};
use std::sync::Arc;

use super::OuroborosBft;

/// Requests in a block, at most.
pub(super) const MOST: usize = 256;

/// Final blocks that are kept for members that lag, at least.
const KEPT: usize = 32;

/// A place in a chain: after which block it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The number of blocks up to and including it.
    pub height: u64,
    /// The slot of the block at it.
    pub slot: u64,
    /// The hash of that block; 0 at the beginning of all chains.
    pub hash: u64,
}

/// A block. Its hash is always that of its content, since only `Block::new` makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    point: Point,
    parent: u64,
    requests: Vec<Signed>,
    sig: Sig,
}

impl Block {
    /// The block of `slot` after `parent`, signed by the acting node.
    pub(super) fn new(
        parent: Point,
        slot: u64,
        requests: Vec<Signed>,
        fx: &mut Fx<OuroborosBft>,
    ) -> Self {
        let bytes: u32 = requests.iter().map(|signed| 16 + signed.request.bytes).sum();
        fx.hash(bytes);
        let height = parent.height + 1;
        let content = digest([height, slot, parent.hash]);
        let hash = requests.iter().fold(content, |sum, signed| mix(sum, signed.request.digest));
        let sig = fx.sign(hash);
        Self { point: Point { height, slot, hash }, parent: parent.hash, requests, sig }
    }

    /// Its place.
    pub fn point(&self) -> Point {
        self.point
    }

    /// The hash of the block before it.
    pub fn parent(&self) -> u64 {
        self.parent
    }

    /// The requests in it.
    pub fn requests(&self) -> &[Signed] {
        &self.requests
    }

    /// The leader of its slot among `n` members: round-robin.
    pub fn leader(&self, n: u16) -> NodeId {
        leader(self.point.slot, n)
    }

    /// Whether it may stand after `parent`, and its leader has signed it.
    pub(super) fn is_valid(&self, parent: Point, n: u16, fx: &mut Fx<OuroborosBft>) -> bool {
        let follows = self.parent == parent.hash
            && self.point.height == parent.height + 1
            && self.point.slot > parent.slot
            && self.requests.len() <= MOST;
        follows && fx.verify(self.leader(n), self.point.hash, self.sig)
    }
}

/// The leader of a slot.
pub(super) fn leader(slot: u64, n: u16) -> NodeId {
    NodeId((slot % u64::from(n.max(1))) as u16)
}

/// A chain: what was executed, and the blocks from a little before that on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Chain {
    /// Where the blocks begin.
    root: Point,
    blocks: Vec<Arc<Block>>,
    /// How many of them are final,
    settled: usize,
    /// and what was executed up to there.
    pub(super) sequence: Sequence,
}

impl Chain {
    /// The place of its last block.
    pub fn tip(&self) -> Point {
        self.blocks.last().map_or(self.root, |block| block.point)
    }

    /// The place of its last final block.
    pub fn settled(&self) -> Point {
        self.settled.checked_sub(1).map_or(self.root, |last| self.blocks[last].point)
    }

    /// Where its blocks begin.
    pub(super) fn root(&self) -> Point {
        self.root
    }

    /// Its blocks, as many as are kept.
    pub(super) fn blocks(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// The requests in blocks that are not final.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Signed> {
        self.blocks[self.settled..].iter().flat_map(|block| &block.requests)
    }

    /// The place at `height`, if it is kept.
    pub(super) fn at(&self, height: u64) -> Option<Point> {
        match height.checked_sub(self.root.height)? {
            0 => Some(self.root),
            above => self.blocks.get(above as usize - 1).map(|block| block.point),
        }
    }

    /// The density rule: among any 2t + 1 blocks in a row are those of t + 1 leaders. A block by
    /// `leader` after `height`, which `more` blocks follow up from, would keep to it.
    pub(super) fn is_dense(&self, n: u16, t: usize, after: &[Arc<Block>], leader: NodeId) -> bool {
        let own = after.first().map_or(self.tip().height, |block| block.point.height - 1);
        let below = (own - self.root.height) as usize;
        let held = self.blocks[..below].iter().chain(after);
        let last: Vec<_> = held.rev().take(2 * t).map(|block| block.leader(n)).collect();
        let leaders: Members = last.iter().copied().chain([leader]).collect();
        last.len() < 2 * t || leaders.len() > t
    }

    /// Replaces everything after `height` by `blocks`.
    pub(super) fn extend(&mut self, height: u64, blocks: &[Arc<Block>]) {
        let keep = height.saturating_sub(self.root.height) as usize;
        self.blocks.truncate(keep.max(self.settled));
        self.blocks.extend_from_slice(blocks);
    }

    /// The first block that is not final, and how many from it on hold it.
    pub(super) fn next(&self) -> Option<(&Arc<Block>, usize)> {
        let block = self.blocks.get(self.settled)?;
        Some((block, self.blocks.len() - self.settled))
    }

    /// Makes the next block final; its requests are for the sequence to execute. Keeps enough
    /// blocks for the density rule among `t` faults.
    pub(super) fn settle(&mut self, t: usize) -> Option<Arc<Block>> {
        let block = self.blocks.get(self.settled)?.clone();
        self.settled += 1;
        for (slot, signed) in (self.sequence.last_decided() + 1..).zip(&block.requests) {
            self.sequence.decide(slot, Some(signed.request));
        }
        let kept = KEPT.max(2 * t + 1);
        if self.settled > 2 * kept {
            self.root = self.blocks[kept - 1].point;
            self.blocks.drain(..kept);
            self.settled -= kept;
        }
        Some(block)
    }

    /// As [`Chain::settle`], for the copy that is written down.
    pub(super) fn settle_silently(&mut self, t: usize) {
        self.settle(t);
        while self.sequence.advance().is_some() {}
    }

    /// Takes over the state at a final place; blocks are to follow from there.
    pub(super) fn restart(&mut self, at: Point) {
        self.root = at;
        self.blocks.clear();
        self.settled = 0;
    }

    /// How many blocks and decided requests it holds.
    pub(super) fn held(&self) -> usize {
        let requests = |block: &Arc<Block>| 1 + block.requests.len();
        self.blocks.iter().map(requests).sum::<usize>() + self.sequence.held()
    }
}
