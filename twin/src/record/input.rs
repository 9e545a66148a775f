//! What was understood of a file that a run is made from. Not its values.

use jiff::Timestamp;

/// What stands behind a unit that neither the file nor the scenario names.
pub(crate) const ASSUMED: &str = "(assumed)";

/// A file of values over time, as the twin understood it: for `gridtwin check`, and for the
/// assumptions in a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What it is for, as in "load hall" or "average carbon intensity of the grid".
    pub what: String,
    /// The file, as the scenario names it.
    pub file: String,
    /// The column: its header, or "column 2" where the file has none.
    pub column: String,
    /// The unit of the file's values, and where that is known from, as in "EUR/MWh (header)".
    pub unit: String,
    /// The beginning of the first and the end of the last interval; none where the file has no
    /// dates.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Seconds from one value to the next.
    pub step_s: u32,
    /// The zone of the time stamps in words, as in "UTC (header)".
    pub zone: String,
    /// How many values there are, filled ones included.
    pub count: usize,
    /// Of them, the share that was missing and was filled.
    pub filled: f64,
    /// How it was filled, in words; empty where nothing was.
    pub fill: String,
    /// The unit of all figures below: "kW", "g/kWh", "EUR/kWh".
    pub value_unit: String,
    /// The lowest value.
    pub minimum: f64,
    /// The highest value.
    pub maximum: f64,
    /// The sum of the file: energy in kWh for a power; none for prices and intensities.
    pub sum_kwh: Option<f64>,
    /// The mean of the file.
    pub mean: f64,
    /// The mean over the run.
    pub run_mean: f64,
    /// How the file was laid on the run, in words, as in "by date".
    pub laid: String,
    /// What else was assumed, each in a sentence.
    pub notes: Vec<String>,
}

impl Input {
    /// Whether neither the file nor the scenario names the unit of the values.
    pub fn unit_is_assumed(&self) -> bool {
        self.unit.ends_with(ASSUMED)
    }
}
