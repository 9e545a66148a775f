//! A study as the user writes it: a scenario, what is varied in it, and what is asked for. Not how it
//! is carried out.

use crate::design::{Axis, Combine, Design, Sampling, Value};
use crate::doubts::{self, Doubted};
use crate::months;
use crate::names::Names;
use crate::settings;
use gridtwin_twin::scenario::{
    Base, Id, Override, PartMonths, Scenario, ScenarioError, Source, read_ron,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// No study has more runs than this.
const MOST_RUNS: u64 = 10_000_000;

/// So many points are looked at for a metric that the base does not have.
const NAMED_POINTS: u64 = 64;

/// A study's file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// A short name; also the name of the results folder.
    pub name: Id,
    /// What the study is about; shown on its report page.
    #[serde(default)]
    pub description: String,
    /// The scenario file that is varied, relative to the folder of the study.
    pub base: PathBuf,
    /// Each run lasts this many days instead of what the scenario says.
    #[serde(default)]
    pub days: Option<u32>,
    /// The first seed instead of the scenario's.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Values that are set in every run, as `PATH=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// The varied parameters.
    #[serde(default)]
    pub axes: Vec<Axis>,
    /// How the values of listed axes are combined.
    #[serde(default)]
    pub combine: Combine,
    /// Number of samples drawn for axes that are distributions.
    #[serde(default)]
    pub samples: usize,
    /// How samples are drawn.
    #[serde(default)]
    pub sampling: Sampling,
    /// Number of random seeds with which each point is run; the same seeds at every point.
    #[serde(default = "default_replicates")]
    pub replicates: u32,
    /// Metrics to keep, in this order: names, or beginnings as in `energy.*`; by default all.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// The axis by whose values the study is compared when it is finished, as `gridtwin compare --by`
    /// does.
    #[serde(default)]
    pub compare: Option<String>,
    /// Where all this was written.
    #[serde(skip)]
    pub source: Source,
}

fn default_replicates() -> u32 {
    1
}

/// The columns that say which run a row is, and why it failed.
const OWN_COLUMNS: [&str; 6] = ["run", "point", "replicate", "seed", "id", "error"];

/// A study that has been read and checked, with its points.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the file says.
    pub study: Study,
    /// The scenario as it is without any axis.
    pub base: Scenario,
    /// What is set in every run.
    pub set: Vec<Override>,
    /// The points.
    pub design: Design,
    /// The base as it was when the study was read, with the data files that its runs read: an edit
    /// while the study runs changes nothing.
    text: Base,
}

/// Refuses a number of days that no run can have, at the field that sets it.
pub(crate) fn check_days(
    source: &Source,
    field: &str,
    days: Option<u32>,
) -> Result<(), ScenarioError> {
    let most = Scenario::MOST_DAYS;
    match days {
        Some(0) => Err(source.error_at(
            field,
            "found 0 days, expected at least 1",
            "write 1 for one day, which is the shortest run, or leave `days` out",
        )),
        Some(days) if days > most => {
            let message = format!("found {days} days, expected {most} at most");
            Err(source.error_at(field, &message, "a run may last a century at most"))
        }
        _ => Ok(()),
    }
}

/// One run of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOf {
    /// Its number, from 0.
    pub run: u64,
    /// The number of its point.
    pub point: u64,
    /// Which of the point's seeds, from 0.
    pub replicate: u32,
    /// The seed.
    pub seed: u64,
}

impl Plan {
    /// Reads a study and checks all that can be checked before its first run: the file, the scenario,
    /// and that every axis has a place there.
    ///
    /// # Errors
    /// Where something is wrong; it says where, why and what to do.
    pub fn load(file: &Path) -> Result<Self, ScenarioError> {
        let (study, source): (Study, Source) = read_ron(file, "study")?;
        Self::new(Study { source, ..study })
    }

    /// Checks a study.
    ///
    /// # Errors
    /// As [`Plan::load`].
    pub fn new(study: Study) -> Result<Self, ScenarioError> {
        let wrong =
            |path: &str, message: &str, help: &str| Err(study.source.error_at(path, message, help));
        let mut set = Vec::new();
        for (i, text) in study.set.iter().enumerate() {
            match text.parse::<Override>() {
                Ok(change) => set.push(change),
                Err(why) => return wrong(&format!("set[{i}]"), &why, ""),
            }
        }
        if study.replicates == 0 {
            return wrong(
                "replicates",
                "found 0, expected 1 or more",
                "write `replicates: 1` to run each point with one seed",
            );
        }
        for (i, axis) in study.axes.iter().enumerate() {
            if ["seed", "days"].contains(&axis.path.as_str()) {
                let help = match axis.path.as_str() {
                    "days" => "write `days: ..` beside `axes`: it holds for all runs",
                    _ => {
                        "write `replicates: ..` beside `axes` to run each point with several seeds"
                    }
                };
                let message = format!("`{}` cannot be an axis", axis.path);
                return wrong(&format!("axes[{i}].path"), &message, help);
            }
            if OWN_COLUMNS.contains(&axis.name()) {
                let message = format!("every results table already has a column `{}`", axis.name());
                return wrong(&format!("axes[{i}].name"), &message, "give the axis another name");
            }
        }
        check_days(&study.source, "days", study.days)?;
        let text = Base::named(&study.source, "base", &study.base)?;
        let base = text.scenario(&set, study.days, study.seed)?;
        // Read now, so that all runs have them as they are when the study begins.
        for file in base.files() {
            // What cannot be read fails the runs that need it, and they say why.
            let _ = base.source.read(&file);
        }
        let design =
            Design::new(&study.axes, study.combine, study.samples, study.sampling, base.seed);
        let design = match design {
            Ok(design) => design,
            Err(error) => {
                let named = |axis: &Axis| error.axis() == Some(axis.name());
                let axis = study.axes.iter().position(named);
                let path = axis.map_or("axes".to_owned(), |axis| format!("axes[{axis}]"));
                return wrong(&path, &error.to_string(), "");
            }
        };
        let runs = (design.len() as u64).checked_mul(u64::from(study.replicates));
        if runs.is_none_or(|runs| runs > MOST_RUNS) {
            let message = format!(
                "found {} points with {} runs each, expected at most {MOST_RUNS} runs in total",
                design.len(),
                study.replicates
            );
            let help = "list fewer values, or draw them from distributions with `samples`";
            return wrong("axes", &message, help);
        }
        if base.seed.checked_add(u64::from(study.replicates)).is_none() {
            return wrong(
                "replicates",
                "too many replicates: the last seed exceeds the largest possible number",
                "start from a lower `seed`",
            );
        }
        if let Some(axis) = &study.compare {
            let at = study.axes.iter().position(|of| of.name() == axis);
            let values = at.and_then(|at| Some(design.columns().get(at)?.values().len()));
            match values {
                None => {
                    let names: Vec<&str> = study.axes.iter().map(Axis::name).collect();
                    let message = format!("found `{axis}`, expected the name of an axis");
                    let help = format!("axes of this study: {}", names.join(", "));
                    return wrong("compare", &message, &help);
                }
                Some(0 | 1) => {
                    let message = format!("the axis `{axis}` has one value: nothing to compare");
                    return wrong("compare", &message, "give it two values or more");
                }
                Some(_) => {}
            }
        }
        let plan = Self { base, set, design, text, study };
        plan.check_axes()?;
        plan.check_metrics()?;
        Ok(plan)
    }

    /// Whether every axis has a place in the scenario: the first point's values, one by one.
    fn check_axes(&self) -> Result<(), ScenarioError> {
        for (i, axis) in self.study.axes.iter().enumerate() {
            let Some(value) = self.value(0, i) else { continue };
            let at = format!("axes[{i}].path");
            let wrong =
                |why: &dyn std::fmt::Display| self.study.source.error_at(&at, &why.to_string(), "");
            let pair = (axis.path.trim(), value);
            let change = settings::overrides([pair]).map_err(|why| wrong(&why))?;
            let all = [self.set.as_slice(), &change].concat();
            // What other axes make right is no error: only a place that is not there is one.
            if let Err(error) = self.text.scenario(&all, self.study.days, self.study.seed)
                && self.scenario_at(0, self.base.seed).is_err()
            {
                return Err(wrong(&error));
            }
        }
        Ok(())
    }

    fn check_metrics(&self) -> Result<(), ScenarioError> {
        for (i, name) in self.study.metrics.iter().enumerate() {
            let stem = name.strip_suffix('*').unwrap_or(name);
            if stem.is_empty() || stem.contains('*') {
                let at = format!("metrics[{i}]");
                let message = format!(
                    "found `{name}`, expected the name of a metric, or its beginning and a final \
                     `*`"
                );
                let help = "write energy.import_kwh, or energy.* for all metrics with this prefix";
                return Err(self.study.source.error_at(&at, &message, help));
            }
        }
        self.check_names()
    }

    /// Whether runs have the metrics that are asked for.
    fn check_names(&self) -> Result<(), ScenarioError> {
        let wanted = &self.study.metrics;
        if wanted.is_empty() {
            return Ok(());
        }
        // A day is as good as a year: what there is to measure does not hang on how long.
        let base = self.text.scenario(&self.set, Some(1), self.study.seed).ok();
        let base = base.as_ref().and_then(Names::of);
        let mut unknown: Vec<usize> = (0..wanted.len()).collect();
        unknown.retain(|i| !base.as_ref().is_some_and(|names| names.have(&wanted[*i])));
        // An axis may add what is measured, as a list of consensus groups does.
        let mut some = base;
        for point in 0..(self.design.len() as u64).min(NAMED_POINTS) {
            if unknown.is_empty() {
                return Ok(());
            }
            let scenario = self.scenario_of(point, Some(1), self.base.seed).ok();
            if let Some(names) = scenario.as_ref().and_then(Names::of) {
                unknown.retain(|i| !names.have(&wanted[*i]));
                some.get_or_insert(names);
            }
        }
        match (unknown.first(), some) {
            (Some(i), Some(names)) => {
                let (message, help) = names.refuse(&wanted[*i]);
                Err(self.study.source.error_at(&format!("metrics[{i}]"), &message, &help))
            }
            // Where nothing can be run each run's row says why.
            _ => Ok(()),
        }
    }

    /// What an axis is set to at a point.
    pub fn value(&self, point: u64, axis: usize) -> Option<&Value> {
        let column = self.design.columns().get(axis)?;
        column.values().get(self.design.level(point as usize, axis)?)
    }

    /// How months are billed of which a run covers only a part, where something is paid by the month
    /// and they are billed whole; nothing where that cannot mislead.
    pub fn billing_note(&self) -> Option<String> {
        let tariff = &self.base.grid.as_ref()?.tariff;
        let paid = tariff.demand_price_per_kw.get() > 0.0 || tariff.fixed_per_month.get() > 0.0;
        if !paid || tariff.part_months != PartMonths::Whole {
            return None;
        }
        let (months, whole) = months::touched(&self.base);
        (!whole).then(|| {
            format!(
                "demand and fixed charges of {months} month{} in full, although the run lasts only \
                 {} day{}; to bill them in proportion to the days, set \
                 `grid.tariff.part_months=ByDay`",
                if months == 1 { "" } else { "s" },
                self.base.days,
                if self.base.days == 1 { "" } else { "s" },
            )
        })
    }

    /// What is allowed but probably a mistake, or without effect, in the scenarios of the study: in the
    /// base with what is set in every run, and in up to 64 points that are spread over the design. Each
    /// distinct warning once; a point that makes no scenario is left out, its runs say why.
    pub fn scenario_warnings(&self) -> Vec<String> {
        let points = doubts::spread(self.design.len()).into_iter();
        let points = points.filter_map(|at| {
            let scenario = self.scenario_at(at as u64, self.base.seed).ok()?;
            let set = self.design.settings(at).unwrap_or_default();
            let meant = set.into_iter().any(|(path, value)| doubts::is_meant(path.trim(), value));
            Some(Doubted { scenario, all: !meant })
        });
        let base = Doubted { scenario: self.base.clone(), all: true };
        doubts::of_all(std::iter::once(base).chain(points))
    }

    /// How many runs there are.
    pub fn runs(&self) -> u64 {
        self.design.len() as u64 * u64::from(self.study.replicates)
    }

    /// The run of this number: all seeds of a point follow each other.
    pub fn run(&self, run: u64) -> RunOf {
        let replicates = u64::from(self.study.replicates);
        let replicate = (run % replicates) as u32;
        let seed = self.base.seed + u64::from(replicate);
        RunOf { run, point: run / replicates, replicate, seed }
    }

    /// The scenario of a point, with a seed.
    ///
    /// # Errors
    /// Where the point's values make no scenario.
    pub fn scenario_at(&self, point: u64, seed: u64) -> Result<Scenario, ScenarioError> {
        self.scenario_of(point, self.study.days, seed)
    }

    fn scenario_of(
        &self,
        point: u64,
        days: Option<u32>,
        seed: u64,
    ) -> Result<Scenario, ScenarioError> {
        let mut set = self.set.clone();
        // Paths and values were checked when the study was read.
        let at_point = self.design.settings(point as usize).unwrap_or_default();
        let at_point = settings::overrides(at_point);
        set.extend(at_point.map_err(|why| self.study.source.error_at("axes", &why, ""))?);
        self.text.scenario(&set, days, Some(seed))
    }
}
