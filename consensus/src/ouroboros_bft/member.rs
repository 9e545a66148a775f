//! A member of Ouroboros-BFT: takes requests up, leads its slots, follows the longest chain, and
//! settles what is deep enough. How it learns what it missed is in the file beside.

use super::block::{Block, Chain, MOST, leader};
use super::message::{Msg, Timer, Told, receipt_digest};
use super::{OuroborosBft, Stored, faulty};
use crate::lockstep::Lockstep;
use crate::{Fx, Members, NodeId, Outcome, Request, Setup, Signed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) started: bool,
    /// The slot of the last block it made: never two in one slot.
    pub(super) led: u64,
    pub(super) chain: Chain,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) n: u16,
    clients: u16,
    pub(super) t: usize,
    /// The number of members that must agree on a past that cannot be checked here.
    pub(super) vouch: usize,
    pub(super) clock: Lockstep,
    pub(super) chain: Chain,
    pub(super) led: u64,
    /// Requests taken up and not settled.
    pub(super) pool: BTreeMap<(NodeId, u64), Signed>,
    pub(super) delta: gridtwin_kernel::Span,
    /// Whether it came back and does not know yet what the others have.
    pub(super) recovering: bool,
    /// Others' chains that do not fit to its own,
    pub(super) told: Vec<(NodeId, Arc<Told>)>,
    /// those whose chains it knows since it came back,
    pub(super) heard: Members,
    /// and how often it has asked in a row.
    pub(super) fetches: u32,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        let t = faulty(setup.members);
        Self {
            id,
            n: setup.members,
            clients: setup.clients,
            t,
            vouch: setup.quorum(0, t + 1),
            clock: Lockstep::new(setup.timing.delta),
            chain: Chain::default(),
            led: 0,
            pool: BTreeMap::new(),
            delta: setup.timing.delta,
            recovering: false,
            told: Vec::new(),
            heard: Members::NONE,
            fetches: 0,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<OuroborosBft>) {
        if !durable.started {
            fx.persist(1, |stored: &mut Stored| stored.member.started = true);
            return;
        }
        self.led = durable.led;
        self.chain = durable.chain.clone();
        self.chain.sequence.tell(fx);
        self.recovering = true;
        self.fetch(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<OuroborosBft>) {
        match msg {
            Msg::Request(signed) => self.on_request(from, *signed, fx),
            Msg::Block(block) => self.on_block(from, block, fx),
            Msg::Fetch { height, applied } => self.on_fetch(from, *height, *applied, fx),
            Msg::Told(told) => self.on_told(from, told, fx),
            Msg::Receipt { .. } | Msg::Settled { .. } => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<OuroborosBft>) {
        match timer {
            Timer::Slot => self.on_slot(fx),
            Timer::Fetch => self.fetch(fx),
            Timer::Retry => {}
        }
    }

    /// Section 2, the mempool: clients' requests are stored and acknowledged immediately.
    fn on_request(&mut self, from: NodeId, signed: Signed, fx: &mut Fx<OuroborosBft>) {
        let request = signed.request;
        let (number, result) = (request.number, request.digest);
        if from != request.client || !self.is_asked(&signed, fx) {
            return;
        }
        if self.chain.sequence.contains(&request) {
            fx.send(from, Msg::Settled { number, result });
            return;
        }
        if !self.chain.sequence.in_window(&request) {
            return;
        }
        self.pool.insert((from, number), signed);
        let sig = fx.sign(receipt_digest(number, result));
        fx.send(from, Msg::Receipt { number, result, sig });
        if !self.recovering {
            self.clock.wait(Timer::Slot, fx);
        }
    }

    /// Whether a client has signed a request.
    fn is_asked(&self, signed: &Signed, fx: &mut Fx<OuroborosBft>) -> bool {
        let Request { client, bytes, digest, .. } = signed.request;
        fx.hash(bytes);
        (self.n..self.n + self.clients).contains(&client.0) && fx.verify(client, digest, signed.sig)
    }

    /// Section 2: a slot begins.
    fn on_slot(&mut self, fx: &mut Fx<OuroborosBft>) {
        let slot = self.clock.ring(fx);
        self.settle(slot, fx);
        if self.recovering || !self.is_waiting() {
            return; // a quiet chain makes no blocks
        }
        if leader(slot, self.n) == self.id && slot > self.led && slot > self.chain.tip().slot {
            self.lead(slot, fx);
        }
        self.clock.wait(Timer::Slot, fx);
    }

    /// Whether there is anything to be settled.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pool.is_empty() || self.chain.pending().next().is_some()
    }

    /// Section 2, log production: a block of all that is pending, on the longest chain known.
    fn lead(&mut self, slot: u64, fx: &mut Fx<OuroborosBft>) {
        if !self.chain.is_dense(self.n, self.t, &[], self.id) {
            return;
        }
        let key = |signed: &Signed| (signed.request.client, signed.request.number);
        let there: BTreeSet<_> = self.chain.pending().map(key).collect();
        let new = self.pool.iter().filter(|(asked, _)| !there.contains(asked));
        let requests: Vec<_> = new.map(|(_, &signed)| signed).take(MOST).collect();
        for signed in &requests {
            fx.out(Outcome::Proposed { request: signed.request });
        }
        let block = Arc::new(Block::new(self.chain.tip(), slot, requests, fx));
        self.led = slot;
        fx.persist(8, |stored: &mut Stored| stored.member.led = slot);
        self.extend(self.chain.tip().height, std::slice::from_ref(&block), fx);
        fx.broadcast(Msg::Block(block));
    }

    fn on_block(&mut self, from: NodeId, block: &Arc<Block>, fx: &mut Fx<OuroborosBft>) {
        let (tip, point) = (self.chain.tip(), block.point());
        if block.leader(self.n) != from || point.slot > self.clock.tick(fx) {
            return;
        }
        if block.parent() == tip.hash
            && self.may_extend(tip.height, std::slice::from_ref(block), fx)
        {
            self.extend(tip.height, std::slice::from_ref(block), fx);
            if !self.recovering && !block.requests().is_empty() {
                self.clock.wait_after(Timer::Slot, fx);
            }
        } else if point.height > tip.height {
            self.ask_for_chain(from, fx);
        } else if point.height < tip.height && self.chain.at(point.height) != Some(point) {
            self.tell(from, self.chain.settled().height, 0, fx); // it does not know the longest
        }
    }

    /// Whether blocks make a valid chain after `height`, where nothing final is undone.
    pub(super) fn may_extend(
        &mut self,
        height: u64,
        blocks: &[Arc<Block>],
        fx: &mut Fx<OuroborosBft>,
    ) -> bool {
        let now = self.clock.tick(fx);
        let Some(mut parent) = self.chain.at(height) else { return false };
        if height < self.chain.settled().height {
            return false;
        }
        for (index, block) in blocks.iter().enumerate() {
            // One block a slot, by its leader, slots rising and not ahead of time, and dense.
            if block.point().slot > now
                || !block.is_valid(parent, self.n, fx)
                || !self.chain.is_dense(self.n, self.t, &blocks[..index], block.leader(self.n))
            {
                return false;
            }
            for signed in block.requests() {
                let known = self.pool.get(&(signed.request.client, signed.request.number));
                if known != Some(signed) && !self.is_asked(signed, fx) {
                    return false;
                }
            }
            parent = block.point();
        }
        true
    }

    /// Takes a longer chain as its own: these blocks after `height`.
    pub(super) fn extend(&mut self, height: u64, blocks: &[Arc<Block>], fx: &mut Fx<OuroborosBft>) {
        let requests = blocks.iter().flat_map(|block| block.requests());
        let bytes = requests.map(|signed| 80 + signed.request.bytes).sum::<u32>() + 144;
        fx.persist(bytes, |stored: &mut Stored| stored.member.chain.extend(height, blocks));
        self.chain.extend(height, blocks);
    }

    /// Section 2, ledger reporting: blocks that are 3t + 1 slots old are final.
    fn settle(&mut self, slot: u64, fx: &mut Fx<OuroborosBft>) {
        let (depth, holders) = (3 * self.t as u64 + 1, 2 * self.t + 1);
        while let Some((block, held)) = self.chain.next() {
            if block.point().slot + depth > slot || held < holders {
                return;
            }
            self.settle_next(fx);
        }
    }

    fn settle_next(&mut self, fx: &mut Fx<OuroborosBft>) {
        let t = self.t;
        let Some(block) = self.chain.settle(t) else { return };
        fx.persist(8, |stored: &mut Stored| stored.member.chain.settle_silently(t));
        let done = self.chain.sequence.carry_out(fx);
        // The block itself is its leader's answer: clients receive answers from the others.
        let others = block.leader(self.n) != self.id;
        for request in done {
            let (number, result) = (request.number, request.digest);
            self.pool.remove(&(request.client, number));
            if others {
                fx.send(request.client, Msg::Settled { number, result });
            }
        }
    }

    pub(super) fn slot(&self) -> u64 {
        self.clock.last()
    }

    /// The chain that it holds.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    pub(super) fn held(&self) -> usize {
        self.chain.held() + self.pool.len() + self.told.len()
    }
}
