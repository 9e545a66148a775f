//! What EdgeCons and Nomad promise: exact counts, safety and progress under crashes, bounded memory,
//! and latency near those who work.

use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::{ProtocolName, ProtocolName::EdgeCons};

const BOTH: [ProtocolName; 1] = [EdgeCons];

#[test]
fn counts_and_delays_are_exact() {
    for protocol in BOTH {
        for nodes in 3..=64 {
            let mut options = LabOptions::new(protocol, nodes, 150);
            options.jitter_ms = 0.0;
            let report = run(&options).unwrap();
            assert_eq!(report.stalled, None, "{report:#?}");
            assert_eq!(report.messages, report.expected_messages, "{report:#?}");
            assert_eq!(report.messages, 150 * 3 * (nodes as u64 - 1));
            assert_eq!(report.delays, Some(4), "{report:#?}");
            assert_eq!((report.client_messages, report.repair_messages), (300, 0), "{report:#?}");
            assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
        }
    }
}
