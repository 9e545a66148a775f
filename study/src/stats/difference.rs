//! How far two samples differ, and whether that may be chance.

use super::mean::{Interval, half_width};
use super::running::Running;
use super::student::student_two_sided;
use super::{known, pairs};
use serde::Serialize;

/// The difference of two means, second minus first, in the unit of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// How many entries of the first sample count.
    pub first_count: usize,
    /// How many of the second; of pairs as many as of the first.
    pub second_count: usize,
    /// How many entries were left out, of pairs how many pairs.
    pub missing: usize,
    /// The mean of the second less the mean of the first.
    pub difference: f64,
    /// Its 95 % confidence interval, from two entries (of either sample) on.
    pub ci95: Option<Interval>,
    /// The p-value of the two-sided t test: how likely so large a difference is where there is
    /// none. Where nothing scatters it is 1 for no difference and 0 for any.
    pub p_value: Option<f64>,
    /// The degrees of freedom of interval and test.
    pub df: Option<f64>,
}

/// The difference of two samples whose entries belong together, entry by entry, as two sites under
/// the same weather. A pair with a missing side is left out whole; the longer sample's rest too.
/// `None` where there is no pair.
pub fn paired_difference(first: &[Option<f64>], second: &[Option<f64>]) -> Option<Difference> {
    let running: Running = pairs(first, second).into_iter().map(|(a, b)| b - a).collect();
    let difference = running.mean()?;
    let count = running.count();
    let spread = running
        .variance()
        .map(|variance| Spread { error: (variance / count as f64).sqrt(), df: (count - 1) as f64 });
    let missing = first.len().max(second.len()) - count;
    Some(told(difference, spread, [count, count], missing))
}

/// The difference of two samples that have nothing to do with each other, of any length and
/// scatter. `None` where either has no known entry.
///
/// Welch: The Generalization of Student's Problem when Several Different Population Variances are
/// Involved, Biometrika 34, 1947.
pub fn welch_difference(first: &[Option<f64>], second: &[Option<f64>]) -> Option<Difference> {
    let running = |sample: &[Option<f64>]| -> Running {
        sample.iter().filter_map(|&entry| known(entry)).collect()
    };
    let (a, b) = (running(first), running(second));
    let difference = b.mean()? - a.mean()?;
    let counts = [a.count(), b.count()];
    let missing = first.len() + second.len() - a.count() - b.count();
    Some(told(difference, welch_spread(&a, &b), counts, missing))
}

struct Spread {
    error: f64,
    df: f64,
}

fn welch_spread(a: &Running, b: &Running) -> Option<Spread> {
    let (a_count, b_count) = (a.count() as f64, b.count() as f64);
    let (a_part, b_part) = (a.variance()? / a_count, b.variance()? / b_count);
    let both = a_part + b_part;
    // Where nothing scatters the parts don't say; then as with equal scatter.
    let share = if both > 0.0 { a_part / both } else { b_count / (a_count + b_count) };
    let other = 1.0 - share;
    let df = 1.0 / (share * share / (a_count - 1.0) + other * other / (b_count - 1.0));
    Some(Spread { error: both.sqrt(), df })
}

fn told(
    difference: f64,
    spread: Option<Spread>,
    [first_count, second_count]: [usize; 2],
    missing: usize,
) -> Difference {
    let ci95 = spread.as_ref().and_then(|spread| {
        Some(Interval::around(difference, half_width(spread.error, spread.df)?))
    });
    let p_value = spread.as_ref().and_then(|spread| match (difference == 0.0, spread.error) {
        (true, 0.0) => Some(1.0),
        (false, 0.0) => Some(0.0),
        (_, error) => student_two_sided(difference / error, spread.df),
    });
    let df = spread.map(|spread| spread.df);
    Difference { first_count, second_count, missing, difference, ci95, p_value, df }
}
