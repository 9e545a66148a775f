//! The distributions that an axis may be drawn from, by inverse of the cumulative probability:
//! a share between 0 and 1 goes in, the number below which that share of all draws lies comes out.

use super::value::shortest;
use crate::stats::{normal_cdf, normal_quantile};

/// Truncation must leave at least this share of the bell: less is a slip of the pen.
const LEAST_MASS: f64 = 1e-12;
/// No draw lies further out than this many standard deviations.
const FARTHEST_SD: f64 = 40.0;
/// Natural logarithms of numbers that still have all their digits.
const LOG_RANGE: std::ops::Range<f64> = -708.0..709.0;

/// A checked distribution, ready to draw from.
#[derive(Clone, Debug)]
pub(super) enum Distribution {
    Uniform { from: f64, to: f64 },
    LogUniform { from: f64, to: f64 },
    Normal(Bell),
    LogNormal { bell: Bell, from: f64, to: f64 },
    Triangular { from: f64, mode: f64, to: f64 },
}

impl Distribution {
    pub(super) fn uniform(from: f64, to: f64) -> Result<Self, String> {
        check_range(from, to)?;
        Ok(Self::Uniform { from, to })
    }

    pub(super) fn log_uniform(from: f64, to: f64) -> Result<Self, String> {
        check_range(from, to)?;
        check_above_zero("from", from)?;
        Ok(Self::LogUniform { from, to })
    }

    pub(super) fn normal(
        mean: f64,
        sd: f64,
        from: Option<f64>,
        to: Option<f64>,
    ) -> Result<Self, String> {
        check_finite("mean", mean)?;
        check_above_zero("sd", sd)?;
        let (from, to) = check_bounds(from, to)?;
        if !(mean.abs() + FARTHEST_SD * sd).is_finite() {
            return Err(format!(
                "`sd: {}` is too large: a drawn value exceeds the range of numbers; lower it",
                shortest(sd)
            ));
        }
        Bell::new(mean, sd, from, to).map(Self::Normal)
    }

    pub(super) fn log_normal(
        median: f64,
        sigma: f64,
        from: Option<f64>,
        to: Option<f64>,
    ) -> Result<Self, String> {
        check_above_zero("median", median)?;
        check_above_zero("sigma", sigma)?;
        for (name, bound) in [("from", from), ("to", to)] {
            bound.map_or(Ok(()), |bound| check_above_zero(name, bound))?;
        }
        let (from, to) = check_bounds(from, to)?;
        let (mean, reach) = (median.ln(), FARTHEST_SD * sigma);
        if !LOG_RANGE.contains(&(mean - reach)) || !LOG_RANGE.contains(&(mean + reach)) {
            return Err(format!(
                "`sigma: {}` is too large: a drawn value exceeds the range of numbers; lower it",
                shortest(sigma)
            ));
        }
        let low = if from.is_finite() { from.ln() } else { f64::NEG_INFINITY };
        let bell = Bell::new(mean, sigma, low, to.ln())?;
        Ok(Self::LogNormal { bell, from, to })
    }

    pub(super) fn triangular(from: f64, mode: f64, to: f64) -> Result<Self, String> {
        check_range(from, to)?;
        check_finite("mode", mode)?;
        if !(from..=to).contains(&mode) {
            let [from, mode, to] = [from, mode, to].map(shortest);
            return Err(format!("`mode: {mode}` must lie between `from: {from}` and `to: {to}`"));
        }
        Ok(Self::Triangular { from, mode, to })
    }

    /// The number below which this share of all draws lies; `share` is above 0 and below 1.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        match *self {
            Self::Uniform { from, to } => between(from, to, share).clamp(from, to),
            Self::LogUniform { from, to } => {
                between(from.ln(), to.ln(), share).exp().clamp(from, to)
            }
            Self::Normal(ref bell) => bell.quantile(share),
            Self::LogNormal { ref bell, from, to } => bell.quantile(share).exp().clamp(from, to),
            Self::Triangular { from, mode, to } => triangle(from, mode, to, share).clamp(from, to),
        }
    }
}

/// Written so that it does not overflow where the range itself would.
fn between(from: f64, to: f64, share: f64) -> f64 {
    from * (1.0 - share) + to * share
}

fn triangle(from: f64, mode: f64, to: f64, share: f64) -> f64 {
    let (rise, fall) = (mode / 2.0 - from / 2.0, to / 2.0 - mode / 2.0);
    let peak = rise / (rise + fall);
    if share <= peak {
        between(from, mode, (share / peak).sqrt())
    } else {
        between(to, mode, ((1.0 - share) / (1.0 - peak)).sqrt())
    }
}

/// A normal distribution between two bounds, which may be infinite.
#[derive(Clone, Debug)]
pub(super) struct Bell {
    mean: f64,
    sd: f64,
    from: f64,
    to: f64,
    /// Bounds above the mean are mirrored: the left tail has the finer probabilities.
    mirrored: bool,
    /// The probability below the left bound (of the mirrored bell), and between the bounds.
    below: f64,
    mass: f64,
}

impl Bell {
    fn new(mean: f64, sd: f64, from: f64, to: f64) -> Result<Self, String> {
        let (low, high) = ((from - mean) / sd, (to - mean) / sd);
        let mirrored = low > 0.0;
        let (low, high) = if mirrored { (-high, -low) } else { (low, high) };
        let below = normal_cdf(low);
        let mass = normal_cdf(high) - below;
        if mass.is_nan() || mass < LEAST_MASS {
            return Err("almost none of the distribution lies between `from` and `to`; move \
                        the bounds closer to its mean or median, or further apart"
                .to_owned());
        }
        Ok(Self { mean, sd, from, to, mirrored, below, mass })
    }

    fn quantile(&self, share: f64) -> f64 {
        let share = if self.mirrored { 1.0 - share } else { share };
        let probability = self.below + self.mass * share;
        let probability = probability.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0);
        let deviations = normal_quantile(probability).unwrap_or(0.0);
        let deviations = if self.mirrored { -deviations } else { deviations };
        (self.mean + self.sd * deviations).clamp(self.from, self.to)
    }
}

fn check_finite(name: &str, number: f64) -> Result<(), String> {
    if number.is_finite() {
        Ok(())
    } else {
        Err(format!("`{name}: {}` must be a finite number", shortest(number)))
    }
}

fn check_above_zero(name: &str, number: f64) -> Result<(), String> {
    check_finite(name, number)?;
    if number > 0.0 {
        Ok(())
    } else {
        Err(format!("`{name}: {}` must be more than 0", shortest(number)))
    }
}

fn check_range(from: f64, to: f64) -> Result<(), String> {
    check_finite("from", from)?;
    check_finite("to", to)?;
    let (low, high) = (shortest(from), shortest(to));
    if from > to {
        Err(format!("`from: {low}` lies above `to: {high}`; swap them"))
    } else if from == to {
        Err(format!("`from` and `to` are both {low}: nothing to draw; write `List([{low}])`"))
    } else {
        Ok(())
    }
}

/// The bounds, infinite where there are none.
fn check_bounds(from: Option<f64>, to: Option<f64>) -> Result<(f64, f64), String> {
    match (from, to) {
        (Some(from), Some(to)) => check_range(from, to)?,
        (Some(from), None) => check_finite("from", from)?,
        (None, Some(to)) => check_finite("to", to)?,
        (None, None) => {}
    }
    Ok((from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY)))
}
