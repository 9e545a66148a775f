//! When the sun is up, to the minute or two that street lamps care for. Not the position of the
//! sun that PV needs, which is [`crate::sun`].

use std::f64::consts::PI;

/// The sun's centre at rise and set: refraction and half its disc below the horizon.
const HORIZON_DEG: f64 = -0.833;

/// Sunrise and sunset around a date's noon at a place, as hours of UTC from that date's midnight:
/// equal where the sun stays down, a day apart where it stays up. `day_of_year` counts from 0.
/// Declination and equation of time after Spencer 1971.
pub(crate) fn sun_up_utc_h(day_of_year: u16, latitude_deg: f64, longitude_deg: f64) -> (f64, f64) {
    let g = 2.0 * PI * f64::from(day_of_year) / 365.0;
    let declination = 0.006918 - 0.399912 * g.cos() + 0.070257 * g.sin()
        - 0.006758 * (2.0 * g).cos()
        + 0.000907 * (2.0 * g).sin()
        - 0.002697 * (3.0 * g).cos()
        + 0.00148 * (3.0 * g).sin();
    let equation_min = 229.18
        * (0.000075 + 0.001868 * g.cos()
            - 0.032077 * g.sin()
            - 0.014615 * (2.0 * g).cos()
            - 0.040849 * (2.0 * g).sin());
    let noon_h = 12.0 - longitude_deg / 15.0 - equation_min / 60.0;
    let latitude = latitude_deg.to_radians();
    let above = HORIZON_DEG.to_radians().sin() - latitude.sin() * declination.sin();
    // At the pole there is no hour angle at all: the sign alone decides.
    let cosine = above / (latitude.cos() * declination.cos()).max(1e-12);
    let half_h = cosine.clamp(-1.0, 1.0).acos() * 12.0 / PI;
    (noon_h - half_h, noon_h + half_h)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_days_in_june_and_none_at_the_winter_pole() {
        let length = |day, latitude| {
            let (rise, set) = sun_up_utc_h(day, latitude, 5.0);
            set - rise
        };
        // Amsterdam at the solstices: 16 h 48 min and 7 h 42 min.
        assert!((length(171, 52.37) - 16.8).abs() < 0.05, "{}", length(171, 52.37));
        assert!((length(354, 52.37) - 7.7).abs() < 0.05, "{}", length(354, 52.37));
        assert_eq!((length(171, 90.0), length(354, 90.0)), (24.0, 0.0));
        assert_eq!((length(171, -90.0), length(354, -90.0)), (0.0, 24.0));
    }

    #[test]
    fn noon_follows_the_longitude() {
        let (rise, set) = sun_up_utc_h(80, 0.0, -90.0);
        assert!(((rise + set) / 2.0 - 18.1).abs() < 0.1);
    }
}
