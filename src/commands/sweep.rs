//! `gridtwin sweep`: every variant of a scenario, over all cores, into one table.

use crate::arguments::SweepArguments;
use crate::commands::compare;
use crate::commands::run::{REPORTS, now};
use crate::failure::Failure;
use crate::{output, progress, scenarios};
use gridtwin_study::{
    Cells, Column, Plan, Row, Shard, SweepOptions, Table, Told, broken_lines, merge, prepare,
    sweep, write, write_comparison,
};
use indicatif::ProgressBar;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs a study, or puts its parts together.
pub(crate) fn run(wanted: &SweepArguments) -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "tells how long a study took")]
    let clock = Instant::now();
    let plan = Plan::load(&wanted.study).map_err(Failure::input)?;
    let out = wanted.work.out.clone().unwrap_or_else(|| default_out(&plan, wanted.shard));
    tell_replaced(&out, plan.study.name.as_str(), plan.study.source.written());
    let threads = usize::from(wanted.work.jobs.unwrap_or(0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(Failure::work)?;
    if !wanted.merge.is_empty() {
        wanted.merge.iter().for_each(|shard| tell_broken_lines(shard));
        let rows = pool.install(|| merge(&plan, &wanted.merge)).map_err(Failure::input)?;
        prepare(&out, &plan)?;
        return end(&plan, &out, &rows, wanted, clock);
    }
    if !wanted.work.quiet {
        scenarios::warn_of(&plan.scenario_warnings());
    }
    let shard = wanted.shard.unwrap_or(Shard::WHOLE);
    let runs = (plan.runs() + shard.of - 1 - shard.number) / shard.of;
    let bar = progress::bar(runs, "runs", !wanted.work.quiet);
    let stop = stop_at_interrupt(&bar)?;
    let told = |known: bool| {
        bar.inc(1);
        if known {
            // What was done before says nothing of the time that is left.
            bar.reset_eta();
        }
    };
    if wanted.resume {
        tell_broken_lines(&out);
    }
    let options = SweepOptions { out: out.clone(), shard, earlier: wanted.earlier() };
    let done = pool.install(|| sweep(&plan, &options, &told, &stop))?;
    bar.finish_and_clear();
    if done.stopped {
        return Err(Failure::work(format_args!(
            "stopped after {} of {runs} runs, which are kept in {}; continue with --resume",
            done.rows.len(),
            out.display()
        )));
    }
    end(&plan, &out, &done.rows, wanted, clock)
}

/// Says on standard error that a folder holds the results of this study with other contents, which are
/// about to be replaced.
pub(crate) fn tell_replaced(folder: &Path, name: &str, written: &str) {
    let earlier = std::fs::read_to_string(folder.join("study.ron"));
    // The results of a study of another name are refused, not replaced.
    let same_name = ["study.json", "optimization.json"].iter().any(|file| {
        let about = std::fs::read(folder.join(file)).unwrap_or_default();
        serde_json::from_slice::<serde_json::Value>(&about).is_ok_and(|about| about["name"] == name)
    });
    if same_name && earlier.is_ok_and(|earlier| earlier != written) {
        // Nothing hangs on it: where standard error is closed, the work goes on.
        let _ = writeln!(
            std::io::stderr(),
            "note: `{}` holds results of another version of this study, which are replaced; to keep \
             both, choose another folder with --out DIR",
            folder.display()
        );
    }
}

/// Where a study's results go unless it is said.
pub(crate) fn default_out(plan: &Plan, shard: Option<Shard>) -> PathBuf {
    let name = &plan.study.name;
    Path::new(REPORTS).join(match shard {
        Some(Shard { number, of }) => format!("{name}-{number}-of-{of}"),
        None => name.to_string(),
    })
}

/// Says which lines of a journal cannot be read. Nothing hangs on it: where standard error is closed,
/// the work goes on.
pub(crate) fn tell_broken_lines(folder: &Path) {
    for line in broken_lines(folder) {
        let file = folder.join("runs.jsonl");
        let _ = writeln!(
            std::io::stderr(),
            "warning: {}:{line}: skipped: this line is not a valid result of a run; runs without a \
             valid result are simulated again by --resume",
            file.display()
        );
    }
}

/// A first Ctrl-C ends the work after what is under way; a second one at once.
pub(crate) fn stop_at_interrupt(bar: &ProgressBar) -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, bar) = (Arc::clone(&stop), bar.clone());
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        bar.println("stopping after the current runs; press Ctrl-C again to stop immediately");
    })
    .map_err(Failure::work)?;
    Ok(stop)
}

fn end(
    plan: &Plan,
    out: &Path,
    rows: &[Row],
    wanted: &SweepArguments,
    clock: Instant,
) -> Result<(), Failure> {
    let told = Told {
        command: format!("gridtwin sweep {}", wanted.study.display()),
        finished: now().to_string(),
        wall_s: clock.elapsed().as_secs_f64(),
    };
    let table = write(out, plan, rows, &told)?;
    let compared = write_comparison(out, plan, &table)?;
    if !wanted.work.quiet
        && let Some(compared) = &compared
    {
        output::print(&(compare::tables(compared, false) + "\n"))?;
    }
    let said = tell(plan, &table, out, wanted.work.quiet, clock.elapsed());
    let page = compared.is_some().then(|| out.join("comparison.html"));
    let page = page.filter(|_| !wanted.work.quiet);
    let page = page.map_or(String::new(), |page| format!("comparison: {}\n", page.display()));
    output::print(&(said + &page))?;
    match table.failed {
        0 => Ok(()),
        failed => Err(Failure::work(format_args!(
            "{failed} of {} runs failed; the reasons are in the column `error` of {}",
            table.rows,
            out.join("results.csv").display()
        ))),
    }
}

fn tell(plan: &Plan, table: &Table, out: &Path, quiet: bool, wall: Duration) -> String {
    let report = out.join("report.html");
    if quiet {
        return format!("{}\n", out.join("results.csv").display());
    }
    let study = &plan.study;
    let seeds = match study.replicates {
        1 => String::new(),
        n => format!(" x {n} seeds"),
    };
    let billed = plan.billing_note().filter(|_| table.column("cost.total").is_some());
    let billed = billed.map_or(String::new(), |note| format!("billed in each run: {note}\n"));
    points(plan, table)
        + &billed
        + &format!(
            "{}: {} runs ({} points{seeds}) in {:.1} s, {} failed\nresults: {}\nreport: {}\n",
            study.name,
            table.rows,
            plan.design.len(),
            wall.as_secs_f64(),
            table.failed,
            out.join("results.csv").display(),
            report.display()
        )
}

/// More points than this are no table for a terminal.
const POINTS: usize = 24;
/// So many metrics have room beside the axes.
const METRICS: usize = 5;
/// What is shown where a study does not choose.
const HEADLINES: [&str; 5] = [
    "cost.total",
    "carbon.operational_kg",
    "energy.import_kwh",
    "energy.unserved_kwh",
    "tasks.missed",
];

/// A line for each point of a small study: its settings, and the means of its first metrics.
fn points(plan: &Plan, table: &Table) -> String {
    let points = plan.design.len();
    if points > POINTS || table.failed == table.rows {
        return String::new();
    }
    let metrics: Vec<&Column> = match plan.study.metrics.is_empty() {
        true => HEADLINES.iter().filter_map(|name| table.column(name)).collect(),
        false => table.metrics().iter().take(METRICS).collect(),
    };
    let Some(Cells::Whole(of)) = table.column("point").map(|column| &column.cells) else {
        return String::new();
    };
    let mean = |column: &Column, point: usize| -> Option<f64> {
        let numbers = column.numbers()?.iter().zip(of);
        let numbers = numbers.filter(|(_, at)| **at == Some(point as u64));
        let known: Vec<f64> = numbers.filter_map(|(number, _)| *number).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let mut lines =
        vec![plan.study.axes.iter().map(|axis| axis.name().to_owned()).collect::<Vec<String>>()];
    lines[0].extend(metrics.iter().map(|column| output::shortened(&column.name, 26)));
    for point in 0..points {
        let value = |axis| plan.value(point as u64, axis).map(ToString::to_string);
        let values = (0..plan.study.axes.len()).map(|axis| value(axis).unwrap_or_default());
        let mut line: Vec<String> = values.map(|value| output::shortened(&value, 22)).collect();
        line.extend(
            metrics.iter().map(|column| mean(column, point).map_or("-".to_owned(), output::number)),
        );
        lines.push(line);
    }
    output::columns(&lines)
}
