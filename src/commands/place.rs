//! Where a run's report goes, and what it may replace there. The same scenario with the same
//! settings replaces its own report; another variant's is replaced with a word on standard error;
//! another scenario's is not replaced unless the user has chosen the folder or says `--force`; and
//! what is no run's folder is never touched.

use crate::arguments::Changes;
use crate::failure::Failure;
use std::path::{Path, PathBuf};

/// What a run is: enough to tell whether a report that is there already is of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The scenario's file, absolute where it is one.
    pub(crate) file: String,
    /// What the command line sets, as in `--days 3`.
    pub(crate) settings: Vec<String>,
    /// The scenario as resolved: the text of `scenario.ron`.
    pub(crate) resolved: String,
}

/// How far the user has agreed to a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The folder is the default one.
    Default,
    /// The folder was chosen, or everything may be replaced.
    Chosen,
}

/// The settings of a command line in a fixed order.
pub(crate) fn settings(changes: &Changes) -> Vec<String> {
    let days = changes.days.map(|days| format!("--days {days}"));
    let seed = changes.seed.map(|seed| format!("--seed {seed}"));
    let sets = changes.set.iter().map(|set| format!("--set {set}"));
    days.into_iter().chain(seed).chain(sets).collect()
}

/// The file of a scenario by the name that the user gave it.
pub(crate) fn absolute(name: &str) -> String {
    let path = Path::new(name);
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole.display().to_string()
}

/// Looks at the folder before the run: refuses what must not be replaced, and gives the sentence
/// that says what will be, where that is not the same run's report.
///
/// # Errors
/// A folder that cannot be written, is no run's, or holds another scenario's report that the user
/// did not agree to replace.
pub(crate) fn examine(
    out: &Path,
    identity: &Identity,
    consent: Consent,
) -> Result<Option<String>, Failure> {
    can_hold_a_report(out)?;
    let Some(there) = Earlier::read(out) else { return Ok(None) };
    let same = there.resolved.as_ref() == Some(&identity.resolved);
    let same_file = there.file.as_deref() == Some(identity.file.as_str());
    if same || (same_file && there.settings == identity.settings) {
        return Ok(None);
    }
    let shown = out.display();
    let other_file = there.file.as_ref().filter(|file| !same_file && Path::new(file).is_file());
    if let (Some(file), Consent::Default) = (other_file, consent) {
        return Err(Failure::input(format_args!(
            "{shown}: this folder holds the report of {file}, a different scenario file whose `name` is \
             the same; choose another folder with --out DIR, or replace that report with --force"
        )));
    }
    Ok(Some(format!(
        "{shown}: the new report replaces an earlier report (of {}); to keep both, choose another \
         folder with --out DIR",
        there.description(same_file)
    )))
}

/// A report that is there already.
struct Earlier {
    name: String,
    file: Option<String>,
    settings: Vec<String>,
    resolved: Option<String>,
}

impl Earlier {
    /// Reads what says whose report it is; nothing where there is none.
    fn read(out: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(out.join("run.json")).ok()?;
        // One that cannot be read, or lacks these, is of another version: it may be anyone's.
        let run: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let texts = run["settings"].as_array().into_iter().flatten();
        Some(Self {
            name: run["name"].as_str().unwrap_or("another run").to_owned(),
            file: run["file"].as_str().filter(|file| !file.is_empty()).map(str::to_owned),
            settings: texts.filter_map(|text| text.as_str().map(str::to_owned)).collect(),
            resolved: std::fs::read_to_string(out.join("scenario.ron")).ok(),
        })
    }

    fn description(&self, same_file: bool) -> String {
        let settings = match self.settings.is_empty() {
            true if same_file => " without --set, --days or --seed".to_owned(),
            true => String::new(),
            false => format!(" with {}", self.settings.join(" ")),
        };
        format!("{}{settings}", self.file.as_ref().unwrap_or(&self.name))
    }
}

/// Two runs must not write to one place: gives the indices of the first two that would.
pub(crate) fn two_of_one_place(places: &[PathBuf]) -> Option<(usize, usize)> {
    let earlier = |later: usize| places[..later].iter().position(|place| *place == places[later]);
    (0..places.len()).find_map(|later| earlier(later).map(|earlier| (earlier, later)))
}

/// Whether a report can be written there and destroys nothing but an older report. Leaves nothing.
pub(crate) fn can_hold_a_report(out: &Path) -> Result<(), Failure> {
    let refuse = |why: String| {
        let out = out.display();
        Err(Failure::input(format_args!("{out}: {why}; choose another folder with --out DIR")))
    };
    let whole = std::path::absolute(out).map_err(Failure::work)?;
    let existing = whole.ancestors().find(|path| path.symlink_metadata().is_ok());
    let existing = existing.unwrap_or(Path::new("/"));
    if !existing.is_dir() {
        return refuse(format!("{} is a file, expected a folder", existing.display()));
    }
    if existing == whole {
        gridtwin_reports::check_target(out)?;
    }
    // The report is made beside its folder first; behind a link, beside what it leads to.
    let behind = existing.canonicalize().map_err(Failure::work)?;
    let beside = if existing == whole { behind.parent().unwrap_or(&behind) } else { &behind };
    match tempfile::tempdir_in(beside) {
        Ok(_) => Ok(()),
        Err(error) => refuse(format!("nothing can be written to {}: {error}", beside.display())),
    }
}
