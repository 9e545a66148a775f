//! What a member has received of the one sequence: what it delivered, and what is unstable behind
//! that. Not when anything is delivered.

use super::VirtualSynchrony;
use crate::{Fx, Missed, Outcome, Request, Sequence};
use std::collections::VecDeque;

/// A member's sequence. Slots count from 1, through all views.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// What was delivered.
    delivered: Sequence,
    /// What was received behind it.
    unstable: VecDeque<Request>,
}

/// What a member lacks that has delivered up to some slot: everything known after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The last slot that was delivered where this comes from.
    pub(super) applied: u64,
    /// What was delivered up to there.
    pub(super) missed: Option<Missed>,
    /// The slots behind it.
    pub(super) unstable: Vec<Request>,
}

impl State {
    /// Its size, in bytes.
    pub fn bytes(&self) -> u32 {
        let unstable = self.unstable.iter().map(|request| 24 + request.bytes).sum::<u32>();
        8 + self.missed.as_ref().map_or(0, Missed::bytes) + unstable
    }
}

impl History {
    /// The last slot that was delivered.
    pub fn applied(&self) -> u64 {
        self.delivered.applied()
    }

    /// The last slot that was received.
    pub fn last(&self) -> u64 {
        self.applied() + self.unstable.len() as u64
    }

    /// What was delivered.
    pub fn delivered(&self) -> &Sequence {
        &self.delivered
    }

    /// Whether a request was received and not delivered yet.
    pub(super) fn is_unstable(&self, request: &Request) -> bool {
        self.unstable.contains(request)
    }

    /// Receives the next slot.
    pub(super) fn push(&mut self, request: Request) {
        self.unstable.push_back(request);
    }

    /// Forgets what was received behind slot `last` and not delivered.
    pub(super) fn truncate(&mut self, last: u64) {
        self.unstable.truncate(last.saturating_sub(self.applied()) as usize);
    }

    /// Delivers up to slot `upto`, as far as it was received, and gives what was delivered.
    pub(super) fn deliver(&mut self, upto: u64, fx: &mut Fx<VirtualSynchrony>) -> Vec<Request> {
        let mut done = Vec::new();
        while let Some((request, first)) = self.next(upto) {
            if first {
                let position = self.delivered.ledger().length - 1;
                fx.out(Outcome::Delivered { position, request });
            }
            done.push(request);
        }
        done
    }

    /// As [`History::deliver`], for the copy that is written down.
    pub(super) fn deliver_silently(&mut self, upto: u64) {
        while self.next(upto).is_some() {}
    }

    /// Delivers the next slot, if it is not behind `upto`; whether its request is new.
    fn next(&mut self, upto: u64) -> Option<(Request, bool)> {
        let slot = self.applied() + 1;
        if slot > upto {
            return None;
        }
        if let Some(&request) = self.unstable.front() {
            self.delivered.decide(slot, Some(request));
        }
        let (content, first) = self.delivered.advance()?;
        self.unstable.pop_front();
        content.map(|request| (request, first))
    }

    /// What a member lacks that has delivered up to slot `applied`.
    pub(super) fn since(&self, applied: u64) -> State {
        let missed = self.delivered.since(applied);
        let unstable = self.unstable.iter().copied().collect();
        State { applied: self.applied(), missed, unstable }
    }

    /// Receives missing slots from others; an installed state is reported, and what others have
    /// delivered may be delivered here.
    pub(super) fn adopt(&mut self, state: &State, fx: &mut Fx<VirtualSynchrony>) {
        if self.adopt_silently(state) {
            self.delivered.tell(fx);
        }
    }

    /// As [`History::adopt`], for the copy that is written down: whether it took over a state.
    pub(super) fn adopt_silently(&mut self, state: &State) -> bool {
        let before = self.applied();
        let taken = state.missed.as_ref().is_some_and(|m| self.delivered.adopt_silently(m));
        let jumped = self.applied() - before;
        self.unstable.drain(..self.unstable.len().min(jumped as usize));
        // What they delivered is now in the sequence, and counts as received.
        let mut slot = self.last() + 1;
        while let Some(Some(request)) = self.delivered.decided(slot) {
            self.unstable.push_back(request);
            slot += 1;
        }
        for (at, &request) in (state.applied + 1..).zip(&state.unstable) {
            if at == self.last() + 1 {
                self.unstable.push_back(request);
            }
        }
        taken
    }

    /// How much it holds.
    pub(super) fn held(&self) -> usize {
        self.delivered.held() + self.unstable.len()
    }
}
