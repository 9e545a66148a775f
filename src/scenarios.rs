//! Scenarios by their files, and the one that is built in.

use crate::arguments::Changes;
use crate::failure::Failure;
use gridtwin_twin::scenario::{Scenario, ScenarioError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where the campus is looked for.
pub(crate) const CAMPUS: &str = "scenarios/campus.ron";

/// Reads and checks every file; all that is wrong in any of them is told at once.
pub(crate) fn read_all(files: &[PathBuf], changes: &Changes) -> Result<Vec<Scenario>, Failure> {
    let mut scenarios = Vec::new();
    let mut wrong = Vec::new();
    for file in files {
        match Scenario::load_with(file, &changes.set, changes.days, changes.seed) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if wrong.is_empty() {
        return Ok(scenarios);
    }
    Err(Failure::Input(wrong.join("\n")))
}

/// Says on standard error what in the scenarios has no effect.
pub(crate) fn warn(scenarios: &[Scenario]) {
    for warning in scenarios.iter().flat_map(Scenario::warnings) {
        // Nothing hangs on a warning: where nobody can be told, the run goes on.
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
}

/// The campus from its file, or the one that is built in where there is no such file.
pub(crate) fn campus() -> Result<Scenario, Failure> {
    let campus: Result<Scenario, ScenarioError> = if Path::new(CAMPUS).exists() {
        Scenario::load(Path::new(CAMPUS))
    } else {
        Scenario::parse(include_str!("../scenarios/campus.ron"), CAMPUS)
    };
    campus.map_err(Failure::input)
}
