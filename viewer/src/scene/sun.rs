//! Light by the sun's place: how bright, which colours, which exposure. Pure figures; the sky and
//! the lights are made of them elsewhere.

use bevy::prelude::*;
use gridtwin_twin::sun::Position;

/// The light at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Daylight {
    /// Towards the sun: x east, y up, z south.
    pub to_sun: Vec3,
    /// Degrees above the horizon, as seen through the air.
    pub elevation_deg: f32,
    /// Of the sun's disc on a plane that faces it, above the air, in lux.
    pub sun_lux: f32,
    /// What the air leaves of it, by colour.
    pub sun_color: LinearRgba,
    /// Of the sky's light, candela per square metre.
    pub ambient: f32,
    /// The sky's colour.
    pub ambient_color: LinearRgba,
    /// The camera's exposure.
    pub ev100: f32,
    /// From 0 by day to 1 at night.
    pub night: f32,
    /// Share of the sky that is clouds, 0 to 1.
    pub clouds: f32,
    /// The sky's colours overhead, at the horizon, and around the sun, as the eye sees them.
    pub zenith: LinearRgba,
    /// See `zenith`.
    pub horizon: LinearRgba,
    /// See `zenith`.
    pub glow: LinearRgba,
}

/// A value between points of a course, smoothly.
fn course(x: f32, points: &[(f32, f32)]) -> f32 {
    let after = points.iter().position(|p| p.0 > x);
    match after {
        Some(0) => points[0].1,
        None => points[points.len() - 1].1,
        Some(i) => {
            let (a, b) = (points[i - 1], points[i]);
            let t = (x - a.0) / (b.0 - a.0);
            a.1 + (b.1 - a.1) * t * t * (3.0 - 2.0 * t)
        }
    }
}

fn colors(x: f32, points: &[(f32, [f32; 3])]) -> LinearRgba {
    let channel = |i: usize| {
        let after = points.iter().position(|p| p.0 > x);
        match after {
            Some(0) => points[0].1[i],
            None => points[points.len() - 1].1[i],
            Some(k) => {
                let (a, b) = (points[k - 1], points[k]);
                let t = (x - a.0) / (b.0 - a.0);
                a.1[i] + (b.1[i] - a.1[i]) * t
            }
        }
    };
    LinearRgba::rgb(channel(0), channel(1), channel(2))
}

/// Global irradiance under a clear sky: Haurwitz 1945.
fn clear_ghi_w_m2(elevation_deg: f32) -> f32 {
    let up = elevation_deg.to_radians().sin();
    if up <= 0.01 { 0.0 } else { 1098.0 * up * (-0.057 / up).exp() }
}

/// Share of the sky that is clouds where nothing is known of them.
const NIGHT_CLOUDS: f32 = 0.25;

/// The light when the sun stands there and `ghi_w_m2` reaches the ground.
pub fn daylight(sun: Position, ghi_w_m2: f64) -> Daylight {
    let elevation_deg = (90.0 - sun.apparent_zenith_deg) as f32;
    let (azimuth, elevation) = ((sun.azimuth_deg as f32).to_radians(), elevation_deg.to_radians());
    let to_sun = Vec3::new(
        elevation.cos() * azimuth.sin(),
        elevation.sin(),
        -elevation.cos() * azimuth.cos(),
    );
    let clear = clear_ghi_w_m2(elevation_deg);
    // Under a clear sky the index is about one, under a closed one about a quarter.
    let seen = ((1.0 - ghi_w_m2 as f32 / clear.max(1.0)) / 0.72).clamp(0.0, 1.0);
    // Little can be told of them from a low sun, and nothing at night.
    let clouds = seen + (NIGHT_CLOUDS - seen) * course(elevation_deg, &[(3.0, 1.0), (10.0, 0.0)]);
    let beam = 1.0 - 0.88 * clouds;
    let e = elevation_deg;
    Daylight {
        to_sun,
        elevation_deg,
        sun_lux: 120_000.0 * course(e, &[(-1.2, 0.0), (1.0, 0.25), (8.0, 1.0)]) * beam,
        sun_color: colors(
            e,
            &[
                (-1.0, [1.0, 0.28, 0.08]),
                (3.0, [1.0, 0.46, 0.18]),
                (10.0, [1.0, 0.74, 0.48]),
                (25.0, [1.0, 0.92, 0.80]),
                (60.0, [1.0, 0.96, 0.90]),
            ],
        ),
        ambient: course(
            e,
            &[
                (-14.0, 1.3),
                (-8.0, 7.0),
                (-3.0, 120.0),
                (0.0, 700.0),
                (8.0, 3000.0),
                (30.0, 6500.0),
                (70.0, 8500.0),
            ],
        ) * (1.0 + 0.25 * clouds),
        ambient_color: colors(
            e,
            &[
                (-10.0, [0.34, 0.46, 1.0]),
                (-3.0, [0.50, 0.56, 0.95]),
                (2.0, [0.86, 0.76, 0.84]),
                (12.0, [0.74, 0.84, 1.0]),
                (40.0, [0.72, 0.85, 1.0]),
            ],
        ),
        ev100: course(
            e,
            &[
                (-14.0, 2.6),
                (-8.0, 4.4),
                (-3.0, 8.0),
                (0.0, 10.1),
                (6.0, 12.1),
                (20.0, 13.3),
                (60.0, 13.9),
            ],
        ) - 0.45 * clouds,
        night: course(e, &[(-8.0, 1.0), (1.0, 0.0)]),
        clouds,
        zenith: colors(
            e,
            &[
                (-14.0, [0.006, 0.010, 0.030]),
                (-7.0, [0.018, 0.036, 0.11]),
                (-2.0, [0.07, 0.13, 0.33]),
                (3.0, [0.12, 0.24, 0.52]),
                (14.0, [0.10, 0.28, 0.70]),
                (50.0, [0.09, 0.27, 0.74]),
            ],
        ),
        horizon: colors(
            e,
            &[
                (-14.0, [0.020, 0.028, 0.060]),
                (-7.0, [0.10, 0.10, 0.20]),
                (-2.0, [0.58, 0.34, 0.32]),
                (3.0, [0.88, 0.60, 0.44]),
                (14.0, [0.52, 0.70, 0.92]),
                (50.0, [0.40, 0.64, 0.95]),
            ],
        ),
        glow: colors(
            e,
            &[
                (-10.0, [0.0, 0.0, 0.0]),
                (-5.0, [0.30, 0.10, 0.05]),
                (0.0, [1.3, 0.52, 0.16]),
                (6.0, [1.2, 0.72, 0.34]),
                (25.0, [0.55, 0.50, 0.42]),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(elevation_deg: f64, ghi_w_m2: f64) -> Daylight {
        let zenith = 90.0 - elevation_deg;
        let sun = Position { zenith_deg: zenith, apparent_zenith_deg: zenith, azimuth_deg: 180.0 };
        daylight(sun, ghi_w_m2)
    }

    #[test]
    fn a_southern_sun_stands_towards_positive_z_and_throws_light_by_its_height() {
        let noon = at(60.0, 900.0);
        assert!(noon.to_sun.z > 0.0 && noon.to_sun.y > 0.8 && noon.to_sun.x.abs() < 1e-5);
        assert!(noon.sun_lux > at(4.0, 60.0).sun_lux);
        assert_eq!(at(-5.0, 0.0).sun_lux, 0.0);
    }

    #[test]
    fn clouds_take_the_sun_away_and_leave_the_sky() {
        let (clear, closed) = (at(45.0, 716.0), at(45.0, 150.0));
        assert!(clear.clouds < 0.1 && closed.clouds > 0.9);
        assert!(closed.sun_lux < clear.sun_lux * 0.3 && closed.ambient >= clear.ambient);
    }

    #[test]
    fn the_exposure_follows_the_light_through_the_night() {
        let exposures: Vec<f32> = (-20..60).map(|e| at(f64::from(e), 300.0).ev100).collect();
        assert!(exposures[0] < 4.0 && exposures[79] > 12.0);
        assert_eq!(at(-20.0, 0.0).night, 1.0);
        assert_eq!(at(20.0, 300.0).night, 0.0);
    }
}
