//! Zyzzyva, its form of 2007, and SACZyzzyva: published counts and delays, what a slow member does
//! to each, and schedules of brown-outs, partitions and loss.

use crate::common::{Bench, at};
use gridtwin_consensus::ProtocolName::{self, SacZyzzyva, Zyzzyva, Zyzzyva2007};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::sac_zyzzyva::SacZyzzyva as Sac;
use gridtwin_consensus::zyzzyva::{Zyzzyva2007 as Published, ZyzzyvaRepaired as Repaired};
use gridtwin_consensus::{
    Byzantine, Class, Cluster, CostModel, Crash, Latency, Link, Links, NodeId, NoteKind, Partition,
    Replicated, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};
use rand::RngExt;

const FAMILY: [ProtocolName; 3] = [Zyzzyva2007, Zyzzyva, SacZyzzyva];

/// A run in which nothing fails for good, in a closed loop without jitter.
fn steady(options: &LabOptions) -> LabReport {
    let report = run(options).unwrap();
    assert_eq!((&report.stalled, report.decided), (&None, options.requests), "{report:#?}");
    assert_eq!((report.view_changes, report.violation_count), (0, 0), "{report:#?}");
    report
}

fn lab(protocol: ProtocolName, nodes: usize, requests: u64) -> LabOptions {
    LabOptions { jitter_ms: 0.0, ..LabOptions::new(protocol, nodes, requests) }
}

#[test]
fn the_fast_path_takes_2n_messages_and_3_delays() {
    for protocol in FAMILY {
        for nodes in 4..=64 {
            let report = steady(&lab(protocol, nodes, 5));
            assert_eq!(report.messages, 5 * 2 * nodes as u64, "{report:#?}");
            assert_eq!(report.expected_messages, report.messages);
            assert_eq!((report.delays, report.expected_delays), (Some(3), 3), "{report:#?}");
            assert_eq!((report.periodic_messages, report.repair_messages), (0, 0));
        }
    }
}

#[test]
fn checkpoints_are_counted_apart() {
    // Responses among members and then checkpoints, from each to each other; with counters the
    // responses are enough.
    for (protocol, rounds) in [(Zyzzyva, 2), (SacZyzzyva, 1)] {
        let report = steady(&lab(protocol, 4, 1000));
        assert_eq!(report.messages, 1000 * 8);
        assert_eq!(report.periodic_messages, 1000 / 128 * rounds * 4 * 3, "{report:#?}");
    }
}

#[test]
fn with_f_crashed_members_the_slow_path_takes_5_delays() {
    for protocol in [Zyzzyva2007, Zyzzyva] {
        for nodes in [4, 5, 6, 7, 10, 13, 16, 31, 64] {
            let f = (nodes - 1) / 3;
            let mut options = lab(protocol, nodes, 20);
            let crash =
                |node: usize| Crash { node: NodeId(node as u16), at: SimTime::ZERO, back: None };
            options.faults.crashes = (nodes - f..nodes).map(crash).collect();
            let report = steady(&options);
            assert_eq!(report.delays, Some(5), "{report:#?}");
            // Of 4n messages the dead send neither their response nor their local commit.
            assert_eq!(report.messages, 20 * (4 * nodes - 2 * f) as u64, "{report:#?}");
            assert_eq!(report.repair_messages, 0, "{report:#?}");
        }
    }
}

/// A group on free machines 2 ms apart, with these members slow by 200 ms both ways: the median
/// latency in ms, the median of delays, and messages a request.
fn with_slow<P: Replicated>(nodes: u16, slow: &[u16], requests: u64) -> (f64, f64, f64) {
    let link = Link::ethernet(Latency::Constant(Span::from_millis(2)));
    let count = usize::from(nodes) + 1;
    let mut links = Links::uniform(count, link);
    for &member in slow {
        for other in (0..count).filter(|&other| other != usize::from(member)) {
            let far = Latency::Constant(Span::from_millis(200));
            links.link_mut(member.into(), other).latency = far;
            links.link_mut(other, member.into()).latency = far;
        }
    }
    let setup = Setup::new(nodes, 1, &Timing::LAB);
    let costs = vec![CostModel::FREE; count];
    let mut cluster = Cluster::<P>::new(&setup, links, &costs, &Streams::new(1), "slow");
    for done in 0..requests {
        cluster.submit(cluster.net().now(), 64);
        while cluster.answered() == done && cluster.step(at(1e6)).is_some() {}
    }
    cluster.advance(cluster.net().now() + Span::from_secs(5));
    assert_eq!((cluster.answered(), cluster.order().count()), (requests, 0));
    assert_eq!(cluster.view_changes(), 0);
    let messages = cluster.net().meters().messages(Class::Request) as f64 / requests as f64;
    let median = cluster.latencies_ms().quantile(0.5).unwrap();
    (median, cluster.delays().quantile(0.5).unwrap(), messages)
}

#[test]
fn one_slow_member_takes_zyzzyva_from_the_fast_path_to_the_slow_one() {
    for nodes in 4..=16 {
        let (fast, delays, messages) = with_slow::<Repaired>(nodes, &[], 50);
        assert_eq!((delays.round(), messages), (3.0, 2.0 * f64::from(nodes)));
        assert!((fast - 6.0).abs() < 0.2, "{fast}");
        for (slow, delays, messages) in [
            with_slow::<Repaired>(nodes, &[nodes - 1], 50),
            with_slow::<Published>(nodes, &[nodes - 1], 50),
        ] {
            // Three delays, the wait for the missing response, and two more.
            let wait = Timing::LAB.delta.as_millis_f64();
            assert!((slow - (10.0 + wait)).abs() < 0.5, "{slow}");
            assert_eq!((delays.round(), messages), (5.0, 4.0 * f64::from(nodes)), "{nodes}");
        }
    }
}

#[test]
fn f_slow_members_leave_sac_zyzzyva_as_it_is() {
    for nodes in [4, 7, 10, 16, 31] {
        let f = (nodes - 1) / 3;
        let slow: Vec<u16> = (nodes - f..nodes).collect();
        let (healthy, ..) = with_slow::<Sac>(nodes, &[], 300);
        let (slowed, delays, messages) = with_slow::<Sac>(nodes, &slow, 300);
        assert!((slowed - healthy).abs() < 0.02 * healthy, "{nodes}: {healthy} and {slowed}");
        assert_eq!((delays.round(), messages), (3.0, 2.0 * f64::from(nodes)));
    }
}

/// Brown-outs, partitions, loss and duplication at random for 60 s, healed then.
fn survives(protocol: ProtocolName, nodes: usize, seed: u64) {
    let mut rng = Streams::new(seed).stream("schedule");
    let mut options = LabOptions::new(protocol, nodes, 1200);
    (options.seed, options.rate) = (seed, Some(20.0));
    options.faults.loss = rng.random_range(0.0..0.1);
    options.faults.duplicate = rng.random_range(0.0..0.05);
    let mut free_from = vec![0.0; nodes];
    for _ in 0..rng.random_range(0..14) {
        let member = rng.random_range(0..nodes);
        let from = free_from[member] + rng.random_range(0.2..20.0);
        let to = from + rng.random_range(0.01..15.0);
        free_from[member] = to;
        let (node, at, until) = (NodeId(member as u16), at(from), Some(at(to)));
        if rng.random_range(0..10) < 3 {
            options.faults.partitions.push(Partition { side: vec![node], at, heals: until });
        } else {
            options.faults.crashes.push(Crash { node, at, back: until });
        }
    }
    let report = run(&options).unwrap();
    let broken = (report.violation_count, &report.stalled, report.decided);
    assert_eq!(broken, (0, &None, 1200), "{protocol} {nodes} seed {seed}: {report:#?}");
}

/// Some schedules; SEEDS asks for more, of which the first is FIRST_SEED.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = number("FIRST_SEED").unwrap_or(0);
    first..first + number("SEEDS").unwrap_or(20)
}

#[test]
fn zyzzyva_survives_brown_outs() {
    seeds().for_each(|seed| survives(Zyzzyva, 4 + seed as usize % 5, seed));
}

#[test]
fn zyzzyva_of_2007_survives_brown_outs_where_nobody_lies() {
    seeds().for_each(|seed| survives(Zyzzyva2007, 4 + seed as usize % 5, seed));
}

#[test]
fn sac_zyzzyva_survives_brown_outs() {
    seeds().for_each(|seed| survives(SacZyzzyva, 4 + seed as usize % 5, seed));
}

#[test]
fn another_primary_takes_over_and_who_was_away_can_be_needed() {
    for protocol in FAMILY {
        for members in [4, 7] {
            let mut bench = Bench::new(protocol, members);
            bench.ask(1.0, 2.0, 0.05);
            bench.group.power_off(NodeId(0), at(2.0));
            bench.ask(2.0, 39.0, 0.05);
            bench.advance(40.0);
            assert!(bench.group.view_changes() >= 1, "{protocol}");
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {members}");
            // Back after several checkpoints; then as many others go as may.
            bench.group.power_on(NodeId(0), at(40.0));
            bench.ask(40.0, 50.0, 0.5);
            let caught_up = NoteKind::CaughtUp { member: NodeId(0) };
            assert_eq!(bench.count(|kind| *kind == caught_up), 1, "{protocol} {members}");
            for gone in 0..bench.group.tolerates() {
                bench.group.power_off(NodeId(gone + 2), at(50.0));
            }
            bench.ask(50.0, 90.0, 0.5);
            bench.advance(91.0);
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {members}");
            bench.assert_sound();
        }
    }
}

#[test]
fn what_a_group_holds_does_not_grow() {
    for protocol in FAMILY {
        let mut bench = Bench::new(protocol, 4);
        let mut greatest = [0; 2];
        for tick in 0..20_000_u32 {
            let now = at(1.0 + 0.02 * f64::from(tick));
            bench.group.advance(now, &mut bench.notes);
            bench.group.submit(now, 64);
            bench.notes.clear();
            let half = &mut greatest[usize::from(tick >= 10_000)];
            *half = (*half).max(bench.group.held());
        }
        bench.advance(500.0);
        assert_eq!(bench.group.decided(), 20_000, "{protocol}");
        let [early, late] = greatest;
        assert!(late < early + early / 10 && late < 3000, "{protocol}: {early}, then {late}");
        bench.assert_sound();
    }
}

#[test]
fn a_primary_that_leaves_some_out_delays_and_does_not_stop() {
    // Members 0 and 1 lie; 1, which leads the next view, speaks to three others and not to two.
    for protocol in FAMILY {
        let mut options = LabOptions::new(protocol, 7, 40);
        options.rate = Some(4.0);
        let lies = |node: u16, strategy: &str| Byzantine {
            node: NodeId(node),
            strategy: strategy.parse().unwrap(),
            from: SimTime::ZERO,
        };
        options.faults.byzantine = vec![lies(0, "silent"), lies(1, "selective:0,5,6,7")];
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (40, 0), "{report:#?}");
    }
}

#[test]
fn an_idle_group_is_silent() {
    for protocol in FAMILY {
        let mut bench = Bench::with(&crate::common::config(protocol, 4, Timing::TWIN), 1);
        bench.ask(10.0, 600.0, 60.0);
        bench.advance(700.0);
        let before = bench.group.meters().all_messages();
        bench.advance(1e6);
        assert_eq!(bench.group.meters().all_messages(), before, "{protocol}");
        assert_eq!(bench.group.decided(), bench.group.submitted());
    }
}
