//! What is compared, from its directories: a run's summary, a study's results, a study taken apart by
//! one of its axes.

use super::settings::settings;
use super::worked::compared;
use super::{Compared, Group, Pairing};
use crate::error::Error;
use gridtwin_reports::Summary;
use gridtwin_twin::Scenario;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads what is to be compared: directories of runs and of studies; or one study, whose runs are
/// taken apart by the values of one axis.
///
/// # Errors
/// Where a directory holds neither, or the axis is not there.
pub fn compare(folders: &[PathBuf], by: Option<&str>) -> Result<Compared, Error> {
    let groups = match by {
        Some(axis) => {
            let [folder] = folders else {
                let why = "--by groups the runs of one study: give exactly one study folder";
                return Err(Error::Parts(why.to_owned()));
            };
            by_axis(folder, axis)?
        }
        None => folders.iter().map(|folder| group(folder)).collect::<Result<_, _>>()?,
    };
    if groups.len() < 2 {
        let why = match by {
            Some(axis) => format!(
                "the axis `{axis}` has only one value in {}, so there is nothing to compare",
                folders[0].display()
            ),
            None => {
                "only one run given: name at least two runs, or one study with --by AXIS".to_owned()
            }
        };
        return Err(Error::Parts(why));
    }
    Ok(compared(told_apart(groups, folders)))
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
        runs: BTreeMap::from([(Pairing::default(), values)]),
        days: None,
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
        let why = format!("{} has no axis `{axis}`; its axes are {known}", folder.display());
        return Err(Error::Parts(why));
    };
    let mut values: Vec<String> = Vec::new();
    for row in &results.rows {
        if !values.contains(&row.axes[column]) {
            values.push(row.axes[column].clone());
        }
    }
    // Of a policy with its settings the name is enough, where no other value has it.
    let stem = |value: &str| value.split('(').next().unwrap_or_default().to_owned();
    let short = |value: &String| {
        let like = values.iter().filter(|other| *other != value && stem(other) == stem(value));
        if like.count() == 0 { stem(value) } else { value.clone() }
    };
    let group = |value: &String| {
        let name = format!("{axis} = {}", short(value));
        let mut group = results.group(name, |row| row.axes[column] == *value, Some(column));
        group.settings.insert(axis.to_owned(), value.clone());
        group
    };
    Ok(values.iter().map(group).collect())
}

/// A study's `results.csv`.
struct Results {
    name: String,
    days: Option<f64>,
    axes: Vec<String>,
    /// Which axes' values were drawn at random.
    drawn: Vec<bool>,
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
    #[serde(default)]
    days: Option<f64>,
    axes: Vec<Named>,
    metrics: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: String,
    unit: String,
    #[serde(default)]
    drawn: bool,
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
            found.ok_or_else(|| wrong(format!("the column `{name}` is missing")))
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
        let drawn = about.axes.iter().map(|axis| axis.drawn).collect();
        let axes = about.axes.into_iter().map(|axis| axis.name).collect();
        Ok(Self { name: about.name, days: about.days, axes, drawn, metrics: about.metrics, rows })
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
            let values = |drawn: bool| {
                let of = |i: &usize| Some(*i) != apart && self.drawn[*i] == drawn;
                let of = (0..row.axes.len()).filter(of).map(|i| row.axes[i].as_str());
                of.collect::<Vec<_>>().join("\u{1f}")
            };
            Pairing { draw: format!("{}\u{1f}{}", row.seed, values(true)), chosen: values(false) }
        };
        Group {
            name,
            metrics: self
                .metrics
                .iter()
                .map(|metric| (metric.name.clone(), metric.unit.clone()))
                .collect(),
            runs: good.into_iter().map(|row| (key(row), row.metrics.clone())).collect(),
            days: self.days,
            settings: BTreeMap::new(),
            failed: failed.len(),
        }
    }
}
