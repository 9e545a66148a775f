//! Agreement through remote memory: what was published of it, and what a user relies on.

use gridtwin_consensus::ProtocolName;
use gridtwin_consensus::bft_rdma::BftRdma;
use gridtwin_consensus::chaos::{self, ChaosOptions};
use gridtwin_consensus::lab::{LabOptions, LabReport, run};
use gridtwin_consensus::{
    Cluster, CostModel, Input, Latency, Link, Links, Net, NodeId, Nodes, Outcome, Protocol,
    Replicated, Request, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};

fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

fn exact(nodes: usize, requests: u64) -> LabReport {
    let mut options = LabOptions::new(ProtocolName::BftRdma, nodes, requests);
    options.jitter_ms = 0.0;
    let report = run(&options).unwrap();
    assert_eq!((report.stalled.as_ref(), report.decided), (None, requests), "{report:#?}");
    assert_eq!(report.messages, report.expected_messages, "{report:#?}");
    assert_eq!(report.delays, Some(report.expected_delays), "{report:#?}");
    assert_eq!((report.violation_count, report.view_changes), (0, 0), "{report:#?}");
    assert_eq!((report.periodic_messages, report.repair_messages), (0, 0), "{report:#?}");
    report
}

#[test]
fn each_request_takes_its_formula_for_any_number_of_members() {
    for nodes in 3..=64 {
        let report = exact(nodes, 3);
        assert_eq!(report.client_messages, 3 * (1 + nodes as u64), "{report:#?}");
    }
}

/// A group with its client and its memories, all 2 ms apart, computing for nothing.
struct Table {
    cluster: Cluster<BftRdma>,
    members: u16,
    now: f64,
}

impl Table {
    fn new(members: u16, timing: &Timing, seed: u64) -> Self {
        let setup = Setup::new(members, 1, timing);
        let nodes = BftRdma::group(&setup).len();
        let links = Links::uniform(nodes, Link::ethernet(Latency::Constant(Span::from_millis(2))));
        let costs = vec![CostModel::FREE; nodes];
        let cluster = Cluster::new(&setup, links, &costs, &Streams::new(seed), "rdma");
        Self { cluster, members, now: 1.0 }
    }

    fn lab(members: u16) -> Self {
        Self::new(members, &Timing::LAB, 1)
    }

    /// So many requests, one each `gap` seconds.
    fn ask(&mut self, requests: u64, gap: f64) -> &mut Self {
        for _ in 0..requests {
            self.cluster.submit(at(self.now), 64);
            self.rest(gap);
        }
        self
    }

    fn rest(&mut self, seconds: f64) -> &mut Self {
        self.now += seconds;
        self.cluster.advance(at(self.now));
        self.cluster.notes().clear();
        self
    }

    fn memory(&self, place: u16) -> NodeId {
        NodeId(self.members + 1 + place)
    }

    fn power(&mut self, node: NodeId, on: bool) {
        if on {
            self.cluster.power_on(node, at(self.now));
        } else {
            self.cluster.power_off(node, at(self.now));
        }
    }

    fn lies(&mut self, member: u16, strategy: &str) {
        let strategy = strategy.parse().unwrap();
        self.cluster.set_strategy(NodeId(member), &strategy, at(self.now)).unwrap();
    }

    fn messages(&self) -> u64 {
        self.cluster.net().meters().all_messages()
    }

    fn assert_all_answered(&self) {
        assert_eq!(self.cluster.order().violations(), &[] as &[String]);
        assert_eq!(self.cluster.answered(), self.cluster.submitted());
    }
}

#[test]
fn the_leader_has_decided_after_one_write() {
    for members in [3, 4, 5, 9] {
        let setup = Setup::new(members, 1, &Timing::LAB);
        let group = BftRdma::group(&setup);
        let links =
            Links::uniform(group.len(), Link::ethernet(Latency::Constant(Span::from_millis(2))));
        let costs = vec![CostModel::FREE; group.len()];
        let helpers = group.len() as u16 - members - 1;
        let count = Nodes { members, clients: 1, helpers };
        let mut net = Net::new(group, count, links, &costs, &Streams::new(1), "one write");
        for node in net.nodes().collect::<Vec<_>>() {
            net.power_on(node, SimTime::ZERO);
        }
        let client = NodeId(members);
        net.input(client, at(1.0), Input::Request(Request::new(client, 0, 64)));
        while net.step(at(2.0)).is_some() {}
        for emitted in net.emitted() {
            let Outcome::Delivered { .. } = emitted.out else { continue };
            // The request's delay, and two of the operation; a follower knows five delays later.
            let leader = emitted.node == NodeId(0);
            assert_eq!(emitted.depth, if leader { 3 } else { 8 }, "{emitted:?}");
        }
    }
}

#[test]
fn a_minority_of_the_memories_may_fail() {
    for members in [3u16, 5, 7] {
        let mut table = Table::lab(members);
        table.ask(20, 0.05);
        let minority = (members - 1) / 2;
        for place in 0..minority {
            let memory = table.memory(place);
            table.power(memory, false);
        }
        table.ask(50, 0.05).rest(1.0).assert_all_answered();
        assert_eq!(table.cluster.view_changes(), 0, "nobody notices");
        // One more, and nothing is decided until it is back.
        let memory = table.memory(minority);
        table.power(memory, false);
        table.ask(5, 0.05).rest(20.0);
        assert_eq!(table.cluster.answered(), 70);
        table.power(memory, true);
        table.ask(5, 0.05).rest(60.0).assert_all_answered();
    }
}

#[test]
fn memories_keep_what_they_hold_over_a_loss_of_power() {
    let mut table = Table::lab(3);
    table.ask(30, 0.05);
    for place in 0..3 {
        let memory = table.memory(place);
        table.power(memory, false);
    }
    table.rest(0.1);
    for place in 0..3 {
        let memory = table.memory(place);
        table.power(memory, true);
    }
    table.ask(30, 0.05).rest(60.0).assert_all_answered();
}

#[test]
fn two_f_and_one_members_suffice_whoever_is_silent_and_fewer_do_not() {
    for members in [3u16, 5, 7] {
        let faulty = (members - 1) / 2;
        for first in [0, 1, members - faulty] {
            let mut table = Table::lab(members);
            table.ask(5, 0.05);
            for byzantine in first..first + faulty {
                table.lies(byzantine, "silent");
            }
            table.ask(10, 0.2).rest(60.0).assert_all_answered();
        }
        let mut table = Table::lab(members);
        for byzantine in 0..=faulty {
            table.lies(byzantine, "silent");
        }
        table.ask(3, 0.2).rest(60.0);
        assert_eq!(table.cluster.answered(), 0);
        assert_eq!(table.cluster.order().count(), 0);
    }
}

#[test]
fn an_inconsistent_leader_makes_no_two_members_decide_differently() {
    let mut changes = 0;
    for seed in 0..40 {
        let members = [3, 4, 5][seed as usize % 3];
        let mut table = Table::new(members, &Timing::LAB, seed);
        table.lies(0, "equivocate");
        table.ask(15, 0.1).rest(60.0).assert_all_answered();
        changes += table.cluster.view_changes();
    }
    assert!(changes >= 20, "it is found out: {changes}");
}

#[test]
fn liars_of_every_sort_are_borne() {
    for (seed, strategy) in
        ["stale", "mixed", "replay", "delay:700ms", "selective:0,1,5", "drop:written"]
            .iter()
            .cycle()
            .take(36)
            .enumerate()
    {
        let mut table = Table::new(5, &Timing::LAB, seed as u64);
        table.lies(seed as u16 % 5, strategy);
        table.lies((seed as u16 + 2) % 5, strategy);
        table.ask(15, 0.1).rest(80.0).assert_all_answered();
    }
}

/// Messages of the published count for one more request, in a group that has come to rest.
fn count_of_one(table: &mut Table) -> u64 {
    let of = |table: &Table| {
        let meters = table.cluster.net().meters();
        meters.messages(gridtwin_consensus::Class::Request)
    };
    let before = of(table);
    table.ask(1, 0.1);
    of(table) - before
}

#[test]
fn cheap_quorum_comes_back_once_everybody_is_there_again() {
    for away in 0..3 {
        let mut table = Table::lab(3);
        table.ask(10, 0.05);
        assert_eq!(count_of_one(&mut table), BftRdma::expected_messages(3));
        table.power(NodeId(away), false);
        table.ask(10, 0.5).rest(10.0).assert_all_answered();
        assert_eq!(count_of_one(&mut table), 0, "decided in the backup");
        table.power(NodeId(away), true);
        table.rest(5.0).ask(5, 0.5).rest(5.0).assert_all_answered();
        assert_eq!(count_of_one(&mut table), BftRdma::expected_messages(3));
    }
}

#[test]
fn who_is_cut_off_from_the_memories_alone_or_from_the_members_alone_breaks_nothing() {
    for (seed, target) in (0..24u64).zip([true, false].into_iter().cycle()) {
        let mut table = Table::new(3, &Timing::LAB, seed);
        table.ask(5, 0.05);
        let cut = seed as usize / 2 % 3;
        let others: Vec<usize> = if target { (4..7).collect() } else { (0..3).collect() };
        for up in [false, true] {
            let links = table.cluster.net_mut().links_mut();
            for &other in others.iter().filter(|&&other| other != cut) {
                links.link_mut(cut, other).up = up;
                links.link_mut(other, cut).up = up;
            }
            table.ask(20, 0.2);
        }
        table.rest(60.0).assert_all_answered();
    }
}

#[test]
fn an_idle_group_is_silent() {
    for away in [None, Some(0), Some(2)] {
        let mut table = Table::new(3, &Timing::TWIN, 1);
        table.ask(3, 60.0);
        if let Some(away) = away {
            table.power(NodeId(away), false);
            let beside = table.memory(away);
            table.power(beside, false);
        }
        table.ask(3, 60.0).assert_all_answered();
        let before = table.messages();
        table.rest(1_000_000.0);
        assert_eq!(table.messages(), before, "{away:?}");
        table.ask(3, 60.0).assert_all_answered();
    }
}

#[test]
fn what_it_holds_does_not_grow() {
    // With everybody there, and in the backup for good.
    for (away, requests, gap) in [(None, 20_000, 0.02), (Some(NodeId(2)), 3_000, 0.1)] {
        let mut table = Table::lab(3);
        if let Some(away) = away {
            table.power(away, false);
        }
        let mut greatest = [0; 2];
        for part in 0..100 {
            table.ask(requests / 100, gap);
            let half = &mut greatest[part / 50];
            *half = table.cluster.held().max(*half);
        }
        table.rest(20.0).assert_all_answered();
        let [early, late] = greatest;
        assert!(late < early + early / 10, "held {early}, then {late}");
        assert!(late < 6_000, "{late}");
    }
}

/// So many random schedules of everything that may go wrong within its fault model.
fn chaos(nodes: usize, seed: u64, runs: u64) {
    let options = ChaosOptions { nodes, runs, seed, ..ChaosOptions::new(ProtocolName::BftRdma) };
    let report = chaos::run(&options).unwrap();
    assert!(report.as_it_should_be(), "{report}");
}

#[test]
fn nothing_breaks_within_its_fault_model() {
    chaos(3, 1, 60);
    chaos(4, 1, 20);
    chaos(5, 1, 20);
    // A slot behind a gap; a certificate that was lost.
    chaos(3, 38_290, 1);
    chaos(3, 5_060, 1);
}

#[test]
fn quorums_one_vote_too_small_are_found() {
    for (which, name) in BftRdma::QUORUMS.iter().enumerate() {
        if ["second-level proof", "start"].contains(name) {
            continue; // too rare: see the module's own tests
        }
        let mut options = ChaosOptions::new(ProtocolName::BftRdma);
        (options.planted, options.runs) = (Some(which), 400);
        let report = chaos::run(&options).unwrap();
        assert!(report.unsafe_runs > 0, "{name}: {report}");
    }
}
