//! What can go wrong with a study, beside what its runs tell in their rows.

use std::path::{Path, PathBuf};

/// Why a study could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A directory holds something else than a study.
    #[error("`{}` {what}; choose another folder", path.display())]
    NotAStudy {
        /// Which.
        path: PathBuf,
        /// What is there.
        what: String,
    },
    /// Runs of a study that is not finished would be discarded.
    #[error(
        "{}: {what}; to discard these runs and start again, add --restart; to keep them and start again, \
         choose another folder with --out DIR", path.display()
    )]
    Unfinished {
        /// Which directory.
        path: PathBuf,
        /// What is there.
        what: String,
    },
    /// Parts that do not make a whole.
    #[error("{0}")]
    Parts(String),
    /// A page could not be drawn, or a table not be written.
    #[error(transparent)]
    Reports(#[from] gridtwin_reports::Error),
}

impl Error {
    /// Whether what the user gave cannot be used, and nothing went wrong on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::NotAStudy { .. } | Self::Unfinished { .. } | Self::Parts(_) => true,
            Self::Reports(error) => error.is_input(),
            Self::Io { .. } => false,
        }
    }

    /// What happened to a file.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Io { path: path.clone(), reason: error.to_string() }
    }
}
