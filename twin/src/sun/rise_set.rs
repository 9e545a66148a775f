//! Sunrise, transit and sunset of one day. Not civil twilight, and not a horizon of hills.
//!
//! Appendix A.2 of NREL/TP-560-34302.

use super::Observer;
use super::spa::geocentric;

/// The sun's centre at sunrise and sunset: half its disc and the refraction below the horizon.
const RISE_ELEVATION_DEG: f64 = -0.8333;

/// When the sun crosses the meridian and the horizon, as seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiseSet {
    /// Sunrise and sunset around the transit; none where the sun stays up or down all day.
    pub rise_set_unix_s: Option<(f64, f64)>,
    /// The transit that falls on the date asked for, in UTC.
    pub transit_unix_s: f64,
}

/// Rise, transit and set around the transit of the UTC day that begins at `midnight_unix_s`: rise
/// and set may fall on its neighbours. Within 2 s of the almanac away from the polar circles, and
/// at the poles themselves there is neither rise nor set.
pub fn rise_set(midnight_unix_s: i64, observer: &Observer) -> RiseSet {
    let midnight = midnight_unix_s as f64;
    let sidereal_deg = geocentric(midnight, observer.delta_t_s).sidereal_time_deg; // A.2.1
    let days = [-1.0, 0.0, 1.0].map(|d| geocentric(midnight + d * 86_400.0, 0.0)); // A.2.2
    let (sin_latitude, cos_latitude) = observer.latitude_deg.to_radians().sin_cos();
    let declination = days[1].declination_deg.to_radians();
    let transit = ((days[1].right_ascension_deg - observer.longitude_deg - sidereal_deg) / 360.0)
        .rem_euclid(1.0); // Eq. A3
    let cos_hour = (RISE_ELEVATION_DEG.to_radians().sin() - sin_latitude * declination.sin())
        / (cos_latitude * declination.cos()); // Eq. A4

    // Eqs. A8 to A10: the local hour angle and the declination at fraction m of the day.
    let at = |m: f64| {
        let n = m + observer.delta_t_s / 86_400.0;
        let right_ascension = interpolate(n, days.map(|d| d.right_ascension_deg));
        let declination = interpolate(n, days.map(|d| d.declination_deg)).to_radians();
        let hour_deg = sidereal_deg + 360.985_647 * m + observer.longitude_deg - right_ascension;
        ((hour_deg + 180.0).rem_euclid(360.0) - 180.0, declination)
    };
    let to_unix = |m: f64| midnight + 86_400.0 * m;
    let transit_unix_s = to_unix(transit - at(transit).0 / 360.0); // Eq. A13
    let rise_set_unix_s = (cos_hour.abs() <= 1.0).then(|| {
        let half_day = cos_hour.acos().to_degrees() / 360.0;
        let correct = |m: f64| {
            let (hour_deg, declination) = at(m);
            let hour = hour_deg.to_radians();
            let elevation = (sin_latitude * declination.sin()
                + cos_latitude * declination.cos() * hour.cos())
            .asin(); // Eq. A12
            m + (elevation.to_degrees() - RISE_ELEVATION_DEG)
                / (360.0 * declination.cos() * cos_latitude * hour.sin()) // Eqs. A14, A15
        };
        (to_unix(correct(transit - half_day)), to_unix(correct(transit + half_day)))
    });
    RiseSet { rise_set_unix_s, transit_unix_s }
}

/// Through the values of three days (Eqs. A9, A10); angles may wrap in between.
fn interpolate(n: f64, [before, on, after]: [f64; 3]) -> f64 {
    let wrap = |d: f64| (d + 180.0).rem_euclid(360.0) - 180.0;
    let (a, b) = (wrap(on - before), wrap(after - on));
    on + n * (a + b + (b - a) * n) / 2.0
}
