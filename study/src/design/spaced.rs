//! Numbers with equal steps or equal ratios, both ends hit exactly.

use super::value::shortest;

/// Beyond 15 digits the points would show the rounding of the arithmetic: 0.30000000000000004.
const STEP_DIGITS: usize = 15;
/// Logarithms cost some digits of large ratios.
const RATIO_DIGITS: usize = 12;

/// `count` numbers with equal steps.
pub(super) fn linspace(from: f64, to: f64, count: usize) -> Result<Vec<f64>, String> {
    check_ends(from, to)?;
    let between = |share: f64| {
        let (first, last) = (from * (1.0 - share), to * share);
        first + last
    };
    spaced(from, to, count, |step, steps| {
        // The products keep whole numbers whole; the shares never overflow.
        let sum = from * (steps - step) + to * step;
        let point = if sum.is_finite() { sum / steps } else { between(step / steps) };
        rounded(point, STEP_DIGITS)
    })
}

/// `count` numbers with equal ratios.
pub(super) fn logspace(from: f64, to: f64, count: usize) -> Result<Vec<f64>, String> {
    check_ends(from, to)?;
    if from <= 0.0 {
        return Err(format!(
            "a logarithmic scale has no zero: found `from: {}`, expected more than 0",
            shortest(from)
        ));
    }
    let (low, high) = (from.ln(), to.ln());
    spaced(from, to, count, |step, steps| {
        let share = step / steps;
        rounded((low * (1.0 - share) + high * share).exp(), RATIO_DIGITS)
    })
}

fn check_ends(from: f64, to: f64) -> Result<(), String> {
    let (low, high) = (shortest(from), shortest(to));
    if !from.is_finite() || !to.is_finite() {
        Err(format!("`from: {low}` and `to: {high}` must be finite numbers"))
    } else if from > to {
        Err(format!("`from: {low}` lies above `to: {high}`; swap them"))
    } else {
        Ok(())
    }
}

fn spaced(
    from: f64,
    to: f64,
    count: usize,
    inner: impl Fn(f64, f64) -> f64,
) -> Result<Vec<f64>, String> {
    if count == 0 {
        return Err("`count: 0` gives no values; write 1 or more".to_owned());
    }
    let last = count - 1;
    let points: Vec<f64> = (0..count)
        .map(|step| match step {
            0 => from,
            step if step == last => to,
            step => inner(step as f64, last as f64),
        })
        .collect();
    let rising = points.windows(2).all(|pair| matches!(pair, [low, high] if low < high));
    if rising {
        Ok(points)
    } else if from == to {
        Err(format!("all {count} values would be {}; write `count: 1`", shortest(from)))
    } else {
        Err(format!(
            "{} to {} has no room for {count} different numbers; lower `count`",
            shortest(from),
            shortest(to)
        ))
    }
}

/// The number with so many digits; whole numbers stay as they are.
fn rounded(number: f64, digits: usize) -> f64 {
    if number.fract() == 0.0 {
        return number;
    }
    let places = digits - 1;
    format!("{number:.places$e}").parse().unwrap_or(number)
}
