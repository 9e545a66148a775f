//! Epochs: Cheap Quorum until a member abandons it, and the backup until all members are reachable
//! again. Each begins from a state that f + 1 members vouch for, so that a member that was down can
//! take it from any other; and none begins before a quorum vouches for the previous one, since
//! members still in that need the registers of the one before on the memories.

use super::member::{Member, Mode};
use super::message::{Certificate, Msg, Start, Step};
use super::{BftRdma, Quorum, Stored};
use crate::{Fx, Members, Missed, NodeId, Outcome, Sequence, Sig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often a member asks for the current epoch after it has heard of a later one.
const ASKED: u8 = 8;

/// A member's view of epochs, its own and the others'.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epochs {
    /// The latest epoch that f + 1 members vouch for, and the state that it began from.
    certificate: Option<(Arc<Certificate>, Arc<Sequence>)>,
    /// The state that the current epoch began from, until others vouch for it.
    own: Option<Arc<Sequence>>,
    /// The latest that each member says of where it is.
    votes: BTreeMap<NodeId, (Start, Sig)>,
    /// The epoch that was decided to be next, and whether it begins with Cheap Quorum.
    pub(super) next: Option<(u64, bool)>,
    /// The number of further times it asks for the current epoch.
    behind: u8,
    /// It was away, and does not know yet what the others have decided.
    pub(super) recovering: bool,
    /// The slots that the others have executed, by their reports.
    told: BTreeMap<NodeId, u64>,
}

impl Epochs {
    fn is_certain(&self, start: &Start) -> bool {
        // The first epoch needs no certificate.
        start.epoch == 0 || self.certificate.as_ref().is_some_and(|(cert, _)| cert.start == *start)
    }

    /// Whether there is something to ask for again.
    pub(super) fn is_busy(&self, start: &Start) -> bool {
        self.recovering || self.behind > 0 || self.next.is_some() || !self.is_certain(start)
    }
}

impl Member {
    /// Enters the next epoch, once this one is no longer needed.
    pub(super) fn try_enter(&mut self, fx: &mut Fx<BftRdma>) {
        let Some((epoch, fast)) = self.epochs.next else { return };
        // What others need to complete this epoch must be on the memories, and all members that are
        // not beyond the previous one must be able to get here.
        if !self.board.is_written() || !self.epochs.is_certain(&self.start) {
            return;
        }
        let (base, state) = (self.robust.last(), self.sequence.digest());
        if self.sequence.applied() == base {
            self.enter(Start { epoch, base, fast, state }, None, fx);
        }
    }

    fn enter(&mut self, start: Start, certificate: Option<Arc<Certificate>>, fx: &mut Fx<BftRdma>) {
        self.start = start;
        self.mode = if start.fast { Mode::Fast } else { Mode::Backup };
        self.moved = true;
        self.operations.drop_all(|_| true);
        self.cheap.begin(&start);
        self.board = super::broadcast::Board::new(self.setup.members);
        self.robust = super::robust::Robust::new(self.setup.members);
        self.pending.iter_mut().for_each(|pending| pending.placed = false);
        let state = Arc::new(self.sequence.clone());
        self.epochs.next = None;
        let certain = certificate.is_some();
        match certificate {
            Some(certificate) => self.epochs.certificate = Some((certificate, state)),
            None => self.epochs.own = Some(state),
        }
        let (epochs, sequence, mode) = (self.epochs.clone(), self.sequence.clone(), self.mode);
        fx.persist(128, |stored: &mut Stored| {
            let member = &mut stored.member;
            (member.start, member.mode, member.epochs) = (start, mode, epochs);
            member.sequence = sequence;
            (member.settled, member.top) = ((start.base, start.chain()), None);
            member.kept.clear();
            member.cells.clear();
        });
        if !certain {
            let sig = fx.sign(start.content());
            fx.broadcast(Msg::Start { start, sig });
            self.vouch(self.id, start, sig, fx);
        }
        self.tell_view(fx);
        match self.mode {
            Mode::Fast => {
                self.repair(fx);
                self.propose_waiting(fx);
            }
            Mode::Panicked => {}
            Mode::Backup => self.say(Step::Report { top: None, leads: Vec::new() }, fx),
        }
    }

    pub(super) fn on_start_vote(
        &mut self,
        from: NodeId,
        start: Start,
        sig: Sig,
        fx: &mut Fx<BftRdma>,
    ) {
        let known = self.epochs.votes.get(&from);
        if known.is_some_and(|&(known, _)| known == start || known.epoch > start.epoch) {
            return;
        }
        if fx.verify(from, start.content(), sig) {
            self.at_work(from, start.epoch, fx);
            self.vouch(from, start, sig, fx);
        }
    }

    /// f + 1 members have got to the same epoch in the same state.
    fn vouch(&mut self, from: NodeId, start: Start, sig: Sig, fx: &mut Fx<BftRdma>) {
        self.epochs.votes.insert(from, (start, sig));
        if self.epochs.is_certain(&self.start) {
            return;
        }
        let same = self.epochs.votes.iter().filter(|(_, (vote, _))| *vote == self.start);
        let sigs: Vec<_> = same.map(|(&member, &(_, sig))| (member, sig)).collect();
        if sigs.len() < Quorum::Start.of(&self.setup) {
            return;
        }
        self.certify(Arc::new(Certificate { start: self.start, sigs }), fx);
    }

    /// The current epoch is certain.
    fn certify(&mut self, certificate: Arc<Certificate>, fx: &mut Fx<BftRdma>) {
        let Some(state) = self.epochs.own.take() else { return };
        self.epochs.certificate = Some((certificate, state));
        let epochs = self.epochs.clone();
        fx.persist(66 * self.setup.members as u32, |stored: &mut Stored| {
            stored.member.epochs = epochs;
        });
        self.moved = true;
        self.try_enter(fx);
    }

    /// Repeats what the others may have missed.
    pub(super) fn poll_epochs(&mut self, fx: &mut Fx<BftRdma>) {
        if !self.epochs.is_certain(&self.start) {
            let start = self.start;
            let sig = fx.sign(start.content());
            fx.broadcast(Msg::Start { start, sig });
        }
        self.epochs.behind = self.epochs.behind.saturating_sub(1);
        if self.epochs.is_busy(&self.start) {
            self.ask(fx);
        }
        self.try_enter(fx);
    }

    /// A member reports a later epoch.
    pub(super) fn fall_behind(&mut self, fx: &mut Fx<BftRdma>) {
        if self.epochs.behind == 0 {
            self.epochs.behind = ASKED;
            self.ask(fx);
        }
    }

    pub(super) fn ask(&self, fx: &mut Fx<BftRdma>) {
        let (epoch, applied) = (self.start.epoch, self.sequence.applied());
        fx.broadcast(Msg::Ask { epoch, applied });
    }

    pub(super) fn on_ask(&self, from: NodeId, epoch: u64, applied: u64, fx: &mut Fx<BftRdma>) {
        let way = self.way(epoch, applied);
        let (epoch, applied) = (self.start.epoch, self.sequence.applied());
        fx.send(from, Msg::Tell { epoch, applied, way });
    }

    /// A member is in an earlier epoch.
    pub(super) fn show_the_way(&self, from: NodeId, epoch: u64, fx: &mut Fx<BftRdma>) {
        if self.way(epoch, u64::MAX).is_some() {
            // It will ask, and say what it has.
            let (epoch, applied) = (self.start.epoch, self.sequence.applied());
            fx.send(from, Msg::Tell { epoch, applied, way: None });
        }
    }

    fn way(&self, epoch: u64, applied: u64) -> Option<(Arc<Certificate>, Option<Arc<Missed>>)> {
        let (certificate, state) = self.epochs.certificate.as_ref()?;
        let way = || (certificate.clone(), state.since(applied).map(Arc::new));
        (certificate.start.epoch >= epoch && certificate.start.epoch > 0).then(way)
    }

    pub(super) fn on_tell(
        &mut self,
        from: NodeId,
        epoch: u64,
        applied: u64,
        way: &Option<(Arc<Certificate>, Option<Arc<Missed>>)>,
        fx: &mut Fx<BftRdma>,
    ) {
        if self.epochs.recovering {
            self.epochs.told.insert(from, applied);
        }
        match way {
            Some((certificate, missed)) => self.take_over(certificate, missed.as_deref(), fx),
            None if epoch > self.start.epoch => self.fall_behind(fx),
            None => {}
        }
    }

    /// Goes to a later epoch, if f + 1 members vouch for it, with the state that it began from.
    fn take_over(
        &mut self,
        certificate: &Arc<Certificate>,
        missed: Option<&Missed>,
        fx: &mut Fx<BftRdma>,
    ) {
        let start = certificate.start;
        let own = start == self.start && !self.epochs.is_certain(&start);
        if start.epoch <= self.start.epoch && !own {
            return;
        }
        let mut signers = Members::NONE;
        for &(member, sig) in certificate.sigs.iter().take(self.setup.members.into()) {
            if member.0 < self.setup.members && fx.verify(member, start.content(), sig) {
                signers.insert(member);
            }
        }
        if signers.len() < Quorum::Start.of(&self.setup) {
            return;
        }
        if own {
            self.certify(certificate.clone(), fx);
            return;
        }
        let mut there = self.sequence.clone();
        if let Some(missed) = missed {
            there.adopt_silently(missed);
            while there.advance().is_some() {}
        }
        let right = there.applied() == start.base && there.digest() == start.state;
        if !right {
            return;
        }
        if let Some(missed) = missed {
            self.sequence.adopt(missed, fx);
        }
        self.carry_out(fx);
        self.epochs.behind = 0;
        self.enter(start, Some(certificate.clone()), fx);
    }

    /// After a loss of power: it knows what the others had decided once it has got as far as a
    /// quorum with itself, but for f of them, says to be.
    pub(super) fn check_caught_up(&mut self, fx: &mut Fx<BftRdma>) {
        let others = Quorum::Consensus.of(&self.setup) - 1;
        if !self.epochs.recovering || self.epochs.told.len() < others {
            return;
        }
        let mut told: Vec<_> = self.epochs.told.values().copied().collect();
        told.sort_unstable_by(|a, b| b.cmp(a));
        let reached = told.get(self.f().min(told.len().saturating_sub(1)));
        if reached.is_none_or(|&reached| self.sequence.applied() >= reached) {
            self.epochs.recovering = false;
            self.epochs.told.clear();
            let length = self.sequence.ledger().length;
            fx.out(Outcome::CaughtUp { length });
        }
    }
}
