//! Zyzzyva, its form of 2007, and SACZyzzyva: published counts and delays, what a slow member does
//! to each, and schedules of brown-outs, partitions and loss within f.

mod common;

use gridtwin_consensus::ProtocolName::{self, SacZyzzyva, Zyzzyva, Zyzzyva2007};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

const FAMILY: [ProtocolName; 3] = [Zyzzyva2007, Zyzzyva, SacZyzzyva];

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((&report.stalled, report.decided), (&None, requests), "{report:#?}");
    assert_eq!((report.view_changes, report.repair_messages), (0, 0), "{report:#?}");
    assert_eq!(report.violation_count, 0, "{report:#?}");
    report
}

#[test]
fn the_fast_path_takes_2n_messages_and_3_delays() {
    for protocol in FAMILY {
        for nodes in 4..=64 {
            let report = exact(protocol, nodes, 5);
            assert_eq!(report.messages, 5 * 2 * nodes as u64, "{report:#?}");
            assert_eq!(report.expected_messages, report.messages);
            assert_eq!((report.delays, report.expected_delays), (Some(3), 3), "{report:#?}");
        }
    }
}
