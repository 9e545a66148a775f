//! PBFT's normal case (section 4.2): a request comes in, and goes through pre-prepare, prepare and
//! commit. How it is executed then is beside the member's state.

use super::message::{
    Certificate, Msg, Proposal, VOTE, digest_of, pre_prepare_digest, prepare_digest, request_digest,
};
use super::replica::{Kept, Pending, Replica};
use super::{LOG_SIZE, Pbft, Stored};
use crate::{Fx, NodeId, Outcome, Sig, Signed};
use std::sync::Arc;

/// The maximum number of slots whose messages are sent again at a time.
const SENT_AGAIN: u64 = 32;

impl Replica {
    /// REQUEST, o, t, c: from its client, or relayed.
    pub(super) fn on_request(&mut self, from: NodeId, signed: Signed, fx: &mut Fx<Pbft>) {
        let request = signed.request;
        if self.executed.contains(&request) {
            self.reply(&signed, None, fx); // section 4.1: it resends the reply
            return;
        }
        let from_client = from == request.client;
        if let Some(known) = self.pending.iter().find(|p| p.signed.request == request) {
            if from_client && !self.changing {
                match known.seq {
                    Some(_) => self.send_again(fx),
                    None => self.relay(signed, fx),
                }
            }
            return;
        }
        if self.is_done() || !self.executed.in_window(&request) || !is_genuine(&signed, fx) {
            return;
        }
        self.pending.push(Pending { signed, seq: None });
        if self.changing {
            return;
        }
        if self.primary() == self.id {
            self.propose_waiting(fx);
        } else if from_client {
            self.relay(signed, fx);
        }
        // Section 4.4: a backup starts a timer when it receives a request and none is running.
        if self.pending.len() == 1 {
            self.rest_or_wait(fx);
        }
    }

    /// Section 4.1: a backup that a client turns to relays the request to the primary.
    fn relay(&self, signed: Signed, fx: &mut Fx<Pbft>) {
        if self.primary() != self.id {
            fx.send(self.primary(), Msg::Request(signed));
        }
    }

    /// As primary, gives numbers to the requests that have none, as far as the log has room, and
    /// multicasts PRE-PREPARE, v, n, d with each.
    pub(super) fn propose_waiting(&mut self, fx: &mut Fx<Pbft>) {
        if self.changing || self.is_done() || self.primary() != self.id {
            return;
        }
        for index in 0..self.pending.len() {
            if self.next > self.stable.seq + LOG_SIZE {
                return;
            }
            let Pending { signed, seq: None } = self.pending[index] else {
                continue;
            };
            let (view, seq) = (self.view, self.next);
            self.next += 1;
            self.pending[index].seq = Some(seq);
            let (proposal, digest) = (Some(signed), signed.request.digest);
            fx.hash(signed.request.bytes);
            let sig = fx.sign(pre_prepare_digest(view, seq, digest));
            fx.out(Outcome::Proposed { request: signed.request });
            self.accept(seq, proposal, sig, fx);
            fx.broadcast(Msg::PrePrepare { view, seq, proposal, sig });
        }
    }

    /// A backup accepts a pre-prepare if it is signed, of this view, between the water marks, and
    /// the first for its number; a null request is a request like any other (section 4.4).
    pub(super) fn on_pre_prepare(
        &mut self,
        from: NodeId,
        seq: u64,
        proposal: &Proposal,
        sig: Sig,
        fx: &mut Fx<Pbft>,
    ) {
        let Some(slot) = self.slot(seq) else { return };
        // It has not accepted a pre-prepare for this view and number with another digest.
        if slot.accepted.is_some() || from != self.primary() {
            return;
        }
        let digest = digest_of(proposal);
        if !fx.verify(from, pre_prepare_digest(self.view, seq, digest), sig) {
            return;
        }
        if let Some(signed) = proposal {
            fx.hash(signed.request.bytes);
            let known = self.pending.iter().any(|p| p.signed == *signed);
            if !known && !is_genuine(signed, fx) {
                return;
            }
            self.expect(signed, seq);
        }
        self.accept(seq, *proposal, sig, fx);
        if self.pending.len() == 1 {
            self.rest_or_wait(fx);
        }
        self.prepare(seq, fx);
    }

    /// Records that a request is in the log and still to be executed.
    pub(super) fn expect(&mut self, signed: &Signed, seq: u64) {
        let seq = Some(seq);
        match self.pending.iter_mut().find(|p| p.signed.request == signed.request) {
            Some(pending) => pending.seq = seq,
            None if self.executed.contains(&signed.request) => {}
            None => self.pending.push(Pending { signed: *signed, seq }),
        }
    }

    /// Accepts a pre-prepare, and writes that down: it will accept no other in this view.
    pub(super) fn accept(&mut self, seq: u64, proposal: Proposal, sig: Sig, fx: &mut Fx<Pbft>) {
        let view = self.view;
        let Some(slot) = self.slot(seq) else { return };
        slot.accepted = Some((proposal, sig));
        slot.digest = digest_of(&proposal);
        let bytes = 48 + proposal.map_or(0, |signed| signed.request.bytes);
        fx.persist(bytes, |stored: &mut Stored| {
            let kept: &mut Kept = stored.replica.kept.entry(seq).or_default();
            kept.accepted = Some((view, proposal, sig));
        });
    }

    /// As backup, says that it has accepted a pre-prepare: PREPARE, v, n, d, i.
    pub(super) fn prepare(&mut self, seq: u64, fx: &mut Fx<Pbft>) {
        let (view, id) = (self.view, self.id);
        let Some(slot) = self.slot(seq) else { return };
        let digest = slot.digest;
        let sig = fx.sign(prepare_digest(view, seq, digest));
        if slot.prepares.add(digest, id) {
            slot.prepare_sigs.push((id, digest, sig));
        }
        fx.broadcast(Msg::Prepare { view, seq, digest, sig });
        self.check_prepared(seq, fx);
    }

    pub(super) fn on_prepare(
        &mut self,
        from: NodeId,
        seq: u64,
        digest: u64,
        sig: Sig,
        fx: &mut Fx<Pbft>,
    ) {
        let valid =
            from != self.primary() && fx.verify(from, prepare_digest(self.view, seq, digest), sig);
        if valid {
            self.count_prepare(from, seq, digest, sig, fx);
        }
    }

    /// Counts a prepare whose signature holds.
    pub(crate) fn count_prepare(
        &mut self,
        from: NodeId,
        seq: u64,
        digest: u64,
        sig: Sig,
        fx: &mut Fx<Pbft>,
    ) {
        let Some(slot) = self.slot(seq) else { return };
        if slot.prepares.add(digest, from) && !slot.prepared {
            slot.prepare_sigs.push((from, digest, sig));
            self.check_prepared(seq, fx);
        }
    }

    /// prepared(m, v, n, i): the pre-prepare and 2f prepares of backups that match it. Then it
    /// multicasts COMMIT, v, n, d, i.
    pub(super) fn check_prepared(&mut self, seq: u64, fx: &mut Fx<Pbft>) {
        let (view, id, n, primary) = (self.view, self.id, self.n, self.primary());
        let Some(slot) = self.slot(seq) else { return };
        let digest = slot.digest;
        let Some((proposal, sig)) = slot.accepted.filter(|_| !slot.prepared) else {
            return;
        };
        let mut voters = slot.prepares.of(digest);
        voters.insert(primary);
        if !self.quorums.prepare.met(voters) {
            return;
        }
        let Some(slot) = self.slot(seq) else { return };
        slot.prepared = true;
        slot.commits.add(digest, id);
        let signed = slot.prepare_sigs.drain(..).filter(|&(_, voted, _)| voted == digest);
        let prepares: Vec<_> = signed.map(|(member, _, sig)| (member, sig)).collect();
        let bytes = 66 * (1 + prepares.len()) as u32;
        let certificate = Arc::new(Certificate { view, seq, proposal, primary: sig, prepares });
        slot.certificate = Some(certificate.clone());
        fx.persist(bytes, |stored: &mut Stored| {
            stored.replica.kept.entry(seq).or_default().certificate = Some(certificate);
        });
        fx.mac(u32::from(n) - 1, VOTE);
        fx.broadcast(Msg::Commit { view, seq, digest });
        self.execute_tentatively(fx);
        self.check_committed(seq, fx);
    }

    pub(super) fn on_commit(&mut self, from: NodeId, seq: u64, digest: u64, fx: &mut Fx<Pbft>) {
        fx.mac(1, VOTE);
        self.count_commit(from, seq, digest, fx);
    }

    /// Counts a commit that is its sender's.
    pub(crate) fn count_commit(&mut self, from: NodeId, seq: u64, digest: u64, fx: &mut Fx<Pbft>) {
        let Some(slot) = self.slot(seq) else { return };
        if !slot.commits.add(digest, from) || slot.decided.is_some() {
            return;
        }
        let voters = slot.commits.of(digest);
        if self.quorums.weak.met(voters) {
            self.note_behind(seq, fx);
        }
        self.check_committed(seq, fx);
    }

    /// committed-local(m, v, n, i): prepared, and 2f + 1 commits that match, its own among them.
    fn check_committed(&mut self, seq: u64, fx: &mut Fx<Pbft>) {
        let Some(slot) = self.known(seq) else { return };
        let Some((proposal, _)) = slot.accepted else {
            return;
        };
        let committed = slot.prepared && self.quorums.commit.met(slot.commits.of(slot.digest));
        if committed && slot.decided.is_none() {
            self.decide(seq, proposal, fx);
            self.execute_ready(fx);
        }
    }

    /// Records a final decision in the log.
    pub(super) fn decide(&mut self, seq: u64, proposal: Proposal, fx: &mut Fx<Pbft>) {
        let Some(slot) = self.slot(seq) else { return };
        slot.decided = Some(proposal);
        fx.persist(8, |stored: &mut Stored| {
            stored.replica.kept.entry(seq).or_default().decided = Some(proposal);
        });
    }

    /// Sends its messages for all slots that are not yet executed again, in case some member lacks
    /// them.
    fn send_again(&mut self, fx: &mut Fx<Pbft>) {
        let (view, id, n) = (self.view, self.id, self.n);
        let primary = self.primary() == id;
        for seq in self.last + 1..=self.last + SENT_AGAIN {
            let Some(slot) = self.slot(seq) else { return };
            let Some((proposal, sig)) = slot.accepted else {
                continue;
            };
            let (digest, prepared) = (slot.digest, slot.prepared);
            if primary {
                fx.broadcast(Msg::PrePrepare { view, seq, proposal, sig });
            } else {
                let sig = fx.sign(prepare_digest(view, seq, digest));
                fx.broadcast(Msg::Prepare { view, seq, digest, sig });
            }
            if prepared {
                fx.mac(u32::from(n) - 1, VOTE);
                fx.broadcast(Msg::Commit { view, seq, digest });
            }
        }
    }
}

/// Whether a request is its client's.
pub(super) fn is_genuine(signed: &Signed, fx: &mut Fx<Pbft>) -> bool {
    fx.verify(signed.request.client, request_digest(&signed.request), signed.sig)
}
