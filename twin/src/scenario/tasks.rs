//! Streams of tasks.

use super::units::{Id, NonNegative, Positive};
use serde::{Deserialize, Serialize};

/// A stream of tasks: every device of the fleet creates its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskStream {
    /// The stream's name: the class of its tasks in reports.
    pub id: Id,
    /// The fleet that makes them.
    pub from: Id,
    /// When tasks arrive.
    pub arrivals: Arrivals,
    /// Data that is sent to where the task is computed, kB.
    pub input_kb: Distribution,
    /// Work, in millions of processor cycles.
    pub megacycles: Distribution,
    /// Data of the result, kB.
    #[serde(default = "TaskStream::default_output")]
    pub output_kb: Distribution,
    /// A task whose result takes longer than this counts as missed.
    pub deadline_s: Positive,
}

impl TaskStream {
    fn default_output() -> Distribution {
        Distribution::Constant(NonNegative::of(1.0))
    }
}

/// When tasks arrive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Arrivals {
    /// At random, independently.
    Poisson {
        /// Tasks a minute from each device, on average.
        per_minute: NonNegative,
    },
    /// At a constant interval, each device with its own phase.
    Periodic {
        /// The interval.
        every_s: Positive,
    },
}

/// How a size is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Distribution {
    /// Always this.
    Constant(NonNegative),
    /// Exponential.
    Exponential {
        /// Its mean.
        mean: Positive,
    },
    /// Uniform.
    Uniform {
        /// The least.
        from: NonNegative,
        /// The greatest.
        to: NonNegative,
    },
    /// Log-normal.
    LogNormal {
        /// The median.
        median: Positive,
        /// Standard deviation of the logarithm.
        sigma: NonNegative,
    },
}
