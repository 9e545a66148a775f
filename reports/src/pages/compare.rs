//! The page of runs side by side: every metric of each, how far it differs from the first, and what
//! was set differently. A run may stand for a group of runs that differ by their seeds alone.

use super::Fact;
use crate::Error;

/// Runs side by side, worked out and ready to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparePage {
    /// The page's title, for instance "campus against campus-more-pv".
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Versions, directories and so on, in the order shown.
    pub facts: Vec<Fact>,
    /// What is compared; all others are compared with the first.
    pub runs: Vec<ComparedRun>,
    /// The metrics, in the order of `summary.csv`; they are grouped by the first word of their
    /// names (and the second, for `consensus.NAME`).
    pub metrics: Vec<ComparedMetric>,
    /// Settings that are not the same everywhere.
    pub settings: Vec<Setting>,
    /// How the figures are worked out, a sentence each: shown at the page's end.
    pub method: Vec<String>,
}

/// A run, or a group of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComparedRun {
    /// Its name, for a column's head.
    pub name: String,
    /// So many runs stand behind it; 1 for a single run.
    pub runs: u64,
}

/// A metric of all runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparedMetric {
    /// The metric's name, as in `summary.csv`.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// One value for each run, the mean for a group.
    pub values: Vec<Option<f64>>,
    /// How far each run is from the first: one for each run after the first.
    pub differences: Vec<Option<Difference>>,
}

/// How far a run is from the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// Value minus the first's value, in the metric's unit; the mean of paired differences for
    /// groups.
    pub absolute: f64,
    /// The same in per cent of the first's value; `None` where that is zero.
    pub percent: Option<f64>,
    /// The 95 % confidence interval of `absolute`, from, to, where there are pairs.
    pub interval_95: Option<(f64, f64)>,
    /// The same interval in per cent of the first's value.
    pub percent_interval_95: Option<(f64, f64)>,
    /// So many pairs of runs with the same seed stand behind it; 1 for single runs.
    pub pairs: u64,
    /// Whether it can be told from zero; `None` where there are too few pairs to say.
    pub distinguishable: Option<bool>,
}

/// A setting that is not the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// Its path in the scenario.
    pub path: String,
    /// What it is in each run; `None` where the scenario has no such setting.
    pub values: Vec<Option<String>>,
}

/// The page of runs side by side.
///
/// # Errors
/// A plot that could not be drawn.
pub fn compare_page(page: &ComparePage) -> Result<String, Error> {
    let _ = page;
    Ok(String::new())
}
