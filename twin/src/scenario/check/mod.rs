//! Checks of several values together: duplicate names, references to names that do not exist, ranges
//! whose ends are swapped, missing files. Each problem is reported at the place of the reference.

mod changes;
mod edge;
mod energy;
mod meters;
mod names;
mod time;

pub(super) use edge::reachable;

use super::error::Problem;
use super::{Change, Scenario};
use names::Names;
use std::path::Path;

/// All that is wrong with a scenario whose every value is right.
pub(super) fn check(scenario: &Scenario) -> Vec<Problem> {
    let mut checker = Checker { scenario, in_flight: false, problems: Vec::new() };
    let names = values(&mut checker);
    // Each change is tried on the scenario, which must be good without it.
    if checker.problems.is_empty() {
        changes::check(&mut checker, &names);
    }
    checker.problems
}

/// The same for a scenario that takes effect during a run: conditions at the start no longer matter, and
/// the list of changes was checked before.
pub(super) fn check_in_flight(scenario: &Scenario) -> Vec<Problem> {
    let mut checker = Checker { scenario, in_flight: true, problems: Vec::new() };
    values(&mut checker);
    checker.problems
}

fn values<'a>(checker: &mut Checker<'a>) -> Names<'a> {
    let names = Names::collect(checker);
    time::check(checker);
    energy::check(checker);
    edge::check(checker, &names);
    if !checker.in_flight {
        meters::check(checker, &names);
    }
    names
}

/// What is wrong with a change, values that are set apart, of a scenario that is right.
pub(super) fn check_change(scenario: &Scenario, change: &Change) -> Vec<Problem> {
    let mut checker = Checker { scenario, in_flight: true, problems: Vec::new() };
    let names = Names::collect(&mut checker);
    changes::one(&mut checker, &names, "", change);
    checker.problems
}

/// The scenario and what is wrong with it so far.
struct Checker<'a> {
    scenario: &'a Scenario,
    /// Whether the run has begun.
    in_flight: bool,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        let span = self.scenario.source.span_of(path);
        self.problems.push(Problem::new(span, message, help));
    }

    /// Reports at the first of these paths that was written; the others were left to defaults.
    fn report_first(&mut self, paths: &[String], message: String, help: &str) {
        let written = |path: &&String| self.scenario.source.is_written(path);
        let path = paths.iter().find(written).or(paths.first());
        self.report(path.map_or("", String::as_str), message, help);
    }

    /// A count of zero where one makes no sense.
    fn at_least_one(&mut self, path: &str, count: u32) {
        if count == 0 {
            self.report(
                path,
                "found 0, expected at least 1",
                "remove the whole entry, or write 1 or more",
            );
        }
    }

    /// A count that makes sense: not zero, and not more than could be simulated.
    fn count(&mut self, path: &str, count: u32) {
        const MOST: u32 = 1_000_000;
        self.at_least_one(path, count);
        if count > MOST {
            let message = format!("found {count}, expected {MOST} at most");
            self.report(path, message, "check for a digit too many");
        }
    }

    /// A file that the scenario names must be there; what is in it is read later.
    fn file(&mut self, path: &str, file: &Path) {
        let named = file.display().to_string();
        if let Some(control) = named.chars().find(|c| c.is_control()) {
            let (written, meaning) = match control {
                '\t' => ("\\t", "a tab"),
                '\n' => ("\\n", "a line break"),
                '\r' => ("\\r", "a line break"),
                _ => ("\\", "a control character"),
            };
            let message = format!(
                "`{written}` in quotes means {meaning}, which a file's path cannot contain"
            );
            let right = named.replace('\t', "/t").replace('\n', "/n").replace('\r', "/r");
            let help = match right.contains(char::is_control) {
                true => "write / instead of each backslash".to_owned(),
                false => format!("write {right:?}, with / instead of each backslash"),
            };
            self.report(path, message, help);
            return;
        }
        let whole = self.scenario.source.resolve(file);
        let shown = whole.display();
        if whole.is_dir() {
            self.report(path, format!("found the folder `{shown}`, expected a file"), "");
        } else if !whole.exists() && !self.scenario.source.files().is_some_and(|f| f.holds(&whole))
        {
            let help = "paths are relative to the folder of the scenario file";
            self.report(path, format!("there is no file `{shown}`"), help);
        } else if whole.exists() && !whole.is_file() {
            let help = "name a file on a disk, not a device or a pipe";
            self.report(path, format!("`{shown}` is not a regular file"), help);
        }
    }
}
