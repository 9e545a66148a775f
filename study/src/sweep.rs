//! The runs of a study, over all cores, each one told to the journal when it is over. The rows do not
//! depend on threads, shards, kills or the order in which runs end.

use crate::directory::{self, Earlier};
use crate::error::Error;
use crate::identity::Files;
use crate::journal::{self, Journal};
use crate::run::{Row, live, one_line};
use crate::spec::Plan;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Which part of a study this machine runs: every `of`-th run, from the `number`-th on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub number: u64,
    /// How many there are.
    pub of: u64,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { number: 0, of: 1 };
}

/// How a study is carried out.
#[derive(Clone, Debug)]
pub struct SweepOptions {
    /// The study's directory.
    pub out: PathBuf,
    /// Which part.
    pub shard: Shard,
    /// What becomes of the runs that are in the journal of a study that is not finished.
    pub earlier: Earlier,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// All runs of the part, in order; fewer where it was stopped.
    pub rows: Vec<Row>,
    /// How many of them were in the journal already.
    pub resumed: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Carries a study out on the threads of the current pool. `told` hears of each run that is over, and
/// whether it was in the journal already; `stop` ends it after the runs under way.
///
/// # Errors
/// Where the directory cannot be used or written. A run that fails is a row.
pub fn sweep(
    plan: &Plan,
    options: &SweepOptions,
    told: &(dyn Fn(bool) + Sync),
    stop: &AtomicBool,
) -> Result<Sweep, Error> {
    let Shard { number, of } = options.shard;
    let runs: Vec<u64> = (number..plan.runs()).step_by(of as usize).collect();
    if options.earlier == Earlier::Refuse {
        refuse_unfinished(plan, options, runs.len())?;
    }
    directory::prepare(&options.out, plan.study.name.as_str())?;
    let (journal, before) = Journal::open(&options.out, options.earlier == Earlier::Resume)?;
    // Of two lines about one run the later one counts.
    let before: BTreeMap<u64, Row> = before.into_iter().map(|row| (row.run, row)).collect();
    let files = Files::default();
    let each = |run: &u64| -> Result<Option<(Row, bool)>, Error> {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (row, known) = match identify(plan, *run, &files) {
            Err(row) => (row, false),
            Ok((id, scenario)) => match before.get(run) {
                Some(row) if row.id == id => (row.clone(), true),
                _ => (Row { run: *run, id, outcome: live(&scenario) }, false),
            },
        };
        if !known {
            journal.add(&row)?;
        }
        told(known);
        Ok(Some((row, known)))
    };
    // One after the other: a long run at the end of a long piece would leave other cores idle.
    let over: Vec<_> = runs.par_iter().with_max_len(1).map(each).collect::<Result<_, _>>()?;
    let stopped = over.iter().any(Option::is_none);
    let resumed = over.iter().flatten().filter(|(_, known)| *known).count() as u64;
    let rows = over.into_iter().flatten().map(|(row, _)| row).collect();
    Ok(Sweep { rows, resumed, stopped })
}

/// Refuses a directory with runs of a study that is not finished.
fn refuse_unfinished(plan: &Plan, options: &SweepOptions, all: usize) -> Result<(), Error> {
    let Shard { number, of } = options.shard;
    let rows = directory::unfinished(&options.out)?;
    if rows.is_empty() {
        return Ok(());
    }
    let files = Files::default();
    let rows: BTreeMap<u64, Row> = rows.into_iter().map(|row| (row.run, row)).collect();
    let wanted = |run: u64| run < plan.runs() && run % of == number;
    let same = |row: &&Row| {
        wanted(row.run)
            && match identify(plan, row.run, &files) {
                Ok((id, _)) => id == row.id,
                Err(same) => same.id == row.id,
            }
    };
    let what = match rows.values().filter(same).count() {
        0 => format!(
            "this folder holds {} runs of an unfinished study, and none of them belongs to this study \
             as it is now",
            rows.len()
        ),
        known => format!(
            "{known} of {all} runs are already finished; to continue with them, add --resume"
        ),
    };
    Err(Error::Unfinished { path: options.out.clone(), what })
}

/// Makes the directory of a study that is put together, or takes an older one's, whose results go.
///
/// # Errors
/// Where it cannot be made, or holds what no study has written.
pub fn prepare(folder: &Path, plan: &Plan) -> Result<(), Error> {
    directory::prepare(folder, plan.study.name.as_str())
}

/// The rows of a whole study from the directories of its shards.
///
/// # Errors
/// Where a run is missing, or was made by another version or of another study.
pub fn merge(plan: &Plan, shards: &[PathBuf]) -> Result<Vec<Row>, Error> {
    let mut all: BTreeMap<u64, (Row, &Path)> = BTreeMap::new();
    for shard in shards {
        if !shard.join(journal::JOURNAL).is_file() {
            return Err(Error::Parts(format!(
                "{}: this folder holds no runs of a study ({} is missing); give --merge the result \
                 folders that `gridtwin sweep --shard` wrote",
                shard.display(),
                journal::JOURNAL
            )));
        }
        let rows = journal::rows(shard)?;
        all.extend(rows.into_iter().map(|row| (row.run, (row, shard.as_path()))));
    }
    let files = Files::default();
    let check = |run: u64| -> Result<Row, String> {
        let (row, shard) =
            all.get(&run).ok_or_else(|| format!("run {run} is in none of the shards"))?;
        match identify(plan, run, &files) {
            Ok((id, _)) if id != row.id => Err(format!(
                "run {run} in {} is outdated: the study, its data or gridtwin's version has \
                 changed",
                shard.display()
            )),
            _ => Ok(row.clone()),
        }
    };
    let checked: Vec<_> = (0..plan.runs()).into_par_iter().map(check).collect();
    let wrong: Vec<&String> = checked.iter().filter_map(|row| row.as_ref().err()).collect();
    if let Some(first) = wrong.first() {
        let more = match wrong.len() {
            1 => String::new(),
            n => format!(" (further runs missing or outdated: {})", n - 1),
        };
        return Err(Error::Parts(format!(
            "{first}{more}; repeat each shard with --shard I/N --resume, which simulates only the \
             missing runs"
        )));
    }
    Ok(checked.into_iter().flatten().collect())
}

/// A run's identity and scenario, or its row where its point makes none.
fn identify(
    plan: &Plan,
    run: u64,
    files: &Files,
) -> Result<(String, gridtwin_twin::Scenario), Row> {
    let of = plan.run(run);
    match plan.scenario_at(of.point, of.seed) {
        Ok(scenario) => Ok((files.identity(&scenario), scenario)),
        Err(error) => Err(Row { run, id: String::new(), outcome: Err(one_line(&error)) }),
    }
}
