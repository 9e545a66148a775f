//! What Raft promises beyond what every protocol does: who votes can change under load and faults,
//! and elections take as long as its paper measured.

mod common;

use common::at;
use gridtwin_consensus::raft::{Raft, Role};
use gridtwin_consensus::{
    Cluster, CostModel, Latency, Link, Links, Members, NodeId, Setup, Timing,
};
use gridtwin_kernel::{Span, Streams};

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
