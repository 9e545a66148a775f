//! Why a run's directory could not be written.

use std::io;
use std::path::PathBuf;

/// What can go wrong while a run's directory is written. Nothing of it is left behind then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target's name cannot be used for a directory.
    #[error("{0}: this path has no last part that a directory could be called")]
    NoName(PathBuf),
    /// The target exists and was not written by a run.
    #[error(
        "{0}: this exists and holds no run.json, so it is no run's directory and is not replaced; \
         choose another --out or remove it"
    )]
    NotARun(PathBuf),
    /// The target holds something that no run writes.
    #[error(
        "{0}: no run writes a file of this name, and replacing the run's directory would delete it; \
         move it elsewhere or choose another --out"
    )]
    NotOurs(PathBuf),
    /// A file or directory could not be made, written or renamed.
    #[error("{path}: {source}")]
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
    #[error("line {line} of the summary: {reason}")]
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

impl Error {
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
