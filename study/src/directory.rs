//! A study's directory: its journal while it runs, and its results when it is over. Nothing that a
//! study has not written is ever replaced.

use crate::error::Error;
use crate::journal::{self, JOURNAL};
use crate::run::Row;
use gridtwin_reports::{Sheet, dictionary_csv};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// All that a study's directory may hold beside its journal.
const RESULTS: [&str; 17] = [
    "cash_flow.csv",
    "cash_flow.parquet",
    "candidates.csv",
    "candidates.parquet",
    "comparison.csv",
    "comparison.html",
    "failed.csv",
    "failed.parquet",
    "front.csv",
    "front.parquet",
    "optimization.json",
    "results.csv",
    "results.parquet",
    "dictionary.csv",
    "report.html",
    "study.ron",
    "study.json",
];

/// What is to become of the runs of a study that is not finished, where its directory holds some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Earlier {
    /// They are kept, and the study is refused.
    #[default]
    Refuse,
    /// They count, and only what is missing is run.
    Resume,
    /// They are discarded.
    Restart,
}

/// What stands in a study's directory before it is used.
#[derive(Debug)]
struct There {
    names: Vec<OsString>,
    /// Whether a study came to its end there.
    finished: bool,
    /// What it is called, where it has written that.
    name: Option<String>,
}

/// Looks at the directory, and changes nothing; nothing where there is none.
fn look(folder: &Path) -> Result<Option<There>, Error> {
    let refuse = |what: &str| Error::NotAStudy { path: folder.to_owned(), what: what.to_owned() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(refuse("is a file, not a folder"));
        }
        Err(error) => return Err(Error::io(folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(Error::io(folder))?.file_name());
    }
    names.sort();
    let ours = |name: &OsString| {
        let ended = |of: &&str| name == *of || *name == *format!(".{of}.part");
        (name == JOURNAL || RESULTS.iter().any(ended)) && !folder.join(name).is_dir()
    };
    if let Some(other) = names.iter().find(|name| !ours(name)) {
        let what = format!("holds `{}`, which is not a file of a gridtwin study", other.display());
        return Err(refuse(&what));
    }
    let about = ["study.json", "optimization.json"].map(|name| about(&folder.join(name)));
    let written = about.iter().flatten().next();
    let only_journal = names.iter().all(|name| name == JOURNAL);
    let known = written.is_some() || journal::is_ours(folder, only_journal);
    if let (false, Some(first)) = (known, names.first()) {
        let what = match names.iter().any(|name| name == "study.json") {
            true => "holds a `study.json` that gridtwin did not write".to_owned(),
            false => {
                format!("holds `{}`, but no `study.json` of a gridtwin study", first.display())
            }
        };
        return Err(refuse(&what));
    }
    // A search that was stopped says so.
    let finished = written.is_some_and(|about| about["finished_search"] != false);
    let name = written.and_then(|about| about["name"].as_str()).map(str::to_owned);
    Ok(Some(There { names, finished, name }))
}

/// What a study or an optimisation says of itself; nothing where gridtwin has not written it.
fn about(file: &Path) -> Option<serde_json::Value> {
    let about: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    let study = about["axes"].is_array() && about["metrics"].is_array() && about["runs"].is_u64();
    let search = about["finished_search"].is_boolean() && about["evaluated"].is_u64();
    let named = about["name"].is_string() && about["version"].is_string();
    (named && (study || search)).then_some(about)
}

/// The runs of a study that is not finished; none where it is, or where nothing is there.
///
/// # Errors
/// Where the directory cannot be read, or is no study's.
pub(crate) fn unfinished(folder: &Path) -> Result<Vec<Row>, Error> {
    match look(folder)? {
        Some(there) if !there.finished && there.names.iter().any(|name| name == JOURNAL) => {
            journal::rows(folder)
        }
        _ => Ok(Vec::new()),
    }
}

/// Makes the directory, or takes that of an earlier study called `name`: its results go, since they will
/// not be true any more; its journal stays. Results of a study of another name are not replaced.
pub(crate) fn prepare(folder: &Path, name: &str) -> Result<(), Error> {
    let Some(there) = look(folder)? else {
        return fs::create_dir_all(folder).map_err(Error::io(folder));
    };
    if let Some(other) = there.name.filter(|other| other != name) {
        let what = format!(
            "holds the results of a study named `{other}`, but this study is named `{name}`"
        );
        return Err(Error::NotAStudy { path: folder.to_owned(), what });
    }
    // What says whose directory it is goes last: a kill in between leaves it a study's.
    let (marks, others): (Vec<_>, Vec<_>) = there
        .names
        .iter()
        .filter(|name| *name != JOURNAL)
        .partition(|name| *name == "study.json" || *name == "optimization.json");
    for name in others.into_iter().chain(marks) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(Error::io(&path))?;
    }
    Ok(())
}

/// Writes a file whole or not at all.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let (beside, path) = (folder.join(format!(".{name}.part")), folder.join(name));
    fs::write(&beside, bytes).map_err(Error::io(&beside))?;
    fs::rename(&beside, &path).map_err(Error::io(&path))
}

/// Writes tables, each as CSV and as Parquet where that is built in, and what their columns mean.
pub(crate) fn write_tables<F: Fn(usize, usize, &mut Vec<u8>)>(
    folder: &Path,
    sheets: &[Sheet<'_, F>],
) -> Result<(), Error> {
    for sheet in sheets {
        write(folder, &format!("{}.csv", sheet.name), &sheet.to_csv())?;
        #[cfg(feature = "parquet")]
        write(folder, &format!("{}.parquet", sheet.name), &sheet.to_parquet()?)?;
    }
    let files = sheets.iter().map(|sheet| (sheet.name, sheet.fields));
    write(folder, "dictionary.csv", &dictionary_csv(files))
}
