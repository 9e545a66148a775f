//! EnergyPlus weather (EPW): eight header lines, then hours 1 to 24 of local standard time, each
//! describing the hour that ends with it; the years of a typical year are mixed.
//!
//! PVGIS writes EPW, too, but its irradiance is what a satellite saw at one instant. A comment in
//! the header gives it as `Irradiance Time Offset (h)`: the instant in UTC is the hour's number plus
//! that offset, so that -0.8239 in a file of zone +1 is 10 min 34 s after the stamped local hour.
//! There a sample is the hour around its instant, as in PVGIS's own CSV.
//!
//! EnergyPlus, "Auxiliary Programs", chapter "EPW CSV format (In/Out)".

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Places, Stamp};
use super::row::{
    ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_PA, Row, Source, TIME_OFFSET_TO_UTC, UTC_OFFSET,
};

/// Lines before the data.
const HEADER_LINES: usize = 8;

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let site = source.header(0, "LOCATION")?;
    let location = Location {
        latitude_deg: site.number(6, &LATITUDE)?,
        longitude_deg: site.number(7, &LONGITUDE)?,
        altitude_m: site.number(9, &ALTITUDE)?,
        utc_offset_s: (site.number(8, &UTC_OFFSET)? * 3600.0) as i32,
    };
    let places = Places {
        ghi: 13,
        dni: Some(14),
        dhi: Some(15),
        temperature: 6,
        wind: 21,
        pressure: Some((9, &PRESSURE_PA, 1.0)),
    };
    let mut columns = Columns::new("EPW", location, places, 3600, true);
    for row in source.rows(HEADER_LINES) {
        let date = Date {
            year: row.integer(0, "year", 1..=9999)?,
            month: row.integer(1, "month", 1..=12)? as u8,
            day: row.integer(2, "day", 1..=31)? as u8,
        };
        let hour = row.integer(3, "hour", 1..=24)?;
        columns.push(&row, 3, Stamp { date, second: (hour - 1) * 3600 })?;
    }
    let first_offset_s = match time_offset_h(source)? {
        // From the hour's beginning in local time to half an hour before the instant.
        Some(offset_h) => {
            let to_utc_s = (offset_h * 3600.0).round() as i64;
            1800 + i64::from(location.utc_offset_s) + to_utc_s
        }
        None => 0,
    };
    columns.finish(source, first_offset_s)
}

/// PVGIS's offset, from whichever line of the header has it.
fn time_offset_h(source: &Source<'_>) -> Result<Option<f64>, WeatherError> {
    const NAME: &str = "Irradiance Time Offset (h)";
    let header = &source.lines[..source.lines.len().min(HEADER_LINES)];
    let Some((index, start)) =
        header.iter().enumerate().find_map(|(index, line)| Some((index, line.find(NAME)?)))
    else {
        return Ok(None);
    };
    let row = source.header(index, NAME)?;
    let value = row.text[start + NAME.len()..].trim_start_matches([':', ' ']);
    let value = value.split(',').next().unwrap_or_default();
    // The line up to the value counts as one field, so that a fault stands at the value.
    let at = value.as_ptr() as usize - row.text.as_ptr() as usize;
    let fields = vec![&row.text[..at.saturating_sub(1)], value];
    Row { fields, ..row }.number(1, &TIME_OFFSET_TO_UTC).map(Some)
}
