//! Meters: messages and bytes by kind, cryptographic operations and joules, counted once, where
//! they happen. Not latencies of decisions: those are the cluster's, which knows the requests.

use crate::costs::Work;
use crate::{Class, Kind};

/// Messages of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// Which kind.
    pub kind: Kind,
    /// How many were sent, point to point.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Operations counted over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Signatures made.
    pub signs: u64,
    /// Signatures checked.
    pub verifies: u64,
    /// Message authentication codes made or checked.
    pub macs: u64,
    /// Hashes computed.
    pub hashes: u64,
    /// Writes to what survives a loss of power.
    pub persists: u64,
    /// Bytes written there.
    pub persisted_bytes: u64,
}

/// One node's energy above idle, in joules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeEnergy {
    /// Handling messages, cryptography and writes.
    pub compute_j: f64,
    /// Its end of carrying bits.
    pub network_j: f64,
}

impl NodeEnergy {
    /// Both.
    pub fn joules(self) -> f64 {
        self.compute_j + self.network_j
    }
}

/// How unevenly something is spread: the Gini coefficient, 0 where all have the same, and near 1
/// where one of many has everything. 0 where there is nothing.
pub fn gini(shares: impl IntoIterator<Item = f64>) -> f64 {
    let mut shares: Vec<f64> = shares.into_iter().collect();
    shares.sort_by(f64::total_cmp);
    let (count, sum) = (shares.len() as f64, shares.iter().sum::<f64>());
    if sum <= 0.0 {
        return 0.0;
    }
    let ranked: f64 = shares.iter().zip(1..).map(|(share, rank)| share * f64::from(rank)).sum();
    2.0 * ranked / (count * sum) - (count + 1.0) / count
}

/// All that a network has metered since it began.
#[derive(Clone, Debug, PartialEq)]
pub struct Meters {
    pub(crate) by_kind: Vec<KindCount>,
    /// Cryptographic operations and writes of all nodes.
    pub operations: Operations,
    pub(crate) energy: Vec<NodeEnergy>,
    /// Messages that arrived and were handled.
    pub delivered: u64,
    /// Messages lost: by the link, by a partition, or because the receiver had no power.
    pub lost: u64,
    /// Messages that arrived corrupted; receivers detected it by checksum or authenticator and
    /// dropped them.
    pub corrupted: u64,
}

impl Meters {
    pub(crate) fn new(kinds: &[Kind], nodes: usize) -> Self {
        let count = |&kind| KindCount { kind, messages: 0, bytes: 0 };
        Self {
            by_kind: kinds.iter().map(count).collect(),
            operations: Operations::default(),
            energy: vec![NodeEnergy::default(); nodes],
            delivered: 0,
            lost: 0,
            corrupted: 0,
        }
    }

    pub(crate) fn add_work(&mut self, work: &Work) {
        self.operations.signs += u64::from(work.signs);
        self.operations.verifies += u64::from(work.verifies);
        self.operations.macs += u64::from(work.macs);
        self.operations.hashes += u64::from(work.hashes);
        self.operations.persists += u64::from(work.persists);
        self.operations.persisted_bytes += u64::from(work.persisted_bytes);
    }

    /// Messages and bytes sent, kind by kind, in the protocol's order.
    pub fn by_kind(&self) -> &[KindCount] {
        &self.by_kind
    }

    /// Messages sent on one account.
    pub fn messages(&self, class: Class) -> u64 {
        let of_class = self.by_kind.iter().filter(|count| count.kind.class == class);
        of_class.map(|count| count.messages).sum()
    }

    /// Messages of the kind with this name; zero where there is none.
    pub fn messages_of(&self, name: &str) -> u64 {
        let named = self.by_kind.iter().filter(|count| count.kind.name == name);
        named.map(|count| count.messages).sum()
    }

    /// All messages sent.
    pub fn all_messages(&self) -> u64 {
        self.by_kind.iter().map(|count| count.messages).sum()
    }

    /// All bytes sent.
    pub fn bytes(&self) -> u64 {
        self.by_kind.iter().map(|count| count.bytes).sum()
    }

    /// Energy above idle, node by node.
    pub fn energy(&self) -> &[NodeEnergy] {
        &self.energy
    }

    /// Energy above idle of all nodes, in joules.
    pub fn joules_marginal(&self) -> f64 {
        self.energy.iter().map(|energy| energy.joules()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::gini;

    #[test]
    fn gini_is_nothing_among_equals_and_nearly_all_where_one_has_everything() {
        assert_eq!(gini([5.0; 4]), 0.0);
        assert_eq!(gini([0.0, 9.0, 0.0, 0.0]), 0.75);
        assert_eq!(gini([4.0, 0.0, 4.0, 0.0]), 0.5);
        assert_eq!((gini([]), gini([0.0; 3])), (0.0, 0.0));
    }
}
