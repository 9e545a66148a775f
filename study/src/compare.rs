//! Runs side by side: groups of runs, what each metric comes to in them, and how far they are from
//! the first one, paired where runs have the same seed and settings.

use crate::error::Error;
use crate::identity::VERSION;
use crate::stats;
use gridtwin_reports::pages::{
    ComparePage, ComparedMetric, ComparedRun, Difference, Fact, Setting,
};
use gridtwin_reports::{Field, Kind, Sheet, Summary, dictionary_csv};
use gridtwin_twin::Scenario;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What differs by less than this share is the same.
const ROUNDING: f64 = 1e-9;

/// Runs that differ by what they are paired by alone: seeds, and settings that all groups share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Names and units of its metrics, in order.
    pub metrics: Vec<(String, String)>,
    /// Its runs: what pairs them, and their metrics.
    pub runs: BTreeMap<String, Vec<Option<f64>>>,
    /// What was set, by path; for a run alone.
    pub settings: BTreeMap<String, String>,
    /// Runs that failed and count nowhere.
    pub failed: usize,
}

/// A comparison worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// For its page.
    pub page: ComparePage,
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
                _ => Some(difference.map_or(0.0, |d| d.pairs as f64)),
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
fn fields() -> Vec<Field> {
    [
        ("metric", Kind::Text, "What is compared"),
        ("unit", Kind::Text, "The unit of the values and of their difference"),
        ("first", Kind::Text, "What the other is compared with"),
        ("second", Kind::Text, "What is compared with it"),
        ("first_value", Kind::Number, "The metric's mean over the first one's runs"),
        ("second_value", Kind::Number, "Its mean over the second one's runs"),
        ("difference", Kind::Number, "Second less first, pair by pair, and the mean of that"),
        ("percent", Kind::Number, "The difference in percent of the first one"),
        ("low_95", Kind::Number, "Lower end of the 95 % confidence interval of the difference"),
        ("high_95", Kind::Number, "Its upper end"),
        ("pairs", Kind::Whole, "How many pairs of runs there are"),
    ]
    .map(|(name, kind, meaning)| Field::new(name, kind, meaning))
    .into()
}

/// Reads what is to be compared: directories of runs and of studies; or one study, whose runs are
/// taken apart by the values of one axis.
///
/// # Errors
/// Where a directory holds neither, or the axis is not there.
pub fn compare(folders: &[PathBuf], by: Option<&str>) -> Result<Compared, Error> {
    let groups = match by {
        Some(axis) => {
            let [folder] = folders else {
                let why = "--by takes one study's directory apart: name one";
                return Err(Error::Parts(why.to_owned()));
            };
            by_axis(folder, axis)?
        }
        None => folders.iter().map(|folder| group(folder)).collect::<Result<_, _>>()?,
    };
    if groups.len() < 2 {
        let why = match by {
            Some(axis) => format!("{axis} has only one value in {}", folders[0].display()),
            None => "there is nothing to compare with: name two directories, or one study's with \
                     --by AXIS"
                .to_owned(),
        };
        return Err(Error::Parts(why));
    }
    Ok(Compared { page: page(&told_apart(groups, folders)) })
}

/// Groups of the same name are called by their directories.
fn told_apart(mut groups: Vec<Group>, folders: &[PathBuf]) -> Vec<Group> {
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    for (i, group) in groups.iter_mut().enumerate() {
        if names.iter().filter(|name| **name == group.name).count() > 1
            && let Some(folder) = folders.get(i)
        {
            group.name = folder.display().to_string();
        }
    }
    groups
}

/// A directory as one group.
fn group(folder: &Path) -> Result<Group, Error> {
    if folder.join("study.json").is_file() {
        let results = Results::read(folder)?;
        let name = results.name.clone();
        return Ok(results.group(name, |_| true, None));
    }
    run(folder)
}

/// A run's directory.
fn run(folder: &Path) -> Result<Group, Error> {
    let path = folder.join("summary.csv");
    if !path.is_file() {
        return Err(Error::NotAStudy {
            path: folder.to_owned(),
            what: "holds neither a run (summary.csv) nor a study (study.json)".to_owned(),
        });
    }
    let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let summary = Summary::from_csv(&text)
        .map_err(|error| Error::Io { path: path.clone(), reason: error.to_string() })?;
    let metrics = summary.metrics.iter().map(|m| (m.name.clone(), m.unit.clone())).collect();
    let values = summary.metrics.iter().map(|metric| metric.value).collect();
    let scenario = Scenario::load(&folder.join("scenario.ron"));
    let (name, settings) = match &scenario {
        Ok(scenario) => (scenario.name.to_string(), settings(scenario)),
        // Older or newer scenarios may not be understood; their figures still are.
        Err(_) => (folder.display().to_string(), BTreeMap::new()),
    };
    Ok(Group {
        name,
        metrics,
        runs: BTreeMap::from([(String::new(), values)]),
        settings,
        failed: 0,
    })
}

/// A study's runs apart by an axis.
fn by_axis(folder: &Path, axis: &str) -> Result<Vec<Group>, Error> {
    if !folder.join("study.json").is_file() {
        return Err(Error::NotAStudy {
            path: folder.to_owned(),
            what: "holds no finished study (study.json)".to_owned(),
        });
    }
    let results = Results::read(folder)?;
    let Some(column) = results.axes.iter().position(|name| name == axis) else {
        let known = results.axes.join(", ");
        let why = format!("{} has no axis {axis}; its axes are {known}", folder.display());
        return Err(Error::Parts(why));
    };
    let mut values: Vec<String> = Vec::new();
    for row in &results.rows {
        if !values.contains(&row.axes[column]) {
            values.push(row.axes[column].clone());
        }
    }
    let group = |value: &String| {
        let name = format!("{axis} = {value}");
        let mut group = results.group(name, |row| row.axes[column] == *value, Some(column));
        group.settings.insert(axis.to_owned(), value.clone());
        group
    };
    Ok(values.iter().map(group).collect())
}

/// A study's `results.csv`.
struct Results {
    name: String,
    axes: Vec<String>,
    metrics: Vec<Named>,
    rows: Vec<ResultRow>,
}

struct ResultRow {
    axes: Vec<String>,
    seed: String,
    metrics: Vec<Option<f64>>,
    failed: bool,
}

#[derive(serde::Deserialize)]
struct About {
    name: String,
    axes: Vec<Named>,
    metrics: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: String,
    unit: String,
}

impl Results {
    fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("study.json");
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        let about: About = serde_json::from_str(&text)
            .map_err(|error| Error::Io { path: path.clone(), reason: error.to_string() })?;
        let path = folder.join("results.csv");
        let wrong = |reason: String| Error::Io { path: path.clone(), reason };
        let mut reader = csv::Reader::from_path(&path).map_err(|error| wrong(error.to_string()))?;
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        let place = |name: &str| {
            let found = header.iter().position(|column| column == name);
            found.ok_or_else(|| wrong(format!("lacks the column {name}")))
        };
        let places = |columns: &[Named]| -> Result<Vec<usize>, Error> {
            columns.iter().map(|column| place(&column.name)).collect()
        };
        let (axes, metrics) = (places(&about.axes)?, places(&about.metrics)?);
        let (seed, error) = (place("seed")?, place("error")?);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let text = |at: usize| record.get(at).unwrap_or_default();
            rows.push(ResultRow {
                axes: axes.iter().map(|at| text(*at).to_owned()).collect(),
                seed: text(seed).to_owned(),
                metrics: metrics.iter().map(|at| text(*at).parse().ok()).collect(),
                failed: !text(error).is_empty(),
            });
        }
        let axes = about.axes.into_iter().map(|axis| axis.name).collect();
        Ok(Self { name: about.name, axes, metrics: about.metrics, rows })
    }

    /// The runs that `belongs` takes, paired by their seed and by all axes but `apart`.
    fn group(
        &self,
        name: String,
        belongs: impl Fn(&ResultRow) -> bool,
        apart: Option<usize>,
    ) -> Group {
        let all = self.rows.iter().filter(|row| belongs(row));
        let (failed, good): (Vec<_>, Vec<_>) = all.partition(|row| row.failed);
        let key = |row: &ResultRow| {
            let others = row.axes.iter().enumerate().filter(|(i, _)| Some(*i) != apart);
            let others: Vec<&str> = others.map(|(_, value)| value.as_str()).collect();
            format!("{}\u{1f}{}", others.join("\u{1f}"), row.seed)
        };
        Group {
            name,
            metrics: self
                .metrics
                .iter()
                .map(|metric| (metric.name.clone(), metric.unit.clone()))
                .collect(),
            runs: good.into_iter().map(|row| (key(row), row.metrics.clone())).collect(),
            settings: BTreeMap::new(),
            failed: failed.len(),
        }
    }
}

fn page(groups: &[Group]) -> ComparePage {
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let replicated = groups.iter().any(|group| group.runs.len() > 1);
    let mut facts = vec![Fact { label: "Version".to_owned(), text: VERSION.to_owned() }];
    for group in groups.iter().filter(|group| group.failed > 0) {
        let text = format!("{} of {}: they count nowhere", group.failed, group.name);
        facts.push(Fact { label: "Runs that failed".to_owned(), text });
    }
    let runs = groups
        .iter()
        .map(|group| ComparedRun { name: group.name.clone(), runs: group.runs.len() as u64 });
    let method = match replicated {
        true => vec![
            "A group's value is the mean of its runs. Differences are those of pairs of runs with \
             the same seed and settings; intervals are 95 % confidence intervals of their mean \
             (Student's t), and a difference can be told from zero where its interval does not \
             hold zero."
                .to_owned(),
        ],
        false => vec![
            "Each is a single run: whether a difference is more than chance is told by a study \
             with `replicates`."
                .to_owned(),
        ],
    };
    ComparePage {
        name: names.join(" against "),
        description: String::new(),
        facts,
        runs: runs.collect(),
        metrics: metrics(groups),
        settings: different_settings(groups),
        method,
    }
}

fn metrics(groups: &[Group]) -> Vec<ComparedMetric> {
    let mut order: Vec<&(String, String)> = Vec::new();
    for metric in groups.iter().flat_map(|group| &group.metrics) {
        if !order.iter().any(|known| known.0 == metric.0) {
            order.push(metric);
        }
    }
    let one = |(name, unit): &(String, String)| {
        let of = |group: &Group| -> BTreeMap<String, f64> {
            let Some(at) = group.metrics.iter().position(|metric| metric.0 == *name) else {
                return BTreeMap::new();
            };
            let known = |(key, values): (&String, &Vec<Option<f64>>)| {
                Some((key.clone(), values.get(at).copied().flatten()?))
            };
            group.runs.iter().filter_map(known).collect()
        };
        let all: Vec<BTreeMap<String, f64>> = groups.iter().map(of).collect();
        let mean = |of: &BTreeMap<String, f64>| {
            let sample: Vec<Option<f64>> = of.values().copied().map(Some).collect();
            stats::mean(&sample).map(|mean| mean.mean)
        };
        ComparedMetric {
            name: name.clone(),
            unit: unit.clone(),
            values: all.iter().map(mean).collect(),
            differences: all[1..].iter().map(|other| difference(&all[0], other)).collect(),
        }
    };
    order.into_iter().map(one).collect()
}

/// How far the second is from the first, over all pairs.
fn difference(first: &BTreeMap<String, f64>, second: &BTreeMap<String, f64>) -> Option<Difference> {
    let pairs: Vec<(f64, f64)> =
        first.iter().filter_map(|(key, a)| Some((*a, *second.get(key)?))).collect();
    let (a, b): (Vec<_>, Vec<_>) = pairs.iter().map(|(a, b)| (Some(*a), Some(*b))).unzip();
    let told = stats::paired_difference(&a, &b)?;
    let base = stats::mean(&a)?.mean;
    let scale = pairs.iter().fold(0.0f64, |most, (a, b)| most.max(a.abs()).max(b.abs()));
    if pairs.iter().all(|(a, b)| (a - b).abs() <= ROUNDING * scale) {
        // The same sum in another order: that is no difference.
        let zero = (0.0, 0.0);
        let several = pairs.len() > 1;
        return Some(Difference {
            percent: Some(0.0),
            interval_95: several.then_some(zero),
            percent_interval_95: several.then_some(zero),
            pairs: pairs.len() as u64,
            distinguishable: several.then_some(false),
            ..Difference::default()
        });
    }
    let percent = |value: f64| (base != 0.0).then(|| 100.0 * value / base.abs());
    let interval = told.ci95.map(|interval| (interval.low, interval.high));
    Some(Difference {
        absolute: told.difference,
        percent: percent(told.difference),
        interval_95: interval,
        percent_interval_95: interval.and_then(|(low, high)| Some((percent(low)?, percent(high)?))),
        pairs: pairs.len() as u64,
        distinguishable: told.ci95.map(|interval| !interval.contains(0.0)),
    })
}

/// What is not set alike everywhere.
fn different_settings(groups: &[Group]) -> Vec<Setting> {
    let mut paths: Vec<&String> = groups.iter().flat_map(|group| group.settings.keys()).collect();
    paths.sort();
    paths.dedup();
    let setting = |path: &String| {
        let values: Vec<Option<String>> =
            groups.iter().map(|group| group.settings.get(path).cloned()).collect();
        let alike = values.iter().all(|value| *value == values[0]);
        (!alike).then(|| Setting { path: path.clone(), values })
    };
    paths.into_iter().filter_map(setting).collect()
}

/// All that a scenario sets, by path; things in lists by their id.
fn settings(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    // All that a scenario is made of has a form in JSON.
    if let Ok(value) = serde_json::to_value(scenario) {
        flatten(&value, String::new(), &mut all);
    }
    all
}

fn flatten(value: &serde_json::Value, path: String, all: &mut BTreeMap<String, String>) {
    use serde_json::Value::{Array, Null, Object, String as Text};
    let under = |name: &str| match path.as_str() {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Null => {}
        Object(fields) => {
            fields.iter().for_each(|(name, value)| flatten(value, under(name), all));
        }
        Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let id = item.get("id").and_then(|id| id.as_str());
                let path = id.map_or_else(|| format!("{path}[{i}]"), under);
                flatten(item, path, all);
            }
        }
        Text(text) => {
            all.insert(path, text.clone());
        }
        other => {
            all.insert(path, other.to_string());
        }
    }
}
