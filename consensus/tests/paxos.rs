//! The Paxos family: what was published of Paxos and Multi-Paxos, and what a user relies on.

use gridtwin_consensus::ProtocolName::{self, Paxos};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((report.stalled.as_ref(), report.decided), (None, requests), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
    report
}

#[test]
fn paxos_takes_both_phases_for_each_request() {
    for nodes in 3..=64 {
        let report = exact(Paxos, nodes, 10);
        let others = nodes as u64 - 1;
        assert_eq!(report.messages, 10 * 4 * others);
        // One round of `learn` a request; request and answer.
        assert_eq!((report.periodic_messages, report.client_messages), (10 * others, 20));
        assert_eq!((report.repair_messages, report.delays), (0, Some(6)), "{report:#?}");
    }
}
