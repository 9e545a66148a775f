//! What Raft promises beyond what every protocol does: who votes can change under load and faults,
//! and elections take as long as its paper measured.

use crate::common::at;
use crate::common::rough::{Rough, seeds};
use gridtwin_consensus::raft::{Raft, Role};
use gridtwin_consensus::{
    Cluster, CostModel, Input, Latency, Link, Links, Members, Net, NodeId, Nodes, Outcome,
    Replicated, Request, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

/// A group of `n` with one client, 2 ms apart give or take 1.
fn group(n: u16, seed: u64, timing: &Timing) -> Cluster<Raft> {
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let nodes = usize::from(n) + 1;
    let links = Links::uniform(nodes, Link::ethernet(latency));
    let costs = vec![CostModel::default(); nodes];
    Cluster::new(&Setup::new(n, 1, timing), links, &costs, &Streams::new(seed), "raft")
}

/// Submits a request every `gap` seconds from `from` to a little before `to`, and advances there.
fn ask(cluster: &mut Cluster<Raft>, from: f64, to: f64, gap: f64) {
    let mut now = from;
    while now < to - 0.2 {
        cluster.advance(at(now));
        cluster.submit(at(now), 64);
        now += gap;
    }
    cluster.advance(at(to));
    cluster.notes().clear();
}

fn these(members: &[u16]) -> Members {
    members.iter().map(|&member| NodeId(member)).collect()
}

fn voters(cluster: &Cluster<Raft>, member: u16) -> Members {
    match cluster.net().state(NodeId(member)) {
        Raft::Member(member) => member.voters(),
        Raft::Client(_) => Members::NONE,
    }
}

fn leads(cluster: &Cluster<Raft>, member: u16) -> bool {
    let state = cluster.net().state(NodeId(member));
    matches!(state, Raft::Member(member) if matches!(member.role(), Role::Leader(_)))
}

fn assert_sound(cluster: &Cluster<Raft>) {
    assert_eq!(cluster.order().violations(), [] as [String; 0]);
    assert_eq!(cluster.answered(), cluster.submitted());
}

#[test]
fn members_leave_and_join_under_load() {
    let mut cluster = group(5, 1, &Timing::LAB);
    ask(&mut cluster, 1.0, 3.0, 0.01);
    let leader = cluster.leader().unwrap().0;
    let others = [(leader + 1) % 5, (leader + 2) % 5];
    let three = these(&[leader, others[0], others[1]]);
    cluster.reconfigure(at(3.0), three);
    ask(&mut cluster, 3.0, 5.0, 0.01);
    for member in 0..5 {
        let known = voters(&cluster, member);
        let left = !three.contains(NodeId(member));
        assert!(if left { !known.contains(NodeId(member)) } else { known == three }, "{member}");
    }
    // Three need two: with one of them dark the others go on, and with two they do not.
    cluster.power_off(NodeId(others[0]), at(5.0));
    ask(&mut cluster, 5.0, 10.0, 0.05);
    assert_sound(&cluster);
    cluster.power_off(NodeId(others[1]), at(10.0));
    cluster.advance(at(10.1));
    let before = cluster.answered();
    ask(&mut cluster, 10.1, 20.0, 0.5);
    assert_eq!(cluster.answered(), before, "decided without a majority of those that vote");
    others.iter().for_each(|&other| cluster.power_on(NodeId(other), at(20.0)));
    cluster.reconfigure(at(25.0), Members::first(5));
    ask(&mut cluster, 25.0, 40.0, 0.02);
    for member in 0..5 {
        assert_eq!(voters(&cluster, member), Members::first(5), "as member {member} has it");
    }
    let length = cluster.order().length();
    assert!((0..5).all(|m| cluster.order().length_of(NodeId(m)) + 1 >= length), "all caught up");
    assert_sound(&cluster);
}

#[test]
fn a_leader_that_is_removed_steps_down_and_nobody_removed_disturbs() {
    let mut cluster = group(5, 2, &Timing::LAB);
    ask(&mut cluster, 1.0, 3.0, 0.01);
    let first = cluster.leader().unwrap().0;
    // One that leaves is dark meanwhile, and does not know that it left when it comes back.
    let dark = (first + 1) % 5;
    cluster.power_off(NodeId(dark), at(3.0));
    let rest: Members = (0..5).filter(|&m| m != first && m != dark).map(NodeId).collect();
    cluster.reconfigure(at(3.5), rest);
    ask(&mut cluster, 3.5, 10.0, 0.01);
    assert!(!leads(&cluster, first));
    let second = cluster.leader().unwrap().0;
    assert!(rest.contains(NodeId(second)));
    let changes = cluster.view_changes();
    cluster.power_on(NodeId(dark), at(10.0));
    ask(&mut cluster, 10.0, 100.0, 0.1);
    assert!(leads(&cluster, second));
    assert_eq!(cluster.view_changes(), changes, "somebody who left disturbs");
    assert_eq!(voters(&cluster, dark), rest, "it was told");
    // Neither of the two asks for votes any more.
    let repairs = |cluster: &Cluster<Raft>| {
        cluster.net().meters().messages(gridtwin_consensus::Class::Repair)
    };
    let before = repairs(&cluster);
    ask(&mut cluster, 100.0, 110.0, 0.1);
    assert_eq!(repairs(&cluster), before);
    assert_sound(&cluster);
}

#[test]
fn who_votes_survives_snapshots_and_a_night_without_power() {
    let mut cluster = group(5, 3, &Timing::LAB);
    ask(&mut cluster, 1.0, 2.0, 0.01);
    let leader = cluster.leader().unwrap().0;
    let away = (leader + 4) % 5;
    cluster.power_off(NodeId(away), at(2.0));
    let four: Members = (0..5).filter(|&m| m != (leader + 1) % 5).map(NodeId).collect();
    cluster.reconfigure(at(2.0), four);
    // The change is many snapshots behind when everybody loses power, and when `away` comes back.
    ask(&mut cluster, 2.0, 22.0, 0.01);
    for node in (0..=5).map(NodeId).filter(|node| node.0 != away) {
        cluster.power_off(node, at(22.0));
    }
    (0..=5).for_each(|node| cluster.power_on(NodeId(node), at(30.0)));
    ask(&mut cluster, 30.0, 40.0, 0.05);
    for member in four.iter() {
        assert_eq!(voters(&cluster, member.0), four, "as member {member} has it");
    }
    let state = cluster.net().state(NodeId(away));
    assert!(matches!(state, Raft::Member(member) if member.log().base() > 1000));
    assert_sound(&cluster);
}

#[test]
fn who_is_added_catches_up_before_it_counts() {
    let mut cluster = group(4, 4, &Timing::LAB);
    ask(&mut cluster, 1.0, 2.0, 0.01);
    let leader = cluster.leader().unwrap().0;
    let [late, dark, last] = [1, 2, 3].map(|step| (leader + step) % 4);
    let three = these(&[leader, dark, last]);
    cluster.reconfigure(at(2.0), three);
    ask(&mut cluster, 2.0, 3.0, 0.01);
    assert_eq!(voters(&cluster, leader), three);
    // The newcomer cannot be reached: the others go on as three, and bear one without power.
    cluster.power_off(NodeId(late), at(3.0));
    cluster.reconfigure(at(3.0), Members::first(4));
    cluster.power_off(NodeId(dark), at(3.5));
    ask(&mut cluster, 3.5, 15.0, 0.01);
    assert_eq!(voters(&cluster, leader), three);
    assert_sound(&cluster);
    cluster.power_on(NodeId(late), at(15.0));
    ask(&mut cluster, 15.0, 17.0, 0.01);
    assert_eq!(voters(&cluster, leader), Members::first(4));
    assert!(cluster.order().length_of(NodeId(late)) > 1000);
    assert_sound(&cluster);
}

#[test]
fn one_may_be_left_and_the_last_wish_counts() {
    let mut cluster = group(3, 5, &Timing::LAB);
    ask(&mut cluster, 1.0, 2.0, 0.01);
    for (wish, at_s) in [(&[1u16][..], 2.0), (&[2], 2.001), (&[2, 0], 2.002), (&[1], 2.003)] {
        cluster.reconfigure(at(at_s), these(wish));
    }
    ask(&mut cluster, 2.1, 6.0, 0.01);
    assert_eq!(cluster.leader(), Some(NodeId(1)));
    assert_eq!(voters(&cluster, 1), these(&[1]));
    for other in [0, 2] {
        cluster.power_off(NodeId(other), at(6.0));
    }
    ask(&mut cluster, 6.0, 8.0, 0.01);
    assert_sound(&cluster);
    // Nobody, and somebody who does not exist, are not taken.
    cluster.reconfigure(at(8.0), Members::NONE);
    cluster.reconfigure(at(9.0), these(&[1, 9]));
    ask(&mut cluster, 9.0, 12.0, 0.01);
    assert_eq!(voters(&cluster, 1), these(&[1]));
    assert_sound(&cluster);
}

#[test]
fn members_may_change_in_the_midst_of_faults() {
    for seed in seeds(40) {
        for n in [3, 5] {
            let mut rough = Rough::<Raft>::new(n, seed, None);
            let mut last = Members::first(n);
            rough.run(|rough, now| {
                if rough.rng.random::<f64>() < 0.02 {
                    last = (0..n).filter(|_| rough.rng.random()).map(NodeId).collect();
                    last.insert(NodeId(rough.rng.random_range(0..n)));
                    rough.cluster.reconfigure(now, last);
                }
            });
            rough.assert_sound(seed);
            let leader = rough.cluster.leader().unwrap();
            assert_eq!(voters(&rough.cluster, leader.0), last, "seed {seed}");
        }
    }
}

#[test]
fn a_quorum_that_is_too_small_is_found() {
    for (which, name) in Raft::QUORUMS.iter().enumerate() {
        let broken = seeds(20).any(|seed| {
            let mut rough = Rough::<Raft>::new(3, seed, Some(which));
            rough.run(|_, _| {});
            rough.cluster.order().count() > 0
        });
        assert!(broken, "{name}");
    }
}

/// One way through the network takes so long, give or take a fifth,
const WAY_MS: f64 = 1.0;
/// and one write so long in the mean: the sum of two waits that are exponentially distributed, as
/// for a disk to come round and to do it.
const WRITE_MS: f64 = 2.8;
/// A trial is given up after so long.
const LIMIT_MS: f64 = 10_000.0;

fn write_s(rng: &mut Stream) -> f64 {
    let half: f64 = Exp1.sample(rng);
    let other: f64 = Exp1.sample(rng);
    1e-3 * WRITE_MS * 0.5 * (half + other)
}

/// The trial of section 9.3 of the paper: five servers with logs of different lengths, and a leader
/// that reaches all of them once more and crashes at a random moment within the heartbeat interval
/// after that, which is half the least time-out. Gives the time from the crash to the next election
/// won, in ms, or [`LIMIT_MS`]. There is no PreVote.
fn downtime_ms(least_ms: u64, most_ms: u64, trial: u64) -> f64 {
    const STEP: Span = Span(100_000);
    let (election_min, election_max) = (Span::from_millis(least_ms), Span::from_millis(most_ms));
    let heartbeat = Span(election_min.0 / 2);
    let setup = Setup::new(5, 1, &Timing { heartbeat, election_min, election_max, ..Timing::LAB });
    let streams = Streams::new(trial);
    let mut rng = streams.stream("trial");
    let way = |ms| Latency::around(Span::from_millis_f64(ms), Span::from_millis_f64(0.2 * ms));
    let (nodes, costs) = (Nodes { members: 5, clients: 1, helpers: 0 }, [CostModel::FREE; 6]);
    let links = Links::uniform(6, Link::ethernet(way(0.01)));
    let mut net = Net::new(Raft::without_pre_vote(&setup), nodes, links, &costs, &streams, "trial");
    let advance = |net: &mut Net<Raft>, until: SimTime| while net.step(until).is_some() {};
    // One begins before the others: where time-outs are not random, nobody else is ever elected.
    net.power_on(NodeId(0), SimTime::ZERO);
    let mut now = SimTime::ZERO + Span::from_millis(40);
    advance(&mut net, now);
    (1..6).for_each(|node| net.power_on(NodeId(node), now));
    let leader = loop {
        now = net.step(SimTime::MAX).unwrap();
        let followed = |member| net.state(NodeId(member)).leader();
        if let Some(leader) = followed(0).filter(|_| (1..5).all(|m| followed(m) == followed(0))) {
            break leader;
        }
    };
    // One follower after the other is cut off: each lacks one entry more than the next.
    let client = NodeId(5);
    for step in 0..5 {
        let request = Input::Request(Request::new(client, step, 64));
        net.input(client, now + STEP, request);
        now += STEP * 2;
        if step == 4 {
            // Now the leader writes to all of them, and hears of nobody what he lacks.
            for (from, to) in (0..5).flat_map(|from| (0..5).map(move |to| (from, to))) {
                let link = net.links_mut().link_mut(from, to);
                (link.latency, link.up) = (way(WAY_MS), to != leader.index());
            }
        }
        advance(&mut net, now);
        let next = (leader.index() + 1 + step as usize) % 5;
        net.links_mut().link_mut(leader.index(), next).up = false;
    }
    let crash = now + Span((heartbeat.0 as f64 * rng.random::<f64>()) as u64);
    net.power_off(client, now);
    advance(&mut net, crash);
    net.power_off(leader, crash);
    net.emitted().clear();
    let end = crash + Span::from_millis_f64(LIMIT_MS);
    loop {
        // Each write takes a time of its own.
        net.set_costs(
            &[(); 6].map(|()| CostModel { persist_s: write_s(&mut rng), ..CostModel::FREE }),
        );
        let Some(at) = net.step(end) else {
            return LIMIT_MS;
        };
        if net.emitted().drain(..).any(|said| matches!(said.out, Outcome::Elected { .. })) {
            return (at - crash).as_millis_f64();
        }
    }
}

/// Downtimes of 1000 trials, in order.
fn thousand(least_ms: u64, most_ms: u64, batch: u64) -> Vec<f64> {
    let trial = |trial| downtime_ms(least_ms, most_ms, 1000 * batch + trial);
    let mut all: Vec<f64> = (0..1000).map(trial).collect();
    all.sort_by(f64::total_cmp);
    all
}

/// Figure 16 of the paper, "broadcast time of roughly 15 ms". What is known of its servers is that
/// time alone, and that most of it is writes (section 5.6): a candidate writes its vote before it
/// asks, a voter its term and its vote before it answers. Here it is 15 ms, too, as the paper
/// defines it: until the last of the four has answered.
///
/// The published numbers are of one batch of 1000 trials on other machines; ten batches here show
/// how far such batches differ.
/// - A median between two rounds of elections moves by few ms from batch to batch; 15 ms more are
///   left for the broadcast time, which is known to two figures, and shifts the share of first
///   rounds that split.
/// - A worst case is the last of 1000: another batch has one round of elections more or less, so
///   that the published one has to lie among those of ten batches, and their mean within 15 % of
///   it, which is half a round.
/// - A mean with the least time-out below the broadcast time depends on how writes are distributed;
///   a fifth is left for that.
///
/// The distribution is chosen, not known. What decides is how soon a quick write lets a candidate
/// ask, and the broadcast time does not tell that: exponential writes of the same broadcast time
/// give a median of 265 ms and a mean of 35 ms, constant ones 0.7 s and 59 ms.
#[test]
fn elections_take_as_long_as_published() {
    let mut rng = Streams::new(1).stream("broadcast");
    let broadcast = |rng: &mut Stream| {
        let voters = (0..4).map(|_| 2.0 * write_s(rng)).fold(0.0, f64::max);
        1e3 * (write_s(rng) + voters) + 2.0 * WAY_MS
    };
    let broadcast_ms = (0..10_000).map(|_| broadcast(&mut rng)).sum::<f64>() / 10_000.0;
    assert!((14.0..16.0).contains(&broadcast_ms), "{broadcast_ms}");

    let batches = |least_ms, most_ms| (0..10).map(move |batch| thousand(least_ms, most_ms, batch));
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let worst = |all: Vec<f64>| all[999];
    let within = |found: f64, published: f64, tolerance: f64| {
        assert!(
            (found / published - 1.0).abs() < tolerance,
            "{found} where {published} is published"
        );
    };
    let among = |found: &[f64], published: f64| {
        let (least, most) =
            found.iter().fold((f64::MAX, 0.0), |(a, b): (f64, f64), &x| (a.min(x), b.max(x)));
        assert!((least..most).contains(&published), "{published} is not from {least} to {most}");
    };

    // No randomness: over ten seconds. (A hundred trials in the paper, too.)
    let stuck = (0..100).filter(|&trial| downtime_ms(150, 150, trial) >= LIMIT_MS).count();
    assert!(stuck >= 95, "{stuck} of 100");
    // 5 ms: a median of 287 ms.
    let medians: Vec<f64> = batches(150, 155).map(|all| all[500]).collect();
    within(mean(&medians), 287.0, 0.06);
    // 50 ms: the worst of 1000 takes 513 ms.
    let worsts: Vec<f64> = batches(150, 200).map(worst).collect();
    among(&worsts, 513.0);
    within(mean(&worsts), 513.0, 0.15);
    // 12 to 24 ms: 35 ms in the mean, the worst of 1000 takes 152 ms.
    let all: Vec<Vec<f64>> = batches(12, 24).collect();
    within(mean(&all.concat()), 35.0, 0.2);
    let worsts: Vec<f64> = all.into_iter().map(worst).collect();
    among(&worsts, 152.0);
    within(mean(&worsts), 152.0, 0.15);
}

#[test]
fn no_downtime_is_shorter_than_half_the_least_time_out() {
    // Section 9.3: the leader crashes within its heartbeat interval, which is the other half.
    let least = (0..300).map(|trial| downtime_ms(150, 300, trial)).fold(f64::MAX, f64::min);
    assert!((75.0..120.0).contains(&least), "{least}");
}
