//! What EdgeCons and Nomad promise: exact counts, safety and progress under crashes, bounded memory,
//! and latency near those who work.

use gridtwin_consensus::edgecons::EdgeCons;
use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::nomad::Nomad;
use gridtwin_consensus::{
    Cluster, CostModel, Latency, Link, Links, NodeId, ProtocolName, Replicated, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;

const BOTH: [ProtocolName; 2] = [ProtocolName::EdgeCons, ProtocolName::Nomad];

fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

#[test]
fn counts_and_delays_are_exact() {
    for protocol in BOTH {
        for nodes in 3..=64 {
            let mut options = LabOptions::new(protocol, nodes, 150);
            options.jitter_ms = 0.0;
            let report = run(&options).unwrap();
            assert_eq!(report.stalled, None, "{report:#?}");
            assert_eq!(report.messages, report.expected_messages, "{report:#?}");
            assert_eq!(report.messages, 150 * 3 * (nodes as u64 - 1));
            assert_eq!(report.delays, Some(4), "{report:#?}");
            assert_eq!((report.client_messages, report.repair_messages), (300, 0), "{report:#?}");
            assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
        }
    }
}

/// One fault: a node without power, or cut off from all others, for a while.
struct Fault {
    node: u16,
    from_s: f64,
    to_s: f64,
    cut: bool,
}

fn between(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * stream.random::<f64>()
}

/// Drives a group of 5 with 3 clients through random faults of members, clients and cloud, and
/// heals it; then all that was asked must be answered.
fn survive<P: Replicated>(seed: u64, members: u16) {
    let streams = Streams::new(seed);
    let mut stream = streams.stream("faults");
    let nodes = members + 3 + 1;
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let mut link = Link::ethernet(latency);
    link.loss = between(&mut stream, 0.0, 0.1);
    link.duplicate = between(&mut stream, 0.0, 0.1);
    let links = Links::uniform(nodes.into(), link);
    let setup = Setup::new(members, 3, &Timing::LAB);
    let costs = vec![CostModel::default(); nodes.into()];
    let mut cluster = Cluster::<P>::new(&setup, links, &costs, &streams, "chaos");
    let faults: Vec<Fault> = (0..stream.random_range(0..14))
        .map(|_| {
            let from_s = between(&mut stream, 0.5, 40.0);
            let to_s = from_s + between(&mut stream, 0.01, 15.0);
            let (node, cut) = (stream.random_range(0..nodes), stream.random_bool(0.3));
            Fault { node, from_s, to_s, cut }
        })
        .collect();
    for tick in 0..1200 {
        let now_s = f64::from(tick) * 0.05;
        let now = at(now_s);
        cluster.advance(now);
        let hit = |node: u16, cut: bool| {
            let hits = |f: &&Fault| f.node == node && f.cut == cut;
            faults.iter().filter(hits).any(|f| (f.from_s..f.to_s).contains(&now_s))
        };
        for node in 0..nodes {
            if hit(node, false) {
                cluster.power_off(NodeId(node), now);
            } else {
                cluster.power_on(NodeId(node), now);
            }
            for other in (0..nodes).filter(|&other| other != node) {
                let up = !hit(node, true) && !hit(other, true);
                cluster.net_mut().links_mut().link_mut(node.into(), other.into()).up = up;
            }
        }
        // The clients take turns, each for a while.
        cluster.submit_from((tick / 100 % 3) as usize, now, 32);
        if tick % 7 == 0 {
            cluster.submit_from((tick / 50 % 3) as usize, now, 32);
        }
    }
    cluster.advance(at(300.0));
    // Who lost the last proposal and its commit learns of it by the next one.
    for from in 0..nodes {
        for to in 0..nodes {
            cluster.net_mut().links_mut().link_mut(from.into(), to.into()).loss = 0.0;
        }
    }
    cluster.submit_from(0, at(300.0), 32);
    cluster.advance(at(310.0));
    assert_eq!(cluster.order().violations(), &[] as &[String], "{} seed {seed}", P::NAME);
    assert_eq!(cluster.answered(), cluster.submitted(), "{} seed {seed}", P::NAME);
    let lengths: Vec<u64> = (0..members).map(|m| cluster.order().length_of(NodeId(m))).collect();
    let length = cluster.order().length();
    assert_eq!(lengths, vec![length; members.into()], "{} seed {seed}", P::NAME);
}

/// How many seeds: 20, or as many as EDGE_SEEDS says.
fn seeds() -> u64 {
    std::env::var("EDGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(20)
}

#[test]
fn edgecons_survives_brown_outs() {
    for seed in 0..seeds() {
        survive::<EdgeCons>(seed, if seed % 4 == 3 { 3 } else { 5 });
    }
}

#[test]
fn nomad_survives_brown_outs() {
    for seed in 0..seeds() {
        survive::<Nomad>(seed, if seed % 4 == 3 { 3 } else { 5 });
    }
}
