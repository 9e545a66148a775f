//! An axis: the span it covers, round numbers to mark on it, and where on it a value lies. Any
//! numbers will do: equal ones, missing ones, huge ones, tiny ones.

use crate::number::human_digits;

/// Beyond this no value is told from another.
const HUGE: f64 = 1e290;
/// Wider characters of a label than this are rare: at the size letters have on a phone.
pub(super) const LETTER: f64 = 21.5;

/// A span and its marks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Values and what is written there.
    pub(super) ticks: Vec<(f64, String)>,
}

/// A value that can be reckoned with; `None` for NaN.
fn tamed(value: f64) -> Option<f64> {
    match value {
        v if v.is_nan() => None,
        v if v.abs() < 1.0 / HUGE => Some(0.0),
        v => Some(v.clamp(-HUGE, HUGE)),
    }
}

impl Axis {
    /// An axis that holds all values, with some room around them and about `marks` marks.
    pub(super) fn around(values: impl Iterator<Item = f64>, marks: usize) -> Self {
        let (low, high) = extent(values);
        let room = (high - low) * 0.05;
        Self::marked(low - room, high + room, marks)
    }

    /// An axis that holds all values and zero, without room at zero.
    pub(super) fn from_zero(values: impl Iterator<Item = f64>, marks: usize) -> Self {
        let (low, high) = extent(values.chain([0.0]));
        let room = (high - low) * 0.03;
        let low = if low < 0.0 { low - room } else { 0.0 };
        Self::marked(low, if high > 0.0 { high + room } else { 0.0 }, marks)
    }

    fn marked(low: f64, high: f64, marks: usize) -> Self {
        let rough = (high - low) / marks.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * power);
        let step = step.into_iter().find(|s| *s >= rough * 0.999).unwrap_or(10.0 * power);
        let first = (low / step - 1e-9).ceil();
        let greatest = low.abs().max(high.abs());
        let ticks = (0..=2 * marks)
            .map(|k| (first + k as f64) * step)
            .take_while(|v| *v <= high + step * 1e-9)
            .map(|v| (v, tick(v, step, greatest)))
            .collect();
        Self { low, high, ticks }
    }

    /// Where the value lies: 0 at the low end, 1 at the high end; beyond the ends, at the ends.
    pub(super) fn share(&self, value: f64) -> f64 {
        let value = tamed(value).unwrap_or(self.low);
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Whether the value lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        value >= self.low && value <= self.high
    }

    /// How wide its longest label may become.
    pub(super) fn label_width(&self) -> f64 {
        let longest = self.ticks.iter().map(|(_, text)| text.chars().count()).max();
        longest.unwrap_or(0) as f64 * LETTER
    }
}

/// The least and the greatest of all values that are not NaN, apart from each other.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter_map(tamed) {
        (low, high) = (low.min(value), high.max(value));
    }
    let greatest = low.abs().max(high.abs());
    if low > high {
        (0.0, 1.0)
    } else if greatest == 0.0 {
        (-1.0, 1.0)
    } else if high - low <= greatest * 1e-10 {
        (low - greatest * 0.05, high + greatest * 0.05)
    } else {
        (low, high)
    }
}

/// A mark's label: as many digits as tell it from the next one.
fn tick(value: f64, step: f64, greatest: f64) -> String {
    let exponent = |v: f64| v.abs().max(1e-300).log10().floor();
    if value.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    let below = exponent(step) - if uneven(step) { 1.0 } else { 0.0 };
    let digits = (exponent(value) - below + 1.0).clamp(1.0, 15.0) as usize;
    if !(1e-4..1e6).contains(&greatest) || step < 1e-6 {
        return power_of_ten(value, digits - 1);
    }
    human_digits(value, digits)
}

/// Whether the step has two digits, as 2.5 has.
fn uneven(step: f64) -> bool {
    let mantissa = step / 10f64.powf(step.log10().floor());
    (mantissa - 2.5).abs() < 0.1
}

/// For instance 1.5·10⁶.
fn power_of_ten(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let raised: String = exponent
        .chars()
        .map(|c| match c {
            '-' => '\u{207b}',
            '1' => '\u{b9}',
            '2' => '\u{b2}',
            '3' => '\u{b3}',
            c => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
        })
        .collect();
    format!("{}\u{b7}10{raised}", mantissa.replace('-', "\u{2212}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_axes_hold_any_numbers_and_mark_different_ones_differently(
            values in prop::collection::vec(prop::num::f64::ANY, 0..6),
            marks in 2usize..8,
        ) {
            for axis in [
                Axis::around(values.iter().copied(), marks),
                Axis::from_zero(values.iter().copied(), marks),
            ] {
                prop_assert!(axis.low < axis.high, "{axis:?}");
                prop_assert!((1..=2 * marks + 1).contains(&axis.ticks.len()), "{axis:?}");
                for pair in axis.ticks.windows(2) {
                    prop_assert!(pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1, "{axis:?}");
                }
                for value in values.iter().filter(|v| v.is_finite() && v.abs() < HUGE) {
                    prop_assert!((0.0..=1.0).contains(&axis.share(*value)));
                }
            }
        }
    }

    #[test]
    fn pages_axes_write_few_digits() {
        let labels = |low: f64, high: f64| -> Vec<String> {
            let axis = Axis::around([low, high].into_iter(), 4);
            axis.ticks.into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(labels(0.0, 10.0), ["0", "5", "10"]);
        assert_eq!(labels(99.50, 99.56), ["99.5", "99.52", "99.54", "99.56"]);
        assert_eq!(labels(0.0, 4e6), ["0", "2\u{b7}10\u{2076}", "4\u{b7}10\u{2076}"]);
        assert_eq!(
            labels(-2e-7, 2e-7),
            ["\u{2212}2\u{b7}10\u{207b}\u{2077}", "0", "2\u{b7}10\u{207b}\u{2077}"]
        );
    }
}
