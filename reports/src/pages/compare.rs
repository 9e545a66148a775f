//! The page of runs side by side: every metric of each, how far it differs from the first, and what
//! was set differently. A run may stand for a group of runs that differ by their seeds alone.

use super::shell::{interval, maybe, signed};
use super::{Fact, shell, telling};
use crate::Error;
use crate::html::markup::{Table, escape};
use crate::number::count;

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
    /// The greater of the two values, as a magnitude: what the difference is a share of.
    pub scale: f64,
}

/// What a difference is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is none.
    Equal,
    /// It is less than a thousandth of the values, whether it can be told from zero or not.
    Negligible,
    /// Its 95 % interval holds zero.
    Chance,
    /// Anything else.
    Differs,
}

/// Less than this share of the values is negligible.
const NEGLIGIBLE: f64 = 1e-3;
/// Less than this, in the metric's unit, is rounding.
const ROUNDING: f64 = 1e-9;

impl Difference {
    /// What it is worth.
    pub fn verdict(&self) -> Verdict {
        let size = self.absolute.abs();
        if size == 0.0 {
            Verdict::Equal
        } else if size < ROUNDING || size < NEGLIGIBLE * self.scale {
            Verdict::Negligible
        } else if self.distinguishable == Some(false) {
            Verdict::Chance
        } else {
            Verdict::Differs
        }
    }
}

impl Verdict {
    /// As tables have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Negligible => "negligible",
            Self::Chance => "chance",
            Self::Differs => "differs",
        }
    }
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
    let sections = [
        ("differences", "Largest differences", telling::section(page)),
        ("settings", "Settings that differ", settings(page)),
        ("metrics", "All metrics", metrics(page)),
        ("method", "Method", shell::method(&page.method)),
    ];
    let top = shell::Top {
        kicker: "gridtwin comparison",
        name: &page.name,
        description: &page.description,
        facts: &page.facts,
        lead: runs(page),
    };
    Ok(shell::page(&top, &sections))
}

impl ComparePage {
    /// The name of a run; its number where it has none.
    pub(super) fn run(&self, index: usize) -> String {
        match self.runs.get(index).map(|run| run.name.trim()) {
            None | Some("") => format!("run {}", index + 1),
            Some(name) => name.to_owned(),
        }
    }
}

/// What is compared, in words.
fn runs(page: &ComparePage) -> String {
    let name = |index: usize| {
        let runs = page.runs.get(index).map_or(0, |run| run.runs);
        let behind =
            if runs > 1 { format!(" ({})", super::study::runs(runs)) } else { String::new() };
        format!("<strong>{}</strong>{behind}", escape(&page.run(index)))
    };
    match page.runs.len() {
        0 => shell::none("No run to compare."),
        1 => format!("<p>There is only {}; a comparison needs a second run.</p>\n", name(0)),
        n => {
            let others: Vec<String> = (1..n).map(name).collect();
            format!("<p>{} against {}.</p>\n", others.join(", "), name(0))
        }
    }
}

fn settings(page: &ComparePage) -> String {
    if page.settings.is_empty() {
        return shell::none("None: the scenarios are the same.");
    }
    let names: Vec<String> = (0..page.runs.len()).map(|i| format!("~{}", page.run(i))).collect();
    let heads: Vec<&str> =
        std::iter::once("Setting").chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new("Settings that differ", &heads);
    for setting in &page.settings {
        let values = (0..page.runs.len()).map(|i| {
            let value = setting.values.get(i).cloned().flatten();
            value.unwrap_or_else(|| "not set".to_owned())
        });
        table.row(&std::iter::once(setting.path.clone()).chain(values).collect::<Vec<_>>());
    }
    table.end()
}

/// What a metric is listed under: its first word, and for a consensus group the group's name.
fn group(name: &str) -> &str {
    let first = name.split('.').next().unwrap_or(name);
    let rest = name.get(first.len() + 1..).unwrap_or("");
    match (first, rest.split_once('.')) {
        ("consensus", Some((second, _))) => &name[..first.len() + 1 + second.len()],
        _ => first,
    }
}

fn metrics(page: &ComparePage) -> String {
    if page.metrics.is_empty() {
        return shell::none("The runs have no metric in common.");
    }
    let mut groups: Vec<&str> = Vec::new();
    for metric in &page.metrics {
        let name = group(&metric.name);
        if !groups.contains(&name) {
            groups.push(name);
        }
    }
    let runs: Vec<String> = (0..page.runs.len()).map(|i| page.run(i)).collect();
    let mut heads = vec!["Metric", "~Unit"];
    match runs.len() {
        0..=2 => heads.extend(runs.iter().map(String::as_str)),
        _ => heads.extend(["~Run", "Value"]),
    }
    if runs.len() > 1 {
        heads.extend(TOLD);
    }
    let mut table = Table::new("All metrics", &heads);
    for name in groups {
        table.row_of("group", &[name.to_owned()]);
        for metric in page.metrics.iter().filter(|metric| group(&metric.name) == name) {
            match runs.len() {
                0..=2 => pairwise(&runs, metric, &mut table),
                _ => run_by_run(&runs, metric, &mut table),
            }
        }
    }
    table.end()
}

/// What a difference is, in five cells.
fn told(difference: Option<Difference>) -> [String; 5] {
    let Some(difference) = difference else {
        return ["none", "none", "none", "", ""].map(str::to_owned);
    };
    let verdict = match difference.verdict() {
        Verdict::Equal => "equal",
        Verdict::Negligible => "negligible",
        Verdict::Chance => "may be chance",
        Verdict::Differs => "differs",
    };
    [
        signed(difference.absolute),
        signed(difference.percent.unwrap_or(f64::NAN)),
        interval(difference.interval_95, signed),
        count(difference.pairs),
        verdict.to_owned(),
    ]
}

/// Heads of those cells.
const TOLD: [&str; 5] = ["Difference", "in %", "95 % confidence interval", "Pairs", "~Verdict"];

/// Two runs: one row for each metric.
fn pairwise(runs: &[String], metric: &ComparedMetric, table: &mut Table) {
    let mut cells = vec![metric.name.clone(), metric.unit.clone()];
    cells.extend((0..runs.len()).map(|i| maybe(metric.values.get(i).copied().flatten())));
    let difference = metric.differences.first().copied().flatten();
    if runs.len() > 1 {
        cells.extend(told(difference));
    }
    table.row_of(class(difference), &cells);
}

/// More than two runs: one row for each run of each metric.
fn run_by_run(runs: &[String], metric: &ComparedMetric, table: &mut Table) {
    for (i, run) in runs.iter().enumerate() {
        let value = maybe(metric.values.get(i).copied().flatten());
        let mut cells = vec![metric.name.clone(), metric.unit.clone(), run.clone(), value];
        let difference = i.checked_sub(1).and_then(|i| metric.differences.get(i).copied());
        match i {
            0 => cells.extend(["", "", "", "", ""].map(str::to_owned)),
            _ => cells.extend(told(difference.flatten())),
        }
        table.row_of(class(difference.flatten()), &cells);
    }
}

/// A row stands out where its difference can be told from zero and is not negligible.
fn class(difference: Option<Difference>) -> &'static str {
    match difference {
        Some(d) if d.distinguishable == Some(true) && d.verdict() == Verdict::Differs => "change",
        _ => "",
    }
}
