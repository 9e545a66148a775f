//! Runs side by side: groups of runs, what each metric comes to in them, and how far they are from
//! the first one, paired where runs have the same seed and settings. Only what was drawn at random, seeds and drawn axes,
//! says what is chance: differences at chosen settings are averaged before. Runs of different lengths are
//! compared by the day, and amounts in different currencies not at all.

mod read;
mod settings;
mod summed_up;
mod sums;
mod worked;

pub use read::compare;

use gridtwin_reports::pages::ComparePage;
use gridtwin_reports::{Field, Kind, Sheet, dictionary_csv};
use std::collections::BTreeMap;

/// Runs that differ by what they are paired by alone: seeds, and settings that all groups share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Names and units of its metrics, in order.
    pub metrics: Vec<(String, String)>,
    /// Its runs: what pairs them, and their metrics.
    pub runs: BTreeMap<Pairing, Vec<Option<f64>>>,
    /// How many days its runs last, where its metrics do not say.
    pub days: Option<f64>,
    /// What was set, by path; for a run alone.
    pub settings: BTreeMap<String, String>,
    /// Runs that failed and count nowhere.
    pub failed: usize,
}

/// What a run shares with the run that it is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pairing {
    /// What was drawn at random for it: its seed, and the values of drawn axes. Runs that share it are
    /// no independent evidence.
    pub draw: String,
    /// The values of the other axes, which were chosen.
    pub chosen: String,
}

/// A comparison worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// For its page.
    pub page: ComparePage,
    /// What has to be known first: that figures are a day's, or that currencies differ.
    pub notes: Vec<String>,
    /// How many metrics differ, and why others are not compared: a line for each run after the first.
    pub summaries: Vec<String>,
}

impl Compared {
    /// The text of `comparison.csv`: a row for each metric and each group but the first.
    pub fn to_csv(&self) -> Vec<u8> {
        let others = self.page.runs.len().saturating_sub(1);
        let cell = |row: usize, column: usize, out: &mut Vec<u8>| {
            let (metric, i) = (&self.page.metrics[row / others], row % others);
            let difference = metric.differences.get(i).copied().flatten();
            let interval = difference.and_then(|d| d.interval_95);
            let run = |at: usize| self.page.runs[at].name.as_bytes();
            let verdict = || difference.map_or("", |d| d.verdict().word());
            let number = match column {
                0 => return out.extend_from_slice(metric.name.as_bytes()),
                1 => return out.extend_from_slice(metric.unit.as_bytes()),
                2 => return out.extend_from_slice(run(0)),
                3 => return out.extend_from_slice(run(i + 1)),
                4 => metric.values[0],
                5 => metric.values[i + 1],
                6 => difference.map(|d| d.absolute),
                7 => difference.and_then(|d| d.percent),
                8 => interval.map(|(low, _)| low),
                9 => interval.map(|(_, high)| high),
                10 => Some(difference.map_or(0.0, |d| d.pairs as f64)),
                _ => return out.extend_from_slice(verdict().as_bytes()),
            };
            gridtwin_reports::shortest(out, number.unwrap_or(f64::NAN));
        };
        let rows = self.page.metrics.len() * others;
        Sheet { name: "comparison", fields: &fields(), rows, cell }.to_csv()
    }

    /// The text of `dictionary.csv`: what the columns of `comparison.csv` mean.
    pub fn dictionary(&self) -> Vec<u8> {
        dictionary_csv([("comparison", fields().as_slice())])
    }
}

/// The columns of `comparison.csv`.
pub(crate) fn fields() -> Vec<Field> {
    [
        ("metric", Kind::Text, "Name of the compared metric"),
        ("unit", Kind::Text, "The unit of the values and of their difference"),
        ("first", Kind::Text, "Reference run"),
        ("second", Kind::Text, "Compared run"),
        ("first_value", Kind::Number, "The metric's mean over the runs of the reference"),
        ("second_value", Kind::Number, "The metric's mean over the compared runs"),
        ("difference", Kind::Number, "Second value minus first value, mean over all pairs of runs"),
        ("percent", Kind::Number, "The difference in percent of the reference"),
        ("low_95", Kind::Number, "Lower end of the 95 % confidence interval of the difference"),
        ("high_95", Kind::Number, "Upper end of the 95 % confidence interval of the difference"),
        ("pairs", Kind::Whole, "Number of pairs of runs with the same seed and settings"),
        (
            "verdict",
            Kind::Text,
            "equal; negligible (differs by less than 0.1 %); chance (may be due to chance: the 95 \
             % interval of the difference contains zero); or differs",
        ),
    ]
    .map(|(name, kind, meaning)| Field::new(name, kind, meaning))
    .into()
}
