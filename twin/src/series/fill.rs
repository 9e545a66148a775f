//! Missing values: refused, or filled as the scenario says. Not how they are found.

use super::steps::gaps;
use crate::scenario::Gaps;

/// Fills what is missing (NaN) and says how many values that were; nothing is filled where gaps are
/// refused, nor where there is no value to fill from.
pub(super) fn fill(values: &mut [f64], how: Gaps, step_s: i64) -> usize {
    let gaps = gaps(values);
    for &(from, length) in &gaps {
        let to = from + length;
        match how {
            Gaps::Refuse => {}
            Gaps::Hold => {
                let held = from.checked_sub(1).map_or_else(
                    || values.get(to).copied().unwrap_or(f64::NAN),
                    |before| values[before],
                );
                values[from..to].fill(held);
            }
            Gaps::Interpolate => {
                let after = values.get(to).copied();
                let before = from.checked_sub(1).map(|i| values[i]);
                let (a, b) = match (before, after) {
                    (Some(a), Some(b)) => (a, b),
                    (Some(only), None) | (None, Some(only)) => (only, only),
                    (None, None) => continue,
                };
                for (k, value) in values[from..to].iter_mut().enumerate() {
                    let share = (k + 1) as f64 / (length + 1) as f64;
                    *value = a + (b - a) * share;
                }
            }
            Gaps::SameHourYesterday => {
                let day = (86_400 / step_s.clamp(1, 86_400)) as usize;
                for i in from..to {
                    if let Some(before) = i.checked_sub(day) {
                        values[i] = values[before];
                    }
                }
            }
        }
    }
    if how == Gaps::SameHourYesterday {
        // The first day has no day before it.
        let day = (86_400 / step_s.clamp(1, 86_400)) as usize;
        for i in (0..values.len().saturating_sub(day)).rev() {
            if values[i].is_nan() {
                values[i] = values[i + day];
            }
        }
    }
    gaps.iter().map(|(_, length)| length).sum()
}

/// In words.
pub(super) fn name(how: Gaps) -> &'static str {
    match how {
        Gaps::Refuse => "",
        Gaps::Interpolate => "by linear interpolation",
        Gaps::Hold => "with the previous value",
        Gaps::SameHourYesterday => "with the value of the previous day at the same time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_fills_as_it_says() {
        let holes = || vec![f64::NAN, 1.0, f64::NAN, f64::NAN, 4.0, f64::NAN];
        let filled = |how| {
            let mut values = holes();
            (fill(&mut values, how, 28_800), values)
        };
        assert_eq!(filled(Gaps::Interpolate), (4, vec![1.0, 1.0, 2.0, 3.0, 4.0, 4.0]));
        assert_eq!(filled(Gaps::Hold), (4, vec![1.0, 1.0, 1.0, 1.0, 4.0, 4.0]));
        let mut days: Vec<f64> = (0..9).map(f64::from).collect();
        days[1] = f64::NAN;
        days[5] = f64::NAN;
        days[8] = f64::NAN;
        assert_eq!(fill(&mut days, Gaps::SameHourYesterday, 28_800), 3);
        assert_eq!(days, [0.0, 4.0, 2.0, 3.0, 4.0, 2.0, 6.0, 7.0, 2.0]);
    }
}
