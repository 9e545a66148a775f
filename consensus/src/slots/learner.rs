//! What a member learns: commits, skipped slots, what the cloud filled in, what it missed; and what
//! it does where it learns nothing for a while.

use super::member::{Member, Place};
use super::{BATCH, Brought, Content, Contents, Edge, Msg, Scheme, WINDOW};
use crate::{Fx, Members, Missed, NodeId, Outcome};
use std::sync::Arc;

impl<S: Scheme> Member<S> {
    pub(super) fn on_commit(&mut self, slot: u64, skips: &[u64], fx: &mut Fx<Edge<S>>) {
        self.learn_skips(skips);
        let news = self.see(slot);
        self.tell_skips(news, fx);
        // Its vote for a decided slot, in ballot 0 or later, is what was decided.
        if let Some((_, content)) = self.votes.get(&slot).and_then(|vote| vote.accepted) {
            self.decide(slot, content);
        } else if !self.sequence.is_decided(slot) && slot <= self.sequence.applied() + WINDOW {
            self.committed.insert(slot);
        }
        self.progress(fx);
    }

    pub(super) fn on_filled(&mut self, contents: &Contents, fx: &mut Fx<Edge<S>>) {
        for &(slot, content) in contents.iter().take(BATCH) {
            self.seen = self.seen.max(slot.min(self.sequence.applied() + WINDOW));
            self.decide(slot, content);
        }
        self.progress(fx);
    }

    /// Owners have said that these slots of theirs hold nothing; which of them are news.
    pub(super) fn learn_skips(&mut self, slots: &[u64]) -> Vec<u64> {
        let news = slots.iter().copied().filter(|&slot| !self.sequence.is_decided(slot));
        let news: Vec<u64> = news.take(WINDOW as usize).collect();
        for &slot in &news {
            self.seen = self.seen.max(slot.min(self.sequence.applied() + WINDOW));
            self.decide(slot, None);
        }
        news
    }

    /// Takes in a decision.
    pub(super) fn decide(&mut self, slot: u64, content: Content) {
        if self.sequence.is_decided(slot) || slot > self.sequence.applied() + WINDOW {
            return;
        }
        self.sequence.decide(slot, content.map(|brought| brought.request));
        if let Some(Brought { by, .. }) = content {
            self.brought.insert(slot, by);
        }
        self.proposals.remove(&slot);
    }

    /// What was decided for a slot that is not executed.
    pub(super) fn decided(&self, slot: u64) -> Option<Content> {
        let request = self.sequence.decided(slot)?;
        let by = self.brought.get(&slot).copied().unwrap_or(self.id);
        Some(request.map(|request| Brought { request, by }))
    }

    /// Executes and proposes whatever has become possible.
    pub(super) fn progress(&mut self, fx: &mut Fx<Edge<S>>) {
        let before = self.sequence.applied();
        while let Some(content) = self.step(fx) {
            let by = self.brought.remove(&self.sequence.applied()).filter(|_| content.is_some());
            self.unsaved.push(content);
            let view = self.scheme.carried_out(by);
            self.enter(view, fx);
        }
        if self.sequence.applied() > before {
            self.forget();
            // It may own slots that it did not know of before.
            let news = self.skip_below(self.seen);
            if !news.is_empty() {
                self.tell_skips(news, fx);
                return self.progress(fx);
            }
            if self.unsaved.len() >= BATCH {
                self.save(16, &[], fx);
            }
        }
        self.drive(fx);
        if !self.silent.is_empty() {
            self.report(true, fx);
        }
        self.settle(fx);
    }

    /// Executes the next slot, if it is decided, and answers the client.
    fn step(&mut self, fx: &mut Fx<Edge<S>>) -> Option<Option<crate::Request>> {
        let (content, first) = self.sequence.advance()?;
        if let Some(request) = content {
            if first {
                let position = self.sequence.ledger().length - 1;
                fx.out(Outcome::Delivered { position, request });
            }
            let (client, number) = (request.client, request.number);
            if self.asked.remove(&(client, number)).is_some() {
                fx.send(client, Msg::Reply { number, result: request.digest });
            }
        }
        Some(content)
    }

    /// Drops what concerns slots that are executed. What it proposed for one of them, where
    /// another thing was decided, waits for a slot again.
    pub(super) fn forget(&mut self) {
        let applied = self.sequence.applied();
        let done = |slot: Option<u64>| slot.is_some_and(|slot| slot <= applied);
        while done(self.votes.first_key_value().map(|(&slot, _)| slot)) {
            self.votes.pop_first();
        }
        while done(self.proposals.first_key_value().map(|(&slot, _)| slot)) {
            self.proposals.pop_first();
        }
        while done(self.brought.first_key_value().map(|(&slot, _)| slot)) {
            self.brought.pop_first();
        }
        while done(self.skipped.first().copied()) {
            self.skipped.pop_first();
        }
        while done(self.committed.first().copied()) {
            self.committed.pop_first();
        }
        for asked in self.asked.values_mut() {
            if matches!(asked.place, Place::Proposed(slot) if slot <= applied) {
                asked.place = Place::Queued;
            }
        }
        self.spent = self.spent.max(applied);
        self.seen = self.seen.max(applied);
    }

    pub(super) fn on_fetch(&mut self, from: NodeId, applied: u64, fx: &mut Fx<Edge<S>>) {
        self.tell(from, applied, fx);
    }

    /// Sends a member that has executed the slots up to `applied` what it lacks.
    pub(super) fn tell(&self, to: NodeId, applied: u64, fx: &mut Fx<Edge<S>>) {
        if to.0 < self.n {
            let missed = self.sequence.since(applied).map(Arc::new);
            let (state, skips) = (self.scheme.state(), self.skips(u64::MAX));
            fx.send(to, Msg::Told { after: applied, missed, state, skips });
        }
    }

    pub(super) fn on_told(
        &mut self,
        from: NodeId,
        missed: Option<&Missed>,
        state: &S::State,
        skips: &[u64],
        fx: &mut Fx<Edge<S>>,
    ) {
        if let Some(missed) = missed.filter(|missed| missed.last() > self.sequence.applied()) {
            self.adopt(missed, state, fx);
        }
        self.learn_skips(skips);
        let majority = usize::from(self.n) / 2 + 1;
        if let Some(told) = &mut self.recovering {
            told.insert(from);
            // A majority with itself: one of them knows of each decision made when it asked.
            if told.len() + 1 >= majority {
                self.recovering = None;
                let length = self.sequence.ledger().length;
                fx.out(Outcome::CaughtUp { length });
            }
        }
        self.progress(fx);
    }

    /// Takes over what it missed, and writes it down.
    fn adopt(&mut self, missed: &Missed, state: &S::State, fx: &mut Fx<Edge<S>>) {
        self.sequence.adopt(missed, fx);
        while self.sequence.applied() < missed.last() && self.step(fx).is_some() {}
        if self.sequence.applied() != missed.last() {
            return; // it does not join on to what is known here
        }
        let view = self.scheme.restore(state);
        self.enter(view, fx);
        self.forget();
        let unsaved = std::mem::take(&mut self.unsaved);
        let spent = self.spent;
        fx.persist(missed.bytes(), |stored| {
            let kept = &mut stored.member;
            kept.absorb(unsaved);
            kept.sequence.adopt_silently(missed);
            while kept.sequence.advance().is_some() {}
            kept.forget();
            (kept.spent, kept.state) = (spent, Some(state.clone()));
        });
        // A state may hold what was asked here.
        let sequence = &self.sequence;
        self.asked.retain(|_, asked| {
            let done = sequence.contains(&asked.request);
            if done {
                let (number, result) = (asked.request.number, asked.request.digest);
                fx.send(asked.request.client, Msg::Reply { number, result });
            }
            !done
        });
    }

    /// The clock ticks: something is missing.
    pub(super) fn on_timer(&mut self, fx: &mut Fx<Edge<S>>) {
        self.ticking = false;
        let applied = self.sequence.applied();
        for asked in self.asked.values_mut() {
            if asked.place == Place::Forwarded {
                asked.place = Place::Queued;
            }
        }
        self.scheme.ask_again();
        if self.recovering.is_some() {
            fx.broadcast(Msg::Fetch { applied });
        } else if self.mark == applied {
            self.stalls += 1;
            self.propose_again(fx);
            // First the others, each in turn, then the cloud.
            let (owner, _) = self.scheme.blocking(applied + 1, self.seen);
            let turn = (u32::from(self.id.0) + self.stalls) % u32::from(self.n);
            let peer = owner.filter(|_| self.stalls == 1).unwrap_or(NodeId(turn as u16));
            let peer = if peer == self.id { NodeId((peer.0 + 1) % self.n) } else { peer };
            fx.send(peer, Msg::Fetch { applied });
            if self.stalls > 1 {
                self.reported = 0;
                self.report(false, fx);
            }
        } else {
            self.stalls = 0;
        }
        self.progress(fx);
    }

    /// Reports blocking slots to the cloud; with `silent`, only those whose owner was silent
    /// before.
    fn report(&mut self, silent: bool, fx: &mut Fx<Edge<S>>) {
        let first = self.sequence.applied() + 1;
        let waits = self.seen >= first || !self.asked.is_empty();
        if !waits || self.reported == first {
            return;
        }
        let (owner, mut slots) = self.scheme.blocking(first, self.seen);
        let known = owner.is_some_and(|owner| self.silent.contains(owner));
        if silent && !known {
            return;
        }
        slots.retain(|&slot| !self.sequence.is_decided(slot));
        slots.truncate(BATCH);
        if slots.is_empty() {
            return;
        }
        if let Some(owner) = owner.filter(|&owner| owner != self.id) {
            self.silent.insert(owner);
        }
        self.reported = first;
        fx.out(Outcome::Suspected { view: self.scheme.view() + 1 });
        fx.send(self.cloud, Msg::Stuck { slots: slots.into() });
    }

    /// Members that are silent.
    pub fn silent(&self) -> Members {
        self.silent
    }
}
