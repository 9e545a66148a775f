//! PBFT's checkpoints, and how they move the water marks (section 4.3, "Garbage Collection"). The
//! state is represented by its digest; a member that needs it receives it in one piece.

use super::message::{Msg, Stable, checkpoint_digest};
use super::replica::Replica;
use super::{CHECKPOINT_EVERY, LOG_SIZE, Pbft, Stored};
use crate::{Fx, Ledger, Members, NodeId, Outcome, Sig};
use std::sync::Arc;

impl Replica {
    /// Multicasts CHECKPOINT, n, d, i and keeps the state until it is stable.
    pub(super) fn take_checkpoint(&mut self, fx: &mut Fx<Pbft>) {
        let seq = self.last;
        let taken =
            Stable { seq, ledger: self.ledger, executed: self.executed.clone(), proof: Vec::new() };
        let state = taken.digest();
        self.taken.push(taken);
        fx.hash(64);
        let sig = fx.sign(checkpoint_digest(seq, state));
        fx.broadcast(Msg::Checkpoint { seq, state, sig });
        self.vouch(self.id, seq, state, sig, fx);
    }

    pub(super) fn on_checkpoint(
        &mut self,
        from: NodeId,
        seq: u64,
        state: u64,
        sig: Sig,
        fx: &mut Fx<Pbft>,
    ) {
        let low = self.stable.seq;
        let plausible = seq > low && seq.is_multiple_of(CHECKPOINT_EVERY);
        if plausible && fx.verify(from, checkpoint_digest(seq, state), sig) {
            self.vouch(from, seq, state, sig, fx);
        }
    }

    /// Counts a vote for a checkpoint: a quorum for the same is the proof that it is stable.
    fn vouch(&mut self, from: NodeId, seq: u64, state: u64, sig: Sig, fx: &mut Fx<Pbft>) {
        // Beyond the high water mark, a member that lags far behind keeps only the latest vote of
        // each member.
        let high = self.stable.seq + LOG_SIZE;
        if seq > high {
            self.vouched.range_mut(high + 1..).for_each(|(_, votes)| {
                votes.retain(|&(member, ..)| member != from);
            });
            self.vouched.retain(|_, votes| !votes.is_empty());
        }
        let votes = self.vouched.entry(seq).or_default();
        if votes.iter().any(|&(member, ..)| member == from) {
            return;
        }
        votes.push((from, state, sig));
        let matching = votes.iter().filter(|&&(_, s, _)| s == state);
        if !self.quorums.quorum.met(matching.clone().map(|&(member, ..)| member).collect()) {
            return;
        }
        let proof = matching.map(|&(member, _, sig)| (member, sig)).collect();
        let ours = self.taken.iter().find(|taken| taken.seq == seq && taken.digest() == state);
        match ours.cloned() {
            Some(taken) => self.adopt(&Arc::new(Stable { proof, ..taken }), fx),
            None => self.note_behind(seq, fx),
        }
    }

    /// Whether a quorum vouches for a state.
    pub(super) fn is_proven(&self, stable: &Stable, fx: &mut Fx<Pbft>) -> bool {
        if stable.seq == 0 {
            return *stable == *self.genesis;
        }
        let content = checkpoint_digest(stable.seq, stable.digest());
        let mut voters = Members::NONE;
        for &(member, sig) in &stable.proof {
            if voters.insert(member) && !fx.verify(member, content, sig) {
                return false;
            }
        }
        self.quorums.quorum.met(voters)
    }

    /// Installs a stable checkpoint: its number becomes h, everything below is discarded, and its
    /// state replaces the member's own if that is older.
    pub(super) fn adopt(&mut self, stable: &Arc<Stable>, fx: &mut Fx<Pbft>) {
        let seq = stable.seq;
        let first_start = seq == 0 && self.stable.seq == 0;
        if seq <= self.stable.seq && !first_start {
            return;
        }
        self.stable = stable.clone();
        if seq > self.last || first_start {
            self.last = seq;
            self.ledger = stable.ledger;
            self.executed = stable.executed.clone();
            self.tentative = None;
            let executed = &self.executed;
            self.pending.retain(|pending| !executed.contains(&pending.signed.request));
            let Ledger { length, digest } = self.ledger;
            fx.out(Outcome::Installed { length, digest });
        }
        self.next = self.next.max(seq + 1);
        self.taken.retain(|taken| taken.seq > seq);
        self.vouched.retain(|&number, _| number > seq);
        let stable = stable.clone();
        fx.persist(96, |stored: &mut Stored| {
            stored.replica.stable = stable;
            stored.replica.kept.retain(|&number, _| number > seq && number <= seq + LOG_SIZE);
        });
        self.propose_waiting(fx);
    }
}
