//! The synchronous protocols, Ouroboros-BFT and RCMEC: counts and delays to the letter, what was
//! published of them, brown-outs and Byzantine members within what they tolerate and beyond,
//! planted quorums, and flat memory.

use crate::common::{Bench, at};
use gridtwin_consensus::ProtocolName::{self, OuroborosBft, Rcmec};
use gridtwin_consensus::chaos::{self, ChaosOptions};
use gridtwin_consensus::explore::{explore, find_planted, searches};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::ouroboros_bft::{Chain, OuroborosBft as Ouroboros};
use gridtwin_consensus::rcmec::{self, Clusters};
use gridtwin_consensus::{
    Class, Cluster, CostModel, GroupConfig, Latency, Link, Links, NodeId, NoteKind, Replicated,
    Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};
use rand::RngExt;

/// A group with its helpers, 2 ms apart give or take 1.
fn config(protocol: ProtocolName, members: usize, timing: Timing) -> GroupConfig {
    let nodes = members + 1 + protocol.helpers(members as u16).len();
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let links = Links::uniform(nodes, Link::ethernet(latency));
    let costs = vec![CostModel::default(); nodes];
    GroupConfig { links, costs, ..crate::common::config(protocol, members, timing) }
}

fn bench(protocol: ProtocolName, members: usize, timing: Timing, seed: u64) -> Bench {
    Bench::with(&config(protocol, members, timing), seed)
}

/// A group of which every node can be looked into, with so many clients.
fn cluster<P: Replicated>(members: u16, clients: u16, seed: u64) -> Cluster<P> {
    let setup = Setup::new(members, clients, &Timing::LAB);
    let nodes = usize::from(members + clients) + P::helpers(members).len();
    let links = Links::uniform(nodes, Link::ethernet(Latency::Constant(Span::from_millis(2))));
    let costs = vec![CostModel::default(); nodes];
    Cluster::new(&setup, links, &costs, &Streams::new(seed), "test")
}

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

#[test]
fn rcmec_takes_its_formula_for_any_number_of_members() {
    for nodes in 4..=64 {
        let report = exact(Rcmec, nodes, 20);
        // Below eight there is one cluster; then the first has four and its share of the rest.
        let m = if nodes < 8 { nodes } else { nodes.div_ceil(nodes / 4) } as u64;
        let rounds = (m - 1) / 3 + 1;
        assert_eq!(report.messages, 20 * (rounds * m * (m - 1) + m + nodes as u64), "{nodes}");
        assert_eq!(report.client_messages, 20 * 2 * m);
        assert_eq!(report.expected_delays, if nodes == 7 { 7 } else { 6 });
    }
}

fn chain(cluster: &Cluster<Ouroboros>, member: u16) -> &Chain {
    match cluster.net().state(NodeId(member)) {
        Ouroboros::Member(member) => member.chain(),
        Ouroboros::Client(_) => unreachable!("member {member} is no client"),
    }
}

fn assured(cluster: &Cluster<Ouroboros>) -> u64 {
    match cluster.net().state(cluster.client(0)) {
        Ouroboros::Client(client) => client.assured(),
        Ouroboros::Member(_) => unreachable!("the client is no member"),
    }
}

#[test]
fn ouroboros_assures_after_one_round_trip_and_settles_after_3t_and_one_slots() {
    let delta = Timing::LAB.delta;
    for (members, t) in [(4, 1), (7, 2), (10, 3), (13, 4)] {
        let mut cluster = cluster::<Ouroboros>(members, 1, 1);
        let asked = at(1.0);
        cluster.submit(asked, 64);
        while assured(&cluster) == 0 {
            cluster.step(SimTime::MAX).unwrap();
        }
        // There and back again, and what the members and the client sign and check meanwhile.
        let handling = Span::from_millis(2 + 2 * u64::from(members) / 3);
        assert!(cluster.net().now() - asked < Span::from_millis(4) + handling);
        assert_eq!((cluster.order().length(), chain(&cluster, 0).tip().height), (0, 0));
        while cluster.order().length() == 0 {
            cluster.step(SimTime::MAX).unwrap();
        }
        // It lies in the first block, and is final at the beginning of a slot so much later.
        let settled = cluster.net().now();
        assert_eq!(settled.0 % delta.0, 0);
        let first = settled.0 / delta.0 - (3 * t + 1);
        assert!((1..=2).contains(&(first - asked.0 / delta.0)), "{first}");
        let heights = (0..members).map(|member| chain(&cluster, member).tip());
        assert!(heights.clone().all(|tip| tip == chain(&cluster, 0).tip()));
        assert_eq!(chain(&cluster, 0).tip().height, 3 * t + 1);
        cluster.advance(at(60.0));
        assert_eq!((cluster.answered(), cluster.order().count()), (1, 0));
        assert!((0..members).all(|member| cluster.order().length_of(NodeId(member)) == 1));
    }
}

#[test]
fn ouroboros_sends_a_block_to_each_other_member_a_slot_and_none_when_quiet() {
    let mut bench = bench(OuroborosBft, 7, Timing::LAB, 1);
    bench.ask(1.0, 2.0, 0.005);
    bench.advance(60.0);
    let meters = bench.group.meters();
    // Blocks of 1 s of requests and of the slots until the last is final.
    let slots = 1000 / 20 + 7;
    let blocks = (meters.messages(Class::Request) + meters.messages(Class::Periodic)) / 6;
    assert!(blocks.abs_diff(slots) <= 2, "{blocks}");
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.assert_sound();
}

/// Drives a group through brown-outs drawn from `seed`, of as many members at once as `together`
/// allows, a request each 50 ms for 60 s.
fn survive(
    protocol: ProtocolName,
    members: u16,
    seed: u64,
    together: impl Fn(&[u16]) -> bool,
) -> Bench {
    let mut bench = bench(protocol, members.into(), Timing::LAB, seed);
    let mut draws = Streams::new(seed).stream("brown-outs");
    let mut back = vec![0u32; members.into()];
    for tick in 1..1200u32 {
        let now = f64::from(tick) * 0.05;
        bench.advance(now);
        for (member, back) in (0..).zip(&mut back) {
            if *back == tick {
                bench.group.power_on(NodeId(member), at(now));
            }
        }
        let member = draws.random_range(0..members);
        let dark: Vec<_> =
            (0..members).filter(|&m| m == member || back[m as usize] > tick).collect();
        if back[usize::from(member)] <= tick && draws.random_range(0..4) == 0 && together(&dark) {
            bench.group.power_off(NodeId(member), at(now));
            back[usize::from(member)] = tick + draws.random_range(1..100);
        }
        bench.group.submit(at(now), 32);
    }
    for member in 0..members {
        bench.group.power_on(NodeId(member), at(60.0));
    }
    bench.advance(200.0);
    bench
}

fn seeds() -> std::ops::Range<u64> {
    0..std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(5)
}

#[test]
fn ouroboros_survives_brown_outs_of_a_third() {
    for members in [4, 5, 7, 10] {
        for seed in seeds() {
            let most = usize::from(members - 1) / 3;
            let bench = survive(OuroborosBft, members, seed, |dark| dark.len() <= most);
            bench.assert_sound();
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{members} {seed}");
        }
    }
}

#[test]
fn rcmec_survives_brown_outs_of_a_third_of_each_cluster() {
    for members in [4, 7, 9, 13] {
        let clusters = Clusters::new(members);
        let tolerated = |dark: &[u16]| {
            let of = |j| dark.iter().filter(|&&m| clusters.of(NodeId(m)) == Some(j)).count();
            clusters.all().all(|j| of(j) <= clusters.faults(j))
        };
        for seed in seeds() {
            let bench = survive(Rcmec, members, seed, tolerated);
            bench.assert_sound();
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{members} {seed}");
        }
    }
}

#[test]
fn a_night_without_power_for_all_loses_nothing() {
    for (protocol, members) in [(OuroborosBft, 4), (OuroborosBft, 7), (Rcmec, 4), (Rcmec, 9)] {
        let mut bench = bench(protocol, members, Timing::LAB, 1);
        let nodes: Vec<_> = (0..=members as u16).map(NodeId).collect();
        for night in 0..3 {
            let dusk = 20.0 + 100.0 * f64::from(night);
            bench.ask(dusk - 19.0, dusk - 0.01, 0.05);
            nodes.iter().for_each(|&node| bench.group.power_off(node, at(dusk)));
            bench.ask(dusk, dusk + 20.0, 1.0);
            nodes.iter().for_each(|&node| bench.group.power_on(node, at(dusk + 20.0)));
            bench.advance(dusk + 80.0);
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol}");
        }
        bench.assert_sound();
    }
}

/// Rounds and slots are as long as small messages need: what piles up while too few are at work
/// must not make them too long for that.
#[test]
fn a_night_of_large_requests_is_worked_off() {
    for protocol in [OuroborosBft, Rcmec] {
        let mut bench = bench(protocol, 7, Timing::TWIN, 1);
        for member in 0..3 {
            bench.group.power_off(NodeId(member), at(1.0));
        }
        for minute in 1..=600 {
            bench.group.submit(at(60.0 * f64::from(minute)), 50_000);
        }
        for member in 0..3 {
            bench.group.power_on(NodeId(member), at(36_001.0));
        }
        bench.advance(38_000.0);
        assert_eq!(bench.group.decided(), 600, "{protocol}");
        bench.assert_sound();
    }
}

#[test]
fn who_was_away_catches_up_and_can_be_needed() {
    for (protocol, members) in [(OuroborosBft, 4), (Rcmec, 4)] {
        for away in [1.0, 10.0, 1000.0] {
            let mut bench = bench(protocol, members, Timing::LAB, 1);
            bench.ask(1.0, 5.0, 0.5);
            bench.group.power_off(NodeId(1), at(5.0));
            bench.ask(5.0, 5.0 + away, 0.5);
            let back = 5.0 + away;
            bench.group.power_on(NodeId(1), at(back));
            bench.ask(back, back + 10.0, 0.5);
            let caught_up = NoteKind::CaughtUp { member: NodeId(1) };
            assert_eq!(bench.count(|kind| *kind == caught_up), 1, "{protocol} {away}");
            bench.group.power_off(NodeId(2), at(back + 10.0));
            bench.ask(back + 10.0, back + 20.0, 0.5);
            bench.advance(back + 40.0);
            assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {away}");
            bench.assert_sound();
        }
    }
}

#[test]
fn what_they_hold_does_not_grow() {
    for (protocol, members) in [(OuroborosBft, 4), (Rcmec, 5)] {
        let mut bench = bench(protocol, members, Timing::LAB, 1);
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
        assert!(late < 1000 * members, "{protocol}: {late}");
        bench.assert_sound();
    }
}

#[test]
fn in_the_twin_they_are_silent_when_idle() {
    for (protocol, members) in [(OuroborosBft, 7), (Rcmec, 9)] {
        let mut bench = bench(protocol, members, Timing::TWIN, 1);
        bench.ask(60.0, 5.0 * 86_400.0, 600.0);
        let decided = bench.group.decided();
        assert_eq!(decided, 5 * 144);
        let meters = bench.group.meters();
        let expected = protocol.expected_messages(members as u64);
        assert_eq!(meters.messages(Class::Request), decided * expected, "{protocol}");
        assert_eq!(meters.messages(Class::Repair), 0, "{protocol}");
        let before = meters.all_messages();
        bench.advance(50.0 * 86_400.0);
        assert_eq!(bench.group.meters().all_messages(), before, "{protocol} talks while idle");
        assert_eq!(bench.group.next_time(), None, "{protocol} waits for something");
        bench.assert_sound();
    }
}

#[test]
fn devices_are_served_by_their_own_clusters_in_one_order() {
    let members = 13;
    let mut cluster = cluster::<rcmec::Rcmec>(members, 3, 1);
    for round in 0..50u32 {
        for device in 0..3 {
            let now = at(1.0 + 0.1 * f64::from(round) + 0.001 * device as f64);
            cluster.advance(now);
            cluster.submit_from(device, now, 32);
        }
    }
    cluster.advance(at(60.0));
    assert_eq!((cluster.answered(), cluster.order().count()), (150, 0));
    assert!((0..members).all(|member| cluster.order().length_of(NodeId(member)) == 150));
    // All clusters work on their own: with one of them dark, its devices go to the next.
    let home = Clusters::new(members).nodes(0).clone();
    for &node in home.iter() {
        cluster.power_off(node, at(60.0));
    }
    cluster.submit_from(0, at(61.0), 32);
    cluster.submit_from(1, at(61.0), 32);
    cluster.advance(at(62.0));
    assert_eq!((cluster.answered_to(0), cluster.answered_to(1)), (50, 51));
    cluster.advance(at(90.0));
    assert_eq!((cluster.answered_to(0), cluster.order().count()), (51, 0));
}

#[test]
fn liars_within_the_model_break_nothing_and_one_more_does() {
    let runs = std::env::var("SEEDS").map_or(25, |seeds| seeds.parse().unwrap());
    for (protocol, sizes) in [(OuroborosBft, [4, 7, 10]), (Rcmec, [4, 7, 9])] {
        for nodes in sizes {
            let options = ChaosOptions { nodes, runs, ..ChaosOptions::new(protocol) };
            let report = chaos::run(&options).unwrap();
            assert!(report.as_it_should_be(), "{report}");
        }
        let options = ChaosOptions { within: false, runs: 50, ..ChaosOptions::new(protocol) };
        let report = chaos::run(&options).unwrap();
        assert!(
            report.unsafe_runs > 0,
            "{protocol} tolerates one Byzantine member too many\n{report}"
        );
    }
}

/// A leader's two blocks in one slot, to different members, prove that it equivocates.
#[test]
fn an_equivocating_leader_is_harmless() {
    let lie = "equivocate".parse().unwrap();
    for (members, byzantine) in [(4, vec![1]), (7, vec![2, 5]), (7, vec![3, 4])] {
        let mut cluster = cluster::<Ouroboros>(members, 1, 1);
        for &byzantine in &byzantine {
            cluster.set_strategy(NodeId(byzantine), &lie, at(0.5)).unwrap();
        }
        cluster.net_mut().listen(true);
        for number in 0..200u32 {
            let now = at(1.0 + 0.05 * f64::from(number));
            cluster.advance(now);
            cluster.submit(now, 32);
        }
        cluster.advance(at(30.0));
        let blocks = cluster.net_mut().take_sent().filter(|sent| sent.kind == "empty-block");
        assert!(blocks.filter(|sent| byzantine.contains(&sent.from.0)).count() > 20);
        assert_eq!(cluster.order().violations(), [] as [String; 0]);
        assert_eq!(cluster.answered(), 200);
    }
}

#[test]
fn the_explorer_finds_nothing_in_them_and_every_planted_quorum() {
    for protocol in [OuroborosBft, Rcmec] {
        for search in searches(protocol, 20_000) {
            let report = explore(&search.options).unwrap();
            assert_eq!(report.violation, None, "{protocol}: {}", search.what);
        }
        for (which, name) in protocol.quorums().iter().enumerate() {
            let (_, report) = find_planted(protocol, which, 20_000).unwrap();
            assert!(report.violation.is_some(), "{protocol}: {name}");
        }
    }
}
