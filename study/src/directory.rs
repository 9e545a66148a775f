//! A study's directory: its journal while it runs, and its results when it is over. Nothing that a
//! study has not written is ever replaced.

use crate::error::Error;
use crate::journal::JOURNAL;
use gridtwin_reports::{Sheet, dictionary_csv};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// All that a study's directory may hold beside its journal.
const RESULTS: [&str; 13] = [
    "cash_flow.csv",
    "cash_flow.parquet",
    "candidates.csv",
    "candidates.parquet",
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
