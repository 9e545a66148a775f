//! Zyzzyva's agreement (section 3.2): the primary orders, members execute speculatively, clients
//! present certificates, and proofs of a Byzantine primary are passed on.

use super::message::{
    Certificate, Commit, Mark, Msg, Ordered, Timer, order_digest, response_digest,
};
use super::replica::Replica;
use super::{CHECKPOINT_EVERY, Effects, LOG_SIZE, Rule, Stored, is_sealed, seal};
use crate::crypto::mix;
use crate::{CLIENT_WINDOW, Members, NodeId, Outcome, Request, Sig, Signed};
use std::sync::Arc;

impl<R: Rule> Replica<R> {
    pub(super) fn on_request(&mut self, signed: Signed, fx: &mut Effects<R>) {
        let request = signed.request;
        if self.say_committed(request.client, request.number, request.digest, fx) {
            return;
        }
        if let Some(&ordered) = self.find(request.digest) {
            if !self.changing {
                self.respond(&ordered, fx); // step 4c: what it has answered, it answers again
                self.ask_for_news(fx);
            }
            return;
        }
        if !self.take_note(signed, fx) || self.changing {
            return;
        }
        if self.primary() == self.id {
            self.order_waiting(fx);
        } else {
            // Step 4c: it asks the primary to order it, and waits for that.
            fx.send(self.primary(), Msg::ConfirmReq(signed));
            if self.asked.len() == 1 {
                self.wait(fx);
            }
        }
    }

    /// Tells a client that its request is covered by the stable checkpoint, if it is.
    fn say_committed(&self, client: NodeId, number: u64, digest: u64, fx: &mut Effects<R>) -> bool {
        let committed =
            self.stable.executed.contains(&Request { client, number, bytes: 0, digest });
        if committed {
            fx.mac(1, 40);
            fx.send(client, Msg::Committed { number, digest });
        }
        committed
    }

    /// Step 4c: a backup passes a request on; the primary orders it, or says again that it has.
    pub(super) fn on_confirm_req(&mut self, from: NodeId, signed: Signed, fx: &mut Effects<R>) {
        if !self.is_primary() {
            return;
        }
        if let Some(&ordered) = self.find(signed.request.digest) {
            let before = self.before(ordered.seq);
            fx.send(from, Msg::Order { ordered, before });
        } else if self.take_note(signed, fx) {
            self.order_waiting(fx);
        }
    }

    /// Whether a request is to be ordered: genuine, new, and within its client's window.
    fn take_note(&mut self, signed: Signed, fx: &mut Effects<R>) -> bool {
        let request = signed.request;
        if self.asked.contains(&signed) {
            return true;
        }
        if !self.executed.in_window(&request) {
            self.ask_for_news(fx); // it may have missed all that was before
            return false;
        }
        let of_client = self.asked.iter().filter(|asked| asked.request.client == request.client);
        let good = (of_client.count() as u64) < 2 * CLIENT_WINDOW
            && !self.executed.contains(&request)
            && fx.verify(request.client, request.digest, signed.sig);
        if good {
            self.asked.push(signed);
        }
        good
    }

    /// Step 2: the primary gives numbers to the requests that have none, as far as the log has
    /// room.
    pub(super) fn order_waiting(&mut self, fx: &mut Effects<R>) {
        while self.is_primary()
            && let Some(&signed) = self.asked.first()
        {
            if self.log.len() as u64 >= LOG_SIZE {
                self.note_behind(self.stable.seq + CHECKPOINT_EVERY, fx);
                return;
            }
            let request = signed.request;
            if self.executed.contains(&request) || !self.executed.in_window(&request) {
                self.asked.remove(0);
                continue;
            }
            fx.hash(request.bytes);
            let (view, seq) = (self.view, self.last() + 1);
            let history = mix(self.history, request.digest);
            let content = order_digest(view, seq, history, request.digest);
            let seal = seal::<R>(content, fx);
            let ordered = Ordered { view, seq, history, signed, seal };
            fx.out(Outcome::Proposed { request });
            self.append(ordered, fx);
            let before = self.before(seq);
            fx.broadcast(Msg::Order { ordered, before });
            self.respond(&ordered, fx);
            self.after_append(fx);
        }
    }

    /// The history two numbers before one, as far as it is known; see [`Mark::before`].
    fn before(&self, seq: u64) -> u64 {
        seq.checked_sub(2).and_then(|seq| self.history_at(seq)).unwrap_or(0)
    }

    /// Puts a request at the end of the log and writes it down: at this number and in this view it
    /// will say nothing else.
    fn append(&mut self, ordered: Ordered, fx: &mut Effects<R>) {
        self.push(ordered);
        fx.persist(48 + ordered.signed.request.bytes, |stored: &mut Stored| {
            stored.replica.log.push_back(ordered);
        });
    }

    fn after_append(&mut self, fx: &mut Effects<R>) {
        if self.last().is_multiple_of(CHECKPOINT_EVERY) {
            self.respond_to_all(self.last(), fx);
        }
    }

    /// Step 3: its speculative response.
    pub(super) fn respond(&self, ordered: &Ordered, fx: &mut Effects<R>) {
        let (view, seq, history) = (self.view, ordered.seq, ordered.history);
        let request = ordered.signed.request;
        let sig = fx.sign(response_digest(view, seq, history));
        let (number, mark) = (request.number, ordered.mark(self.before(seq)));
        fx.send(request.client, Msg::Response { view, number, mark, sig });
    }

    /// An ordered request, from its primary or from a member that fills a hole.
    pub(super) fn on_order(&mut self, ordered: &Ordered, fx: &mut Effects<R>) {
        let (seq, last) = (ordered.seq, self.last());
        if ordered.view < self.view || seq <= self.stable.seq {
            return;
        }
        if ordered.view > self.view || self.changing || seq > last + 1 {
            if seq <= last + 2 * LOG_SIZE {
                let known = self.early.get(&seq).is_some_and(|known| known.view >= ordered.view);
                if !known {
                    self.early.insert(seq, *ordered);
                }
            }
            if ordered.view > self.view || !self.changing {
                self.note_behind(seq - 1, fx);
            }
            return;
        }
        if seq <= last {
            self.compare(ordered, seq, fx);
            return;
        }
        if seq > self.stable.seq + LOG_SIZE {
            self.note_behind(self.stable.seq + CHECKPOINT_EVERY, fx);
            return;
        }
        let request = ordered.signed.request;
        if let Some(other) = self.find(request.digest) {
            let other = other.seq;
            self.compare(ordered, other, fx);
            return;
        }
        fx.hash(request.bytes);
        if !self.has_seal(ordered, fx) {
            return;
        }
        if !ordered.follows(self.history) {
            self.note_behind(seq, fx); // one of the two has another past
            return;
        }
        let known = self.asked.contains(&ordered.signed);
        let good = !self.executed.contains(&request)
            && self.executed.in_window(&request)
            && (known || fx.verify(request.client, request.digest, ordered.signed.sig));
        if !good {
            return;
        }
        let waited = self.asked.first().is_some_and(|asked| asked.request == request);
        self.append(*ordered, fx);
        self.respond(ordered, fx);
        self.after_append(fx);
        if waited {
            fx.cancel(Timer::Patience);
            self.wait(fx);
        }
        self.take_early(fx);
    }

    /// Takes what came before its turn, if that is now.
    pub(super) fn take_early(&mut self, fx: &mut Effects<R>) {
        let next = self.last() + 1;
        self.early = self.early.split_off(&next);
        match self.early.get(&next).copied() {
            Some(ordered) if ordered.view == self.view && !self.changing => {
                self.early.remove(&next);
                self.on_order(&ordered, fx);
            }
            _ => self.check_behind(fx),
        }
    }

    /// Whether the primary of its view sealed an order made in the current view.
    fn has_seal(&self, ordered: &Ordered, fx: &mut Effects<R>) -> bool {
        let counter = ordered.seq.wrapping_add(self.first().1);
        let primary = self.primary_of(ordered.view);
        is_sealed(primary, ordered.content(), ordered.seal, Some(counter), fx)
    }

    /// Compares an order with what it has at a number: two that cannot both be honest are proof
    /// against the primary.
    fn compare(&mut self, ordered: &Ordered, seq: u64, fx: &mut Effects<R>) {
        let Some(own) = self.at(seq) else { return };
        let (own, other) = (own.mark(0), ordered.mark(0));
        if own.conflicts(&other) {
            self.on_misbehaviour(&Arc::new((own, other)), fx);
        }
    }

    /// Step 4b.1: a certificate from a client.
    pub(super) fn on_commit(&mut self, from: NodeId, commit: &Commit, fx: &mut Effects<R>) {
        let Commit { certificate, mark, number } = commit;
        let (view, seq, history) = (certificate.view, certificate.seq, certificate.history);
        let number = *number;
        if R::COUNTER || certificate.offset.is_some() || view < self.view {
            return;
        }
        if view > self.view || (view == self.view && !self.changing && seq > self.last()) {
            if self.is_certified(certificate, fx) {
                self.note_behind(seq, fx);
            }
            return;
        }
        if self.changing {
            return;
        }
        if (seq, history) == (self.stable.seq, self.stable.history) {
            fx.mac(1, 40);
            fx.send(from, Msg::LocalCommit { view, seq, history, number });
            return;
        }
        if seq < self.stable.seq {
            self.say_committed(from, number, mark.digest, fx);
            return;
        }
        let own = self.at(seq).map(|own| own.mark(0));
        let Some(own) = own.filter(|_| self.is_certified(certificate, fx)) else {
            return;
        };
        if own.history != history {
            if own.conflicts(mark) {
                self.on_misbehaviour(&Arc::new((own, *mark)), fx);
            }
            self.note_behind(seq, fx);
            return;
        }
        self.keep(certificate, fx);
        fx.mac(1, 40);
        fx.send(from, Msg::LocalCommit { view, seq, history, number });
    }

    /// Stores a certificate of requests in the log.
    pub(super) fn keep(&mut self, certificate: &Arc<Certificate>, fx: &mut Effects<R>) {
        if self.certificate.as_ref().is_none_or(|old| R::prefers(certificate, old)) {
            self.certificate = Some(certificate.clone());
            self.chain = Arc::default();
            let kept = certificate.clone();
            fx.persist(48 + 66 * certificate.proof.len() as u32, |stored: &mut Stored| {
                stored.replica.certificate = Some(kept);
                stored.replica.chain = Arc::default();
            });
        }
        if certificate.view == self.view && certificate.seq > self.certified {
            self.certified = certificate.seq;
            self.vouch_for_certified(fx);
        }
    }

    /// Whether a quorum signed a certificate.
    pub(super) fn is_certified(&self, cert: &Certificate, fx: &mut Effects<R>) -> bool {
        let quorums = self.quorums;
        let known = [&self.certificate, &self.begun].into_iter().flatten();
        if known.into_iter().any(|known| known.as_ref() == cert) {
            return true;
        }
        let needed = if cert.offset.is_some() { quorums.confirm } else { quorums.certificate };
        cert.proof.len() <= self.n.into() && self.signers(cert.content(), &cert.proof, fx) >= needed
    }

    /// How many members signed some content.
    pub(super) fn signers(
        &self,
        content: u64,
        proof: &[(NodeId, Sig)],
        fx: &mut Effects<R>,
    ) -> usize {
        let mut signers = Members::NONE;
        for &(member, sig) in proof.iter().take(self.n.into()) {
            if member.0 < self.n && fx.verify(member, content, sig) {
                signers.insert(member);
            }
        }
        signers.len()
    }

    /// Step 4d: proof that the primary of this view is Byzantine is passed on, and ends the view.
    pub(super) fn on_misbehaviour(&mut self, marks: &Arc<(Mark, Mark)>, fx: &mut Effects<R>) {
        let (one, other) = **marks;
        if R::COUNTER || self.changing || one.view != self.view || !one.conflicts(&other) {
            return;
        }
        let primary = self.primary();
        let mut sealed = |mark: &Mark| is_sealed(primary, mark.content(), mark.seal, None, fx);
        if sealed(&one) && sealed(&other) {
            fx.broadcast(Msg::Misbehaviour(marks.clone()));
            self.ask_for_view(self.view + 1, fx);
        }
    }

    /// Whether the primary owes it something.
    pub(super) fn is_impatient(&self) -> bool {
        !self.asked.is_empty() || self.behind > self.last() || self.unanswered
    }

    /// Begins to wait for the primary, if it owes something; never ends waiting.
    pub(super) fn wait(&self, fx: &mut Effects<R>) {
        if !self.changing && self.is_impatient() {
            fx.arm(Timer::Patience, self.patience());
        }
    }
}
