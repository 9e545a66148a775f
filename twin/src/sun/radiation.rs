//! How strong the sunlight is above the atmosphere.

use std::f64::consts::TAU;

/// The solar constant in use, W/m2.
pub const SOLAR_CONSTANT_W_M2: f64 = 1366.1;

/// Extraterrestrial radiation on a plane facing the sun, W/m2, by the day of the year (1 to 366):
/// J. W. Spencer, "Fourier series representation of the position of the sun", Search 2 (1971) 172.
pub fn extraterrestrial_w_m2(day_of_year: u16) -> f64 {
    let day_angle = TAU / 365.0 * (f64::from(day_of_year) - 1.0);
    let (sin, cos) = day_angle.sin_cos();
    let (sin_2, cos_2) = (2.0 * day_angle).sin_cos();
    SOLAR_CONSTANT_W_M2
        * (1.000_11 + 0.034_221 * cos + 0.001_28 * sin + 0.000_719 * cos_2 + 0.000_077 * sin_2)
}
