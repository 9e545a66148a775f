//! The trusted cloud of RCMEC: takes from each cluster what its honest nodes have agreed on, and
//! merges the clusters' components into one sequence.

use super::message::{Batch, Msg, bytes_of, bytes_of_digests};
use super::{Clusters, Rcmec, Stored};
use crate::{Fx, NodeId, Sequence, Setup};
use std::sync::Arc;

/// What the cloud logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// The decisions.
    pub(super) sequence: Sequence,
    /// The latest instance of each cluster that is decided, and one.
    decided: Vec<u64>,
}

/// What a node says that its cluster has agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Report {
    instance: u64,
    batch: Batch,
    /// Those of the batch that came in full.
    payloads: Batch,
}

/// The cloud.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cloud {
    clusters: Clusters,
    /// The reports from each cluster that are enough: one of them is honest.
    enough: Vec<usize>,
    log: Log,
    /// The latest report of each member.
    reports: Vec<Option<Report>>,
}

impl Log {
    /// Appends those of a batch that were not decided before: them.
    fn append(&mut self, cluster: usize, instance: u64, batch: &Batch) -> Batch {
        if self.decided.len() <= cluster {
            self.decided.resize(cluster + 1, 0);
        }
        self.decided[cluster] = instance + 1;
        let sequence = &mut self.sequence;
        let mut append = |request: &crate::Request| {
            if sequence.contains(request) || !sequence.in_window(request) {
                return false;
            }
            sequence.decide(sequence.applied() + 1, Some(*request));
            sequence.advance().is_some()
        };
        batch.iter().copied().filter(|request| append(request)).collect()
    }

    fn is_decided(&self, cluster: usize, instance: u64) -> bool {
        self.decided.get(cluster).is_some_and(|&next| instance < next)
    }
}

impl Cloud {
    pub(super) fn new(setup: &Setup) -> Self {
        let clusters = Clusters::new(setup.members);
        Self {
            enough: clusters.all().map(|j| setup.quorum(1, clusters.faults(j) + 1)).collect(),
            clusters,
            log: Log::default(),
            reports: vec![None; setup.members.into()],
        }
    }

    pub(super) fn on_start(&mut self, log: &Log) {
        self.log = log.clone();
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Rcmec>) {
        match msg {
            Msg::Report { instance, batch, payloads } => {
                let (batch, payloads) = (batch.clone(), payloads.clone());
                self.on_report(from, Report { instance: *instance, batch, payloads }, fx);
            }
            Msg::Fetch { applied } => {
                fx.mac(2, 16);
                let missed = self.log.sequence.since(*applied).map(Arc::new);
                fx.send(from, Msg::Told(missed));
            }
            _ => {}
        }
    }

    fn on_report(&mut self, from: NodeId, report: Report, fx: &mut Fx<Rcmec>) {
        let Some(cluster) = self.clusters.of(from) else { return };
        fx.mac(1, bytes_of_digests(&report.batch) + bytes_of(&report.payloads));
        let (instance, batch) = (report.instance, report.batch.clone());
        if self.log.is_decided(cluster, instance) {
            return;
        }
        self.reports[from.index()] = Some(report);
        let nodes = self.clusters.nodes(cluster).iter();
        let reports = nodes.filter_map(|node| self.reports[node.index()].as_ref());
        let same = reports.filter(|other| other.instance == instance && other.batch == batch);
        // All honest nodes of the cluster say the same, so that what one of them says for certain
        // is what the majority will.
        if same.clone().count() < self.enough[cluster] {
            return;
        }
        // One of them was asked by the device, or the cluster would not have agreed: it brings the
        // payload, if others cannot.
        let came = |request| same.clone().any(|report| report.payloads.contains(request));
        if !batch.iter().all(came) {
            return;
        }
        let first = self.log.sequence.applied() + 1;
        let new = self.log.append(cluster, instance, &batch);
        fx.persist(16 + bytes_of(&new), |stored: &mut Stored| {
            stored.log.append(cluster, instance, &batch);
        });
        if !new.is_empty() {
            fx.mac(self.reports.len() as u32, bytes_of(&new));
            fx.broadcast(Msg::Decision { first, batch: new });
        }
    }

    pub(super) fn held(&self) -> usize {
        let requests = |report: &Report| report.batch.len() + report.payloads.len();
        self.reports.iter().flatten().map(requests).sum::<usize>() + self.log.sequence.held()
    }
}
