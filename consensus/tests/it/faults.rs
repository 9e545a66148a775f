//! What fails within a protocol's fault model never breaks its promise, and what heals goes on.

use crate::common::{Bench, at, config};
use gridtwin_consensus::ProtocolName::{self, Pbft, Raft};
use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::{Crash, NodeId, NoteKind, Partition, Timing};

#[test]
fn another_leader_takes_over_when_one_crashes() {
    for (protocol, members) in [(Raft, 3), (Raft, 5), (Pbft, 4), (Pbft, 7)] {
        let mut bench = Bench::new(protocol, members);
        bench.ask(1.0, 2.0, 0.1);
        let first = bench.group.leader().unwrap();
        bench.group.power_off(first, at(2.0));
        bench.ask(2.0, 20.0, 0.1);
        assert_ne!(bench.group.leader(), Some(first), "{protocol} {members}");
        assert!(bench.group.view_changes() >= 1);
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {members}");
        assert!(bench.count(|kind| matches!(kind, NoteKind::LeaderElected { .. })) >= 1);
        bench.assert_sound();
    }
}

#[test]
fn too_many_brown_outs_stop_decisions_and_power_brings_them_back() {
    for (protocol, members) in [(Raft, 5), (Pbft, 4), (Pbft, 7)] {
        let mut bench = Bench::new(protocol, members);
        bench.ask(1.0, 5.0, 0.1);
        let lost = bench.group.tolerates() + 1;
        for member in 0..lost {
            bench.group.power_off(NodeId(member), at(5.0));
        }
        bench.advance(5.2); // answers that were under way
        let before = bench.group.decided();
        bench.ask(5.2, 60.0, 1.0);
        assert_eq!(bench.group.decided(), before, "{protocol} {members} decides without a quorum");
        for member in 0..lost {
            bench.group.power_on(NodeId(member), at(60.0 + f64::from(member)));
        }
        bench.ask(60.0, 240.0, 1.0);
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {members}");
        bench.assert_sound();
    }
}

#[test]
fn a_night_without_power_for_all_loses_nothing() {
    for (protocol, members) in [(Raft, 3), (Pbft, 4)] {
        let mut bench = Bench::new(protocol, members);
        bench.ask(1.0, 20.0, 0.05);
        for node in 0..=members as u16 {
            bench.group.power_off(NodeId(node), at(20.0));
        }
        bench.ask(20.0, 40.0, 1.0); // the client has no power either: these wait
        let before = bench.group.decided();
        for node in 0..=members as u16 {
            bench.group.power_on(NodeId(node), at(40.0));
        }
        bench.advance(200.0);
        assert!(bench.group.decided() > before);
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol}");
        bench.assert_sound();
    }
}

#[test]
fn a_member_that_was_away_catches_up_and_can_be_needed() {
    for (protocol, members, away) in
        [(Raft, 3, 10.0), (Raft, 3, 1000.0), (Pbft, 4, 10.0), (Pbft, 4, 1000.0)]
    {
        let mut bench = Bench::new(protocol, members);
        bench.ask(1.0, 5.0, 0.5);
        let back = 5.0 + away;
        let leader = bench.group.leader().unwrap();
        let follower = NodeId((leader.0 + 1) % members as u16);
        let third = NodeId((leader.0 + 2) % members as u16);
        bench.group.power_off(follower, at(5.0));
        bench.ask(5.0, back, 0.5);
        bench.group.power_on(follower, at(back));
        bench.ask(back, back + 10.0, 0.5);
        let caught_up = NoteKind::CaughtUp { member: follower };
        assert_eq!(bench.count(|kind| *kind == caught_up), 1, "{protocol} {away}");
        // Now another goes, and nothing is decided without the one that came back.
        bench.group.power_off(third, at(back + 10.0));
        let before = bench.group.decided();
        bench.ask(back + 10.0, back + 60.0, 0.5);
        assert!(bench.group.decided() > before + 50, "{protocol} {away}");
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {away}");
        bench.assert_sound();
    }
}

fn lab(protocol: ProtocolName, nodes: usize, requests: u64) -> LabOptions {
    LabOptions::new(protocol, nodes, requests)
}

#[test]
fn a_tenth_of_all_messages_may_be_lost() {
    for (protocol, nodes) in [(Raft, 3), (Raft, 5), (Pbft, 4), (Pbft, 7)] {
        let mut options = lab(protocol, nodes, 300);
        options.faults.loss = 0.1;
        options.faults.duplicate = 0.05;
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (300, 0), "{report:#?}");
    }
}

#[test]
fn a_partitioned_leader_is_replaced_and_comes_back_as_a_follower() {
    for (protocol, nodes) in [(Raft, 5), (Pbft, 4)] {
        let mut options = lab(protocol, nodes, 2000);
        let partition = |node| Partition {
            side: vec![NodeId(node)],
            at: at(1.5 + 10.0 * f64::from(node)),
            heals: Some(at(6.0 + 10.0 * f64::from(node))),
        };
        options.faults.partitions = (0..nodes as u16).map(partition).collect();
        options.rate = Some(30.0);
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (2000, 0), "{report:#?}");
        assert!(report.view_changes >= 1, "{report:#?}");
    }
}

#[test]
fn a_run_that_cannot_go_on_says_so() {
    for (protocol, nodes) in [(Raft, 3), (Pbft, 4)] {
        let mut options = lab(protocol, nodes, 100_000);
        let crash = |node| Crash { node: NodeId(node), at: at(3.0), back: None };
        options.faults.crashes = vec![crash(1), crash(2)];
        let report = run(&options).unwrap();
        assert!(report.stalled.is_some() && report.decided > 10, "{report:#?}");
        assert!(report.decided < 100_000);
    }
}

#[test]
fn the_twins_raft_is_silent_when_idle_and_still_replaces_a_dead_leader() {
    let mut bench = Bench::with(&config(Raft, 5, Timing::TWIN), 3);
    bench.ask(10.0, 600.0, 60.0);
    let before = bench.group.meters().all_messages();
    bench.advance(80_000.0);
    assert!(bench.group.meters().all_messages() - before < 50, "it talks while idle");
    let dead = bench.group.leader().unwrap();
    bench.group.power_off(dead, at(80_000.0));
    bench.ask(80_000.0, 81_000.0, 60.0);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.group.power_on(dead, at(81_000.0));
    bench.ask(81_000.0, 82_000.0, 60.0);
    assert_eq!(bench.count(|kind| *kind == NoteKind::CaughtUp { member: dead }), 1);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.assert_sound();
}
