//! The synchronous protocols, Ouroboros-BFT and RCMEC: counts and delays to the letter, what was
//! published of them, brown-outs within what they bear, and flat memory. Liars have their own tests
//! beside the code.

mod common;

use gridtwin_consensus::ProtocolName::{self, OuroborosBft, Rcmec};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!(report.stalled, None, "{report:#?}");
    assert_eq!(report.decided, requests, "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!((report.violation_count, report.repair_messages), (0, 0), "{report:#?}");
    report
}

#[test]
fn ouroboros_takes_one_message_a_member_and_request() {
    for nodes in 4..=64 {
        let report = exact(OuroborosBft, nodes, 20);
        assert_eq!(report.messages, 20 * (nodes as u64 - 1));
    }
}

#[test]
fn rcmec_takes_its_formula_for_any_number_of_members() {
    for nodes in 4..=64 {
        let report = exact(Rcmec, nodes, 20);
        // Below eight there is one cluster; then the first has four and its share of the rest.
        let m = if nodes < 8 { nodes } else { nodes.div_ceil(nodes / 4) } as u64;
        let rounds = (m - 1) / 3 + 1;
        assert_eq!(report.messages, 20 * (rounds * m * (m - 1) + m + nodes as u64), "{nodes}");
        assert_eq!(report.client_messages, 20 * 2 * m);
        assert_eq!(report.expected_delays, if nodes == 7 { 7 } else { 6 });
    }
}
