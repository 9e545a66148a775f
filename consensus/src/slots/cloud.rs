//! The cloud: it takes over slots that block the sequence, by Paxos's two phases in a higher
//! ballot. It does not vote, and does not learn about other slots.

use super::{BATCH, Content, Contents, Edge, FILL, Msg, PROMISE, Scheme, Stored, Timer, majority};
use crate::{Fx, Members, NodeId, Setup};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// A takeover without enough votes is abandoned after this many attempts; members report it again.
const ATTEMPTS: u32 = 6;

/// The cloud's decisions on slot ownership.
pub trait Arbiter<S: Scheme>: Clone + Debug + Eq + Hash {
    /// After a loss of power.
    fn on_start(&mut self, fx: &mut Fx<Edge<S>>);
    /// A member asks.
    fn on_msg(&mut self, from: NodeId, msg: &S::Msg, fx: &mut Fx<Edge<S>>);
    /// Which of these slots may be taken over now, as `reporter` asks; it may come back to the
    /// others by [`Timer::Expiry`].
    fn may_take(&mut self, slots: &[u64], reporter: NodeId, fx: &mut Fx<Edge<S>>) -> Vec<u64>;
    /// The timer is due: which slots may be taken over, and the members that asked for it.
    fn on_expiry(&mut self, fx: &mut Fx<Edge<S>>) -> Option<(Vec<u64>, NodeId)>;
    /// How much it holds.
    fn held(&self) -> usize;
}

/// What the cloud writes down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kept<S: Scheme> {
    round: u64,
    /// What its arbiter knows.
    pub(crate) arbiter: Option<S::Arbiter>,
}

impl<S: Scheme> Default for Kept<S> {
    fn default() -> Self {
        Self { round: 0, arbiter: None }
    }
}

/// Slots being taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Takeover {
    slots: Arc<[u64]>,
    reporter: NodeId,
    promises: Members,
    found: BTreeMap<u64, (u64, Content)>,
    /// What is filled in, from phase 2 on,
    contents: Option<Contents>,
    /// and the members that have accepted it.
    votes: Members,
    attempts: u32,
}

/// The cloud's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cloud<S: Scheme> {
    n: u16,
    promise: usize,
    fill: usize,
    patience: Span,
    round: u64,
    /// By ballot.
    takeovers: BTreeMap<u64, Takeover>,
    arbiter: S::Arbiter,
}

impl<S: Scheme> Cloud<S> {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            n: setup.members,
            promise: setup.quorum(PROMISE, majority(setup)),
            fill: setup.quorum(FILL, majority(setup)),
            patience: Span(setup.timing.request_timeout.0 / 2),
            round: 0,
            takeovers: BTreeMap::new(),
            arbiter: S::arbiter(setup),
        }
    }

    pub(super) fn on_start(&mut self, durable: &Kept<S>, fx: &mut Fx<Edge<S>>) {
        self.round = durable.round;
        if let Some(arbiter) = &durable.arbiter {
            self.arbiter = arbiter.clone();
            self.arbiter.on_start(fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg<S>, fx: &mut Fx<Edge<S>>) {
        match msg {
            Msg::Stuck { slots } if from.0 < self.n && slots.len() <= BATCH => {
                let slots = self.arbiter.may_take(slots, from, fx);
                self.take_over(slots, from, fx);
            }
            Msg::Promise { ballot, applied, found } => {
                self.on_promise(from, *ballot, *applied, found, fx);
            }
            Msg::Filling { ballot } => self.on_filling(from, *ballot, fx),
            Msg::Scheme(msg) if from.0 < self.n => self.arbiter.on_msg(from, msg, fx),
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Edge<S>>) {
        if timer == Timer::Expiry {
            if let Some((slots, reporter)) = self.arbiter.on_expiry(fx) {
                self.take_over(slots, reporter, fx);
            }
            return;
        }
        for takeover in self.takeovers.values_mut() {
            takeover.attempts += 1;
        }
        self.takeovers.retain(|_, takeover| takeover.attempts < ATTEMPTS);
        for (&ballot, takeover) in &self.takeovers {
            let had = if takeover.contents.is_some() { takeover.votes } else { takeover.promises };
            for to in (0..self.n).map(NodeId).filter(|&to| !had.contains(to)) {
                fx.send(to, takeover.ask(ballot));
            }
        }
        if !self.takeovers.is_empty() {
            fx.arm(Timer::Takeover, self.patience);
        }
    }

    /// Phase 1, for slots that are not being taken over already.
    fn take_over(&mut self, mut slots: Vec<u64>, reporter: NodeId, fx: &mut Fx<Edge<S>>) {
        let taken = |slot: &u64| self.takeovers.values().any(|t| t.slots.contains(slot));
        slots.retain(|slot| !taken(slot));
        if slots.is_empty() || self.takeovers.len() >= 2 * usize::from(self.n) {
            return;
        }
        self.round += 1;
        let round = self.round;
        fx.persist(8, |stored: &mut Stored<S>| stored.cloud.round = round);
        let takeover = Takeover {
            slots: slots.into(),
            reporter,
            promises: Members::NONE,
            found: BTreeMap::new(),
            contents: None,
            votes: Members::NONE,
            attempts: 0,
        };
        fx.broadcast(takeover.ask(round)); // 1a
        if self.takeovers.is_empty() {
            fx.arm(Timer::Takeover, self.patience);
        }
        self.takeovers.insert(round, takeover);
    }

    fn on_promise(
        &mut self,
        from: NodeId,
        ballot: u64,
        applied: u64,
        found: &[(u64, u64, Content)],
        fx: &mut Fx<Edge<S>>,
    ) {
        let phase1 = |takeover: &&mut Takeover| takeover.contents.is_none();
        let Some(takeover) = self.takeovers.get_mut(&ballot).filter(phase1) else {
            return;
        };
        takeover.promises.insert(from);
        if takeover.slots.first().is_some_and(|&first| first <= applied) {
            let slots = takeover.slots.iter().copied();
            takeover.slots = slots.filter(|&slot| slot > applied).collect();
        }
        for &(slot, ballot, content) in found.iter().take(BATCH) {
            let known = takeover.found.entry(slot).or_insert((ballot, content));
            if known.0 < ballot {
                *known = (ballot, content);
            }
        }
        if takeover.slots.is_empty() {
            self.close(ballot, fx);
        } else if takeover.promises.len() >= self.promise {
            let found = |slot: u64| takeover.found.get(&slot).and_then(|&(_, content)| content);
            let contents = takeover.slots.iter().map(|&slot| (slot, found(slot)));
            takeover.contents = Some(contents.collect());
            fx.broadcast(takeover.ask(ballot)); // 2a
        }
    }

    fn on_filling(&mut self, from: NodeId, ballot: u64, fx: &mut Fx<Edge<S>>) {
        let Some(takeover) = self.takeovers.get_mut(&ballot) else {
            return;
        };
        let Some(contents) = takeover.contents.clone() else {
            return;
        };
        takeover.votes.insert(from);
        if takeover.votes.len() >= self.fill {
            fx.broadcast(Msg::Filled { contents });
            self.close(ballot, fx);
        }
    }

    fn close(&mut self, ballot: u64, fx: &mut Fx<Edge<S>>) {
        self.takeovers.remove(&ballot);
        if self.takeovers.is_empty() {
            fx.cancel(Timer::Takeover);
        }
    }

    pub(super) fn held(&self) -> usize {
        self.takeovers.values().map(|takeover| takeover.slots.len()).sum::<usize>()
            + self.arbiter.held()
    }
}

impl Takeover {
    /// What it asks of members, in the phase that it is in.
    fn ask<S: Scheme>(&self, ballot: u64) -> Msg<S> {
        match &self.contents {
            Some(contents) => Msg::Fill { ballot, contents: contents.clone() },
            None => Msg::Prepare { ballot, slots: self.slots.clone(), reporter: self.reporter },
        }
    }
}
