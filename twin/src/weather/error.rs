//! What can be wrong with weather, said so that it can be put right.

use crate::series::utc;
use std::fmt;
use std::path::PathBuf;

/// Why weather was refused. A file is refused whole: nothing of it is used.
#[derive(Debug, thiserror::Error)]
pub enum WeatherError {
    /// The file cannot be read at all.
    #[error("{}: {source}; check the path and its permissions", file.display())]
    Io {
        /// The file asked for.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The content is none of the formats known here, or its header lacks something.
    #[error("{0}")]
    Format(Box<Fault>),
    /// A value is missing, is no number, or cannot be.
    #[error("{0}")]
    Value(Box<Fault>),
    /// A time stamp is not the one that must follow: unsorted, doubled, or a gap.
    #[error("{0}")]
    Order(Box<Fault>),
    /// The file ends too early or in the middle of a day.
    #[error("{0}")]
    Cut(Box<Fault>),
    /// The run asks for weather that the file does not hold.
    #[error(
        "the weather covers {covered_days:.2} days from {}, but the run needs {}; set `start` and \
         `days` so that it lies within the covered days, or use weather of a whole year, which can be \
         used for any year",
        utc(*first_unix_s),
        utc(*asked_unix_s)
    )]
    NotCovered {
        /// The first instant that was asked for and is not there.
        asked_unix_s: i64,
        /// The first instant that is there.
        first_unix_s: i64,
        /// How many days there are.
        covered_days: f64,
    },
}

/// A place in a file and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, in characters from 1.
    pub column: usize,
    /// The column's or header field's name.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, found, expected, help } = self;
        write!(f, "{file}:{line}:{column}: {field}: found {found}, expected {expected}; {help}")
    }
}
