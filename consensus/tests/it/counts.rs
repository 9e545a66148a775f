//! Where nothing fails, counts and delays are the papers', exactly.

use gridtwin_consensus::ProtocolName::{self, Pbft, Raft};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    measured(&options)
}

fn measured(options: &LabOptions) -> LabReport {
    let report = run(options).unwrap();
    assert_eq!(report.stalled, None, "{report:#?}");
    assert_eq!(report.decided, options.requests, "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!(report.violation_count, 0, "{report:#?}");
    report
}

#[test]
fn every_protocol_takes_its_count_and_its_delays_for_any_number_of_members() {
    for protocol in ProtocolName::ALL {
        for nodes in protocol.min_members()..=64 {
            // So far apart that what computing takes does not change which message comes last.
            let mut options = LabOptions::new(protocol, nodes, 3);
            (options.latency_ms, options.jitter_ms) = (500.0, 0.0);
            let report = measured(&options);
            let each = protocol.expected_messages(nodes as u64);
            assert_eq!(report.messages, 3 * each, "{protocol} {nodes}");
        }
    }
}

#[test]
fn raft_takes_two_messages_per_follower() {
    for nodes in 3..=64 {
        let report = exact(Raft, nodes, 20);
        assert_eq!(report.messages, 20 * 2 * (nodes as u64 - 1));
        // Request and answer, and the leader's word to the client.
        assert_eq!(report.client_messages, 20 * 2 + 1);
    }
}

#[test]
fn pbft_takes_the_published_number_of_messages() {
    for (nodes, published) in [(4, 29), (7, 92), (10, 191), (13, 326), (16, 497)] {
        assert_eq!(exact(Pbft, nodes, 10).messages, 10 * published);
    }
}

#[test]
fn pbft_takes_its_formula_for_any_number_of_members() {
    for nodes in 4..=64 {
        let report = exact(Pbft, nodes, 5);
        assert_eq!((report.view_changes, report.repair_messages), (0, 0), "{report:#?}");
    }
}

#[test]
fn checkpoints_are_counted_apart() {
    let report = exact(Pbft, 4, 1000);
    // One each 128 requests, from each member to each other.
    assert_eq!(report.periodic_messages, 1000 / 128 * 4 * 3);
}
