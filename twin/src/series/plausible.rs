//! What the values of a whole file show: another unit than the usual one, a meter's counter instead of
//! a power, a total below the last row. Not single values, which `values` reads.

use super::read::Content;
use super::{Kind, refused};
use crate::energy::EnergyError;
use crate::scenario::SeriesFile;

/// No grid's intensity is always below this, in g/kWh: such a file has another unit.
const LOWEST_G_PER_KWH: f64 = 3.0;
/// A price above this per kWh is rather one per MWh, or in cents.
const HIGHEST_PER_KWH: f64 = 5.0;
/// Words over a counter's values.
const COUNTER_WORDS: [&str; 9] = [
    "zählerstand",
    "zaehlerstand",
    "zählerstände",
    "counter",
    "reading",
    "readings",
    "index",
    "stand",
    "register",
];
/// Fewer values than these show no total.
const FEW: usize = 10;

/// The values as they stand, in the order of time.
///
/// # Errors
/// A meter's counter, and a total as the last value.
pub(super) fn check_raw(
    content: &Content<'_>,
    values: &[f64],
    kind: Kind<'_>,
    step_s: i64,
    file: &SeriesFile,
) -> Result<(), EnergyError> {
    if kind != Kind::Power {
        return Ok(());
    }
    if is_counter(values, step_s, &content.column) && file.unit.is_none() {
        return Err(refused(
            content.file,
            (content.value_place)(0),
            format!(
                "values that never fall, from {} to {}, as the readings of an energy meter do",
                values[0],
                values[values.len() - 1]
            ),
            "a power, or the energy of each step",
            "replace each reading by its difference from the row before, in kWh, or, if these are \
             not meter readings, set `unit`",
        ));
    }
    if let Some((last, others)) = last_and_others(values)
        && (last - others).abs() <= 1e-3 * others
    {
        return Err(refused(
            content.file,
            (content.value_place)(content.values.len() - 1),
            format!("{last}, the sum of all values above it"),
            "a value of one step",
            "remove the line, which is a total",
        ));
    }
    Ok(())
}

/// The values in kW, currency per kWh or g/kWh.
///
/// # Errors
/// Values that show that their unit is not the usual one, where none is named.
pub(super) fn check(
    content: &Content<'_>,
    values: &[f64],
    kind: Kind<'_>,
    file: &SeriesFile,
) -> Result<(), EnergyError> {
    let highest = highest(values);
    let assumed = content.unit.assumed;
    if kind == Kind::Carbon && assumed && highest > 0.0 && highest < LOWEST_G_PER_KWH {
        return Err(refused(
            content.file,
            (content.value_place)(0),
            format!("carbon intensities of at most {highest} and no unit in the header"),
            "g/kWh",
            "set `unit` to the file's unit: KgPerKwh, TPerMwh or LbPerKwh",
        ));
    }
    if let Kind::Price { currency } = kind
        && assumed
        && highest > HIGHEST_PER_KWH
    {
        let at = |value: &f64| value.abs() * file.scale.get() >= highest * (1.0 - 1e-12);
        let row = content.values.iter().position(at).unwrap_or(0);
        return Err(refused(
            content.file,
            (content.value_place)(row),
            format!("prices of up to {highest} and no unit in the header"),
            format!("{currency}/kWh"),
            "set `unit` to the file's unit: PerMwh, CentPerKwh or PerKwh",
        ));
    }
    Ok(())
}

/// What is to be said of the values in kW, currency per kWh or g/kWh.
pub(super) fn notes(content: &Content<'_>, values: &[f64], kind: Kind<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let below = values.iter().filter(|value| **value < 0.0).count();
    if kind == Kind::Carbon && below > 0 {
        notes.push(format!("{below} values are below zero, as marginal intensities can be"));
    }
    let highest = highest(values);
    if let Kind::Price { currency } = kind
        && !content.unit.assumed
        && highest > HIGHEST_PER_KWH
    {
        notes.push(format!("prices of up to {highest} {currency}/kWh: check the file's unit"));
    }
    if kind == Kind::Power
        && let Some((last, others)) = last_and_others(values)
        && last > others / 2.0
    {
        notes.push(
            "the last value is more than half the sum of all others: remove its line if it is a \
             total"
                .to_owned(),
        );
    }
    notes
}

fn highest(values: &[f64]) -> f64 {
    values.iter().fold(0.0_f64, |all, value| all.max(value.abs()))
}

/// The last value and the sum of all others, where more than a few of these are not zero.
fn last_and_others(values: &[f64]) -> Option<(f64, f64)> {
    let (last, others) = values.split_last()?;
    let sum: f64 = others.iter().sum();
    let counted = others.iter().filter(|value| **value != 0.0).count();
    (counted >= FEW && sum > 0.0 && sum.is_finite()).then_some((*last, sum))
}

/// Whether values are what a meter's counter shows.
fn is_counter(values: &[f64], step_s: i64, column: &str) -> bool {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return false };
    if values.len() < 3 || last <= first || values.windows(2).any(|pair| pair[1] < pair[0]) {
        return false;
    }
    let mut words = column.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    if words.any(|word| COUNTER_WORDS.contains(&word.as_str())) {
        return true;
    }
    let steps = values.len() - 1;
    let rising = values.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let mean_step = (last - first) / steps as f64;
    let two_days = step_s * values.len() as i64 >= 2 * 86_400;
    values.len() >= 24 && two_days && rising * 2 > steps && *first >= 5.0 * mean_step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_told_from_a_load() {
        let counter: Vec<f64> = (0..200).map(|i| 12_345.0 + f64::from(i) * 0.75).collect();
        assert!(is_counter(&counter, 900, "kWh"));
        let small: Vec<f64> = (0..4).map(f64::from).collect();
        assert!(is_counter(&small, 900, "Zählerstand [kWh]"));
        assert!(!is_counter(&small, 900, "kWh"));
        assert!(!is_counter(&[3.0; 200], 900, "counter"));
        let ramp: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(!is_counter(&ramp, 900, "kW"));
        let mut falls = counter.clone();
        falls[100] = 1.0;
        assert!(!is_counter(&falls, 900, "kWh"));
    }
}
