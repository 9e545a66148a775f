//! One epoch: what is chosen of it, what a group does in it, and how it is told. Not which epochs
//! are tried: all of a few ([`epochs`](super::epochs)), or some of many ([`drawn`](super::drawn)).

use super::trace::{Line, Step, story};
use super::world::{Instance, Lie, Log, NO_LIES, Says, World};
use crate::{Members, NodeId, Replicated};

/// Messages within one wave after which it is over, whatever is still under way: a protocol in
/// which messages breed messages for ever must not hang the search.
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

/// Which of a node's timers run out.
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
    /// Who loses power before it, and starts again.
    pub(super) restart: Option<NodeId>,
    /// The clients that ask for a request then, by their places.
    pub(super) asks: Vec<u16>,
    /// Who hears nobody and is heard by nobody.
    pub(super) cut: Members,
    /// Two sides that do not hear each other; others, and liars, hear both.
    pub(super) apart: [Members; 2],
    pub(super) lost: Vec<Loss>,
    /// How liars behave; where two lies are about one message, the first is told.
    pub(super) lies: Vec<Lie>,
    /// So many times the timers of some run out, and messages arrive until none is left.
    pub(super) waves: u8,
    /// Those whose timers run out,
    pub(super) hasty: Members,
    /// and which of theirs.
    pub(super) timers: Timers,
    /// Whether what was sent last arrives first.
    pub(super) overtaking: bool,
    /// Where time is synchronous: so many timers run out, in their order.
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

    fn lies_of<P: Replicated>(&self, instance: &Instance<P>, node: NodeId) -> &[Lie] {
        if instance.liars.contains(node) { &self.lies } else { NO_LIES }
    }

    /// Lives through it, or through it up to where something goes wrong.
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

    /// The timers of those who are hasty and not cut off run out, each once.
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
                    world.fire(instance, node, timer, self.lies_of(instance, node), log);
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
                world.deliver(instance, index, self.lies_of(instance, to), log);
            } else {
                world.wire.remove(index);
            }
        }
    }

    /// Messages arrive, and timers run out in their order whenever none is left, until all is
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
            world.fire(instance, node, timer, self.lies_of(instance, node), log);
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
        lines
            .extend(world.order.violations()[before..].iter().map(|text| format!("WRONG: {text}")));
        Step { chosen: format!("epoch {number}: {}", self.conditions(instance).join("; ")), lines }
    }

    /// What it is like, in words.
    fn conditions<P: Replicated>(&self, instance: &Instance<P>) -> Vec<String> {
        let mut said = Vec::new();
        if !self.cut.is_empty() {
            said.push(format!("{} cut off", nodes(self.cut)));
        }
        let [one, other] = self.apart;
        if !one.is_empty() && !other.is_empty() {
            said.push(format!(
                "{} on one side and {} on the other do not hear each other",
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
            said.push("all are connected".to_owned());
        }
        let liars = nodes(instance.liars);
        for lie in &self.lies {
            let (kind, to) = (kind(lie.kind), nodes(lie.to));
            said.push(match lie.says {
                Says::Nothing => format!("{liars} (a liar) sends no {kind} to {to}"),
                Says::Another(_) => format!("{liars} (a liar) sends another {kind} to {to}"),
            });
        }
        if self.overtaking {
            said.push("what is sent last arrives first".to_owned());
        }
        if said.is_empty() {
            said.push("all goes well".to_owned());
        }
        said
    }
}

/// Nodes, one after the other.
fn nodes(nodes: Members) -> String {
    let all: Vec<String> = nodes.iter().map(|node| node.to_string()).collect();
    all.join(", ")
}
