//! The runs of an optimisation that are over, in its journal: a search that was ended goes on where it
//! was, since a run that is known by its identity is not run again.

use crate::error::Error;
use crate::identity::Files;
use crate::journal::Journal;
use crate::run::{Outcome, Row, live};
use gridtwin_twin::Scenario;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs that are over, and where new ones are written.
#[derive(Debug)]
pub(super) struct Kept {
    journal: Journal,
    before: BTreeMap<String, Outcome>,
    files: Files,
    runs: AtomicU64,
    resumed: AtomicU64,
    broken: Mutex<Option<Error>>,
}

impl Kept {
    /// Begins the journal of a directory, or goes on with it.
    pub(super) fn open(folder: &Path, resume: bool) -> Result<Self, Error> {
        let (journal, rows) = Journal::open(folder, resume)?;
        Ok(Self {
            journal,
            runs: AtomicU64::new(rows.len() as u64),
            before: rows.into_iter().map(|row| (row.id, row.outcome)).collect(),
            files: Files::default(),
            resumed: AtomicU64::new(0),
            broken: Mutex::default(),
        })
    }

    /// A scenario's run: from the journal where it is known, else lived and written there.
    pub(super) fn live(&self, scenario: &Scenario) -> Outcome {
        let id = self.files.identity(scenario);
        if let Some(known) = self.before.get(&id) {
            self.resumed.fetch_add(1, Ordering::Relaxed);
            return known.clone();
        }
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let row = Row { run, id, outcome: live(scenario) };
        if let Err(error) = self.journal.add(&row) {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        row.outcome
    }

    /// How many runs were already finished.
    pub(super) fn resumed(&self) -> u64 {
        self.resumed.load(Ordering::Relaxed)
    }

    /// What kept the journal from being written, if anything did.
    pub(super) fn broken(&self) -> Option<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.as_ref().map(ToString::to_string)
    }
}
