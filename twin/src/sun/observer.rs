//! Who looks at the sun, from where, through how much air; and what they see.

use crate::weather::pressure_at_altitude_pa;

/// Difference between terrestrial time and universal time where nothing better is known, seconds:
/// right for 2007, 2 s off in 2026, which moves the sun by 0.00002 degrees.
pub const DELTA_T_S: f64 = 67.0;
/// Refraction at sunrise and sunset, degrees.
const HORIZON_REFRACTION_DEG: f64 = 0.5667;
/// The sun's mean angular radius, degrees.
const SUN_RADIUS_DEG: f64 = 0.26667;
/// Sine of an elevation below any at which refraction is reckoned with.
const LOWEST_REFRACTED: f64 = -0.02;
/// Earth's polar over its equatorial radius.
const FLATTENING: f64 = 0.996_647_19;
/// Earth's equatorial radius, m.
const EARTH_RADIUS_M: f64 = 6_378_140.0;

/// A place on Earth and the air above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observer {
    /// Latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive.
    pub longitude_deg: f64,
    /// Height above sea level, m.
    pub altitude_m: f64,
    /// Yearly mean air pressure, Pa: for refraction.
    pub pressure_pa: f64,
    /// Yearly mean air temperature, degrees Celsius: for refraction.
    pub temperature_c: f64,
    /// Terrestrial time less universal time, s.
    pub delta_t_s: f64,
}

/// Where the sun stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Angle from the vertical, degrees, without refraction.
    pub zenith_deg: f64,
    /// Angle from the vertical as seen through the air, degrees.
    pub apparent_zenith_deg: f64,
    /// Degrees clockwise from north, in [0, 360).
    pub azimuth_deg: f64,
}

/// Where the sun is seen, refraction included, as a unit vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direction {
    /// Towards the east.
    pub east: f64,
    /// Towards the north.
    pub north: f64,
    /// Upwards: the cosine of the apparent zenith.
    pub up: f64,
}

impl Direction {
    /// [`Direction::zenith_deg`] within 2e-6 degrees, in a fifth of the time: M. Abramowitz and I.
    /// A. Stegun, "Handbook of Mathematical Functions", 4.4.46.
    #[inline]
    pub(crate) fn zenith_near_deg(&self) -> f64 {
        const C: [f64; 8] = [
            1.570_796_305_0,
            -0.214_598_801_6,
            0.088_978_987_4,
            -0.050_174_304_6,
            0.030_891_881_0,
            -0.017_088_125_6,
            0.006_670_090_1,
            -0.001_262_491_1,
        ];
        let x = self.up.abs();
        let polynomial = C.iter().rev().fold(0.0, |value, c| value * x + c);
        let angle_deg = ((1.0 - x).max(0.0).sqrt() * polynomial).to_degrees();
        if self.up < 0.0 { 180.0 - angle_deg } else { angle_deg }
    }

    /// Apparent zenith, degrees.
    pub fn zenith_deg(&self) -> f64 {
        self.up.acos().to_degrees()
    }

    /// Degrees clockwise from north, in [0, 360).
    pub fn azimuth_deg(&self) -> f64 {
        let azimuth_deg = self.east.atan2(self.north).to_degrees();
        if azimuth_deg < 0.0 { azimuth_deg + 360.0 } else { azimuth_deg }
    }
}

impl Observer {
    /// An observer under the standard atmosphere at that height, at 12 degrees Celsius.
    pub fn new(latitude_deg: f64, longitude_deg: f64, altitude_m: f64) -> Self {
        Self {
            latitude_deg,
            longitude_deg,
            altitude_m,
            pressure_pa: pressure_at_altitude_pa(altitude_m),
            temperature_c: 12.0,
            delta_t_s: DELTA_T_S,
        }
    }

    /// What of the observer enters every position, evaluated once.
    pub(super) fn frame(&self) -> Frame {
        let (sin_latitude, cos_latitude) = self.latitude_deg.to_radians().sin_cos();
        let (sin_u, cos_u) = (FLATTENING * sin_latitude).atan2(cos_latitude).sin_cos(); // Eq. 34
        let height = self.altitude_m / EARTH_RADIUS_M;
        Frame {
            sin_latitude,
            cos_latitude,
            x: cos_u + height * cos_latitude,              // Eq. 35
            y: FLATTENING * sin_u + height * sin_latitude, // Eq. 36
            refraction: self.pressure_pa / 101_000.0 * 283.0 / (273.0 + self.temperature_c) * 1.02
                / 60.0,
        }
    }
}

/// The observer's place in the equatorial frame, and the strength of refraction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    sin_latitude: f64,
    cos_latitude: f64,
    x: f64,
    y: f64,
    /// Eq. 42 without its tangent, degrees.
    refraction: f64,
}

impl Frame {
    /// The topocentric position from sine and cosine of the local hour angle and of the geocentric
    /// declination.
    #[inline]
    pub(super) fn position(
        &self,
        hour: (f64, f64),
        declination: (f64, f64),
        parallax_sin: f64,
    ) -> Position {
        let [south, west, up] = self.towards(hour, declination, parallax_sin);
        let elevation_deg = up.atan2((south * south + west * west).sqrt()).to_degrees(); // Eq. 41
        let azimuth_deg = west.atan2(south).to_degrees() + 180.0; // Eqs. 45, 46
        Position {
            zenith_deg: 90.0 - elevation_deg,
            apparent_zenith_deg: 90.0 - elevation_deg - self.refraction_deg(elevation_deg),
            azimuth_deg: if azimuth_deg >= 360.0 { azimuth_deg - 360.0 } else { azimuth_deg },
        }
    }

    /// [`Frame::position`] as a vector, lifted by refraction.
    #[inline]
    pub(super) fn direction(
        &self,
        hour: (f64, f64),
        declination: (f64, f64),
        parallax_sin: f64,
    ) -> Direction {
        let [south, west, up] = self.towards(hour, declination, parallax_sin);
        let level_squared = south * south + west * west;
        let scale = 1.0 / (level_squared + up * up).sqrt();
        let seen = Direction { east: -west * scale, north: -south * scale, up: up * scale };
        if seen.up < LOWEST_REFRACTED {
            return seen;
        }
        let level = level_squared.sqrt() * scale;
        let lift = self.refraction_of(&seen, level);
        // A turn by less than a degree, to 1e-9.
        let (sin_lift, cos_lift) = (lift - lift * lift * lift / 6.0, 1.0 - lift * lift / 2.0);
        let shrink = if level > 0.0 { cos_lift - seen.up * sin_lift / level } else { 0.0 };
        Direction {
            east: seen.east * shrink,
            north: seen.north * shrink,
            up: (seen.up * cos_lift + level * sin_lift).min(1.0),
        }
    }

    /// Towards the sun: south, west and up, in units of its distance. Eqs. 37 to 47 as one
    /// subtraction of vectors, the sun less the observer, turned to the horizon.
    #[inline]
    fn towards(
        &self,
        (sin_hour, cos_hour): (f64, f64),
        (sin_declination, cos_declination): (f64, f64),
        parallax_sin: f64,
    ) -> [f64; 3] {
        let equator = cos_declination * cos_hour - self.x * parallax_sin;
        let west = cos_declination * sin_hour;
        let pole = sin_declination - self.y * parallax_sin;
        let up = equator * self.cos_latitude + pole * self.sin_latitude;
        let south = equator * self.sin_latitude - pole * self.cos_latitude;
        [south, west, up]
    }

    /// [`Frame::refraction_deg`] in radians, by the tangent of a sum instead of a tangent.
    #[inline]
    fn refraction_of(&self, seen: &Direction, level: f64) -> f64 {
        let elevation_deg = 90.0 - seen.zenith_near_deg();
        if elevation_deg < -(SUN_RADIUS_DEG + HORIZON_REFRACTION_DEG) {
            return 0.0;
        }
        let more = (10.3 / (elevation_deg + 5.11)).to_radians(); // at most 0.042
        let tan_more = more * (1.0 + more * more * (1.0 / 3.0 + more * more * (2.0 / 15.0)));
        (self.refraction * (level - seen.up * tan_more) / (seen.up + level * tan_more)).to_radians()
    }

    /// How much the air lifts the sun, degrees (Eq. 42); nothing while it is below the horizon.
    #[inline]
    fn refraction_deg(&self, elevation_deg: f64) -> f64 {
        if elevation_deg < -(SUN_RADIUS_DEG + HORIZON_REFRACTION_DEG) {
            return 0.0;
        }
        self.refraction / (elevation_deg + 10.3 / (elevation_deg + 5.11)).to_radians().tan()
    }
}
