//! The typical year of PVGIS as its own CSV: a header of the place, a table of each month's year,
//! then hours in UTC. Irradiance is what a satellite saw at one instant: the stamp plus the file's
//! "Irradiance Time Offset (h)"; a sample is the hour around that instant.
//!
//! European Commission, Joint Research Centre, PVGIS 5.3 user manual, section "TMY".

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_PA, Quantity, Row, Source, TIME_OFFSET};

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let names = source.lines.iter().position(|line| line.starts_with("time(UTC)"));
    let head = names.unwrap_or(source.lines.len());
    let value = |prefix: &str, of: &Quantity| {
        let line = source.lines[..head].iter().position(|line| line.starts_with(prefix));
        let Some(row) = line.and_then(|index| source.row(index)) else {
            let help = "add this header line, or download the file again";
            let expected = "this line before the data";
            let fault = source.fault(1, 1, prefix, "no such line", expected, help);
            return Err(WeatherError::Format(Box::new(fault)));
        };
        let (_, value) = row.text.split_once(':').unwrap_or(("", ""));
        Row { fields: vec![value], ..row }.number(0, of)
    };
    let location = Location {
        latitude_deg: value("Latitude (decimal degrees)", &LATITUDE)?,
        longitude_deg: value("Longitude (decimal degrees)", &LONGITUDE)?,
        altitude_m: value("Elevation (m)", &ALTITUDE)?,
        utc_offset_s: 0,
    };
    // Older files have no offset: their instants are the stamps.
    let has_offset =
        source.lines[..head].iter().any(|line| line.starts_with("Irradiance Time Offset (h)"));
    let offset_h =
        if has_offset { value("Irradiance Time Offset (h)", &TIME_OFFSET)? } else { 0.0 };

    let header = source.header(head, "time(UTC)")?;
    let places = Places {
        ghi: header.find("G(h)")?,
        dni: Some(header.find("Gb(n)")?),
        dhi: Some(header.find("Gd(h)")?),
        temperature: header.find("T2m")?,
        wind: header.find("WS10m")?,
        pressure: header.find("SP").ok().map(|at| (at, &PRESSURE_PA, 1.0)),
    };
    let mut columns = Columns::new("PVGIS TMY", location, places, 3600, true);
    // Below the data, an empty line parts it from a legend.
    let data = source
        .rows(head + 1)
        .take_while(|row| row.line == head + 2 || !source.lines[row.line - 2].trim().is_empty());
    for row in data {
        let stamp = stamp(row.text(0)).ok_or_else(|| {
            let help = "correct the time stamp";
            WeatherError::Value(row.fault(0, "time(UTC)", "YYYYMMDD:HHMM", help))
        })?;
        columns.push(&row, 0, stamp)?;
    }
    let mut weather = columns.finish(source, ((offset_h - 0.5) * 3600.0).round() as i64)?;
    weather.notes.push(if has_offset {
        let after_min = offset_h * 60.0;
        format!(
            "by the header's Irradiance Time Offset, irradiance is that of {after_min:.1} minutes \
             after each time stamp"
        )
    } else {
        "irradiance is that at the instant of each time stamp".to_owned()
    });
    Ok(weather)
}

/// `YYYYMMDD:HHMM`.
fn stamp(text: &str) -> Option<Stamp> {
    let (date, time) = text.split_once(':')?;
    if date.len() != 8 || time.len() != 4 {
        return None;
    }
    let (date, time): (u32, u32) = (date.parse().ok()?, time.parse().ok()?);
    let (hour, minute) = (time / 100, time % 100);
    let date = Date {
        year: i64::from(date / 10_000),
        month: (date / 100 % 100) as u8,
        day: (date % 100) as u8,
    };
    (hour < 24 && minute < 60).then(|| Stamp { date, second: i64::from(hour * 3600 + minute * 60) })
}
