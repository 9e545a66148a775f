//! `gridtwin consensus chaos`: runs a protocol under thousands of random fault schedules.

use crate::arguments::ChaosArguments;
use crate::failure::Failure;
use crate::output;
use crate::progress;
use gridtwin_consensus::ProtocolName;
use gridtwin_consensus::chaos::{Broken, ChaosOptions, ChaosReport, ChaosRun, run};
use rayon::prelude::*;
use serde::Serialize;

/// Runs that a thread takes at a time.
const PORTION: u64 = 100;
/// Failing runs that are printed in full.
const PRINTED: usize = 5;

/// The results of all runs, as printed with `--json`.
#[derive(Debug, Serialize)]
struct Measured {
    protocol: &'static str,
    nodes: usize,
    /// Whether the faults stay within the protocol's fault model.
    within: bool,
    runs: u64,
    seed: u64,
    /// Runs that violated safety: agreement, validity or integrity.
    unsafe_runs: u64,
    /// Runs that were safe but did not answer every request.
    stuck_runs: u64,
    answered: u64,
    messages: u64,
    view_changes: u64,
    /// The first failing runs.
    broken: Vec<Failed>,
}

/// A failing run.
#[derive(Debug, Serialize)]
struct Failed {
    seed: u64,
    /// `safety` or `progress`.
    broke: &'static str,
    violations: Vec<String>,
    /// The faults and the violations, in words.
    told: String,
}

/// Makes the runs and prints the results. Within the fault model any violation is a failure; beyond
/// it, finding none is.
pub(crate) fn chaos(wanted: &ChaosArguments) -> Result<(), Failure> {
    let protocol = wanted.protocol;
    let base = ChaosOptions::new(protocol);
    let nodes = wanted.nodes.unwrap_or(base.nodes);
    let options = ChaosOptions {
        nodes,
        runs: wanted.runs,
        seed: wanted.seed,
        within: !wanted.beyond,
        ..base
    };
    let measured = measure(wanted, &options)?;
    if wanted.json {
        output::print_json(&measured)?;
    } else {
        output::print(&text(&measured))?;
    }
    verdict(protocol, &measured)
}

/// Portions of runs, side by side; their sum does not depend on how many threads there are.
fn measure(wanted: &ChaosArguments, options: &ChaosOptions) -> Result<Measured, Failure> {
    let portions = options.runs.div_ceil(PORTION);
    let bar = progress::bar(options.runs, "runs", !wanted.json);
    let portion = |place: u64| {
        let done = place * PORTION;
        let runs = PORTION.min(options.runs - done);
        let seed = options.seed.wrapping_add(done);
        let report = run(&ChaosOptions { runs, seed, ..*options }).map_err(Failure::input);
        bar.inc(runs);
        report
    };
    let reports = (0..portions).into_par_iter().map(portion);
    let reports = reports.collect::<Result<Vec<ChaosReport>, Failure>>()?;
    bar.finish_and_clear();
    let sum = |of: fn(&ChaosReport) -> u64| reports.iter().map(of).sum();
    Ok(Measured {
        protocol: options.protocol.as_str(),
        nodes: options.nodes,
        within: options.within,
        runs: options.runs,
        seed: options.seed,
        unsafe_runs: sum(|report| report.unsafe_runs),
        stuck_runs: sum(|report| report.stuck_runs),
        answered: sum(|report| report.answered),
        messages: sum(|report| report.messages),
        view_changes: sum(|report| report.view_changes),
        broken: reports.iter().flat_map(|r| &r.failures).take(PRINTED).map(failed).collect(),
    })
}

fn failed(run: &ChaosRun) -> Failed {
    Failed {
        seed: run.seed,
        broke: if run.broken() == Some(Broken::Progress) { "progress" } else { "safety" },
        violations: run.report.violations.clone(),
        told: run.to_string(),
    }
}

fn text(measured: &Measured) -> String {
    let Measured { protocol, nodes, runs, unsafe_runs, stuck_runs, .. } = measured;
    let model = if measured.within { "within" } else { "beyond" };
    let mut text = format!(
        "{protocol} with {nodes} members, {runs} runs {model} its fault model:\n  {unsafe_runs} \
         violated safety, {stuck_runs} did not answer every request\n  {} answers, {} messages, {} \
         view changes\n",
        measured.answered, measured.messages, measured.view_changes
    );
    for run in &measured.broken {
        text += &format!("\n{}", run.told);
    }
    text
}

fn verdict(protocol: ProtocolName, measured: &Measured) -> Result<(), Failure> {
    match (measured.within, measured.unsafe_runs, measured.stuck_runs) {
        (true, 0, 0) => Ok(()),
        (true, broken, stuck) => Err(Failure::work(format_args!(
            "within its fault model {protocol} violated safety in {broken} runs, and left requests \
             unanswered in {stuck} runs"
        ))),
        (false, 0, _) => Err(Failure::work(format_args!(
            "no run violated the safety of {protocol}, although each run had one fault more \
             than the protocol tolerates; try a larger number of --runs"
        ))),
        (false, ..) => Ok(()),
    }
}
