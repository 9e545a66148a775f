//! NREL's Solar Position Algorithm, every term evaluated: where the sun stands to 0.0003 degrees
//! from the year -2000 to 6000. For long series of instants see `fast`.
//!
//! I. Reda and A. Andreas, "Solar Position Algorithm for Solar Radiation Applications",
//! NREL/TP-560-34302, revised January 2008. Equation numbers are the report's.

use std::f64::consts::PI;

use super::tables::{LATITUDE, LONGITUDE, NUTATION, RADIUS, Term};
use super::{Observer, Position};

/// The sun seen from Earth's centre at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geocentric {
    /// Right ascension, degrees in [0, 360).
    pub(super) right_ascension_deg: f64,
    /// Declination, degrees.
    pub(super) declination_deg: f64,
    /// Apparent sidereal time at Greenwich, degrees in [0, 360).
    pub(super) sidereal_time_deg: f64,
    /// Distance, astronomical units.
    pub(super) radius_au: f64,
    /// The sun's mean longitude less 0.0057183 degrees less right ascension plus nutation: the
    /// equation of time as an angle, degrees.
    pub(super) equation_of_time_deg: f64,
}

/// Where the sun stands at `unix_s` (seconds since 1970-01-01T00:00:00 UTC), by the whole algorithm.
pub fn position(unix_s: f64, observer: &Observer) -> Position {
    let sun = geocentric(unix_s, observer.delta_t_s);
    let hour_angle_deg = sun.sidereal_time_deg + observer.longitude_deg - sun.right_ascension_deg; // Eq. 32
    observer.frame().position(
        hour_angle_deg.to_radians().sin_cos(),
        sun.declination_deg.to_radians().sin_cos(),
        parallax_sin(sun.radius_au),
    )
}

/// The equation of time, apparent less mean solar time, in minutes (Eq. A1), within +-20.
pub fn equation_of_time_min(unix_s: f64, delta_t_s: f64) -> f64 {
    let minutes = 4.0 * geocentric(unix_s, delta_t_s).equation_of_time_deg;
    (minutes + 720.0).rem_euclid(1440.0) - 720.0
}

/// The sine of the sun's equatorial horizontal parallax (Eq. 33).
pub(super) fn parallax_sin(radius_au: f64) -> f64 {
    (8.794 / (3600.0 * radius_au)).to_radians().sin()
}

/// Steps 3.1 to 3.10 of the report.
pub(super) fn geocentric(unix_s: f64, delta_t_s: f64) -> Geocentric {
    let days = unix_s / 86_400.0 - 10_957.5; // Julian day less J2000 (Eq. 4)
    let jc = days / 36_525.0; // Eq. 6
    let jce = (days + delta_t_s / 86_400.0) / 36_525.0; // Eqs. 5, 7
    let jme = jce / 10.0; // Eq. 8

    let longitude_deg = series(LONGITUDE, jme).to_degrees(); // Eqs. 9 to 12
    let latitude_deg = series(LATITUDE, jme).to_degrees();
    let radius_au = series(RADIUS, jme);
    let theta_deg = longitude_deg + 180.0; // Eq. 13
    let beta = -latitude_deg.to_radians(); // Eq. 14

    let (nutation_longitude_deg, nutation_obliquity_deg) = nutation(jce);
    let obliquity = (mean_obliquity_deg(jme) + nutation_obliquity_deg).to_radians(); // Eq. 25
    let aberration_deg = -20.4898 / (3600.0 * radius_au); // Eq. 26
    let lambda = (theta_deg + nutation_longitude_deg + aberration_deg).to_radians(); // Eq. 27

    let mean_sidereal_deg =
        280.460_618_37 + 360.985_647_366_29 * days + jc * jc * (0.000_387_933 - jc / 38_710_000.0); // Eq. 28
    let sidereal_time_deg = mean_sidereal_deg + nutation_longitude_deg * obliquity.cos(); // Eq. 29

    let (sin_lambda, cos_lambda) = lambda.sin_cos();
    let (sin_obliquity, cos_obliquity) = obliquity.sin_cos();
    let right_ascension_deg =
        (sin_lambda * cos_obliquity - beta.tan() * sin_obliquity).atan2(cos_lambda).to_degrees(); // Eq. 30
    let declination = (beta.sin() * cos_obliquity + beta.cos() * sin_obliquity * sin_lambda).asin(); // Eq. 31

    let mean_longitude_deg = polynomial(
        jme,
        &[280.466_456_7, 360_007.698_277_9, 0.030_320_28, 1.0 / 49_931.0, -1.0 / 15_300.0, -5e-7],
    ); // Eq. A2
    Geocentric {
        right_ascension_deg: right_ascension_deg.rem_euclid(360.0),
        declination_deg: declination.to_degrees(),
        sidereal_time_deg: sidereal_time_deg.rem_euclid(360.0),
        radius_au,
        equation_of_time_deg: mean_longitude_deg - 0.005_718_3 - right_ascension_deg
            + nutation_longitude_deg * cos_obliquity, // Eq. A1
    }
}

/// A polynomial in JME whose coefficients are sums of periodic terms, scaled to radians or
/// astronomical units (Eqs. 9 to 11).
fn series(tables: &[&[Term]], jme: f64) -> f64 {
    let sum = |terms: &[Term]| terms.iter().map(|[a, b, c]| a * (b + c * jme).cos()).sum::<f64>();
    tables.iter().rev().fold(0.0, |value, terms| value * jme + sum(terms)) / 1e8
}

/// Nutation in longitude and obliquity, degrees (Eqs. 15 to 23).
fn nutation(jce: f64) -> (f64, f64) {
    let x = [
        polynomial(jce, &[297.850_36, 445_267.111_48, -0.001_914_2, 1.0 / 189_474.0]),
        polynomial(jce, &[357.527_72, 35_999.050_34, -0.000_160_3, -1.0 / 300_000.0]),
        polynomial(jce, &[134.962_98, 477_198.867_398, 0.008_697_2, 1.0 / 56_250.0]),
        polynomial(jce, &[93.271_91, 483_202.017_538, -0.003_682_5, 1.0 / 327_270.0]),
        polynomial(jce, &[125.044_52, -1_934.136_261, 0.002_070_8, 1.0 / 450_000.0]),
    ];
    let (mut longitude, mut obliquity) = (0.0, 0.0);
    for (multiples, [a, b, c, d]) in NUTATION {
        let angle_deg: f64 = multiples.iter().zip(x).map(|(&y, x)| f64::from(y) * x).sum();
        let (sin, cos) = (angle_deg * (PI / 180.0)).sin_cos();
        longitude += (a + b * jce) * sin;
        obliquity += (c + d * jce) * cos;
    }
    (longitude / 36_000_000.0, obliquity / 36_000_000.0)
}

/// The ecliptic's mean obliquity, degrees (Eq. 24).
fn mean_obliquity_deg(jme: f64) -> f64 {
    const ARC_SECONDS: [f64; 11] =
        [84_381.448, -4_680.93, -1.55, 1_999.25, -51.38, -249.67, -39.05, 7.12, 27.87, 5.79, 2.45];
    polynomial(jme / 10.0, &ARC_SECONDS) / 3600.0
}

/// `c[0] + c[1] x + c[2] x^2 + ...`
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |value, c| value * x + c)
}
