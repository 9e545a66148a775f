//! `gridtwin run`: scenarios in, reports out. All is read and checked before anything is written.

use crate::arguments::{Format, RunArguments};
use crate::failure::Failure;
use crate::output::{self, Row};
use crate::progress;
use crate::scenarios;
use gridtwin_twin::scenario::Scenario;
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where reports go by default.
const REPORTS: &str = "reports/out";

/// One scenario and where its report goes.
struct Job {
    scenario: Scenario,
    out: PathBuf,
}

/// How all of them are run.
struct Manner {
    formats: BTreeSet<Format>,
    tasks_limit: u64,
    threads: Option<u16>,
    quiet: bool,
}

/// Runs every scenario and prints what came of it, in the order in which they were named.
pub(crate) fn run(wanted: &RunArguments) -> Result<(), Failure> {
    let scenarios = scenarios::read_all(&wanted.files, &wanted.changes)?;
    let several = scenarios.len() > 1;
    let jobs: Vec<Job> = scenarios
        .into_iter()
        .map(|scenario| Job {
            out: match &wanted.out {
                Some(out) if several => out.join(scenario.name.as_str()),
                Some(out) => out.clone(),
                None => Path::new(REPORTS).join(scenario.name.as_str()),
            },
            scenario,
        })
        .collect();
    let manner = Manner {
        formats: wanted.format.iter().copied().collect(),
        tasks_limit: wanted.tasks,
        threads: wanted.threads,
        quiet: wanted.quiet,
    };
    run_jobs(&jobs, &manner)
}

/// Runs the campus.
pub(crate) fn campus() -> Result<(), Failure> {
    let scenario = scenarios::campus()?;
    let job = Job {
        out: Path::new(REPORTS).join(scenario.name.as_str()),
        scenario,
    };
    let manner = Manner {
        formats: BTreeSet::from([Format::Csv, Format::Html]),
        tasks_limit: 1_000_000,
        threads: None,
        quiet: false,
    };
    run_jobs(&[job], &manner)
}

fn run_jobs(jobs: &[Job], manner: &Manner) -> Result<(), Failure> {
    each_its_own(jobs)?;
    jobs.iter()
        .try_for_each(|job| can_hold_a_report(&job.out))?;
    let threads = manner.threads.unwrap_or(0).into();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let days = jobs.iter().map(|job| u64::from(job.scenario.days)).sum();
    let bar = progress::bar(days, "days", !manner.quiet);
    let all: Vec<Result<Vec<Row>, Failure>> = pool.map_err(Failure::work)?.install(|| {
        let runs = jobs.par_iter().map(|job| simulate(job, manner, &bar));
        runs.collect()
    });
    bar.finish_and_clear();
    for (job, summary) in jobs.iter().zip(all) {
        output::print(&told(job, &summary?, manner))?;
    }
    Ok(())
}

/// What the user reads of a run.
fn told(job: &Job, summary: &[Row], manner: &Manner) -> String {
    let report = match manner.formats.contains(&Format::Html) {
        true => job.out.join("report.html"),
        false => job.out.clone(),
    };
    if manner.quiet {
        return format!("{}\n", report.display());
    }
    let s = &job.scenario;
    format!(
        "{}: {} days from {}, seed {}\n{}report: {}\n",
        s.name,
        s.days,
        s.start,
        s.seed,
        output::table(summary),
        report.display()
    )
}

/// Two runs must not write to one place.
fn each_its_own(jobs: &[Job]) -> Result<(), Failure> {
    for (i, job) in jobs.iter().enumerate() {
        if let Some(other) = jobs[..i].iter().find(|other| other.out == job.out) {
            return Err(Failure::input(format_args!(
                "{} and {} would both be written to {}; give them different names",
                other.scenario.source.name(),
                job.scenario.source.name(),
                job.out.display()
            )));
        }
    }
    Ok(())
}

/// Whether a report can be written there and destroys nothing but an older report. Leaves nothing.
fn can_hold_a_report(out: &Path) -> Result<(), Failure> {
    let refuse = |why: String| {
        let out = out.display();
        Err(Failure::input(format_args!(
            "--out {out}: {why}; choose another folder"
        )))
    };
    let whole = std::path::absolute(out).map_err(Failure::work)?;
    let existing = whole
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok());
    let existing = existing.unwrap_or(Path::new("/"));
    if !existing.is_dir() {
        return refuse(format!(
            "{} is a file, expected a folder",
            existing.display()
        ));
    }
    if existing == whole {
        let empty = std::fs::read_dir(&whole).is_ok_and(|mut entries| entries.next().is_none());
        if !empty && !whole.join("run.json").is_file() {
            return refuse("it exists and holds no report, so it is not replaced".to_owned());
        }
    }
    match tempfile::tempdir_in(existing) {
        Ok(_) => Ok(()),
        Err(error) => refuse(format!(
            "nothing can be written to {}: {error}",
            existing.display()
        )),
    }
}

/// The one call: makes the twin, runs it day by day into the report's writer, and gives the
/// summary's lines. It moves the bar by one for each day.
fn simulate(_job: &Job, _manner: &Manner, _bar: &ProgressBar) -> Result<Vec<Row>, Failure> {
    Err(Failure::work("run: the twin's engine is not linked"))
}
