//! The faults of a run as one table: what goes wrong, when and at which node. Nothing else fails.
//! `Display` prints the table.

use crate::net::Clock;
use crate::{Links, NodeId, Noise, Strategy};
use gridtwin_kernel::{SimTime, Span, Stream};
use rand::RngExt;
use rand_distr::{Distribution, Exp};
use std::fmt;

/// What goes wrong in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// The share of messages lost on every link, 0 to 1.
    pub loss: f64,
    /// The share of messages that arrive twice on every link, 0 to 1.
    pub duplicate: f64,
    /// The share of messages that are held back, so that others overtake them, 0 to 1,
    pub reorder: f64,
    /// by a uniformly drawn time up to this.
    pub hold: Span,
    /// The share of messages that arrive corrupted, 0 to 1; receivers detect and drop them.
    pub corrupt: f64,
    /// When all of this ends; never, if it does not.
    pub calm: Option<SimTime>,
    /// The global stabilisation time: until then an adversary holds back every message,
    pub gst: Option<SimTime>,
    /// by a uniformly drawn time up to this, but never beyond the stabilisation time.
    pub before_gst: Span,
    /// Nodes that lose power, and when it is back.
    pub crashes: Vec<Crash>,
    /// Nodes cut off from the others.
    pub partitions: Vec<Partition>,
    /// Groups of nodes that cannot reach each other.
    pub splits: Vec<Split>,
    /// Such groups at random.
    pub random_splits: Option<RandomSplits>,
    /// Byzantine nodes.
    pub byzantine: Vec<Byzantine>,
    /// Nodes that are slow.
    pub slow: Vec<Slow>,
    /// Nodes with a wrong clock.
    pub skew: Vec<Skew>,
}

impl Default for Faults {
    /// Nothing. What would be reordered is held back by up to 20 ms, and what is sent before the
    /// global stabilisation time by up to a second.
    fn default() -> Self {
        Self {
            loss: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            hold: Span::from_millis(20),
            corrupt: 0.0,
            calm: None,
            gst: None,
            before_gst: Span::from_secs(1),
            crashes: Vec::new(),
            partitions: Vec::new(),
            splits: Vec::new(),
            random_splits: None,
            byzantine: Vec::new(),
            slow: Vec::new(),
            skew: Vec::new(),
        }
    }
}

/// A node's loss of power: a crash if it lasts, a brown-out if it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Which node.
    pub node: NodeId,
    /// When it loses power.
    pub at: SimTime,
    /// When it has it again; never, if it has not.
    pub back: Option<SimTime>,
}

/// A time during which some nodes and all others cannot reach each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The nodes on one side.
    pub side: Vec<NodeId>,
    /// When the links go down.
    pub at: SimTime,
    /// When they are up again; never, if they are not.
    pub heals: Option<SimTime>,
}

/// A time during which groups of nodes cannot reach each other. A node in none of the groups can
/// reach, and is reachable from, all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The groups.
    pub groups: Vec<Vec<NodeId>>,
    /// Whether only what goes from an earlier group to a later one is lost.
    pub one_way: bool,
    /// When the links go down.
    pub at: SimTime,
    /// When they are up again; never, if they are not.
    pub heals: Option<SimTime>,
}

/// Splits of the members into two groups, at random times and for random times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomSplits {
    /// Between the end of one and the beginning of the next: the mean of an exponential
    /// distribution.
    pub every: Span,
    /// How long each lasts: likewise.
    pub lasting: Span,
    /// When the last one is over.
    pub until: SimTime,
    /// Whether half of them, at random, are one-way.
    pub one_way: bool,
}

/// A Byzantine node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Byzantine {
    /// Which node.
    pub node: NodeId,
    /// What it does.
    pub strategy: Strategy,
    /// When it begins; it never ends.
    pub from: SimTime,
}

/// A time during which a node is slow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    /// Which node.
    pub node: NodeId,
    /// Factor by which handling takes longer.
    pub times: f64,
    /// When it begins to be.
    pub at: SimTime,
    /// When it is as quick as before; never, if it is not.
    pub back: Option<SimTime>,
}

/// A clock that is wrong: the node's time, and its timers, go by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skew {
    /// The node.
    pub node: NodeId,
    /// How far it is ahead of the others at the start, in ms; behind, if negative.
    pub ahead_ms: f64,
    /// How much too fast it runs, in millionths; too slow, if negative.
    pub drift_ppm: f64,
}

/// Groups of nodes in force as sides of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    groups: Vec<Vec<NodeId>>,
    /// Whether the others are a group, too: the last.
    rest: bool,
    one_way: bool,
}

impl Cut {
    /// Whether nothing gets from one node to another.
    fn parts(&self, from: usize, to: usize) -> bool {
        let group = |node: usize| {
            let with = |group: &Vec<NodeId>| group.iter().any(|member| member.index() == node);
            self.groups.iter().position(with).or(self.rest.then_some(self.groups.len()))
        };
        match (group(from), group(to)) {
            (Some(from), Some(to)) => from < to || (from > to && !self.one_way),
            _ => false,
        }
    }
}

/// One change at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Off(NodeId),
    On(NodeId),
    /// The cuts in force from now on.
    Cut(Vec<Cut>),
    Byzantine(NodeId, Strategy),
    Slow(NodeId, f64),
    /// The links are as they should be.
    Calm,
    /// The global stabilisation time.
    Stable,
}

impl Faults {
    /// The noise on all links, apart from their own loss and duplication.
    pub(crate) fn noise(&self) -> Noise {
        let Self { reorder, hold, corrupt, before_gst, .. } = *self;
        Noise { reorder, hold, corrupt, gst: self.gst.unwrap_or(SimTime::ZERO), before_gst }
    }

    /// The clocks of all `nodes` nodes. None of them is behind the simulation's, so that none
    /// stands still: only their differences matter.
    pub(crate) fn clocks(&self, nodes: usize) -> Vec<Clock> {
        if self.skew.is_empty() {
            return Vec::new();
        }
        let ns = |ms: f64| (1e6 * ms) as i64;
        let behind = self.skew.iter().map(|skew| ns(skew.ahead_ms)).min().unwrap_or(0).min(0);
        let right = Clock { ahead_ns: -behind, fast_ns_per_s: 0 };
        let mut clocks = vec![right; nodes];
        for skew in &self.skew {
            clocks[skew.node.index()] = Clock {
                ahead_ns: ns(skew.ahead_ms) - behind,
                fast_ns_per_s: (1e3 * skew.drift_ppm) as i64,
            };
        }
        clocks
    }

    /// All changes among `members` members, in order of time.
    pub(crate) fn schedule(&self, members: u16, random: &mut Stream) -> Vec<(SimTime, Change)> {
        let mut changes = Vec::new();
        for crash in &self.crashes {
            changes.push((crash.at, Change::Off(crash.node)));
            changes.extend(crash.back.map(|back| (back, Change::On(crash.node))));
        }
        for slow in &self.slow {
            changes.push((slow.at, Change::Slow(slow.node, slow.times)));
            changes.extend(slow.back.map(|back| (back, Change::Slow(slow.node, 1.0))));
        }
        for byzantine in &self.byzantine {
            changes.push((
                byzantine.from,
                Change::Byzantine(byzantine.node, byzantine.strategy.clone()),
            ));
        }
        changes.extend(self.calm.map(|at| (at, Change::Calm)));
        changes.extend(self.gst.map(|at| (at, Change::Stable)));
        let cuts = self.cuts(members, random);
        let starts = cuts.iter().map(|&(at, ..)| at);
        let ends = cuts.iter().filter_map(|&(_, heals, _)| heals);
        for at in starts.chain(ends) {
            let in_force = |from: SimTime, heals: Option<SimTime>| {
                from <= at && heals.is_none_or(|heals| at < heals)
            };
            let cuts = cuts.iter().filter(|&&(from, heals, _)| in_force(from, heals));
            changes.push((at, Change::Cut(cuts.map(|(.., cut)| cut.clone()).collect())));
        }
        changes.sort_by_key(|&(at, _)| at);
        changes
    }

    /// All cuts, with when they begin and end.
    fn cuts(&self, members: u16, random: &mut Stream) -> Vec<(SimTime, Option<SimTime>, Cut)> {
        let alone = self.partitions.iter().map(|partition| {
            let cut = Cut { groups: vec![partition.side.clone()], rest: true, one_way: false };
            (partition.at, partition.heals, cut)
        });
        let drawn = self.random_splits.map_or_else(Vec::new, |splits| splits.draw(members, random));
        let splits = self.splits.iter().chain(&drawn).map(|split| {
            let (groups, one_way) = (split.groups.clone(), split.one_way);
            (split.at, split.heals, Cut { groups, rest: false, one_way })
        });
        alone.chain(splits).collect()
    }
}

impl RandomSplits {
    /// The splits of `members` members.
    pub(crate) fn draw(&self, members: u16, random: &mut Stream) -> Vec<Split> {
        let mut splits = Vec::new();
        let spans = |mean: Span| Exp::new(1.0 / mean.as_secs_f64().max(1e-9));
        let (Ok(gaps), Ok(lengths)) = (spans(self.every), spans(self.lasting)) else {
            return splits;
        };
        let mut span = |of: &Exp<f64>| Span::from_secs_f64(of.sample(random)).max(Span(1));
        let mut times = Vec::new();
        let mut now = SimTime::ZERO;
        loop {
            let at = now + span(&gaps);
            if at >= self.until {
                break;
            }
            now = (at + span(&lengths)).min(self.until);
            times.push((at, now));
        }
        for (at, heals) in times {
            let one_way = self.one_way && random.random();
            let groups = two_groups((0..members).map(NodeId), random);
            splits.push(Split { groups, one_way, at, heals: Some(heals) });
        }
        splits
    }
}

/// Two groups, both non-empty if there are two nodes or more.
pub(crate) fn two_groups(
    nodes: impl Iterator<Item = NodeId>,
    random: &mut Stream,
) -> Vec<Vec<NodeId>> {
    let mut groups = vec![Vec::new(), Vec::new()];
    for node in nodes {
        groups[usize::from(random.random::<bool>())].push(node);
    }
    if let Some(empty) = groups.iter().position(Vec::is_empty) {
        let moved = groups[1 - empty].pop();
        groups[empty].extend(moved);
    }
    groups
}

/// Takes down the links that the cuts part, and no others but those that `base` has down.
pub(crate) fn cut(links: &mut Links, base: &Links, cuts: &[Cut]) {
    let nodes = links.nodes();
    for from in 0..nodes {
        for to in 0..nodes {
            let parted = cuts.iter().any(|cut| cut.parts(from, to));
            links.link_mut(from, to).up = base.link(from, to).up && !parted;
        }
    }
}

impl fmt::Display for Faults {
    /// A line for each fault: from when to when, and what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(SimTime, Option<SimTime>, String)> = Vec::new();
        let start = SimTime::ZERO;
        let shares = [
            (self.loss, "lost"),
            (self.duplicate, "duplicated"),
            (self.reorder, "reordered"),
            (self.corrupt, "corrupted"),
        ];
        for (share, what) in shares.into_iter().filter(|&(share, _)| share > 0.0) {
            let text = format!("{:.1} % of messages are {what}", 100.0 * share);
            lines.push((start, self.calm, text));
        }
        if let Some(gst) = self.gst {
            let ms = self.before_gst.as_millis_f64();
            lines.push((start, Some(gst), format!("messages are delayed by up to {ms:.0} ms")));
        }
        for crash in &self.crashes {
            lines.push((crash.at, crash.back, format!("node {} has no power", crash.node)));
        }
        let list = |nodes: &Vec<NodeId>| {
            let nodes: Vec<_> = nodes.iter().map(NodeId::to_string).collect();
            nodes.join(",")
        };
        for partition in &self.partitions {
            let side = list(&partition.side);
            let text = format!("partition: no messages between {side} and the other nodes");
            lines.push((partition.at, partition.heals, text));
        }
        for split in &self.splits {
            let groups: Vec<_> = split.groups.iter().map(list).collect();
            let groups = groups.join(" | ");
            let text = if split.one_way {
                format!(
                    "one-way partition {groups}: a group receives nothing from the groups before it"
                )
            } else {
                format!("partition {groups}: the groups cannot reach each other")
            };
            lines.push((split.at, split.heals, text));
        }
        if let Some(random) = self.random_splits {
            let (every, lasting) = (random.every.as_secs_f64(), random.lasting.as_secs_f64());
            let text = format!(
                "random partitions: on average {lasting} s long, with {every} s between them"
            );
            lines.push((start, Some(random.until), text));
        }
        for slow in &self.slow {
            lines.push((
                slow.at,
                slow.back,
                format!("node {} is {:.1} times slower", slow.node, slow.times),
            ));
        }
        for byzantine in &self.byzantine {
            lines.push((
                byzantine.from,
                None,
                format!("node {} is Byzantine: {}", byzantine.node, byzantine.strategy),
            ));
        }
        for skew in &self.skew {
            let (ahead, drift) = (skew.ahead_ms, skew.drift_ppm);
            let text = format!(
                "node {}'s clock has an offset of {ahead:+.3} ms and a drift of {drift:+.1} ppm",
                skew.node
            );
            lines.push((start, None, text));
        }
        lines.sort_by_key(|&(at, ..)| at);
        writeln!(f, "{:>8}  {:>8}", "from s", "to s")?;
        for (at, back, what) in lines {
            let back =
                back.map_or_else(|| "the end".to_owned(), |b| format!("{:.3}", b.as_secs_f64()));
            writeln!(f, "{:>8.3}  {back:>8}  {what}", at.as_secs_f64())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtwin_kernel::Streams;

    fn nodes(nodes: &[u16]) -> Vec<NodeId> {
        nodes.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn groups_are_apart_in_one_direction_or_both_and_the_others_reach_all() {
        let groups = vec![nodes(&[0, 1]), nodes(&[2]), nodes(&[3])];
        let both = Cut { groups, rest: false, one_way: false };
        assert!(!both.parts(0, 1) && both.parts(0, 2) && both.parts(2, 0) && both.parts(3, 2));
        assert!(!both.parts(4, 0) && !both.parts(3, 4));
        let one_way = Cut { one_way: true, ..both.clone() };
        assert!(one_way.parts(0, 2) && !one_way.parts(2, 0) && one_way.parts(2, 3));
        let alone = Cut { groups: vec![nodes(&[0, 1])], rest: true, one_way: false };
        assert!(!alone.parts(0, 1) && alone.parts(4, 0) && alone.parts(1, 3) && !alone.parts(2, 4));
    }

    #[test]
    fn random_splits_come_as_often_as_stated_and_heal() {
        let second = Span::from_secs(1);
        let until = SimTime::ZERO + second * 1000;
        let random = RandomSplits { every: second, lasting: second, until, one_way: true };
        let splits = random.draw(4, &mut Streams::new(1).stream("splits"));
        assert!((400..600).contains(&splits.len()), "{}", splits.len());
        let one_way = splits.iter().filter(|split| split.one_way).count();
        assert!((180..320).contains(&one_way), "{one_way}");
        for split in &splits {
            assert!(split.groups.iter().all(|group| !group.is_empty()));
            assert!(split.heals.is_some_and(|heals| split.at < heals && heals <= until));
        }
        assert_eq!(splits, random.draw(4, &mut Streams::new(1).stream("splits")));
    }

    #[test]
    fn clocks_never_stand_still() {
        let skew = |node, ahead_ms| Skew { node: NodeId(node), ahead_ms, drift_ppm: 50.0 };
        let faults = Faults { skew: vec![skew(0, -5.0), skew(2, 3.0)], ..Faults::default() };
        let ahead: Vec<_> = faults.clocks(4).iter().map(|clock| clock.ahead_ns).collect();
        assert_eq!(ahead, [0, 5_000_000, 8_000_000, 5_000_000]);
        assert_eq!(faults.clocks(4)[0].fast_ns_per_s, 50_000);
        assert_eq!(Faults::default().clocks(4), []);
    }

    #[test]
    fn the_table_reads_as_one() {
        let crash = Crash { node: NodeId(3), at: SimTime(1_500_000_000), back: None };
        let byzantine =
            Byzantine { node: NodeId(1), strategy: Strategy::Stale, from: SimTime::ZERO };
        let faults = Faults {
            loss: 0.05,
            calm: Some(SimTime(4_000_000_000)),
            crashes: vec![crash],
            byzantine: vec![byzantine],
            ..Faults::default()
        };
        let expected = "  from s      to s\n   0.000     4.000  5.0 % of messages are lost\n   \
                        0.000   the end  node 1 is Byzantine: stale\n   1.500   the end  node 3 has no power\n";
        assert_eq!(faults.to_string(), expected);
    }
}
