//! Random search, epoch by epoch, over far more behaviours than could be enumerated. Any nodes may
//! be isolated, messages of any kind between any two nodes lost, timers of any node expire, and
//! Byzantine nodes may send different variants to different nodes, per message kind. A violating
//! run is minimised before it is reported: everything that is not needed for the violation is
//! removed. The same seed draws the same runs. The search is not exhaustive: finding no violation
//! does not prove that there is none.

use super::ExploreReport;
use super::epoch::{Epoch, Loss, Timers};
use super::trace::Step;
use super::world::{Deviation, Instance, Says, World};
use crate::{Members, NodeId, Replicated};
use gridtwin_kernel::{Stream, Streams};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};

/// The search.
#[derive(Debug)]
pub(super) struct Drawn<P: Replicated> {
    pub(super) instance: Instance<P>,
    /// The same group with nothing planted, if anything is: what breaks it as well is not looked
    /// for.
    pub(super) right: Option<Instance<P>>,
    pub(super) epochs: u8,
    pub(super) restarts: u8,
    pub(super) seed: u64,
}

/// A run so far, and where it has led.
#[derive(Clone, Debug)]
struct Reached<P: Replicated> {
    world: World<P>,
    run: Vec<Epoch>,
}

/// The frontier of the search. New runs extend states that differ from all previous ones, so that
/// rare states are reached deliberately: states are classed by what all nodes have delivered,
/// follow and answered, each class is extended equally often, and within a class each number of
/// held log entries and votes.
#[derive(Debug)]
struct Known<P: Replicated> {
    kinds: BTreeMap<Kind, usize>,
    /// By kind.
    reached: Vec<Vec<Reached<P>>>,
    seen: BTreeSet<(Kind, Vec<usize>)>,
}

/// What each member has delivered, its view and the leader it follows; and the number of answered
/// requests.
type Kind = (Vec<(u64, u64, Option<NodeId>)>, u64);

/// The number of remembered states per class.
const ALIKE: usize = 64;

impl<P: Replicated> Known<P> {
    fn new(start: World<P>) -> Self {
        let start = Reached { world: start, run: Vec::new() };
        Self { kinds: BTreeMap::new(), reached: vec![vec![start]], seen: BTreeSet::new() }
    }

    fn pick(&self, stream: &mut Stream) -> Reached<P> {
        let alike = &self.reached[stream.random_range(0..self.reached.len())];
        alike[stream.random_range(0..alike.len())].clone()
    }

    fn note(&mut self, instance: &Instance<P>, reached: &Reached<P>) {
        let world = &reached.world;
        let members = (0..instance.count.members).map(NodeId);
        let at = |member: NodeId| {
            let node = &world.nodes[member.index()];
            (world.order.length_of(member), node.view(), node.leader())
        };
        let kind = (members.map(at).collect(), world.answered());
        let held = world.nodes.iter().map(|node| node.held()).collect();
        if !self.seen.insert((Kind::clone(&kind), held)) {
            return;
        }
        let place = *self.kinds.entry(kind).or_insert_with(|| {
            self.reached.push(Vec::new());
            self.reached.len() - 1
        });
        if self.reached[place].len() < ALIKE {
            self.reached[place].push(reached.clone());
        }
    }
}

impl<P: Replicated> Drawn<P> {
    /// Draws runs until one violates the specification, or until they contain this many epochs in
    /// total.
    pub(super) fn search(&self, states: usize) -> ExploreReport {
        let mut stream = Streams::new(self.seed).stream("explore");
        let mut known = Known::new(World::new(&self.instance, 0));
        let mut report = ExploreReport {
            nodes: self.instance.count.members.into(),
            states: 0,
            depth: 0,
            exhaustive: false,
            decides: false,
            violation: None,
        };
        while report.states < states {
            let mut reached = known.pick(&mut stream);
            while reached.run.len() < self.epochs.into() && report.states < states {
                let epoch = self.draw(&reached.run, &mut stream);
                epoch.run(&mut reached.world, &self.instance, &mut None);
                reached.run.push(epoch);
                report.states += 1;
                report.depth = report.depth.max(reached.run.len());
                report.decides |= reached.world.answered() == self.instance.requests;
                if reached.world.order.count() > 0 {
                    if self.breaks(&reached.run) {
                        report.violation = Some(self.tell(&self.simplest(reached.run)));
                        return report;
                    }
                    break;
                }
                known.note(&self.instance, &reached);
                if stream.random_range(0..3) == 0 {
                    break;
                }
            }
        }
        report
    }

    /// Whether a run breaks the protocol, and would not without what is planted.
    fn breaks(&self, run: &[Epoch]) -> bool {
        let violations = |instance: &Instance<P>| {
            let mut world = World::new(instance, 0);
            run.iter().for_each(|epoch| epoch.run(&mut world, instance, &mut None));
            world.order.count()
        };
        violations(&self.instance) > 0
            && self.right.as_ref().is_none_or(|right| violations(right) == 0)
    }

    /// Minimises a violating run: removes every choice, and then every node, that is not needed for
    /// the violation.
    fn simplest(&self, run: Vec<Epoch>) -> Vec<Epoch> {
        let run = self.reduced(run, simpler, |_, _| true);
        let lines =
            |run: &[Epoch]| -> usize { self.tell(run).iter().map(|step| step.lines.len()).sum() };
        let nodes: Members = self.instance.nodes().collect();
        let lonelier = |run: &[Epoch]| {
            if self.instance.synchronous { Vec::new() } else { lonelier(run, nodes) }
        };
        let run = self.reduced(run, lonelier, |new, old| lines(new) < lines(old));
        self.reduced(run, simpler, |new, old| lines(new) <= lines(old))
    }

    /// Takes steps to runs that break the protocol as well, and are better, until there is none.
    fn reduced(
        &self,
        mut run: Vec<Epoch>,
        next: impl Fn(&[Epoch]) -> Vec<Vec<Epoch>>,
        better: impl Fn(&[Epoch], &[Epoch]) -> bool,
    ) -> Vec<Epoch> {
        loop {
            let (mut changed, mut index) = (false, 0);
            while let Some(other) = next(&run).into_iter().nth(index) {
                if self.breaks(&other) && better(&other, &run) {
                    (run, changed) = (other, true);
                } else {
                    index += 1;
                }
            }
            if !changed {
                return run;
            }
        }
    }

    fn tell(&self, run: &[Epoch]) -> Vec<Step> {
        let mut world = World::new(&self.instance, 0);
        let epochs = run.iter().zip(1..);
        epochs.map(|(epoch, number)| epoch.tell(number, &mut world, &self.instance)).collect()
    }

    /// The next epoch; now and then it is like the last.
    fn draw(&self, run: &[Epoch], stream: &mut Stream) -> Epoch {
        let all: Vec<NodeId> = self.instance.nodes().collect();
        let members: Vec<NodeId> = all[..self.instance.count.members.into()].to_vec();
        let mut epoch = Epoch {
            asks: (0..stream.random_range(0..3))
                .map(|_| stream.random_range(0..self.instance.count.clients))
                .collect(),
            waves: stream.random_range(1..=2),
            hasty: match stream.random_range(0..4) {
                0 => Members::NONE,
                1 | 2 => all.iter().copied().collect(),
                _ => some(&all, stream),
            },
            timers: match stream.random_range(0..4) {
                0 | 1 => Timers::All,
                2 => Timers::First,
                _ => Timers::Last,
            },
            overtaking: stream.random_range(0..8) == 0,
            ticks: stream.random_range(1..=40),
            ..Epoch::default()
        };
        let restarts = run.iter().filter(|epoch| epoch.restart.is_some()).count();
        if restarts < self.restarts.into() && stream.random_range(0..4) == 0 {
            epoch.restart = Some(one(&members, stream));
        }
        if let Some(last) = run.last()
            && stream.random_range(0..3) == 0
        {
            let (lost, deviations) = (last.lost.clone(), last.deviations.clone());
            return Epoch { cut: last.cut, apart: last.apart, lost, deviations, ..epoch };
        }
        let byzantine = self.instance.byzantine;
        let others: Vec<NodeId> =
            all.iter().copied().filter(|&node| !byzantine.contains(node)).collect();
        if !self.instance.synchronous {
            epoch.cut = match stream.random_range(0..8) {
                0 | 1 => Members::NONE,
                2 | 3 => [one(&members, stream)].into_iter().collect(),
                4..7 => some(&members, stream),
                _ => some(&all, stream),
            };
            let losses = stream.random_range(0..8usize).saturating_sub(4);
            epoch.lost = (0..losses).map(|_| loss::<P>(&all, stream)).collect();
        }
        if !byzantine.is_empty() {
            let deviations = stream.random_range(0..4);
            epoch.deviations = (0..deviations).map(|_| deviation::<P>(&others, stream)).collect();
        }
        // Two sides, one of which the Byzantine node treats honestly.
        if stream.random_range(0..4) == 0 {
            let mut sides = [Members::NONE; 2];
            for &node in &others {
                if let Some(side) = sides.get_mut(stream.random_range(0..3usize)) {
                    side.insert(node);
                }
            }
            if !byzantine.is_empty() {
                epoch.deviations =
                    vec![Deviation { to: sides[1], ..deviation::<P>(&others, stream) }];
            }
            if !self.instance.synchronous {
                (epoch.apart, epoch.cut) = (sides, Members::NONE);
            }
        }
        epoch
    }
}

fn one(nodes: &[NodeId], stream: &mut Stream) -> NodeId {
    nodes[stream.random_range(0..nodes.len())]
}

/// Each of them or not, and one at least.
fn some(nodes: &[NodeId], stream: &mut Stream) -> Members {
    let mut some: Members =
        nodes.iter().copied().filter(|_| stream.random_range(0..2) == 0).collect();
    some.insert(one(nodes, stream));
    some
}

fn kind<P: Replicated>(stream: &mut Stream) -> u8 {
    stream.random_range(0..P::KINDS.len()) as u8
}

fn loss<P: Replicated>(all: &[NodeId], stream: &mut Stream) -> Loss {
    let mut maybe = |of: u32| stream.random_range(0..of) > 0;
    let (by_kind, by_from, by_to) = (maybe(4), maybe(2), maybe(2));
    Loss {
        kind: (by_kind || !(by_from || by_to)).then(|| kind::<P>(stream)),
        from: by_from.then(|| one(all, stream)),
        to: by_to.then(|| one(all, stream)),
    }
}

fn deviation<P: Replicated>(others: &[NodeId], stream: &mut Stream) -> Deviation {
    let kind = (stream.random_range(0..2) == 0).then(|| kind::<P>(stream));
    let to = some(others, stream);
    let says = match stream.random_range(0..8) {
        0..2 => Says::Nothing,
        2..5 => Says::Another(0),
        5..7 => Says::Another(1),
        _ => Says::Another(2),
    };
    Deviation { kind, to, says }
}

/// The runs that are a little simpler than this one, the much simpler ones first.
fn simpler(run: &[Epoch]) -> Vec<Vec<Epoch>> {
    let mut all = Vec::new();
    for index in 0..run.len() {
        let mut shorter = run.to_vec();
        shorter.remove(index);
        all.push(shorter);
    }
    for (index, epoch) in run.iter().enumerate() {
        all.extend(plainer(epoch).into_iter().map(|epoch| {
            let mut run = run.to_vec();
            run[index] = epoch;
            run
        }));
    }
    all
}

/// The runs in which one more of these nodes is cut off for an epoch.
fn lonelier(run: &[Epoch], nodes: Members) -> Vec<Vec<Epoch>> {
    let places = run.iter().enumerate().flat_map(|(index, epoch)| {
        let there = nodes.iter().filter(|&node| !epoch.cut.contains(node));
        there.map(move |node| (index, node))
    });
    let without = |(index, node): (usize, NodeId)| {
        let mut run = run.to_vec();
        run[index].cut.insert(node);
        run
    };
    places.map(without).collect()
}

/// The epochs in which less is out of the ordinary.
fn plainer(epoch: &Epoch) -> Vec<Epoch> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Epoch)| {
        let mut plainer = epoch.clone();
        change(&mut plainer);
        if plainer != *epoch {
            all.push(plainer);
        }
    };
    add(&|epoch| epoch.restart = None);
    add(&|epoch| epoch.overtaking = false);
    add(&|epoch| epoch.lost.clear());
    add(&|epoch| epoch.deviations.clear());
    add(&|epoch| epoch.hasty = Members::NONE);
    add(&|epoch| epoch.timers = Timers::All);
    add(&|epoch| epoch.waves = 1);
    add(&|epoch| epoch.ticks /= 2);
    add(&|epoch| epoch.ticks = epoch.ticks.saturating_sub(1));
    (0..epoch.asks.len()).for_each(|i| {
        add(&|epoch| {
            epoch.asks.remove(i);
        });
    });
    (0..epoch.lost.len()).for_each(|i| {
        add(&|epoch| {
            epoch.lost.remove(i);
        })
    });
    (0..epoch.deviations.len()).for_each(|i| {
        add(&|epoch| {
            epoch.deviations.remove(i);
        })
    });
    epoch.cut.iter().for_each(|node| add(&|epoch| epoch.cut.remove(node)));
    add(&|epoch| epoch.apart = [Members::NONE; 2]);
    for (i, side) in epoch.apart.into_iter().enumerate() {
        side.iter().for_each(|node| add(&|epoch| epoch.apart[i].remove(node)));
    }
    epoch.hasty.iter().for_each(|node| add(&|epoch| epoch.hasty.remove(node)));
    for (i, deviation) in
        epoch.deviations.iter().enumerate().filter(|(_, deviation)| deviation.to.len() > 1)
    {
        deviation.to.iter().for_each(|node| add(&|epoch| epoch.deviations[i].to.remove(node)));
    }
    all
}
