//! Runs of hundreds of requests from several clients, with lost messages and members cut off: long
//! enough to pass every threshold in a protocol (checkpoints, snapshots, eras, windows of a log),
//! which the short runs of chaos do not reach. THRESHOLD_SEEDS asks for more of them.

use crate::common::at;
use gridtwin_consensus::ProtocolName::{self, TrustPbft};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::{Faults, NodeId, Split, TimeModel};

/// One run: what is lost, who asks how often, and who is cut off.
#[derive(Clone, Debug)]
struct Case {
    protocol: ProtocolName,
    nodes: usize,
    seed: u64,
    requests: u64,
    clients: u16,
    rate: f64,
    loss: f64,
    /// This member cannot reach the other members from one second to the other.
    cut_off: Option<(u16, f64, f64)>,
}

impl Case {
    fn run(&self) -> LabReport {
        let mut options = LabOptions::new(self.protocol, self.nodes, self.requests);
        (options.seed, options.clients, options.rate) = (self.seed, self.clients, Some(self.rate));
        let split = |(member, from_s, to_s): (u16, f64, f64)| {
            let others = (0..self.nodes as u16).filter(|&other| other != member);
            let groups = vec![vec![NodeId(member)], others.map(NodeId).collect()];
            Split { groups, one_way: false, at: at(from_s), heals: Some(at(to_s)) }
        };
        let splits = self.cut_off.map(split).into_iter().collect();
        options.faults = Faults { loss: self.loss, splits, ..Faults::default() };
        run(&options).unwrap()
    }

    /// Agreement, and an answer to everything.
    fn check(&self) {
        let report = self.run();
        assert_eq!(report.violations, [] as [String; 0], "{self:?}");
        assert_eq!(report.decided, self.requests, "{self:?}: {:?}", report.stalled);
    }
}

fn seeds(few: u64) -> std::ops::Range<u64> {
    0..std::env::var("THRESHOLD_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(few)
}

#[test]
fn a_committee_that_decides_beyond_its_eras_end_leaves_nobody_with_another_order() {
    let case = Case {
        protocol: TrustPbft,
        nodes: 4,
        seed: 23,
        requests: 400,
        clients: 4,
        rate: 100.0,
        loss: 0.01,
        cut_off: None,
    };
    case.check();
    Case { seed: 7, clients: 1, rate: 50.0, loss: 0.005, cut_off: Some((0, 1.0, 2.0)), ..case }
        .check();
}

#[test]
fn eras_pass_at_every_rate_of_loss_and_requests() {
    for seed in seeds(200) {
        let pick = |every: u64, from: &[f64]| from[(seed / every) as usize % from.len()];
        let nodes = [4, 4, 6, 14][seed as usize % 4];
        let cut = (seed % nodes as u64) as u16;
        Case {
            protocol: TrustPbft,
            nodes,
            seed,
            requests: 200,
            clients: [1, 2, 4, 7][(seed / 4) as usize % 4],
            rate: pick(3, &[50.0, 100.0, 200.0]),
            loss: pick(2, &[0.0, 0.002, 0.005, 0.01, 0.03]),
            cut_off: (seed % 3 == 0).then_some((cut, 1.0, 2.0)),
        }
        .check();
    }
}

#[test]
fn every_protocol_passes_its_thresholds_while_messages_are_lost() {
    for protocol in ProtocolName::ALL {
        // A synchronous protocol's fault model has no loss and no partition.
        let synchronous = protocol.facts().time == TimeModel::Synchronous;
        for seed in seeds(6) {
            let odd = seed % 2 == 1;
            Case {
                protocol,
                nodes: protocol.min_members().max(4),
                seed,
                requests: 320,
                clients: if odd { 1 } else { 4 },
                rate: if odd { 50.0 } else { 100.0 },
                loss: if synchronous { 0.0 } else { [0.01, 0.005, 0.03][seed as usize / 2 % 3] },
                cut_off: (odd && !synchronous).then_some((0, 1.0, 2.0)),
            }
            .check();
        }
    }
}
