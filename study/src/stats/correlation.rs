//! How far two samples go together.

use super::pairs;
use super::rank::ranks;
use super::running::Running;
use serde::Serialize;

/// A correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// How many pairs it is of.
    pub count: usize,
    /// How many pairs were left out.
    pub missing: usize,
    /// From −1, against each other, to 1, with each other; `None` for less than two pairs and where
    /// a side never changes.
    pub coefficient: Option<f64>,
}

/// Pearson's correlation: how near the pairs lie to a straight line.
pub fn pearson(first: &[Option<f64>], second: &[Option<f64>]) -> Correlation {
    told(first, second, straight)
}

/// Spearman's rank correlation: how far one only rises, or only falls, with the other. Equal
/// numbers share the mean of their ranks.
pub fn spearman(first: &[Option<f64>], second: &[Option<f64>]) -> Correlation {
    told(first, second, |a, b| straight(&ranks(a), &ranks(b)))
}

fn told(
    first: &[Option<f64>],
    second: &[Option<f64>],
    coefficient: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Correlation {
    let (a, b): (Vec<f64>, Vec<f64>) = pairs(first, second).into_iter().unzip();
    let missing = first.len().max(second.len()) - a.len();
    Correlation { count: a.len(), missing, coefficient: coefficient(&a, &b) }
}

fn straight(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (standard(a)?, standard(b)?);
    let sum: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    let coefficient = sum / (a.len() as f64 - 1.0);
    coefficient.is_finite().then(|| coefficient.clamp(-1.0, 1.0))
}

/// The numbers in standard deviations from their mean; `None` where they don't differ.
fn standard(numbers: &[f64]) -> Option<Vec<f64>> {
    let running: Running = numbers.iter().copied().collect();
    let (mean, sd) = (running.mean()?, running.sd()?);
    (sd > 0.0).then(|| numbers.iter().map(|number| (number - mean) / sd).collect())
}
