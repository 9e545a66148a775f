//! The ratio of an array's output to its model: its performance ratio. Not the model.
//!
//! State `x = (ratio, drift)`: the ratio, and how much it changes in a day. Over a stretch of `dt`
//! days
//!
//! ```text
//! ratio' = ratio + drift dt        drift' = drift exp(-dt / 30 d)
//! z = metered_kw / modelled_kw     r = (deviation / modelled)^2 (rated / 2 modelled) (6 h / dt)
//! ```
//!
//! The information in a reading grows with the modelled power, so that the estimate tends to
//! metered *energy* divided by modelled energy (IEC 61724-1:2021 defines the performance ratio by
//! energies) and not to the mean of ratios, which a few minutes of sun under modelled clouds would
//! distort. The model's errors last for hours (clouds, haze, snow), so that all readings within six
//! hours together count as one. Nothing is learned at night, under curtailment, or without modelled
//! light. The filter is a local linear trend (Durbin and Koopman, *Time Series Analysis by State
//! Space Methods*, 2nd ed., Oxford 2012, section 3.2) with a damped slope.

use super::kalman::Kalman;
use crate::estimate::anomaly::Expected;
use gridtwin_kernel::Span;
use nalgebra::{Matrix2, SVector};

use super::soc::Estimate;

/// Below this share of the rated power the model has no light worth learning from.
const LEAST_SHARE: f64 = 0.05;
/// Readings within this time err together.
const MEMORY_H: f64 = 6.0;
/// What the ratio may be off at first.
const START_DEVIATION: f64 = 0.2;
/// How the ratio wanders, per root of a day: dust, rain and the seasons.
const WALK_PER_DAY: f64 = 0.005;
/// How the drift wanders; dirt takes 0.1 to 1 % a day where it takes any (Ilse et al., "Techno-
/// economic assessment of soiling losses", Joule 3, 2019).
const DRIFT_PER_DAY: f64 = 0.001;
const DRIFT_DEVIATION: f64 = 0.003;
const DRIFT_MEMORY_DAYS: f64 = 30.0;

/// One array's performance ratio.
#[derive(Clone, Debug)]
pub struct Performance {
    rated_kw: f64,
    filter: Kalman<2>,
}

impl Performance {
    /// An array of `rated_kw` of which nothing is known but the model.
    pub fn new(rated_kw: f64) -> Self {
        let filter = Kalman::new(
            SVector::from([1.0, 0.0]),
            SVector::from([START_DEVIATION, DRIFT_DEVIATION]),
        );
        Self { rated_kw: rated_kw.max(1e-9), filter }
    }

    /// The array's mean power was `metered_kw` for `span`, and its model's `expected`. Returns
    /// whether something was learned.
    pub fn look(
        &mut self,
        metered_kw: Option<f64>,
        expected: Expected,
        curtailed: bool,
        span: Span,
    ) -> bool {
        let days = span.as_hours_f64() / 24.0;
        let f = Matrix2::new(1.0, days, 0.0, (-days / DRIFT_MEMORY_DAYS).exp());
        let next = f * self.filter.state();
        let q = SVector::from([WALK_PER_DAY.powi(2) * days, DRIFT_PER_DAY.powi(2) * days]);
        self.filter.predict(next, &f, &q);
        self.filter.hold_within(0, 0.0, 2.0);
        let light = expected.mean_kw >= LEAST_SHARE * self.rated_kw;
        let (Some(kw), true, false) = (metered_kw, light, curtailed) else { return false };
        let share = (expected.deviation_kw / expected.mean_kw).max(0.02);
        let weight = 2.0 * expected.mean_kw / self.rated_kw;
        let together = (MEMORY_H / span.as_hours_f64()).max(1.0);
        let r = share * share / weight * together;
        let taken = self.filter.update(&SVector::from([1.0, 0.0]), kw / expected.mean_kw, r, None);
        self.filter.hold_within(0, 0.0, 2.0);
        taken.is_some()
    }

    /// The performance ratio: output divided by the model's power.
    pub fn ratio(&self) -> Estimate {
        let (value, deviation) = self.filter.part(0);
        Estimate { value, deviation }
    }

    /// How much it changes in a day; below zero where dirt or age take something.
    pub fn drift_per_day(&self) -> Estimate {
        let (value, deviation) = self.filter.part(1);
        Estimate { value, deviation }
    }

    /// The model's power, corrected by the performance ratio.
    pub fn correct(&self, expected: Expected) -> Expected {
        let ratio = self.ratio();
        let deviation_kw =
            (ratio.value * expected.deviation_kw).hypot(ratio.deviation * expected.mean_kw);
        Expected { mean_kw: ratio.value * expected.mean_kw, deviation_kw }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    const STEP: Span = Span::from_secs(300);

    /// A day of 288 intervals; the model errs by `error` for hours, the array gives `ratio` of it.
    fn day(array: &mut Performance, ratio: f64, error: f64, random: &mut ChaCha8Rng) {
        let mut off = 0.0;
        for i in 0..288 {
            if i % 48 == 0 {
                let z: f64 = StandardNormal.sample(random);
                off = error * z;
            }
            let sun = ((f64::from(i) - 72.0) / 144.0 * std::f64::consts::PI).sin().max(0.0);
            let mean_kw = 80.0 * sun;
            let expected = Expected { mean_kw, deviation_kw: error * mean_kw };
            array.look(Some(mean_kw * ratio * (1.0 + off)), expected, false, STEP);
        }
    }

    #[test]
    fn the_ratio_of_an_array_becomes_known_in_weeks_where_the_sky_is_known() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut array = Performance::new(100.0);
        for _ in 0..21 {
            day(&mut array, 0.85, 0.1, &mut random);
        }
        let ratio = array.ratio();
        assert!((ratio.value - 0.85).abs() < 0.04, "{ratio:?}");
        assert!(ratio.deviation < 0.04);
        let corrected = array.correct(Expected { mean_kw: 50.0, deviation_kw: 5.0 });
        assert!((corrected.mean_kw - 42.5).abs() < 2.0);
        assert!(corrected.deviation_kw > 4.0 && corrected.deviation_kw < 6.0);
    }

    #[test]
    fn dirt_shows_as_a_drift() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let mut array = Performance::new(100.0);
        for i in 0..60 {
            day(&mut array, 0.95 - 0.006 * f64::from(i), 0.05, &mut random);
        }
        assert!((array.ratio().value - 0.596).abs() < 0.05, "{:?}", array.ratio());
        assert!(array.drift_per_day().value < -0.002, "{:?}", array.drift_per_day());
    }

    #[test]
    fn with_a_sky_that_nobody_knows_it_says_that_it_does_not_know() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let (mut squares, runs) = (0.0, 30);
        for _ in 0..runs {
            let mut array = Performance::new(100.0);
            for _ in 0..14 {
                day(&mut array, 0.9, 0.5, &mut random);
            }
            let ratio = array.ratio();
            assert!(ratio.deviation > 0.05, "{ratio:?}");
            squares += ((ratio.value - 0.9) / ratio.deviation).powi(2);
        }
        let ratio = f64::sqrt(squares / f64::from(runs));
        assert!(ratio < 1.5, "{ratio}");
    }

    #[test]
    fn nothing_is_learned_at_night_nor_under_curtailment_nor_without_a_meter() {
        let mut array = Performance::new(100.0);
        let sun = Expected { mean_kw: 50.0, deviation_kw: 5.0 };
        let night = Expected { mean_kw: 0.0, deviation_kw: 0.0 };
        assert!(!array.look(Some(-0.1), night, false, STEP));
        assert!(!array.look(Some(10.0), sun, true, STEP));
        assert!(!array.look(None, sun, false, STEP));
        assert_eq!(array.ratio().value, 1.0);
        assert!(array.look(Some(50.0), sun, false, STEP));
    }
}
