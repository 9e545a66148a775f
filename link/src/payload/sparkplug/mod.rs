//! Sparkplug B: the nodes that meters ask for, and which message belongs to which.
//!
//! Not a Sparkplug host in full: no `STATE`, no commands but the request to be born again, and of
//! the metrics only numbers. Nothing is kept of nodes, devices and metrics that no meter asks for.
mod ask;
mod message;
mod node;
mod place;
mod topic;
mod wire;

use super::{Held, Said, Taken};
pub use ask::Ask;
use message::Message;
use node::Node;
use std::collections::BTreeMap;
use topic::Topic;
pub(super) use topic::place_of;

/// All nodes that meters ask for.
#[derive(Default)]
pub(super) struct Nodes {
    /// Where each is in the list, by its group and then its name.
    groups: BTreeMap<Box<str>, BTreeMap<Box<str>, usize>>,
    list: Vec<Node>,
    /// Those that have a request waiting, each once.
    asking: Vec<usize>,
}

impl Nodes {
    /// Subscribes a meter to a metric of the node or device that its topic names.
    pub(super) fn add(&mut self, topic: &str, metric: &str, meter: u32, factor: f64) {
        let Some((group, name, device)) = place_of(topic) else {
            return;
        };
        let next = self.list.len();
        let nodes = self.groups.entry(group.into()).or_default();
        let at = *nodes.entry(name.into()).or_insert(next);
        if at == next {
            self.list.push(Node::new(group, name));
        }
        if let Some(node) = self.list.get_mut(at) {
            node.add(device, metric, meter, factor);
        }
    }

    /// Adds the filters of all that a node and its devices publish.
    pub(super) fn subscriptions(&self, filters: &mut Vec<String>) {
        for node in &self.list {
            let (group, name) = (&node.group, &node.name);
            for kind in ["BIRTH", "DATA", "DEATH"] {
                filters.push(format!("spBv1.0/{group}/N{kind}/{name}"));
                filters.push(format!("spBv1.0/{group}/D{kind}/{name}/+"));
            }
        }
    }

    /// Takes a message in.
    pub(super) fn take(&mut self, topic: &str, payload: &[u8], out: &mut Vec<Said>) -> Taken {
        let Some(topic) = Topic::read(topic) else {
            return Taken::Unknown;
        };
        let at = self.groups.get(topic.group).and_then(|nodes| nodes.get(topic.node));
        let Some((at, node)) = at.and_then(|at| Some((*at, self.list.get_mut(*at)?))) else {
            return Taken::Unknown;
        };
        let message = match Message::read(payload) {
            Ok(message) => message,
            Err(reason) => return Taken::Unreadable(reason),
        };
        let was_asking = node.asking;
        let taken = node.take(topic.kind, topic.device, message, out);
        if node.asking && !was_asking {
            self.asking.push(at);
        }
        taken
    }

    /// The requests that wait, in the order in which they came up.
    pub(super) fn asks(&mut self, now_ms: i64) -> Vec<Ask> {
        let mut asks = Vec::new();
        for at in self.asking.drain(..) {
            if let Some(node) = self.list.get_mut(at) {
                node.asking = false;
                asks.push(ask::rebirth(&node.group, &node.name, now_ms));
            }
        }
        asks
    }

    /// How much is kept of nodes.
    pub(super) fn held(&self) -> Held {
        let (mut metrics, mut aliases) = (0, 0);
        for held in self.list.iter().map(Node::held) {
            metrics += held.0;
            aliases += held.1;
        }
        Held { topics: 0, nodes: self.list.len(), metrics, aliases, asks: self.asking.len() }
    }
}
