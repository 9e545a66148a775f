//! Student's t distribution: quantiles for confidence intervals, probabilities for tests.

use super::beta::{fraction, inverse_beta};
use super::normal::{normal_cdf, normal_quantile};

/// From so many degrees of freedom on it is the normal distribution to twelve digits and more.
const AS_NORMAL: f64 = 1e15;

/// The number below which a draw lies with this probability, at `df` degrees of freedom, to about
/// 1e-12 of itself; `None` unless the probability is above 0 and below 1 and `df` at least 1.
///
/// Found by Newton's method on the logarithm of the tail, which is an incomplete beta function
/// (Abramowitz and Stegun 26.7.1).
pub fn student_quantile(probability: f64, df: f64) -> Option<f64> {
    let normal = normal_quantile(probability)?;
    if df.is_nan() || df < 1.0 {
        return None;
    }
    let off = probability - 0.5;
    if off == 0.0 || df > AS_NORMAL {
        return Some(normal);
    }
    // Near the middle by the part from 0 to t, further out by the part beyond t: either keeps all
    // its digits. `short` is how far ln t is too low, in logarithms of that part.
    let middle = off.abs() < 0.25;
    let part = if middle { off.abs() } else { probability.min(1.0 - probability) };
    let short = |parts: &Parts| {
        if middle { (part / parts.centre).ln() } else { (parts.tail / part).ln() }
    };
    let (mut low, mut high) = (f64::MIN_POSITIVE.ln(), f64::MAX.ln());
    let mut log_t = normal.abs().ln().clamp(low, high);
    for _ in 0..200 {
        let parts = Parts::at(log_t.exp(), df);
        let missing = short(&parts);
        if missing > 0.0 {
            low = log_t;
        } else {
            high = log_t;
        }
        let step = missing * if middle { parts.centre } else { parts.tail } / parts.density_times_t;
        if step.abs() < 1e-15 {
            break;
        }
        let next = log_t + step;
        log_t = if next > low && next < high { next } else { low + (high - low) / 2.0 };
    }
    Some(log_t.exp().copysign(off))
}

/// How likely a draw at least as far from 0 as `t` is, on either side: the p-value of a two-sided
/// test. `None` for a `t` that is no number and for `df` below 1.
pub fn student_two_sided(t: f64, df: f64) -> Option<f64> {
    if t.is_nan() || df.is_nan() || df < 1.0 {
        None
    } else if df > AS_NORMAL {
        Some(2.0 * normal_cdf(-t.abs()))
    } else {
        Some((2.0 * Parts::at(t.abs(), df).tail).min(1.0))
    }
}

/// What the distribution has on the two sides of a t above 0.
struct Parts {
    /// Between 0 and t.
    centre: f64,
    /// Beyond t.
    tail: f64,
    /// t times the density at t.
    density_times_t: f64,
}

impl Parts {
    fn at(t: f64, df: f64) -> Self {
        let a = df / 2.0;
        let scaled = t / df.sqrt();
        let square = scaled * scaled;
        // x = 1 / (1 + t²/df) and its complement, neither by subtraction.
        let (x, complement) = if square.is_finite() {
            (1.0 / (1.0 + square), square / (1.0 + square))
        } else {
            (0.0, 1.0)
        };
        let log_x = if square.is_finite() { -square.ln_1p() } else { -2.0 * scaled.ln() };
        let inverse_beta = inverse_beta(a);
        let front = inverse_beta * (a * log_x).exp() * complement.sqrt();
        let (centre, tail) = if x < (a + 1.0) / (a + 2.5) {
            let tail = 0.5 * front / fraction(a, 0.5, x, complement);
            (0.5 - tail, tail)
        } else {
            let centre = 0.5 * front / fraction(0.5, a, complement, x);
            (centre, 0.5 - centre)
        };
        let density_times_t = inverse_beta * (scaled.ln() + (a + 0.5) * log_x).exp();
        Self { centre, tail, density_times_t }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probability, degrees of freedom, quantile. Reference values: mpmath with 40 digits; they
    /// agree with the printed tables.
    const TABLE: &str = include_str!("student_table.txt");

    fn table() -> Vec<[f64; 3]> {
        let numbers = |line: &str| line.split(' ').map(|n| n.parse().unwrap()).collect::<Vec<_>>();
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| numbers(line).try_into().unwrap()).collect()
    }

    #[test]
    fn quantiles_are_right_to_twelve_digits() {
        assert!(table().len() > 80);
        for [probability, df, expected] in table() {
            let found = student_quantile(probability, df).unwrap();
            let error = (found / expected - 1.0).abs();
            assert!(error < 1e-12, "{probability} {df}: {found}, {error:e}");
            let mirrored = student_quantile(1.0 - probability, df).unwrap();
            assert!((mirrored / expected + 1.0).abs() < 1e-10, "{probability} {df}: {mirrored}");
        }
    }

    #[test]
    #[expect(clippy::excessive_precision, reason = "as computed")]
    fn quantiles_keep_their_digits_far_out_and_near_the_middle() {
        for (probability, df, expected) in [
            (1e-10, 7.0, -53.835579484673733),
            (1e-100, 3.0, -2.225769823822442e+33),
            (1e-30, 1000.0, -11.854333104084482),
            (1e-12, 4.7, -534.49677787666393),
            (1e-6, 1000000.0, -4.7534523482796808),
            (0.4999999, 12.0, -2.5593362582994992e-7),
            (0.251, 50.0, -0.67624720246953906),
            (0.249, 50.0, -0.68261616172493755),
            (1e-200, 1.5, -1.1245005997832136e+133),
        ] {
            let found = student_quantile(probability, df).unwrap();
            let error = (found / expected - 1.0).abs();
            assert!(error < 1e-12, "{probability} {df}: {found}, {error:e}");
        }
    }

    #[test]
    fn two_sided_probabilities_undo_the_quantiles() {
        for [probability, df, t] in table() {
            let two_sided = 2.0 * (1.0 - probability);
            for t in [t, -t] {
                let found = student_two_sided(t, df).unwrap();
                assert!((found / two_sided - 1.0).abs() < 1e-11, "{probability} {df}: {found}");
            }
        }
        assert_eq!(student_two_sided(0.0, 7.0), Some(1.0));
        assert_eq!(student_two_sided(f64::INFINITY, 7.0), Some(0.0));
    }

    #[test]
    fn one_and_two_degrees_of_freedom_follow_their_closed_forms() {
        for probability in [1e-300, 1e-30, 1e-6, 0.1, 0.4999, 0.5, 0.500001, 0.7, 0.999] {
            let p: f64 = probability;
            // Either form is exact on its side of a quarter.
            let pi = std::f64::consts::PI;
            let one = if p < 0.25 { -1.0 / (pi * p).tan() } else { (pi * (p - 0.5)).tan() };
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            for (df, expected) in [(1.0, one), (2.0, two)] {
                let found = student_quantile(p, df).unwrap();
                let error = (found - expected).abs();
                assert!(
                    error <= 1e-11 * f64::abs(expected) + 1e-16,
                    "{p} {df}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn many_degrees_of_freedom_come_to_the_normal_distribution() {
        let normal = normal_quantile(0.975).unwrap();
        let mut above = f64::INFINITY;
        for df in [1e2, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14, 1e16] {
            let found = student_quantile(0.975, df).unwrap();
            assert!(found <= above && found >= normal * (1.0 - 1e-13), "{df}: {found}");
            // The first term of the expansion: (z³ + z) / 4 df.
            let expected = normal + (normal.powi(3) + normal) / (4.0 * df);
            assert!((found - expected).abs() < 1e-12 + 4.0 / (df * df), "{df}: {found}");
            above = found;
        }
    }

    #[test]
    fn what_is_no_distribution_has_no_quantile() {
        for (probability, df) in
            [(0.0, 5.0), (1.0, 5.0), (f64::NAN, 5.0), (0.9, 0.5), (0.9, f64::NAN), (0.9, -1.0)]
        {
            assert_eq!(student_quantile(probability, df), None);
        }
        assert_eq!(student_two_sided(f64::NAN, 3.0), None);
        assert_eq!(student_two_sided(1.0, 0.0), None);
    }
}
