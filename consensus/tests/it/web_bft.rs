//! web-bft: counts and delays to the letter, what was published of it, votes that split, Byzantine
//! members within what it bears and beyond, planted quorums, and flat memory.

use crate::common::rough::{Rough, seeds};
use crate::common::{Bench, at, config};
use gridtwin_consensus::ProtocolName::WebBft;
use gridtwin_consensus::explore::find_planted;
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::web_bft::{Member, WebBft as Web};
use gridtwin_consensus::{
    Byzantine, Cluster, CostModel, Crash, Latency, Link, Links, Members, NodeId, NoteKind, Setup,
    Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};

/// A closed loop without jitter.
fn lab(nodes: usize, requests: u64) -> LabOptions {
    LabOptions { jitter_ms: 0.0, ..LabOptions::new(WebBft, nodes, requests) }
}

fn steady(options: &LabOptions) -> LabReport {
    let report = run(options).unwrap();
    assert_eq!((&report.stalled, report.decided), (&None, options.requests), "{report:#?}");
    assert_eq!((report.view_changes, report.violation_count), (0, 0), "{report:#?}");
    report
}

#[test]
fn a_vote_and_an_acceptance_of_each_to_each_other_and_four_delays() {
    for nodes in 4..=64 {
        let report = steady(&lab(nodes, 5));
        assert_eq!(report.messages, 5 * 2 * (nodes * (nodes - 1)) as u64, "{report:#?}");
        assert_eq!((report.delays, report.expected_delays), (Some(4), 4), "{report:#?}");
        assert_eq!((report.periodic_messages, report.repair_messages), (0, 0), "{report:#?}");
        // A request to each, and each answers.
        assert_eq!(report.client_messages, 5 * 2 * nodes as u64);
    }
}

#[test]
fn the_silence_of_any_f_changes_nothing_since_nobody_leads() {
    for nodes in [4, 7, 10, 16] {
        let f = (nodes - 1) / 3;
        let all = steady(&lab(nodes, 20)).latency_ms.unwrap().p50;
        for first in 0..nodes {
            let mut options = lab(nodes, 20);
            let crash =
                |node: usize| Crash { node: NodeId(node as u16), at: SimTime::ZERO, back: None };
            options.faults.crashes = (0..f).map(|i| crash((first + i) % nodes)).collect();
            let report = steady(&options);
            let latency = report.latency_ms.unwrap().p50;
            assert!((0.8..1.2).contains(&(latency / all)), "{nodes}, {first}: {latency} {all}");
            assert_eq!((report.delays, report.repair_messages), (Some(4), 0), "{report:#?}");
            assert_eq!(report.messages, 20 * 2 * ((nodes - f) * (nodes - 1)) as u64);
        }
    }
}

/// A group of which every node can be looked into, its clients after its members.
fn cluster(members: u16, clients: u16, links: Links, seed: u64) -> Cluster<Web> {
    let setup = Setup::new(members, clients, &Timing::LAB);
    let costs = vec![CostModel::default(); links.nodes()];
    Cluster::new(&setup, links, &costs, &Streams::new(seed), "test")
}

fn even(nodes: usize) -> Links {
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    Links::uniform(nodes, Link::ethernet(latency))
}

fn member(cluster: &Cluster<Web>, member: u16) -> &Member {
    match cluster.net().state(NodeId(member)) {
        Web::Member(member) => member,
        Web::Client(_) => unreachable!("member {member} is no client"),
    }
}

#[test]
fn votes_that_split_are_resolved_without_any_time_out() {
    // Each of two clients is near to one half of the group, and they ask at the same time.
    for members in [4, 6, 8, 10] {
        let nodes = usize::from(members) + 2;
        let mut links =
            Links::uniform(nodes, Link::ethernet(Latency::Constant(Span::from_millis(2))));
        let far = Link::ethernet(Latency::Constant(Span::from_millis(10)));
        for member in 0..usize::from(members) {
            let other = usize::from(members) + usize::from(member < usize::from(members) / 2);
            *links.link_mut(other, member) = far;
        }
        let mut cluster = cluster(members, 2, links, 1);
        for second in 1..=20 {
            cluster.advance(at(f64::from(second)));
            for client in [0, 1] {
                cluster.submit_from(client, at(f64::from(second)), 64);
            }
        }
        cluster.advance(at(30.0));
        assert_eq!((cluster.order().count(), cluster.answered()), (0, 40));
        let meters = cluster.net().meters();
        assert!(meters.messages_of("state") > 0 && meters.messages_of("vote-again") > 0);
        let latency = cluster.latencies_ms().quantile(1.0).unwrap();
        assert!(latency < 100.0, "{members}: {latency} ms");
        assert_eq!(cluster.view_changes(), 0);
    }
}

#[test]
fn a_member_that_changes_its_mind_is_found_out_by_all_and_does_no_harm() {
    for (members, byzantine) in [(4, &[2][..]), (7, &[0, 4])] {
        let mut found = 0;
        for seed in 0..12 {
            let mut cluster = cluster(members, 2, even(usize::from(members) + 2), seed);
            for &byzantine in byzantine {
                let strategy = "equivocate".parse().unwrap();
                cluster.set_strategy(NodeId(byzantine), &strategy, at(0.5)).unwrap();
            }
            for tick in 0..100 {
                let now = at(1.0 + 0.03 * f64::from(tick));
                cluster.advance(now);
                for client in 0..2 {
                    cluster.submit_from(client, now, 64);
                }
            }
            cluster.advance(at(120.0));
            assert_eq!((cluster.order().count(), cluster.answered()), (0, 200), "seed {seed}");
            let honest = (0..members).filter(|id| !byzantine.contains(id));
            let known: Vec<_> = honest.map(|id| member(&cluster, id).votes().byzantine()).collect();
            let guilty: Members = byzantine.iter().copied().map(NodeId).collect();
            assert!(known.iter().all(|known| known.or(guilty) == guilty), "seed {seed}");
            // Who knows has told the others.
            assert!(known.iter().all(|one| *one == known[0]), "seed {seed}: {known:?}");
            found += usize::from(known[0] == guilty);
        }
        // Not where all honest ones happen to be told the same.
        assert!(found >= 6, "{members}: found out {found} times of 12");
    }
}

#[test]
fn an_honest_member_is_never_found_out() {
    for seed in seeds(4) {
        let mut rough: Rough<Web> = Rough::new(4, seed, None);
        rough.run(|_, _| {});
        rough.assert_sound(seed);
        for id in 0..4 {
            assert!(member(&rough.cluster, id).votes().byzantine().is_empty(), "seed {seed}");
        }
    }
}

#[test]
fn a_member_that_was_away_catches_up_by_one_certificate() {
    for away in [2.0, 60.0] {
        let mut bench = Bench::with(&config(WebBft, 4, Timing::LAB), 1);
        bench.ask(1.0, 3.0, 0.02);
        bench.group.power_off(NodeId(2), at(3.0));
        bench.ask(3.0, 3.0 + away, 0.02);
        bench.group.power_on(NodeId(2), at(3.0 + away));
        bench.ask(3.0 + away, 8.0 + away, 0.02);
        let caught_up = NoteKind::CaughtUp { member: NodeId(2) };
        assert_eq!(bench.count(|kind| *kind == caught_up), 1, "{away}");
        // Now another goes, and nothing is decided without the one that came back.
        bench.group.power_off(NodeId(0), at(8.0 + away));
        bench.ask(8.0 + away, 20.0 + away, 0.02);
        bench.advance(25.0 + away);
        assert_eq!(bench.group.decided(), bench.group.submitted(), "{away}");
        bench.assert_sound();
    }
}

#[test]
fn what_a_group_holds_stays_flat_and_a_quiet_one_says_nothing() {
    let mut bench = Bench::with(&config(WebBft, 4, Timing::LAB), 1);
    let mut greatest = [0; 2];
    for (half, greatest) in greatest.iter_mut().enumerate() {
        for round in 0..50 {
            let from = 1.0 + 150.0 * half as f64 + 3.0 * f64::from(round);
            bench.ask(from, from + 3.0, 0.03);
            *greatest = (*greatest).max(bench.group.held());
            bench.notes.clear();
        }
    }
    bench.advance(400.0);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    let [early, late] = greatest;
    assert!(late < early + early / 10 && late < 2500, "held {early}, then {late}");
    let before = bench.group.meters().all_messages();
    bench.group.power_off(NodeId(1), at(400.0));
    bench.advance(4000.0);
    assert_eq!(bench.group.meters().all_messages(), before);
    bench.assert_sound();
}

#[test]
fn liars_beyond_what_it_bears_split_the_group_and_fewer_do_not() {
    let broken = |byzantine: &[u16], planted: Option<usize>| {
        let run = |seed| {
            let mut options = LabOptions::new(WebBft, 4, 50);
            (options.rate, options.clients, options.seed) = (Some(100.0), 2, seed);
            (options.planted, options.patience_s) = (planted, 20.0);
            let equivocates = |&node| Byzantine {
                node: NodeId(node),
                strategy: "equivocate".parse().unwrap(),
                from: SimTime::ZERO,
            };
            options.faults.byzantine = byzantine.iter().map(equivocates).collect();
            options.most_messages = 500_000;
            run(&options).unwrap().violations
        };
        (0..60).flat_map(run).collect::<Vec<_>>()
    };
    for byzantine in 0..4 {
        assert_eq!(broken(&[byzantine], None), [] as [String; 0]);
    }
    let two = broken(&[1, 3], None);
    assert!(two.iter().any(|text| text.contains("where another member delivered")), "{two:?}");
    // A client that believes one member is told what is not decided yet.
    let one = broken(&[1], Some(2));
    assert!(one.iter().any(|text| text.contains("not decided")), "{one:?}");
}

#[test]
fn a_client_that_believes_a_single_member_is_found_to_be_lied_to() {
    let (options, report) = find_planted(WebBft, 2, 20_000).unwrap();
    assert!(report.violation.is_some(), "{options:?} {report:?}");
}
