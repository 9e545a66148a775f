//! What studies and comparisons are told by: means with their uncertainty, differences, quantiles,
//! correlations, convergence and effects. It draws no figures and judges nothing.
//!
//! A sample is a slice of `Option<f64>`: `None` and numbers that are not finite are missing. They
//! are left out (of pairs, the whole pair), and every answer says how many there were and how many
//! were missing. Intervals are 95 % confidence intervals and take the entries for independent
//! draws of one normal distribution.

mod beta;
mod convergence;
mod correlation;
mod difference;
mod effects;
mod mean;
mod normal;
mod quantile;
mod rank;
mod running;
mod student;

#[cfg(test)]
mod tests;

pub use convergence::{CONVERGENCE_POINTS, Convergence, convergence};
pub use correlation::{Correlation, pearson, spearman};
pub use difference::{Difference, paired_difference, welch_difference};
pub use effects::{Effect, Factor, Group, Grouping, effects};
pub use mean::{Interval, Mean, mean};
pub use normal::{normal_cdf, normal_quantile};
pub use quantile::{quantile, quantiles};
pub use running::Running;
pub use student::{student_quantile, student_two_sided};

/// An entry that is there and finite.
fn known(entry: Option<f64>) -> Option<f64> {
    entry.filter(|number| number.is_finite())
}

/// The entries that are known on both sides; the longer sample's rest has no partner.
fn pairs(a: &[Option<f64>], b: &[Option<f64>]) -> Vec<(f64, f64)> {
    a.iter().zip(b).filter_map(|(&a, &b)| Some((known(a)?, known(b)?))).collect()
}
