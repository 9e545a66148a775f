//! Long runs: memory stays flat, the same options give the same report, a clone goes on as its
//! original does, and energy adds up.

use crate::common::{Bench, at, config};
use gridtwin_consensus::ProtocolName::{Pbft, Raft};
use gridtwin_consensus::lab::{LabError, LabOptions, run};
use gridtwin_consensus::{
    Crash, Group, GroupError, MAX_MEMBERS, NodeId, NoteKind, ProtocolName, Timing,
};
use gridtwin_kernel::Streams;

#[test]
fn what_a_group_holds_does_not_grow() {
    for (protocol, members) in [(Raft, 3), (Pbft, 4)] {
        let mut bench = Bench::new(protocol, members);
        let mut greatest = [0; 2];
        for (half, greatest) in greatest.iter_mut().enumerate() {
            for round in 0..100 {
                let from = 1.0 + 300.0 * half as f64 + 3.0 * f64::from(round);
                bench.ask(from, from + 3.0, 0.03);
                *greatest = (*greatest).max(bench.group.held());
                bench.notes.clear();
            }
        }
        bench.advance(700.0);
        assert!(bench.group.decided() >= 20_000, "{protocol}");
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol}");
        let [early, late] = greatest;
        assert!(late < early + early / 10, "{protocol}: held {early}, then {late}");
        // Logs of two checkpoints at most a member, and what is in progress.
        assert!(late < 600 * members + 200, "{protocol}: {late}");
        bench.assert_sound();
    }
}

#[test]
fn a_request_a_minute_costs_the_published_count_and_little_more() {
    // Five days in the twin: no time-out fires, nothing is repaired.
    for (protocol, members, count) in [(Raft, 5, 8), (Pbft, 4, 29)] {
        let mut bench = Bench::with(&config(protocol, members, Timing::TWIN), 1);
        bench.ask(60.0, 5.0 * 86_400.0, 60.0);
        let decided = bench.group.decided();
        assert_eq!(decided, 5 * 1440 - 1);
        let meters = bench.group.meters();
        assert_eq!(meters.messages(gridtwin_consensus::Class::Request), decided * count);
        // After each request a Raft leader says what is committed, and that it falls silent.
        assert!(meters.all_messages() < decided * (count + 20), "{:?}", meters.by_kind());
        bench.assert_sound();
    }
}

#[test]
fn the_same_options_give_the_same_report() {
    for (protocol, nodes) in [(Raft, 5), (Pbft, 7)] {
        let mut options = LabOptions::new(protocol, nodes, 200);
        options.faults.loss = 0.02;
        let (node, back) = (NodeId(0), Some(at(4.0)));
        options.faults.crashes = vec![Crash { node, at: at(1.2), back }];
        let report = run(&options).unwrap();
        assert_eq!(report, run(&options).unwrap());
        assert_eq!((report.decided, report.violation_count), (200, 0));
        options.seed += 1;
        assert_ne!(report, run(&options).unwrap(), "{protocol} does not depend on its seed");
    }
}

#[test]
fn a_clone_goes_on_as_its_original() {
    for protocol in ProtocolName::ALL {
        let mut bench = Bench::new(protocol, 4);
        bench.ask(1.0, 3.0, 0.01);
        bench.notes.clear();
        let mut twin = Bench { group: bench.group.clone(), notes: Vec::new() };
        for fork in [&mut bench, &mut twin] {
            fork.group.power_off(NodeId(0), at(3.0));
            fork.ask(3.0, 10.0, 0.01);
        }
        assert_eq!(bench.notes, twin.notes);
        assert_eq!(bench.group.meters(), twin.group.meters());
    }
}

#[test]
fn drained_energy_adds_up_and_the_dark_use_none() {
    for protocol in ProtocolName::ALL {
        let mut bench = Bench::new(protocol, 4);
        let mut drained = 0.0;
        for second in 1..20 {
            bench.ask(f64::from(second), f64::from(second + 1), 0.1);
            let helpers: Vec<NodeId> = bench.group.helpers().map(|(node, _)| node).collect();
            for node in (0..5).map(NodeId).chain(helpers) {
                let energy = bench.group.drain_energy(node);
                assert!(energy.compute_j >= 0.0 && energy.network_j >= 0.0);
                drained += energy.compute_j + energy.network_j;
            }
        }
        let total = bench.group.meters().joules_marginal();
        assert!((drained / total - 1.0).abs() < 1e-9, "{drained} of {total}");
        bench.group.power_off(NodeId(3), at(20.0));
        bench.group.drain_energy(NodeId(3));
        bench.ask(20.0, 30.0, 0.1);
        let dark = bench.group.drain_energy(NodeId(3));
        assert_eq!((dark.compute_j, dark.network_j), (0.0, 0.0));
    }
}

#[test]
fn an_open_loop_decides_all_and_its_latency_grows_with_load() {
    let latency = |protocol, rate| {
        let mut options = LabOptions::new(protocol, 4, 2000);
        options.rate = Some(rate);
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (2000, 0), "{report:#?}");
        report.latency_ms.unwrap().p95
    };
    for protocol in [Raft, Pbft] {
        assert!(latency(protocol, 150.0) > latency(protocol, 5.0), "{protocol}");
    }
}

#[test]
fn notes_come_in_order_of_time() {
    let mut bench = Bench::new(Pbft, 4);
    bench.ask(0.0, 2.0, 0.02);
    assert!(bench.notes.is_sorted_by_key(|note| note.at));
    assert_eq!(bench.count(|kind| matches!(kind, NoteKind::Decided { .. })), 100);
    assert_eq!(bench.count(|kind| matches!(kind, NoteKind::Proposed { .. })), 100);
}

#[test]
fn bad_options_are_refused_with_what_is_wrong() {
    let refused = |change: &dyn Fn(&mut LabOptions)| {
        let mut options = LabOptions::new(Pbft, 4, 1);
        change(&mut options);
        run(&options).unwrap_err()
    };
    let text = refused(&|o| o.nodes = 3).to_string();
    assert_eq!(text, "pbft needs 4 to 128 members; found 3");
    assert!(matches!(refused(&|o| o.nodes = MAX_MEMBERS + 1), LabError::Group(_)));
    assert!(matches!(refused(&|o| o.requests = 0), LabError::Range { .. }));
    assert!(matches!(refused(&|o| o.latency_ms = f64::NAN), LabError::Range { .. }));
    assert!(matches!(refused(&|o| o.faults.loss = 1.0), LabError::Range { .. }));
    let crash = |back| Crash { node: NodeId(9), at: at(2.0), back };
    let text = refused(&|o| o.faults.crashes = vec![crash(None)]).to_string();
    assert_eq!(text, "there is no node 9: members are 0 to 3, the first client is 4");
    let error = "pdft".parse::<ProtocolName>().unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("unknown protocol `pdft`; expected `paxos`, "), "{text}");
    let mut config = config(Raft, 3, Timing::LAB);
    config.costs.pop();
    let error = Group::new(&config, &Streams::new(1)).unwrap_err();
    assert!(matches!(error, GroupError::Size { found: 3, expected: 4, .. }));
}
