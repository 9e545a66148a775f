//! Quantiles of a sample.

use super::known;

/// The number below which the share `probability` of the sample lies, straight between the two
/// nearest entries: type 7 of Hyndman and Fan (Sample Quantiles in Statistical Packages, The
/// American Statistician 50, 1996). Missing entries are left out. `None` where no entry is known
/// and for a probability outside 0 to 1.
pub fn quantile(sample: &[Option<f64>], probability: f64) -> Option<f64> {
    at(&sorted(sample), probability)
}

/// Several quantiles of one sample, which is sorted only once.
pub fn quantiles(sample: &[Option<f64>], probabilities: &[f64]) -> Vec<Option<f64>> {
    let sorted = sorted(sample);
    probabilities.iter().map(|&probability| at(&sorted, probability)).collect()
}

fn sorted(sample: &[Option<f64>]) -> Vec<f64> {
    let mut numbers: Vec<f64> = sample.iter().filter_map(|&entry| known(entry)).collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn at(sorted: &[f64], probability: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * probability;
    let low = *sorted.get(place.floor() as usize)?;
    let high = *sorted.get((place.floor() as usize + 1).min(last))?;
    let share = place.fract();
    Some((low * (1.0 - share) + high * share).clamp(low, high))
}
