//! NREL's TMY3: two header lines, then hours 01:00 to 24:00 of local standard time, each stamped at
//! its end.
//!
//! S. Wilcox and W. Marion, "Users Manual for TMY3 Data Sets", NREL/TP-581-43156, 2008.

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_MBAR, Row, Source, UTC_OFFSET};

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let site = source.header(0, "station")?;
    // Station, name (which may hold commas), state, time zone, latitude, longitude, elevation.
    let last = site.fields.len().saturating_sub(1).max(6);
    let location = Location {
        latitude_deg: site.number(last - 2, &LATITUDE)?,
        longitude_deg: site.number(last - 1, &LONGITUDE)?,
        altitude_m: site.number(last, &ALTITUDE)?,
        utc_offset_s: (site.number(last - 3, &UTC_OFFSET)? * 3600.0) as i32,
    };
    let header = source.header(1, "column names")?;
    let places = Places {
        ghi: header.find("GHI (W/m^2)")?,
        dni: Some(header.find("DNI (W/m^2)")?),
        dhi: Some(header.find("DHI (W/m^2)")?),
        temperature: header.find("Dry-bulb (C)")?,
        wind: header.find("Wspd (m/s)")?,
        pressure: header.find("Pressure (mbar)").ok().map(|at| (at, &PRESSURE_MBAR, 100.0)),
    };
    let mut columns = Columns::new("TMY3", location, places, 3600, true);
    for row in source.rows(2) {
        let stamp = stamp(&row)?;
        columns.push(&row, 0, stamp)?;
    }
    columns.finish(source, 0)
}

/// `MM/DD/YYYY,HH:MM`, moved to the hour's beginning.
fn stamp(row: &Row<'_>) -> Result<Stamp, WeatherError> {
    let wrong = |at, name, expected| {
        WeatherError::Value(row.fault(at, name, expected, "correct the time stamp"))
    };
    let mut date = row.text(0).splitn(3, '/').map(|part| part.parse::<u16>().ok());
    let mut next = || date.next().flatten();
    let (Some(month), Some(day), Some(year)) = (next(), next(), next()) else {
        return Err(wrong(0, "date", "MM/DD/YYYY"));
    };
    let hour = row.text(1).split_once(':').and_then(|(hour, minute)| {
        minute.parse::<i64>().ok().filter(|&minute| minute == 0)?;
        hour.parse::<i64>().ok().filter(|hour| (1..=24).contains(hour))
    });
    let Some(hour) = hour else {
        return Err(wrong(1, "time", "01:00 to 24:00"));
    };
    let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else {
        return Err(wrong(0, "date", "MM/DD/YYYY"));
    };
    Ok(Stamp { date: Date { year: i64::from(year), month, day }, second: (hour - 1) * 3600 })
}
