//! What the caller chooses and tells: formats, limits, and what only the caller can know (version,
//! wall-clock times, sources).

use gridtwin_twin::scenario::{Chargers, Load, LoadProfile, Scenario, Sessions, Weather};
use std::collections::BTreeSet;
use std::str::FromStr;

/// A kind of file in the run's directory. `summary.csv`, `scenario.ron` and `run.json` are always
/// written; `dictionary.csv` is beside every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `timeseries.csv`, `tasks_hourly.csv`, `consensus.csv`, `consensus_hourly.csv`, `carbon.csv`,
    /// `events.csv`, `ev_sessions.csv`, and `tasks.csv` where [`Options::tasks_limit`] asks for it.
    Csv,
    /// The same tables as `timeseries.parquet` and so on.
    #[cfg(feature = "parquet")]
    Parquet,
    /// `report.html`.
    Html,
    /// `summary.json`: the summary once more, as one object.
    Json,
}

impl Format {
    /// Whether it is one of tables.
    pub fn is_tabular(self) -> bool {
        match self {
            Self::Csv => true,
            #[cfg(feature = "parquet")]
            Self::Parquet => true,
            Self::Html | Self::Json => false,
        }
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "csv" => Ok(Self::Csv),
            "html" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            #[cfg(feature = "parquet")]
            "parquet" => Ok(Self::Parquet),
            #[cfg(not(feature = "parquet"))]
            "parquet" => Err("this build of gridtwin cannot write parquet; ask for csv, or build \
                              gridtwin with its default features"
                .to_owned()),
            _ => Err(format!("found {text:?}, expected csv, parquet, html or json")),
        }
    }
}

/// Decisions in `consensus.csv` by default: about 5 MB, all of a month with one a minute. With as many
/// view changes it stays below 10 MB, however long the run is.
pub const DECISIONS: u64 = 50_000;

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number of tasks in `tasks.csv`, the first ones to end; 0 leaves the file out. All are
    /// counted in `tasks_hourly.csv` and in the summary.
    pub tasks_limit: u64,
    /// The number of decisions in `consensus.csv`, the first ones, and of suspicions and view changes
    /// together; other events have no limit. All are counted in `consensus_hourly.csv` and in the
    /// summary.
    pub decisions_limit: u64,
    /// Which files.
    pub formats: BTreeSet<Format>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tasks_limit: 0,
            decisions_limit: DECISIONS,
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
    /// The scenario's file; empty where there is none.
    pub file: String,
    /// What the command line sets beyond the scenario's file, as in `--days 3`.
    pub settings: Vec<String>,
    /// What the run rests on, for the page: models, simplifications.
    pub assumptions: Vec<String>,
    /// Where its data comes from, for the page: file, publisher, licence.
    pub sources: Vec<String>,
}

impl RunInfo {
    /// What can be said of a run without a clock.
    pub fn of(scenario: &Scenario, version: &str) -> Self {
        Self {
            version: version.to_owned(),
            // The run's own resolved scenario: all that matters of the command line is in it.
            command: "gridtwin run scenario.ron".to_owned(),
            assumptions: assumptions(),
            sources: sources(scenario),
            ..Self::default()
        }
    }
}

/// What a run rests on, for its report.
fn assumptions() -> Vec<String> {
    [
        "PV models: NREL SPA for the sun's position, Perez 1990 for the diffuse irradiance unless the scenario sets another model, SAPM for the cell temperature, PVWatts v5 for the power, which is limited to the inverter's rating.",
        "Batteries: constant efficiencies and self-discharge, no ageing. A battery discharges the average mix of the energy that it was charged with.",
        "Power is constant between events; the time at which a battery or a tank reaches a limit is exact. If supply is short, consumers of the lowest priority are switched off first.",
        "Links have a latency and a data rate; each device has its own link. Each server has one queue for all its cores: first come, first served.",
        "A task's carbon is its energy times the carbon intensity of the site's consumption in that interval. Energy used in the cloud is counted with the carbon intensity of the cloud's grid.",
        "Forecasts: persistence (the next interval is assumed to be equal to the last).",
        "Operational carbon is that of imports and fuel; embodied carbon of PV, batteries and servers is reported separately, spread over their lifetime.",
        "Latency percentiles are accurate to 0.4 %; counts, sums, minima and maxima are exact.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Where a run's data comes from, for its report.
fn sources(scenario: &Scenario) -> Vec<String> {
    let mut sources = vec![match &scenario.weather {
        Weather::Synthetic { .. } => {
            "Weather: synthetic, generated from the random seed; clear-sky model of Ineichen and Perez 2002."
                .to_owned()
        }
        Weather::File { path } => format!("Weather: {}.", path.display()),
    }];
    let elaad = |chargers: &Chargers| matches!(chargers.sessions, Sessions::Elaad { .. });
    if scenario.chargers.iter().any(elaad) {
        sources.push("Cars: distributions of real charging sessions, open data of ElaadNL (from the Python package ev2gym, MIT licence).".to_owned());
    }
    let typical = |load: &Load| matches!(load.profile, LoadProfile::Typical { .. });
    if scenario.loads.iter().any(typical) {
        sources.push("Loads: typical daily profiles made for gridtwin, scaled to the scenario's yearly energy.".to_owned());
    }
    sources.push("Computing: 0.617 nJ per CPU cycle of a Raspberry Pi 4 (pidramble); CPU cycles of Ed25519 signatures from the tables of lib25519.".to_owned());
    sources
}
