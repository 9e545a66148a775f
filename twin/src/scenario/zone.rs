//! The site's time zone, by its IANA name.

use super::site::Site;
use jiff::tz::{TimeZone, TimeZoneDatabase};

impl Site {
    /// The zone that `time_zone` names, from the time zone data compiled into the program, so that a
    /// scenario has the same result on every machine. `None` where there is no such zone; a scenario
    /// that was read always has one.
    pub fn zone(&self) -> Option<TimeZone> {
        TimeZoneDatabase::bundled().get(&self.time_zone).ok()
    }
}

/// The names of all zones.
pub(crate) fn zone_names() -> Vec<String> {
    let all = TimeZoneDatabase::bundled();
    all.available().map(|name| name.to_string()).collect()
}
