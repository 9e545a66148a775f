//! Reading a scenario from a file or a text, and writing it out as it was resolved.

use super::check::check;
use super::error::{Problem, ScenarioError};
use super::explain::{explain, explain_broken, is_about_meaning};
use super::nearest::nearest;
use super::overrides::{Override, apply};
use super::scan::scan;
use super::source::Source;
use super::{Carbon, LoadProfile, Scenario, Sessions, Weather};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

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
        let (text, problem) = read(path, "scenario")?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let source = Source::new(&path.display().to_string(), folder, &text);
        match problem {
            Some(problem) => Err(ScenarioError::new(&source, vec![problem])),
            None => Self::from_source(source, overrides, days, seed),
        }
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
        mut source: Source,
        overrides: &[Override],
        days: Option<u32>,
        seed: Option<u64>,
    ) -> Result<Self, ScenarioError> {
        for change in overrides {
            source = apply(&source, change)?;
        }
        let days = days.map(|days| Override::flag("--days", "days", days.into()));
        let seed = seed.map(|seed| Override::flag("--seed", "seed", seed));
        for change in days.iter().chain(&seed) {
            source = apply(&source, change)?;
        }
        let scenario = understand(source)?;
        let problems = check(&scenario);
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
            Sessions::Csv { path } => Some(path),
            Sessions::Elaad { .. } | Sessions::Fleet { .. } => None,
        });
        let grid = self
            .grid
            .iter_mut()
            .flat_map(|grid| std::iter::once(&mut grid.carbon).chain(&mut grid.marginal_carbon));
        let cloud = self.cloud.as_mut().map(|cloud| &mut cloud.carbon);
        let carbon = grid.chain(cloud).filter_map(|carbon| match carbon {
            Carbon::Csv(file) => Some(&mut file.path),
            Carbon::Constant { .. } | Carbon::DailyShape { .. } => None,
        });
        weather.into_iter().chain(loads).chain(cars).chain(carbon)
    }
}

/// How RON is read and written here: `grid: (..)` is as good as `grid: Some((..))`, and the fields of a
/// variant's only content stand in the variant's own parentheses: `Csv(path: ..)`.
pub(crate) fn ron_options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_default_extension(Extensions::UNWRAP_NEWTYPES)
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
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
    let folder = path.parent().unwrap_or(Path::new(""));
    let source = Source::of_kind(kind, &path.display().to_string(), folder, &text);
    match problem {
        Some(problem) => Err(ScenarioError::new(&source, vec![problem])),
        None => Ok((meaning(&source)?, source)),
    }
}

/// The scenario that a text says, unchecked.
pub(crate) fn understand(source: Source) -> Result<Scenario, ScenarioError> {
    let scenario: Scenario = meaning(&source)?;
    Ok(Scenario { source, ..scenario })
}

/// What a text says.
fn meaning<T: DeserializeOwned>(source: &Source) -> Result<T, ScenarioError> {
    let options = ron_options();
    let mut track = serde_path_to_error::Track::new();
    let result =
        ron::Deserializer::from_str_with_options(source.text(), &options).and_then(|mut reader| {
            let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
            let said = T::deserialize(tracked).and_then(|said| {
                reader.end()?;
                Ok(said)
            });
            said.map_err(|error| reader.span_error(error))
        });
    let error = match result {
        Ok(said) => return Ok(said),
        Err(error) => error,
    };
    let problem = match scan(source.text()).1 {
        Some(broken) if !is_about_meaning(&error.code) => explain_broken(source, &broken),
        _ => explain(source, &error, &track.path()),
    };
    Err(ScenarioError::new(source, vec![problem]))
}

/// The text of a file, as far as it is text, and what is wrong with it if it is none.
fn read(path: &Path, kind: &str) -> Result<(String, Option<Problem>), ScenarioError> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, kind, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => {
            let unmarked = text.strip_prefix('\u{feff}').map(str::to_owned);
            Ok((unmarked.unwrap_or(text), None))
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let byte = error.as_bytes()[good];
            let problem = Problem::new(
                good..good + 1,
                format!("found the byte 0x{byte:02X}, expected text in UTF-8"),
                format!("save the file as UTF-8; if it is no text at all, it is no {kind}"),
            );
            Ok((text, Some(problem)))
        }
    }
}

fn unreadable(path: &Path, kind: &str, error: &std::io::Error) -> ScenarioError {
    use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
    let reason = match error.kind() {
        NotFound => "there is no such file".to_owned(),
        IsADirectory => format!("this is a folder, expected a {kind}'s file"),
        PermissionDenied => "this file may not be read".to_owned(),
        _ => error.to_string(),
    };
    let help = match (error.kind(), nearest_file(path)) {
        (NotFound, Some(name)) => {
            format!("did you mean `{}`?", path.with_file_name(name).display())
        }
        (PermissionDenied, _) => "see who owns it".to_owned(),
        _ => "name a file in RON, or write one with `gridtwin new NAME`".to_owned(),
    };
    ScenarioError::Unreadable { path: path.to_owned(), reason, help }
}

/// The scenario's file beside `path` whose name is most like it.
fn nearest_file(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".ron")).collect();
    names.sort();
    let wrong = path.file_name()?.to_str()?;
    nearest(wrong, names.iter().map(String::as_str)).map(str::to_owned)
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
