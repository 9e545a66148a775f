//! NSRDB's PSM3 as CSV (SAM's own format too): two lines that name and place the site, one that
//! names the columns, then instants of local standard time; a sample is the step around its
//! instant, so that hourly files stamped at minute 30 hold whole hours.
//!
//! NREL, "NSRDB Physical Solar Model v3 data download", developer.nrel.gov.

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_MBAR, Row, Source, UTC_OFFSET};

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let site_names = source.header(0, "site header")?;
    let site = source.header(1, "site")?;
    let location = Location {
        latitude_deg: site.number(site_names.find("Latitude")?, &LATITUDE)?,
        longitude_deg: site.number(site_names.find("Longitude")?, &LONGITUDE)?,
        altitude_m: site.number(site_names.find("Elevation")?, &ALTITUDE)?,
        utc_offset_s: (site.number(site_names.find("Time Zone")?, &UTC_OFFSET)? * 3600.0) as i32,
    };
    let header = source.header(2, "column names")?;
    let time = ["Year", "Month", "Day", "Hour"].map(|name| header.find(name));
    let [year, month, day, hour] = time;
    let (year, month, day, hour) = (year?, month?, day?, hour?);
    let minute = header.find("Minute")?;
    let places = Places {
        ghi: header.find("GHI")?,
        dni: Some(header.find("DNI")?),
        dhi: Some(header.find("DHI")?),
        temperature: header.find("Temperature")?,
        wind: header.find("Wind Speed")?,
        pressure: header.find("Pressure").ok().map(|at| (at, &PRESSURE_MBAR, 100.0)),
    };
    let stamp = |row: &Row<'_>| {
        let date = Date {
            year: row.integer(year, "Year", 1..=9999)?,
            month: row.integer(month, "Month", 1..=12)? as u8,
            day: row.integer(day, "Day", 1..=31)? as u8,
        };
        let second =
            row.integer(hour, "Hour", 0..=23)? * 3600 + row.integer(minute, "Minute", 0..=59)? * 60;
        Ok::<_, WeatherError>(Stamp { date, second })
    };
    // The step shows in the first two rows.
    let step_s = match (source.row(3), source.row(4)) {
        (Some(first), Some(second)) => {
            let step_s = stamp(&second)?.second - stamp(&first)?.second;
            if ![300, 600, 900, 1800, 3600].contains(&step_s) {
                let help = "sort the file, and take it at 5, 10, 15, 30 or 60 minutes";
                let fault = second.fault(hour, "time", "a step after the line before", help);
                return Err(WeatherError::Order(fault));
            }
            step_s
        }
        _ => 3600,
    };
    let mut columns = Columns::new("NSRDB PSM3", location, places, step_s as u32, true);
    for row in source.rows(3) {
        let stamp = stamp(&row)?;
        columns.push(&row, hour, stamp)?;
    }
    columns.finish(source, -step_s / 2)
}
