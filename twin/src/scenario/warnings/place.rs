//! The sky: directions of arrays, the weather's year. Not the place, which is in `clock`.

use super::{Doubt, doubt};
use crate::scenario::{Scenario, Weather};
use jiff::Timestamp;

/// Within so many degrees of the equator the sun stands on either side.
const TROPICS_DEG: f64 = 10.0;
/// An array within so many degrees of the pole's direction faces away from the sun.
const AWAY_DEG: f64 = 20.0;
/// A flatter array has hardly any direction.
const FLAT_DEG: f64 = 5.0;

pub(super) fn azimuth(s: &Scenario) -> Vec<Doubt> {
    let latitude = s.site.latitude_deg.get();
    let arrays = s.pv.iter().enumerate();
    let found = arrays.filter_map(|(i, array)| {
        let azimuth = array.azimuth_deg.get();
        let from_north = azimuth.min(360.0 - azimuth);
        let tilted = array.tilt_deg.get() >= FLAT_DEG;
        let (faces, sun, right) = if latitude > TROPICS_DEG && from_north <= AWAY_DEG {
            ("north", "south", "check azimuth_deg: 180 is south, 90 is east, 270 is west")
        } else if latitude < -TROPICS_DEG && from_north >= 180.0 - AWAY_DEG {
            ("south", "north", "check azimuth_deg: 0 is north, 90 is east, 270 is west")
        } else {
            return None;
        };
        let message = format!(
            "found azimuth_deg {azimuth} at latitude {latitude}: the array faces {faces}, but the sun \
             is in the {sun}"
        );
        tilted.then(|| doubt(format!("pv[{i}].azimuth_deg"), message, right))
    });
    found.collect()
}

/// Dated weather serves other years too, by day and month.
pub(super) fn weather_year(s: &Scenario) -> Vec<Doubt> {
    let Weather::File { path, .. } = &s.weather else { return Vec::new() };
    // What is wrong with the file is told when the world is built.
    let read = || crate::weather::read(&s.source.resolve(path));
    let Ok(weather) = crate::files::within(s.source.files(), read) else { return Vec::new() };
    let zone = s.site.zone();
    let start = zone.and_then(|zone| zone.to_ambiguous_timestamp(s.start).compatible().ok());
    let Some(start) = start.map(Timestamp::as_second) else { return Vec::new() };
    let covered = (weather.start_unix_s..weather.end_unix_s()).contains(&start);
    if weather.typical_year || covered {
        return Vec::new();
    }
    let year = |unix_s: i64| {
        Timestamp::from_second(unix_s)
            .map_or(0, |at| at.strftime("%Y").to_string().parse().unwrap_or(0))
    };
    // The middle of its first day, in whichever zone.
    let own: i32 = year(weather.start_unix_s + 86_400);
    let message = format!(
        "the weather file is of {own}, but the run begins in {}: each day uses the weather of the same \
         day in {own}",
        s.start.year()
    );
    let remedy = format!(
        "use weather of {} or of a typical year, or start the run in {own}",
        s.start.year()
    );
    vec![doubt("weather.path", message, remedy)]
}
