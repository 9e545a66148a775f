//! The faults of a run, as a table. Beyond it, nothing fails.

use crate::{Links, NodeId};
use gridtwin_kernel::SimTime;

/// What goes wrong in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The share of messages lost on every link, 0 to 1.
    pub loss: f64,
    /// The share of messages that arrive twice on every link, 0 to 1.
    pub duplicate: f64,
    /// Nodes that lose power, and when it is back.
    pub crashes: Vec<Crash>,
    /// Nodes cut off from the others.
    pub partitions: Vec<Partition>,
}

/// A node's loss of power.
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

/// One change at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Off(NodeId),
    On(NodeId),
    /// The sides of partitions in force from now on.
    Cut(Vec<Vec<NodeId>>),
}

impl Faults {
    /// All changes, in order of time.
    pub(crate) fn schedule(&self) -> Vec<(SimTime, Change)> {
        let mut changes = Vec::new();
        for crash in &self.crashes {
            changes.push((crash.at, Change::Off(crash.node)));
            changes.extend(crash.back.map(|back| (back, Change::On(crash.node))));
        }
        let starts = self.partitions.iter().map(|partition| partition.at);
        let ends = self.partitions.iter().filter_map(|partition| partition.heals);
        for at in starts.chain(ends) {
            let in_force = |p: &&Partition| p.at <= at && p.heals.is_none_or(|heals| at < heals);
            let sides = self.partitions.iter().filter(in_force);
            changes.push((at, Change::Cut(sides.map(|p| p.side.clone()).collect())));
        }
        changes.sort_by_key(|&(at, _)| at);
        changes
    }
}

/// Takes down the links between the sides of all partitions, and no others.
pub(crate) fn cut(links: &mut Links, sides: &[Vec<NodeId>]) {
    let nodes = links.nodes();
    for from in 0..nodes {
        for to in 0..nodes {
            let apart = |side: &Vec<NodeId>| {
                let inside = |node: usize| side.iter().any(|member| member.index() == node);
                inside(from) != inside(to)
            };
            links.link_mut(from, to).up = !sides.iter().any(apart);
        }
    }
}
