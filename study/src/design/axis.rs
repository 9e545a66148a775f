//! An axis as the study file writes it: which path, under what name, and the values or the
//! distribution. The checking of what is written here starts; the drawing is elsewhere.

use super::distribution::Distribution;
use super::spaced;
use super::value::Value;
use serde::{Deserialize, Serialize};

/// One thing that the study varies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Path of the varied field in the scenario, as in `batteries.container.capacity_kwh`.
    pub path: String,
    /// Name in tables and figures; by default the path. Under Latin hypercube sampling, the draws
    /// of a distribution depend on this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The values it takes.
    pub values: Values,
}

impl Axis {
    /// The name, or the path where there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.path).trim()
    }

    /// What is wrong with path or name, if anything.
    pub(super) fn naming_problem(&self) -> Option<&'static str> {
        if self.path.trim().is_empty() {
            Some("the path is empty; write the field to vary, as in `path: \"pv.roof.dc_kw\"`")
        } else if self.path.contains('=') {
            Some("a path must not contain `=`; write the values in the field `values`")
        } else if self.name().is_empty() {
            Some("the name is empty; write one, or leave it out to use the path")
        } else {
            None
        }
    }
}

/// How listed axes go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Combine {
    /// Every value of one axis with every value of the others; the last axis varies fastest.
    #[default]
    Crossed,
    /// Side by side: first values together, second values together, and so on.
    Zipped,
}

/// The values of an axis: listed ones or a distribution. Units are those of what the path sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Values {
    /// These values: numbers, bools, or texts in quotes.
    List(Vec<Value>),
    /// `count` numbers with equal steps, including both ends; if `count` is 1, only the first.
    Linspace {
        /// The first.
        from: f64,
        /// The last.
        to: f64,
        /// How many.
        count: usize,
    },
    /// `count` numbers with equal ratios, including both ends; if `count` is 1, only the first.
    Logspace {
        /// The first, above zero.
        from: f64,
        /// The last.
        to: f64,
        /// How many.
        count: usize,
    },
    /// Drawn: uniform between the ends.
    Uniform {
        /// The lowest.
        from: f64,
        /// The highest.
        to: f64,
    },
    /// Drawn: a number whose logarithm is uniform.
    LogUniform {
        /// The lowest, above zero.
        from: f64,
        /// The highest.
        to: f64,
    },
    /// Drawn: a normal distribution, cut off at the bounds if there are any.
    Normal {
        /// The mean of the distribution before it is cut off.
        mean: f64,
        /// Its standard deviation, above zero.
        sd: f64,
        /// The lowest number that may come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<f64>,
        /// The highest number that may come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<f64>,
    },
    /// Drawn: a number whose logarithm is normal, cut off at the bounds if there are any.
    LogNormal {
        /// The median of the distribution before it is cut off, above zero.
        median: f64,
        /// The standard deviation of the natural logarithm, above zero.
        sigma: f64,
        /// The lowest number that may come, above zero.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<f64>,
        /// The highest number that may come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<f64>,
    },
    /// Drawn: a triangle over the range with its peak at the mode.
    Triangular {
        /// The lowest.
        from: f64,
        /// The likeliest, at either end or between them.
        mode: f64,
        /// The highest.
        to: f64,
    },
}

/// An axis's values once they are checked.
pub(super) enum Checked {
    Listed(Vec<Value>),
    Drawn(Distribution),
}

impl Values {
    /// Whether they are drawn from a distribution.
    pub fn is_drawn(&self) -> bool {
        self.listed_count().is_none()
    }

    /// How many are listed; `None` for a distribution.
    pub fn listed_count(&self) -> Option<usize> {
        match self {
            Self::List(values) => Some(values.len()),
            Self::Linspace { count, .. } | Self::Logspace { count, .. } => Some(*count),
            Self::Uniform { .. }
            | Self::LogUniform { .. }
            | Self::Normal { .. }
            | Self::LogNormal { .. }
            | Self::Triangular { .. } => None,
        }
    }

    /// Checks and spells out the values. The caller has seen to it that there aren't too many.
    pub(super) fn check(&self) -> Result<Checked, String> {
        let numbers =
            |numbers: Vec<f64>| Checked::Listed(numbers.into_iter().map(Value::from).collect());
        match *self {
            Self::List(ref values) => check_list(values).map(Checked::Listed),
            Self::Linspace { from, to, count } => spaced::linspace(from, to, count).map(numbers),
            Self::Logspace { from, to, count } => spaced::logspace(from, to, count).map(numbers),
            Self::Uniform { from, to } => Distribution::uniform(from, to).map(Checked::Drawn),
            Self::LogUniform { from, to } => {
                Distribution::log_uniform(from, to).map(Checked::Drawn)
            }
            Self::Normal { mean, sd, from, to } => {
                Distribution::normal(mean, sd, from, to).map(Checked::Drawn)
            }
            Self::LogNormal { median, sigma, from, to } => {
                Distribution::log_normal(median, sigma, from, to).map(Checked::Drawn)
            }
            Self::Triangular { from, mode, to } => {
                Distribution::triangular(from, mode, to).map(Checked::Drawn)
            }
        }
    }
}

fn check_list(values: &[Value]) -> Result<Vec<Value>, String> {
    if values.is_empty() {
        return Err("the list is empty; write at least one value".to_owned());
    }
    match values.iter().find_map(Value::problem) {
        Some(problem) => Err(problem),
        None => Ok(values.to_vec()),
    }
}
