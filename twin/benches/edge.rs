//! How fast tasks go by: an hour of 360,000 tasks on 1000 devices and 10 edge servers, energy on,
//! every record kept for its interval of 300 s.

#[path = "../tests/it/edge_support/mod.rs"]
mod edge_support;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use edge_support::{at, campus, edge, oracle, scenario};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::edge::{Edge, EdgeOut};
use gridtwin_twin::scenario::Scenario;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 20)]
fn oracle_hour(bencher: Bencher<'_, '_>) {
    hour_of(bencher, &oracle(420.0));
}

#[divan::bench(args = edge_support::POLICIES, sample_count = 10)]
fn campus_hour(bencher: Bencher<'_, '_>, policy: &str) {
    hour_of(bencher, &campus(policy, "Migrate"));
}

/// Each device within reach of all ten servers.
#[divan::bench(args = ["Nearest", "LeastLoaded", "LeastCarbon"], sample_count = 10)]
fn shared_hour(bencher: Bencher<'_, '_>, policy: &str) {
    let server =
        |i| format!(r#"(id: "e{i}", cores: 4, frequency_ghz: 5.0, idle_w: 60.0, busy_w: 140.0),"#);
    let link = |i| format!(r#"(from: "sw", to: "e{i}", latency_ms: 1.0, rate_mbit_s: 1000.0),"#);
    let servers: String = (0..10).map(server).collect();
    let links: String = (0..10).map(link).collect();
    let world = scenario(&format!(
        r#"devices: [(id: "d", count: 1000)], edge_servers: [{servers}], switches: [(id: "sw")],
           links: [(from: "d", to: "sw", latency_ms: 4.0, rate_mbit_s: 20.0, nj_per_bit: 20.0), {links}],
           tasks: [(id: "t", from: "d", arrivals: Poisson(per_minute: 6.0), input_kb: Constant(420.0),
                    megacycles: Exponential(mean: 200.0), deadline_s: 1.0)],
           policies: (offload: {policy})"#
    ));
    hour_of(bencher, &world);
}

fn hour_of(bencher: Bencher<'_, '_>, world: &Scenario) {
    let fresh = edge(world, at(3600.0));
    bencher
        .counter(ItemsCount::new(hour(fresh.clone())))
        .with_inputs(|| fresh.clone())
        .bench_values(hour);
}

/// Lives through the hour as the engine does, one buffer for all intervals; returns the tasks told.
fn hour(mut edge: Edge) -> usize {
    let (mut out, mut records, mut told) = (EdgeOut::default(), Vec::new(), 0);
    for interval in 1..=12 {
        let end = SimTime::ZERO + Span::from_secs(300) * interval;
        edge.advance(end, &mut out);
        black_box(edge.take_energy());
        edge.close_interval(end, 300.0, 400.0, &mut records);
        told += black_box(&records).len();
        records.clear();
    }
    told
}
