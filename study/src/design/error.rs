//! Why a design can't be made, in words for whoever wrote the study file.

use super::sampling::{MAX_SOBOL_AXES, MAX_SOBOL_ROWS};
use super::table::MAX_POINTS;
use thiserror::Error;

/// What is wrong with the axes of a study. The message says which axis and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DesignError {
    /// One axis by itself is wrong.
    #[error("axis `{axis}`: {message}")]
    Axis {
        /// Its name, or its place where it has none.
        axis: String,
        /// What is wrong with it and what to do.
        message: String,
    },
    /// Two axes have one name.
    #[error("two axes are called `{0}`: give one of them another `name`")]
    SameName(String),
    /// Two axes set the same thing.
    #[error("two axes set `{0}`, and only the last would take effect: merge them into one axis")]
    SamePath(String),
    /// Axes that go side by side have not the same length.
    #[error(
        "zipped axes are combined value by value, so they need the same number of values, but `{first}` has \
         {first_count} and `{second}` has {second_count}: add or leave out values, or write \
         `combine: Crossed`"
    )]
    UnequalLengths {
        /// The first listed axis.
        first: String,
        /// How many values it has.
        first_count: usize,
        /// The one that differs.
        second: String,
        /// How many values that has.
        second_count: usize,
    },
    /// There are distributions and nothing says how many rows to draw.
    #[error(
        "axis `{0}` is drawn from a distribution: give the number of rows to draw, as in `samples: 64`"
    )]
    NoSamples(String),
    /// Rows are to be drawn and no axis is a distribution.
    #[error(
        "`samples: {0}` draws from distributions, but the values of all axes are listed: leave \
         `samples` out, or make the values of an axis `Uniform`, `LogUniform`, `Normal`, \
         `LogNormal` or `Triangular`"
    )]
    NothingToSample(usize),
    /// More rows than the Sobol sequence has.
    #[error(
        "`sampling: Sobol` draws at most {MAX_SOBOL_ROWS} rows, found `samples: {0}`: draw fewer, or \
         write `sampling: LatinHypercube`"
    )]
    TooManySobolRows(usize),
    /// More dimensions than the Sobol sequence has.
    #[error(
        "`sampling: Sobol` supports {MAX_SOBOL_AXES} distributions at most, found {0}: leave some out, \
         or write `sampling: LatinHypercube`"
    )]
    TooManySobolAxes(usize),
    /// More points than anyone can run.
    #[error(
        "the axes make more than {MAX_POINTS} points: use fewer values or samples, or write \
         `combine: Zipped`"
    )]
    TooManyPoints,
}

impl DesignError {
    /// The name of the one axis that is wrong, where it is one.
    pub fn axis(&self) -> Option<&str> {
        match self {
            Self::Axis { axis, .. } => Some(axis),
            Self::SameName(axis) | Self::NoSamples(axis) => Some(axis),
            Self::UnequalLengths { second, .. } => Some(second),
            Self::SamePath(_)
            | Self::NothingToSample(_)
            | Self::TooManySobolRows(_)
            | Self::TooManySobolAxes(_)
            | Self::TooManyPoints => None,
        }
    }

    pub(super) fn of_axis(axis: &str, message: impl Into<String>) -> Self {
        Self::Axis { axis: axis.to_owned(), message: message.into() }
    }
}
