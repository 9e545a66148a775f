//! The part of the incomplete beta function that Student's distribution needs: one parameter is
//! one half.

use std::f64::consts::PI;

/// Terms after which the continued fraction is taken as it is. Where Student's distribution asks
/// for it, it needs less than a hundred, whatever the degrees of freedom.
const MOST_TERMS: u32 = 1000;

/// Γ(a + ½) / Γ(a) for a > 0, without the two gammas, which overflow.
///
/// By its expansion for large a (Tricomi and Erdélyi: The Asymptotic Expansion of a Ratio of Gamma
/// Functions, Pacific Journal of Mathematics 1, 1951), and from there down by
/// Γ(a + 1) = a Γ(a).
pub(super) fn gamma_ratio(a: f64) -> f64 {
    let (mut large, mut factor) = (a, 1.0);
    while large < 30.0 {
        factor *= large / (large + 0.5);
        large += 1.0;
    }
    // The factors of 1, 1/a, 1/a² ..
    let factors = [
        1.0,
        -1.0 / 8.0,
        1.0 / 128.0,
        5.0 / 1024.0,
        -21.0 / 32_768.0,
        -399.0 / 262_144.0,
        869.0 / 4_194_304.0,
        39_325.0 / 33_554_432.0,
    ];
    let sum = factors.iter().rev().fold(0.0, |sum, f| sum / large + f);
    factor * large.sqrt() * sum
}

/// 1 / B(a, ½), B being the complete beta function.
pub(super) fn inverse_beta(a: f64) -> f64 {
    gamma_ratio(a) / PI.sqrt()
}

/// The continued fraction F in I_x(a, b) = x^a (1 − x)^b / (B(a, b) F), I being the regularised
/// incomplete beta function, for x below about a / (a + b). `complement` is 1 − x with all its
/// digits.
///
/// DiDonato and Morris: Algorithm 708, Significant Digit Computation of the Incomplete Beta
/// Function Ratios, ACM Transactions on Mathematical Software 18, 1992; summed by Lentz's method as
/// Thompson and Barnett changed it (Journal of Computational Physics 64, 1986).
pub(super) fn fraction(a: f64, b: f64, x: f64, complement: f64) -> f64 {
    let apart = |number: f64| if number.abs() < 1e-300 { 1e-300 } else { number };
    let beyond = a * complement - b * x;
    let mut result = apart(a / (a + 1.0) * (beyond + 1.0));
    let (mut over, mut under) = (result, 0.0);
    for term in 1..=MOST_TERMS {
        let m = f64::from(term);
        let odd = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / odd * x * ((a + b + m - 1.0) / odd * x) * m * (b - m);
        let denominator = m
            + m * (b - m) / odd * x
            + (a + m) / (odd + 2.0) * (beyond + 1.0 + m * (1.0 + complement));
        under = 1.0 / apart(denominator + numerator * under);
        over = apart(denominator + numerator / over);
        let change = over * under;
        result *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gamma_ratio_keeps_its_digits_from_small_to_large() {
        // Γ(1) / Γ(½) = 1/√π, Γ(3/2) / Γ(1) = √π / 2, and Γ(a+½)/Γ(a) · Γ(a+1)/Γ(a+½) = a.
        assert!((gamma_ratio(0.5) * PI.sqrt() - 1.0).abs() < 4e-15);
        assert!((gamma_ratio(1.0) / PI.sqrt() * 2.0 - 1.0).abs() < 4e-15);
        for a in [0.5, 3.0, 17.3, 29.9, 30.1, 1e3, 1e9] {
            assert!((gamma_ratio(a) * gamma_ratio(a + 0.5) / a - 1.0).abs() < 1e-14, "{a}");
        }
    }
}
