//! EnergyPlus weather (EPW): eight header lines, then hours 1 to 24 of local standard time, each
//! describing the hour that ends with it; the years of a typical year are mixed.
//!
//! EnergyPlus, "Auxiliary Programs", chapter "EPW CSV format (In/Out)".

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_PA, Source, UTC_OFFSET};

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
    columns.finish(source, 0)
}
