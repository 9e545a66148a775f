//! What EdgeCons and Nomad promise: exact counts, safety and progress under crashes, bounded memory,
//! and latency near those who work.

use gridtwin_consensus::edgecons::EdgeCons;
use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::multi_paxos::MultiPaxos;
use gridtwin_consensus::nomad::Nomad;
use gridtwin_consensus::{
    Class, Cluster, CostModel, Latency, Link, Links, NodeId, ProtocolName, Replicated, Setup,
    Timing,
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

/// Drives a group with 3 clients through random faults of members, clients and cloud, and heals it.
fn shake<P: Replicated>(seed: u64, members: u16, planted: Option<usize>) -> Cluster<P> {
    let streams = Streams::new(seed);
    let mut stream = streams.stream("faults");
    let nodes = members + 3 + 1;
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let mut link = Link::ethernet(latency);
    link.loss = between(&mut stream, 0.0, 0.1);
    link.duplicate = between(&mut stream, 0.0, 0.1);
    let links = Links::uniform(nodes.into(), link);
    let setup = Setup { planted, ..Setup::new(members, 3, &Timing::LAB) };
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
    cluster
}

/// After such a run all members must have delivered all that was asked.
fn survive<P: Replicated>(seed: u64, members: u16) {
    let cluster = shake::<P>(seed, members, None);
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

/// One-way latencies between five regions, in ms.
const APART_MS: [[u64; 5]; 5] = [
    [0, 30, 40, 50, 55],
    [30, 0, 35, 45, 40],
    [40, 35, 0, 30, 45],
    [50, 45, 30, 0, 38],
    [55, 40, 45, 38, 0],
];

/// Five regions, an edge and a client 1 ms from it in each, and the cloud 60 ms from all.
fn regions<P: Replicated>(seed: u64) -> Cluster<P> {
    let clouds = P::helpers(5).len();
    let nodes = 10 + clouds;
    let mut links = Links::uniform(nodes, Link::ethernet(Latency::Constant(Span::ZERO)));
    for from in 0..nodes {
        for to in 0..nodes {
            let clients = u64::from((5..10).contains(&from)) + u64::from((5..10).contains(&to));
            let apart = if from < 10 && to < 10 { APART_MS[from % 5][to % 5] } else { 60 };
            let latency = Span::from_millis_f64((apart + clients) as f64 + 0.2);
            let latency = Latency::around(latency, Span::from_millis_f64(0.2));
            links.link_mut(from, to).latency = latency;
        }
    }
    let setup = Setup::new(5, 5, &Timing::LAB.for_latency(links.longest()));
    let costs = vec![CostModel::default(); nodes];
    Cluster::new(&setup, links, &costs, &Streams::new(seed), "regions")
}

/// Each region's requests, as the seconds at which they come.
type Load = [Vec<f64>; 5];

/// The median latency in each region, and over all, in ms, where the load begins after 5 s.
fn medians<P: Replicated>(seed: u64, load: &Load) -> ([f64; 5], f64) {
    let mut cluster = regions::<P>(seed);
    let mut requests: Vec<(f64, usize)> = Vec::new();
    for (region, times) in load.iter().enumerate() {
        requests.extend(times.iter().map(|&time| (time, region)));
    }
    requests.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (time, region) in requests {
        let now = at(5.0 + time);
        cluster.advance(now);
        cluster.submit_from(region, now, 64);
    }
    cluster.advance(at(1000.0));
    assert_eq!(cluster.answered(), cluster.submitted(), "{}", P::NAME);
    assert_eq!(cluster.order().count(), 0, "{:?}", cluster.order().violations());
    let median = |region| cluster.latencies_ms_of(region).quantile(0.5).unwrap_or(f64::NAN);
    ([0, 1, 2, 3, 4].map(median), cluster.latencies_ms().quantile(0.5).unwrap())
}

/// Random times at so many a second, from one time to another.
fn times(stream: &mut Stream, rate: f64, from_s: f64, to_s: f64) -> Vec<f64> {
    let mut now = from_s;
    let mut times = Vec::new();
    loop {
        now -= (1.0 - stream.random::<f64>()).ln() / rate;
        if now >= to_s {
            return times;
        }
        times.push(now);
    }
}

#[test]
fn edgecons_is_faster_than_multi_paxos_where_the_work_is() {
    for seed in 0..5 {
        // Most requests come from an edge that does not lead Multi-Paxos, some from two more.
        let mut stream = Streams::new(seed).stream("load");
        let load: Load = [0.0, 0.0, 0.4, 8.0, 0.4].map(|rate| match rate {
            0.0 => Vec::new(),
            rate => times(&mut stream, rate, 0.0, 60.0),
        });
        let (multi_paxos, edgecons) =
            (medians::<MultiPaxos>(seed, &load), medians::<EdgeCons>(seed, &load));
        // At the busy edge one round trip to the nearest majority, and to its client.
        let nearest = 2.0 * (38.0 + 1.0);
        assert!((edgecons.0[3] - nearest).abs() < 4.0, "{seed}: {edgecons:?}");
        for region in [2, 3, 4] {
            let (edgecons, multi_paxos) = (edgecons.0[region], multi_paxos.0[region]);
            assert!(edgecons < multi_paxos - 10.0, "{seed}/{region}: {edgecons}, {multi_paxos}");
        }
    }
}

#[test]
fn nomad_is_fastest_where_each_region_works_in_turn() {
    for seed in 0..5 {
        // 25 requests a turn, or 50: shorter than it takes EdgeCons to follow, or not much longer.
        for (turn_s, ahead_ms) in [(5.0, 10.0), (10.0, 1.0)] {
            let mut stream = Streams::new(seed).stream("load");
            let mut load: Load = Default::default();
            for turn in 0..10 {
                let from_s = f64::from(turn) * (turn_s + 1.0);
                load[turn as usize * 3 % 5].extend(times(
                    &mut stream,
                    5.0,
                    from_s,
                    from_s + turn_s,
                ));
            }
            let (_, nomad) = medians::<Nomad>(seed, &load);
            let (_, edgecons) = medians::<EdgeCons>(seed, &load);
            let (_, multi_paxos) = medians::<MultiPaxos>(seed, &load);
            assert!(nomad < edgecons - ahead_ms, "{seed}/{turn_s}: {nomad} {edgecons}");
            assert!(nomad < multi_paxos - 50.0, "{seed}/{turn_s}: {nomad} {multi_paxos}");
        }
    }
}

#[test]
fn a_lease_costs_two_delays_to_the_cloud_and_then_nothing() {
    let mut cluster = regions::<Nomad>(1);
    let mut latency_of = |region: usize, at_s: f64| {
        let answered = cluster.answered();
        cluster.submit_from(region, at(at_s), 64);
        let mut end = SimTime::ZERO;
        while cluster.answered() == answered {
            end = cluster.step(SimTime::MAX).unwrap();
        }
        (end - at(at_s)).as_millis_f64()
    };
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 5.0, "{found}");
    // Client and edge, edge and cloud, edge and a majority; then without the cloud.
    near(latency_of(0, 5.0), 2.0 * (1.0 + 60.0 + 40.0));
    near(latency_of(0, 5.5), 2.0 * (1.0 + 40.0));
    // Contention: besides, the holder before must say that it gives up the rest of its range.
    near(latency_of(3, 6.0), 2.0 * (1.0 + 60.0 + 50.0));
    near(latency_of(3, 6.5), 2.0 * (1.0 + 38.0));
    assert_eq!(cluster.net().meters().messages(Class::Repair), 0);
}

#[test]
fn without_failures_edgecons_needs_no_cloud_and_with_them_it_does() {
    let mut cluster = regions::<EdgeCons>(1);
    let (edge, cloud) = (NodeId(3), NodeId(10));
    cluster.power_off(cloud, at(1.0));
    let ask = |cluster: &mut Cluster<EdgeCons>, region: usize, from_s: u32, to_s: u32| {
        for tick in from_s * 10..to_s * 10 {
            cluster.submit_from(region, at(f64::from(tick) / 10.0), 64);
        }
        cluster.advance(at(f64::from(to_s)));
    };
    ask(&mut cluster, 3, 5, 30);
    assert!(cluster.answered() > 245, "{}", cluster.answered());
    // The slots are the silent edge's; nobody else may use them, and no cloud takes them over.
    cluster.power_off(edge, at(30.0));
    let answered = cluster.answered();
    ask(&mut cluster, 2, 31, 60);
    assert_eq!(cluster.answered(), answered);
    cluster.power_on(cloud, at(60.0));
    ask(&mut cluster, 2, 60, 90);
    cluster.advance(at(91.0));
    assert_eq!(cluster.answered_to(2), 590);
    assert_eq!(cluster.order().count(), 0);
}

#[test]
fn what_a_group_holds_does_not_grow() {
    fn greatest<P: Replicated>() {
        let links =
            Links::uniform(7, Link::ethernet(Latency::Constant(Span::from_millis_f64(0.5))));
        let setup = Setup::new(3, 3, &Timing::LAB);
        let costs = vec![CostModel::FREE; 7];
        let mut cluster = Cluster::<P>::new(&setup, links, &costs, &Streams::new(1), "long");
        let mut greatest = [0; 2];
        for tick in 0..21_000 {
            let now = at(1.0 + 0.01 * f64::from(tick));
            cluster.advance(now);
            // Each client in turn, and two at once at times.
            cluster.submit_from(tick as usize / 500 % 3, now, 64);
            if tick % 10 == 0 {
                cluster.submit_from(tick as usize / 300 % 3, now, 64);
            }
            let held = &mut greatest[tick as usize / 10_500];
            *held = cluster.held().max(*held);
        }
        cluster.advance(at(300.0));
        assert_eq!(cluster.answered(), cluster.submitted(), "{}", P::NAME);
        assert_eq!(cluster.order().count(), 0);
        let [early, late] = greatest;
        assert!(late < early + early / 10 && late < 3 * 700, "{}: {early} {late}", P::NAME);
    }
    greatest::<EdgeCons>();
    greatest::<Nomad>();
}

#[test]
fn planted_quorums_are_found_by_chaos() {
    fn found<P: Replicated>(which: usize) -> bool {
        (0..100).any(|seed| shake::<P>(seed, 3, Some(which)).order().count() > 0)
    }
    for which in 0..2 {
        assert!(found::<EdgeCons>(which), "edgecons: {}", EdgeCons::QUORUMS[which]);
        assert!(found::<Nomad>(which), "nomad: {}", Nomad::QUORUMS[which]);
    }
}

/// A takeover of a slot that only its owner has accepted, cut off half-way: one member is told that
/// the slot was filled, the other two take it over again. How many violations that makes.
fn half_filled(planted: Option<usize>) -> u64 {
    let links = Links::uniform(6, Link::ethernet(Latency::Constant(Span::from_millis(2))));
    let setup = Setup { planted, ..Setup::new(3, 2, &Timing::LAB) };
    let costs = vec![CostModel::FREE; 6];
    let mut cluster = Cluster::<EdgeCons>::new(&setup, links, &costs, &Streams::new(1), "half");
    fn cut(cluster: &mut Cluster<EdgeCons>, node: usize, others: &[usize], up: bool) {
        for &other in others {
            cluster.net_mut().links_mut().link_mut(node, other).up = up;
            cluster.net_mut().links_mut().link_mut(other, node).up = up;
        }
    }
    // The owner of the first slot proposes for itself alone; that of the second waits for it.
    let cloud = 5;
    cut(&mut cluster, 0, &[1, 2, cloud], false);
    cluster.submit_from(0, at(1.0), 64);
    cluster.submit_from(1, at(1.0), 64);
    while cluster.net().meters().messages_of("promise") < 2 {
        cluster.step(at(10.0)).unwrap();
    }
    cut(&mut cluster, 2, &[cloud], false);
    let filled = cluster.net().now() + Span::from_millis(20);
    cluster.advance(filled);
    cut(&mut cluster, 1, &[0, 2, cloud], false);
    cut(&mut cluster, 2, &[0, cloud], true);
    cut(&mut cluster, 0, &[cloud], true);
    cluster.advance(at(20.0));
    cut(&mut cluster, 1, &[0, 2, cloud], true);
    cluster.advance(at(40.0));
    cluster.order().count()
}

#[test]
fn a_slot_filled_by_too_few_is_found() {
    assert_eq!(half_filled(None), 0);
    assert!(half_filled(Some(2)) > 0);
}
