//! The standard normal distribution: cumulative probability and its inverse.

use std::f64::consts::{PI, SQRT_2};

/// The probability of a number below `x`, to about 1e-13 of itself in either tail; NaN for NaN.
///
/// Within three standard deviations by the series of Abramowitz and Stegun, Handbook of
/// Mathematical Functions, 26.2.11, beyond by the continued fraction 26.2.14.
pub fn normal_cdf(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x.abs() < 3.0 {
        0.5 + density(x) * centre(x)
    } else if x < 0.0 {
        tail(-x)
    } else {
        1.0 - tail(x)
    }
}

fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (SQRT_2 * PI.sqrt())
}

/// x + x³/3 + x⁵/(3·5) + ..
fn centre(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for odd in (3..).step_by(2).take(100) {
        term *= x * x / f64::from(odd);
        if sum + term == sum {
            break;
        }
        sum += term;
    }
    sum
}

/// The probability above `x`, from 3 on.
fn tail(x: f64) -> f64 {
    if x > 40.0 {
        return 0.0; // less than the smallest number
    }
    // From the inside out; at x = 3 a hundred terms are more than enough.
    let fraction = (1..=100).rev().fold(x, |below, term| x + f64::from(term) / below);
    density(x) / fraction
}

/// The number below which a normal draw lies with this probability, to about 1e-15 of itself;
/// `None` unless the probability is above 0 and below 1.
///
/// Algorithm AS 241, PPND16 (Wichura: The Percentage Points of the Normal Distribution, Applied
/// Statistics 37, 1988).
pub fn normal_quantile(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    let off = probability - 0.5;
    if off.abs() <= 0.425 {
        return Some(off * ratio(0.180625 - off * off, &CENTRE));
    }
    let depth = (-probability.min(1.0 - probability).ln()).sqrt();
    let size = if depth <= 5.0 { ratio(depth - 1.6, &TAIL) } else { ratio(depth - 5.0, &FAR_TAIL) };
    Some(size.copysign(off))
}

type Polynomial = [f64; 8];

/// One polynomial over another, their factors from the constant upwards.
fn ratio(x: f64, [over, under]: &[Polynomial; 2]) -> f64 {
    let value = |factors: &Polynomial| factors.iter().rev().fold(0.0, |sum, f| sum * x + f);
    value(over) / value(under)
}

#[expect(clippy::excessive_precision, reason = "as published")]
const CENTRE: [Polynomial; 2] = [
    [
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ],
    [
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ],
];

#[expect(clippy::excessive_precision, reason = "as published")]
const TAIL: [Polynomial; 2] = [
    [
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
];

#[expect(clippy::excessive_precision, reason = "as published")]
const FAR_TAIL: [Polynomial; 2] = [
    [
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: mpmath with 40 digits.
    #[test]
    #[expect(clippy::excessive_precision, reason = "as computed")]
    fn quantiles_are_right_to_fourteen_digits() {
        let table = [
            (1e-300, -37.0470962993611992),
            (1e-100, -21.2734535609653243),
            (1e-20, -9.26234008979840757),
            (1e-10, -6.3613409024040562),
            (0.00001, -4.26489079392282463),
            (0.01, -2.3263478740408411),
            (0.025, -1.95996398454005424),
            (0.074, -1.44663206715897848),
            (0.076, -1.43250272082581161),
            (0.3, -0.524400512708040784),
            (0.425, -0.18911842627279249),
            (0.5, 0.0),
            (0.575, 0.18911842627279249),
            (0.9, 1.28155156554460047),
            (0.975, 1.95996398454005424),
            (0.9999, 3.71901648545568056),
        ];
        for (probability, expected) in table {
            let found = normal_quantile(probability).unwrap();
            assert!(
                (found - expected).abs() <= 2e-14 * f64::abs(expected),
                "{probability}: {found}"
            );
        }
    }

    #[test]
    #[expect(clippy::excessive_precision, reason = "as computed")]
    fn cumulative_probabilities_are_right_in_the_middle_and_far_out() {
        let table = [
            (-37.0, 5.72557122252457682e-300),
            (-20.0, 2.7536241186062337e-89),
            (-8.0, 6.22096057427178412e-16),
            (-5.0, 2.86651571879193912e-7),
            (-3.5, 0.000232629079035525036),
            (-3.0, 0.00134989803163009453),
            (-2.5, 0.00620966532577613517),
            (-1.0, 0.158655253931457051),
            (-0.1, 0.460172162722971016),
            (0.7, 0.758036347776926971),
            (2.0, 0.977249868051820793),
            (4.0, 0.99996832875816688),
            (9.0, 1.0),
            (f64::NEG_INFINITY, 0.0),
            (f64::INFINITY, 1.0),
        ];
        for (x, expected) in table {
            let found = normal_cdf(x);
            assert!((found - expected).abs() <= 3e-13 * expected, "{x}: {found}");
        }
        assert!(normal_cdf(f64::NAN).is_nan());
    }

    #[test]
    fn impossible_probabilities_have_no_quantile() {
        for probability in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(normal_quantile(probability), None);
        }
    }
}
