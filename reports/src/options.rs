//! What the caller chooses and tells: formats, limits, and what only the caller can know (version,
//! wall-clock times, sources).

use std::collections::BTreeSet;
use std::str::FromStr;

/// A kind of file in the run's directory. `summary.csv`, `scenario.ron` and `run.json` are always
/// written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `timeseries.csv`, `tasks.csv`, `tasks_hourly.csv`, `consensus.csv`, `carbon.csv`,
    /// `events.csv`, `ev_sessions.csv`.
    Csv,
    /// `report.html`.
    Html,
    /// `summary.json`: the summary once more, as one object.
    Json,
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "csv" => Ok(Self::Csv),
            "html" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            _ => Err(format!("found {text:?}, expected csv, html or json")),
        }
    }
}

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// So many tasks stand in `tasks.csv`, the first ones to end; all are counted in
    /// `tasks_hourly.csv` and in the summary.
    pub tasks_limit: u64,
    /// So many decisions stand in `consensus.csv`; all are counted in the summary, and everything
    /// that is no decision always has its row.
    pub decisions_limit: u64,
    /// Which files.
    pub formats: BTreeSet<Format>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tasks_limit: 1_000_000,
            decisions_limit: 1_000_000,
            formats: BTreeSet::from([Format::Csv, Format::Html]),
        }
    }
}

/// What only the caller knows of a run. The times go to `run.json` and nowhere else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunInfo {
    /// The program's version.
    pub version: String,
    /// When the run began, by the wall clock, as text (RFC 3339).
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// How long it took.
    pub wall_s: f64,
    /// The command line that leads to the same run.
    pub command: String,
    /// What the run rests on, for the page: models, simplifications.
    pub assumptions: Vec<String>,
    /// Where its data comes from, for the page: file, publisher, licence.
    pub sources: Vec<String>,
}
