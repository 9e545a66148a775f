//! How a PBFT member catches up: from a stable checkpoint with its proof, from f + 1 others that
//! report the same later decisions, and from the NEW-VIEW of the current view.

use super::Pbft;
use super::message::{Msg, Proposal, State, Timer, digest_of};
use super::replica::Replica;
use crate::{Fx, NodeId, Outcome};
use gridtwin_kernel::Span;
use std::sync::Arc;

impl Replica {
    /// f + 1 members show that `seq` is on its way to being decided: if it is not here soon, it
    /// was missed.
    pub(super) fn note_behind(&mut self, seq: u64, fx: &mut Fx<Pbft>) {
        self.behind = self.behind.max(seq);
        if self.lacks(seq) && !self.fetching {
            self.fetching = true;
            fx.arm(Timer::Fetch, self.soon());
        }
    }

    /// Whether it is to execute a sequence number that it has not.
    fn lacks(&self, seq: u64) -> bool {
        self.last < seq && !self.is_done()
    }

    /// Longer than the usual delay of a message, and short enough that a member that lost a message
    /// has caught up before it suspects the primary.
    fn soon(&self) -> Span {
        Span(self.timeout.0 / 4)
    }

    /// Stops waiting for what has come.
    pub(super) fn check_behind(&mut self, fx: &mut Fx<Pbft>) {
        if !self.fetching || self.recovering {
            return;
        }
        self.fetches = 0;
        if !self.lacks(self.behind) {
            self.fetching = false;
            fx.cancel(Timer::Fetch);
        } else {
            fx.arm(Timer::Fetch, self.soon());
        }
    }

    pub(super) fn on_fetch_due(&mut self, fx: &mut Fx<Pbft>) {
        if self.recovering || self.lacks(self.behind) {
            self.fetch(fx);
        } else {
            self.fetching = false;
        }
    }

    /// Asks all others what it missed, and again later if that does not help.
    pub(super) fn fetch(&mut self, fx: &mut Fx<Pbft>) {
        self.fetching = true;
        fx.arm(Timer::Fetch, self.soon() * (1 << self.fetches.min(8)));
        self.fetches += 1;
        fx.mac(u32::from(self.n) - 1, 17);
        let (executed, view, recovering) = (self.last, self.begun(), self.recovering);
        fx.broadcast(Msg::Fetch { executed, view, recovering });
    }

    /// The latest view that it knows to have begun.
    fn begun(&self) -> u64 {
        self.new_view.as_ref().map_or(0, |new_view| new_view.view)
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
        if !recovering && self.last <= executed && self.begun() <= view {
            return;
        }
        let since = executed.max(self.stable.seq).saturating_add(1)..=self.last;
        let slot = |seq| Some((seq, self.known(seq)?.decided?));
        let decided = since.filter_map(slot).collect();
        fx.mac(1, 64);
        let state = State {
            executed: self.last,
            stable: self.stable.clone(),
            decided,
            new_view: self.new_view.clone().filter(|new_view| new_view.view > view),
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
    fn told(&self, seq: u64) -> Option<Proposal> {
        let told = self.states.iter().filter_map(|(member, state)| {
            let found = state.decided.binary_search_by_key(&seq, |&(seq, _)| seq);
            found.ok().map(|index| (*member, state.decided[index].1))
        });
        let all: Vec<_> = told.collect();
        let (_, proposal) = all.iter().find(|(_, proposal)| {
            let digest = digest_of(proposal);
            let same = all.iter().filter(|(_, other)| digest_of(other) == digest);
            self.quorums.weak.met(same.map(|&(member, _)| member).collect())
        })?;
        Some(*proposal)
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
        let beside_it = self.states.iter().map(|&(member, _)| member);
        if !self.quorums.quorum.met(beside_it.chain([self.id]).collect()) {
            return;
        }
        // As far as one honest member among them has come.
        let reached = |up_to: u64| {
            let there = self.states.iter().filter(|(_, state)| state.executed >= up_to);
            self.quorums.weak.met(there.map(|&(member, _)| member).collect())
        };
        let told = self.states.iter().map(|(_, state)| state.executed);
        if self.last >= told.filter(|&up_to| reached(up_to)).max().unwrap_or(0) {
            self.recovering = false;
            self.fetches = 0;
            self.states.clear();
            let length = self.ledger.length;
            fx.out(Outcome::CaughtUp { length });
            if !self.lacks(self.behind) {
                self.fetching = false;
                fx.cancel(Timer::Fetch);
            }
        }
    }
}
