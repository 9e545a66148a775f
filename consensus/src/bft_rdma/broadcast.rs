//! Non-equivocating broadcast (section 4.1, algorithm 2), through registers on the memories: for
//! each place in a member's sequence, all receivers deliver the same step, even if the member is
//! Byzantine.
//!
//! The sender writes its signed step into its own register. A reader copies it into a register of
//! its own, and then reads all members' registers: of two members that have copied different steps,
//! at least one finds the other's. A member that finds no other step signs that (first-level
//! proof); f + 1 such signatures, one of them honest, are a second-level proof, which is written,
//! too, so that all deliver what one delivers.
//!
//! A member works in rounds: it writes what has changed, then it reads; it rests when a read has
//! brought nothing new, until it is notified.

use super::member::{Durable, Member, Mode};
use super::message::{
    Account, Call, Cell, Items, Msg, Place, Region, Seen, Step, What, first_content, step_content,
};
use super::operations::Purpose;
use super::{BftRdma, Quorum, STEPS, Stored};
use crate::{Fx, Members, NodeId, Sig};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A member's part in the broadcast of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Board {
    /// How many steps it has said.
    said: u32,
    /// Its registers: its own steps, and its copies of the others'.
    cells: BTreeMap<Place, Arc<Cell>>,
    /// Those written on a majority of the memories,
    copied: BTreeSet<Place>,
    /// that are to be written,
    dirty: BTreeSet<Place>,
    /// that are being written,
    writing: Vec<Place>,
    /// and those for which some member has another step.
    conflicts: BTreeSet<Place>,
    /// First-level proofs for the step in its own register.
    firsts: BTreeMap<Place, Vec<(NodeId, Sig)>>,
    /// How many steps of each sender it has delivered.
    delivered: Vec<u32>,
    /// Whether there is something to look at since the last look began.
    again: bool,
    /// Whether others wait for something that is to be written, or being written.
    news: [bool; 2],
}

impl Board {
    pub(super) fn new(members: u16) -> Self {
        Self { delivered: vec![0; members.into()], ..Self::default() }
    }

    /// Whether something that `member` has said was not delivered yet.
    pub(super) fn waits_for(&self, member: NodeId) -> bool {
        self.delivered.get(member.index()).is_some_and(|&delivered| delivered < self.said)
    }

    /// Whether everything it has written is on a majority of the memories.
    pub(super) fn is_written(&self) -> bool {
        self.dirty.is_empty() && self.writing.is_empty()
    }

    pub(super) fn held(&self) -> usize {
        self.cells.len()
    }
}

impl Member {
    /// broadcast(k, m): signs the step, and writes it into its own register.
    pub(super) fn say(&mut self, step: Step, fx: &mut Fx<BftRdma>) {
        let (epoch, place) = (self.start.epoch, (self.id, self.board.said));
        if place.1 >= STEPS {
            return;
        }
        self.board.said += 1;
        let sig = fx.sign(step_content(epoch, place.0, place.1, step.digest()));
        self.robust.note_said(&step);
        self.put(place, Cell { step: Arc::new(step), sig, first: None, second: None }, fx);
        self.board.news[0] = true;
        self.moved = true;
        self.look(fx);
    }

    /// Changes a register: durable before it is visible, since a copy must never change, and a step
    /// even less.
    fn put(&mut self, place: Place, cell: Cell, fx: &mut Fx<BftRdma>) {
        let cell = Arc::new(cell);
        self.board.cells.insert(place, cell.clone());
        self.board.dirty.insert(place);
        fx.persist(128, |stored: &mut Stored| {
            stored.member.cells.insert(place, cell);
        });
    }

    /// Begins a round, unless one is in progress.
    pub(super) fn look(&mut self, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Backup {
            return;
        }
        if self.operations.any(|p| matches!(p, Purpose::Cells | Purpose::Look)) {
            self.board.again = true;
            return;
        }
        let epoch = self.start.epoch;
        if self.board.dirty.is_empty() {
            self.board.again = false;
            let from = self.board.delivered.as_slice().into();
            let call = Call::Read(What::Board { epoch, from });
            self.operations.begin(Purpose::Look, Account::Backup, call, fx);
            return;
        }
        let dirty = std::mem::take(&mut self.board.dirty);
        self.board.writing = dirty.into_iter().collect();
        self.board.news = [false, self.board.news[0]];
        let cell = |place: &Place| Some((*place, self.board.cells.get(place)?.clone()));
        let cells = self.board.writing.iter().filter_map(cell).collect();
        let items = Arc::new(Items::Cells { epoch, cells });
        let call = Call::Write { region: Region::Own(self.id), items };
        self.operations.begin(Purpose::Cells, Account::Backup, call, fx);
    }

    pub(super) fn on_cells_written(&mut self, fx: &mut Fx<BftRdma>) {
        let written = std::mem::take(&mut self.board.writing);
        if std::mem::take(&mut self.board.news[1]) {
            fx.broadcast(Msg::Hint { epoch: self.start.epoch, backup: true });
        }
        self.board.copied.extend(written);
        self.look(fx);
        self.try_enter(fx);
    }

    pub(super) fn on_looked(&mut self, seen: &[Arc<Seen>], fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Backup {
            return;
        }
        let mut found: BTreeMap<Place, Vec<(NodeId, &Arc<Cell>)>> = BTreeMap::new();
        for (owner, place, cell) in seen.iter().flat_map(|seen| &seen.cells) {
            let cells = found.entry(*place).or_default();
            if !cells.contains(&(*owner, cell)) {
                cells.push((*owner, cell));
            }
        }
        for (place, cells) in found {
            self.consider(place, &cells, fx);
        }
        self.deliver(fx);
        if self.board.again || !self.board.dirty.is_empty() {
            self.look(fx);
        }
        self.try_enter(fx);
    }

    /// What the registers of all say of one place.
    fn consider(&mut self, place: Place, cells: &[(NodeId, &Arc<Cell>)], fx: &mut Fx<BftRdma>) {
        let delivered = self.board.delivered.get(place.0.index()).copied().unwrap_or(u32::MAX);
        if place.1 < delivered || place.1 >= STEPS {
            return;
        }
        let own = self.board.cells.get(&place).cloned();
        if own.as_ref().is_some_and(|own| own.second.is_some()) {
            return;
        }
        let (epoch, (sender, at)) = (self.start.epoch, place);
        let known = own.as_ref().map(|own| (own.sig, own.step.digest()));
        let signed = |cell: &Cell, fx: &mut Fx<BftRdma>| {
            let step = cell.step.digest();
            known == Some((cell.sig, step))
                || fx.verify(sender, step_content(epoch, sender, at, step), cell.sig)
        };
        let mut genuine: Vec<(NodeId, &Arc<Cell>)> = Vec::new();
        for &(owner, cell) in cells {
            if signed(cell, fx) {
                genuine.push((owner, cell));
            }
        }
        // A second-level proof settles it.
        for &(_, cell) in &genuine {
            if let Some(second) = &cell.second
                && self.is_enough(place, cell.step.digest(), second, fx)
            {
                let first = own.filter(|own| own.step == cell.step).and_then(|own| own.first);
                self.put(place, Cell { first, ..(**cell).clone() }, fx);
                return;
            }
        }
        let Some(own) = own else {
            // Its own register comes first, so that all copy the same of an honest sender.
            let by_sender = genuine.iter().find(|&&(owner, _)| owner == sender);
            if let Some((_, cell)) = by_sender.or(genuine.first()) {
                let (step, sig) = (cell.step.clone(), cell.sig);
                self.put(place, Cell { step, sig, first: None, second: None }, fx);
            }
            return;
        };
        let step = own.step.digest();
        let mut cell = (*own).clone();
        if genuine.iter().any(|(_, other)| other.step.digest() != step) {
            self.board.conflicts.insert(place);
        }
        let alone = !self.board.conflicts.contains(&place);
        if cell.first.is_none() && alone && self.board.copied.contains(&place) {
            cell.first = Some(fx.sign(first_content(epoch, sender, at, step)));
            self.board.news[0] = true;
        }
        let firsts = self.board.firsts.entry(place).or_default();
        let theirs = genuine.iter().filter(|(_, other)| other.step.digest() == step);
        let theirs = theirs.filter_map(|&(owner, other)| Some((owner, other.first?)));
        for (owner, sig) in theirs.chain(cell.first.map(|sig| (self.id, sig))) {
            let new = !firsts.iter().any(|&(member, _)| member == owner);
            if new && fx.verify(owner, first_content(epoch, sender, at, step), sig) {
                firsts.push((owner, sig));
            }
        }
        if firsts.len() >= Quorum::Second.of(&self.setup) {
            cell.second = Some(firsts.as_slice().into());
        }
        if cell != *own {
            self.put(place, cell, fx);
        }
    }

    /// Whether f + 1 members, and so an honest one, have found no other step in this place.
    fn is_enough(
        &self,
        (sender, at): Place,
        step: u64,
        second: &[(NodeId, Sig)],
        fx: &mut Fx<BftRdma>,
    ) -> bool {
        let content = first_content(self.start.epoch, sender, at, step);
        let mut signers = Members::NONE;
        for &(member, sig) in second.iter().take(self.setup.members.into()) {
            if member.0 < self.setup.members && fx.verify(member, content, sig) {
                signers.insert(member);
            }
        }
        signers.len() >= Quorum::Second.of(&self.setup)
    }

    /// Delivers what has its second-level proof, each sender's steps in their order.
    fn deliver(&mut self, fx: &mut Fx<BftRdma>) {
        let mut any = false;
        for sender in (0..self.setup.members).map(NodeId) {
            loop {
                let place = (sender, self.board.delivered[sender.index()]);
                let Some(cell) = self.board.cells.get(&place) else { break };
                if cell.second.is_none() {
                    break;
                }
                self.robust.hear(sender, cell.step.clone());
                self.board.delivered[sender.index()] += 1;
                self.board.firsts.remove(&place);
                any = true;
            }
        }
        if any {
            self.moved = true;
            self.work_through(fx);
        }
    }

    /// Resumes from its durable registers: writes those again that it has not delivered, and then
    /// reads everything anew.
    pub(super) fn resume_backup(&mut self, durable: &Durable, fx: &mut Fx<BftRdma>) {
        self.board = Board::new(self.setup.members);
        self.board.cells = durable.cells.clone();
        self.board.dirty = self.board.cells.keys().copied().collect();
        self.board.news[0] = true;
        for ((sender, _), cell) in &durable.cells {
            if *sender == self.id {
                self.board.said += 1;
                self.robust.note_said(&cell.step);
            }
        }
        self.deliver(fx);
        self.look(fx);
    }
}
