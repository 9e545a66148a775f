//! Reading a scenario from a file or a text, and writing it out as it was resolved.

use super::check::check;
use super::error::ScenarioError;
use super::overrides::{Override, apply, replaced};
use super::scan::scan;
use super::slips;
use super::source::Source;
use super::text::{folder_of, near_from, read};
use super::understand::meaning;
use super::{Carbon, LoadProfile, Scenario, Sessions, Weather};
use crate::files::{Files, within};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// A scenario's text, read once, from which scenarios are made with other values. So are the data
/// files that these name: whatever is edited afterwards, they all come from the same base.
#[derive(Clone, Debug)]
pub struct Base(Source);

impl Base {
    /// Reads the text. Data files are read when a scenario first needs them.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        Ok(Self(source_of(path)?.holding(Some(Files::default()))))
    }

    /// Reads the text of the scenario that a field of another file names, as the `base` of a study.
    ///
    /// # Errors
    /// Where the file cannot be read; told at that field.
    pub fn named(of: &Source, field: &str, path: &Path) -> Result<Self, ScenarioError> {
        let file = of.resolve(path);
        Self::read(&file).map_err(|error| match error {
            ScenarioError::Unreadable { reason, help, .. } => {
                let near = near_from(of.folder(), &file).filter(|_| !file.exists());
                let help = near.map_or(help, |near| {
                    format!("did you mean `{}`?", near.display().to_string().replace('\\', "/"))
                });
                let message = match file.exists() {
                    true => format!("`{}`: {reason}", path.display()),
                    false => format!("there is no file `{}`", path.display()),
                };
                of.error_at(field, &message, &help)
            }
            other => other,
        })
    }

    /// The scenario in which some values are set.
    ///
    /// # Errors
    /// As [`Scenario::load_with`].
    pub fn scenario(
        &self,
        overrides: &[Override],
        days: Option<u32>,
        seed: Option<u64>,
    ) -> Result<Scenario, ScenarioError> {
        Scenario::from_source(self.0.clone(), overrides, days, seed)
    }
}

/// A scenario's text with its positions.
fn source_of(path: &Path) -> Result<Source, ScenarioError> {
    let (text, problem) = read(path, "scenario")?;
    let folder = folder_of(path);
    let source = Source::new(&path.display().to_string(), folder, &text);
    match problem {
        Some(problem) => Err(ScenarioError::new(&source, vec![problem])),
        None => Ok(source),
    }
}

impl Scenario {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// Where the file cannot be read or makes no scenario; it says where, why and what to do.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        Self::load_with(path, &[], None, None)
    }

    /// Reads and checks a scenario in which some values are set from outside.
    ///
    /// # Errors
    /// As [`Scenario::load`], and where an override has no place or no meaning.
    pub fn load_with(
        path: &Path,
        overrides: &[Override],
        days: Option<u32>,
        seed: Option<u64>,
    ) -> Result<Self, ScenarioError> {
        Self::from_source(source_of(path)?, overrides, days, seed)
    }

    /// Reads and checks a scenario from a text that is called `name` in errors. Files that it names
    /// are looked for from the current directory.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn parse(text: &str, name: &str) -> Result<Self, ScenarioError> {
        Self::parse_with(text, name, &[], None, None)
    }

    /// [`Scenario::parse`] with overrides.
    ///
    /// # Errors
    /// As [`Scenario::load_with`].
    pub fn parse_with(
        text: &str,
        name: &str,
        overrides: &[Override],
        days: Option<u32>,
        seed: Option<u64>,
    ) -> Result<Self, ScenarioError> {
        Self::from_source(Source::new(name, Path::new(""), text), overrides, days, seed)
    }

    pub(super) fn from_source(
        source: Source,
        overrides: &[Override],
        days: Option<u32>,
        seed: Option<u64>,
    ) -> Result<Self, ScenarioError> {
        // What cannot be read at all is told as it stands, not as a place that an override lacks.
        if let Some(problem) = slips::of_another_kind(&source) {
            return Err(ScenarioError::new(&source, vec![problem]));
        }
        if scan(source.text()).1.is_some() {
            understand(source.clone())?;
        }
        let days = days.map(|days| Override::flag("--days", "days", days.into()));
        let seed = seed.map(|seed| Override::flag("--seed", "seed", seed));
        let all: Vec<&Override> = overrides.iter().chain(&days).chain(&seed).collect();
        let set = all.iter().try_fold(source.clone(), |source, change| apply(&source, change));
        let scenario = set.and_then(understand).map_err(|error| {
            // A wrong value of the file is not made right by another in its place.
            own_mistake(&source, &all).unwrap_or(error)
        })?;
        let problems = within(scenario.source.files(), || check(&scenario));
        if problems.is_empty() {
            return Ok(scenario);
        }
        Err(ScenarioError::new(&scenario.source, problems))
    }

    /// The scenario as it was resolved: every default written out, every file by its whole path, so
    /// that it runs from anywhere.
    pub fn to_ron(&self) -> String {
        let mut resolved = self.clone();
        for path in resolved.paths_mut() {
            *path = absolute(&self.source.resolve(path));
        }
        let style = ron::ser::PrettyConfig::new().new_line("\n");
        // Nothing that a scenario is made of can fail to be written.
        let text = ron_options().to_string_pretty(&resolved, style);
        text.unwrap_or_default() + "\n"
    }

    /// What the scenario says with every default written out and every file as it is named there: the
    /// same text wherever it lies. With the contents of [`Scenario::files`] it is all that a run
    /// depends on.
    pub fn meaning(&self) -> String {
        // Nothing that a scenario is made of can fail to be written.
        ron_options().to_string(self).unwrap_or_default()
    }

    /// The files that the scenario names, by their paths from here.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut named = self.clone();
        named.paths_mut().map(|path| self.source.resolve(path)).collect()
    }

    /// The files that the scenario names.
    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let weather = match &mut self.weather {
            Weather::File { path } => Some(path),
            Weather::Synthetic { .. } => None,
        };
        let loads = self.loads.iter_mut().filter_map(|load| match &mut load.profile {
            LoadProfile::Csv(file) => Some(&mut file.path),
            LoadProfile::Constant { .. } | LoadProfile::Typical { .. } => None,
        });
        let cars = self.chargers.iter_mut().filter_map(|group| match &mut group.sessions {
            Sessions::Csv { path, .. } => Some(path),
            Sessions::Elaad { .. } | Sessions::Fleet { .. } => None,
        });
        let of_grid = self.grid.as_mut().map(|grid| {
            let carbon = std::iter::once(&mut grid.carbon).chain(&mut grid.marginal_carbon);
            (grid.tariff.files_mut(), carbon)
        });
        let (prices, grid) = of_grid.unzip();
        let cloud = self.cloud.as_mut().map(|cloud| &mut cloud.carbon);
        let carbon = grid.into_iter().flatten().chain(cloud).filter_map(|carbon| match carbon {
            Carbon::Csv(file) => Some(&mut file.path),
            Carbon::Constant { .. } | Carbon::DailyShape { .. } => None,
        });
        weather
            .into_iter()
            .chain(loads)
            .chain(cars)
            .chain(prices.into_iter().flatten())
            .chain(carbon)
    }
}

/// How RON is read and written here: `grid: (..)` is as good as `grid: Some((..))`, and the fields of a
/// variant's only content stand in the variant's own parentheses: `Csv(path: ..)`.
pub(crate) fn ron_options() -> ron::Options {
    plain_options().with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
}

fn plain_options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_default_extension(Extensions::UNWRAP_NEWTYPES)
}

/// How a file is read: studies keep both pairs of parentheses of `site: Twin((..))`.
pub(super) fn options_of(source: &Source) -> ron::Options {
    if source.kind() == "scenario" { ron_options() } else { plain_options() }
}

/// Reads a file that is written as scenarios are, but is something else: a study. What is wrong in
/// it is told as for scenarios, and the source tells where things stand.
///
/// # Errors
/// Where the file cannot be read or makes no `T`; it says where, why and what to do.
pub fn read_ron<T: DeserializeOwned>(
    path: &Path,
    kind: &'static str,
) -> Result<(T, Source), ScenarioError> {
    let (text, problem) = read(path, kind)?;
    let folder = folder_of(path);
    let source = Source::of_kind(kind, &path.display().to_string(), folder, &text);
    match problem {
        Some(problem) => Err(ScenarioError::new(&source, vec![problem])),
        None => match slips::of_another_kind(&source) {
            Some(problem) => Err(ScenarioError::new(&source, vec![problem])),
            None => Ok((meaning(&source)?, source)),
        },
    }
}

/// What is wrong in the file itself with a value in whose place another is set.
fn own_mistake(source: &Source, set: &[&Override]) -> Option<ScenarioError> {
    let error = understand(source.clone()).err()?;
    let mut places = set.iter().filter_map(|change| replaced(source, change));
    places.any(|span| error.is_within(&span)).then_some(error)
}

/// The scenario that a text says, unchecked.
pub(crate) fn understand(source: Source) -> Result<Scenario, ScenarioError> {
    let mut scenario: Scenario = meaning(&source)?;
    scenario.weather.follow_seasons(scenario.site.latitude_deg.get());
    Ok(Scenario { source, ..scenario })
}

/// A whole path, without `.` in it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
