//! Perez' sky: diffuse light from the dome, from around the sun and from the horizon.
//!
//! R. Perez, P. Ineichen, R. Seals, J. Michalsky and R. Stewart, "Modeling daylight availability
//! and irradiance components from direct and global irradiance", Solar Energy 44 (1990) 271.

use super::SunOnPlane;
use crate::weather::Irradiance;

/// Eq. 1's constant, with the zenith in radians.
const KAPPA: f64 = 1.041;
/// Upper bounds of the clearness bins 1 to 7 (Table 1).
const CLEARNESS: [f64; 7] = [1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2];
/// F11, F12, F13, F21, F22, F23 of each bin: all sites, 1990 (Table 6).
const COEFFICIENTS: [[f64; 6]; 8] = [
    [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
    [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
    [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
    [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
    [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
    [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
    [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
    [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
];
/// Cosine of 85 degrees: the sun counts as never lower (Eq. 9).
const LOWEST: f64 = 0.087_155_742_747_658_17;

/// Diffuse light on a plane that faces the share `sky_view` of the sky, W/m2:
/// `DHI ((1 - F1) (1 + cos b) / 2 + F1 a / b + F2 sin b)` (Eq. 9), nothing while the sun is down.
#[inline]
pub(super) fn perez_w_m2(
    sky_view: f64,
    sin_tilt: f64,
    light: &Irradiance,
    sun: &SunOnPlane,
) -> f64 {
    let dhi = light.dhi_w_m2;
    let Some(airmass) = sun.airmass else {
        return 0.0;
    };
    if dhi <= 0.0 {
        return 0.0;
    }
    let zenith = sun.zenith_deg.to_radians();
    let cube = KAPPA * zenith * zenith * zenith;
    let clearness = ((dhi + light.dni_w_m2) / dhi + cube) / (1.0 + cube); // Eq. 1
    let brightness = dhi * airmass / sun.extraterrestrial_w_m2; // Eq. 2
    let bin = CLEARNESS.iter().filter(|&&bound| clearness >= bound).count();
    let [f11, f12, f13, f21, f22, f23] = COEFFICIENTS[bin];
    let f1 = (f11 + f12 * brightness + f13 * zenith).max(0.0); // Eq. 6
    let f2 = f21 + f22 * brightness + f23 * zenith; // Eq. 7
    let circumsolar = sun.cos_incidence.max(0.0) / sun.cos_zenith.max(LOWEST);
    (dhi * ((1.0 - f1) * sky_view + f1 * circumsolar + f2 * sin_tilt)).max(0.0)
}
