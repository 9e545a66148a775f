//! Byzantine strategies, as the network sees them: what a Byzantine node sends, what it costs, what
//! the others notice, and that nobody else's draws change.

use gridtwin_consensus::pbft::Pbft;
use gridtwin_consensus::{
    Cluster, CostModel, Latency, Link, Links, NodeId, Sent, Setup, StrategyError, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};

const BYZANTINE: NodeId = NodeId(2);
const CLIENT: NodeId = NodeId(4);

fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

/// Four members of PBFT and a client, whose messages are listened to.
fn cluster(seed: u64, latency: Latency) -> Cluster<Pbft> {
    let setup = Setup::new(4, 1, &Timing::LAB);
    let links = Links::uniform(5, Link::ethernet(latency));
    let costs = [CostModel::default(); 5];
    let mut cluster = Cluster::new(&setup, links, &costs, &Streams::new(seed), "liars");
    cluster.net_mut().listen(true);
    cluster
}

/// Ten requests a second for so long, with a Byzantine member; and all that was sent.
fn run(strategy: &str, seconds: u32, seed: u64) -> (Cluster<Pbft>, Vec<Sent>) {
    let jitter = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let mut cluster = cluster(seed, jitter);
    cluster.set_strategy(BYZANTINE, &strategy.parse().unwrap(), at(0.5)).unwrap();
    for tick in 0..seconds * 10 {
        let now = at(1.0 + f64::from(tick) * 0.1);
        cluster.advance(now);
        cluster.submit(now, 64);
    }
    cluster.advance(at(f64::from(seconds) + 60.0));
    assert_eq!(cluster.order().violations(), &[] as &[String], "{strategy}");
    assert_eq!(cluster.answered(), u64::from(seconds) * 10, "{strategy}");
    let sent = cluster.net_mut().take_sent().collect();
    (cluster, sent)
}

fn by_liar(sent: &[Sent]) -> impl Iterator<Item = &Sent> {
    sent.iter().filter(|sent| sent.from == BYZANTINE)
}

#[test]
fn the_silent_say_nothing_and_the_dropped_is_all_that_is_missing() {
    let (_, all) = run("honest", 3, 1);
    let honest = by_liar(&all).count();
    // A prepare to three, a commit to three and a reply for each of 30 requests.
    assert_eq!(honest, 30 * 7);
    assert_eq!(by_liar(&run("silent", 3, 1).1).count(), 0);
    let (_, sent) = run("drop:commit", 3, 1);
    assert!(by_liar(&sent).all(|sent| sent.kind != "commit"));
    assert_eq!(by_liar(&sent).count(), honest - 30 * 3);
    let (_, sent) = run("drop:@3", 3, 1);
    assert!(by_liar(&sent).all(|sent| sent.to != NodeId(3)));
    assert!(by_liar(&sent).any(|sent| sent.to == NodeId(1)));
    let (_, sent) = run("selective:0,4", 3, 1);
    assert!(by_liar(&sent).all(|sent| [NodeId(0), CLIENT].contains(&sent.to)));
    assert!(by_liar(&sent).any(|sent| sent.to == CLIENT));
}

#[test]
fn the_late_are_late_by_as_much_as_was_said() {
    let quick = Latency::Constant(Span::from_millis(2));
    let first_reply = |strategy: &str| {
        let mut cluster = cluster(1, quick);
        cluster.set_strategy(BYZANTINE, &strategy.parse().unwrap(), at(0.5)).unwrap();
        cluster.submit(at(1.0), 64);
        cluster.advance(at(5.0));
        let sent: Vec<_> = cluster.net_mut().take_sent().collect();
        by_liar(&sent).find(|sent| sent.kind == "reply").map(|sent| sent.sent).unwrap()
    };
    assert_eq!(first_reply("delay:300ms") - first_reply("honest"), Span::from_millis(300));
}

#[test]
fn replays_and_stale_states_cost_messages_and_break_nothing() {
    let (honest, _) = run("honest", 10, 1);
    let (replaying, sent) = run("replay", 10, 1);
    assert!(replaying.net().meters().all_messages() > honest.net().meters().all_messages() + 100);
    assert!(by_liar(&sent).count() > 10 * 10 * 7 + 100);
    let (stale, _) = run("stale", 10, 1);
    let fetches = |cluster: &Cluster<Pbft>| cluster.net().meters().messages_of("fetch");
    assert!(fetches(&stale) > fetches(&honest), "it asks what it has forgotten");
}

#[test]
fn one_liar_of_any_sort_is_borne_and_the_same_seed_gives_the_same_bytes() {
    for strategy in ["equivocate", "mixed", "stale", "replay", "delay:700ms"] {
        for seed in 1..=5 {
            let (first, sent) = run(strategy, 5, seed);
            let (second, again) = run(strategy, 5, seed);
            assert_eq!(sent, again, "{strategy}, seed {seed}");
            assert_eq!(first.net().meters(), second.net().meters());
        }
    }
}

#[test]
fn an_equivocating_primary_is_replaced() {
    let mut cluster = cluster(3, Latency::Constant(Span::from_millis(2)));
    cluster.set_strategy(NodeId(0), &"equivocate".parse().unwrap(), at(0.5)).unwrap();
    for second in 1..40 {
        cluster.submit(at(f64::from(second)), 64);
    }
    cluster.advance(at(100.0));
    assert!(cluster.view_changes() >= 1);
    assert_eq!((cluster.order().count(), cluster.answered()), (0, 39));
}

/// When the messages of the others leave is theirs; how long each is in progress is drawn by its
/// sender: the deviations do not change that.
#[test]
fn a_liar_changes_nobody_elses_draws() {
    let spread = Latency::Uniform { low: Span::from_millis(1), high: Span::from_millis(40) };
    let draws = |strategy: &str, node: u16| {
        let mut cluster = cluster(1, spread);
        cluster.set_strategy(BYZANTINE, &strategy.parse().unwrap(), at(0.5)).unwrap();
        for second in 1..20 {
            cluster.submit(at(f64::from(second)), 64);
        }
        cluster.advance(at(30.0));
        let all = cluster.net_mut().take_sent().collect::<Vec<_>>();
        let own = all.into_iter().filter(|sent| sent.from == NodeId(node));
        // Bandwidth aside: whole milliseconds, less the sending of a few hundred bytes.
        own.map(|sent| (sent.arrives.unwrap() - sent.sent).0 / 100_000).collect::<Vec<_>>()
    };
    for node in [0, 1, 3, 4] {
        let (honest, beside) = (draws("honest", node), draws("silent", node));
        let same = honest.iter().zip(&beside).filter(|(a, b)| a.abs_diff(**b) <= 1).count();
        let both = honest.len().min(beside.len());
        assert!(both >= 19 && same == both, "node {node}: {same} of {both}");
    }
}

#[test]
fn a_kind_that_the_protocol_does_not_have_is_refused() {
    let mut cluster = cluster(1, Latency::Constant(Span::from_millis(2)));
    let error =
        cluster.set_strategy(BYZANTINE, &"drop:append".parse().unwrap(), at(1.0)).unwrap_err();
    assert!(matches!(error, StrategyError::Kind { protocol: "Pbft", .. }), "{error}");
}
