//! The synchronous protocols, Ouroboros-BFT and RCMEC: counts and delays to the letter, what was
//! published of them, brown-outs within what they bear, and flat memory. Liars have their own tests
//! beside the code.

mod common;

use gridtwin_consensus::ProtocolName::{self, OuroborosBft};
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
