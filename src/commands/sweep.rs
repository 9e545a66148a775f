//! `gridtwin sweep`: every variant of a scenario, over all cores, into one table.

use crate::arguments::SweepArguments;
use crate::commands::run::{REPORTS, now};
use crate::failure::Failure;
use crate::{output, progress};
use gridtwin_study::{Plan, Row, Shard, SweepOptions, Table, Told, merge, sweep, write};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs a study, or puts its parts together.
pub(crate) fn run(wanted: &SweepArguments) -> Result<(), Failure> {
    let plan = Plan::load(&wanted.study).map_err(Failure::input)?;
    let out = wanted.work.out.clone().unwrap_or_else(|| default_out(&plan, wanted.shard));
    #[expect(clippy::disallowed_methods, reason = "tells how long a study took")]
    let clock = Instant::now();
    let threads = usize::from(wanted.work.jobs.unwrap_or(0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(Failure::work)?;
    if !wanted.merge.is_empty() {
        let rows = pool.install(|| merge(&plan, &wanted.merge)).map_err(Failure::input)?;
        return end(&plan, &out, &rows, wanted, clock.elapsed());
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
    let options = SweepOptions { out: out.clone(), shard, resume: wanted.resume };
    let done = pool.install(|| sweep(&plan, &options, &told, &stop)).map_err(Failure::work)?;
    bar.finish_and_clear();
    if done.stopped {
        return Err(Failure::work(format_args!(
            "stopped after {} of {runs} runs, which are kept in {}; go on with --resume",
            done.rows.len(),
            out.display()
        )));
    }
    end(&plan, &out, &done.rows, wanted, clock.elapsed())
}

/// Where a study's results go unless it is said.
pub(crate) fn default_out(plan: &Plan, shard: Option<Shard>) -> PathBuf {
    let name = &plan.study.name;
    Path::new(REPORTS).join(match shard {
        Some(Shard { number, of }) => format!("{name}-{number}-of-{of}"),
        None => name.to_string(),
    })
}

/// A first Ctrl-C ends the work after what is under way; a second one at once.
pub(crate) fn stop_at_interrupt(bar: &ProgressBar) -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, bar) = (Arc::clone(&stop), bar.clone());
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        bar.println("stopping after the runs under way; Ctrl-C again ends at once");
    })
    .map_err(Failure::work)?;
    Ok(stop)
}

fn end(
    plan: &Plan,
    out: &Path,
    rows: &[Row],
    wanted: &SweepArguments,
    wall: Duration,
) -> Result<(), Failure> {
    let told = Told {
        command: format!("gridtwin sweep {}", wanted.study.display()),
        finished: now().to_string(),
        wall_s: wall.as_secs_f64(),
    };
    let table = write(out, plan, rows, &told).map_err(Failure::work)?;
    output::print(&tell(plan, &table, out, wanted.work.quiet, wall))?;
    match table.failed {
        0 => Ok(()),
        failed => Err(Failure::work(format_args!(
            "{failed} of {} runs failed: the column `error` of {} says why",
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
    format!(
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
