//! Where weather is.

use crate::sun::Observer;

/// The place that weather was measured at or made for, and its clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Location {
    /// Latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive.
    pub longitude_deg: f64,
    /// Height above sea level, m.
    pub altitude_m: f64,
    /// Local standard time less UTC, s.
    pub utc_offset_s: i32,
}

impl Location {
    /// Who watches the sun there.
    pub fn observer(&self) -> Observer {
        Observer::new(self.latitude_deg, self.longitude_deg, self.altitude_m)
    }
}
