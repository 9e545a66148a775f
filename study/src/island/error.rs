//! What can be wrong with the input of a sizing study, said so that it can be mended.

use std::io;

/// Why a study's input was refused. Nothing is computed from input that was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read at all.
    #[error("{file}: {source}")]
    Read {
        /// The file as it was named.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line of the file is not what it should be.
    #[error("{file}:{line}: {message}")]
    Line {
        /// The file as it was named.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// What was found, and what was expected.
        message: String,
    },
    /// The traces are not equally long.
    #[error(
        "the time series differ in length: {load} rows of load_kw, {pv} of pv_per_kw, {wind} of \
         wind_per_kw"
    )]
    Lengths {
        /// Rows of load.
        load: usize,
        /// Rows of PV.
        pv: usize,
        /// Rows of wind.
        wind: usize,
    },
    /// The traces have no rows.
    #[error("the time series are empty: at least one row is needed")]
    Empty,
    /// A value of a trace is negative, not finite, or too large to be a power.
    #[error("{trace}, row {row}: {value} is not a number between 0 and 1e12")]
    Row {
        /// Which trace: `load_kw`, `pv_per_kw` or `wind_per_kw`.
        trace: &'static str,
        /// The row, counted from 1.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A parameter lies outside its range.
    #[error("{name} is {value}, but should be {expected}")]
    Parameter {
        /// The parameter, as the field is called.
        name: String,
        /// The value found.
        value: f64,
        /// The range, in words.
        expected: &'static str,
    },
}

/// `Ok` where `holds`, else an [`Error::Parameter`].
pub(super) fn require(
    holds: bool,
    name: &str,
    value: f64,
    expected: &'static str,
) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Parameter { name: name.into(), value, expected }) }
}

/// Refuses `value` unless it is finite and not negative.
pub(super) fn require_size(name: &str, value: f64) -> Result<(), Error> {
    require(value.is_finite() && value >= 0.0, name, value, "a finite number, 0 or more")
}

/// Refuses `value` unless it lies between 0 and 1.
pub(super) fn require_share(name: &str, value: f64) -> Result<(), Error> {
    require((0.0..=1.0).contains(&value), name, value, "a number between 0 and 1")
}
