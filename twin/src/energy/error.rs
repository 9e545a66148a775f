//! What can be wrong with what the energy parts are given: where it stands, what was found, what
//! was expected, and what to do.

use std::path::{Path, PathBuf};

/// Why an energy part could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EnergyError {
    /// A file cannot be read at all.
    #[error(
        "{}: cannot be read: {reason}; check the path, which is relative to the scenario file's \
         folder",
        file.display()
    )]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A place in a file holds what it must not.
    #[error("{}:{line}:{column}: found {found}, expected {expected}; {advice}", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The character in the line, from 1.
        column: u64,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
        /// What to do about it.
        advice: String,
    },
    /// A file has no column of the name.
    #[error(
        "{}:{line}:1: found no column {wanted:?}, expected {headers}{}", file.display(),
        nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default()
    )]
    UnknownColumn {
        /// The file.
        file: PathBuf,
        /// The line of the headers, from 1.
        line: u64,
        /// The name that was asked for.
        wanted: String,
        /// The names that there are, after "one of", or what to give where there are none.
        headers: String,
        /// The one that is nearest, if any is near.
        nearest: Option<String>,
    },
    /// A value of the scenario is impossible beside another one.
    #[error("{what}: found {found}, expected {expected}; {advice}")]
    Scenario {
        /// The part of the scenario.
        what: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
        /// What to do about it.
        advice: String,
    },
}

impl EnergyError {
    pub(crate) fn unreadable(file: &Path, reason: impl ToString) -> Self {
        Self::Unreadable { file: file.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn scenario(
        what: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::Scenario {
            what: what.into(),
            found: found.into(),
            expected: expected.into(),
            advice: advice.into(),
        }
    }
}
