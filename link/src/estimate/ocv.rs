//! A battery's voltage at rest over its state of charge. Not how that is used, which is
//! [`super::SocFilter`].
//!
//! The two curves are rounded from tables measured at C/32 and room temperature: Sunil, Pattipati
//! and Balasingam, "Piecewise Linear Approximation of Battery Open-Circuit Voltage Characteristics
//! Using Dynamic Programming", IEEE Transactions on Instrumentation and Measurement, 2025 (Molicel
//! INR21700-P42A and Lithium Werks APR18650M1-B). Cells of one chemistry differ by some 20 mV; a
//! maker's own table does better.

use thiserror::Error;

const NMC: [(f64, f64); 9] = [
    (0.0, 2.51),
    (0.015, 2.90),
    (0.045, 3.15),
    (0.10, 3.33),
    (0.15, 3.42),
    (0.29, 3.57),
    (0.46, 3.70),
    (0.83, 4.06),
    (1.0, 4.19),
];

const LFP: [(f64, f64); 8] = [
    (0.0, 2.01),
    (0.012, 2.74),
    (0.027, 2.93),
    (0.053, 3.09),
    (0.09, 3.19),
    (0.30, 3.277),
    (0.98, 3.35),
    (1.0, 3.60),
];

/// Why a table is no curve.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum CurveError {
    /// Fewer than two points.
    #[error("a voltage curve needs at least two points; found {0}")]
    TooShort(usize),
    /// A point that is no number, or not above the one before it in both.
    #[error("point {0} of the voltage curve must be above the previous point in both values")]
    NotRising(usize),
}

/// Voltage at rest of one cell over its state of charge, linear between points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// A curve through points (state of charge, volts), rising in both.
    ///
    /// # Errors
    /// Fewer than two points, or points that do not rise.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Self, CurveError> {
        if points.len() < 2 {
            return Err(CurveError::TooShort(points.len()));
        }
        for (index, pair) in points.windows(2).enumerate() {
            let &[a, b] = pair else { continue };
            let finite = [a.0, a.1, b.0, b.1].iter().all(|number| number.is_finite());
            if !(finite && b.0 > a.0 && b.1 > a.1) {
                return Err(CurveError::NotRising(index + 2));
            }
        }
        Ok(Self { points })
    }

    /// A cell with nickel, manganese and cobalt (or aluminium): its curve is steep enough
    /// everywhere to determine the state of charge.
    pub fn nmc() -> Self {
        Self { points: NMC.to_vec() }
    }

    /// A cell with iron phosphate: its curve is so flat between 10 and 98 % that the voltage gives
    /// little information there.
    pub fn lfp() -> Self {
        Self { points: LFP.to_vec() }
    }

    /// Volts at a state of charge, and how they change with it, V per 1.
    pub fn at(&self, soc: f64) -> (f64, f64) {
        let mut answer = (0.0, 0.0);
        for pair in self.points.windows(2) {
            let &[(soc_a, volts_a), (soc_b, volts_b)] = pair else { continue };
            let slope = (volts_b - volts_a) / (soc_b - soc_a);
            answer = (volts_a + slope * (soc - soc_a), slope);
            if soc <= soc_b {
                break;
            }
        }
        answer
    }

    /// Whether a cell can have such a voltage at rest at all: half a volt beyond its ends and no
    /// more.
    pub(super) fn may_show(&self, volts: f64) -> bool {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return false;
        };
        (first.1 - 0.5..=last.1 + 0.5).contains(&volts)
    }

    /// The maximum deviation of the curve from its tangent at `soc`, up to `reach` away, V.
    pub(super) fn bend(&self, soc: f64, reach: f64) -> f64 {
        let (volts, slope) = self.at(soc);
        let off = |other: f64| (self.at(other).0 - (volts + slope * (other - soc))).abs();
        off((soc - reach).max(0.0)).max(off((soc + reach).min(1.0)))
    }
}

/// A battery's cells as its terminals show them.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// One cell.
    pub curve: Curve,
    /// How many are in series.
    pub in_series: f64,
    /// Resistance of the whole battery, ohms.
    pub resistance_ohm: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curves_that_are_given_are_curves() {
        for curve in [Curve::nmc(), Curve::lfp()] {
            assert_eq!(Curve::new(curve.points.clone()), Ok(curve));
        }
    }

    #[test]
    fn between_points_it_is_a_line_and_beyond_them_too() {
        let curve = Curve::new(vec![(0.0, 3.0), (0.5, 3.5), (1.0, 4.5)]).unwrap();
        assert_eq!(curve.at(0.25), (3.25, 1.0));
        assert_eq!(curve.at(0.75), (4.0, 2.0));
        assert_eq!(curve.at(1.5), (5.5, 2.0));
        assert_eq!(curve.at(-1.0), (2.0, 1.0));
    }

    #[test]
    fn a_table_that_falls_is_refused_with_its_place() {
        assert_eq!(Curve::new(vec![(0.0, 3.0)]), Err(CurveError::TooShort(1)));
        let falls = vec![(0.0, 3.0), (0.5, 3.5), (0.6, 3.4)];
        assert_eq!(Curve::new(falls), Err(CurveError::NotRising(3)));
        let not_a_number = vec![(0.0, 3.0), (f64::NAN, 3.5)];
        assert_eq!(Curve::new(not_a_number), Err(CurveError::NotRising(2)));
    }
}
