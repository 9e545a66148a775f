//! Scenarios by their files, and the one that is built in.

use crate::arguments::Changes;
use crate::failure::Failure;
use gridtwin_twin::scenario::{Scenario, ScenarioError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file of the campus.
pub(crate) const CAMPUS: &str = "scenarios/campus.ron";

/// Reads and checks every file; the mistakes of all of them are reported together.
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

/// How many warnings of a scenario a run shows.
const SHOWN: usize = 4;

/// Says on standard error what in the scenarios is improbable or has no effect.
pub(crate) fn warn(scenarios: &[Scenario]) {
    for scenario in scenarios {
        let warnings = scenario.warnings();
        let mut text = String::new();
        for warning in warnings.iter().take(SHOWN) {
            text += &format!("warning: {warning}\n");
        }
        if let Some(more) = warnings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let name = scenario.source.name();
            text += &format!("warning: and {more} more; to see all, run `gridtwin check {name}`\n");
        }
        // A run does not depend on its warnings: where standard error is closed, it goes on.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Says on standard error what in the scenarios of a study is improbable or has no effect.
pub(crate) fn warn_of(warnings: &[String]) {
    let shown = warnings.iter().take(SHOWN);
    let mut text: String = shown.map(|warning| format!("warning: {warning}\n")).collect();
    if let Some(more) = warnings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text += &format!("warning: and {more} more\n");
    }
    // A study does not depend on its warnings: where standard error is closed, it goes on.
    let _ = std::io::stderr().write_all(text.as_bytes());
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
