//! Clouds as a random process: how much of a cloudless sky's light comes through, minute by minute.
//! It knows no sun, no place and no season.

use gridtwin_kernel::Stream;
use rand::RngExt;
use rand_distr::StandardNormal;

/// A stationary Gaussian process that forgets with one time constant (Ornstein and Uhlenbeck), of
/// mean 0 and variance 1, stepped exactly whatever the step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drift {
    keep: f64,
    noise: f64,
    /// Its value now.
    pub(super) value: f64,
}

impl Drift {
    /// In its stationary state, for steps of `step_s`.
    pub(super) fn new(memory_h: f64, step_s: f64, stream: &mut Stream) -> Self {
        let keep = (-step_s / (3600.0 * memory_h)).exp();
        Self { keep, noise: (1.0 - keep * keep).sqrt(), value: stream.sample(StandardNormal) }
    }

    /// One step on.
    #[inline]
    pub(super) fn step(&mut self, stream: &mut Stream) -> f64 {
        let draw: f64 = stream.sample(StandardNormal);
        self.value = self.keep * self.value + self.noise * draw;
        self.value
    }
}

/// Weather fronts, cloud fields and single clouds: memory in hours and share of the variance.
const SCALES: [(f64, f64); 3] = [(19.0, 0.80), (0.55, 0.34), (0.1, 0.06)];

/// Clear-sky index over the clouds' latent state (a standard normal where `clearness` is 0): the
/// quantiles of a temperate, sunny place. It is steep in the middle: the sun is either behind a
/// cloud or it is not.
const INDEX: [(f64, f64); 13] = [
    (-3.5, 0.06),
    (-2.6, 0.12),
    (-2.0, 0.20),
    (-1.5, 0.27),
    (-1.1, 0.34),
    (-0.75, 0.46),
    (-0.4, 0.62),
    (-0.1, 0.80),
    (0.2, 0.90),
    (0.6, 0.94),
    (1.2, 0.99),
    (2.0, 1.05),
    (3.0, 1.15),
];

/// The clouds over one place.
pub(super) struct Clouds {
    scales: [Drift; 3],
    clearness: f64,
}

impl Clouds {
    /// Clouds for steps of `step_s`; `clearness` moves the latent state: 0.5 is a desert's edge,
    /// -0.6 the Aleutians.
    pub(super) fn new(clearness: f64, step_s: f64, stream: &mut Stream) -> Self {
        Self { scales: SCALES.map(|(memory_h, _)| Drift::new(memory_h, step_s, stream)), clearness }
    }

    /// One step on: the clear-sky index.
    #[inline]
    pub(super) fn step(&mut self, stream: &mut Stream) -> f64 {
        let mut state = self.clearness;
        for (drift, (_, variance)) in self.scales.iter_mut().zip(SCALES) {
            state += variance.sqrt() * drift.step(stream);
        }
        index_of(state)
    }
}

/// On the lines between the knots, and held outside of them.
fn index_of(state: f64) -> f64 {
    let after = INDEX.iter().position(|&(at, _)| state < at);
    match after {
        Some(0) => INDEX[0].1,
        None => INDEX[INDEX.len() - 1].1,
        Some(k) => {
            let ((a, low), (b, high)) = (INDEX[k - 1], INDEX[k]);
            low + (high - low) * (state - a) / (b - a)
        }
    }
}
