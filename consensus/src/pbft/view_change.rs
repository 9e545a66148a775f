//! PBFT's view changes (section 4.4): from VIEW-CHANGE through NEW-VIEW to the first prepares of
//! the new view, and how they stay live (section 4.5.2).

use super::message::{
    Certificate, Msg, NewView, Proposal, Stable, Timer, ViewChange, digest_of, pre_prepare_digest,
    prepare_digest,
};
use super::normal::is_genuine;
use super::replica::Replica;
use super::{LOG_SIZE, Pbft, Stored};
use crate::{Fx, Members, Outcome};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Replica {
    /// Stops accepting messages of its view but checkpoints, view changes and new views, and
    /// multicasts VIEW-CHANGE, v + 1, n, C, P, i: its stable checkpoint with its proof, and what
    /// prepared since.
    pub(super) fn ask_for_view(&mut self, view: u64, fx: &mut Fx<Pbft>) {
        (self.view, self.changing) = (view, true);
        self.failures += 1;
        self.resends = 0;
        fx.persist(9, |stored: &mut Stored| {
            (stored.replica.view, stored.replica.changing) = (view, true);
        });
        fx.cancel(Timer::Request);
        fx.cancel(Timer::NewView);
        fx.out(Outcome::Suspected { view });
        let stable = self.stable.clone();
        let low = stable.seq;
        let mut prepared: Vec<_> = self.slots.iter().filter(|slot| slot.seq > low).collect();
        prepared.sort_unstable_by_key(|slot| slot.seq);
        let prepared: Vec<_> =
            prepared.into_iter().filter_map(|slot| slot.certificate.clone()).collect();
        let sig = fx.sign(ViewChange::content(view, &stable, &prepared));
        let from = self.id;
        let change = Arc::new(ViewChange { view, from, stable, prepared, sig });
        self.changes[self.id.index()] = Some(change.clone());
        fx.broadcast(Msg::ViewChange(change));
        fx.arm(Timer::Resend, self.timeout);
        self.check_changes(fx);
    }

    /// Not in the paper, where channels lose nothing for ever: says again that it wants a view.
    pub(super) fn say_again(&mut self, fx: &mut Fx<Pbft>) {
        self.resends += 1;
        fx.arm(Timer::Resend, self.timeout * (1 << self.resends.min(5)));
        if let Some(change) = &self.changes[self.id.index()] {
            fx.broadcast(Msg::ViewChange(change.clone()));
        }
    }

    pub(super) fn on_view_change(&mut self, change: &Arc<ViewChange>, fx: &mut Fx<Pbft>) {
        let from = change.from;
        if from.0 >= self.n || from == self.id {
            return;
        }
        if change.view < self.view || (change.view == self.view && !self.changing) {
            // The sender does not know that the view has begun.
            if let Some(new_view) = &self.new_view {
                fx.send(from, Msg::NewView(new_view.clone()));
            }
            return;
        }
        let known = self.changes[from.index()].as_ref();
        if known.is_some_and(|known| known.view >= change.view) || !self.is_valid(change, fx) {
            return;
        }
        self.changes[from.index()] = Some(change.clone());
        // Section 4.5.2: f + 1 others cannot all be faulty; join the least of their views.
        let later = self.changes.iter().flatten().filter(|change| change.view > self.view);
        let enough = self.quorums.weak.met(later.clone().map(|change| change.from).collect());
        match later.map(|change| change.view).min() {
            Some(least) if enough => self.ask_for_view(least, fx),
            _ => self.check_changes(fx),
        }
    }

    /// Whether a view change is signed, and proves all it says.
    fn is_valid(&self, change: &ViewChange, fx: &mut Fx<Pbft>) -> bool {
        let content = ViewChange::content(change.view, &change.stable, &change.prepared);
        fx.verify(change.from, content, change.sig)
            && (change.stable == self.stable || self.is_proven(&change.stable, fx))
            && change.prepared.is_sorted_by(|a, b| a.seq < b.seq)
            && change.prepared.iter().all(|cert| {
                let (low, seq) = (change.stable.seq, cert.seq);
                seq > low
                    && seq - low <= LOG_SIZE
                    && cert.view < change.view
                    && self.is_certain(cert, fx)
            })
    }

    /// Whether a certificate holds; it need not check what it has prepared or decided itself.
    fn is_certain(&self, cert: &Certificate, fx: &mut Fx<Pbft>) -> bool {
        let own = self.known(cert.seq).and_then(|slot| slot.certificate.as_ref());
        if own.is_some_and(|own| own.view == cert.view && own.proposal == cert.proposal) {
            return true;
        }
        let digest = digest_of(&cert.proposal);
        let primary = self.primary_of(cert.view);
        let content = pre_prepare_digest(cert.view, cert.seq, digest);
        let genuine = cert.proposal.is_none_or(|signed| is_genuine(&signed, fx));
        if !genuine || !fx.verify(primary, content, cert.primary) {
            return false;
        }
        let content = prepare_digest(cert.view, cert.seq, digest);
        let mut voters: Members = [primary].into_iter().collect();
        for &(member, sig) in &cert.prepares {
            if voters.insert(member) && !fx.verify(member, content, sig) {
                return false;
            }
        }
        self.quorums.prepare.met(voters)
    }

    /// With a quorum of view changes for its view: the new primary multicasts NEW-VIEW, v + 1, V,
    /// O, the others wait for that.
    fn check_changes(&mut self, fx: &mut Fx<Pbft>) {
        if !self.changing {
            return;
        }
        let view = self.view;
        let mine = self.changes[self.id.index()].iter();
        let others = self.changes.iter().flatten().filter(|c| c.from != self.id);
        let (mut changes, mut voters) = (Vec::new(), Members::NONE);
        for change in mine.chain(others).filter(|change| change.view == view) {
            if !self.quorums.view_change.met(voters) {
                voters.insert(change.from);
                changes.push(change.clone());
            }
        }
        if self.primary() != self.id || !self.quorums.view_change.met(voters) {
            // Section 4.5.2: with 2f + 1 view changes it waits, but only for a time-out. A member
            // that has moved on to a later view had asked for this one, and its message may have
            // been lost.
            let asked = self.changes.iter().flatten().filter(|change| change.view >= view);
            if self.quorums.quorum.met(asked.map(|change| change.from).collect()) {
                fx.arm(Timer::NewView, self.patience());
            }
            return;
        }
        let new_view = Arc::new(NewView::new(view, changes, fx));
        fx.broadcast(Msg::NewView(new_view.clone()));
        self.enter(&new_view, fx);
    }

    /// A backup checks the signature, the view changes in V, and that O follows from them.
    pub(super) fn on_new_view(&mut self, new_view: &Arc<NewView>, fx: &mut Fx<Pbft>) {
        let view = new_view.view;
        if view < self.view || (view == self.view && !self.changing) || view == 0 {
            return;
        }
        let primary = self.primary_of(view);
        let content = NewView::content(view, &new_view.changes);
        if new_view.changes.len() > self.n.into() || !fx.verify(primary, content, new_view.sig) {
            return;
        }
        let mut voters = Members::NONE;
        for change in &new_view.changes {
            let seen = self
                .changes
                .get(change.from.index())
                .is_some_and(|known| known.as_ref() == Some(change));
            let valid = change.view == view
                && change.from.0 < self.n
                && (seen || self.is_valid(change, fx));
            if !valid {
                return;
            }
            voters.insert(change.from);
        }
        // It executes the same computation as the primary did.
        let (_, expected) = beginning(&new_view.changes);
        let same = expected.len() == new_view.proposals.len()
            && expected.iter().zip(&new_view.proposals).all(|(ours, theirs)| {
                let content = pre_prepare_digest(view, ours.0, digest_of(&ours.1));
                *ours == (theirs.0, theirs.1) && fx.verify(primary, content, theirs.2)
            });
        if self.quorums.view_change.met(voters) && same {
            self.enter(new_view, fx);
        }
    }

    /// Begins a view whose NEW-VIEW is in order: min-s moves the water mark, O is in the log and
    /// the backups multicast a prepare for each of it.
    fn enter(&mut self, new_view: &Arc<NewView>, fx: &mut Fx<Pbft>) {
        let view = new_view.view;
        (self.view, self.changing) = (view, false);
        self.new_view = Some(new_view.clone());
        let kept = new_view.clone();
        fx.persist(9, |stored: &mut Stored| {
            (stored.replica.view, stored.replica.changing) = (view, false);
            stored.replica.new_view = Some(kept);
        });
        for timer in [Timer::NewView, Timer::Resend, Timer::Request] {
            fx.cancel(timer);
        }
        let (stable, _) = beginning(&new_view.changes);
        self.tentative = None; // section 5.1: what was tentative is rolled back
        self.slots.iter_mut().for_each(|slot| slot.new_round());
        self.pending.iter_mut().for_each(|pending| pending.seq = None);
        self.next = stable.seq.max(self.stable.seq) + 1;
        if stable.seq > self.stable.seq {
            // As primary it would propose immediately, before the numbers of the old view are
            // assigned.
            self.changing = true;
            self.adopt(&stable, fx);
            self.changing = false;
        }
        let (leader, primary) = (self.primary(), self.primary() == self.id);
        fx.out(Outcome::View { view, leader });
        if primary {
            fx.out(Outcome::Elected { view });
        }
        for &(seq, proposal, sig) in &new_view.proposals {
            self.next = self.next.max(seq + 1);
            if self.slot(seq).is_none() {
                continue; // below the water mark already
            }
            if let Some(signed) = &proposal {
                self.expect(signed, seq);
            }
            self.accept(seq, proposal, sig, fx);
            if !primary {
                self.prepare(seq, fx);
            }
        }
        self.propose_waiting(fx);
        self.rest_or_wait(fx);
        self.execute_ready(fx);
        let early = std::mem::take(&mut self.early);
        for (from, msg) in &early {
            self.on_msg(*from, msg, fx);
        }
    }
}

/// What a view begins with, from the view changes that call for it: the latest stable checkpoint
/// (min-s) and, for each number up to the last prepared one (max-s), what prepared in the latest
/// view, or the null request.
pub(super) fn beginning(changes: &[Arc<ViewChange>]) -> (Arc<Stable>, Vec<(u64, Proposal)>) {
    let stables = changes.iter().map(|change| &change.stable);
    let stable = stables.max_by_key(|stable| stable.seq).cloned().unwrap_or_default();
    let mut best: BTreeMap<u64, &Certificate> = BTreeMap::new();
    for cert in changes.iter().flat_map(|change| &change.prepared) {
        let entry = best.entry(cert.seq).or_insert(cert);
        if cert.view > entry.view {
            *entry = cert;
        }
    }
    let last = best.last_key_value().map_or(0, |(&seq, _)| seq);
    let numbers = stable.seq + 1..=last.max(stable.seq);
    let proposal = |seq| (seq, best.get(&seq).and_then(|cert| cert.proposal));
    (stable, numbers.map(proposal).collect())
}
