//! `gridtwin consensus compare`: measures protocols side by side.

use crate::arguments::CompareArguments;
use crate::failure::Failure;
use crate::output::{self, number};
use crate::progress;
use gridtwin_consensus::ProtocolName;
use gridtwin_consensus::lab::{self, LabOptions, LabReport};
use rayon::prelude::*;
use serde::Serialize;

/// One protocol at one size, as printed with `--json`. All but the latency are means per decision.
#[derive(Debug, Serialize)]
struct Compared {
    protocol: &'static str,
    nodes: usize,
    decided: u64,
    messages: f64,
    /// The published message count.
    expected_messages: u64,
    /// Messages of every kind: client, periodic and repair messages included.
    all_messages: f64,
    bytes: f64,
    delays: Option<u32>,
    latency_p50_ms: Option<f64>,
    /// Decisions per second, one after the other.
    decisions_per_s: f64,
    /// Energy above idle.
    joules_marginal: f64,
    /// Energy with the idle power of all nodes.
    joules_total: f64,
    /// Emissions of the energy with idle power.
    carbon_mg: f64,
    /// The Gini coefficient of the members' energy above idle: 0 if all use the same.
    gini: f64,
    weakness: &'static str,
    violations: u64,
    /// Why the run ended before every request was decided; none if all were.
    stalled: Option<String>,
}

/// Compares, and prints a table.
pub(crate) fn compare(wanted: &CompareArguments) -> Result<(), Failure> {
    let protocols = match wanted.protocol.as_slice() {
        [] => ProtocolName::ALL.to_vec(),
        some => some.to_vec(),
    };
    let mut pairs = Vec::new();
    for &protocol in &protocols {
        // A size below a protocol's minimum is left out.
        let sizes = wanted.nodes.iter().filter(|&&nodes| nodes >= protocol.min_members());
        pairs.extend(sizes.map(|&nodes| (protocol, nodes)));
    }
    if pairs.is_empty() {
        let sizes: Vec<String> = wanted.nodes.iter().map(ToString::to_string).collect();
        return Err(Failure::input(format_args!(
            "--nodes {}: fewer nodes than the minimum size of each chosen protocol; see `gridtwin \
             consensus list`",
            sizes.join(",")
        )));
    }
    let bar = progress::bar(pairs.len() as u64, "runs", !wanted.json);
    let measured: Result<Vec<Compared>, Failure> = pairs
        .into_par_iter()
        .map(|(protocol, nodes)| {
            let report = lab::run(&options(wanted, protocol, nodes)).map_err(Failure::input)?;
            bar.inc(1);
            Ok(compared(wanted, &report))
        })
        .collect();
    bar.finish_and_clear();
    let measured = measured?;
    if wanted.json {
        output::print_json(&measured)?;
    } else {
        output::print(&table(&measured))?;
    }
    match measured.iter().map(|one| one.violations).sum() {
        0 => Ok(()),
        count => {
            Err(Failure::work(format_args!("protocols violated their specification {count} times")))
        }
    }
}

fn options(wanted: &CompareArguments, protocol: ProtocolName, nodes: usize) -> LabOptions {
    LabOptions {
        seed: wanted.seed,
        latency_ms: wanted.latency_ms,
        jitter_ms: wanted.jitter_ms,
        ..LabOptions::new(protocol, nodes, wanted.requests)
    }
}

fn compared(wanted: &CompareArguments, report: &LabReport) -> Compared {
    let each = |sum: f64| if report.decided == 0 { 0.0 } else { sum / report.decided as f64 };
    let all = report.messages
        + report.client_messages
        + report.periodic_messages
        + report.repair_messages;
    let facts = report.protocol.facts();
    Compared {
        protocol: report.protocol.as_str(),
        nodes: report.nodes,
        decided: report.decided,
        messages: each(report.messages as f64),
        expected_messages: report.protocol.expected_messages(report.nodes as u64),
        all_messages: each(all as f64),
        bytes: each(report.bytes as f64),
        delays: report.delays,
        latency_p50_ms: report.latency_ms.map(|latency| latency.p50),
        decisions_per_s: report.decisions_per_s.unwrap_or(0.0),
        joules_marginal: each(report.joules_marginal),
        joules_total: each(report.joules_total),
        carbon_mg: each(report.joules_total) / 3.6e6 * wanted.carbon_g_per_kwh * 1000.0,
        gini: report.gini,
        weakness: facts.weakness,
        violations: report.violation_count,
        stalled: report.stalled.clone(),
    }
}

fn table(measured: &[Compared]) -> String {
    let head = [
        "protocol",
        "nodes",
        "messages",
        "all messages",
        "bytes",
        "delays",
        "latency ms",
        "decisions/s",
        "J above idle",
        "J with idle",
        "mg CO2",
        "Gini",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    for one in measured {
        lines.push(vec![
            one.protocol.to_owned(),
            one.nodes.to_string(),
            number(one.messages),
            number(one.all_messages),
            number(one.bytes),
            or_none(one.delays.map(|delays| delays.to_string())),
            or_none(one.latency_p50_ms.map(number)),
            number(one.decisions_per_s),
            number(one.joules_marginal),
            number(one.joules_total),
            number(one.carbon_mg),
            format!("{:.2}", one.gini),
        ]);
    }
    let mut text = output::columns(&lines);
    text += "\nMessages, bytes, J and CO2 are means per decision; latency is the median. Requests \
             are sent one at a time.\n\
             Gini: inequality of the members' energy use, 0 if all use the same.\n\
             Weaknesses of each protocol:\n";
    let mut before = "";
    for one in
        measured.iter().filter(|one| one.protocol != std::mem::replace(&mut before, one.protocol))
    {
        text += &format!("  {}: {}\n", one.protocol, one.weakness);
    }
    for one in measured {
        if let Some(why) = &one.stalled {
            text += &format!("  {} with {} members: {why}\n", one.protocol, one.nodes);
        }
    }
    text
}
