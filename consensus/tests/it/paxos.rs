//! The Paxos family: what was published of Paxos and Multi-Paxos, and what a user relies on.

use crate::common::{Bench, at, config};
use gridtwin_consensus::ProtocolName::{self, MultiPaxos, Paxos};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::{
    Class, Cluster, CostModel, Latency, Link, Links, NodeId, NoteKind, Replicated, Setup, Timing,
    multi_paxos, paxos,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;

const BOTH: [ProtocolName; 2] = [Paxos, MultiPaxos];

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((report.stalled.as_ref(), report.decided), (None, requests), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
    report
}

fn sent(report: &LabReport, kind: &str) -> u64 {
    report.by_kind.iter().find(|count| count.kind.name == kind).unwrap().messages
}

#[test]
fn paxos_takes_both_phases_for_each_request() {
    for nodes in 3..=64 {
        let report = exact(Paxos, nodes, 10);
        let others = nodes as u64 - 1;
        assert_eq!((report.messages, report.delays), (10 * 4 * others, Some(6)));
        for kind in ["1a", "1b", "2a", "2b", "learn"] {
            assert_eq!(sent(&report, kind), 10 * others, "{kind}");
        }
        assert_eq!((report.client_messages, report.repair_messages), (20, 0), "{report:#?}");
    }
}

#[test]
fn multi_paxos_takes_phase_two_alone() {
    for nodes in 3..=64 {
        let report = exact(MultiPaxos, nodes, 20);
        let others = nodes as u64 - 1;
        assert_eq!((report.messages, report.delays), (20 * 2 * others, Some(4)));
        // Request and answer, and the leader's word to the client.
        assert_eq!(report.client_messages, 20 * 2 + 1);
        assert_eq!(report.repair_messages, 2 * others, "phase 1 alone: {report:#?}");
    }
}

#[test]
fn multi_paxos_runs_phase_one_once_a_view() {
    let report = exact(MultiPaxos, 5, 1000);
    assert_eq!((sent(&report, "1a"), sent(&report, "1b")), (4, 4));
    assert_eq!(sent(&exact(Paxos, 5, 1000), "1a"), 4000);
    // And once more for the next leader.
    let mut bench = Bench::new(MultiPaxos, 5);
    bench.ask(1.0, 5.0, 0.01);
    bench.group.power_off(NodeId(0), at(5.0));
    bench.ask(5.0, 15.0, 0.01);
    bench.advance(16.0);
    assert_eq!(bench.group.view_changes(), 1);
    assert_eq!(bench.group.meters().messages_of("1a"), 8);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.assert_sound();
}

/// Members and clients as far from each other as `latency` says, computing for nothing.
fn cluster<P: Replicated>(setup: &Setup, latency: Latency, seed: u64) -> Cluster<P> {
    let nodes = usize::from(setup.members + setup.clients);
    let links = Links::uniform(nodes, Link::ethernet(latency));
    Cluster::new(setup, links, &vec![CostModel::FREE; nodes], &Streams::new(seed), "paxos")
}

/// Two clients ask two members at almost the same time; back-off lasts from 5 ms to `most`, and a
/// message 20 ms. How many attempts were made until either had its answer, within 1000 s.
fn duel(most: Span, seed: u64) -> (u64, Option<u64>) {
    let backoff = Span::from_millis(5);
    let timing = Timing { election_min: backoff, election_max: most, ..Timing::LAB };
    let timing = Timing { client_timeout: Span::from_secs(10_000), ..timing };
    let setup = Setup::new(3, 2, &timing);
    let mut cluster: Cluster<paxos::Paxos> =
        cluster(&setup, Latency::Constant(Span::from_millis(20)), seed);
    cluster.submit_from(0, at(1.0), 64);
    cluster.submit_from(1, at(1.015), 64);
    let mut first = None;
    while cluster.answered() < 2 && cluster.step(at(1000.0)).is_some() {
        if cluster.answered() > 0 && first.is_none() {
            first = Some(cluster.net().meters().messages_of("1a") / 2);
        }
    }
    assert_eq!(cluster.order().count(), 0);
    assert_eq!(cluster.answered() == 2, first.is_some(), "one ends the duel for both");
    (cluster.net().meters().messages_of("1a") / 2, first)
}

#[test]
fn duelling_proposers_never_end_in_lockstep_and_do_when_they_draw_lots() {
    let (attempts, end) = duel(Span::from_millis(5), 1);
    assert_eq!(end, None);
    assert!(attempts > 10_000, "{attempts}");
    for seed in 0..50 {
        let (_, end) = duel(Span::from_millis(300), seed);
        assert!(end.is_some_and(|attempts| attempts < 40), "{seed}: {end:?}");
    }
}

/// One node's absence or isolation.
struct Fault {
    member: NodeId,
    from: f64,
    to: f64,
    cut: bool,
}

fn faults(members: u16, rng: &mut Stream) -> Vec<Fault> {
    let count = rng.random_range(0..10);
    let fault = |_| {
        let from = rng.random_range(0.5..25.0);
        let to = from + rng.random_range(0.01..8.0);
        let member = NodeId(rng.random_range(0..members));
        Fault { member, from, to, cut: rng.random_range(0..3) == 0 }
    };
    (0..count).map(fault).collect()
}

/// Drives a group with one to three clients through random brown-outs, partitions, loss,
/// duplication and reordering for 30 s, heals it, and checks that all is decided, in one order.
fn survive<P: Replicated>(seed: u64) {
    let mut rng = Streams::new(seed).stream("schedule");
    let members = rng.random_range(3..=6);
    let setup = Setup::new(members, rng.random_range(1..=3), &Timing::LAB);
    let latency = Latency::Uniform { low: Span::from_millis_f64(0.2), high: Span::from_millis(8) };
    let mut cluster: Cluster<P> = cluster(&setup, latency, seed);
    let nodes = usize::from(setup.members + setup.clients);
    let links = cluster.net_mut().links_mut();
    let (loss, duplicate) = (rng.random_range(0.0..0.15), rng.random_range(0.0..0.1));
    for (from, to) in (0..nodes * nodes).map(|pair| (pair / nodes, pair % nodes)) {
        (links.link_mut(from, to).loss, links.link_mut(from, to).duplicate) = (loss, duplicate);
    }
    let faults = faults(members, &mut rng);
    for tick in 0..=600 {
        let now_s = f64::from(tick) * 0.05;
        let now = at(now_s);
        cluster.advance(now);
        let hit = |node: usize, cut: bool| {
            let here = |f: &&Fault| f.member.index() == node && f.cut == cut;
            tick < 600 && faults.iter().filter(here).any(|f| (f.from..f.to).contains(&now_s))
        };
        for member in (0..members).map(NodeId) {
            if hit(member.index(), false) {
                cluster.power_off(member, now);
            } else {
                cluster.power_on(member, now);
            }
        }
        let links = cluster.net_mut().links_mut();
        for (from, to) in (0..nodes * nodes).map(|pair| (pair / nodes, pair % nodes)) {
            links.link_mut(from, to).up = !hit(from, true) && !hit(to, true);
        }
        for client in 0..usize::from(setup.clients) {
            cluster.submit_from(client, now, 32);
        }
    }
    cluster.advance(at(300.0));
    assert_eq!(cluster.order().violations(), [] as [String; 0], "seed {seed}");
    assert_eq!(cluster.answered(), cluster.submitted(), "{} seed {seed}", P::NAME);
    assert_eq!(cluster.order().length(), cluster.submitted(), "{} seed {seed}", P::NAME);
}

/// The seeds to try: PAXOS_SEEDS=FROM..TO asks for others.
fn seeds() -> std::ops::Range<u64> {
    let asked = std::env::var("PAXOS_SEEDS").ok();
    let range = asked.as_deref().and_then(|asked| asked.split_once(".."));
    let range = range.and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    range.unwrap_or(0..20)
}

#[test]
fn paxos_survives_random_schedules_with_several_proposers() {
    seeds().for_each(survive::<paxos::Paxos>);
}

#[test]
fn multi_paxos_survives_random_schedules() {
    seeds().for_each(survive::<multi_paxos::MultiPaxos>);
}

/// Time-outs about as short as messages are in progress, and power that comes and goes every few
/// message delays: several members propose or stand for election all the time, and how far that
/// goes is left to chance. Gives how many were decided, and how often somebody began phase 1.
fn hectic<P: Replicated>(seed: u64) -> (u64, u64) {
    let mut rng = Streams::new(seed).stream("hectic");
    let members = [3, 5][seed as usize % 2];
    let ms = Span::from_millis;
    let timing = Timing {
        client_timeout: ms(60),
        request_timeout: ms(40),
        heartbeat: ms(10),
        election_min: ms(10),
        election_max: ms(40),
        ..Timing::LAB
    };
    let latency = Latency::Uniform { low: Span::from_millis_f64(0.2), high: ms(12) };
    let mut cluster: Cluster<P> = cluster(&Setup::new(members, 3, &timing), latency, seed);
    for tick in 0..4000 {
        let now = at(f64::from(tick) * 0.005);
        cluster.advance(now);
        cluster.notes().clear();
        let member = NodeId(rng.random_range(0..members));
        match rng.random_range(0..12) {
            0 => cluster.power_off(member, now),
            1..4 => cluster.power_on(member, now),
            4 => {
                let other = usize::from(rng.random_range(0..members));
                let up = rng.random_range(0..3) > 0;
                cluster.net_mut().links_mut().link_mut(member.index(), other).up = up;
            }
            5 if cluster.submitted() < cluster.answered() + 12 => {
                cluster.submit_from(rng.random_range(0..3), now, 8);
            }
            _ => {}
        }
    }
    assert_eq!(cluster.order().violations(), [] as [String; 0], "{} seed {seed}", P::NAME);
    let others = u64::from(members) - 1;
    (cluster.order().length(), cluster.net().meters().messages_of("1a") / others)
}

#[test]
fn nobody_disagrees_however_hectic_it_is() {
    let sum = |runs: &dyn Fn(u64) -> (u64, u64)| {
        seeds().map(runs).fold((0, 0), |(a, b), (decided, begun)| (a + decided, b + begun))
    };
    let runs = seeds().count() as u64;
    let (decided, begun) = sum(&hectic::<paxos::Paxos>);
    assert!(decided > 20 * runs && begun > 4 * decided, "paxos: {decided}, {begun}");
    let (decided, begun) = sum(&hectic::<multi_paxos::MultiPaxos>);
    assert!(decided > 20 * runs && begun > 20 * runs, "multi-paxos: {decided}, {begun}");
}

/// Closed loops of so many clients at as many members, on a jittery network.
fn contend<P: Replicated>(members: u16, clients: u16, requests: u64, seed: u64) -> Cluster<P> {
    let timing = Timing { client_timeout: Span::from_secs(5), ..Timing::LAB };
    let setup = Setup::new(members, clients, &timing);
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let mut cluster = cluster(&setup, latency, seed);
    for client in 0..clients.into() {
        cluster.submit_from(client, at(1.0), 64);
    }
    let mut answered = vec![0; clients.into()];
    while let Some(now) = cluster.step(at(1000.0)) {
        for (client, before) in answered.iter_mut().enumerate() {
            if cluster.answered_to(client) > *before {
                *before += 1;
                if *before < requests {
                    cluster.submit_from(client, now, 64);
                }
            }
        }
        cluster.notes().clear();
        if cluster.answered() == requests * u64::from(clients) {
            break;
        }
    }
    assert_eq!(cluster.order().violations(), [] as [String; 0]);
    assert_eq!(cluster.answered(), requests * u64::from(clients));
    cluster
}

#[test]
fn two_and_three_proposers_at_once_agree() {
    for (members, proposers) in [(3, 2), (3, 3), (5, 3)] {
        for seed in 0..5 {
            let cluster: Cluster<paxos::Paxos> = contend(members, proposers, 200, seed);
            assert_eq!(cluster.order().length(), 200 * u64::from(proposers));
            contend::<multi_paxos::MultiPaxos>(members, proposers, 200, seed);
        }
    }
}

#[test]
fn what_a_group_holds_does_not_grow() {
    for (protocol, members) in [(Paxos, 3), (MultiPaxos, 3), (MultiPaxos, 5)] {
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
        assert!(late < 600 * members + 200, "{protocol}: {late}");
        bench.assert_sound();
    }
}

#[test]
fn another_leader_takes_over_and_fills_the_gaps() {
    for members in [3, 5, 7] {
        let mut bench = Bench::new(MultiPaxos, members);
        bench.ask(1.0, 2.0, 0.003);
        assert_eq!(bench.group.leader(), Some(NodeId(0)));
        bench.group.power_off(NodeId(0), at(2.0));
        bench.ask(2.0, 10.0, 0.05);
        assert_ne!(bench.group.leader(), Some(NodeId(0)));
        assert!(bench.group.view_changes() >= 1);
        bench.group.power_on(NodeId(0), at(10.0));
        bench.ask(10.0, 20.0, 0.05);
        let back = NoteKind::CaughtUp { member: NodeId(0) };
        assert_eq!(bench.count(|kind| *kind == back), 1);
        assert_eq!(bench.group.decided(), bench.group.submitted());
        bench.assert_sound();
    }
}

#[test]
fn who_was_cut_off_does_not_unseat_the_leader() {
    let mut bench = Bench::new(MultiPaxos, 5);
    bench.ask(1.0, 3.0, 0.05);
    let links = |bench: &mut Bench, up, now| {
        for other in (0..=5).filter(|&other| other != 3).map(NodeId) {
            bench.group.set_link(NodeId(3), other, up, at(now));
        }
    };
    links(&mut bench, false, 3.0);
    bench.ask(3.0, 30.0, 0.05);
    links(&mut bench, true, 30.0);
    bench.ask(30.0, 59.0, 0.05);
    bench.advance(60.0);
    assert_eq!((bench.group.view_changes(), bench.group.leader()), (0, Some(NodeId(0))));
    assert_eq!(bench.group.decided(), bench.group.submitted());
    // It has what it missed: without it, and with two others dark, nothing would be decided.
    bench.group.power_off(NodeId(1), at(60.0));
    bench.group.power_off(NodeId(2), at(60.0));
    let before = bench.group.decided();
    bench.ask(60.0, 70.0, 0.05);
    assert!(bench.group.decided() >= before + 190);
    bench.assert_sound();
}

#[test]
fn too_many_brown_outs_stop_decisions_and_power_brings_them_back() {
    for (protocol, members) in [(Paxos, 3), (Paxos, 5), (MultiPaxos, 3), (MultiPaxos, 5)] {
        let mut bench = Bench::new(protocol, members);
        bench.ask(1.0, 5.0, 0.1);
        let lost = bench.group.tolerates() + 1;
        assert_eq!(usize::from(lost), members / 2 + 1);
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
fn a_member_that_was_away_catches_up_and_can_be_needed() {
    for (protocol, away) in BOTH.into_iter().flat_map(|p| [(p, 10.0), (p, 1000.0)]) {
        let mut bench = Bench::new(protocol, 3);
        bench.ask(1.0, 5.0, 0.5);
        bench.group.power_off(NodeId(1), at(5.0));
        let back = 5.0 + away;
        bench.ask(5.0, back, 0.5);
        bench.group.power_on(NodeId(1), at(back));
        bench.ask(back, back + 10.0, 0.5);
        let caught_up = NoteKind::CaughtUp { member: NodeId(1) };
        assert_eq!(bench.count(|kind| *kind == caught_up), 1, "{protocol} {away}");
        bench.group.power_off(NodeId(2), at(back + 10.0));
        let before = bench.group.decided();
        bench.ask(back + 10.0, back + 60.0, 0.5);
        assert!(bench.group.decided() > before + 90, "{protocol} {away}");
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol} {away}");
        bench.assert_sound();
    }
}

#[test]
fn a_night_without_power_for_all_loses_nothing() {
    for protocol in BOTH {
        let mut bench = Bench::new(protocol, 3);
        bench.ask(1.0, 20.0, 0.05);
        for node in 0..=3 {
            bench.group.power_off(NodeId(node), at(20.0));
        }
        bench.ask(20.0, 40.0, 1.0);
        for node in 0..=3 {
            bench.group.power_on(NodeId(node), at(40.0));
        }
        bench.advance(200.0);
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{protocol}");
        bench.assert_sound();
    }
}

#[test]
fn the_twins_groups_are_silent_when_idle() {
    for (protocol, count) in [(Paxos, 16), (MultiPaxos, 8)] {
        let mut bench = Bench::with(&config(protocol, 5, Timing::TWIN), 1);
        bench.ask(60.0, 5.0 * 86_400.0, 60.0);
        bench.advance(5.0 * 86_400.0 + 60.0);
        let decided = bench.group.decided();
        let meters = bench.group.meters();
        assert_eq!(decided, 5 * 1440 - 1, "{protocol}");
        assert_eq!(meters.messages(Class::Request), decided * count);
        // And one round a request to tell what is decided.
        assert!(meters.all_messages() <= decided * (count + 4 + 2) + 50, "{:?}", meters.by_kind());
        let before = meters.all_messages();
        bench.advance(50.0 * 86_400.0);
        assert_eq!(bench.group.meters().all_messages(), before, "{protocol} talks while idle");
        bench.assert_sound();
    }
}

#[test]
fn a_silent_leader_that_dies_is_replaced_when_somebody_asks() {
    let mut bench = Bench::with(&config(MultiPaxos, 5, Timing::TWIN), 3);
    bench.ask(10.0, 600.0, 60.0);
    bench.advance(80_000.0);
    let dead = bench.group.leader().unwrap();
    bench.group.power_off(dead, at(80_000.0));
    bench.ask(80_000.0, 81_000.0, 60.0);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    assert_ne!(bench.group.leader(), Some(dead));
    bench.group.power_on(dead, at(81_000.0));
    bench.ask(81_000.0, 82_000.0, 60.0);
    assert_eq!(bench.count(|kind| *kind == NoteKind::CaughtUp { member: dead }), 1);
    assert_eq!(bench.group.view_changes(), 1, "who comes back unseats nobody");
    bench.assert_sound();
}

#[test]
fn a_smaller_quorum_breaks_agreement() {
    // One vote too few in either phase: two members that cannot reach each other both decide.
    fn planted<P: Replicated>(which: usize, seed: u64) -> u64 {
        let setup = Setup { planted: Some(which), ..Setup::new(3, 3, &Timing::LAB) };
        let latency = Latency::around(Span::from_millis(5), Span::from_millis(5));
        let mut cluster: Cluster<P> = cluster(&setup, latency, seed);
        let mut rng = Streams::new(seed).stream("planted");
        let mut now = SimTime::ZERO;
        for _ in 0..200 {
            now += Span::from_millis(rng.random_range(1..200));
            cluster.advance(now);
            let (dark, client) = (NodeId(rng.random_range(0..3)), rng.random_range(0..3));
            let up = rng.random_range(0..2) == 0;
            for other in (0..6).filter(|&other| other != dark.index()) {
                cluster.net_mut().links_mut().link_mut(dark.index(), other).up = up || other == 3;
                cluster.net_mut().links_mut().link_mut(other, dark.index()).up = up || other == 3;
            }
            cluster.submit_from(client, now, 8);
        }
        cluster.advance(now + Span::from_secs(60));
        cluster.order().count()
    }
    for which in 0..2 {
        let broken = |violations: &dyn Fn(u64) -> u64| (0..20).any(|seed| violations(seed) > 0);
        assert!(broken(&|seed| planted::<paxos::Paxos>(which, seed)), "paxos {which}");
        assert!(broken(&|seed| planted::<multi_paxos::MultiPaxos>(which, seed)), "multi {which}");
    }
}
