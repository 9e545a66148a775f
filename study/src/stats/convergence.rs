//! How a mean settles as the entries come in.

use super::known;
use super::mean::half_width_95;
use super::running::Running;
use serde::Serialize;

/// The most points of a convergence curve.
pub const CONVERGENCE_POINTS: usize = 200;

/// The mean after so many entries, in the unit of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Convergence {
    /// How many known entries there were so far.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Half the 95 % confidence interval of the mean, from two entries on.
    pub half_width: Option<f64>,
}

/// Mean and interval after 1, 2, .. n entries, in the order of the sample. Missing entries are left
/// out. Of more than [`CONVERGENCE_POINTS`] entries so many are told, evenly spaced, the last among
/// them.
///
/// It says something where the order is that of drawing. Along crossed lists the mean wanders as
/// the slow axes change, and for Latin hypercube and Sobol rows, which are evener than chance, the
/// interval is wider than need be.
pub fn convergence(sample: &[Option<f64>]) -> Vec<Convergence> {
    let numbers: Vec<f64> = sample.iter().filter_map(|&entry| known(entry)).collect();
    let points = numbers.len().min(CONVERGENCE_POINTS);
    let mut running = Running::default();
    let mut curve = Vec::with_capacity(points);
    for number in &numbers {
        running.push(*number);
        // Point k of m stands at k n / m entries, rounded up.
        let due = ((curve.len() + 1) * numbers.len()).div_ceil(points);
        if running.count() == due
            && let Some(mean) = running.mean()
        {
            let half_width = half_width_95(&running);
            curve.push(Convergence { count: due, mean, half_width });
        }
    }
    curve
}
