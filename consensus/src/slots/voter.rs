//! A member's votes: on what owners propose, and on what the cloud fills in.

use super::member::Member;
use super::{BATCH, Content, Contents, Edge, Msg, Scheme, WINDOW};
use crate::{Fx, NodeId, Request};
use std::sync::Arc;

/// What a member has promised and accepted for a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vote {
    /// It accepts nothing in a lower ballot.
    pub promised: u64,
    /// The ballot it accepted last in, and what.
    pub accepted: Option<(u64, Content)>,
    /// Whether it proposed for this slot itself, in ballot 0.
    pub own: bool,
}

impl Vote {
    /// Whether it is for this request.
    pub(super) fn holds(&self, request: &Request) -> bool {
        let content = self.accepted.and_then(|(_, content)| content);
        content.is_some_and(|brought| brought.request == *request)
    }
}

impl<S: Scheme> Member<S> {
    pub(super) fn on_accept(
        &mut self,
        from: NodeId,
        slot: u64,
        content: Content,
        view: u64,
        again: bool,
        fx: &mut Fx<Edge<S>>,
    ) {
        let news = self.see(slot);
        let view = self.scheme.heard(view, from);
        self.enter(view, fx);
        let vote = self.votes.get(&slot).copied().unwrap_or_default();
        let far = slot > self.sequence.applied() + WINDOW;
        if far || vote.promised > 0 || self.sequence.is_decided(slot) {
            self.tell_skips(news, fx);
        } else {
            let vote = Vote { accepted: Some((0, content)), ..vote };
            let known = self.votes.insert(slot, vote) == Some(vote);
            if !known || !news.is_empty() {
                let bytes = content.map_or(0, |brought| brought.request.bytes);
                self.save(24 + bytes, &[(slot, vote)], fx);
            }
            // What it skips now or skipped lately goes with its vote.
            let skips = self.skips(slot);
            fx.send(from, Msg::Accepted { slot, skips, again }); // 2b
            if self.committed.contains(&slot) {
                self.decide(slot, content);
            }
        }
        self.progress(fx);
    }

    /// A slot is used: skips its own below it.
    pub(super) fn see(&mut self, slot: u64) -> Vec<u64> {
        // A number alone must not cause work: distant slots are processed one window at a time.
        let slot = slot.min(self.sequence.applied() + WINDOW + 1);
        self.seen = self.seen.max(slot);
        self.skip_below(slot)
    }

    /// Says to all what it skips, once that is written down.
    pub(super) fn tell_skips(&mut self, slots: Vec<u64>, fx: &mut Fx<Edge<S>>) {
        if !slots.is_empty() {
            self.save(16, &[], fx);
            fx.broadcast(Msg::Skip { slots });
        }
    }

    /// 1a of the cloud.
    pub(super) fn on_prepare(
        &mut self,
        from: NodeId,
        ballot: u64,
        slots: &Arc<[u64]>,
        reporter: NodeId,
        fx: &mut Fx<Edge<S>>,
    ) {
        let applied = self.sequence.applied();
        let far = slots.iter().any(|&slot| slot > applied + WINDOW);
        if slots.len() > BATCH || far || from != self.cloud {
            return;
        }
        if slots.first().is_some_and(|&first| first <= applied) && reporter != self.id {
            // Long decided: who asked lags.
            self.tell(reporter, slots[0].saturating_sub(1), fx);
        }
        let (mut found, mut changed) = (Vec::new(), Vec::new());
        for &slot in slots.iter().filter(|&&slot| slot > applied) {
            if let Some(content) = self.decided(slot) {
                found.push((slot, u64::MAX, content));
                continue;
            }
            let vote = self.votes.get(&slot).copied().unwrap_or_default();
            if vote.promised > ballot {
                return;
            }
            found.extend(vote.accepted.map(|(ballot, content)| (slot, ballot, content)));
            changed.push((slot, Vote { promised: ballot, ..vote }));
        }
        self.seen = self.seen.max(slots.last().copied().unwrap_or(0));
        self.votes.extend(changed.iter().copied());
        self.save(8 + 8 * changed.len() as u32, &changed, fx);
        fx.send(from, Msg::Promise { ballot, applied, found }); // 1b
        self.progress(fx);
    }

    /// 2a of the cloud.
    pub(super) fn on_fill(
        &mut self,
        from: NodeId,
        ballot: u64,
        contents: &Contents,
        fx: &mut Fx<Edge<S>>,
    ) {
        let applied = self.sequence.applied();
        let refused = |slot: u64| {
            let promised = self.votes.get(&slot).is_some_and(|vote| vote.promised > ballot);
            promised || slot > applied + WINDOW
        };
        if contents.len() > BATCH || contents.iter().any(|&(slot, _)| refused(slot)) {
            return;
        }
        let own = |slot| self.votes.get(&slot).is_some_and(|vote| vote.own);
        let vote = |&(slot, content): &(u64, Content)| {
            (slot, Vote { promised: ballot, accepted: Some((ballot, content)), own: own(slot) })
        };
        let votes: Vec<_> =
            contents.iter().filter(|&&(slot, _)| slot > applied).map(vote).collect();
        let bytes = |content: Content| content.map_or(0, |brought| brought.request.bytes);
        let bytes = contents.iter().map(|&(_, content)| 16 + bytes(content)).sum();
        self.votes.extend(votes.iter().copied());
        self.save(bytes, &votes, fx);
        fx.send(from, Msg::Filling { ballot }); // 2b
        self.progress(fx);
    }
}
