//! PBFT's promises: the published counts and delays, tentative execution, planted quorums, flat
//! memory.

use crate::common::{Bench, at};
use gridtwin_consensus::ProtocolName::Pbft;
use gridtwin_consensus::explore::{explore, searches};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::{Crash, NodeId};

fn lab(nodes: usize, requests: u64, tentative: bool) -> LabOptions {
    let mut options = LabOptions::new(Pbft, nodes, requests);
    options.timing.tentative = tentative;
    options
}

fn sound(options: &LabOptions) -> LabReport {
    let report = run(options).unwrap();
    assert_eq!((report.decided, report.violation_count), (options.requests, 0), "{report:#?}");
    report
}

#[test]
fn tentative_execution_takes_a_delay_less_and_as_many_messages() {
    for nodes in 4..=64 {
        for (tentative, delays) in [(false, 5), (true, 4)] {
            let mut options = lab(nodes, 3, tentative);
            options.jitter_ms = 0.0;
            let report = sound(&options);
            assert_eq!(report.messages, report.expected_messages, "{nodes} {tentative}");
            assert_eq!(report.delays, Some(delays), "{nodes} {tentative}");
        }
    }
    let latency = |tentative| {
        let report = sound(&lab(4, 300, tentative));
        report.latency_ms.unwrap().p50
    };
    let (tentative, plain) = (latency(true), latency(false));
    assert!(tentative < 0.9 * plain, "{tentative} ms and {plain} ms");
}

#[test]
fn what_was_answered_tentatively_stays_decided() {
    // The checker knows the position that a tentative answer names, and holds members to it.
    for seed in 0..10 {
        let mut options = lab(4 + seed as usize % 4, 600, true);
        options.seed = seed;
        options.rate = Some(60.0);
        options.faults.loss = 0.05;
        let crash = |node: u16| {
            let at_s = 1.0 + 2.0 * f64::from(node);
            Crash { node: NodeId(node), at: at(at_s), back: Some(at(at_s + 1.5)) }
        };
        options.faults.crashes = (0..4).map(crash).collect();
        let report = sound(&options);
        assert!(report.view_changes >= 1, "{report:#?}");
    }
}

#[test]
fn nothing_breaks_it_within_its_model() {
    for search in searches(Pbft, 2_000) {
        let report = explore(&search.options).unwrap();
        assert_eq!(report.violation, None, "{}", search.what);
    }
}

/// What a group of four holds at most, in the first and the second half of so many requests.
fn held(requests: u64) -> [usize; 2] {
    let mut bench = Bench::new(Pbft, 4);
    let mut greatest = [0; 2];
    for number in 0..requests {
        let now = 1.0 + 0.02 * number as f64;
        bench.advance(now);
        bench.group.submit(at(now), 64);
        let half = usize::from(number >= requests / 2);
        greatest[half] = greatest[half].max(bench.group.held());
        bench.notes.clear();
    }
    bench.advance(10.0 + 0.02 * requests as f64);
    assert_eq!(bench.group.decided(), requests);
    bench.assert_sound();
    greatest
}

#[test]
fn memory_is_flat() {
    let [early, late] = held(20_000);
    assert!(late < early + early / 10, "{early}, then {late}");
}

#[test]
#[ignore = "a million decisions: some minutes without optimisation"]
fn memory_is_flat_over_a_million_decisions() {
    let [early, late] = held(1_000_000);
    assert!(late < early + early / 10, "{early}, then {late}");
}

#[test]
fn who_lost_a_message_asks_for_it_and_blames_nobody() {
    for (nodes, loss) in [(4, 0.003), (16, 0.01), (32, 0.01)] {
        let mut options = lab(nodes, 500, false);
        options.faults.loss = loss;
        let report = sound(&options);
        assert!(report.lost > 0);
        assert_eq!(report.view_changes, 0, "{nodes} members lose {loss}");
    }
}
