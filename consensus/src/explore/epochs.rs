//! Epoch by epoch: in each, some nodes hear each other and the rest hear nothing. Two requests are
//! asked for before the first epoch. Each other epoch begins with one more, if there is one; then,
//! twice, the timers of those connected run out and messages arrive in the order of sending until
//! none is left. What is sent to a node that is cut off is lost. In a
//! synchronous protocol nobody is cut off, and an epoch lasts until every request is answered.

use super::trace::{Line, Step, story};
use super::world::{Instance, Lie, Log, World};
use super::{DECIDES, SAFE, Tell};
use crate::{Members, NodeId, Replicated};
use stateright::{Model, Property};

/// Steps within one epoch after which it is over, whatever is still under way: a protocol in which
/// messages breed messages for ever must not hang the search.
const STEPS: usize = 2000;

/// How often timers run out within one epoch: once to ask again, and once more to give up on who
/// does not answer.
const WAVES: usize = 2;

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

/// What an epoch is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    /// Who hears and is heard.
    connected: Vec<NodeId>,
    /// How the liar behaves.
    lie: Lie,
    /// Who loses power before it, and starts again.
    restart: Option<NodeId>,
}

impl<P: Replicated> Epochs<P> {
    /// The sets of nodes that may hear each other: all; all but one member; one member and those who
    /// are none; where nobody lies, all but two and two as well, and the members alone. A liar adds
    /// so many choices of its own that more sets would cost an epoch of depth.
    fn connections(&self) -> Vec<Vec<NodeId>> {
        let members: Vec<NodeId> = (0..self.instance.count.members).map(NodeId).collect();
        let all: Vec<NodeId> = self.instance.nodes().collect();
        let mut sets = vec![all.clone()];
        if self.instance.synchronous {
            return sets;
        }
        let mut add = |set: Vec<NodeId>| {
            if !sets.contains(&set) {
                sets.push(set);
            }
        };
        let without = |gone: &[NodeId]| -> Vec<NodeId> {
            all.iter().copied().filter(|node| !gone.contains(node)).collect()
        };
        let only = |some: &[NodeId]| -> Vec<NodeId> {
            let inside = |node: &NodeId| !members.contains(node) || some.contains(node);
            all.iter().copied().filter(inside).collect()
        };
        for &member in &members {
            add(without(&[member]));
            if !self.instance.liars.contains(member) {
                add(only(&[member]));
            }
        }
        if self.instance.liars.is_empty() {
            for (i, &a) in members.iter().enumerate() {
                for &b in &members[i + 1..] {
                    add(without(&[a, b]));
                    add(only(&[a, b]));
                }
            }
            let clients: Vec<NodeId> = self.instance.count.clients().collect();
            add(without(&clients));
        }
        sets
    }

    /// How liars that are connected may behave: honestly, or with another message to one of the
    /// others or to all of them, by the first thing they could say instead or by the second.
    fn lies(&self, connected: &[NodeId]) -> Vec<Lie> {
        let liars = self.instance.liars;
        let mut lies = vec![Lie::Nothing];
        if !connected.iter().any(|&node| liars.contains(node)) {
            return lies;
        }
        let others: Members = connected.iter().copied().filter(|&n| !liars.contains(n)).collect();
        let members = others.and(Members::first(self.instance.count.members));
        let single = members.iter().map(|member| [member].into_iter().collect());
        lies.extend(single.map(|to| Lie::Other { variant: 0, to }));
        lies.extend((0..2).map(|variant| Lie::Other { variant, to: others }));
        lies
    }

    fn step(&self, state: &State<P>, epoch: &Epoch, mut log: Log<'_>) -> State<P> {
        let instance = &self.instance;
        let mut next = state.clone();
        next.epoch += 1;
        let world = &mut next.world;
        let lie_of = |node: NodeId| {
            if instance.liars.contains(node) { epoch.lie } else { Lie::Nothing }
        };
        if let Some(node) = epoch.restart {
            world.restart(instance, node, &mut log);
            next.restarts -= 1;
        }
        if state.epoch > 0 {
            world.ask(instance, &mut log);
        }
        let heard = |node: &NodeId| epoch.connected.contains(node);
        for wave in 0..WAVES {
            if !instance.synchronous && state.epoch > 0 {
                for &node in &epoch.connected {
                    for (timer, _) in world.timers[node.index()].clone() {
                        if world.timers[node.index()].contains_key(&timer) {
                            world.fire(instance, node, timer, lie_of(node), &mut log);
                        }
                    }
                }
            } else if wave > 0 {
                break;
            }
            for _ in 0..STEPS {
                world.wire.retain(|flight| heard(&flight.from) && heard(&flight.to));
                let Some(flight) = world.wire.first() else {
                    let unfinished = (world.answered.len() as u64) < instance.requests;
                    let timer = world.next_timer(instance);
                    let timer = timer.filter(|_| instance.synchronous && unfinished);
                    let Some((node, timer)) = timer else { break };
                    world.fire(instance, node, timer, lie_of(node), &mut log);
                    continue;
                };
                let lie = lie_of(flight.to);
                world.deliver(instance, 0, lie, &mut log);
            }
        }
        world.wire.clear();
        next
    }
}

impl<P: Replicated> Model for Epochs<P> {
    type State = State<P>;
    type Action = Epoch;

    fn init_states(&self) -> Vec<State<P>> {
        vec![State {
            world: World::new(&self.instance, self.instance.requests.min(2)),
            epoch: 0,
            restarts: self.restarts,
        }]
    }

    fn actions(&self, state: &State<P>, actions: &mut Vec<Epoch>) {
        if state.epoch >= self.epochs {
            return;
        }
        for connected in self.connections() {
            for lie in self.lies(&connected) {
                actions.push(Epoch { connected: connected.clone(), lie, restart: None });
            }
            if state.restarts > 0 && state.epoch > 0 {
                let members = (0..self.instance.count.members).map(NodeId);
                actions.extend(members.map(|node| Epoch {
                    connected: connected.clone(),
                    lie: Lie::Nothing,
                    restart: Some(node),
                }));
            }
        }
    }

    fn next_state(&self, state: &State<P>, epoch: Epoch) -> Option<State<P>> {
        Some(self.step(state, &epoch, None))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SAFE, |_, state: &State<P>| state.world.order.count() == 0),
            Property::sometimes(DECIDES, |model: &Self, state: &State<P>| {
                state.world.answered.len() as u64 == model.instance.requests
            }),
        ]
    }
}

impl<P: Replicated> Tell for Epochs<P> {
    fn tell(&self, state: &State<P>, epoch: &Epoch) -> Step {
        let mut lines: Vec<Line> = Vec::new();
        let next = self.step(state, epoch, Some(&mut lines));
        let cut: Vec<String> = self
            .instance
            .nodes()
            .filter(|node| !epoch.connected.contains(node))
            .map(|node| node.to_string())
            .collect();
        let mut chosen = format!("epoch {}: ", next.epoch);
        chosen += &match cut.as_slice() {
            [] => "all are connected".to_owned(),
            cut => format!("{} cut off", cut.join(", ")),
        };
        match epoch.lie {
            Lie::Nothing => {}
            Lie::Silence => chosen += "; the liar is silent",
            Lie::Other { to, .. } => {
                let told: Vec<String> = to.iter().map(|node| node.to_string()).collect();
                chosen += &format!("; the liar lies to {}", told.join(", "));
            }
        }
        let mut lines = story(&lines);
        lines.extend_from_slice(
            &next.world.order.violations()[state.world.order.violations().len()..],
        );
        Step { chosen, lines }
    }
}
