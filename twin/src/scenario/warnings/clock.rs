//! The place against its clock: a time zone of another longitude, latitude and longitude swapped, names
//! of zones that say something else than they seem to.

use super::{Doubt, doubt};
use crate::scenario::Scenario;

/// So far a place's mean solar time may be from its clock; western China is at three hours.
const SOLAR_HOURS: f64 = 2.5;

/// Between which latitudes and longitudes the zones lie whose names begin so; roughly, islands left out.
const REGIONS: [(&str, [f64; 4]); 10] = [
    ("America/New_York", [24.0, 50.0, -90.0, -66.0]),
    ("America/Chicago", [24.0, 50.0, -105.0, -82.0]),
    ("America/Denver", [30.0, 50.0, -117.0, -100.0]),
    ("America/Los_Angeles", [31.0, 50.0, -125.0, -113.0]),
    ("US/", [17.0, 72.0, -180.0, -66.0]),
    ("Europe/", [34.0, 82.0, -32.0, 70.0]),
    ("Africa/", [-36.0, 38.0, -26.0, 64.0]),
    ("Australia/", [-45.0, -9.0, 110.0, 160.0]),
    ("Asia/", [-12.0, 82.0, 25.0, 180.0]),
    ("America/", [-57.0, 84.0, -180.0, -10.0]),
];

/// A point on the earth.
#[derive(Clone, Copy)]
struct Point {
    latitude: f64,
    longitude: f64,
}

impl Point {
    fn of(s: &Scenario) -> Self {
        Self { latitude: s.site.latitude_deg.get(), longitude: s.site.longitude_deg.get() }
    }

    /// Whether it lies where a zone of this name does, as far as the name says.
    fn in_region_of(self, zone: &str) -> bool {
        let region = REGIONS.iter().find(|(prefix, _)| zone.starts_with(prefix));
        region.is_none_or(|(_, [south, north, west, east])| {
            (*south..=*north).contains(&self.latitude) && (*west..=*east).contains(&self.longitude)
        })
    }

    /// Latitude for longitude, where that is a point at all.
    fn swapped(self) -> Option<Self> {
        let swapped = Self { latitude: self.longitude, longitude: self.latitude };
        (-90.0..=90.0).contains(&swapped.latitude).then_some(swapped)
    }
}

/// Hours that the zone's clock is ahead of UTC at the run's start, without summer time.
fn clock_h(s: &Scenario) -> Option<f64> {
    let zone = s.site.zone()?;
    let start = zone.to_ambiguous_timestamp(s.start).compatible().ok()?;
    let info = zone.to_offset_info(start);
    let summer = if info.dst().is_dst() { 1.0 } else { 0.0 };
    Some(f64::from(info.offset().seconds()) / 3600.0 - summer)
}

/// Hours between the sun at a longitude and a clock, the shorter way round.
fn apart(longitude: f64, clock_h: f64) -> f64 {
    let hours = (longitude / 15.0 - clock_h).rem_euclid(24.0);
    hours.min(24.0 - hours)
}

/// What to do where latitude and longitude fit the zone once they are swapped.
fn swap(s: &Scenario, clock_h: f64) -> Option<String> {
    let swapped = Point::of(s).swapped()?;
    let fits =
        swapped.in_region_of(&s.site.time_zone) && apart(swapped.longitude, clock_h) <= SOLAR_HOURS;
    fits.then(|| {
        format!(
            "if latitude and longitude are swapped, write latitude_deg: {}, longitude_deg: {}",
            swapped.latitude, swapped.longitude
        )
    })
}

pub(super) fn longitude(s: &Scenario) -> Vec<Doubt> {
    let Some(clock_h) = clock_h(s) else { return Vec::new() };
    let longitude = s.site.longitude_deg.get();
    let hours = apart(longitude, clock_h);
    if hours <= SOLAR_HOURS {
        return Vec::new();
    }
    let zone = &s.site.time_zone;
    let message = format!(
        "found longitude {longitude}, where solar time differs by {hours:.1} h from the local time of \
         {zone}"
    );
    let flipped = Point { longitude: -longitude, ..Point::of(s) };
    let fits = apart(-longitude, clock_h) <= SOLAR_HOURS && flipped.in_region_of(zone);
    let remedy = match fits {
        true => format!("east is positive, west is negative: did you mean {}?", -longitude),
        false => swap(s, clock_h).unwrap_or_else(|| {
            "check longitude_deg and time_zone: one of them belongs to a different place".to_owned()
        }),
    };
    vec![doubt("site.longitude_deg", message, remedy)]
}

/// A point outside the region of its zone, while the sun there agrees with the clock: 11.6 N 48.1 E
/// for Munich.
pub(super) fn region(s: &Scenario) -> Vec<Doubt> {
    let (point, zone) = (Point::of(s), &s.site.time_zone);
    let Some(clock_h) = clock_h(s) else { return Vec::new() };
    if point.in_region_of(zone) || apart(point.longitude, clock_h) > SOLAR_HOURS {
        return Vec::new();
    }
    let Some(remedy) = swap(s, clock_h) else { return Vec::new() };
    let Point { latitude, longitude } = point;
    let message = format!(
        "found latitude {latitude} and longitude {longitude}, a place outside the zone {zone}"
    );
    vec![doubt("site.latitude_deg", message, remedy)]
}

/// Zones whose names say something else than they seem to.
pub(super) fn fixed(s: &Scenario) -> Vec<Doubt> {
    let name = s.site.time_zone.as_str();
    let (message, remedy) = match name {
        "EST" => ("EST is five hours behind UTC all year", "America/New_York"),
        "MST" => ("MST is seven hours behind UTC all year", "America/Denver"),
        _ => return signs(s),
    };
    let message = format!("{message}: it has no daylight saving time");
    let remedy = format!("write \"{remedy}\" if the site has daylight saving time");
    vec![doubt("site.time_zone", message, remedy)]
}

/// `Etc/GMT+1` is an hour behind UTC.
fn signs(s: &Scenario) -> Vec<Doubt> {
    let name = s.site.time_zone.as_str();
    let (Some(sign), Some(clock_h)) = (name.strip_prefix("Etc/GMT"), clock_h(s)) else {
        return Vec::new();
    };
    let longitude = s.site.longitude_deg.get();
    let other = match sign.as_bytes().first() {
        Some(b'+') => name.replace('+', "-"),
        Some(b'-') => name.replace('-', "+"),
        _ => return Vec::new(),
    };
    let (now, then) = (apart(longitude, clock_h), apart(longitude, -clock_h));
    // Otherwise told by the longitude.
    if now > SOLAR_HOURS || then + 1.0 >= now {
        return Vec::new();
    }
    let message = format!(
        "found {name}, which is {} h {} UTC: in these names, + means behind UTC and - means ahead",
        clock_h.abs(),
        if clock_h > 0.0 { "ahead of" } else { "behind" }
    );
    vec![doubt("site.time_zone", message, format!("did you mean \"{other}\"?"))]
}
