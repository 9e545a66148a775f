//! `gridtwin run`: scenarios in, reports out. All is read and checked before anything is written.

use super::place::{self, Consent, Identity};
use crate::arguments::RunArguments;
use crate::failure::Failure;
use crate::output;
use crate::progress;
use crate::scenarios;
use gridtwin_kernel::Span;
use gridtwin_reports::{Format, Options, RunInfo, RunWriter, Summary};
use gridtwin_twin::Twin;
use gridtwin_twin::scenario::Scenario;
use indicatif::ProgressBar;
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Where reports go by default.
pub(crate) const REPORTS: &str = "reports/out";

/// One scenario with its world, and where its report goes.
struct Job {
    scenario: Scenario,
    twin: Twin,
    out: PathBuf,
    identity: Identity,
}

impl Job {
    fn new(scenario: Scenario, out: PathBuf, settings: &[String]) -> Result<Self, Failure> {
        let identity = Identity {
            file: place::absolute(scenario.source.name()),
            settings: settings.to_vec(),
            resolved: scenario.to_ron(),
        };
        Ok(Self { twin: twin_of(&scenario)?, scenario, out, identity })
    }
}

/// What came of one.
struct Told {
    scenario: Scenario,
    out: PathBuf,
    summary: Summary,
    billing: Option<String>,
    simulated_s: f64,
}

/// How all of them are run.
struct Manner {
    formats: BTreeSet<Format>,
    tasks_limit: u64,
    decisions_limit: u64,
    threads: Option<u16>,
    quiet: bool,
    consent: Consent,
    /// A run to show figures against, by its directory's name, and its seed where that is known.
    base: Option<(String, Summary, Option<u64>)>,
}

/// Runs every scenario and prints what came of it, in the order in which they were named.
pub(crate) fn run(wanted: &RunArguments) -> Result<(), Failure> {
    if wanted.tasks > 0 && !wanted.format.iter().any(|format| format.is_tabular()) {
        return Err(Failure::input(format_args!(
            "--tasks {}: tasks are written to a table, but --format includes no table; add csv or \
             parquet to --format",
            wanted.tasks
        )));
    }
    let scenarios = scenarios::read_all(&wanted.files, &wanted.changes)?;
    if !wanted.quiet {
        scenarios::warn(&scenarios);
    }
    let several = scenarios.len() > 1;
    let settings = place::settings(&wanted.changes);
    let mut jobs = Vec::new();
    for scenario in scenarios {
        let out = match &wanted.out {
            Some(out) if several => out.join(scenario.name.as_str()),
            Some(out) => out.clone(),
            None => Path::new(REPORTS).join(scenario.name.as_str()),
        };
        jobs.push(Job::new(scenario, out, &settings)?);
    }
    let chosen = wanted.out.is_some() || wanted.force;
    let manner = Manner {
        formats: wanted.format.iter().copied().collect(),
        tasks_limit: wanted.tasks,
        decisions_limit: wanted.decisions,
        threads: wanted.threads,
        quiet: wanted.quiet,
        consent: if chosen { Consent::Chosen } else { Consent::Default },
        base: wanted.against.as_deref().map(earlier).transpose()?,
    };
    run_jobs(jobs, &manner)
}

/// The figures of an earlier run.
fn earlier(folder: &Path) -> Result<(String, Summary, Option<u64>), Failure> {
    let path = folder.join("summary.csv");
    let told = |why: &dyn std::fmt::Display| {
        Failure::input(format_args!(
            "--against {}: {why}; name the folder of an earlier run",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| told(&error))?;
    let summary = Summary::from_csv(&text).map_err(|error| told(&error))?;
    let whole = std::path::absolute(folder).map_err(Failure::work)?;
    let name = whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy().into_owned();
    Ok((name, summary, gridtwin_reports::seed_of(folder)))
}

/// Runs the campus.
pub(crate) fn campus() -> Result<(), Failure> {
    let scenario = scenarios::campus()?;
    let out = Path::new(REPORTS).join(scenario.name.as_str());
    let job = Job::new(scenario, out, &[])?;
    let manner = Manner {
        formats: BTreeSet::from([Format::Csv, Format::Html]),
        tasks_limit: Options::default().tasks_limit,
        decisions_limit: Options::default().decisions_limit,
        threads: None,
        quiet: false,
        consent: Consent::Default,
        base: None,
    };
    run_jobs(vec![job], &manner)
}

fn run_jobs(jobs: Vec<Job>, manner: &Manner) -> Result<(), Failure> {
    each_its_own(&jobs)?;
    // Before anything is written, a probe of a folder included.
    let stop = stop_on_signal()?;
    let mut replaced = Vec::new();
    for job in &jobs {
        replaced.extend(place::examine(&job.out, &job.identity, manner.consent)?);
    }
    for told in replaced {
        // Where standard error is gone nobody can be told, and the run goes on.
        let _ = writeln!(std::io::stderr(), "{told}");
    }
    let threads = manner.threads.unwrap_or(0).into();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let days = jobs.iter().map(|job| u64::from(job.scenario.days)).sum();
    let bar = progress::bar(days, "days", !manner.quiet);
    let all: Vec<Result<Told, Failure>> = pool.map_err(Failure::work)?.install(|| {
        let runs = jobs.into_par_iter().map(|job| simulate(job, manner, &bar, &stop));
        runs.collect()
    });
    bar.finish_and_clear();
    for told in all {
        output::print(&tell(&told?, manner))?;
    }
    Ok(())
}

/// Set by Ctrl-C, SIGTERM and SIGHUP. Where SIGHUP is ignored, as under `nohup`, no handler is
/// installed: it would end the run at the hang-up that it is to survive.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    if ignored.is_none_or(|mask| mask & 1 == 0) {
        let asked = Arc::clone(&stop);
        ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed)).map_err(Failure::work)?;
    }
    Ok(stop)
}

/// Two runs must not write to one place.
fn each_its_own(jobs: &[Job]) -> Result<(), Failure> {
    let places: Vec<PathBuf> = jobs.iter().map(|job| job.out.clone()).collect();
    let Some((one, other)) = place::two_of_one_place(&places) else { return Ok(()) };
    let file = |job: &Job| job.scenario.source.name().to_owned();
    let (first, second) = (file(&jobs[one]), file(&jobs[other]));
    if first == second {
        return Err(Failure::input(format_args!("{first} is given twice; give it once")));
    }
    Err(Failure::input(format_args!(
        "{first} and {second} both contain the name {:?}, so both reports would be written to {}; \
         change `name` in one of these files",
        jobs[one].scenario.name.as_str(),
        places[one].display()
    )))
}

/// What the user reads of a run: the headline figures; all of them stand in `summary.csv`.
fn tell(told: &Told, manner: &Manner) -> String {
    let report = match manner.formats.contains(&Format::Html) {
        true => told.out.join("report.html"),
        false => told.out.clone(),
    };
    if manner.quiet {
        return format!("{}\n", report.display());
    }
    let s = &told.scenario;
    let mut rows = Vec::new();
    let groups = s.consensus.iter().flat_map(|group| {
        ["decided", "latency_ms_p50", "longest_gap_s", "view_changes", "violations"]
            .map(|what| format!("consensus.{}.{what}", group.id))
    });
    for name in HEADLINES.iter().map(|name| (*name).to_owned()).chain(groups) {
        let metric = told.summary.metrics.iter().find(|metric| metric.name == name);
        let Some(metric) = metric else { continue };
        if let Some(value) = metric.value {
            rows.push((name, output::number(value), metric.unit.clone()));
        }
    }
    let billing = told.billing.as_ref().map_or_else(String::new, |note| format!("cost: {note}\n"));
    format!(
        "{}: {} day{} from {}, simulated in {:.2} s, seed {}\n{}{billing}report: {}\n",
        s.name,
        s.days,
        if s.days == 1 { "" } else { "s" },
        s.start,
        told.simulated_s,
        s.seed,
        output::table(&rows),
        report.display()
    )
}

/// The summary's lines that a run shows.
const HEADLINES: &[&str] = &[
    "energy.pv_kwh",
    "energy.load_kwh",
    "energy.ev_kwh",
    "energy.compute_kwh",
    "energy.network_kwh",
    "energy.import_kwh",
    "energy.export_kwh",
    "energy.curtailed_kwh",
    "energy.unserved_kwh",
    "energy.stored_change_kwh",
    "energy.self_sufficiency",
    "energy.self_sufficiency_of_demand",
    "resilience.survived_h_min",
    "resilience.survived_h_p50",
    "resilience.survives_24_h",
    "carbon.operational_kg",
    "carbon.embodied_kg",
    "carbon.intensity_g_per_kwh",
    "cost.stored_change",
    "cost.total",
    "tasks.arrived",
    "tasks.completed",
    "tasks.missed",
    "tasks.lost",
    "tasks.latency_ms_p50",
    "tasks.latency_ms_p99",
    "tasks.energy_j_per_task",
    "tasks.carbon_g_per_task",
];

/// A scenario's world, or why it cannot be: what its files hold is the user's to put right.
pub(crate) fn twin_of(scenario: &Scenario) -> Result<Twin, Failure> {
    Twin::new(scenario).map_err(Failure::input)
}

/// Lives a run day by day into its report. Moves the bar by one for each day.
fn simulate(
    job: Job,
    manner: &Manner,
    bar: &ProgressBar,
    stop: &AtomicBool,
) -> Result<Told, Failure> {
    let started = now();
    #[expect(clippy::disallowed_methods, reason = "tells how long a run took")]
    let clock = Instant::now();
    let Job { scenario, mut twin, out, identity } = job;
    let options = Options {
        tasks_limit: manner.tasks_limit,
        decisions_limit: manner.decisions_limit,
        formats: manner.formats.clone(),
    };
    let mut writer = RunWriter::create(&out, twin.catalog(), options)?;
    if let Some((name, summary, seed)) = &manner.base {
        writer = writer.against(name, summary.clone()).against_seed(*seed);
    }
    // Where the disk is full, the rest of the run would be for nothing: `finish` says what happened.
    while twin.now() < twin.end() && !writer.has_failed() {
        if stop.load(Ordering::Relaxed) {
            // The writer takes what it has written with it.
            let out = out.display();
            return Err(Failure::work(format_args!("stopped; nothing was written to {out}")));
        }
        twin.advance(twin.now() + Span::DAY, &mut writer);
        bar.inc(1);
    }
    let simulated_s = clock.elapsed().as_secs_f64();
    let info = RunInfo {
        started: started.to_string(),
        finished: now().to_string(),
        wall_s: simulated_s,
        file: identity.file,
        settings: identity.settings,
        ..RunInfo::of(&scenario, env!("CARGO_PKG_VERSION"))
    };
    let billing = writer.billing_note();
    let summary = writer.finish(&identity.resolved, &info)?;
    Ok(Told { scenario, out, summary, billing, simulated_s })
}

#[expect(clippy::disallowed_methods, reason = "only the command knows the wall clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
