//! A study's directory: its journal while it runs, and its results when it is over. Nothing that a
//! study has not written is ever replaced.

use crate::error::Error;
use crate::journal::JOURNAL;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// All that a study's directory may hold beside its journal.
const RESULTS: [&str; 8] = [
    "candidates.csv",
    "front.csv",
    "optimization.json",
    "results.csv",
    "dictionary.csv",
    "report.html",
    "study.ron",
    "study.json",
];

/// Makes the directory, or takes an older study's: its results go, since they will not be true any
/// more; its journal stays.
pub(crate) fn prepare(folder: &Path) -> Result<(), Error> {
    let refuse = |what: &str| Error::NotAStudy { path: folder.to_owned(), what: what.to_owned() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return fs::create_dir_all(folder).map_err(Error::io(folder));
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(refuse("is a file")),
        Err(error) => return Err(Error::io(folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(Error::io(folder))?.file_name());
    }
    names.sort();
    let ours = |name: &std::ffi::OsString| {
        let ended = |of: &&str| name == *of || *name == *format!(".{of}.part");
        name == JOURNAL || RESULTS.iter().any(ended)
    };
    if let Some(other) = names.iter().find(|name| !ours(name)) {
        let what = format!("holds {}, which no study has written", other.display());
        return Err(refuse(&what));
    }
    for name in names.iter().filter(|name| *name != JOURNAL) {
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
