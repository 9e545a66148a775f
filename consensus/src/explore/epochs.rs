//! Exhaustive search, epoch by epoch, over a few behaviours: in each epoch some nodes reach each
//! other and the rest are isolated, and Byzantine nodes behave in one of a few ways. Two requests
//! are submitted before the first epoch, and one more at the beginning of each later one. Then,
//! twice, the timers of connected nodes expire and messages arrive in the order of sending until
//! none is left. Messages to an isolated node are lost. In a synchronous protocol no node is
//! isolated, and an epoch lasts until every request is answered.

use super::epoch::Epoch;
use super::trace::Step;
use super::world::{Deviation, Instance, Says, World};
use super::{DECIDES, SAFE, Tell};
use crate::{Members, NodeId, Replicated};
use stateright::{Model, Property};

/// How often timers expire within one epoch: once to ask again, and once more to suspect a node
/// that does not answer.
const WAVES: u8 = 2;

/// Timers that run out in one epoch at most, in a synchronous protocol.
const TICKS: usize = 500;

/// The model.
#[derive(Debug)]
pub(super) struct Epochs<P: Replicated> {
    pub(super) instance: Instance<P>,
    pub(super) epochs: u8,
    pub(super) restarts: u8,
}

/// A group at rest between two epochs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State<P: Replicated> {
    world: World<P>,
    epoch: u8,
    restarts: u8,
}

impl<P: Replicated> Epochs<P> {
    /// The sets of nodes that may be isolated: none; one member; all members but one; without
    /// Byzantine nodes, two members and all but two as well, and all non-members. A Byzantine node
    /// adds so many choices that more sets would cost an epoch of depth.
    fn cuts(&self) -> Vec<Members> {
        let mut cuts = vec![Members::NONE];
        if self.instance.synchronous {
            return cuts;
        }
        let count = self.instance.count.members;
        let members: Vec<NodeId> = (0..count).map(NodeId).collect();
        let mut add = |cut: Members| {
            if !cuts.contains(&cut) {
                cuts.push(cut);
            }
        };
        let but = |some: &[NodeId]| -> Members {
            members.iter().copied().filter(|node| !some.contains(node)).collect()
        };
        for &member in &members {
            add([member].into_iter().collect());
            if !self.instance.byzantine.contains(member) {
                add(but(&[member]));
            }
        }
        if self.instance.byzantine.is_empty() {
            for (i, &a) in members.iter().enumerate() {
                for &b in &members[i + 1..] {
                    add([a, b].into_iter().collect());
                    add(but(&[a, b]));
                }
            }
            add(self.instance.count.clients().collect());
        }
        cuts
    }

    /// The behaviours of connected Byzantine nodes: honest, or the first or second variant of a
    /// message to one or all of the others.
    fn deviations(&self, cut: Members) -> Vec<Option<Deviation>> {
        let byzantine = self.instance.byzantine;
        let mut deviations = vec![None];
        if byzantine.iter().all(|byzantine| cut.contains(byzantine)) {
            return deviations;
        }
        let connected = |node: &NodeId| !cut.contains(*node) && !byzantine.contains(*node);
        let others: Members = self.instance.nodes().filter(connected).collect();
        let members = others.and(Members::first(self.instance.count.members));
        let deviation =
            |to, variant| Some(Deviation { kind: None, to, says: Says::Another(variant) });
        deviations
            .extend(members.iter().map(|member| deviation([member].into_iter().collect(), 0)));
        deviations.extend((0..2).map(|variant| deviation(others, variant)));
        deviations
    }
}

impl<P: Replicated> Model for Epochs<P> {
    type State = State<P>;
    type Action = Epoch;

    fn init_states(&self) -> Vec<State<P>> {
        vec![State { world: World::new(&self.instance, 0), epoch: 0, restarts: self.restarts }]
    }

    fn actions(&self, state: &State<P>, actions: &mut Vec<Epoch>) {
        if state.epoch >= self.epochs {
            return;
        }
        let first = state.epoch == 0;
        let plain = Epoch {
            asks: if first { vec![0, 0] } else { vec![0] },
            waves: if first { 1 } else { WAVES },
            hasty: if first { Members::NONE } else { self.instance.nodes().collect() },
            ticks: TICKS,
            ..Epoch::default()
        };
        for cut in self.cuts() {
            for deviation in self.deviations(cut) {
                let deviations = deviation.into_iter().collect();
                actions.push(Epoch { cut, deviations, ..plain.clone() });
            }
            if state.restarts > 0 && !first {
                let members = (0..self.instance.count.members).map(NodeId);
                let restart = |node| Epoch { cut, restart: Some(node), ..plain.clone() };
                actions.extend(members.map(restart));
            }
        }
    }

    fn next_state(&self, state: &State<P>, epoch: Epoch) -> Option<State<P>> {
        let mut next = state.clone();
        next.epoch += 1;
        next.restarts -= u8::from(epoch.restart.is_some());
        epoch.run(&mut next.world, &self.instance, &mut None);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SAFE, |_, state: &State<P>| state.world.order.count() == 0),
            Property::sometimes(DECIDES, |model: &Self, state: &State<P>| {
                state.world.answered() == model.instance.requests
            }),
        ]
    }
}

impl<P: Replicated> Tell for Epochs<P> {
    fn tell(&self, state: &State<P>, epoch: &Epoch) -> Step {
        let mut world = state.world.clone();
        epoch.tell(usize::from(state.epoch) + 1, &mut world, &self.instance)
    }
}
