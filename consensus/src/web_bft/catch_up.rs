//! How a member of web-bft catches up. A state and the certificate of its last version prove
//! themselves, so that any one member can supply them; members stuck in the same version merge
//! their knowledge of the vote.

use super::member::{Ballot, Member, is_whole};
use super::message::{Certificate, Msg, State, Timer, Told};
use super::{Stored, WebBft};
use crate::{Fx, Members, Missed, NodeId, Outcome};
use std::sync::Arc;

impl Member {
    /// Asks all others for what it missed, until f + 1 have answered.
    pub(super) fn fetch(&mut self, fx: &mut Fx<WebBft>) {
        fx.arm(Timer::Fetch, self.timeout);
        fx.broadcast(Msg::Fetch { applied: self.sequence.applied() });
    }

    /// A member has signed something that implies that version `decided` is decided: asks it for
    /// that, once per version. If no proof arrives in time, its state is requested.
    pub(super) fn compare(&mut self, of: NodeId, decided: u64, fx: &mut Fx<WebBft>) {
        let version = self.version();
        if decided > version && self.asked < version {
            self.asked = version;
            fx.send(of, Msg::Fetch { applied: self.sequence.applied() });
        }
    }

    pub(super) fn on_fetch(&mut self, from: NodeId, applied: u64, fx: &mut Fx<WebBft>) {
        self.tell(from, applied, fx);
        if applied == self.sequence.applied() && self.is_busy() {
            fx.send(from, self.state());
        }
    }

    fn tell(&self, to: NodeId, applied: u64, fx: &mut Fx<WebBft>) {
        let (missed, certificate) = (self.sequence.since(applied), self.certificate.clone());
        fx.send(to, Msg::Told(Arc::new(Told { missed, certificate })));
    }

    /// Merges what another knows of the vote into what it knows itself.
    pub(super) fn on_state(&mut self, from: NodeId, state: &State, fx: &mut Fx<WebBft>) {
        let version = self.version();
        state.proofs.iter().for_each(|(byzantine, proof)| self.hear_of(*byzantine, proof, fx));
        if state.version < version {
            self.tell(from, state.version.saturating_sub(1), fx);
            return;
        }
        state.votes.iter().for_each(|(member, vote)| self.learn(*member, vote, fx));
        state.accepts.iter().for_each(|(member, accept)| self.learn_accept(*member, accept, fx));
        if state.version > version {
            self.compare(from, state.version, fx);
            return;
        }
        let round = self.rounds.entry(from).or_default();
        *round = (*round).max(state.round);
        if let Some(lock) = &state.lock {
            self.lock(lock, fx);
        }
    }

    pub(super) fn on_told(&mut self, from: NodeId, told: &Told, fx: &mut Fx<WebBft>) {
        if let Told { missed: Some(missed), certificate: Some(certificate) } = told {
            self.take_over(missed, certificate, fx);
        }
        if !self.recovering {
            return;
        }
        let known = told.certificate.as_ref().map_or(0, |certificate| certificate.version);
        if known <= self.sequence.applied() {
            self.heard.insert(from);
        }
        // One of f + 1 is honest, and has reported everything it knew.
        if self.heard.len() > self.f {
            fx.cancel(Timer::Fetch);
            (self.recovering, self.heard) = (false, Members::NONE);
            fx.out(Outcome::CaughtUp { length: self.sequence.ledger().length });
        }
    }

    /// Takes over a later state, if its certificate proves it.
    fn take_over(&mut self, missed: &Missed, certificate: &Arc<Certificate>, fx: &mut Fx<WebBft>) {
        if !self.is_proven(missed, certificate, fx) {
            return;
        }
        self.sequence.adopt(missed, fx);
        let done = self.sequence.carry_out(fx);
        self.certificate = Some(certificate.clone());
        fx.persist(missed.bytes(), |stored: &mut Stored| {
            let stored = &mut stored.member;
            stored.sequence.adopt_silently(missed);
            while stored.sequence.advance().is_some() {}
            stored.certificate = Some(certificate.clone());
            stored.ballot = Ballot::default();
        });
        self.go_on(&done, fx);
        let sequence = &self.sequence;
        self.pool.retain(|_, signed| !sequence.contains(&signed.request));
    }

    /// Whether a reply leads to a state after which a quorum has accepted a version, and ends with
    /// that version.
    fn is_proven(&self, missed: &Missed, certificate: &Certificate, fx: &mut Fx<WebBft>) -> bool {
        let last = certificate.version;
        if last < self.version()
            || missed.last() != last
            || !certificate.is_valid(self.n, self.decides, fx)
        {
            return false;
        }
        fx.hash(missed.bytes());
        let mut after = self.sequence.clone();
        after.adopt_silently(missed);
        while after.applied() + 1 < last {
            match after.advance() {
                Some((Some(request), _)) if is_whole(&request) => {}
                _ => return false,
            }
        }
        after.applied() + 1 == last
            && after.digest() == certificate.before
            && after.advance().is_some_and(|(content, _)| content == Some(certificate.request))
    }
}
