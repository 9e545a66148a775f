//! One run of a study: a scenario in, a row out. Never a panic and never an end of the whole study.

use gridtwin_reports::{Metric, Tally};
use gridtwin_twin::Twin;
use gridtwin_twin::scenario::Scenario;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a run: its metrics, or why there are none.
pub type Outcome = Result<Vec<Metric>, String>;

/// A run that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number.
    pub run: u64,
    /// Its identity; empty where its point makes no scenario.
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Lives a scenario to its end and tells its figures.
pub(crate) fn live(scenario: &Scenario) -> Outcome {
    // A bug of ours in one of ten thousand runs must not take the others with it.
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let mut twin = Twin::new(scenario).map_err(|error| one_line(&error))?;
        let mut tally = Tally::new(twin.catalog());
        twin.advance(twin.end(), &mut tally);
        Ok(tally.summary().metrics)
    }));
    lived.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(format!("internal error, which is a bug of gridtwin: {text}"))
    })
}

/// An error as it stands in a row: without its line of the file.
pub(crate) fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim);
    let first = lines.next().unwrap_or_default().to_owned();
    let help = lines.find_map(|line| line.strip_prefix("= "));
    match help {
        Some(help) => format!("{first}; {help}"),
        None => first,
    }
}
