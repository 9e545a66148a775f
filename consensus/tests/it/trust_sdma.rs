//! PBFT in a hierarchy, and among those that are trusted: the published counts, what a failed agent
//! costs, chaos within the fault model, flat memory.

use crate::common::{Bench, at};
use gridtwin_consensus::ProtocolName::{self, Pbft, SdmaPbft, TrustPbft};
use gridtwin_consensus::chaos::{self, ChaosOptions};
use gridtwin_consensus::explore::{ExploreOptions, explore, searches};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::sdma_pbft::GROUP;
use gridtwin_consensus::trust_pbft::{self, Era, START, committee_size};
use gridtwin_consensus::{
    Byzantine, Cluster, CostModel, Crash, Faults, Latency, Link, Links, Members, NodeId, Setup,
    Strategy, Timing, gini,
};
use gridtwin_kernel::{Span, Streams};
use trust_pbft::TrustPbft as Trusting;

fn exact(protocol: ProtocolName, nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(protocol, nodes, requests);
    // So far apart that what computing takes does not change which message comes last.
    (options.latency_ms, options.jitter_ms) = (500.0, 0.0);
    let report = run(&options).unwrap();
    assert_eq!((report.decided, report.violation_count), (requests, 0), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{nodes}: {report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{nodes}: {report:#?}");
    assert_eq!((report.view_changes, report.repair_messages), (0, 0), "{report:#?}");
    report
}

#[test]
fn the_hierarchy_takes_as_many_messages_as_it_says() {
    for nodes in 4..=64 {
        exact(SdmaPbft, nodes, 4);
    }
    exact(SdmaPbft, 128, 3);
}

#[test]
fn the_hierarchys_messages_grow_as_n_k_log_n_and_not_as_n_squared() {
    let k = GROUP as f64;
    let (mut table, mut before) = (String::new(), f64::INFINITY);
    for n in 4..=128 {
        let (tree, flat) = (SdmaPbft.expected_messages(n), Pbft.expected_messages(n));
        let bound = 2.0 * n as f64 * k * (n as f64).log(k).max(1.0);
        assert!((tree as f64) <= bound, "{n}: {tree} of {bound}");
        if n.is_power_of_two() {
            let ratio = tree as f64 / flat as f64;
            assert!(ratio < before, "{n}: {ratio} after {before}");
            before = ratio;
            let bar = |messages: u64| "#".repeat((messages as f64).log2() as usize * 2);
            table += &format!("{n:4} {tree:6} {:28} {flat:6} {}\n", bar(tree), bar(flat));
        }
    }
    println!("   n   tree{:26}   flat\n{table}", "");
    assert!(before < 0.05, "{before} of plain PBFT's messages for 128 members");
}

/// Sixteen members in four groups, a request each 50 ms for so many seconds; at 2 s the first
/// members of some groups fail, who are their agents.
fn without_agents(failed: &[u16], seconds: u32) -> Bench {
    let mut bench = Bench::new(SdmaPbft, 16);
    bench.ask(0.5, 2.0, 0.05);
    for &agent in failed {
        bench.group.power_off(NodeId(agent), at(2.0));
    }
    bench.ask(2.0, 2.0 + f64::from(seconds), 0.05);
    bench.advance(60.0 + f64::from(seconds));
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.assert_sound();
    bench
}

fn kind(bench: &Bench, name: &str) -> u64 {
    let found = bench.group.meters().by_kind().iter().find(|count| count.kind.name == name);
    found.map_or(0, |count| count.messages)
}

#[test]
fn a_failed_agent_cuts_off_its_group_until_it_is_replaced() {
    // For the first checkpoints nobody has missed, the rest of the tree goes on as if nothing were.
    let soon = without_agents(&[4], 3);
    assert_eq!((soon.group.view_changes(), kind(&soon, "succession")), (0, 0));
    // Then the group finds that it was cut off: it replaces its agent, and nobody changes the view.
    let later = without_agents(&[4], 30);
    assert_eq!(later.group.view_changes(), 0);
    assert!(kind(&later, "complaint") >= 3 * 2, "{:?}", later.group.meters().by_kind());
    assert!(kind(&later, "succession") >= 15, "one tells everybody");
    // Each request cost less than in the whole tree while they were cut off, and then almost as
    // much.
    let votes = |bench: &Bench| kind(bench, "prepare") as f64 / bench.group.decided() as f64;
    let whole = votes(&without_agents(&[], 30));
    assert!(votes(&soon) < 0.9 * whole, "{} of {whole}", votes(&soon));
    assert!(votes(&later) > votes(&soon), "{} and {} of {whole}", votes(&later), votes(&soon));
}

#[test]
fn two_failed_agents_stop_everything_until_their_groups_replace_them() {
    let bench = without_agents(&[4, 8], 30);
    assert!(kind(&bench, "succession") >= 2 * 12, "{:?}", bench.group.meters().by_kind());
    // Nobody answered until complaints had replaced them: about a time-out.
    let worst = bench.group.latencies_ms().quantile(1.0).unwrap();
    assert!((1000.0..10_000.0).contains(&worst), "{worst} ms");
}

#[test]
fn liars_are_borne_one_in_each_group_and_not_two_in_each_of_two() {
    let byzantine = |ids: &[u16]| -> Members { ids.iter().copied().map(NodeId).collect() };
    assert!(SdmaPbft.withstands(16, byzantine(&[0, 4, 8, 12])));
    assert!(
        SdmaPbft.withstands(16, byzantine(&[0, 1, 2, 3, 4, 8, 12])),
        "a whole group, and one in each"
    );
    assert!(!SdmaPbft.withstands(16, byzantine(&[0, 1, 4, 5])));
    assert!(Pbft.withstands(16, byzantine(&[0, 1, 4, 5])), "what the hierarchy costs");
    assert_eq!([4, 8, 16, 64].map(|n| SdmaPbft.tolerates(n)), [1, 1, 3, 7]);
}

/// What a group holds at most in the first and the second half of 20,000 requests.
fn flat(protocol: ProtocolName, members: usize) {
    let mut bench = Bench::new(protocol, members);
    let mut greatest = [0; 2];
    for number in 0..20_000_u32 {
        let now = 1.0 + 0.03 * f64::from(number);
        bench.advance(now);
        bench.group.submit(at(now), 64);
        let half = usize::from(number >= 10_000);
        greatest[half] = greatest[half].max(bench.group.held());
        bench.notes.clear();
    }
    bench.advance(700.0);
    assert_eq!(bench.group.decided(), 20_000);
    bench.assert_sound();
    let [early, late] = greatest;
    assert!(late < early + early / 10, "{protocol}: {early}, then {late}");
}

#[test]
fn what_the_hierarchy_holds_does_not_grow() {
    flat(SdmaPbft, 8);
}

#[test]
fn nothing_breaks_a_hierarchy_of_two_groups() {
    let options = ExploreOptions {
        nodes: Some(8),
        timeouts: 1,
        states: 400,
        ..ExploreOptions::honest(SdmaPbft)
    };
    assert_eq!(explore(&options).unwrap().violation, None);
    for search in searches(SdmaPbft, 300) {
        let report = explore(&search.options).unwrap();
        assert_eq!(report.violation, None, "{}", search.what);
    }
}

#[test]
fn a_committee_takes_as_many_messages_as_pbft_among_as_many() {
    for nodes in 4..=64 {
        let g = u64::from(committee_size(nodes as u16));
        assert_eq!(exact(TrustPbft, nodes, 3).messages, 3 * (2 * g * g - g + 1));
    }
    // Over several eras, too: what hands over from one to the next is counted apart.
    for nodes in [4, 9, 16] {
        let report = exact(TrustPbft, nodes, 200);
        assert!(report.periodic_messages > 0, "{report:#?}");
    }
}

/// A group whose members are looked into.
fn trusting(members: u16, seed: u64) -> Cluster<Trusting> {
    let setup = Setup::new(members, 1, &Timing::LAB);
    let nodes = usize::from(members) + 1;
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let links = Links::uniform(nodes, Link::ethernet(latency));
    let costs = vec![CostModel::default(); nodes];
    Cluster::new(&setup, links, &costs, &Streams::new(seed), "trust")
}

/// A request each 20 ms from one second to another.
fn ask(cluster: &mut Cluster<Trusting>, from: f64, to: f64) {
    let mut now = from;
    while now < to {
        cluster.advance(at(now));
        cluster.submit(at(now), 32);
        now += 0.02;
    }
    cluster.advance(at(to));
}

fn era_of(cluster: &Cluster<Trusting>, member: u16) -> Era {
    match cluster.net().state(NodeId(member)) {
        Trusting::Member(member) => member.era().clone(),
        Trusting::Client(_) => panic!("a client has no era"),
    }
}

#[test]
fn who_is_silent_loses_its_seat_and_gets_it_back_only_slowly() {
    let mut cluster = trusting(8, 1);
    let attacker = NodeId(2);
    ask(&mut cluster, 1.0, 10.0);
    let good = era_of(&cluster, 0);
    assert!(good.number >= 5 && good.committee.contains(attacker));
    // Off: from an era later on it is judged by it.
    cluster.set_strategy(attacker, &"silent".parse().unwrap(), at(10.0)).unwrap();
    ask(&mut cluster, 10.0, 16.0);
    let bad = era_of(&cluster, 0);
    assert!(!bad.committee.contains(attacker), "{bad:?}");
    assert!(bad.scores[2] < START && good.scores[2] > START, "{good:?} {bad:?}");
    // On again: it has lost in two or three eras what it takes many more to win back.
    cluster.set_strategy(attacker, &"honest".parse().unwrap(), at(16.0)).unwrap();
    ask(&mut cluster, 16.0, 26.0);
    let again = era_of(&cluster, 0);
    assert!(again.number >= bad.number + 5);
    let scores = [good.scores[2], bad.scores[2], again.scores[2]];
    assert!(scores[1] < scores[2] && scores[2] < scores[0] / 2 + 100, "{scores:?}");
    assert!(!again.committee.contains(attacker));
    cluster.advance(at(60.0));
    assert_eq!((cluster.answered(), cluster.order().count()), (cluster.submitted(), 0));
}

#[test]
fn power_stays_with_few_and_the_gini_of_it_says_so() {
    let mut cluster = trusting(16, 1);
    ask(&mut cluster, 1.0, 15.0);
    let era = era_of(&cluster, 0);
    assert_eq!(era.committee.len(), 7);
    // Seven of sixteen share everything evenly: (16 - 7) / 16.
    let unevenness = gini(era.served.iter().map(|&served| served.into()));
    assert!((unevenness - 9.0 / 16.0).abs() < 1e-9, "{unevenness}");
    // All that are told agree, also those who never decided anything.
    for member in 1..16 {
        let other = era_of(&cluster, member);
        assert!(other.number + 1 >= era.number, "{member}: {} of {}", other.number, era.number);
        assert_eq!(other.scores.len(), 16);
    }
    assert_eq!(cluster.order().count(), 0);
}

#[test]
fn committees_survive_chaos() {
    for (nodes, runs) in [(4, 20), (8, 20), (14, 10)] {
        survive(TrustPbft, nodes, runs);
    }
}

#[test]
fn eras_pass_under_faults() {
    // Chaos asks for ten requests; here are enough of them for several committees.
    for seed in 0..20 {
        let nodes = [4, 6, 9][seed as usize % 3];
        let mut options = LabOptions::new(TrustPbft, nodes, 600);
        (options.seed, options.rate) = (seed, Some(30.0));
        options.faults.loss = 0.03;
        let crash = |turn: u64| {
            let node = NodeId(((seed + turn) % nodes as u64) as u16);
            let at_s = 1.0 + 3.0 * turn as f64;
            Crash { node, at: at(at_s), back: Some(at(at_s + 2.0)) }
        };
        options.faults.crashes = (0..5).map(crash).collect();
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (600, 0), "{seed}: {report:#?}");
    }
}

/// A committee that bears no second failure hands over while messages are lost: who knows the
/// result must not leave before enough others can tell it to the rest.
#[test]
fn who_hands_over_leaves_nobody_behind() {
    for seed in [37, 75, 84, 94, 99, 126] {
        let mut options = LabOptions::new(TrustPbft, 4, 130);
        (options.seed, options.rate, options.patience_s) = (seed, Some(16.25), 600.0);
        let calm = Some(at(40.0));
        options.faults = Faults { loss: 0.15, calm, ..Faults::default() };
        let (node, strategy) = (NodeId((seed % 4) as u16), Strategy::Silent);
        options.faults.byzantine.push(Byzantine { node, strategy, from: at(0.0) });
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.violation_count), (130, 0), "{seed}: {report:#?}");
    }
}

#[test]
fn what_committees_hold_does_not_grow() {
    flat(TrustPbft, 6);
}

fn survive(protocol: ProtocolName, nodes: usize, runs: u64) {
    let mut options = ChaosOptions { runs, ..ChaosOptions::new(protocol) };
    options.nodes = nodes;
    let report = chaos::run(&options).unwrap();
    assert!(report.as_it_should_be(), "{report}");
}

#[test]
fn the_hierarchy_survives_chaos() {
    for (nodes, runs) in [(4, 10), (8, 20), (16, 20)] {
        survive(SdmaPbft, nodes, runs);
    }
}

#[test]
#[ignore = "hundreds of schedules"]
fn hierarchies_survive_hundreds_of_schedules() {
    for nodes in [4, 7, 8, 12, 16, 33] {
        survive(SdmaPbft, nodes, 200);
    }
}
