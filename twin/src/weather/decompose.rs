//! Beam and diffuse where a file does not have both: from the third component by the sun's height,
//! or from global irradiance alone by a correlation.

use super::calendar::day_of_year;
use super::{Irradiance, Weather};
use crate::sun::{SunPath, extraterrestrial_w_m2};

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

/// Above this zenith angle the sun is too low for beam to be worked out from the horizontal, degrees.
const LOWEST_SUN_DEG: f64 = 87.0;
/// No beam is stronger than this where it is worked out, as a share of what the sun sends.
const MOST_BEAM: f64 = 0.9;

/// Works out the columns of beam and diffuse that the file does not have, with the sun in the middle
/// of each sample, and notes it.
pub(super) fn complete(weather: &mut Weather) {
    let (no_dni, no_dhi) = (weather.dni_w_m2.is_empty(), weather.dhi_w_m2.is_empty());
    let note = match (no_dni, no_dhi) {
        (false, false) => return,
        (true, true) if weather.step_s < 3600 => {
            "beam and diffuse irradiance are estimated from global irradiance (Erbs' correlation of \
             1982, made for hourly means)"
        }
        (true, true) => {
            "beam and diffuse irradiance are estimated from global irradiance (Erbs' correlation of \
             1982)"
        }
        (true, false) => "beam irradiance is calculated: DNI = (GHI - DHI) / cos(zenith angle)",
        (false, true) => "diffuse irradiance is calculated: DHI = GHI - DNI cos(zenith angle)",
    };
    weather.notes.push(note.to_owned());
    let step_s = i64::from(weather.step_s);
    let path =
        SunPath::new(&weather.location.observer(), weather.start_unix_s, weather.end_unix_s());
    for i in 0..weather.ghi_w_m2.len() {
        let ghi_w_m2 = weather.ghi_w_m2[i];
        let middle_s = weather.start_unix_s + i as i64 * step_s + step_s / 2;
        let zenith_deg = path.position(middle_s as f64).zenith_deg;
        let above_w_m2 = extraterrestrial_w_m2(day_of_year(middle_s));
        let cos_zenith = zenith_deg.to_radians().cos().max(0.0);
        match (no_dni, no_dhi) {
            (true, true) => {
                let parts = erbs(ghi_w_m2, zenith_deg, above_w_m2);
                weather.dni_w_m2.push(parts.dni_w_m2);
                weather.dhi_w_m2.push(parts.dhi_w_m2);
            }
            (true, false) => {
                let beam = (ghi_w_m2 - weather.dhi_w_m2[i]).max(0.0);
                let low = zenith_deg > LOWEST_SUN_DEG;
                let dni = if low { 0.0 } else { (beam / cos_zenith).min(MOST_BEAM * above_w_m2) };
                weather.dni_w_m2.push(dni);
            }
            _ => {
                let beam = weather.dni_w_m2[i] * cos_zenith;
                weather.dhi_w_m2.push((ghi_w_m2 - beam).max(0.0));
            }
        }
    }
}
