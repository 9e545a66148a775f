//! How a Zyzzyva member fills holes (step 3 of section 3.2), and catches up: the current view by
//! its certificate, a stable checkpoint by its proof, ordered requests by the primary's seal.

use super::message::{Filled, Msg, Timer};
use super::replica::Replica;
use super::{Effects, LOG_SIZE, Rule};
use crate::{NodeId, Outcome};
use std::sync::Arc;

/// What a member has, by its own report: it lacks the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lacks {
    /// The last view that it worked in.
    pub(super) installed: u64,
    /// Its stable checkpoint's number.
    pub(super) stable: u64,
    /// Its last number,
    pub(super) last: u64,
    /// and its history up to there.
    pub(super) history: u64,
}

/// After this many unsuccessful rounds it gives up: the missing order may not exist.
const ROUNDS: u32 = 10;

impl<R: Rule> Replica<R> {
    /// Something up to `seq` exists that is not here: if it does not come soon, it was missed.
    pub(super) fn note_behind(&mut self, seq: u64, fx: &mut Effects<R>) {
        self.behind = self.behind.max(seq);
        if !self.fetching {
            self.fetching = true;
            fx.arm(Timer::Hole, self.delta);
            self.wait(fx);
        }
    }

    /// A client repeats a request that was answered: there may be a later view, another history, or
    /// a checkpoint that is stable elsewhere, so that answers do not match. If members that have
    /// left this view on their own are missing, it is to end.
    pub(super) fn ask_for_news(&mut self, fx: &mut Effects<R>) {
        if !self.fetching {
            self.fetch(fx);
        }
        if !self.changing && !self.unanswered && !self.changes.is_empty() {
            self.unanswered = true;
            self.wait(fx);
        }
    }

    /// Stops waiting for what has come.
    pub(super) fn check_behind(&mut self, fx: &mut Effects<R>) {
        if self.fetching && !self.recovering && self.last() >= self.behind {
            self.fetching = false;
            self.fetches = 0;
            fx.cancel(Timer::Hole);
        }
    }

    /// Step 3: it asks the primary first, and then all members.
    pub(super) fn on_hole_due(&mut self, fx: &mut Effects<R>) {
        if !self.fetching {
            return;
        }
        let here = self.fetches > 0 && self.last() >= self.behind;
        if !self.recovering && (here || self.fetches >= ROUNDS) {
            (self.behind, self.fetching, self.fetches) = (0, false, 0);
            self.early.clear();
            return;
        }
        if self.fetches == 0 && !self.recovering && !self.changing && !self.is_primary() {
            self.fetches = 1;
            fx.arm(Timer::Hole, self.timeout);
            let primary = self.primary();
            let ask = self.fill_hole(fx);
            fx.send(primary, ask);
        } else {
            self.fetch(fx);
        }
    }

    /// Asks all others what it missed, and again later if that does not help.
    pub(super) fn fetch(&mut self, fx: &mut Effects<R>) {
        self.fetching = true;
        fx.arm(Timer::Hole, self.timeout * (1 << self.fetches.min(6)));
        self.fetches += 1;
        let ask = self.fill_hole(fx);
        fx.broadcast(ask);
    }

    fn fill_hole(&self, fx: &mut Effects<R>) -> Msg {
        fx.mac(1, 25);
        let (installed, stable, last) = (self.installed(), self.stable.seq, self.last());
        let (history, recovering) = (self.history, self.recovering);
        Msg::FillHole { installed, stable, last, history, recovering }
    }

    pub(super) fn on_fill_hole(
        &mut self,
        from: NodeId,
        lacks: Lacks,
        recovering: bool,
        fx: &mut Effects<R>,
    ) {
        fx.mac(1, 25);
        let same_view = lacks.installed == self.installed();
        let ours = self.history_at(lacks.last);
        let news = lacks.installed < self.installed()
            || lacks.stable < self.stable.seq
            || (same_view && lacks.last < self.last())
            || (same_view && ours.is_some_and(|history| history != lacks.history));
        if news || recovering {
            self.fill(from, lacks, fx);
        }
        self.send_votes(from, lacks.stable, fx);
    }

    /// Sends a member everything that it lacks.
    pub(super) fn fill(&self, to: NodeId, lacks: Lacks, fx: &mut Effects<R>) {
        let same_view = lacks.installed == self.installed();
        let same_past = self.history_at(lacks.last) == Some(lacks.history);
        let known = if same_view && same_past { lacks.last } else { lacks.stable };
        let entries = self.log.iter().filter(|ordered| ordered.seq > known).copied().collect();
        let filled = Filled {
            begun: self.begun.clone().filter(|_| !same_view),
            stable: (self.stable.seq > lacks.stable).then(|| self.stable.clone()),
            last: self.last(),
            entries,
        };
        fx.mac(1, 64);
        fx.send(to, Msg::Filled(Arc::new(filled)));
    }

    pub(super) fn on_filled(&mut self, from: NodeId, filled: &Filled, fx: &mut Effects<R>) {
        fx.mac(1, 64);
        if filled.entries.len() > 2 * LOG_SIZE as usize {
            return;
        }
        let newer = |seq: u64| seq > self.stable.seq;
        let stable = filled.stable.as_ref().filter(|stable| newer(stable.seq));
        let stable = stable.filter(|stable| self.is_proven(stable, fx)).cloned();
        if let Some(begun) = &filled.begun
            && (begun.view > self.view || (begun.view == self.view && self.changing))
            && begun.offset.is_some()
            && self.is_certified(begun, fx)
        {
            let base = stable.clone().unwrap_or_else(|| self.stable.clone());
            let upto = |seq: u64| seq > base.seq && seq <= begun.seq;
            let entries = filled.entries.iter().filter(|ordered| upto(ordered.seq));
            let entries: Vec<_> = entries.copied().collect();
            // The certificate is over the history, and the history over all requests in it.
            let (mut last, mut history) = (base.seq, base.history);
            for ordered in &entries {
                if ordered.seq != last + 1 || !ordered.follows(history) {
                    break;
                }
                (last, history) = (ordered.seq, ordered.history);
            }
            let whole = begun.seq <= base.seq || (last, history) == (begun.seq, begun.history);
            if whole {
                self.install(begun, &base, &entries, fx);
            }
        }
        if let Some(stable) = stable.filter(|stable| stable.view <= self.view) {
            self.adopt(&stable, fx);
        }
        for ordered in &filled.entries {
            if !self.changing && ordered.view == self.view {
                self.on_order(ordered, fx);
            }
        }
        self.check_behind(fx);
        if self.recovering {
            self.heard.insert(from, filled.last);
            self.check_caught_up(fx);
        }
    }

    /// With a quorum's answers it knows how far the others were when it asked.
    fn check_caught_up(&mut self, fx: &mut Effects<R>) {
        if self.heard.len() + 1 < self.quorums.change {
            return;
        }
        let mut reached: Vec<_> = self.heard.values().copied().collect();
        reached.sort_unstable_by(|a, b| b.cmp(a));
        let sure = reached.get(self.quorums.honest - 1).copied().unwrap_or(0);
        if self.last() >= sure {
            self.recovering = false;
            self.fetches = 0;
            self.heard.clear();
            let length = self.stable.seq;
            fx.out(Outcome::CaughtUp { length });
            self.fetching = self.last() < self.behind;
            if !self.fetching {
                fx.cancel(Timer::Hole);
            }
        }
    }
}
