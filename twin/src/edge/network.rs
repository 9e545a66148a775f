//! Reachability: the graph of fleets, servers, switches, the cloud and their links, and the
//! shortest paths through the part that is up. Not traffic: links here have a latency and a rate,
//! no queues.
//!
//! Ways are computed once, and anew when something goes down or comes back. Switches and servers
//! with power pass on what is not theirs; devices and the cloud do not.

use gridtwin_kernel::Span;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// A node, by its index among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Any device of this fleet.
    Fleet(u16),
    /// An edge server.
    Server(u16),
    /// A switch.
    Switch(u16),
    /// The cloud.
    Cloud,
}

/// The shortest way between two nodes; it is the same in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Path {
    /// Time of a bit from end to end.
    pub latency: Span,
    /// Up to this much more, at random, for a message of a consensus group.
    pub jitter: Span,
    /// The slowest link's rate.
    pub rate_bit_s: f64,
    /// Energy of a bit, all links together.
    pub joules_per_bit: f64,
    /// Of it: on the link of the fleet at one end.
    pub fleet_joules_per_bit: f64,
    /// How many links.
    pub hops: u32,
}

/// A link, by dense indices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wire {
    pub(super) ends: [Node; 2],
    pub(super) latency: Span,
    pub(super) jitter: Span,
    pub(super) rate_bit_s: f64,
    pub(super) joules_per_bit: f64,
}

/// How many nodes of each kind there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) fleets: usize,
    pub(super) servers: usize,
    pub(super) switches: usize,
    pub(super) cloud: bool,
}

impl Counts {
    fn nodes(&self) -> usize {
        self.fleets + self.servers + self.switches + usize::from(self.cloud)
    }

    /// Fleets, servers, switches, the cloud: in this order.
    fn dense(&self, node: Node) -> Option<usize> {
        let within = |i: u16, n: usize| (usize::from(i) < n).then_some(usize::from(i));
        Some(match node {
            Node::Fleet(i) => within(i, self.fleets)?,
            Node::Server(i) => self.fleets + within(i, self.servers)?,
            Node::Switch(i) => self.fleets + self.servers + within(i, self.switches)?,
            Node::Cloud => {
                within(0, self.cloud.into())? + self.fleets + self.servers + self.switches
            }
        })
    }

    /// Servers and the cloud have a row of ways to every node.
    fn row(&self, node: Node) -> Option<usize> {
        match node {
            Node::Server(i) => Some(usize::from(i)),
            Node::Cloud => Some(self.servers),
            Node::Fleet(_) | Node::Switch(_) => None,
        }
    }
}

/// The network as it is now. Clones share their ways until one of them changes.
#[derive(Clone, Debug)]
pub struct Network {
    counts: Counts,
    edges: Arc<[Wire]>,
    edge_up: Vec<bool>,
    /// Whether a node passes on what is not its own.
    forwards: Vec<bool>,
    node_up: Vec<bool>,
    /// Ways from each server, then from the cloud, to every node.
    paths: Arc<[Option<Path>]>,
}

impl Network {
    pub(super) fn new(counts: Counts, edges: Vec<Wire>) -> Self {
        let n = counts.nodes();
        let first = counts.fleets;
        let middle = first..first + counts.servers + counts.switches;
        let mut network = Self {
            counts,
            edge_up: vec![true; edges.len()],
            edges: edges.into(),
            forwards: (0..n).map(|i| middle.contains(&i)).collect(),
            node_up: vec![true; n],
            paths: Arc::new([]),
        };
        network.find_paths();
        network
    }

    /// The shortest way by latency, then by hops, then by the lower indices on it. At least one end
    /// must be a server or the cloud; `None` where no way leads there, or where there is no such
    /// node. A server without power still has a way to it, though none through it: what is sent
    /// there is lost there. A switch without power has none.
    #[inline]
    pub fn path(&self, a: Node, b: Node) -> Option<Path> {
        let (from, to) = match self.counts.row(a) {
            Some(row) => (row, b),
            None => (self.counts.row(b)?, a),
        };
        let index = from * self.counts.nodes() + self.counts.dense(to)?;
        *self.paths.get(index)?
    }

    /// Whether a link carries data, its ends apart.
    pub fn link_up(&self, link: u16) -> bool {
        self.edge_up.get(usize::from(link)).is_some_and(|up| *up)
    }

    /// Whether a switch has power.
    pub fn switch_up(&self, switch: u16) -> bool {
        let node = self.counts.dense(Node::Switch(switch));
        node.is_some_and(|i| self.node_up[i])
    }

    /// Takes another network's links, which join the same nodes in the same order; what is down
    /// stays so. Returns whether ways have changed.
    pub(super) fn set_edges(&mut self, other: &Self) -> bool {
        if self.edges == other.edges {
            return false;
        }
        self.edges = Arc::clone(&other.edges);
        self.find_paths();
        true
    }

    /// Returns whether ways may have changed.
    pub(super) fn set_node(&mut self, node: Node, up: bool) -> bool {
        let Some(i) = self.counts.dense(node) else {
            return false;
        };
        if std::mem::replace(&mut self.node_up[i], up) == up {
            return false;
        }
        // A server at the end of its only link passes nothing on.
        let links = self.edges.iter().filter(|e| e.ends.contains(&node)).count();
        let matters = matches!(node, Node::Switch(_)) || links > 1;
        if matters {
            self.find_paths();
        }
        matters
    }

    /// Returns whether ways may have changed.
    pub(super) fn set_link(&mut self, link: u16, up: bool) -> bool {
        let Some(now) = self.edge_up.get_mut(usize::from(link)) else {
            return false;
        };
        let changed = std::mem::replace(now, up) != up;
        if changed {
            self.find_paths();
        }
        changed
    }

    fn find_paths(&mut self) {
        let counts = self.counts;
        let n = counts.nodes();
        let mut neighbours: Vec<Vec<(usize, usize)>> = vec![Vec::new(); n];
        for (i, edge) in self.edges.iter().enumerate() {
            let ends = edge.ends.map(|end| counts.dense(end));
            if let ([Some(a), Some(b)], true) = (ends, self.edge_up[i]) {
                neighbours[a].push((b, i));
                neighbours[b].push((a, i));
            }
        }
        let roots = (counts.fleets..counts.fleets + counts.servers)
            .chain(counts.cloud.then(|| counts.fleets + counts.servers + counts.switches));
        let paths = roots.flat_map(|root| self.paths_from(root, &neighbours));
        self.paths = paths.collect();
    }

    /// Dijkstra 1959, from one node to all.
    fn paths_from(&self, root: usize, neighbours: &[Vec<(usize, usize)>]) -> Vec<Option<Path>> {
        let counts = &self.counts;
        let first_switch = counts.fleets + counts.servers;
        let dead = |v: usize| {
            (first_switch..first_switch + counts.switches).contains(&v) && !self.node_up[v]
        };
        let mut found: Vec<Option<Path>> = vec![None; neighbours.len()];
        let mut done = vec![false; neighbours.len()];
        let mut reach = BinaryHeap::new();
        found[root] = Some(Path { rate_bit_s: f64::INFINITY, ..Path::default() });
        reach.push(Reverse((Span::ZERO, 0, root)));
        while let Some(Reverse((_, _, u))) = reach.pop() {
            if std::mem::replace(&mut done[u], true) {
                continue;
            }
            let Some(so_far) = found[u] else { continue };
            if u != root && !(self.forwards[u] && self.node_up[u]) {
                continue;
            }
            for &(v, i) in &neighbours[u] {
                if done[v] || dead(v) {
                    continue;
                }
                let edge = &self.edges[i];
                let longer = so_far.and(edge, v < counts.fleets);
                if found[v]
                    .is_none_or(|old| (longer.latency, longer.hops) < (old.latency, old.hops))
                {
                    found[v] = Some(longer);
                    reach.push(Reverse((longer.latency, longer.hops, v)));
                }
            }
        }
        found
    }
}

impl Path {
    fn and(&self, edge: &Wire, of_fleet: bool) -> Self {
        let own = if of_fleet { edge.joules_per_bit } else { 0.0 };
        Self {
            latency: self.latency + edge.latency,
            jitter: self.jitter + edge.jitter,
            rate_bit_s: self.rate_bit_s.min(edge.rate_bit_s),
            joules_per_bit: self.joules_per_bit + edge.joules_per_bit,
            fleet_joules_per_bit: self.fleet_joules_per_bit + own,
            hops: self.hops + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(a: Node, b: Node, latency_ms: u64, mbit_s: f64) -> Wire {
        Wire {
            ends: [a, b],
            latency: Span::from_millis(latency_ms),
            jitter: Span::from_millis(1),
            rate_bit_s: mbit_s * 1e6,
            joules_per_bit: 1e-9,
        }
    }

    /// Fleet 0 - switch 0 - server 0, server 1 and the cloud; fleet 0 - switch 1 - server 0.
    fn diamond() -> Network {
        let counts = Counts { fleets: 2, servers: 2, switches: 2, cloud: true };
        let (w0, w1) = (Node::Switch(0), Node::Switch(1));
        Network::new(
            counts,
            vec![
                edge(Node::Fleet(0), w0, 2, 20.0),
                edge(w0, Node::Server(0), 1, 1000.0),
                edge(w0, Node::Server(1), 1, 10.0),
                edge(w0, Node::Cloud, 30, 100.0),
                edge(Node::Fleet(0), w1, 2, 50.0),
                edge(w1, Node::Server(0), 2, 1000.0),
            ],
        )
    }

    #[test]
    fn a_path_sums_latency_and_takes_the_slowest_rate() {
        let path = diamond().path(Node::Fleet(0), Node::Server(1)).unwrap();
        assert_eq!(path.latency, Span::from_millis(3));
        assert_eq!((path.jitter, path.hops), (Span::from_millis(2), 2));
        assert_eq!(path.rate_bit_s, 1e7);
        assert!((path.joules_per_bit - 2e-9).abs() < 1e-24);
        assert!((path.fleet_joules_per_bit - 1e-9).abs() < 1e-24);
    }

    #[test]
    fn a_way_is_the_same_back() {
        let network = diamond();
        for (a, b) in [
            (Node::Fleet(0), Node::Cloud),
            (Node::Server(0), Node::Server(1)),
            (Node::Cloud, Node::Server(1)),
            (Node::Switch(1), Node::Server(1)),
        ] {
            assert_eq!(network.path(a, b), network.path(b, a));
            assert!(network.path(a, b).is_some());
        }
    }

    #[test]
    fn devices_pass_nothing_on() {
        // Switch 1's other way to server 1 would lead through server 0 or through the fleet.
        let mut network = diamond();
        let path = network.path(Node::Switch(1), Node::Server(1)).unwrap();
        assert_eq!(path.hops, 3, "through server 0");
        assert!(network.set_node(Node::Server(0), false));
        assert_eq!(network.path(Node::Switch(1), Node::Server(1)), None);
    }

    #[test]
    fn a_dead_switch_is_bypassed_or_cuts() {
        let mut network = diamond();
        let before = network.path(Node::Fleet(0), Node::Server(0));
        assert!(network.set_node(Node::Switch(0), false));
        let around = network.path(Node::Fleet(0), Node::Server(0)).unwrap();
        assert_eq!(around.latency, Span::from_millis(4));
        assert_eq!(network.path(Node::Fleet(0), Node::Server(1)), None);
        assert_eq!(network.path(Node::Switch(0), Node::Server(1)), None);
        network.set_node(Node::Switch(0), true);
        assert_eq!(network.path(Node::Fleet(0), Node::Server(0)), before);
    }

    #[test]
    fn a_dead_link_cuts() {
        let mut network = diamond();
        assert!(network.set_link(3, false));
        assert_eq!(network.path(Node::Fleet(0), Node::Cloud), None);
        assert!(!network.set_link(3, false), "nothing new");
    }

    #[test]
    fn what_does_not_exist_has_no_path() {
        let network = diamond();
        assert_eq!(network.path(Node::Fleet(9), Node::Server(0)), None);
        assert_eq!(network.path(Node::Fleet(0), Node::Server(9)), None);
        assert_eq!(network.path(Node::Fleet(1), Node::Server(0)), None);
    }
}
