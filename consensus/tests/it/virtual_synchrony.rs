//! What a process group promises: exact counts in both modes, the same deliveries in a view for all
//! who survive it, and a group that shrinks and grows with its failures.

use crate::common::rough::{Rough, seeds};
use crate::common::{Bench, at, config};
use gridtwin_consensus::ProtocolName;
use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::virtual_synchrony::{Mode, VirtualSynchrony};
use gridtwin_consensus::{
    Class, CostModel, Input, Latency, Link, Links, Net, NodeId, Nodes, NoteKind, Outcome,
    Replicated, Request, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};
use rand::RngExt;
use std::collections::BTreeMap;

/// A group in either mode, and what its members tell.
struct Group {
    net: Net<VirtualSynchrony>,
    members: u16,
    asked: u64,
    told: Vec<Told>,
    /// What survivors of each view delivered in it.
    delivered: BTreeMap<u64, Vec<u64>>,
    compared: u64,
    /// The delays of each answer.
    answered: Vec<u32>,
}

/// What one member has told.
#[derive(Clone, Default)]
struct Told {
    view: u64,
    /// What it delivered in its view, and whether it was there from the beginning of that.
    delivered: Vec<u64>,
    whole: bool,
    /// All it delivered since it last took over a state.
    all: Vec<u64>,
    /// The delays of the last of these.
    delays: u32,
}

impl Group {
    fn new(members: u16, mode: Mode, latency: Latency, seed: u64) -> Self {
        let setup = Setup::new(members, 1, &Timing::LAB);
        let count = Nodes { members, clients: 1, helpers: 0 };
        let links = Links::uniform(count.all(), Link::ethernet(latency));
        let costs = vec![CostModel::default(); count.all()];
        let nodes = VirtualSynchrony::nodes(&setup, mode);
        let mut net = Net::new(nodes, count, links, &costs, &Streams::new(seed), "group");
        (0..=members).for_each(|node| net.power_on(NodeId(node), SimTime::ZERO));
        let told = vec![Told::default(); usize::from(members) + 1];
        let (delivered, answered) = (BTreeMap::new(), Vec::new());
        Self { net, members, asked: 0, told, delivered, compared: 0, answered }
    }

    fn quick(members: u16, mode: Mode) -> Self {
        Self::new(members, mode, Latency::Constant(Span::from_millis(2)), 1)
    }

    fn ask(&mut self, now: SimTime) {
        let client = NodeId(self.members);
        let request = Request::new(client, self.asked, 64);
        self.asked += 1;
        self.net.input(client, now, Input::Request(request));
    }

    fn advance(&mut self, until: SimTime) {
        self.listen();
        while self.net.step(until).is_some() {
            self.listen();
        }
    }

    /// Members that were in two views in a row delivered the same between them.
    fn listen(&mut self) {
        for said in std::mem::take(self.net.emitted()) {
            let told = &mut self.told[said.node.index()];
            match said.out {
                Outcome::Delivered { request, .. } => {
                    told.delivered.push(request.number);
                    told.all.push(request.number);
                    told.delays = said.depth;
                }
                Outcome::Installed { .. } => {
                    told.whole = false;
                    told.all.clear();
                }
                Outcome::View { view, .. } if said.node.0 < self.members && view > told.view => {
                    let delivered = std::mem::take(&mut told.delivered);
                    if told.whole && view == told.view + 1 {
                        let first = self.delivered.entry(told.view).or_insert(delivered.clone());
                        assert_eq!(*first, delivered, "by {} in view {}", said.node, told.view);
                        self.compared += 1;
                    }
                    (told.view, told.whole) = (view, true);
                }
                Outcome::Answered { .. } => self.answered.push(said.depth),
                _ => {}
            }
        }
    }

    fn power_off(&mut self, member: u16, now: SimTime) {
        self.net.power_off(NodeId(member), now);
        self.told[usize::from(member)].whole = false;
    }

    fn link(&mut self, a: u16, b: u16, up: bool) {
        for (from, to) in [(a, b), (b, a)] {
            self.net.links_mut().link_mut(from.into(), to.into()).up = up;
        }
    }
}

#[test]
fn safe_send_takes_three_messages_a_member() {
    for nodes in 3..=64 {
        let mut options = LabOptions::new(ProtocolName::VirtualSynchrony, nodes, 20);
        options.jitter_ms = 0.0;
        let report = run(&options).unwrap();
        assert_eq!((report.decided, report.stalled.as_ref()), (20, None), "{report:#?}");
        assert_eq!(report.messages, 20 * 3 * (nodes as u64 - 1), "{report:#?}");
        assert_eq!(report.messages, report.expected_messages, "{report:#?}");
        assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
        assert_eq!(report.client_messages, 2 * 20, "{report:#?}");
        let failures = (report.violation_count, report.view_changes, report.repair_messages);
        assert_eq!(failures, (0, 0, 0), "{report:#?}");
    }
}

#[test]
fn ordered_send_takes_two_messages_a_member_and_delivers_sooner() {
    for (mode, messages, delays) in [(Mode::Ordered, 2, 2), (Mode::Safe, 3, 4)] {
        for members in 3..=64 {
            let mut group = Group::quick(members, mode);
            for request in 0..20 {
                let now = at(1.0 + f64::from(request));
                group.advance(now);
                group.ask(now);
            }
            group.advance(at(30.0));
            let meters = group.net.meters();
            let published = messages * (u64::from(members) - 1);
            assert_eq!(meters.messages(Class::Request), 20 * published);
            assert_eq!(meters.messages(Class::Repair), 0);
            assert_eq!(group.answered, vec![4; 20], "delays at the client");
            // All but the leader, which gives the order.
            for told in &group.told[1..members.into()] {
                assert_eq!((told.all.len(), told.delays), (20, delays), "{mode:?} {members}");
            }
        }
    }
}

/// The leader alone receives a request, delivers it or not, and dies.
fn orphaned(mode: Mode) -> Group {
    let mut group = Group::quick(5, mode);
    group.ask(at(1.0));
    group.advance(at(2.0));
    (1..5).for_each(|other| group.link(0, other, false));
    group.ask(at(2.0));
    group.advance(at(2.1));
    group.power_off(0, at(2.1));
    group.link(5, 0, false);
    group
}

#[test]
fn who_dies_may_have_delivered_what_nobody_else_did_in_ordered_send_alone() {
    let mut group = orphaned(Mode::Ordered);
    assert_eq!(group.told[0].all.len(), 2, "delivered by the one that died");
    assert!((1..5).all(|member| group.told[member].all.len() == 1));
    // What comes next stands in the same place for all others, who survive.
    group.net.power_off(NodeId(5), at(2.1));
    group.advance(at(10.0));
    assert!((1..5).all(|member| group.told[member].view == 2));
    assert!((1..5).all(|member| group.told[member].all.len() == 1));
    // Back again it joins as the youngest, with their state and not with its own.
    (1..5).for_each(|other| group.link(0, other, true));
    group.net.power_on(NodeId(0), at(10.0));
    group.advance(at(20.0));
    let VirtualSynchrony::Member(member) = group.net.state(NodeId(0)) else { panic!() };
    assert_eq!(member.view().members[..], [1, 2, 3, 4, 0].map(NodeId));
    assert_eq!(member.history().applied(), 1);

    let mut group = orphaned(Mode::Safe);
    assert_eq!(group.told[0].all.len(), 1, "not delivered before it is safe");
    group.advance(at(10.0));
    assert_eq!(group.answered.len(), 2, "the client asked the next leader");
    assert!((1..5).all(|member| group.told[member].all.len() == 2));
}

/// A random schedule of brown-outs and cuts; gives the group after it healed, with how often
/// survivors were compared.
fn crashes(members: u16, mode: Mode, seed: u64) -> Group {
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let mut group = Group::new(members, mode, latency, seed);
    let mut rng = Streams::new(seed).stream("crashes");
    let mut until = vec![(0.0, false); members.into()];
    for tick in 0..1500 {
        let (now_s, healed) = (0.02 * f64::from(tick), tick >= 1200);
        let now = at(now_s);
        group.advance(now);
        for member in 0..members {
            let (end, cut) = &mut until[usize::from(member)];
            let strikes = !healed && rng.random::<f64>() < 0.004;
            if now_s >= *end && strikes {
                (*end, *cut) = (now_s + 4.0 * rng.random::<f64>().powi(2), rng.random());
            }
            let struck = now_s < *end && !healed;
            let (dark, cut) = (struck && !*cut, struck && *cut);
            (0..=members).filter(|&o| o != member).for_each(|o| group.link(member, o, !cut));
            match dark {
                true => group.power_off(member, now),
                false => group.net.power_on(NodeId(member), now),
            }
        }
        group.ask(now);
    }
    group.advance(at(200.0));
    group
}

#[test]
fn survivors_of_two_views_delivered_the_same_between_them() {
    for mode in [Mode::Safe, Mode::Ordered] {
        let (mut compared, mut views) = (0, 0);
        for seed in seeds(20) {
            for members in [3, 5, 7] {
                let group = crashes(members, mode, seed);
                compared += group.compared;
                let state = |member| match group.net.state(NodeId(member)) {
                    VirtualSynchrony::Member(member) => member.clone(),
                    VirtualSynchrony::Client(_) => panic!(),
                };
                let first = state(0);
                views += first.view().number;
                for member in 0..members {
                    let other = state(member);
                    assert_eq!(other.view(), first.view(), "seed {seed}");
                    let ledger = other.history().delivered().ledger();
                    assert_eq!(ledger, first.history().delivered().ledger(), "seed {seed}");
                }
                assert_eq!(group.answered.len() as u64, group.asked, "seed {seed}");
                let length = first.history().delivered().ledger().length;
                assert_eq!(length, group.asked, "what was answered stays, seed {seed}");
            }
        }
        assert!(compared > 500 && views > 300, "{mode:?}: {compared} in {views} views");
    }
}

#[test]
fn brown_outs_partitions_and_loss_break_nothing() {
    for seed in seeds(20) {
        for members in [3, 4, 5] {
            let mut rough = Rough::<VirtualSynchrony>::new(members, seed, None);
            rough.run(|_, _| {});
            rough.assert_sound(seed);
        }
    }
}

#[test]
fn a_quorum_that_is_too_small_is_found() {
    for (which, name) in VirtualSynchrony::QUORUMS.iter().enumerate() {
        let broken = seeds(20).any(|seed| {
            let mut rough = Rough::<VirtualSynchrony>::new(3, seed, Some(which));
            rough.run(|_, _| {});
            rough.cluster.order().count() > 0
        });
        assert!(broken, "{name}");
    }
}

#[test]
fn the_oldest_survivor_leads_and_a_group_may_shrink_to_two() {
    let mut bench = Bench::new(ProtocolName::VirtualSynchrony, 5);
    bench.ask(1.0, 2.0, 0.1);
    for dead in 0..3 {
        let now = 2.0 + 5.0 * f64::from(dead);
        assert_eq!(bench.group.leader(), Some(NodeId(dead)));
        bench.group.power_off(NodeId(dead), at(now));
        bench.ask(now, now + 4.0, 0.1);
        bench.advance(now + 5.0);
        assert_eq!(bench.group.leader(), Some(NodeId(dead + 1)), "the oldest that is left");
        assert_eq!(bench.group.decided(), bench.group.submitted(), "without {dead}");
    }
    // Of two, two are needed; and who comes back does not lead, but is the youngest.
    bench.group.power_off(NodeId(4), at(17.0));
    bench.advance(17.1);
    let before = bench.group.decided();
    bench.ask(17.1, 30.0, 1.0);
    assert_eq!(bench.group.decided(), before);
    (0..5).for_each(|member| bench.group.power_on(NodeId(member), at(30.0)));
    bench.ask(30.0, 60.0, 1.0);
    bench.advance(70.0);
    assert_eq!(bench.group.leader(), Some(NodeId(3)));
    assert_eq!(bench.group.decided(), bench.group.submitted());
    let caught_up = |member| NoteKind::CaughtUp { member: NodeId(member) };
    assert!((0..3).all(|member| bench.count(|kind| *kind == caught_up(member)) == 1));
    bench.assert_sound();
}

#[test]
fn a_minority_goes_on_for_nobody() {
    let mut bench = Bench::new(ProtocolName::VirtualSynchrony, 5);
    bench.ask(1.0, 2.0, 0.1);
    // Leader and client on one side with one more, three members on the other.
    let cut = |bench: &mut Bench, up: bool, now: f64| {
        for (a, b) in [0, 1, 5].into_iter().flat_map(|a| [2, 3, 4].map(|b| (a, b))) {
            bench.group.set_link(NodeId(a), NodeId(b), up, at(now));
        }
    };
    cut(&mut bench, false, 2.0);
    let before = bench.group.decided();
    bench.ask(2.1, 10.0, 0.5);
    assert_eq!(bench.group.decided(), before, "decided in the smaller part");
    cut(&mut bench, true, 10.0);
    bench.advance(60.0);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    assert_eq!(bench.group.leader(), Some(NodeId(2)), "the larger part went on to its own view");
    bench.assert_sound();
}

#[test]
fn what_it_holds_does_not_grow() {
    let mut bench = Bench::new(ProtocolName::VirtualSynchrony, 5);
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
    assert!(bench.group.decided() >= 20_000);
    assert_eq!(bench.group.decided(), bench.group.submitted());
    let [early, late] = greatest;
    assert!(late < early + early / 10 && late < 600 * 5, "held {early}, then {late}");
    bench.assert_sound();
}

#[test]
fn an_idle_group_is_silent_and_drops_the_dead_when_asked() {
    let protocol = ProtocolName::VirtualSynchrony;
    let mut bench = Bench::with(&config(protocol, 5, Timing::TWIN), 3);
    bench.advance(100.0);
    let before = bench.group.meters().all_messages();
    bench.advance(80_000.0);
    assert_eq!(bench.group.meters().all_messages(), before, "it talks before the first request");
    bench.ask(80_010.0, 80_600.0, 60.0);
    bench.advance(80_700.0);
    let before = bench.group.meters().all_messages();
    bench.advance(160_000.0);
    assert_eq!(bench.group.meters().all_messages(), before, "it talks while idle");
    for dead in [0, 3] {
        let now = 160_000.0 + f64::from(dead);
        bench.group.power_off(NodeId(dead), at(now));
        bench.ask(now, now + 600.0, 60.0);
        let back = now + 600.0;
        bench.group.power_on(NodeId(dead), at(back));
        bench.advance(back + 60.0);
        let before = bench.group.meters().all_messages();
        bench.advance(back + 6000.0);
        assert_eq!(bench.group.meters().all_messages(), before, "after {dead} came back");
    }
    assert_eq!(bench.group.decided(), bench.group.submitted());
    bench.assert_sound();
}
