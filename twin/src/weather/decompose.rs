//! Beam and diffuse where only global irradiance is known.

use super::Irradiance;

/// Splits global horizontal irradiance by the clearness index kt.
///
/// D. G. Erbs, S. A. Klein and J. A. Duffie, "Estimation of the diffuse radiation fraction for
/// hourly, daily and monthly-average global radiation", Solar Energy 28 (1982) 293. Made for hourly
/// values; the zenith's cosine counts as at least 0.065, and beam is nil with the sun below 3
/// degrees.
#[inline]
pub fn erbs(ghi_w_m2: f64, zenith_deg: f64, extraterrestrial_w_m2: f64) -> Irradiance {
    let cos_zenith = zenith_deg.to_radians().cos();
    let horizontal = extraterrestrial_w_m2 * cos_zenith.max(0.065);
    let kt = (ghi_w_m2 / horizontal).clamp(0.0, 2.0);
    let diffuse_share = if kt <= 0.22 {
        1.0 - 0.09 * kt
    } else if kt <= 0.8 {
        0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)))
    } else {
        0.165
    };
    let dhi_w_m2 = diffuse_share * ghi_w_m2;
    let dni_w_m2 = (ghi_w_m2 - dhi_w_m2) / cos_zenith;
    if zenith_deg > 87.0 || ghi_w_m2 < 0.0 || dni_w_m2 < 0.0 {
        return Irradiance { ghi_w_m2, dni_w_m2: 0.0, dhi_w_m2: ghi_w_m2 };
    }
    Irradiance { ghi_w_m2, dni_w_m2, dhi_w_m2 }
}
