//! Why a search can't be made, in words for whoever asked for it.

use std::fmt;

/// What is wrong with a search. A candidate that fails is no error: it is counted and told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchError {
    /// There is nothing to choose.
    NoVariables,
    /// A variable is wrong.
    Variable {
        /// Its place, from 0.
        variable: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A list of values is no candidate of the space.
    Candidate(String),
    /// A setting is wrong.
    Setting {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The design to start from has no worth: its evaluation failed, for this reason.
    Start(String),
    /// The search was cancelled before there was anything to give.
    Cancelled,
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVariables => {
                write!(f, "there is nothing to choose: give at least one variable")
            }
            Self::Variable { variable, message } => {
                write!(f, "variable {} of the search: {message}", variable + 1)
            }
            Self::Candidate(message) => write!(f, "the design does not fit the search: {message}"),
            Self::Setting { name, message } => write!(f, "`{name}`: {message}"),
            Self::Start(why) => write!(f, "the design to start from cannot be evaluated: {why}"),
            Self::Cancelled => write!(f, "the search was cancelled before it had a result"),
        }
    }
}

impl std::error::Error for SearchError {}
