//! The mean of a sample and how sure it is.

use super::known;
use super::running::Running;
use super::student::student_quantile;
use serde::Serialize;

/// The probability below the upper end of a two-sided 95 % interval.
const UPPER_95: f64 = 0.975;

/// A range of numbers, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// So much to either side of the middle.
    pub(super) fn around(middle: f64, half_width: f64) -> Self {
        Self { low: middle - half_width, high: middle + half_width }
    }

    /// Whether the number lies in it.
    pub fn contains(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }
}

/// A mean, in the unit of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// How many entries it is the mean of.
    pub count: usize,
    /// How many were left out.
    pub missing: usize,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the entries, from two on.
    pub sd: Option<f64>,
    /// The 95 % confidence interval of the mean, from two entries on.
    pub ci95: Option<Interval>,
}

/// The mean with its 95 % confidence interval (Student's t); `None` where no entry is known.
pub fn mean(sample: &[Option<f64>]) -> Option<Mean> {
    let running: Running = sample.iter().filter_map(|&entry| known(entry)).collect();
    let mean = running.mean()?;
    let ci95 = half_width_95(&running).map(|half_width| Interval::around(mean, half_width));
    let count = running.count();
    Some(Mean { count, missing: sample.len() - count, mean, sd: running.sd(), ci95 })
}

/// Half the 95 % confidence interval of the mean, from two numbers on.
pub(super) fn half_width_95(running: &Running) -> Option<f64> {
    let count = running.count() as f64;
    let error = running.sd()? / count.sqrt();
    half_width(error, count - 1.0)
}

/// Half a 95 % interval from the standard error and its degrees of freedom.
pub(super) fn half_width(error: f64, df: f64) -> Option<f64> {
    Some(student_quantile(UPPER_95, df)? * error)
}
