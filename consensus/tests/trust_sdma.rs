//! PBFT in a hierarchy, and among those that are trusted: the published counts, what a failed agent
//! costs, chaos within the fault model, flat memory.

mod common;

use gridtwin_consensus::ProtocolName::{self, Pbft, SdmaPbft};
use gridtwin_consensus::chaos::{self, ChaosOptions};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((report.decided, report.violation_count), (requests, 0), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{nodes}: {report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{nodes}: {report:#?}");
    assert_eq!((report.view_changes, report.repair_messages), (0, 0), "{report:#?}");
    report
}

#[test]
fn the_hierarchy_takes_as_many_messages_as_it_says() {
    for nodes in 4..=64 {
        exact(SdmaPbft, nodes, 4);
    }
    exact(SdmaPbft, 128, 3);
}

fn survive(protocol: ProtocolName, nodes: usize, runs: u64) {
    let mut options = ChaosOptions { runs, ..ChaosOptions::new(protocol) };
    options.nodes = nodes;
    let report = chaos::run(&options).unwrap();
    assert!(report.as_it_should_be(), "{report}");
}

#[test]
fn the_hierarchy_survives_chaos() {
    for (nodes, runs) in [(4, 10), (8, 20), (16, 20)] {
        survive(SdmaPbft, nodes, runs);
    }
}

#[test]
fn zz_print() {
    for nodes in 4..=128 {
        let mut options = LabOptions::new(SdmaPbft, nodes, 5);
        options.jitter_ms = 0.0;
        let report = run(&options).unwrap();
        println!(
            "{nodes} {:?} exp {} msgs {} {}",
            report.delays,
            report.expected_delays,
            report.messages / 5,
            report.expected_messages / 5
        );
    }
}
