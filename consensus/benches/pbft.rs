//! How many messages a second the simulator carries, with all meters and the checker on.

use divan::counter::ItemsCount;
use gridtwin_consensus::ProtocolName::{self, Pbft, Raft};
use gridtwin_consensus::lab::{LabOptions, run};

fn main() {
    divan::main();
}

fn bench(bencher: divan::Bencher, protocol: ProtocolName, nodes: usize, requests: u64, jitter: f64) {
    let mut options = LabOptions::new(protocol, nodes, requests);
    options.jitter_ms = jitter;
    let report = run(&options).expect("valid options");
    let messages = report.messages + report.client_messages + report.periodic_messages;
    bencher
        .counter(ItemsCount::new(messages))
        .bench_local(|| run(divan::black_box(&options)));
}

#[divan::bench(args = [4, 7, 32, 64], sample_count = 5)]
fn pbft_messages(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2, 0.0);
}

#[divan::bench(args = [4, 32], sample_count = 5)]
fn pbft_messages_with_jitter(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Pbft, nodes, 4_000_000 / (nodes * nodes) as u64 / 2, 1.0);
}

#[divan::bench(args = [5, 32], sample_count = 5)]
fn raft_messages(bencher: divan::Bencher, nodes: usize) {
    bench(bencher, Raft, nodes, 1_000_000 / nodes as u64, 0.0);
}
