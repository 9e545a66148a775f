//! What the laboratory's network, its faults and its members' power do to a run, seen from outside.

use gridtwin_consensus::ProtocolName::{Pbft, Raft};
use gridtwin_consensus::lab::{LabError, LabOptions, LabReport, run};
use gridtwin_consensus::{
    Byzantine, CostModel, Crash, Faults, Latency, Link, Links, NodeId, RandomSplits, Skew, Slow,
    Split,
};
use gridtwin_kernel::{SimTime, Span};

fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

fn nodes(nodes: &[u16]) -> Vec<NodeId> {
    nodes.iter().copied().map(NodeId).collect()
}

/// A hundred requests, decided all and soundly.
fn decided(change: impl Fn(&mut LabOptions)) -> LabReport {
    let mut options = LabOptions::new(Pbft, 4, 100);
    change(&mut options);
    let report = run(&options).unwrap();
    assert_eq!(report, run(&options).unwrap(), "the same seed gives the same report");
    assert_eq!((report.decided, report.violation_count), (100, 0), "{report:#?}");
    report
}

fn faulty(faults: Faults) -> LabReport {
    decided(|options| options.faults = faults.clone())
}

#[test]
fn spoilt_messages_are_dropped_and_counted_apart() {
    let clean = decided(|_| {});
    assert_eq!((clean.corrupted, clean.lost), (0, 0));
    let report = faulty(Faults { corrupt: 0.05, ..Faults::default() });
    let share = report.corrupted as f64 / (report.per_decision.unwrap().messages * 100.0);
    assert!((0.03..0.07).contains(&share), "{share}");
    assert_eq!(report.lost, 0);
}

#[test]
fn reordering_and_an_adversary_before_gst_cost_time_and_nothing_else() {
    let quick = decided(|_| {}).latency_ms.unwrap().p50;
    let reordered =
        faulty(Faults { reorder: 0.3, hold: Span::from_millis(50), ..Faults::default() });
    assert!(reordered.latency_ms.unwrap().p99 > 5.0 * quick);
    let (gst, before_gst) = (Some(at(20.0)), Span::from_millis(900));
    let report = faulty(Faults { gst, before_gst, ..Faults::default() });
    assert!(report.latency_ms.unwrap().p99 > 300.0, "{report:#?}");
    assert!(report.view_changes > 0 || report.simulated_s > 10.0);
}

#[test]
fn noise_ends_when_it_is_said_to() {
    let loud = Faults { loss: 0.3, calm: Some(at(2.0)), ..Faults::default() };
    let report = decided(|options| {
        (options.faults, options.rate) = (loud.clone(), Some(10.0));
    });
    let longer = decided(|options| {
        (options.faults, options.rate) = (Faults { calm: None, ..loud.clone() }, Some(10.0));
    });
    assert!(report.lost > 0 && longer.lost > 3 * report.lost, "{} {}", report.lost, longer.lost);
}

#[test]
fn a_slow_member_delays_those_that_need_it_alone() {
    let usual = decided(|_| {}).latency_ms.unwrap().p50;
    let slow = |nodes: &[u16]| {
        let slow = nodes.iter().map(|&node| {
            let (node, times) = (NodeId(node), 20.0);
            Slow { node, times, at: SimTime::ZERO, back: None }
        });
        let faults = Faults { slow: slow.collect(), ..Faults::default() };
        faulty(faults).latency_ms.unwrap().p50
    };
    assert!(slow(&[3]) < 1.5 * usual, "the others are a quorum: {} of {usual}", slow(&[3]));
    assert!(
        slow(&[2, 3]) > 2.0 * usual,
        "without them there is none: {} of {usual}",
        slow(&[2, 3])
    );
}

#[test]
fn wrong_clocks_change_time_outs_and_nothing_that_needs_none() {
    let skew = |ahead_ms, drift_ppm| {
        let skew =
            |node| Skew { node: NodeId(node), ahead_ms: ahead_ms * f64::from(node), drift_ppm };
        Faults { skew: (0..4).map(skew).collect(), ..Faults::default() }
    };
    let right = decided(|_| {});
    let wrong = faulty(skew(500.0, 0.0));
    assert_eq!(wrong.latency_ms, right.latency_ms);
    assert_eq!(wrong.by_kind, right.by_kind);
    // Time-outs of a second run out after 2/3 of it where clocks are half as fast again.
    let lost_primary = |faults: Faults| {
        decided(|options| {
            let crash = Crash { node: NodeId(0), at: SimTime::ZERO, back: None };
            options.faults = Faults { crashes: vec![crash], ..faults.clone() };
        })
    };
    let first = |report: &LabReport| report.simulated_s;
    let (usual, fast) = (lost_primary(Faults::default()), lost_primary(skew(0.0, 500_000.0)));
    let sooner = first(&usual) - first(&fast);
    assert!((0.2..0.5).contains(&sooner), "{sooner}");
}

#[test]
fn splits_cut_both_ways_or_one_and_heal() {
    let split = |groups: &[&[u16]], one_way| {
        let groups = groups.iter().map(|group| nodes(group)).collect();
        let split = Split { groups, one_way, at: at(0.0), heals: Some(at(5.0)) };
        Faults { splits: vec![split], ..Faults::default() }
    };
    // Nobody has a quorum until it heals.
    assert!(faulty(split(&[&[0, 1], &[2, 3]], false)).simulated_s > 5.0);
    assert!(faulty(split(&[&[0], &[1], &[2, 3]], false)).simulated_s > 5.0);
    // The primary hears all, and nobody hears it.
    let mute = faulty(split(&[&[0], &[1, 2, 3]], true));
    assert!(mute.view_changes > 0 && mute.simulated_s < 5.0, "{mute:#?}");
    // All hear the primary, which hears nobody: the others need it for nothing else.
    let deaf = faulty(split(&[&[1, 2, 3], &[0]], true));
    assert!(deaf.simulated_s < 5.0, "{deaf:#?}");
}

#[test]
fn random_splits_are_the_same_for_the_same_seed_and_survived() {
    let (every, lasting) = (Span::from_secs(2), Span::from_millis(800));
    let random = RandomSplits { every, lasting, until: at(40.0), one_way: true };
    let report = decided(|options| {
        options.rate = Some(4.0);
        options.faults.random_splits = Some(random);
    });
    assert!(report.lost > 20, "{report:#?}");
}

#[test]
fn liars_are_borne_and_metered() {
    let byzantine = |strategy: &str| {
        let (node, strategy) = (NodeId(1), strategy.parse().unwrap());
        let byzantine = vec![Byzantine { node, strategy, from: at(0.2) }];
        faulty(Faults { byzantine, ..Faults::default() })
    };
    let honest = byzantine("honest");
    assert!(byzantine("silent").messages < honest.messages);
    assert!(byzantine("replay").messages > honest.messages);
    for strategy in ["equivocate", "mixed", "stale", "selective:0,4", "delay:30ms"] {
        byzantine(strategy);
    }
}

#[test]
fn regions_and_clusters_have_their_latencies() {
    let link = |ms| Link::ethernet(Latency::Constant(Span::from_millis(ms)));
    let p50 = |links: Links| {
        decided(|options| options.links = Some(links.clone())).latency_ms.unwrap().p50
    };
    let near = p50(Links::uniform(5, link(1)));
    let between = [vec![link(1), link(40)], vec![link(40), link(1)]];
    let apart = p50(Links::regions(&between, &[0, 0, 1, 1, 0]).unwrap());
    assert!(near < 20.0 && apart > 80.0, "{near} {apart}");
    // The same way through the cloud: 20 ms up, 20 ms down.
    let clusters = [Some(0), Some(0), Some(1), Some(1), Some(0)];
    let relayed = p50(Links::clusters(&clusters, link(1), link(20)));
    assert!((relayed - apart).abs() < 1.0, "{relayed} {apart}");
}

#[test]
fn clients_share_the_work_and_a_batch_costs_one_agreement() {
    let one = decided(|_| {});
    let four = decided(|options| options.clients = 4);
    let speed = |report: &LabReport| report.decisions_per_s.unwrap();
    assert!(speed(&four) > 1.5 * speed(&one), "{} {}", speed(&four), speed(&one));
    assert_eq!(four.messages, four.expected_messages);
    let batched = decided(|options| options.batch = 10);
    assert_eq!(batched.messages * 10, one.messages);
    assert_eq!(batched.messages, batched.expected_messages);
    assert!(batched.bytes < one.bytes / 2 && speed(&batched) > 5.0 * speed(&one));
    let open = decided(|options| (options.batch, options.rate) = (10, Some(100.0)));
    assert!((60.0..200.0).contains(&speed(&open)), "{}", speed(&open));
}

#[test]
fn what_a_decision_takes_adds_up() {
    let report = decided(|options| options.carbon_g_per_kwh = 400.0);
    let each = report.per_decision.unwrap();
    assert_eq!(
        each.messages * 100.0,
        report.by_kind.iter().map(|k| k.messages).sum::<u64>() as f64
    );
    assert!((each.bytes * 100.0 - report.bytes as f64).abs() < 1e-6);
    assert!((each.joules_total * 100.0 / report.joules_total - 1.0).abs() < 1e-12);
    let grams = each.joules_total / 3.6e6 * 400.0;
    assert!((each.carbon_g.unwrap() / grams - 1.0).abs() < 1e-12);
    assert_eq!(decided(|_| {}).per_decision.unwrap().carbon_g, None);
    let span = 100.0 / report.decisions_per_s.unwrap();
    assert!(span <= report.simulated_s && span > 0.9 * report.simulated_s - 1.0);
    assert!(report.operations.persisted_bytes >= 100 * 64);
}

/// 2 W for machines that draw 2.7: their 30 J are gone after 43 s, and half of them are back after
/// 7.5 s. All members go dark at about the same time, and come back.
#[test]
fn members_on_little_power_brown_out_and_go_on() {
    let run_on = |protocol, power_w: f64, rate| {
        let mut options = LabOptions::new(protocol, 4, 400);
        (options.power_w, options.rate) = (Some(power_w), Some(rate));
        run(&options).unwrap()
    };
    for protocol in [Pbft, Raft] {
        let rich = run_on(protocol, 10.0, 2.0);
        assert_eq!((rich.brown_outs, rich.dark_s, rich.decided), (0, 0.0, 400));
        let poor = run_on(protocol, 2.0, 2.0);
        assert_eq!((poor.decided, poor.violation_count), (400, 0), "{poor:#?}");
        // Of every 29 s after the first time, 7.5 are dark at each of four members.
        let cycles = 4.0 * (poor.simulated_s - 43.0) / 28.9;
        assert!((poor.brown_outs as f64 - cycles).abs() < 0.2 * cycles + 4.0, "{poor:#?}");
        let each = poor.dark_s / poor.brown_outs as f64;
        assert!((7.0..7.6).contains(&each), "{each} s dark each time");
        assert!(poor.joules_total < rich.joules_total / rich.simulated_s * poor.simulated_s);
    }
    // On just what idling takes, a store lasts for ever, or for so many requests.
    let agreeing = |requests| {
        let mut options = LabOptions::new(Pbft, 4, requests);
        options.costs = CostModel { joules_per_cycle: 10e-9, ..CostModel::default() };
        let idle_w = options.costs.idle_w;
        (options.power_w, options.store_j) = (Some(idle_w), 2.0);
        run(&options).unwrap()
    };
    let (few, many) = (agreeing(40), agreeing(200));
    assert_eq!((few.brown_outs, few.decided), (0, 40));
    assert!(many.brown_outs > 0 && many.decided == 200, "{many:#?}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = |change: &dyn Fn(&mut LabOptions)| {
        let mut options = LabOptions::new(Pbft, 4, 100);
        change(&mut options);
        run(&options).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&|o| o.batch = 7),
        "batch must be a divisor of the number of requests; found 7"
    );
    assert_eq!(refused(&|o| o.clients = 0), "clients must be 1 to 1000; found 0");
    let text = refused(&|o| o.faults.corrupt = 1.0);
    assert!(text.starts_with("corrupt must be at least 0 and below 1"));
    assert!(refused(&|o| o.power_w = Some(-1.0)).starts_with("power_w must be 0 or more"));
    assert!(refused(&|o| o.store_j = 0.0).starts_with("store_j must be above 0"));
    assert!(refused(&|o| o.planted = Some(99)).starts_with("planted must be"));
    let link = Link::ethernet(Latency::Constant(Span::from_millis(1)));
    let small = Links::uniform(3, link);
    let text = refused(&|o| o.links = Some(small.clone()));
    assert_eq!(
        text,
        "links are given for 3 nodes, but the group has 5: members, clients and helpers"
    );
    let slow = Slow { node: NodeId(6), times: 2.0, at: at(1.0), back: None };
    let text = refused(&|o| (o.clients, o.faults.slow) = (2, vec![slow]));
    assert_eq!(
        text,
        "there is no node 6: members are 0 to 3, the first client is 4; the last node is 5"
    );
    let slow = Slow { node: NodeId(3), back: Some(at(0.5)), ..slow };
    assert!(refused(&|o| o.faults.slow = vec![slow]).starts_with("a fault at 1 s cannot end"));
    let split = |groups: &[&[u16]]| {
        let groups = groups.iter().map(|group| nodes(group)).collect();
        Split { groups, one_way: false, at: at(1.0), heals: None }
    };
    let text = refused(&|o| o.faults.splits = vec![split(&[&[0, 1], &[1, 2]])]);
    assert!(text.starts_with("a partition needs two or more"), "{text}");
    refused(&|o| o.faults.splits = vec![split(&[&[0, 1]])]);
    let byzantine = |strategy: &str| {
        let strategy = strategy.parse().unwrap();
        vec![Byzantine { node: NodeId(0), strategy, from: at(1.0) }]
    };
    assert!(
        refused(&|o| o.faults.byzantine = byzantine("drop:append")).contains("no message kind")
    );
    let mut options = LabOptions::new(Pbft, 4, 1);
    options.faults.byzantine = byzantine("drop:append");
    assert!(matches!(run(&options), Err(LabError::Strategy(_))));
}
