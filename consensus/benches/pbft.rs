//! How many messages a second the simulator carries, with all meters and the checker on.

use divan::counter::ItemsCount;
use gridtwin_consensus::ProtocolName::{self, Pbft, Raft};
use gridtwin_consensus::lab::{LabOptions, run};
use gridtwin_consensus::{
    CostModel, Crash, Group, GroupConfig, Latency, Link, Links, NodeId, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};

fn main() {
    divan::main();
}

fn bench(
    bencher: divan::Bencher,
    protocol: ProtocolName,
    nodes: usize,
    requests: u64,
    jitter: f64,
) {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = jitter;
    count(bencher, &options);
}

/// Counts the messages of a run that decides everything, and times it.
fn count(bencher: divan::Bencher, options: &LabOptions) {
    let report = run(options).expect("valid options");
    assert_eq!((report.decided, report.violation_count), (options.requests, 0));
    let messages = report.by_kind.iter().map(|kind| kind.messages).sum::<u64>();
    bencher.counter(ItemsCount::new(messages)).bench_local(|| run(divan::black_box(options)));
}

#[divan::bench(args = [4, 7, 32, 64], sample_count = 5)]
fn pbft_messages(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2, 0.0);
}

#[divan::bench(args = [4, 32], sample_count = 5)]
fn pbft_messages_with_jitter(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2, 1.0);
}

/// One message in a thousand is lost, and the primary is away for a while.
#[divan::bench(args = [4, 32], sample_count = 5)]
fn pbft_messages_with_faults(bencher: divan::Bencher, nodes: usize) {
    let mut options = LabOptions::new(Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2);
    options.faults.loss = 0.001;
    let (at, back) = (SimTime::from_secs_f64(2.0), Some(SimTime::from_secs_f64(6.0)));
    options.faults.crashes = vec![Crash { node: NodeId(0), at, back }];
    count(bencher, &options);
}

#[divan::bench(args = [32], sample_count = 5)]
fn pbft_messages_tentatively(bencher: divan::Bencher, nodes: usize) {
    let mut options = LabOptions::new(Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2);
    options.timing.tentative = true;
    count(bencher, &options);
}

#[divan::bench(args = [5, 32], sample_count = 5)]
fn raft_messages(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Raft, nodes, 1_000_000 / nodes as u64, 0.0);
}

/// A request a minute for a year, as in the twin.
fn year(protocol: ProtocolName, members: usize) -> Group {
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let config = GroupConfig {
        protocol,
        members,
        links: Links::uniform(members + 1, Link::ethernet(latency)),
        costs: vec![CostModel::default(); members + 1],
        timing: Timing::TWIN,
        name: "year".into(),
    };
    let mut group = Group::new(&config, &Streams::new(1)).expect("a valid group");
    let mut notes = Vec::new();
    for minute in 1..=525_600 {
        let now = SimTime::ZERO + Span::from_secs(60) * minute;
        group.advance(now, &mut notes);
        notes.clear();
        group.submit(now, 256);
    }
    assert!(group.decided() >= 525_599);
    group
}

#[divan::bench(args = [4, 7], sample_count = 1, sample_size = 1)]
fn year_of_pbft(bencher: divan::Bencher, members: usize) {
    bencher.bench_local(|| year(Pbft, members));
}

#[divan::bench(args = [3, 7], sample_count = 1, sample_size = 1)]
fn year_of_raft(bencher: divan::Bencher, members: usize) {
    bencher.bench_local(|| year(Raft, members));
}
