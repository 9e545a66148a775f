//! EdgeCons (Hao, Novak, Yi, Li, "EdgeCons: achieving efficient consensus in edge computing
//! networks", HotEdge 2018): the instances of one sequence are spread over the edge nodes, whoever
//! brought more requests lately leads more of them, and the cloud guarantees progress.
//!
//! Model: crashes, n = 2f + 1 members, asynchronous for safety; the cloud must be up for progress
//! while an owner is away. Phases in a slot of one's own: 2a, 2b, commit: 3(n-1) messages, commits
//! counted in, two delays at the owner and four at its client. A member without a slot hands the
//! request to the owner of the next one (one message and two delays more). What slots with owners
//! have in common is in [`slots`](crate::slots).
//!
//! Reconstructed, since only the idea is published, in short form: slots are assigned by epochs of
//! [`EPOCH`]. The owners in an epoch follow from the epoch before the last: each member gets slots
//! in proportion to the requests that it contributed there, evenly spaced (smooth weighted round
//! robin). All members compute that from the decided sequence, so that they agree, and early enough
//! that the next epoch's owners are known while one is being filled. Members without requests get
//! no slots; after an epoch without requests all get the same number; at the beginning each client
//! counts as a request of its home. Contention, in the paper's sense of two proposers for one
//! instance, arises only from failures. Not included: dependencies among events, and batches.

use crate::slots::{Arbiter, COMMON, Edge, NewView, Scheme};
use crate::{Facts, FaultModel, Fx, Kind, NodeId, Setup, TimeModel};
use gridtwin_kernel::SimTime;
use std::convert::Infallible;
use std::sync::Arc;

/// Slots of one epoch.
pub const EPOCH: u64 = 32;

/// A node of an EdgeCons group.
pub type EdgeCons = Edge<History>;

/// The owner of each slot of one epoch.
type Owners = Arc<[NodeId]>;

/// What follows from the executed slots: the owners in two epochs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deal {
    /// Slots before the current epoch.
    base: u64,
    /// Slots of the current epoch that are executed.
    done: u64,
    /// The owners in the current epoch, and in the next.
    now: Owners,
    next: Owners,
    /// How many requests each member brought in the current epoch.
    tally: Vec<u16>,
    /// How often the member that owns most has changed.
    view: u64,
}

impl Deal {
    fn new(setup: &Setup) -> Self {
        let n = usize::from(setup.members);
        let mut homes = vec![0; n];
        (0..usize::from(setup.clients)).for_each(|client| homes[client % n] += 1);
        let now = deal(&homes);
        Self { base: 0, done: 0, next: now.clone(), now, tally: vec![0; n], view: 0 }
    }

    /// Takes in the next slot; whether another member leads now.
    fn carried_out(&mut self, by: Option<NodeId>) -> bool {
        if let Some(count) = by.and_then(|by| self.tally.get_mut(by.index())) {
            *count += 1;
        }
        self.done += 1;
        if self.done < EPOCH {
            return false;
        }
        let leader = self.leader();
        let after = deal(&self.tally);
        self.now = std::mem::replace(&mut self.next, after);
        (self.base, self.done) = (self.base + EPOCH, 0);
        self.tally.fill(0);
        let changed = self.leader() != leader;
        self.view += u64::from(changed);
        changed
    }

    /// The slots after one whose owners are known, in order.
    fn known(&self, after: u64) -> impl Iterator<Item = (u64, NodeId)> + '_ {
        let owners = self.now.iter().chain(self.next.iter()).copied();
        let slots = (self.base + 1..).zip(owners);
        slots.skip(after.saturating_sub(self.base) as usize)
    }

    /// The member with most slots in the current epoch; of several the first.
    fn leader(&self) -> NodeId {
        let count = |member: NodeId| self.now.iter().filter(|&&owner| owner == member).count();
        let members = (0..self.tally.len() as u16).rev().map(NodeId);
        members.max_by_key(|&member| count(member)).unwrap_or_default()
    }
}

/// Deals out an epoch in proportion to these weights, evenly spaced: smooth weighted round robin.
fn deal(weights: &[u16]) -> Owners {
    let total: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
    let weight = |index: usize| if total == 0 { 1 } else { i64::from(weights[index]) };
    let total = if total == 0 { weights.len() as i64 } else { total };
    let mut credit = vec![0; weights.len()];
    let next = |_| {
        let mut best = 0;
        for index in 0..credit.len() {
            credit[index] += weight(index);
            if credit[index] > credit[best] {
                best = index;
            }
        }
        credit[best] -= total;
        NodeId(best as u16)
    };
    (0..EPOCH).map(next).collect()
}

/// The assignment of slots to owners by recent history, as one member knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History {
    id: NodeId,
    deal: Deal,
}

impl History {
    fn new_view(&self) -> NewView {
        (self.deal.view, self.deal.leader())
    }
}

impl Scheme for History {
    const NAME: &'static str = "edgecons";
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "paxos",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1, and a cloud",
        messages: "3(n - 1), commits included",
        delays: "2 at the owner of the slot, 4 at its client",
        paper: "Hao, Novak, Yi and Li, HotEdge 2018",
        reconstructed: "how slots are assigned: the paper gives only the idea that leadership follows \
                        recent history",
        weakness: "fails with one Byzantine member; stops while a majority is down, or while a \
                   slot owner and the cloud are both down",
    };
    const KINDS: &'static [Kind] = &COMMON;

    type State = Deal;
    type Msg = Infallible;
    type Arbiter = Anything;

    fn new(id: NodeId, setup: &Setup) -> Self {
        Self { id, deal: Deal::new(setup) }
    }

    fn arbiter(_setup: &Setup) -> Anything {
        Anything
    }

    fn wire(msg: &Infallible) -> (u8, u32) {
        match *msg {}
    }

    fn state_bytes(state: &Deal) -> u32 {
        24 + 4 * EPOCH as u32 + 2 * state.tally.len() as u32
    }

    fn state(&self) -> Deal {
        self.deal.clone()
    }

    fn restore(&mut self, state: &Deal) -> Option<NewView> {
        let sound = state.tally.len() == self.deal.tally.len();
        if !sound {
            return None;
        }
        let changed = state.view != self.deal.view;
        self.deal = state.clone();
        changed.then(|| self.new_view())
    }

    fn carried_out(&mut self, by: Option<NodeId>) -> Option<NewView> {
        self.deal.carried_out(by).then(|| self.new_view())
    }

    fn heard(&mut self, _view: u64, _owner: NodeId) -> Option<NewView> {
        None
    }

    fn view(&self) -> u64 {
        self.deal.view
    }

    fn leader(&self) -> Option<NodeId> {
        Some(self.deal.leader())
    }

    fn own(&self, after: u64, below: u64) -> Vec<u64> {
        let known = self.deal.known(after).take_while(|&(slot, _)| slot < below);
        known.filter(|&(_, owner)| owner == self.id).map(|(slot, _)| slot).collect()
    }

    fn next(&self, after: u64, _now: SimTime) -> Option<u64> {
        let mut known = self.deal.known(after);
        known.find(|&(_, owner)| owner == self.id).map(|(slot, _)| slot)
    }

    fn forward(&self, seen: u64) -> Option<NodeId> {
        let next = self.deal.known(seen).next().map(|(_, owner)| owner);
        next.filter(|&owner| owner != self.id)
    }

    fn ask(&mut self, _: bool, _: u64, _: u64, _: SimTime) -> Option<Infallible> {
        None
    }

    fn ask_again(&mut self) {}

    fn answer(&mut self, msg: &Infallible) -> Option<NewView> {
        match *msg {}
    }

    /// All that the owner of the blocking slot has in the epochs that are known: if it is away, it
    /// blocks those as well.
    fn blocking(&self, first: u64, _seen: u64) -> (Option<NodeId>, Vec<u64>) {
        let mut known = self.deal.known(first - 1);
        let Some((_, silent)) = known.next() else {
            return (None, vec![first]);
        };
        let slots = known.filter(|&(_, owner)| owner == silent).map(|(slot, _)| slot);
        (Some(silent), [first].into_iter().chain(slots).collect())
    }
}

/// The cloud's role in assigning slots: none. Any blocking slot may be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Anything;

impl Arbiter<History> for Anything {
    fn on_start(&mut self, _fx: &mut Fx<EdgeCons>) {}

    fn on_msg(&mut self, _from: NodeId, msg: &Infallible, _fx: &mut Fx<EdgeCons>) {
        match *msg {}
    }

    fn may_take(&mut self, slots: &[u64], _by: NodeId, _fx: &mut Fx<EdgeCons>) -> Vec<u64> {
        slots.to_vec()
    }

    fn on_expiry(&mut self, _fx: &mut Fx<EdgeCons>) -> Option<(Vec<u64>, NodeId)> {
        None
    }

    fn held(&self) -> usize {
        0
    }
}
