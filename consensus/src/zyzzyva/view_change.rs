//! Zyzzyva's view changes (section 3.3): I-hate-the-primary, view-change, new-view, view-confirm.
//! Which history a view begins with is the [`Rule`]'s.

use super::message::{
    Certificate, Msg, NewView, Ordered, Stable, Timer, ViewChange, confirm_digest,
};
use super::replica::{Beginning, Replica, Start};
use super::transfer::Lacks;
use super::{Effects, LOG_SIZE, Rule, Seal, Stored, is_sealed, seal};
use crate::{Members, NodeId, Outcome, Sig};
use std::collections::BTreeMap;
use std::sync::Arc;

impl<R: Rule> Replica<R> {
    /// Step VC1: it asks to replace the primary, and continues as before. What the primary
    /// withholds, others may have.
    pub(super) fn hate(&mut self, fx: &mut Effects<R>) {
        let view = self.view;
        if !self.fetching {
            self.fetch(fx);
        }
        fx.arm(Timer::Patience, self.patience());
        fx.mac(u32::from(self.n) - 1, 10);
        fx.broadcast(Msg::Hate { view });
        self.hates.insert(self.id);
        self.check_hates(fx);
    }

    pub(super) fn on_hate(&mut self, from: NodeId, view: u64, fx: &mut Effects<R>) {
        fx.mac(1, 10);
        if view < self.installed() {
            let lacks = Lacks { installed: view, ..Lacks::default() };
            self.fill(from, lacks, fx); // it has not heard that the view is over
        } else if view == self.view && !self.changing {
            self.hates.insert(from);
            self.check_hates(fx);
        }
    }

    /// Step VC2: f + 1 cannot all be faulty.
    fn check_hates(&mut self, fx: &mut Effects<R>) {
        if !self.changing && self.hates.len() >= self.quorums.honest {
            self.ask_for_view(self.view + 1, fx);
        }
    }

    /// Step VC2: stops working in its view, and sends all members its log.
    pub(super) fn ask_for_view(&mut self, view: u64, fx: &mut Effects<R>) {
        (self.view, self.changing) = (view, true);
        self.failures += 1;
        self.resends = 0;
        self.hates = Members::NONE;
        self.unanswered = false;
        self.beginning = None;
        fx.persist(9, |stored: &mut Stored| {
            (stored.replica.view, stored.replica.changing) = (view, true);
        });
        fx.cancel(Timer::Patience);
        fx.cancel(Timer::NewView);
        fx.out(Outcome::Suspected { view });
        let mut change = ViewChange {
            view,
            from: self.id,
            installed: self.installed(),
            begun: self.begun.clone(),
            stable: self.stable.clone(),
            certificate: self.certificate.clone(),
            chain: self.chain.clone(),
            log: self.log.iter().copied().collect(),
            sig: fx.sign(0),
        };
        change.sig = fx.sign(change.content());
        let change = Arc::new(change);
        self.changes.insert(self.id, change.clone());
        fx.broadcast(Msg::ViewChange(change));
        fx.arm(Timer::Resend, self.timeout);
        self.check_changes(fx);
    }

    /// Says again what it has said since it left its view.
    pub(super) fn say_again(&mut self, fx: &mut Effects<R>) {
        self.resends += 1;
        fx.arm(Timer::Resend, self.timeout * (1 << self.resends.min(5)));
        if let Some(change) = self.changes.get(&self.id) {
            fx.broadcast(Msg::ViewChange(change.clone()));
        }
        if let Some(beginning) = &self.beginning {
            if self.primary() == self.id {
                fx.broadcast(Msg::NewView(beginning.new_view.clone()));
            }
            if let Some(&(start, sig)) = self.confirms.get(&self.id) {
                fx.broadcast(start.message(sig));
            }
        }
    }

    pub(super) fn on_view_change(
        &mut self,
        from: NodeId,
        change: &Arc<ViewChange>,
        fx: &mut Effects<R>,
    ) {
        if from != change.from || change.view < self.view {
            if change.view <= self.installed() {
                self.fill(from, change.lacks(), fx);
            }
            return;
        }
        if change.view == self.view && !self.changing {
            self.fill(from, change.lacks(), fx);
            return;
        }
        if self.changes.get(&from).is_some_and(|known| known.view >= change.view) {
            if let Some(beginning) = self.beginning.as_ref().filter(|b| b.start.view == change.view)
            {
                fx.send(from, Msg::NewView(beginning.new_view.clone()));
            }
            return;
        }
        if !self.is_valid(change, fx) {
            return;
        }
        self.changes.insert(from, change.clone());
        if !self.changing {
            self.hates.insert(from); // it has left this view for good
        }
        let later: Vec<u64> =
            self.changes.values().map(|c| c.view).filter(|&view| view > self.view).collect();
        match later.iter().min() {
            Some(&least) if later.len() >= self.quorums.honest => self.ask_for_view(least, fx),
            _ => {
                self.check_changes(fx);
                self.check_hates(fx);
            }
        }
    }

    /// Whether a view change is signed, and proves all it says.
    fn is_valid(&self, change: &ViewChange, fx: &mut Effects<R>) -> bool {
        let ViewChange { view, from, installed, ref begun, ref stable, ref certificate, .. } =
            *change;
        let bounded = change.log.len() as u64 <= LOG_SIZE && change.chain.len() as u64 <= LOG_SIZE;
        if !bounded || installed >= view || !fx.verify(from, change.content(), change.sig) {
            return false;
        }
        let good_begin = match begun {
            None => installed == 0,
            Some(begun) => {
                let log = change.logged(begun.seq).map(|ordered| ordered.history);
                installed > 0
                    && begun.view == installed
                    && begun.offset.is_some()
                    && (begun.seq <= stable.seq || log == Some(begun.history))
                    && self.is_certified(begun, fx)
            }
        };
        let good_certificate = certificate.as_ref().is_none_or(|cert| {
            let last = change.certified(cert.seq).map(|ordered| ordered.history);
            !R::COUNTER
                && cert.view <= installed
                && cert.offset.is_none()
                && last == Some(cert.history)
                && self.is_certified(cert, fx)
        });
        good_begin
            && good_certificate
            && (*stable == self.stable || self.is_proven(stable, fx))
            && self.is_genuine(change, &change.log, true, fx)
            && self.is_genuine(change, &change.chain, false, fx)
    }

    /// Whether these could be a member's log: each entry follows the previous one, was submitted,
    /// and occurs once. Entries ordered since the view began must have the primary's seal.
    fn is_genuine(
        &self,
        change: &ViewChange,
        entries: &[Ordered],
        sealed: bool,
        fx: &mut Effects<R>,
    ) -> bool {
        let (mut seq, mut history) = (change.stable.seq, change.stable.history);
        let mut executed = change.stable.executed.clone();
        let first = change.begun.as_ref().map_or(0, |begun| begun.seq);
        let offset = change.begun.as_ref().and_then(|begun| begun.offset).unwrap_or(0);
        let primary = self.primary_of(change.installed);
        entries.iter().all(|ordered| {
            let request = ordered.signed.request;
            seq += 1;
            let follows = ordered.seq == seq && ordered.follows(history);
            history = ordered.history;
            if !follows || !executed.insert(&request) {
                return false;
            }
            if self.at(seq) == Some(ordered) {
                return true; // as here
            }
            let mut own_seal = || {
                let counter = Some(seq.wrapping_add(offset));
                ordered.view == change.installed
                    && is_sealed(primary, ordered.content(), ordered.seal, counter, fx)
            };
            (!sealed || seq <= first || own_seal())
                && fx.verify(request.client, request.digest, ordered.signed.sig)
        })
    }

    /// With a quorum for its view: the new primary says what it begins with (step VC3), the others
    /// wait for that.
    fn check_changes(&mut self, fx: &mut Effects<R>) {
        if !self.changing || self.beginning.is_some() {
            return;
        }
        let view = self.view;
        let left = self.changes.values().filter(|change| change.view >= view).count();
        if left < self.quorums.change {
            return;
        }
        // A quorum has left the views before; if some of it is in later ones, this may never begin.
        fx.arm(Timer::NewView, self.patience());
        let mine = self.changes.get(&self.id);
        let others = self.changes.values().filter(|change| change.from != self.id);
        let for_view = mine.into_iter().chain(others).filter(|change| change.view == view);
        let changes: Vec<_> = for_view.take(self.quorums.change).cloned().collect();
        if changes.len() < self.quorums.change {
            return;
        }
        if self.primary() == self.id {
            let seal = seal::<R>(NewView::content(view, &changes), fx);
            let new_view = Arc::new(NewView { view, changes, seal });
            fx.broadcast(Msg::NewView(new_view.clone()));
            self.begin(new_view, fx);
        }
    }

    pub(super) fn on_new_view(&mut self, new_view: &Arc<NewView>, fx: &mut Effects<R>) {
        let view = new_view.view;
        let awaited = view > self.view || (view == self.view && self.changing);
        let known = self.beginning.as_ref().is_some_and(|known| known.start.view >= view);
        if !awaited || known || new_view.changes.len() > self.n.into() {
            return;
        }
        let content = NewView::content(view, &new_view.changes);
        if !is_sealed(self.primary_of(view), content, new_view.seal, None, fx) {
            return;
        }
        let mut voters = Members::NONE;
        for change in &new_view.changes {
            let seen = self.changes.get(&change.from) == Some(change);
            let member = change.from.0 < self.n && change.view == view;
            if !member || !(seen || self.is_valid(change, fx)) {
                return;
            }
            voters.insert(change.from);
        }
        if voters.len() < self.quorums.change {
            return;
        }
        if view > self.view {
            self.ask_for_view(view, fx);
        }
        self.begin(new_view.clone(), fx);
    }

    /// Step VC4: works out what the view begins with, and confirms that.
    fn begin(&mut self, new_view: Arc<NewView>, fx: &mut Effects<R>) {
        let (view, id) = (new_view.view, self.id);
        let stables = new_view.changes.iter().map(|change| &change.stable);
        let base = stables.max_by_key(|stable| stable.seq).cloned().unwrap_or_default();
        let entries = R::history(self.quorums.matching, &new_view.changes, &base);
        let end = entries.last().map(|ordered| (ordered.seq, ordered.history));
        let (seq, history) = end.unwrap_or((base.seq, base.history));
        let offset = match new_view.seal {
            Seal::Signature(_) => 0,
            Seal::Counter(attested) => attested.counter.wrapping_sub(seq),
        };
        let start = Start { view, seq, history, offset };
        self.beginning = Some(Beginning { new_view, base, entries, start });
        fx.arm(Timer::NewView, self.patience()); // a Byzantine primary may send others another beginning
        if self.confirmed.is_none_or(|said| said.view < view || said == start) {
            self.confirmed = Some(start);
            fx.persist(32, |stored: &mut Stored| stored.replica.confirmed = Some(start));
            let sig = fx.sign(start.content());
            fx.broadcast(start.message(sig));
            self.confirms.insert(id, (start, sig));
        }
        self.check_confirms(fx);
    }

    pub(super) fn on_view_confirm(
        &mut self,
        from: NodeId,
        start: Start,
        sig: Sig,
        fx: &mut Effects<R>,
    ) {
        let awaited = start.view > self.view || (start.view == self.view && self.changing);
        let known = self.confirms.get(&from).is_some_and(|(known, _)| known.view > start.view);
        if !awaited || known || !fx.verify(from, start.content(), sig) {
            return;
        }
        self.confirms.insert(from, (start, sig));
        self.check_confirms(fx);
        let later = self.confirms.values().filter(|(known, _)| known.view >= start.view);
        if self.view < start.view.max(1) || self.changing {
            let nobody = self.beginning.as_ref().is_none_or(|b| b.start.view < start.view);
            if nobody && later.count() >= self.quorums.honest {
                self.note_behind(start.seq.max(self.last() + 1), fx); // its NEW-VIEW was missed
            }
        }
    }

    /// Step VC5: with a quorum of confirmations the view begins.
    fn check_confirms(&mut self, fx: &mut Effects<R>) {
        let Some(beginning) = &self.beginning else { return };
        let start = beginning.start;
        let same = self.confirms.iter().filter(|(_, (said, _))| *said == start);
        let proof: Vec<_> = same.map(|(&member, &(_, sig))| (member, sig)).collect();
        if proof.len() < self.quorums.confirm {
            return;
        }
        let Start { view, seq, history, offset } = start;
        let begun = Certificate { view, seq, history, offset: Some(offset), proof };
        if let Some(beginning) = self.beginning.take() {
            self.install(&Arc::new(begun), &beginning.base, &beginning.entries, fx);
        }
    }

    /// Begins a view whose first history, `entries` after `base`, a quorum has confirmed. What is
    /// in its log and not there is rolled back.
    pub(super) fn install(
        &mut self,
        begun: &Arc<Certificate>,
        base: &Arc<Stable>,
        entries: &[Ordered],
        fx: &mut Effects<R>,
    ) {
        let view = begun.view;
        (self.view, self.changing) = (view, true);
        self.adopt(base, fx);
        let old: Vec<Ordered> = self.log.iter().copied().collect();
        let low = self.stable.seq;
        self.replay(entries.iter().filter(|ordered| ordered.seq > low).copied());
        self.keep_chain(&old);
        self.begun = Some(begun.clone());
        self.changing = false;
        let (log, chain, kept) = (self.log.clone(), self.chain.clone(), begun.clone());
        fx.persist(96 + 66 * begun.proof.len() as u32, |stored: &mut Stored| {
            let replica = &mut stored.replica;
            (replica.view, replica.changing, replica.begun) = (view, false, Some(kept));
            (replica.log, replica.chain) = (log, chain);
        });
        self.certified = begun.seq;
        self.hates = Members::NONE;
        self.unanswered = false;
        self.beginning = None;
        self.changes.retain(|_, change| change.view > view);
        self.confirms.retain(|_, (start, _)| start.view > view);
        self.early.retain(|_, ordered| ordered.view >= view);
        self.behind = 0;
        for timer in [Timer::NewView, Timer::Resend, Timer::Patience] {
            fx.cancel(timer);
        }
        let (leader, primary) = (self.primary(), self.is_primary());
        fx.out(Outcome::View { view, leader });
        if primary {
            fx.out(Outcome::Elected { view });
        }
        self.answer_anew(&old, fx);
        self.vouch_again(fx);
        self.order_waiting(fx);
        if !primary {
            for &signed in &self.asked {
                fx.send(leader, Msg::ConfirmReq(signed));
            }
            self.wait(fx);
        }
        self.take_early(fx);
    }

    /// Keeps the history of its commit certificate where its log had that and has it no longer.
    fn keep_chain(&mut self, old: &[Ordered]) {
        let Some(cert) = &self.certificate else { return };
        let is = |ordered: &Ordered| (ordered.seq, ordered.history) == (cert.seq, cert.history);
        if self.at(cert.seq).is_some_and(is) {
            self.chain = Arc::default();
        } else if let Some(index) = old.iter().position(is) {
            self.chain = old[..=index].into();
        }
    }

    /// Answers what stands elsewhere than before, and each client's last request.
    fn answer_anew(&self, old: &[Ordered], fx: &mut Effects<R>) {
        let mut latest = BTreeMap::new();
        for ordered in &self.log {
            latest.insert(ordered.signed.request.client, ordered.seq);
        }
        for ordered in &self.log {
            let same =
                |other: &Ordered| (other.seq, other.history) == (ordered.seq, ordered.history);
            let index = (ordered.seq - self.stable.seq - 1) as usize;
            let known = old.get(index).is_some_and(same);
            let last = latest.get(&ordered.signed.request.client) == Some(&ordered.seq);
            if !known || last {
                self.respond(ordered, fx);
            }
        }
    }
}

impl ViewChange {
    fn lacks(&self) -> Lacks {
        let (installed, stable) = (self.installed, self.stable.seq);
        Lacks { installed, stable, last: stable, history: self.stable.history }
    }
}

impl Start {
    fn content(&self) -> u64 {
        confirm_digest(self.view, self.seq, self.history, self.offset)
    }

    fn message(&self, sig: Sig) -> Msg {
        let Self { view, seq, history, offset } = *self;
        Msg::ViewConfirm { view, seq, history, offset, sig }
    }
}
