//! One epoch: its choices, what a group does in it, and its description. Which epochs are tried is
//! decided elsewhere: all combinations of a few ([`epochs`](super::epochs)), or random ones
//! ([`drawn`](super::drawn)).

use super::trace::{Line, Step, story};
use super::world::{Deviation, Instance, Log, NO_DEVIATIONS, Says, World};
use crate::{Members, NodeId, Replicated};

/// The number of messages after which a wave ends, even if more are in flight: a protocol whose
/// messages cause messages forever must not hang the search.
const STEPS: usize = 1000;

/// Messages that do not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// Of this kind, or of all.
    pub(super) kind: Option<u8>,
    /// From this node, or from all.
    pub(super) from: Option<NodeId>,
    /// To this node, or to all.
    pub(super) to: Option<NodeId>,
}

/// Which of a node's timers expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Timers {
    /// All that are armed.
    #[default]
    All,
    /// The first of them, in the order of their kinds.
    First,
    /// The last of them.
    Last,
}

/// What an epoch is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch {
    /// The node that loses power before it, and restarts.
    pub(super) restart: Option<NodeId>,
    /// The clients that ask for a request then, by their places.
    pub(super) asks: Vec<u16>,
    /// Isolated nodes: they receive nothing and are not received.
    pub(super) cut: Members,
    /// Two sides that cannot reach each other; other nodes, and Byzantine ones, reach both.
    pub(super) apart: [Members; 2],
    pub(super) lost: Vec<Loss>,
    /// What Byzantine nodes do; if two entries concern the same message, the first applies.
    pub(super) deviations: Vec<Deviation>,
    /// The number of times that some timers expire and messages then arrive until none is left.
    pub(super) waves: u8,
    /// The nodes whose timers expire,
    pub(super) hasty: Members,
    /// and which of theirs.
    pub(super) timers: Timers,
    /// Whether what was sent last arrives first.
    pub(super) overtaking: bool,
    /// The number of timers that expire, in order, in a synchronous protocol.
    pub(super) ticks: usize,
}

impl Epoch {
    /// Whether a message arrives.
    fn carries(&self, kind: u8, from: NodeId, to: NodeId) -> bool {
        let lost = |loss: &Loss| {
            loss.kind.is_none_or(|k| k == kind)
                && loss.from.is_none_or(|node| node == from)
                && loss.to.is_none_or(|node| node == to)
        };
        let [one, other] = self.apart;
        let across = (one.contains(from) && other.contains(to))
            || (other.contains(from) && one.contains(to));
        let cut = self.cut.contains(from) || self.cut.contains(to);
        !cut && !across && !self.lost.iter().any(lost)
    }

    fn deviations_of<P: Replicated>(&self, instance: &Instance<P>, node: NodeId) -> &[Deviation] {
        if instance.byzantine.contains(node) { &self.deviations } else { NO_DEVIATIONS }
    }

    /// Simulates the epoch, up to the first violation if there is one.
    pub(super) fn run<P: Replicated>(
        &self,
        world: &mut World<P>,
        instance: &Instance<P>,
        log: &mut Log<'_>,
    ) {
        if let Some(node) = self.restart {
            world.restart(instance, node, log);
        }
        self.asks.iter().for_each(|&place| world.ask(instance, place, log));
        if instance.synchronous {
            self.pass_time(world, instance, log);
        } else {
            for _ in 0..self.waves.max(1) {
                self.time_out(world, instance, log);
                self.arrive(world, instance, log);
            }
        }
        world.wire.clear();
    }

    /// The timers of the selected nodes that are not isolated expire, each once.
    fn time_out<P: Replicated>(
        &self,
        world: &mut World<P>,
        instance: &Instance<P>,
        log: &mut Log<'_>,
    ) {
        for node in self.hasty.iter().filter(|&node| !self.cut.contains(node)) {
            let mut armed: Vec<P::Timer> = world.timers[node.index()].keys().copied().collect();
            match self.timers {
                Timers::All => {}
                Timers::First => armed.truncate(1),
                Timers::Last => drop(armed.drain(..armed.len().saturating_sub(1))),
            }
            for timer in armed {
                let wrong = world.order.count() > 0;
                if world.timers[node.index()].contains_key(&timer) && !wrong {
                    world.fire(instance, node, timer, self.deviations_of(instance, node), log);
                }
            }
        }
    }

    /// Messages arrive until none is left.
    fn arrive<P: Replicated>(
        &self,
        world: &mut World<P>,
        instance: &Instance<P>,
        log: &mut Log<'_>,
    ) {
        for _ in 0..STEPS {
            if world.order.count() > 0 {
                return;
            }
            let index = if self.overtaking { world.wire.len().wrapping_sub(1) } else { 0 };
            let Some(flight) = world.wire.get(index) else { return };
            let (from, to) = (flight.from, flight.to);
            if self.carries(P::wire(&flight.msg).kind, from, to) {
                world.deliver(instance, index, self.deviations_of(instance, to), log);
            } else {
                world.wire.remove(index);
            }
        }
    }

    /// Messages arrive, and timers expire in their order whenever none is left, until all is
    /// answered or the time is over.
    fn pass_time<P: Replicated>(
        &self,
        world: &mut World<P>,
        instance: &Instance<P>,
        log: &mut Log<'_>,
    ) {
        self.arrive(world, instance, log);
        for _ in 0..self.ticks {
            let unfinished = world.answered() < world.asked() && world.order.count() == 0;
            let Some((node, timer)) = world.next_timer(instance).filter(|_| unfinished) else {
                return;
            };
            world.fire(instance, node, timer, self.deviations_of(instance, node), log);
            self.arrive(world, instance, log);
        }
    }

    /// The same in words, as the epoch with this number, with all that happens in it.
    pub(super) fn tell<P: Replicated>(
        &self,
        number: usize,
        world: &mut World<P>,
        instance: &Instance<P>,
    ) -> Step {
        let before = world.order.violations().len();
        let mut lines: Vec<Line> = Vec::new();
        self.run(world, instance, &mut Some(&mut lines));
        let mut lines = story(&lines);
        lines.extend(
            world.order.violations()[before..].iter().map(|text| format!("VIOLATION: {text}")),
        );
        Step { chosen: format!("epoch {number}: {}", self.conditions(instance).join("; ")), lines }
    }

    /// What it is like, in words.
    fn conditions<P: Replicated>(&self, instance: &Instance<P>) -> Vec<String> {
        let mut said = Vec::new();
        if !self.cut.is_empty() {
            said.push(format!("{} isolated", nodes(self.cut)));
        }
        let [one, other] = self.apart;
        if !one.is_empty() && !other.is_empty() {
            said.push(format!(
                "partition: {} on one side, {} on the other",
                nodes(one),
                nodes(other)
            ));
        }
        let kind = |kind: Option<u8>| {
            kind.map_or("message", |kind| P::KINDS[usize::from(kind)].name).to_owned()
        };
        for loss in &self.lost {
            let from = loss.from.map_or(String::new(), |node| format!(" from {node}"));
            let to = loss.to.map_or(String::new(), |node| format!(" to {node}"));
            said.push(format!("every {}{from}{to} is lost", kind(loss.kind)));
        }
        if said.is_empty() && !instance.synchronous {
            said.push("all nodes are connected".to_owned());
        }
        let byzantine = nodes(instance.byzantine);
        for deviation in &self.deviations {
            let (kind, to) = (kind(deviation.kind), nodes(deviation.to));
            said.push(match deviation.says {
                Says::Nothing => format!("{byzantine} (Byzantine) sends no {kind} to {to}"),
                Says::Another(_) => {
                    format!("{byzantine} (Byzantine) sends a different {kind} to {to}")
                }
            });
        }
        if self.overtaking {
            said.push("messages arrive in reverse order".to_owned());
        }
        if said.is_empty() {
            said.push("no faults".to_owned());
        }
        said
    }
}

/// Nodes, one after the other.
fn nodes(nodes: Members) -> String {
    let all: Vec<String> = nodes.iter().map(|node| node.to_string()).collect();
    all.join(", ")
}
