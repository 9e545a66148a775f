//! Zyzzyva's checkpoints (section 3.1): every 128 requests members exchange their responses, and a
//! member with a certificate of them announces it. Once a quorum has announced it, the checkpoint
//! is committed: everything before it is delivered, and discarded except for the state. With
//! trusted counters the responses suffice.

use super::message::{Certificate, Msg, Stable, checkpoint_digest, response_digest};
use super::replica::{Replica, Votes};
use super::{CHECKPOINT_EVERY, Effects, LOG_SIZE, Rule, Stored};
use crate::{Executed, NodeId, Outcome, Sig};
use std::sync::Arc;

impl<R: Rule> Replica<R> {
    /// Sends all others its response at a checkpoint's number.
    pub(super) fn respond_to_all(&mut self, seq: u64, fx: &mut Effects<R>) {
        if R::COUNTER {
            self.vouch(seq, fx);
            return;
        }
        let (view, id) = (self.view, self.id);
        let Some(history) = self.history_at(seq) else {
            return;
        };
        let sig = fx.sign(response_digest(view, seq, history));
        fx.broadcast(Msg::SpecCheckpoint { view, seq, history, sig });
        self.responses.entry(seq).or_default().insert(id, (view, history, 0, sig));
        self.check_responses(seq, fx);
    }

    pub(super) fn on_spec_checkpoint(
        &mut self,
        from: NodeId,
        (view, seq, history): (u64, u64, u64),
        sig: Sig,
        fx: &mut Effects<R>,
    ) {
        let low = self.stable.seq;
        let plausible = !R::COUNTER
            && view >= self.view
            && seq > low
            && seq <= low + LOG_SIZE
            && seq.is_multiple_of(CHECKPOINT_EVERY);
        if plausible && fx.verify(from, response_digest(view, seq, history), sig) {
            self.responses.entry(seq).or_default().insert(from, (view, history, 0, sig));
            self.check_responses(seq, fx);
        }
    }

    fn check_responses(&mut self, seq: u64, fx: &mut Effects<R>) {
        let view = self.view;
        if self.changing || self.certified >= seq {
            return;
        }
        let Some(votes) = self.responses.get(&seq) else {
            return;
        };
        let needed = self.quorums.certificate;
        let own = self.at(seq).map(|ordered| ordered.history);
        let of_view = votes.values().filter(|vote| vote.0 == view);
        let Some(history) = own else {
            if of_view.count() >= needed {
                self.note_behind(seq, fx);
            }
            return;
        };
        let same = votes.iter().filter(|(_, vote)| (vote.0, vote.1) == (view, history));
        let proof: Vec<_> = same.map(|(&member, vote)| (member, vote.3)).take(needed).collect();
        if proof.len() >= needed {
            let cert = Certificate { view, seq, history, offset: None, proof };
            self.keep(&Arc::new(cert), fx);
        }
    }

    /// Says so of every checkpoint's number that it has a certificate of.
    pub(super) fn vouch_for_certified(&mut self, fx: &mut Effects<R>) {
        for seq in self.checkpoints() {
            let vote = self.vouched.get(&seq).and_then(|votes| votes.get(&self.id));
            if seq <= self.certified && vote.is_none_or(|vote| vote.0 < self.view) {
                self.vouch(seq, fx);
            }
        }
    }

    /// Sends what it has to say of checkpoints to all others again.
    pub(super) fn vouch_again(&mut self, fx: &mut Effects<R>) {
        for seq in self.checkpoints() {
            self.respond_to_all(seq, fx);
            if !R::COUNTER && seq <= self.certified {
                self.vouch(seq, fx);
            }
        }
    }

    /// Sends a member again what it has said of checkpoints after `stable`.
    pub(super) fn send_votes(&self, to: NodeId, stable: u64, fx: &mut Effects<R>) {
        let own = |votes: &Votes, seq| votes.get(&seq).and_then(|v| v.get(&self.id)).copied();
        for seq in self.checkpoints().filter(|&seq| seq > stable) {
            if let Some((view, history, _, sig)) = own(&self.responses, seq) {
                fx.send(to, Msg::SpecCheckpoint { view, seq, history, sig });
            }
            if let Some((view, history, state, sig)) = own(&self.vouched, seq) {
                fx.send(to, Msg::Checkpoint { view, seq, history, state, sig });
            }
        }
    }

    /// The checkpoints' numbers in the log.
    fn checkpoints(&self) -> impl Iterator<Item = u64> + use<R> {
        let first = self.stable.seq / CHECKPOINT_EVERY + 1;
        let last = self.last() / CHECKPOINT_EVERY;
        (first..=last).map(|index| index * CHECKPOINT_EVERY)
    }

    fn vouch(&mut self, seq: u64, fx: &mut Effects<R>) {
        let (view, id) = (self.view, self.id);
        let (Some(history), Some(executed)) = (self.history_at(seq), self.executed_at(seq)) else {
            return;
        };
        let state = executed.digest();
        fx.hash(64);
        let sig = fx.sign(checkpoint_digest(view, seq, history, state));
        fx.broadcast(Msg::Checkpoint { view, seq, history, state, sig });
        self.vouched.entry(seq).or_default().insert(id, (view, history, state, sig));
        self.check_checkpoint(id, seq, fx);
    }

    /// The requests executed up to a number in the log.
    fn executed_at(&self, seq: u64) -> Option<Executed> {
        if seq == self.last() {
            return Some(self.executed.clone());
        }
        let count = usize::try_from(seq.checked_sub(self.stable.seq)?).ok()?;
        let mut executed = self.stable.executed.clone();
        for ordered in self.log.iter().take(count) {
            executed.insert(&ordered.signed.request);
        }
        Some(executed)
    }

    pub(super) fn on_checkpoint(
        &mut self,
        from: NodeId,
        (view, seq, history, state): (u64, u64, u64, u64),
        sig: Sig,
        fx: &mut Effects<R>,
    ) {
        let low = self.stable.seq;
        let plausible = seq > low && seq.is_multiple_of(CHECKPOINT_EVERY);
        if !plausible || !fx.verify(from, checkpoint_digest(view, seq, history, state), sig) {
            return;
        }
        if view > self.view {
            self.ask_for_news(fx);
        }
        if seq > low + LOG_SIZE {
            forget(&mut self.vouched, from, low + LOG_SIZE); // far ahead, its latest is enough
        }
        let votes = self.vouched.entry(seq).or_default();
        if votes.get(&from).is_none_or(|vote| vote.0 <= view) {
            votes.insert(from, (view, history, state, sig));
            self.check_checkpoint(from, seq, fx);
        }
    }

    /// Whether what this member said of a checkpoint makes it stable.
    fn check_checkpoint(&mut self, member: NodeId, seq: u64, fx: &mut Effects<R>) {
        let Some(votes) = self.vouched.get(&seq) else {
            return;
        };
        let Some(&(view, history, state, _)) = votes.get(&member) else {
            return;
        };
        let same =
            votes.iter().filter(|(_, vote)| (vote.0, vote.1, vote.2) == (view, history, state));
        let proof: Vec<_> = same.map(|(&member, vote)| (member, vote.3)).collect();
        if proof.len() < self.quorums.checkpoint {
            return;
        }
        let own = (self.history_at(seq) == Some(history) && view <= self.view)
            .then(|| self.executed_at(seq))
            .flatten();
        match own.filter(|executed| executed.digest() == state) {
            Some(executed) => {
                self.adopt(&Arc::new(Stable { view, seq, history, executed, proof }), fx);
            }
            None => self.note_behind(seq, fx),
        }
    }

    /// Whether a quorum vouches for a state.
    pub(super) fn is_proven(&self, stable: &Stable, fx: &mut Effects<R>) -> bool {
        if stable.seq == 0 || *stable == *self.stable {
            return *stable == Stable::default() || stable.seq > 0;
        }
        stable.proof.len() <= self.n.into()
            && self.signers(stable.content(), &stable.proof, fx) >= self.quorums.checkpoint
    }

    /// Takes over a stable checkpoint: what it has in the log up to there is committed; otherwise
    /// it takes over the state, and forgets a log that does not continue it.
    pub(super) fn adopt(&mut self, stable: &Arc<Stable>, fx: &mut Effects<R>) {
        let seq = stable.seq;
        if seq <= self.stable.seq {
            return;
        }
        let in_log = self.history_at(seq) == Some(stable.history);
        let rest: Vec<_> = if in_log {
            let count = (seq - self.stable.seq) as usize;
            for ordered in self.log.drain(..count) {
                let (position, request) = (ordered.seq - 1, ordered.signed.request);
                fx.out(Outcome::Delivered { position, request });
            }
            self.stable = stable.clone();
            Vec::new()
        } else {
            let rest = self.log.iter().filter(|ordered| ordered.seq > seq).copied().collect();
            self.stable = stable.clone();
            self.tell(fx);
            rest
        };
        if !in_log {
            self.replay(rest.into_iter());
            let executed = &self.executed;
            self.asked.retain(|asked| !executed.contains(&asked.request));
        }
        self.certificate = self.certificate.take().filter(|cert| cert.seq > seq);
        if self.certificate.is_none() || self.chain.iter().all(|ordered| ordered.seq <= seq) {
            self.chain = Arc::default();
        } else {
            self.chain = self.chain.iter().filter(|ordered| ordered.seq > seq).copied().collect();
        }
        self.responses.retain(|&number, _| number > seq);
        self.vouched.retain(|&number, _| number > seq);
        let (stable, log) = (stable.clone(), self.log.clone());
        let (certificate, chain) = (self.certificate.clone(), self.chain.clone());
        fx.persist(96, |stored: &mut Stored| {
            let kept = &mut stored.replica;
            (kept.stable, kept.log) = (stable, log);
            (kept.certificate, kept.chain) = (certificate, chain);
        });
        self.order_waiting(fx);
        self.take_early(fx);
    }
}

/// Forgets what a member said of numbers above one.
fn forget(votes: &mut Votes, member: NodeId, above: u64) {
    votes.retain(|&seq, votes| {
        if seq > above {
            votes.remove(&member);
        }
        !votes.is_empty()
    });
}
