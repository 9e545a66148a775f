//! `gridtwin consensus run`: one protocol alone, on a simulated network.

use crate::arguments::{self, ConsensusArguments};
use crate::failure::Failure;
use crate::output::{self, row};
use gridtwin_consensus::lab::{self, LabOptions, LabReport};
use gridtwin_consensus::{Byzantine, Class, Crash, Faults, NodeId, Split};
use gridtwin_kernel::SimTime;
use serde::Serialize;

/// The results of one run, as printed with `--json`.
#[derive(Clone, Debug, Serialize)]
struct Measured {
    protocol: &'static str,
    nodes: usize,
    /// As requested.
    requests: u64,
    /// How many of them were sent before the run ended.
    submitted: u64,
    seed: u64,
    decided: u64,
    /// Messages of the kinds that the protocol's published message count includes.
    messages: u64,
    /// The published count for this number of requests without faults.
    expected_messages: u64,
    /// Messages sent at fixed times: heartbeats, checkpoints.
    periodic_messages: u64,
    /// Messages of elections, view changes and state transfer.
    repair_messages: u64,
    /// Messages between clients and members, if the published count excludes them.
    client_messages: u64,
    /// Messages lost by a link, or because the receiver had no power.
    lost: u64,
    bytes: u64,
    by_kind: Vec<OfKind>,
    operations: Operations,
    /// Message delays from a request to its answer: the median.
    delays: Option<u32>,
    /// The same without faults, as published.
    expected_delays: u32,
    latency_ms: Option<Quantiles>,
    /// Decided requests per second.
    decisions_per_s: Option<f64>,
    /// Energy above idle, in joules.
    joules_marginal: f64,
    joules_total: f64,
    per_decision: Option<Each>,
    /// Energy above idle of each node: members, then clients, then helpers.
    nodes_j: Vec<NodeJoules>,
    /// The Gini coefficient of the members' energy above idle: 0 if all use the same.
    gini: f64,
    /// How often a member browned out because its store was empty, and the total time without
    /// power.
    brown_outs: u64,
    dark_s: f64,
    view_changes: u64,
    simulated_s: f64,
    /// Why the run ended before every request was decided; none if all were.
    stalled: Option<String>,
    violations: u64,
}

/// Messages of one kind.
#[derive(Clone, Copy, Debug, Serialize)]
struct OfKind {
    kind: &'static str,
    /// The group they are counted in: request, client, periodic, repair.
    account: &'static str,
    messages: u64,
    bytes: u64,
}

/// Cryptographic operations and writes of all nodes.
#[derive(Clone, Copy, Debug, Serialize)]
struct Operations {
    signatures: u64,
    verifications: u64,
    macs: u64,
    hashes: u64,
    writes: u64,
    written_bytes: u64,
}

/// One node's energy above idle.
#[derive(Clone, Copy, Debug, Serialize)]
struct NodeJoules {
    compute: f64,
    network: f64,
}

/// Totals divided by the number of decided requests.
#[derive(Clone, Copy, Debug, Serialize)]
struct Each {
    messages: f64,
    bytes: f64,
    joules_marginal: f64,
    joules_total: f64,
    carbon_g: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Quantiles {
    p50: f64,
    p95: f64,
    p99: f64,
}

/// Runs a protocol and prints its costs. A violated property is a failure; a run in which too many
/// members are down to decide anything is not.
pub(crate) fn run(wanted: &ConsensusArguments) -> Result<(), Failure> {
    let report = lab::run(&options(wanted)).map_err(Failure::input)?;
    let measured = measured(wanted, &report);
    if wanted.json {
        output::print_json(&measured)?;
    } else {
        output::print(&output::table(&rows(&measured)))?;
    }
    match report.violation_count {
        0 => Ok(()),
        count => Err(Failure::work(format_args!(
            "the protocol violated its specification {count} times: {}",
            report.violations.join("; ")
        ))),
    }
}

fn options(wanted: &ConsensusArguments) -> LabOptions {
    let crash = |crash: &arguments::Crash| Crash {
        node: NodeId(crash.member),
        at: SimTime::from_secs_f64(crash.from_s),
        back: crash.until_s.map(SimTime::from_secs_f64),
    };
    let split = |partition: &arguments::Partition| Split {
        groups: partition.groups.iter().map(|g| g.iter().copied().map(NodeId).collect()).collect(),
        one_way: false,
        at: SimTime::from_secs_f64(partition.from_s),
        heals: partition.until_s.map(SimTime::from_secs_f64),
    };
    let byzantine = |byzantine: &arguments::Byzantine| Byzantine {
        node: NodeId(byzantine.node),
        strategy: byzantine.strategy.clone(),
        from: SimTime::ZERO,
    };
    LabOptions {
        seed: wanted.seed,
        latency_ms: wanted.latency_ms,
        jitter_ms: wanted.jitter_ms,
        faults: Faults {
            loss: wanted.loss,
            crashes: wanted.crash.iter().map(crash).collect(),
            splits: wanted.partition.iter().map(split).collect(),
            byzantine: wanted.byzantine.iter().map(byzantine).collect(),
            ..Faults::default()
        },
        rate: wanted.rate,
        clients: wanted.clients,
        batch: wanted.batch,
        power_w: wanted.power,
        store_j: wanted.store,
        carbon_g_per_kwh: wanted.carbon_g_per_kwh,
        ..LabOptions::new(wanted.protocol, wanted.nodes, wanted.requests)
    }
}

fn measured(wanted: &ConsensusArguments, report: &LabReport) -> Measured {
    Measured {
        protocol: report.protocol.as_str(),
        nodes: report.nodes,
        requests: wanted.requests,
        submitted: report.requests,
        seed: wanted.seed,
        decided: report.decided,
        messages: report.messages,
        expected_messages: report.expected_messages,
        periodic_messages: report.periodic_messages,
        repair_messages: report.repair_messages,
        client_messages: report.client_messages,
        lost: report.lost,
        bytes: report.bytes,
        by_kind: report.by_kind.iter().map(of_kind).collect(),
        operations: Operations {
            signatures: report.operations.signs,
            verifications: report.operations.verifies,
            macs: report.operations.macs,
            hashes: report.operations.hashes,
            writes: report.operations.persists,
            written_bytes: report.operations.persisted_bytes,
        },
        delays: report.delays,
        expected_delays: report.expected_delays,
        latency_ms: report.latency_ms.map(|latency| Quantiles {
            p50: latency.p50,
            p95: latency.p95,
            p99: latency.p99,
        }),
        decisions_per_s: report.decisions_per_s,
        joules_marginal: report.joules_marginal,
        joules_total: report.joules_total,
        per_decision: report.per_decision.map(|each| Each {
            messages: each.messages,
            bytes: each.bytes,
            joules_marginal: each.joules_marginal,
            joules_total: each.joules_total,
            carbon_g: each.carbon_g,
        }),
        nodes_j: report
            .energy
            .iter()
            .map(|used| NodeJoules { compute: used.compute_j, network: used.network_j })
            .collect(),
        gini: report.gini,
        brown_outs: report.brown_outs,
        dark_s: report.dark_s,
        view_changes: report.view_changes,
        simulated_s: report.simulated_s,
        stalled: report.stalled.clone(),
        violations: report.violation_count,
    }
}

fn of_kind(count: &gridtwin_consensus::KindCount) -> OfKind {
    let account = match count.kind.class {
        Class::Request => "request",
        Class::Client => "client",
        Class::Periodic => "periodic",
        Class::Repair => "repair",
    };
    OfKind { kind: count.kind.name, account, messages: count.messages, bytes: count.bytes }
}

fn rows(measured: &Measured) -> Vec<output::Row> {
    let mut rows = vec![
        row("decided", measured.decided as f64, "requests"),
        row("messages", measured.messages as f64, ""),
        row("expected messages", measured.expected_messages as f64, ""),
        row("periodic messages", measured.periodic_messages as f64, ""),
        row("repair messages", measured.repair_messages as f64, ""),
        row("client messages", measured.client_messages as f64, ""),
        row("bytes", measured.bytes as f64, "B"),
    ];
    for sent in measured.by_kind.iter().filter(|sent| sent.messages > 0) {
        rows.push(row(&format!("  {} ({})", sent.kind, sent.account), sent.messages as f64, ""));
    }
    let done = measured.operations;
    rows.extend([
        row("signatures made", done.signatures as f64, ""),
        row("signatures checked", done.verifications as f64, ""),
        row("authentication codes", done.macs as f64, ""),
        row("hashes", done.hashes as f64, ""),
        row("writes", done.writes as f64, ""),
        row("bytes written", done.written_bytes as f64, "B"),
    ]);
    if let Some(delays) = measured.delays {
        rows.push(row("message delays per request, median", delays.into(), ""));
    }
    if let Some(Quantiles { p50, p95, p99 }) = measured.latency_ms {
        rows.push(row("latency, median", p50, "ms"));
        rows.push(row("latency, 95th percentile", p95, "ms"));
        rows.push(row("latency, 99th percentile", p99, "ms"));
    }
    if let Some(rate) = measured.decisions_per_s {
        rows.push(row("decisions per second", rate, ""));
    }
    rows.extend([
        row("energy above idle", measured.joules_marginal, "J"),
        row("energy, idle included", measured.joules_total, "J"),
        row("Gini coefficient of members' energy", measured.gini, ""),
    ]);
    if let Some(each) = measured.per_decision {
        rows.extend([
            row("energy above idle, per decision", each.joules_marginal * 1000.0, "mJ"),
            row("energy, idle included, per decision", each.joules_total * 1000.0, "mJ"),
        ]);
        let carbon = each.carbon_g.map(|g| row("carbon, per decision", g * 1000.0, "mg CO2"));
        rows.extend(carbon);
    }
    if measured.brown_outs > 0 {
        rows.extend([
            row("brown-outs", measured.brown_outs as f64, ""),
            row("member time without power", measured.dark_s, "s"),
        ]);
    }
    rows.extend([
        row("view changes", measured.view_changes as f64, ""),
        row("violations", measured.violations as f64, ""),
    ]);
    if let Some(why) = &measured.stalled {
        rows.push(("stalled".to_owned(), String::new(), why.clone()));
    }
    rows
}
