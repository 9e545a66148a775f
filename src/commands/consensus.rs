//! `gridtwin consensus`: protocols alone, on a simulated network.

use crate::arguments::{ConsensusArguments, Protocol};
use crate::failure::Failure;
use crate::output;
use serde::Serialize;

/// What a run of a protocol was like.
#[derive(Clone, Debug, Serialize)]
struct Measured {
    decided: u64,
    messages: u64,
    bytes: u64,
    /// Message delays from a request to its answer.
    delays: f64,
    latency_ms: Quantiles,
    /// Energy above what the machines draw anyway.
    joules_marginal: f64,
    joules_total: f64,
    violations: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Quantiles {
    p50: f64,
    p95: f64,
    p99: f64,
}

/// Runs a protocol and prints what it took. A violated promise is a failure.
pub(crate) fn run(wanted: &ConsensusArguments) -> Result<(), Failure> {
    if wanted.protocol == Protocol::Pbft && wanted.nodes < 4 {
        return Err(Failure::input(format_args!(
            "--nodes {}: expected at least 4 for pbft: of n members, (n - 1) / 3 may lie, and with \
             less than 4 nobody may",
            wanted.nodes
        )));
    }
    if let Some(crash) = wanted
        .crash
        .iter()
        .find(|crash| crash.member >= wanted.nodes)
    {
        return Err(Failure::input(format_args!(
            "--crash {}@..: expected a member from 0 to {}",
            crash.member,
            wanted.nodes - 1
        )));
    }
    let measured = measure(wanted)?;
    if wanted.json {
        output::print_json(&measured)?;
    } else {
        output::print(&output::table(&rows(&measured)))?;
    }
    match measured.violations {
        0 => Ok(()),
        count => Err(Failure::work(format_args!(
            "the protocol broke its promise {count} times"
        ))),
    }
}

fn rows(measured: &Measured) -> Vec<output::Row> {
    let row =
        |name: &str, value: f64, unit: &str| (name.into(), output::number(value), unit.into());
    let Quantiles { p50, p95, p99 } = measured.latency_ms;
    vec![
        row("decided", measured.decided as f64, "requests"),
        row("messages", measured.messages as f64, ""),
        row("bytes", measured.bytes as f64, "B"),
        row("message delays to an answer", measured.delays, ""),
        row("latency, median", p50, "ms"),
        row("latency, 95 %", p95, "ms"),
        row("latency, 99 %", p99, "ms"),
        row("energy above idle", measured.joules_marginal, "J"),
        row("energy in all", measured.joules_total, "J"),
        row("violations", measured.violations as f64, ""),
    ]
}

/// Lists the protocols.
pub(crate) fn list() -> Result<(), Failure> {
    output::print(
        "raft  Raft (Ongaro and Ousterhout 2014): survives crashes of a minority; any number of members\n\
         pbft  PBFT (Castro and Liskov 1999): survives lies of less than a third; 4 members or more\n",
    )
}

/// The one call: the consensus crate's laboratory.
fn measure(_wanted: &ConsensusArguments) -> Result<Measured, Failure> {
    Err(Failure::work("consensus run: the laboratory is not linked"))
}
