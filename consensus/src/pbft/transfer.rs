//! How a PBFT member learns what it missed: from a stable checkpoint with its proof, from f + 1
//! others that say the same was decided since, and from the NEW-VIEW of the view at work.

use super::message::{Msg, State, Timer, digest_of};
use super::replica::Replica;
use super::{LOG_SIZE, Pbft};
use crate::{Fx, NodeId, Outcome};
use std::sync::Arc;

impl Replica {
    /// f + 1 members show that `seq` is on its way to being decided: if it is not here soon, it
    /// was missed.
    pub(super) fn note_behind(&mut self, seq: u64, fx: &mut Fx<Pbft>) {
        self.behind = self.behind.max(seq);
        if self.last < seq && !self.fetching {
            self.fetching = true;
            fx.arm(Timer::Fetch, self.timeout);
        }
    }

    /// Stops waiting for what has come.
    pub(super) fn check_behind(&mut self, fx: &mut Fx<Pbft>) {
        if !self.fetching || self.recovering {
            return;
        }
        self.fetches = 0;
        if self.last >= self.behind {
            self.fetching = false;
            fx.cancel(Timer::Fetch);
        } else {
            fx.arm(Timer::Fetch, self.timeout);
        }
    }

    pub(super) fn on_fetch_due(&mut self, fx: &mut Fx<Pbft>) {
        if self.recovering || self.last < self.behind {
            self.fetch(fx);
        } else {
            self.fetching = false;
        }
    }

    /// Asks all others what it missed, and again later if that does not help.
    pub(super) fn fetch(&mut self, fx: &mut Fx<Pbft>) {
        self.fetching = true;
        fx.arm(Timer::Fetch, self.timeout * (1 << self.fetches.min(6)));
        self.fetches += 1;
        fx.mac(u32::from(self.n) - 1, 17);
        let (executed, view, recovering) = (self.last, self.view, self.recovering);
        fx.broadcast(Msg::Fetch { executed, view, recovering });
    }

    pub(super) fn on_fetch(
        &mut self,
        from: NodeId,
        executed: u64,
        view: u64,
        recovering: bool,
        fx: &mut Fx<Pbft>,
    ) {
        fx.mac(1, 17);
        if !recovering && self.last <= executed && self.view <= view {
            return;
        }
        let mut decided = Vec::new();
        for seq in executed.max(self.stable.seq) + 1..=self.last {
            let slot = &self.slots[(seq % LOG_SIZE) as usize];
            if slot.seq == seq
                && let Some(proposal) = slot.decided
            {
                decided.push((seq, proposal));
            }
        }
        fx.mac(1, 64);
        let state = State {
            executed: self.last,
            stable: self.stable.clone(),
            decided,
            new_view: self.new_view.clone(),
        };
        fx.send(from, Msg::State(Arc::new(state)));
    }

    pub(super) fn on_state(&mut self, from: NodeId, state: &Arc<State>, fx: &mut Fx<Pbft>) {
        fx.mac(1, 64);
        if !self.fetching {
            return;
        }
        if let Some(new_view) = &state.new_view {
            self.on_new_view(new_view, fx);
        }
        if state.stable.seq > self.last && self.is_proven(&state.stable, fx) {
            self.adopt(&state.stable, fx);
        }
        self.states.retain(|&(member, _)| member != from);
        self.states.push((from, state.clone()));
        while let Some(proposal) = self.told(self.last + 1) {
            if self.slot(self.last + 1).is_none() {
                break;
            }
            self.decide(self.last + 1, proposal, fx);
            self.execute_ready(fx);
        }
        self.execute_ready(fx);
        self.check_caught_up(fx);
    }

    /// What f + 1 members say was decided for `seq`.
    fn told(&self, seq: u64) -> Option<super::Proposal> {
        let told = self.states.iter().filter_map(|(_, state)| {
            let found = state.decided.binary_search_by_key(&seq, |&(seq, _)| seq);
            found.ok().map(|index| state.decided[index].1)
        });
        let all: Vec<_> = told.collect();
        let same = |proposal: &super::Proposal| {
            let digest = digest_of(proposal);
            all.iter().filter(|other| digest_of(other) == digest).count() > self.f
        };
        all.iter().find(|proposal| same(proposal)).copied()
    }

    fn check_caught_up(&mut self, fx: &mut Fx<Pbft>) {
        if !self.recovering {
            self.check_behind(fx);
            if !self.fetching {
                self.states.clear();
            }
            return;
        }
        // A quorum with itself has answered: one of them knows of every decision.
        if self.states.len() + 1 < self.q {
            return;
        }
        let mut reached: Vec<_> = self.states.iter().map(|(_, state)| state.executed).collect();
        reached.sort_unstable_by(|a, b| b.cmp(a));
        if self.last >= reached[self.f] {
            self.recovering = false;
            self.fetches = 0;
            self.states.clear();
            let length = self.ledger.length;
            fx.out(Outcome::CaughtUp { length });
            if self.last >= self.behind {
                self.fetching = false;
                fx.cancel(Timer::Fetch);
            }
        }
    }
}
