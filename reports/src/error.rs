//! Why a run's directory could not be written.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong while a run's directory is written. Nothing of it is left behind then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target's name cannot be used for a directory.
    #[error(
        "{0}: this path does not name a folder; choose another one, as in --out reports/out/site"
    )]
    NoName(PathBuf),
    /// The target exists and was not written by a run.
    #[error(
        "{0}: this folder holds no run.json of gridtwin, so it is not a report of gridtwin and is not \
         overwritten; choose another folder with --out DIR, or delete this one if you do not need it"
    )]
    NotARun(PathBuf),
    /// The target holds something that no run writes.
    #[error(
        "{0}: gridtwin did not write this file, and replacing the report in its folder would delete \
         it, so the folder is not overwritten; move the file elsewhere, or choose another folder with --out DIR"
    )]
    NotOurs(PathBuf),
    /// A file or directory could not be made, written or renamed.
    #[error("{path}: {source}{}", less_to_write(source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A table could not be written as Parquet.
    #[error("{path}: {reason}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A text that should be a `summary.csv` is none.
    #[error("line {line}: {reason}")]
    NotASummary {
        /// Where.
        line: u64,
        /// What was found, and what was expected.
        reason: String,
    },
    /// A plot could not be drawn.
    #[error("the plot {plot:?} of report.html could not be drawn: {reason}")]
    Plot {
        /// Which.
        plot: String,
        /// Why.
        reason: String,
    },
}

/// What to do where there is no room; nothing where something else is wrong.
fn less_to_write(error: &io::Error) -> &'static str {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            "; the report does not fit on this disk, and nothing of it was kept. Free some space, choose \
             another disk with --out DIR, or write fewer files: `--format html` omits the tables, \
             `--format csv` omits report.html, `--tasks 0` omits the rows of single tasks, and \
             `--decisions 0` omits the rows of single decisions"
        }
        _ => "",
    }
}

impl Error {
    /// Whether what the user gave cannot be used: a place that is no run's.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::NoName(_) | Self::NotARun(_) | Self::NotOurs(_))
    }

    /// The same error by the path that the user knows, where it names one in a directory that was to
    /// be renamed to `target`.
    #[must_use]
    pub(crate) fn told_in(mut self, beside: &Path, target: &Path) -> Self {
        if let Self::Io { path, .. } | Self::Parquet { path, .. } = &mut self
            && let Ok(file) = path.strip_prefix(beside)
        {
            *path = target.join(file);
        }
        self
    }

    /// An error of the CSV writer at a path: that of the file beneath it, where it is one.
    pub(crate) fn csv(path: impl Into<PathBuf>) -> impl FnOnce(csv::Error) -> Self {
        let path = path.into();
        move |error| {
            let source = match error.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => io::Error::other(format!("{other:?}")),
            };
            Self::Io { path, source }
        }
    }

    /// An input/output error at a path.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// A Parquet file that could not be written.
    #[cfg(feature = "parquet")]
    pub(crate) fn parquet(
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.into();
        move |error| Self::Parquet { path, reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_to_leave_out() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::FileTooLarge] {
            let told = Error::io("out/timeseries.csv")(kind.into()).to_string();
            assert!(told.starts_with("out/timeseries.csv: "), "{told}");
            for remedy in ["nothing of it was kept", "--out DIR", "--format csv", "--tasks 0"] {
                assert!(told.contains(remedy), "{told}");
            }
        }
        let other = Error::io("out")(io::ErrorKind::PermissionDenied.into()).to_string();
        assert!(!other.contains("--tasks"), "{other}");
    }
}
