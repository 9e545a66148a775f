//! Message by message: any message in flight may arrive next, any armed timer may expire, any
//! member may lose power and restart, within the budget. Loss is covered, too: in some states a
//! message is never delivered. In a synchronous protocol no message is lost, and timers expire in
//! order once no message is left.

use super::trace::{Step, story};
use super::world::{Deviation, Instance, NO_DEVIATIONS, Says, World};
use super::{DECIDES, SAFE, Tell};
use crate::{Members, NodeId, Replicated};
use stateright::{Model, Property};

/// The model.
#[derive(Debug)]
pub(super) struct Messages<P: Replicated> {
    pub(super) instance: Instance<P>,
    pub(super) timeouts: u8,
    pub(super) restarts: u8,
}

/// A state, and what is left of the budgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State<P: Replicated> {
    world: World<P>,
    timeouts: u8,
    restarts: u8,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action<T> {
    Deliver { index: usize, deviation: Option<Deviation> },
    Timeout { node: NodeId, timer: T },
    Restart { node: NodeId },
}

impl<P: Replicated> Messages<P> {
    /// The ways in which a node may act on something.
    fn deviations(&self, node: NodeId) -> Vec<Option<Deviation>> {
        let mut deviations = vec![None];
        if self.instance.byzantine.contains(node) {
            let others = (0..self.instance.count.members).map(NodeId).filter(|&m| m != node);
            let all = others.clone().chain(self.instance.count.clients());
            let all: Members = all.collect();
            let deviation = |to, says| Some(Deviation { kind: None, to, says });
            deviations.push(deviation(all, Says::Nothing));
            let single = others.map(|member| [member].into_iter().collect());
            for to in single.chain([all]) {
                deviations.extend((0..2).map(|variant| deviation(to, Says::Another(variant))));
            }
        }
        deviations
    }

    fn step(
        &self,
        state: &State<P>,
        action: &Action<P::Timer>,
        mut log: super::world::Log<'_>,
    ) -> State<P> {
        let mut next = state.clone();
        let world = &mut next.world;
        match *action {
            Action::Deliver { index, deviation } => {
                world.deliver(&self.instance, index, deviation.as_slice(), &mut log);
            }
            Action::Timeout { node, timer } => {
                world.fire(&self.instance, node, timer, NO_DEVIATIONS, &mut log);
                next.timeouts = next.timeouts.saturating_sub(1);
            }
            Action::Restart { node } => {
                world.restart(&self.instance, node, &mut log);
                next.restarts -= 1;
            }
        }
        // The order of messages in transit means nothing.
        next.world.wire.sort_by_key(|flight| flight.print);
        next
    }
}

impl<P: Replicated> Model for Messages<P> {
    type State = State<P>;
    type Action = Action<P::Timer>;

    fn init_states(&self) -> Vec<State<P>> {
        let mut world = World::new(&self.instance, self.instance.requests);
        world.wire.sort_by_key(|flight| flight.print);
        vec![State { world, timeouts: self.timeouts, restarts: self.restarts }]
    }

    fn actions(&self, state: &State<P>, actions: &mut Vec<Action<P::Timer>>) {
        let wire = &state.world.wire;
        for (index, flight) in wire.iter().enumerate() {
            let again = index > 0 && wire[index - 1].print == flight.print;
            if !again {
                let deviations = self.deviations(flight.to).into_iter();
                actions.extend(deviations.map(|deviation| Action::Deliver { index, deviation }));
            }
        }
        if self.instance.synchronous {
            let unfinished = state.world.answered() < self.instance.requests;
            if let Some((node, timer)) = state.world.next_timer(&self.instance)
                && wire.is_empty()
                && unfinished
            {
                actions.push(Action::Timeout { node, timer });
            }
        } else if state.timeouts > 0 {
            for node in self.instance.nodes() {
                let timers = state.world.timers[node.index()].keys();
                actions.extend(timers.map(|&timer| Action::Timeout { node, timer }));
            }
        }
        if state.restarts > 0 {
            let members = (0..self.instance.count.members).map(NodeId);
            actions.extend(members.map(|node| Action::Restart { node }));
        }
    }

    fn next_state(&self, state: &State<P>, action: Action<P::Timer>) -> Option<State<P>> {
        Some(self.step(state, &action, None))
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

impl<P: Replicated> Tell for Messages<P> {
    fn tell(&self, state: &State<P>, action: &Action<P::Timer>) -> Step {
        let mut lines = Vec::new();
        let next = self.step(state, action, Some(&mut lines));
        let mut lines = story(&lines);
        let chosen = if lines.is_empty() { String::new() } else { lines.remove(0) };
        lines.extend_from_slice(
            &next.world.order.violations()[state.world.order.violations().len()..],
        );
        Step { chosen, lines }
    }
}
