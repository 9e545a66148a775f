//! The one number that a polish makes small, and what it must keep to.

use super::super::error::SearchError;
use super::super::score::Score;

/// What to make small: a weighted sum of the objectives, with none of them above its limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The weight of each objective; 0 for those that are left out.
    pub weights: Vec<f64>,
    /// The most that each objective may be; infinite, or left out, where it may be anything.
    pub limits: Vec<f64>,
}

impl Goal {
    /// One objective alone, from 0 on, without limits.
    pub fn objective(number: usize) -> Self {
        let mut weights = vec![0.0; number];
        weights.push(1.0);
        Self { weights, limits: Vec::new() }
    }

    /// The same, with no objective above those of a score: so that one of them gets better and none
    /// gets worse (the epsilon-constraint method, Haimes, Lasdon and Wismer 1971).
    #[must_use]
    pub fn no_worse_than(mut self, score: &Score) -> Self {
        self.limits.clone_from(&score.objectives);
        self
    }

    /// What a score is worth by this goal.
    pub fn worth(&self, score: &Score) -> Worth {
        let value = self.weights.iter().zip(&score.objectives).map(|(w, value)| w * value).sum();
        let over = self.limits.iter().zip(&score.objectives).map(|(limit, value)| {
            let unit = if *limit == 0.0 { 1.0 } else { limit.abs() };
            if value > limit { (value - limit) / unit } else { 0.0 }
        });
        Worth { violation: score.violation + over.sum::<f64>(), value }
    }

    pub(super) fn check(&self, objectives: usize) -> Result<(), SearchError> {
        let wrong =
            |name, message: &str| Err(SearchError::Setting { name, message: message.to_owned() });
        if self.weights.len() > objectives || self.limits.len() > objectives {
            let name = if self.weights.len() > objectives { "weights" } else { "limits" };
            return wrong(name, "found more of them than objectives");
        }
        if !self.weights.iter().all(|weight| weight.is_finite()) {
            return wrong("weights", "must be finite numbers");
        }
        if self.weights.iter().all(|weight| *weight == 0.0) {
            return wrong("weights", "at least one must differ from 0");
        }
        if self.limits.iter().any(|limit| limit.is_nan() || *limit == f64::NEG_INFINITY) {
            return wrong("limits", "must be numbers; infinity means no limit");
        }
        Ok(())
    }
}

/// What a design is worth by a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// By how much its own constraints and the goal's limits are broken, the latter each as a share
    /// of the limit; 0 where all hold.
    pub violation: f64,
    /// The weighted sum.
    pub value: f64,
}

/// What is gained has to be more than rounding.
const ROUNDING: f64 = 1e-13;

impl Worth {
    /// Of what fails: anything else is better.
    pub(super) const NONE: Self = Self { violation: f64::INFINITY, value: f64::INFINITY };

    /// Whether this is to be preferred: by the violation first, then by the value.
    pub fn better_than(&self, other: &Self) -> bool {
        if self.violation < other.violation * (1.0 - ROUNDING) {
            return true;
        }
        self.violation <= other.violation && self.value < other.value - ROUNDING * other.value.abs()
    }
}
