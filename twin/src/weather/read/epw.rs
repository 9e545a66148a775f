//! EnergyPlus weather (EPW): eight header lines, then hours 1 to 24 of local standard time, each
//! describing the hour that ends with it, or parts of hours where the header says so. The years of a
//! typical year are mixed; a dated year may have a 29 February.
//!
//! PVGIS writes EPW, too, but its irradiance is what a satellite saw at one instant. A comment in
//! the header gives it as `Irradiance Time Offset (h)`: the instant in UTC is the hour's number plus
//! that offset, so that -0.8239 in a file of zone +1 is 10 min 34 s after the stamped local hour.
//! There a sample is the hour around its instant, as in PVGIS's own CSV.
//!
//! EnergyPlus, "Auxiliary Programs", chapter "EPW CSV format (In/Out)".

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError};
use super::columns::{Columns, Days, Places, Stamp};
use super::row::{
    ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_PA, Row, Source, TIME_OFFSET_TO_UTC, UTC_OFFSET,
};
use super::steps::Stamped;

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
    let periods = Periods::of(source)?;
    let step_s = periods.step_s;
    let mut columns = Columns::new("EPW", location, places, step_s, periods.days);
    for row in source.rows(HEADER_LINES) {
        let date = Date {
            year: row.integer(0, "year", 1..=9999)?,
            month: row.integer(1, "month", 1..=12)? as u8,
            day: row.integer(2, "day", 1..=31)? as u8,
        };
        let hour = row.integer(3, "hour", 1..=24)?;
        // Minute 60 ends the hour; hourly files have 0, or whatever they were made with.
        let minute = if step_s == 3600 { 60 } else { row.integer(4, "minute", 1..=60)? };
        let second = (hour - 1) * 3600 + minute * 60 - i64::from(step_s);
        columns.push(&row, 3, Stamp { date, second })?;
    }
    let offset_h = time_offset_h(source)?;
    let first_offset_s = match offset_h {
        // From the hour's beginning in local time to half a step before the instant.
        Some(offset_h) => {
            let to_utc_s = (offset_h * 3600.0).round() as i64;
            i64::from(step_s / 2) + i64::from(location.utc_offset_s) + to_utc_s
        }
        None => 0,
    };
    let mut weather = columns.finish(source, first_offset_s)?;
    weather.notes.push(match offset_h {
        Some(offset_h) => {
            let after_min = (offset_h * 60.0) + f64::from(location.utc_offset_s) / 60.0;
            format!(
                "by the header's Irradiance Time Offset of {offset_h} h, which refers to UTC, \
                 irradiance and the sun's position are those {after_min:.1} minutes after the \
                 stamped hour of local standard time"
            )
        }
        None => Stamped::AtEnd.note(step_s),
    });
    Ok(weather)
}

/// What the header's line `DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31` says of the rows.
struct Periods {
    step_s: u32,
    days: Days,
}

impl Periods {
    fn of(source: &Source<'_>) -> Result<Self, WeatherError> {
        const NAME: &str = "DATA PERIODS";
        let header = &source.lines[..source.lines.len().min(HEADER_LINES)];
        let line = header.iter().position(|line| line.starts_with(NAME));
        let Some(row) = line.and_then(|index| source.row(index)) else {
            return Ok(Self { step_s: 3600, days: Days::Either { least_days: 365 } });
        };
        let per_hour = row.integer(2, "records per hour", 1..=60)?;
        if 60 % per_hour != 0 {
            let help = "use a file with a whole number of minutes per record";
            let expected = "a divisor of 60";
            return Err(WeatherError::Value(row.fault(2, "records per hour", expected, help)));
        }
        let day = |at: usize| {
            let mut parts = row.text(at).split('/').map(|part| part.trim().parse::<u8>().ok());
            Some((parts.next()??, parts.next()??))
        };
        // A period that the header calls a part of a year may be one; else the year must be whole.
        let part = match (day(5), day(6)) {
            (Some(first), Some(last)) => first != (1, 1) || last != (12, 31),
            _ => false,
        };
        let least_days = if part { 1 } else { 365 };
        Ok(Self { step_s: (3600 / per_hour) as u32, days: Days::Either { least_days } })
    }
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
