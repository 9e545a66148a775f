//! A load's next hours and days: the scenario's model of it, corrected by what its meter has shown.
//! Not the model, and not what a load does when it is shed.
//!
//! ```text
//! load(t) = model(t) (1 + gain) + now(t) + pattern(hour, kind of day) + noise
//! ```
//!
//! `gain` and the pattern (a value for each hour of a working day and of another day, linear in
//! between) wander slowly; `now` is what is different at present and fades within hours
//! (autoregressive of the first order). All are one state of 50 numbers. This is a structural time
//! series model (Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*,
//! Cambridge 1989, sections 2.3 and 4.1) with the model as its regressor. Only the proportions of
//! the variances are fixed; their common scale is learned from the normalised innovations (West and
//! Harrison, *Bayesian Forecasting and Dynamic Models*, 2nd ed., Springer 1997, section 4.5), so
//! that the standard deviations are those of this load.

use super::kalman::Kalman;
use gridtwin_kernel::Span;
use nalgebra::SVector;

/// After this many days the forecast for a day ahead is better than the model and than yesterday's
/// load.
pub const WARM_UP_DAYS: u32 = 14;

const HOURS: usize = 24;
const GAIN: usize = 0;
const NOW: usize = 1;
const PATTERN: usize = 2;
const SIZE: usize = PATTERN + 2 * HOURS;

/// What the model's gain may be off at first.
const GAIN_DEVIATION: f64 = 0.4;
/// Deviations of the pattern and of what is different at present, in shares of the typical power.
const PATTERN_SHARE: f64 = 0.2;
const NOW_SHARE: f64 = 0.1;
/// How the gain and the pattern wander, per root of a day.
const GAIN_PER_DAY: f64 = 0.01;
const PATTERN_PER_DAY: f64 = 0.01;
/// How long what is different at present lasts.
const NOW_MEMORY_H: f64 = 2.0;
/// Noise of an interval: shares of the model's and of the typical power.
const NOISE_SHARE: f64 = 0.04;
const NOISE_FLOOR: f64 = 0.02;
/// A reading further off than this many standard deviations weighs as if it were just there.
const OUTLIER: f64 = 3.0;
/// The number of intervals from which the scale of the variances is learned, and the weight of its
/// initial value.
const SCALE_MEMORY: f64 = 500.0;
const SCALE_START: f64 = 50.0;

/// What kind of day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// Monday to Friday, but for holidays.
    Working,
    /// Saturday, Sunday, a holiday.
    Free,
}

/// The position of an interval in the local calendar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct When {
    /// Local hour of the middle of the interval, 0 to 24.
    pub hour: f64,
    /// What kind of day it is.
    pub day: DayKind,
}

/// An interval that is to be foreseen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coming {
    /// Its position in the local calendar.
    pub when: When,
    /// The scenario's modelled power, kW.
    pub model_kw: f64,
}

/// What an interval will bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Foreseen {
    /// Mean, kW, never below zero.
    pub mean_kw: f64,
    /// Standard deviation, kW.
    pub deviation_kw: f64,
}

/// The state of one load's forecast.
#[derive(Clone, Debug)]
pub struct LoadForecast {
    typical_kw: f64,
    filter: Kalman<SIZE>,
    scale: f64,
    scale_weight: f64,
}

impl LoadForecast {
    /// A load of which nothing is known but its model; `typical_kw` is the model's mean power.
    pub fn new(typical_kw: f64) -> Self {
        let typical_kw = if typical_kw > 1e-6 { typical_kw } else { 1e-6 };
        let deviation = SVector::from_fn(|index, _| match index {
            GAIN => GAIN_DEVIATION,
            NOW => NOW_SHARE * typical_kw,
            _ => PATTERN_SHARE * typical_kw,
        });
        Self {
            typical_kw,
            filter: Kalman::new(SVector::zeros(), deviation),
            scale: 1.0,
            scale_weight: SCALE_START,
        }
    }

    /// An interval of length `span` is over, in which the load drew `metered_kw` on average;
    /// nothing where it was not metered, was shed, or is not to be learned from.
    pub fn look(&mut self, metered_kw: Option<f64>, interval: Coming, span: Span) {
        Self::pass(&mut self.filter, self.typical_kw, span);
        let Some(kw) = metered_kw else { return };
        let h = row(interval);
        let r = self.noise(interval.model_kw);
        let (more_kw, variance) = self.filter.expect(&h, r);
        let more_metered_kw = kw - interval.model_kw;
        let nis = (more_metered_kw - more_kw).powi(2) / variance;
        if !nis.is_finite() {
            return;
        }
        // An outlier is weighted as if it were at the gate: its noise is increased accordingly.
        let beyond = nis / (OUTLIER * OUTLIER * self.scale);
        let r = if beyond > 1.0 { r + variance * (beyond - 1.0) } else { r };
        self.filter.update(&h, more_metered_kw, r, None);
        self.scale_weight = (self.scale_weight + 1.0).min(SCALE_MEMORY);
        let nis = nis.min(2.0 * OUTLIER * OUTLIER * self.scale);
        self.scale = (self.scale + (nis - self.scale) / self.scale_weight).max(1e-6);
    }

    /// The forecast of coming intervals, each of length `span`; the first begins now.
    pub fn foresee(&self, coming: impl IntoIterator<Item = Coming>, span: Span) -> Vec<Foreseen> {
        let foreseen = (1..).zip(coming).map(|(steps, interval)| {
            let (more_kw, variance) = self.after(steps, interval, span);
            let deviation_kw = (self.scale * variance).sqrt();
            Foreseen { mean_kw: (interval.model_kw + more_kw).max(0.0), deviation_kw }
        });
        foreseen.collect()
    }

    /// The expected deviation from the model in a future interval, and its variance, after `steps`
    /// intervals of length `span`: the result of [`LoadForecast::pass`], computed only for the
    /// numbers that matter.
    fn after(&self, steps: i32, interval: Coming, span: Span) -> (f64, f64) {
        let (state, covariance) = (self.filter.state(), self.filter.covariance());
        let hours = span.as_hours_f64();
        let fade = (-hours / NOW_MEMORY_H).exp().powi(steps);
        let days = hours / 24.0 * f64::from(steps);
        let kept = |index: usize| if index == NOW { fade } else { 1.0 };
        let grown = |index: usize| match index {
            GAIN => GAIN_PER_DAY.powi(2) * days,
            NOW => (NOW_SHARE * self.typical_kw).powi(2) * (1.0 - fade * fade),
            _ => (PATTERN_PER_DAY * self.typical_kw).powi(2) * days,
        };
        let parts = parts(interval);
        let mut more_kw = 0.0;
        let mut variance = self.noise(interval.model_kw);
        for &(i, share) in &parts {
            more_kw += share * kept(i) * state[i];
            variance += share * share * grown(i);
            for &(j, other) in &parts {
                variance += share * other * kept(i) * kept(j) * covariance[(i, j)];
            }
        }
        (more_kw, variance.max(0.0))
    }

    fn pass(filter: &mut Kalman<SIZE>, typical_kw: f64, span: Span) {
        let hours = span.as_hours_f64();
        let fade = (-hours / NOW_MEMORY_H).exp();
        filter.decay(NOW, fade);
        let days = hours / 24.0;
        let q = SVector::from_fn(|index, _| match index {
            GAIN => GAIN_PER_DAY.powi(2) * days,
            NOW => (NOW_SHARE * typical_kw).powi(2) * (1.0 - fade * fade),
            _ => (PATTERN_PER_DAY * typical_kw).powi(2) * days,
        });
        filter.widen(&q);
    }

    fn noise(&self, model_kw: f64) -> f64 {
        (NOISE_SHARE * model_kw.abs()).hypot(NOISE_FLOOR * self.typical_kw).powi(2)
    }
}

/// How the load follows from the state.
fn row(interval: Coming) -> SVector<f64, SIZE> {
    let mut h = SVector::zeros();
    for (index, share) in parts(interval) {
        h[index] = share;
    }
    h
}

/// The numbers of the state that contribute to an interval, with their weights; all others have
/// weight zero.
fn parts(interval: Coming) -> [(usize, f64); 4] {
    let first = match interval.when.day {
        DayKind::Working => PATTERN,
        DayKind::Free => PATTERN + HOURS,
    };
    let hour =
        if interval.when.hour.is_finite() { interval.when.hour.rem_euclid(24.0) } else { 0.0 };
    let before = (hour as usize).min(HOURS - 1);
    let share = hour - before as f64;
    [
        (GAIN, interval.model_kw),
        (NOW, 1.0),
        (first + before, 1.0 - share),
        (first + (before + 1) % HOURS, share),
    ]
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
