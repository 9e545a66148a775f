//! Agreement through remote memory: what was published of it, and what a user relies on.

use gridtwin_consensus::ProtocolName::BftRdma;
use gridtwin_consensus::chaos::{self, ChaosOptions};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

fn exact(nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(BftRdma, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((report.stalled.as_ref(), report.decided), (None, requests), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
    assert_eq!((report.periodic_messages, report.repair_messages), (0, 0), "{report:#?}");
    report
}

#[test]
fn each_request_takes_its_formula_for_any_number_of_members() {
    for nodes in 3..=64 {
        let report = exact(nodes, 3);
        assert_eq!(report.client_messages, 3 * (1 + nodes as u64), "{report:#?}");
    }
}

/// So many random schedules of everything that may go wrong within its fault model.
fn chaos(nodes: usize, seed: u64, runs: u64) {
    let options = ChaosOptions { nodes, runs, seed, ..ChaosOptions::new(BftRdma) };
    let report = chaos::run(&options).unwrap();
    assert!(report.as_it_should_be(), "{report}");
}

#[test]
fn nothing_breaks_within_its_fault_model() {
    chaos(3, 1, 20);
    chaos(4, 1, 10);
    chaos(5, 1, 10);
}
