//! How Cheap Quorum is given up (algorithm 5, Panic_mode): the leader's permission is taken away,
//! its region read once more, and what it aborts with becomes the member's input to Preferential
//! Paxos, by priority (definition 3): a proof of unanimity, then what the leader has signed.

use super::member::{Member, Mode};
use super::message::{Account, Call, Lead, Msg, Proof, Seen, Step, What, copy_content};
use super::operations::Purpose;
use super::{BftRdma, Quorum, Stored, WINDOW, leader_of};
use crate::{Fx, Members, Outcome, Request};
use std::sync::Arc;

/// Leads that a report may hold: those of a window, and as many that the leader should not have
/// written yet.
const LEADS: usize = 2 * WINDOW as usize;

impl Member {
    /// Panic_mode().
    pub(super) fn panic(&mut self, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Fast {
            return;
        }
        self.mode = Mode::Panicked;
        self.falls += 1;
        self.moved = true;
        fx.persist(1, |stored: &mut Stored| stored.member.mode = Mode::Panicked);
        fx.out(Outcome::Suspected { view: self.view() });
        self.operations.drop_all(|_| true);
        fx.broadcast(Msg::Panic { epoch: self.start.epoch });
        self.abort(fx);
    }

    /// changePermission(Region[leader], no writer).
    pub(super) fn abort(&mut self, fx: &mut Fx<BftRdma>) {
        let call = Call::Revoke { epoch: self.start.epoch };
        self.operations.begin(Purpose::Revoke, Account::Revoke, call, fx);
    }

    pub(super) fn on_revoked(&mut self, fx: &mut Fx<BftRdma>) {
        let top = self.cheap.top.as_ref().map_or(self.start.base, |top| top.lead.slot);
        let what = What::Leads { epoch: self.start.epoch, from: top + 1 };
        self.operations.begin(Purpose::Abort, Account::Backup, Call::Read(what), fx);
    }

    /// abort with v and its proof, or with what the leader has written.
    pub(super) fn on_aborted(&mut self, seen: &[Arc<Seen>], fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Panicked {
            return;
        }
        let top = self.cheap.top.clone();
        let (mut slot, mut chain) = match &top {
            Some(top) => (top.lead.slot, top.lead.chain()),
            None => (self.start.base, self.start.chain()),
        };
        let mut leads: Vec<Lead> = Vec::new();
        while leads.len() < LEADS {
            let own = self.cheap.entries.get(&(slot + 1)).and_then(|entry| entry.lead);
            let written = || {
                let all = seen.iter().flat_map(|seen| &seen.leads);
                let mut next = all.filter(|lead| (lead.slot, lead.before) == (slot + 1, chain));
                next.find(|lead| self.is_valid(lead, fx)).copied()
            };
            // What it has signed itself comes before what the leader has written since.
            let Some(lead) = own.or_else(written).filter(|lead| lead.before == chain) else {
                break;
            };
            (slot, chain) = (lead.slot, lead.chain());
            leads.push(lead);
        }
        self.begin_backup(fx);
        self.say(Step::Report { top, leads }, fx);
    }

    fn is_valid(&self, lead: &Lead, fx: &mut Fx<BftRdma>) -> bool {
        lead.epoch == self.start.epoch
            && self.is_signed(lead, fx)
            && self.is_genuine(&lead.content, fx)
    }

    /// Whether a report is in order: everything in it is signed, and hangs together.
    pub(super) fn is_in_order(
        &self,
        top: &Option<Arc<Proof>>,
        leads: &[Lead],
        fx: &mut Fx<BftRdma>,
    ) -> bool {
        let proven = top.as_ref().is_none_or(|top| self.is_proven(top, fx));
        if !proven || leads.len() > LEADS || (!self.start.fast && !leads.is_empty()) {
            return false;
        }
        let (mut slot, mut chain) = match top {
            Some(top) => (top.lead.slot, top.lead.chain()),
            None => (self.start.base, self.start.chain()),
        };
        leads.iter().all(|lead| {
            let own = self.cheap.entries.get(&lead.slot).and_then(|entry| entry.lead);
            let next = (lead.slot, lead.before) == (slot + 1, chain)
                && (own == Some(*lead) || self.is_valid(lead, fx));
            (slot, chain) = (lead.slot, lead.chain());
            next
        })
    }

    /// verifyProof: all members have signed.
    fn is_proven(&self, proof: &Arc<Proof>, fx: &mut Fx<BftRdma>) -> bool {
        if self.cheap.top.as_ref() == Some(proof) {
            return true;
        }
        let Lead { epoch, slot, .. } = proof.lead;
        if !self.start.fast || epoch != self.start.epoch || !self.is_signed(&proof.lead, fx) {
            return false;
        }
        let leader = leader_of(epoch, self.setup.members);
        let content = copy_content(epoch, slot, proof.lead.chain());
        let mut signers: Members = [leader].into_iter().collect();
        for &(member, sig) in proof.copies.iter().take(self.setup.members.into()) {
            if member.0 < self.setup.members && fx.verify(member, content, sig) {
                signers.insert(member);
            }
        }
        signers.len() >= Quorum::Unanimity.of(&self.setup)
    }

    /// The decisions that follow from these members' reports on the epoch's slots: for each the
    /// value of the highest priority. Returns the last slot, or none if this member lacks what it
    /// needs.
    pub(super) fn decide_by_reports(
        &mut self,
        members: Members,
        fx: &mut Fx<BftRdma>,
    ) -> Option<u64> {
        let reports: Vec<_> = members.iter().filter_map(|m| self.robust.report_of(m)).collect();
        let of = |step: &Arc<Step>| match &**step {
            Step::Report { top, leads } => (top.clone(), leads.clone()),
            _ => (None, Vec::new()),
        };
        let reports: Vec<_> = reports.iter().map(of).collect();
        let top = reports.iter().filter_map(|(top, _)| top.as_ref()).max_by_key(|t| t.lead.slot);
        let mut decided: Vec<(u64, Option<Request>)> = Vec::new();
        let (mut slot, mut chain) = (self.start.base, self.start.chain());
        if let Some(top) = top {
            // Whose copy is in the proof holds all values up to there.
            let missing = self.sequence.applied() + 1..top.lead.slot;
            for slot in missing.filter(|&slot| !self.sequence.is_decided(slot)) {
                let own = self.cheap.entries.get(&slot).and_then(|entry| entry.lead)?;
                decided.push((slot, own.request()));
            }
            decided.push((top.lead.slot, top.lead.request()));
            (slot, chain) = (top.lead.slot, top.lead.chain());
        }
        // Two values of the second priority mean that the leader is Byzantine and nothing was
        // decided: any of them will do, the same for all.
        let leads = || reports.iter().flat_map(|(_, leads)| leads);
        while let Some(lead) = leads()
            .filter(|lead| (lead.slot, lead.before) == (slot + 1, chain))
            .min_by_key(|lead| lead.chain())
        {
            (slot, chain) = (lead.slot, lead.chain());
            decided.push((slot, lead.request()));
        }
        for (slot, request) in decided {
            self.decide(slot, request, fx);
        }
        Some(slot)
    }
}
