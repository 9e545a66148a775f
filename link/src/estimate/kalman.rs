//! A small Kalman filter: the state of a linear system from noisy readings, one at a time. Not the
//! models of batteries, arrays and loads, which bring their own matrices.
//!
//! ```text
//! x- = F x            P- = F P F' + Q          what is expected before a reading
//! v  = z - h' x-      s  = h' P- h + r         the innovation and its variance
//! k  = P- h / s       x  = x- + k v
//! P  = (I - k h') P- (I - k h')' + k r k'      Joseph's form
//! ```
//!
//! Source: Bar-Shalom, Li and Kirubarajan, *Estimation with Applications to Tracking and
//! Navigation* (Wiley 2001): the filter in section 5.2, Joseph's form in 5.2.3, the normalised
//! innovation squared `v^2 / s`, chi-squared with one degree of freedom where the model is right,
//! in section 5.4. A reading with several independent parts is taken part by part, which is the
//! same.

use nalgebra::{SMatrix, SVector};

/// The difference of a reading from its expectation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Innovation {
    /// The reading less its expectation, in the reading's unit.
    pub value: f64,
    /// Its variance if the model is right.
    pub variance: f64,
    /// Whether it lay within the gate and has changed the state.
    pub taken: bool,
}

impl Innovation {
    /// In standard deviations, with its sign.
    pub fn normalised(&self) -> f64 {
        self.value / self.variance.sqrt()
    }

    /// The normalised innovation squared.
    pub fn nis(&self) -> f64 {
        self.value * self.value / self.variance
    }
}

/// A state of `N` numbers and how well each is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Kalman<const N: usize> {
    state: SVector<f64, N>,
    covariance: SMatrix<f64, N, N>,
}

impl<const N: usize> Kalman<N> {
    /// A state that is known to the standard deviations given, each by itself.
    pub fn new(state: SVector<f64, N>, deviation: SVector<f64, N>) -> Self {
        let variance = deviation.component_mul(&deviation);
        Self { state, covariance: SMatrix::from_diagonal(&variance) }
    }

    /// The state.
    pub fn state(&self) -> &SVector<f64, N> {
        &self.state
    }

    /// Its covariance, symmetric and positive.
    pub fn covariance(&self) -> &SMatrix<f64, N, N> {
        &self.covariance
    }

    /// One of the state's numbers and its standard deviation; zero and without end where there is
    /// none of that index.
    pub fn part(&self, index: usize) -> (f64, f64) {
        match (self.state.get(index), self.covariance.get((index, index))) {
            (Some(&value), Some(variance)) => (value, variance.max(0.0).sqrt()),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// Predicts: `next` is the following state (`F x`, or for a nonlinear model its own result),
    /// `f` its derivative by the present one, `q` the variance that time adds to each number.
    pub fn predict(&mut self, next: SVector<f64, N>, f: &SMatrix<f64, N, N>, q: &SVector<f64, N>) {
        self.state = next;
        self.covariance = f * self.covariance * f.transpose();
        self.make_symmetric();
        self.widen(q);
    }

    /// Predicts without a change of the state: a random walk.
    pub fn widen(&mut self, q: &SVector<f64, N>) {
        for index in 0..N {
            self.covariance[(index, index)] += q[index];
        }
    }

    /// Predicts: one number decays by `factor`; the others stay.
    pub fn decay(&mut self, index: usize, factor: f64) {
        if index < N {
            self.state[index] *= factor;
            for other in 0..N {
                self.covariance[(index, other)] *= factor;
                self.covariance[(other, index)] *= factor;
            }
        }
    }

    /// Sets one of the numbers anew, to a value that is known to a standard deviation.
    pub fn reset(&mut self, index: usize, value: f64, deviation: f64) {
        if index < N {
            self.state[index] = value;
            for other in 0..N {
                self.covariance[(index, other)] = 0.0;
                self.covariance[(other, index)] = 0.0;
            }
            self.covariance[(index, index)] = deviation * deviation;
        }
    }

    /// Limits one of the numbers to its possible range.
    pub fn hold_within(&mut self, index: usize, least: f64, most: f64) {
        if index < N {
            self.state[index] = self.state[index].clamp(least, most);
        }
    }

    /// What a reading of `h' x` with noise of variance `r` would be: mean and variance.
    pub fn expect(&self, h: &SVector<f64, N>, r: f64) -> (f64, f64) {
        (h.dot(&self.state), (h.dot(&(self.covariance * h)) + r).max(0.0))
    }

    /// Updates with a reading `z` of `h' x` with noise of variance `r`. Beyond `gate` (a normalised
    /// innovation squared) the innovation is returned but not used. None if the reading, or its
    /// expectation, is not a number, or the variance is not above zero.
    pub fn update(
        &mut self,
        h: &SVector<f64, N>,
        z: f64,
        r: f64,
        gate: Option<f64>,
    ) -> Option<Innovation> {
        let value = z - h.dot(&self.state);
        self.correct(h, value, r, gate)
    }

    /// Like [`Kalman::update`] for a reading that is not linear in the state: `value` is the
    /// reading less the model's expectation, `h` its derivative by the state (the extended filter,
    /// section 10.3 there).
    pub fn correct(
        &mut self,
        h: &SVector<f64, N>,
        value: f64,
        r: f64,
        gate: Option<f64>,
    ) -> Option<Innovation> {
        let ph = self.covariance * h;
        let variance = h.dot(&ph) + r;
        if !(value.is_finite() && r > 0.0 && variance.is_finite() && variance > 0.0) {
            return None;
        }
        let mut innovation = Innovation { value, variance, taken: false };
        if gate.is_some_and(|gate| innovation.nis() > gate) {
            return Some(innovation);
        }
        let k = ph / variance;
        // (I - k h') P, then times (I - k h')', then + k r k': all of rank one.
        let half = self.covariance - k * ph.transpose();
        self.covariance = half - (half * h) * k.transpose() + k * k.transpose() * r;
        self.state += k * value;
        self.make_symmetric();
        innovation.taken = true;
        Some(innovation)
    }

    /// Rounding is the only thing that makes it otherwise.
    fn make_symmetric(&mut self) {
        for row in 0..N {
            for column in 0..row {
                let mean = (self.covariance[(row, column)] + self.covariance[(column, row)]) / 2.0;
                self.covariance[(row, column)] = mean;
                self.covariance[(column, row)] = mean;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Matrix2, Vector2, Vector3};
    use proptest::prelude::*;

    #[test]
    fn a_constant_is_learned_as_the_mean_of_its_readings() {
        let mut filter = Kalman::<1>::new(SVector::from([0.0]), SVector::from([1e6]));
        let readings = [3.0, 5.0, 4.0, 8.0];
        for z in readings {
            filter.update(&SVector::from([1.0]), z, 4.0, None);
        }
        let (mean, deviation) = filter.part(0);
        assert!((mean - 5.0).abs() < 1e-6);
        // Four readings of deviation 2.
        assert!((deviation - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_track_is_followed_and_its_speed_is_found() {
        let mut filter = Kalman::<2>::new(SVector::from([0.0, 0.0]), SVector::from([10.0, 10.0]));
        let f = Matrix2::new(1.0, 1.0, 0.0, 1.0);
        for i in 1..=50 {
            let next = f * filter.state();
            filter.predict(next, &f, &Vector2::zeros());
            filter.update(&SVector::from([1.0, 0.0]), 3.0 * f64::from(i), 0.5, None);
        }
        assert!((filter.part(1).0 - 3.0).abs() < 0.01);
    }

    #[test]
    fn a_reading_beyond_the_gate_is_told_and_not_taken() {
        let mut filter = Kalman::<1>::new(SVector::from([0.0]), SVector::from([1.0]));
        let before = filter.clone();
        let innovation = filter.update(&SVector::from([1.0]), 50.0, 1.0, Some(9.0)).unwrap();
        assert!(!innovation.taken);
        assert_eq!(innovation.nis(), 1250.0);
        assert_eq!(filter, before);
        assert_eq!(filter.update(&SVector::from([1.0]), f64::NAN, 1.0, None), None);
        assert_eq!(filter.update(&SVector::from([1.0]), 1.0, 0.0, None), None);
        assert_eq!(filter, before);
    }

    proptest! {
        #[test]
        fn the_covariance_stays_symmetric_and_positive(
            steps in prop::collection::vec(
                (prop::array::uniform3(-2.0f64..2.0), -100.0f64..100.0, 1e-9f64..1e3, 0.0f64..1.0),
                1..120,
            ),
            deviation in prop::array::uniform3(1e-3f64..1e3),
        ) {
            let mut filter = Kalman::<3>::new(Vector3::zeros(), Vector3::from(deviation));
            for (index, (h, z, r, q)) in steps.into_iter().enumerate() {
                let mut f = SMatrix::<f64, 3, 3>::identity();
                f[(0, 1)] = q;
                f[(1, 2)] = -q;
                let next = f * filter.state();
                filter.predict(next, &f, &Vector3::new(q, 0.0, q * 1e-6));
                filter.decay(index % 3, 0.9);
                filter.update(&Vector3::from(h), z, r, None);
                let p = filter.covariance();
                prop_assert_eq!(*p, p.transpose());
                let scale = p.diagonal().max();
                let least = p.symmetric_eigenvalues().min();
                prop_assert!(least >= -1e-12 * scale, "{} of {}", least, scale);
                prop_assert!(p.diagonal().iter().all(|&variance| variance >= 0.0));
            }
        }

        #[test]
        fn a_reading_never_makes_anything_less_certain(
            h in prop::array::uniform3(-2.0f64..2.0), z in -10.0f64..10.0, r in 1e-3f64..1e3,
        ) {
            let mut filter = Kalman::<3>::new(Vector3::zeros(), SVector::from([1.0, 2.0, 3.0]));
            let before = *filter.covariance();
            filter.update(&Vector3::from(h), z, r, None);
            for index in 0..3 {
                prop_assert!(filter.covariance()[(index, index)] <= before[(index, index)] + 1e-12);
            }
        }
    }
}
