//! Scenarios for the tests and benchmarks of the edge, and a run from start to end.
#![allow(dead_code, unreachable_pub, reason = "each test uses its own part")]

use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_twin::edge::{Edge, EdgeEnergy, EdgeOut};
use gridtwin_twin::record::TaskRecord;
use gridtwin_twin::scenario::Scenario;
use std::fmt::Write;

/// Parses a scenario that holds these fields besides the obligatory ones.
pub fn scenario(fields: &str) -> Scenario {
    let text = format!(
        r#"(name: "test",
            site: (latitude_deg: 40.0, longitude_deg: -105.0, time_zone: "America/Denver"),
            start: "2025-06-01T00:00:00", {fields})"#
    );
    ron::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text}"))
}

/// The oracle: 1000 devices in 10 fleets, each with its own edge of 4 cores at 5 GHz; 0.1 tasks a
/// second from each device, `input_kb` and Exp(1e9) cycles; 20 Mbit/s and 5 ms there and back.
pub fn oracle(input_kb: f64) -> Scenario {
    let mut fields = String::new();
    let list = |name: &str, item: &dyn Fn(usize) -> String| {
        let items: String = (0..10).map(item).collect();
        format!("{name}: [{items}],\n")
    };
    fields += &list("devices", &|i| format!(r#"(id: "fleet{i}", count: 100),"#));
    fields += &list("edge_servers", &|i| {
        format!(
            r#"(id: "edge{i}", cores: 4, frequency_ghz: 5.0, idle_w: 60.0, busy_w: 140.0,
                queue_limit: 100000),"#
        )
    });
    fields += &list("links", &|i| {
        format!(
            r#"(from: "fleet{i}", to: "edge{i}", latency_ms: 5.0, rate_mbit_s: 20.0,
                nj_per_bit: 20.0),"#
        )
    });
    fields += &list("tasks", &|i| {
        format!(
            r#"(id: "stream{i}", from: "fleet{i}", arrivals: Poisson(per_minute: 6.0),
                input_kb: Constant({input_kb:?}), megacycles: Exponential(mean: 1000.0),
                output_kb: Constant(0.0), deadline_s: 1.0),"#
        )
    });
    write!(fields, "policies: (offload: Nearest)").unwrap();
    scenario(&fields)
}

/// A small campus: two fleets (one on its own cells), three servers behind two switches, a cloud;
/// loaded so that queues form and servers fill up.
pub fn campus(offload: &str, brown_out: &str) -> Scenario {
    scenario(&format!(
        r#"
        devices: [
            (id: "cameras", count: 12, frequency_ghz: 1.5, idle_w: 2.0, position_m: Some((0.0, 0.0, 0.0))),
            (id: "sensors", count: 20, frequency_ghz: 0.2, idle_w: 0.05, supply: Own),
        ],
        edge_servers: [
            (id: "a", cores: 4, frequency_ghz: 3.0, idle_w: 50.0, busy_w: 130.0, queue_limit: 6, boot_s: 20.0),
            (id: "b", cores: 2, frequency_ghz: 2.0, idle_w: 30.0, busy_w: 70.0, queue_limit: 6, boot_s: 0.0),
            (id: "c", cores: 1, frequency_ghz: 4.0, idle_w: 20.0, busy_w: 65.0, queue_limit: 3, boot_s: 5.0),
        ],
        cloud: Some((frequency_ghz: 3.5)),
        switches: [(id: "sw1"), (id: "sw2")],
        links: [
            (from: "cameras", to: "sw1", latency_ms: 2.0, rate_mbit_s: 50.0, nj_per_bit: 30.0),
            (from: "sensors", to: "sw2", latency_ms: 8.0, rate_mbit_s: 1.0, nj_per_bit: 200.0),
            (from: "sw1", to: "sw2", latency_ms: 0.2, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
            (from: "sw1", to: "a", latency_ms: 0.1, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
            (from: "sw1", to: "b", latency_ms: 0.1, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
            (from: "sw2", to: "c", latency_ms: 0.1, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
            (from: "sw1", to: "cloud", latency_ms: 30.0, rate_mbit_s: 200.0, nj_per_bit: 5.0),
        ],
        tasks: [
            (id: "vision", from: "cameras", arrivals: Poisson(per_minute: 55.0),
             input_kb: LogNormal(median: 150.0, sigma: 0.6), megacycles: Exponential(mean: 1300.0),
             output_kb: Constant(2.0), deadline_s: 1.5),
            (id: "logs", from: "sensors", arrivals: Periodic(every_s: 7.0),
             input_kb: Uniform(from: 1.0, to: 20.0), megacycles: Constant(90.0), deadline_s: 0.7),
            (id: "alarms", from: "sensors", arrivals: Poisson(per_minute: 4.0),
             input_kb: Constant(1.0), megacycles: Constant(20.0), output_kb: Uniform(from: 0.0, to: 1.0),
             deadline_s: 0.5),
        ],
        policies: (offload: {offload}, brown_out: {brown_out})"#
    ))
}

/// All policies, as scenarios name them.
pub const POLICIES: [&str; 5] = ["Local", "Nearest", "LeastLoaded", "LeastCarbon", "Cloud"];

/// The instant after so many seconds.
pub fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

/// The edge of a scenario, by the scenario's seed.
pub fn edge(scenario: &Scenario, end: SimTime) -> Edge {
    Edge::new(scenario, &Streams::new(scenario.seed), end).unwrap_or_else(|e| panic!("{e}"))
}

/// Advances in intervals of `step` up to `until`, closing each; returns what ended and what was
/// drawn.
pub fn live(
    edge: &mut Edge,
    from: SimTime,
    until: SimTime,
    step: Span,
) -> (Vec<TaskRecord>, Vec<EdgeEnergy>) {
    let (mut records, mut energy) = (Vec::new(), Vec::new());
    let (mut out, mut now) = (EdgeOut::default(), from);
    while now < until {
        now = (now + step).min(until);
        edge.advance(now, &mut out);
        energy.push(edge.take_energy().clone());
        edge.close_interval(now, 300.0, 400.0, &mut records);
    }
    (records, energy)
}
