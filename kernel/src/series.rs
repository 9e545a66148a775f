//! Time series with a constant step, and resampling that keeps the integral: the energy of an hour
//! is the same in one value or in sixty.

use crate::{SimTime, Span};

/// Why a series could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesError {
    /// The step is zero.
    ZeroStep,
    /// There is no value at all.
    Empty,
    /// The value at this index is NaN or infinite.
    NotFinite(usize),
}

impl std::fmt::Display for SeriesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ZeroStep => write!(f, "a time series needs a step above zero"),
            Self::Empty => write!(f, "a time series needs at least one value"),
            Self::NotFinite(i) => write!(f, "value {i} of the time series is not a finite number"),
        }
    }
}

impl std::error::Error for SeriesError {}

/// Means over consecutive steps from the start on: value `i` describes `[i step, (i + 1) step)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    step: Span,
    values: Vec<f64>,
}

impl Series {
    /// A series of means over steps of `step`.
    ///
    /// # Errors
    /// A zero step, no values, or a value that is not finite.
    pub fn new(step: Span, values: Vec<f64>) -> Result<Self, SeriesError> {
        if step.is_zero() {
            return Err(SeriesError::ZeroStep);
        }
        if values.is_empty() {
            return Err(SeriesError::Empty);
        }
        match values.iter().position(|v| !v.is_finite()) {
            Some(i) => Err(SeriesError::NotFinite(i)),
            None => Ok(Self { step, values }),
        }
    }

    /// The step.
    pub fn step(&self) -> Span {
        self.step
    }

    /// The means, in order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean of the step that holds `t`; the series repeats from its start once it has ended.
    pub fn at(&self, t: SimTime) -> f64 {
        let i = Span(t.0) / self.step;
        self.values[(i % self.values.len() as u64) as usize]
    }

    /// The integral over the whole series, in value-hours.
    pub fn integral_h(&self) -> f64 {
        self.values.iter().sum::<f64>() * self.step.as_hours_f64()
    }

    /// The same course in steps of `step`, as means weighted by overlap: over any stretch that both
    /// grids share the integral is kept. A last step that the series only partly covers gets the
    /// mean of what is covered.
    ///
    /// # Errors
    /// A zero step.
    pub fn resample(&self, step: Span) -> Result<Self, SeriesError> {
        if step.is_zero() {
            return Err(SeriesError::ZeroStep);
        }
        let (from, to) = (self.step.0, step.0);
        let end = from * self.values.len() as u64;
        let count = end.div_ceil(to);
        let values = (0..count)
            .map(|k| {
                let (a, b) = (k * to, ((k + 1) * to).min(end));
                let (first, last) = (a / from, (b - 1) / from);
                let weighted: f64 = (first..=last)
                    .map(|i| {
                        let overlap = b.min((i + 1) * from) - a.max(i * from);
                        self.values[i as usize] * overlap as f64
                    })
                    .sum();
                weighted / (b - a) as f64
            })
            .collect();
        Ok(Self { step, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn resampling_keeps_the_integral(
            values in prop::collection::vec(-1e3..1e3f64, 1..50),
            from in 1u64..50,
            to in 1u64..50,
        ) {
            let series = Series::new(Span(from), values.clone()).unwrap();
            let fine = series.resample(Span(to)).unwrap();
            let whole = from * values.len() as u64;
            let sum: f64 = fine.values().iter().enumerate().map(|(k, v)| {
                let covered = (whole - k as u64 * to).min(to);
                v * covered as f64
            }).sum();
            let expected: f64 = values.iter().map(|v| v * from as f64).sum();
            prop_assert!((sum - expected).abs() < 1e-6 * (1.0 + expected.abs()));
        }
    }

    #[test]
    fn refuses_what_is_no_series() {
        assert_eq!(Series::new(Span::ZERO, vec![1.0]), Err(SeriesError::ZeroStep));
        assert_eq!(Series::new(Span::HOUR, vec![]), Err(SeriesError::Empty));
        assert_eq!(Series::new(Span::HOUR, vec![1.0, f64::NAN]), Err(SeriesError::NotFinite(1)));
    }
}
