//! A member's decided sequence: what was decided for each slot, executed in order and once, with
//! a tail of it kept for members that lag. Not how anything is decided.

use crate::crypto::{digest, mix};
use crate::{Executed, Fx, Ledger, Outcome, Protocol, Request};
use std::collections::{BTreeMap, VecDeque};

/// Executed slots that are kept for lagging members; a member further behind receives a state
/// instead.
const TAIL: usize = 256;

/// The state after some slots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    /// How many slots are in it.
    slots: u64,
    ledger: Ledger,
    executed: Executed,
}

impl State {
    /// Executes the next slot; whether its request was not executed before.
    fn apply(&mut self, content: &Option<Request>) -> bool {
        self.slots += 1;
        let Some(request) = content else { return false };
        let first = self.executed.insert(request);
        if first {
            self.ledger.append(request);
        }
        first
    }
}

/// What was decided for slots 1 and on: a request each, or nothing (a null request, a gap filled).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence {
    now: State,
    /// Decided, and behind a gap.
    ahead: BTreeMap<u64, Option<Request>>,
    /// The last slots executed, and the state before them.
    tail: VecDeque<Option<Request>>,
    before: State,
}

/// What a lagging member receives: a state, if it lags far, and the slots after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Missed {
    state: Option<Box<State>>,
    /// The first of the slots.
    first: u64,
    slots: Vec<Option<Request>>,
}

impl Missed {
    /// The last slot included.
    pub fn last(&self) -> u64 {
        self.first + self.slots.len() as u64 - 1
    }

    /// Its size on the wire, in bytes.
    pub fn bytes(&self) -> u32 {
        let size = |content: &Option<Request>| 8 + content.map_or(0, |request| 16 + request.bytes);
        let state = if self.state.is_some() { 96 } else { 0 };
        16 + state + self.slots.iter().map(size).sum::<u32>()
    }
}

impl Sequence {
    /// The last slot executed.
    pub fn applied(&self) -> u64 {
        self.now.slots
    }

    /// The decided sequence so far.
    pub fn ledger(&self) -> Ledger {
        self.now.ledger
    }

    /// Whether a request was executed.
    pub fn contains(&self, request: &Request) -> bool {
        self.now.executed.contains(request)
    }

    /// Whether a request's number is near enough to its client's others to be taken.
    pub fn in_window(&self, request: &Request) -> bool {
        self.now.executed.in_window(request)
    }

    /// The digest of the state: equal where the same was executed.
    pub fn digest(&self) -> u64 {
        let Ledger { length, digest: of_ledger } = self.now.ledger;
        digest([self.now.slots, length, of_ledger, self.now.executed.digest()])
    }

    /// What was decided for a slot, as far as that is still known.
    pub fn decided(&self, slot: u64) -> Option<Option<Request>> {
        if let Some(content) = self.ahead.get(&slot) {
            return Some(*content);
        }
        let index = slot.checked_sub(self.before.slots + 1)?;
        self.tail.get(index as usize).copied()
    }

    /// Whether something is decided for a slot, known still or not.
    pub fn is_decided(&self, slot: u64) -> bool {
        slot <= self.now.slots || self.ahead.contains_key(&slot)
    }

    /// The last slot that anything is decided for.
    pub fn last_decided(&self) -> u64 {
        self.ahead.last_key_value().map_or(self.now.slots, |(&slot, _)| slot)
    }

    /// Takes in a decision, without carrying it out; no effect where the slot is decided.
    pub fn decide(&mut self, slot: u64, content: Option<Request>) {
        if !self.is_decided(slot) {
            self.ahead.insert(slot, content);
        }
    }

    /// Executes the next slot, if it is decided: its content, and whether that is the first time.
    pub fn advance(&mut self) -> Option<(Option<Request>, bool)> {
        let content = self.ahead.remove(&(self.now.slots + 1))?;
        let first = self.now.apply(&content);
        self.tail.push_back(content);
        if self.tail.len() > 2 * TAIL {
            for content in self.tail.drain(..TAIL) {
                self.before.apply(&content);
            }
        }
        Some((content, first))
    }

    /// Executes all decided slots up to the first gap, reports them, and returns the requests to be
    /// answered.
    pub fn carry_out<P: Protocol<Out = Outcome>>(&mut self, fx: &mut Fx<P>) -> Vec<Request> {
        let mut done = Vec::new();
        while let Some((content, first)) = self.advance() {
            let Some(request) = content else { continue };
            if first {
                let position = self.now.ledger.length - 1;
                fx.out(Outcome::Delivered { position, request });
            }
            done.push(request);
        }
        done
    }

    /// What a member lacks that has executed the slots up to `applied`; nothing if that is all.
    pub fn since(&self, applied: u64) -> Option<Missed> {
        if applied >= self.now.slots {
            return None;
        }
        if applied < self.before.slots {
            let state = Some(Box::new(self.before.clone()));
            let slots = self.tail.iter().copied().collect();
            return Some(Missed { state, first: self.before.slots + 1, slots });
        }
        let from = (applied - self.before.slots) as usize;
        let slots = self.tail.range(from..).copied().collect();
        Some(Missed { state: None, first: applied + 1, slots })
    }

    /// Takes over missed slots as decided; their authenticity must have been established before.
    /// Follow with [`Sequence::carry_out`], which executes what is now executable.
    pub fn adopt<P: Protocol<Out = Outcome>>(&mut self, missed: &Missed, fx: &mut Fx<P>) {
        if self.adopt_silently(missed) {
            self.tell(fx);
        }
    }

    /// As [`Sequence::adopt`], for a copy that is written down: whether it took over a state.
    pub fn adopt_silently(&mut self, missed: &Missed) -> bool {
        let state = missed.state.as_deref().filter(|state| state.slots > self.now.slots);
        if let Some(state) = state {
            self.now = state.clone();
            self.before = state.clone();
            self.tail.clear();
            self.ahead = self.ahead.split_off(&(state.slots + 1));
        }
        for (slot, &content) in (missed.first..).zip(&missed.slots) {
            self.decide(slot, content);
        }
        state.is_some()
    }

    /// Reports the current state, after a restart.
    pub fn tell<P: Protocol<Out = Outcome>>(&self, fx: &mut Fx<P>) {
        let Ledger { length, digest } = self.now.ledger;
        fx.out(Outcome::Installed { length, digest });
    }

    /// How many slots and states it holds.
    pub fn held(&self) -> usize {
        self.ahead.len() + self.tail.len()
    }
}

/// The digest of a catch-up message, which f + 1 members must agree on.
impl Missed {
    /// The digest of its content.
    pub fn digest(&self) -> u64 {
        let state = self.state.as_deref().map_or(0, |state| {
            digest([state.slots, state.ledger.length, state.ledger.digest, state.executed.digest()])
        });
        self.slots.iter().fold(mix(state, self.first), |sum, content| {
            mix(sum, content.map_or(0, |request| request.digest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeId;

    fn request(number: u64) -> Option<Request> {
        Some(Request::new(NodeId(9), number, 8))
    }

    fn run(upto: u64) -> Sequence {
        let mut sequence = Sequence::default();
        for slot in 1..=upto {
            sequence.decide(slot, request(slot - 1));
            sequence.advance();
        }
        sequence
    }

    #[test]
    fn gaps_wait_and_nothing_is_carried_out_twice() {
        let mut sequence = Sequence::default();
        sequence.decide(2, request(0));
        assert_eq!(sequence.advance(), None);
        sequence.decide(1, request(0));
        assert_eq!(sequence.advance(), Some((request(0), true)));
        assert_eq!(sequence.advance(), Some((request(0), false)));
        assert_eq!((sequence.applied(), sequence.ledger().length), (2, 1));
    }

    #[test]
    fn who_lags_a_little_or_far_ends_in_the_same_state() {
        let ahead = run(2000);
        for applied in [0, 1, 1500, 1999] {
            let mut behind = run(applied);
            let missed = ahead.since(applied).unwrap();
            assert_eq!(missed.last(), 2000);
            behind.adopt_silently(&missed);
            while behind.advance().is_some() {}
            assert_eq!(behind.digest(), ahead.digest(), "{applied}");
        }
        assert_eq!(ahead.since(2000), None);
        assert!(ahead.held() <= 2 * TAIL);
    }
}
