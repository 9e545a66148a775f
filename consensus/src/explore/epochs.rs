//! Epoch by epoch, all of a few kinds: in each, some nodes hear each other and the rest hear
//! nothing, and liars behave in one of a few ways. Two requests are asked for before the first
//! epoch. Each other epoch begins with one more, if there is one; then, twice, the timers of those
//! connected run out and messages arrive in the order of sending until none is left. What is sent
//! to a node that is cut off is lost. In a synchronous protocol nobody is cut off, and an epoch
//! lasts until every request is answered.

use super::epoch::Epoch;
use super::trace::Step;
use super::world::{Instance, Lie, Says, World};
use super::{DECIDES, SAFE, Tell};
use crate::{Members, NodeId, Replicated};
use stateright::{Model, Property};

/// How often timers run out within one epoch: once to ask again, and once more to give up on who
/// does not answer.
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
    /// The sets of nodes that may be cut off: none; one member; all members but one; where nobody
    /// lies, two members and all but two as well, and those who are no members. A liar adds so many
    /// choices of its own that more sets would cost an epoch of depth.
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
            if !self.instance.liars.contains(member) {
                add(but(&[member]));
            }
        }
        if self.instance.liars.is_empty() {
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

    /// How liars that are connected may behave: honestly, or with another message to one of the
    /// others or to all of them, by the first thing they could say instead or by the second.
    fn lies(&self, cut: Members) -> Vec<Option<Lie>> {
        let liars = self.instance.liars;
        let mut lies = vec![None];
        if liars.iter().all(|liar| cut.contains(liar)) {
            return lies;
        }
        let connected = |node: &NodeId| !cut.contains(*node) && !liars.contains(*node);
        let others: Members = self.instance.nodes().filter(connected).collect();
        let members = others.and(Members::first(self.instance.count.members));
        let lie = |to, variant| Some(Lie { kind: None, to, says: Says::Another(variant) });
        lies.extend(members.iter().map(|member| lie([member].into_iter().collect(), 0)));
        lies.extend((0..2).map(|variant| lie(others, variant)));
        lies
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
            for lie in self.lies(cut) {
                let lies = lie.into_iter().collect();
                actions.push(Epoch { cut, lies, ..plain.clone() });
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
