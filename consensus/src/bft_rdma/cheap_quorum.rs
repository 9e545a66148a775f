//! Cheap Quorum (section 4.2, algorithms 4 and 5), slot after slot: the leader has decided once its
//! signed value is in its region on a majority of the memories; a follower once all members hold a
//! proof that all have signed the same value.
//!
//! Not how it is given up: see `abort`.

use super::member::{Durable, Kept, Member, Mode};
use super::message::{
    Account, Call, Items, Lead, Mark, Msg, Proof, Region, Seen, Start, What, copy_content,
    lead_content,
};
use super::operations::Purpose;
use super::{BftRdma, Quorum, Stored, WINDOW, leader_of};
use crate::{Fx, NodeId, Outcome, Sig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Slots without an abort after which Cheap Quorum is said to go well.
const GOES_WELL: u64 = 64;

/// A slot that is not settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// What this member has signed for it.
    pub(super) lead: Option<Lead>,
    /// Whether that is in the leader's region on a majority of the memories.
    written: bool,
    /// The members that have copied a chain.
    copies: Vec<(NodeId, u64, Sig)>,
    pub(super) proof: Option<Arc<Proof>>,
    /// The members that hold a proof, and of which chain.
    proven: Vec<(NodeId, u64)>,
}

/// The slots of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct CheapQuorum {
    /// All slots up to this are settled: all members hold their proofs.
    pub(super) settled: u64,
    pub(super) entries: BTreeMap<u64, Entry>,
    /// The next slot to lead or to follow, and the chain up to it.
    next: u64,
    chain: u64,
    /// The last slot that the leader says it has written.
    noticed: u64,
    /// The proof of the last slot that it has one for.
    pub(super) top: Option<Arc<Proof>>,
}

impl CheapQuorum {
    /// Begins an epoch.
    pub(super) fn begin(&mut self, start: &Start) {
        *self = Self {
            settled: start.base,
            next: start.base + 1,
            chain: start.chain(),
            ..Self::default()
        };
    }

    pub(super) fn unsettled(&self) -> bool {
        self.next > self.settled + 1 || self.noticed >= self.next
    }

    /// A slot near enough to be taken notice of.
    fn entry(&mut self, slot: u64) -> Option<&mut Entry> {
        let near = slot > self.settled && slot <= self.settled + 2 * WINDOW;
        near.then(|| self.entries.entry(slot).or_default())
    }

    pub(super) fn held(&self) -> usize {
        self.entries.len()
    }
}

impl Member {
    fn leads(&self) -> bool {
        leader_of(self.start.epoch, self.setup.members) == self.id
    }

    /// As leader, writes the requests that wait, each into a slot (algorithm 4, propose).
    pub(super) fn propose_waiting(&mut self, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Fast || !self.leads() {
            return;
        }
        for index in 0..self.pending.len() {
            if self.cheap.next > self.cheap.settled + WINDOW {
                return; // an older slot would lose its register before all hold its proof
            }
            if self.pending[index].placed {
                continue;
            }
            self.pending[index].placed = true;
            let content = Some(self.pending[index].signed);
            let (epoch, slot, before) = (self.start.epoch, self.cheap.next, self.cheap.chain);
            let chain = super::message::chain(before, &content);
            let sig = fx.sign(lead_content(epoch, slot, chain));
            let lead = Lead { epoch, slot, before, content, sig };
            fx.out(Outcome::Proposed { request: self.pending[index].signed.request });
            self.keep(lead, fx);
            self.write_lead(lead, fx);
        }
    }

    fn write_lead(&mut self, lead: Lead, fx: &mut Fx<BftRdma>) {
        let region = Region::Leader(lead.epoch);
        let call = Call::Write { region, items: Arc::new(Items::Lead(lead)) };
        self.operations.begin(Purpose::Lead(lead.slot), Account::Write, call, fx);
    }

    /// Never signs another lead for this slot from now on.
    fn keep(&mut self, lead: Lead, fx: &mut Fx<BftRdma>) {
        (self.cheap.next, self.cheap.chain) = (lead.slot + 1, lead.chain());
        if let Some(entry) = self.cheap.entry(lead.slot) {
            entry.lead = Some(lead);
        }
        let bytes = 96 + lead.request().map_or(0, |request| request.bytes);
        fx.persist(bytes, |stored: &mut Stored| {
            stored.member.kept.insert(lead.slot, Kept { lead, proof: None });
        });
    }

    /// Algorithm 4: the write is acknowledged, decide(v); or it is not, Panic_mode().
    pub(super) fn on_lead_written(&mut self, slot: u64, refused: bool, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Fast {
            return;
        }
        if refused {
            self.panic(fx);
            return;
        }
        if let Some(entry) = self.cheap.entries.get_mut(&slot) {
            entry.written = true;
        }
        // Not before the slots before it: who aborts goes no further than to the first gap.
        while let Some(entry) = self.cheap.entries.get(&(self.sequence.applied() + 1))
            && let Some(lead) = entry.lead.filter(|_| entry.written)
        {
            self.decide(lead.slot, lead.request(), fx);
            self.carry_out(fx);
        }
        fx.broadcast(Msg::Notice { epoch: self.start.epoch, slot });
    }

    /// Followers read when they are notified, instead of polling.
    pub(super) fn on_notice(&mut self, from: NodeId, slot: u64, fx: &mut Fx<BftRdma>) {
        let epoch = self.start.epoch;
        if self.mode != Mode::Fast || from != leader_of(epoch, self.setup.members) {
            return;
        }
        self.cheap.noticed = self.cheap.noticed.max(slot.min(self.cheap.settled + WINDOW));
        self.follow(fx);
    }

    /// Algorithm 5: v = read(Value[leader]).
    fn follow(&mut self, fx: &mut Fx<BftRdma>) {
        let reading = self.operations.any(|purpose| purpose == Purpose::Follow);
        if self.cheap.noticed >= self.cheap.next && !reading {
            let what = What::Leads { epoch: self.start.epoch, from: self.cheap.next };
            self.operations.begin(Purpose::Follow, Account::Read, Call::Read(what), fx);
        }
    }

    pub(super) fn on_followed(&mut self, seen: &[Arc<Seen>], fx: &mut Fx<BftRdma>) {
        if self.mode == Mode::Fast && self.copy_leads(seen, fx) {
            self.follow(fx);
        }
    }

    /// Copies what the leader has written, slot after slot; whether there was anything.
    fn copy_leads(&mut self, seen: &[Arc<Seen>], fx: &mut Fx<BftRdma>) -> bool {
        let before = self.cheap.next;
        while !self.leads() && self.cheap.next <= self.cheap.settled + WINDOW {
            let (epoch, next) = (self.start.epoch, self.cheap.next);
            let mut found: Vec<Lead> = Vec::new();
            for lead in seen.iter().flat_map(|seen| &seen.leads) {
                if (lead.epoch, lead.slot) == (epoch, next) && !found.contains(lead) {
                    found.push(*lead);
                }
            }
            found.retain(|lead| self.is_signed(lead, fx));
            if found.len() > 1 {
                self.panic(fx); // it has signed two values for one slot
                return false;
            }
            let Some(&lead) = found.first() else { break };
            if lead.before != self.cheap.chain || !self.is_genuine(&lead.content, fx) {
                break;
            }
            self.copy(lead, fx);
        }
        self.cheap.next > before
    }

    /// sValid(leader, v).
    pub(super) fn is_signed(&self, lead: &Lead, fx: &mut Fx<BftRdma>) -> bool {
        let leader = leader_of(lead.epoch, self.setup.members);
        fx.verify(leader, lead_content(lead.epoch, lead.slot, lead.chain()), lead.sig)
    }

    /// Algorithm 5: sign(v); write(Value[p], v).
    fn copy(&mut self, lead: Lead, fx: &mut Fx<BftRdma>) {
        let (epoch, slot, chain) = (lead.epoch, lead.slot, lead.chain());
        self.keep(lead, fx);
        if let Some(pending) = lead.content.filter(|s| !self.sequence.contains(&s.request)) {
            let known = self.pending.iter_mut().find(|p| p.signed.request == pending.request);
            match known {
                Some(known) => known.placed = true,
                None => self.pending.push(super::member::Pending { signed: pending, placed: true }),
            }
        }
        let sig = fx.sign(copy_content(epoch, slot, chain));
        self.write_mark(slot, Mark { epoch, chain, copy: Some(sig), proven: false }, fx);
        fx.broadcast(Msg::Copied { epoch, slot, chain, sig });
        let id = self.id;
        if let Some(entry) = self.cheap.entry(slot) {
            entry.copies.push((id, chain, sig));
        }
        self.check_proof(slot, fx);
    }

    fn write_mark(&mut self, slot: u64, mark: Mark, fx: &mut Fx<BftRdma>) {
        let items = Arc::new(Items::Mark { slot, mark });
        let call = Call::Write { region: Region::Own(self.id), items };
        self.operations.begin(Purpose::Mark, Account::Write, call, fx);
    }

    pub(super) fn on_copied(
        &mut self,
        from: NodeId,
        slot: u64,
        chain: u64,
        sig: Sig,
        fx: &mut Fx<BftRdma>,
    ) {
        let epoch = self.start.epoch;
        if self.mode != Mode::Fast || from == leader_of(epoch, self.setup.members) {
            return;
        }
        let Some(entry) = self.cheap.entry(slot) else { return };
        if entry.copies.iter().any(|&(member, ..)| member == from) {
            return;
        }
        if fx.verify(from, copy_content(epoch, slot, chain), sig) {
            entry.copies.push((from, chain, sig));
            self.check_proof(slot, fx);
        }
    }

    /// Algorithm 5: all have the same value, Proof[p].write(sign(val[1..n])).
    fn check_proof(&mut self, slot: u64, fx: &mut Fx<BftRdma>) {
        let (epoch, id) = (self.start.epoch, self.id);
        let everybody = Quorum::Unanimity.of(&self.setup);
        let Some(entry) = self.cheap.entry(slot) else { return };
        let Some(lead) = entry.lead.filter(|_| entry.proof.is_none()) else { return };
        let chain = lead.chain();
        let same = entry.copies.iter().filter(|&&(_, copied, _)| copied == chain);
        let copies: Vec<_> = same.map(|&(member, _, sig)| (member, sig)).collect();
        if copies.len() + 1 < everybody {
            return;
        }
        let copy = copies.iter().find(|&&(member, _)| member == id).map(|&(_, sig)| sig);
        let proof = Arc::new(Proof { lead, copies });
        entry.proof = Some(proof.clone());
        entry.proven.push((id, chain));
        let higher = self.cheap.top.as_ref().is_none_or(|top| top.lead.slot < slot);
        if higher {
            self.cheap.top = Some(proof.clone());
        }
        fx.persist(66 * everybody as u32, |stored: &mut Stored| {
            if higher {
                stored.member.top = Some(proof.clone());
            }
            if let Some(kept) = stored.member.kept.get_mut(&slot) {
                kept.proof = Some(proof);
            }
        });
        self.write_mark(slot, Mark { epoch, chain, copy, proven: true }, fx);
        fx.mac(u32::from(self.setup.members) - 1, 48);
        fx.broadcast(Msg::Proven { epoch, slot, chain });
        self.check_settled(fx);
    }

    pub(super) fn on_proven(&mut self, from: NodeId, slot: u64, chain: u64, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Fast {
            return;
        }
        let Some(entry) = self.cheap.entry(slot) else { return };
        if !entry.proven.iter().any(|&(member, _)| member == from) {
            entry.proven.push((from, chain));
            self.check_settled(fx);
        }
    }

    /// Algorithm 5: all hold the proof, decide(v).
    fn check_settled(&mut self, fx: &mut Fx<BftRdma>) {
        let everybody = Quorum::Unanimity.of(&self.setup);
        let before = self.cheap.settled;
        loop {
            let slot = self.cheap.settled + 1;
            let Some(entry) = self.cheap.entries.get(&slot) else { break };
            let Some(proof) = entry.proof.clone() else { break };
            let chain = proof.lead.chain();
            let holders = entry.proven.iter().filter(|&&(_, proven)| proven == chain).count();
            if holders < everybody {
                break;
            }
            self.cheap.settled = slot;
            self.cheap.entries.remove(&slot);
            self.decide(slot, proof.lead.request(), fx);
            fx.persist(16, |stored: &mut Stored| {
                stored.member.settled = (slot, chain);
                stored.member.kept.remove(&slot);
            });
        }
        if self.cheap.settled == before {
            return;
        }
        self.moved = true;
        if self.cheap.settled >= self.start.base + GOES_WELL {
            self.falls = 0;
        }
        self.carry_out(fx);
        self.propose_waiting(fx);
        self.follow(fx);
    }

    /// Reads everything that members have written for unsettled slots, to catch up.
    pub(super) fn repair(&mut self, fx: &mut Fx<BftRdma>) {
        if !self.operations.any(|purpose| purpose == Purpose::Repair) {
            let what = What::Slots { epoch: self.start.epoch, from: self.cheap.settled + 1 };
            self.operations.begin(Purpose::Repair, Account::Backup, Call::Read(what), fx);
        }
    }

    pub(super) fn on_repaired(&mut self, seen: &[Arc<Seen>], fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Fast {
            return;
        }
        self.copy_leads(seen, fx);
        for &(owner, slot, mark) in seen.iter().flat_map(|seen| &seen.marks) {
            if owner == self.id || mark.epoch != self.start.epoch {
                continue;
            }
            if let Some(sig) = mark.copy {
                self.on_copied(owner, slot, mark.chain, sig, fx);
            }
            if mark.proven {
                self.on_proven(owner, slot, mark.chain, fx);
            }
        }
    }

    /// Resumes from durable storage, and writes again what may not have reached a majority.
    pub(super) fn resume_cheap_quorum(&mut self, durable: &Durable, fx: &mut Fx<BftRdma>) {
        let ((settled, chain), epoch, id) = (durable.settled, self.start.epoch, self.id);
        let next = settled + 1;
        let top = durable.top.clone();
        self.cheap = CheapQuorum { settled, next, chain, top, ..CheapQuorum::default() };
        for (&slot, kept) in durable.kept.range(next..) {
            let chain = kept.lead.chain();
            (self.cheap.next, self.cheap.chain) = (slot + 1, chain);
            let copy = (!self.leads()).then(|| fx.sign(copy_content(epoch, slot, chain)));
            let proven = kept.proof.is_some();
            let entry = self.cheap.entries.entry(slot).or_default();
            (entry.lead, entry.proof) = (Some(kept.lead), kept.proof.clone());
            entry.copies.extend(copy.map(|sig| (id, chain, sig)));
            entry.proven.extend(proven.then_some((id, chain)));
            if self.mode != Mode::Fast {
                continue;
            }
            if copy.is_none() {
                self.write_lead(kept.lead, fx);
            }
            if copy.is_some() || proven {
                self.write_mark(slot, Mark { epoch, chain, copy, proven }, fx);
            }
        }
    }
}
