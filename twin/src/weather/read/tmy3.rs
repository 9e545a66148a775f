//! NREL's TMY3 and its dialects: two header lines, then intervals of local standard time. NREL's
//! own files have hours from 01:00 to 24:00, each stamped at its end; SolarAnywhere writes 00:00 of
//! the next day for 24:00, dates its rows, may have 15 minutes, and says in the header's last field
//! what its stamps are.
//!
//! S. Wilcox and W. Marion, "Users Manual for TMY3 Data Sets", NREL/TP-581-43156, 2008.

use super::super::calendar::{DAY_S, Date, date_of, days_in_month, days_since_1970};
use super::super::{Location, Weather, WeatherError, decompose};
use super::columns::{Columns, Days, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_MBAR, Row, Source, UTC_OFFSET};
use super::steps::{Stamped, step_of};

/// Lines before the data.
const HEADER_LINES: usize = 2;

/// Whether the second line is that of TMY3's column names.
pub(super) fn is_header(line: &str) -> bool {
    line.trim_start_matches(['"', ' ']).to_ascii_lowercase().starts_with("date (mm/dd/yyyy)")
}

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let site = source.header(0, "station")?;
    let first = place_at(&site);
    let location = Location {
        utc_offset_s: (site.number(first, &UTC_OFFSET)? * 3600.0) as i32,
        latitude_deg: site.number(first + 1, &LATITUDE)?,
        longitude_deg: site.number(first + 2, &LONGITUDE)?,
        altitude_m: site.number(first + 3, &ALTITUDE)?,
    };
    let header = source.header(1, "column names")?;
    let places = Places {
        ghi: header.find_like(&["GHI (W/m^2)"])?,
        dni: header.find_like(&["DNI (W/m^2)"]).ok(),
        dhi: header.find_like(&["DHI (W/m^2)"]).ok(),
        temperature: header.find_like(&["Dry-bulb (C)"])?,
        wind: header.find_like(&["Wspd (m/s)"])?,
        pressure: header.find_like(&["Pressure (mbar)"]).ok().map(|at| (at, &PRESSURE_MBAR, 100.0)),
    };
    let (mut step_s, mut stamped) = (3600, Stamped::AtEnd);
    let extra = (first + 4..site.fields.len()).find(|&at| !site.text(at).is_empty());
    let mut rows = source.rows(HEADER_LINES);
    if let (Some(first), Some(second)) = (rows.next(), rows.next()) {
        let (first, second_stamp) = (stamp(&first)?, stamp(&second)?);
        step_s = step_of(first, second_stamp, &second, 1)?;
        stamped = Stamped::stated(&site, extra)?
            .unwrap_or_else(|| Stamped::seen(first.second, i64::from(step_s)));
    }
    // NREL's files are whole years; others may hold days.
    let least_days = if extra.is_some() || step_s < 3600 { 1 } else { 365 };
    let days = Days::Either { least_days };
    let mut columns = Columns::new("TMY3", location, places, step_s, days);
    let mut before: Option<Date> = None;
    for row in source.rows(HEADER_LINES) {
        let read = stamp(&row)?;
        let begins = match stamped {
            Stamped::AtEnd => beginning(read, before, i64::from(step_s)),
            Stamped::AtBeginning | Stamped::InMiddle => read,
        };
        before = Some(begins.date);
        columns.push(&row, 0, begins)?;
    }
    let mut weather = columns.finish(source, stamped.offset_s(i64::from(step_s)))?;
    weather.notes.push(stamped.note(step_s));
    decompose::complete(&mut weather);
    Ok(weather)
}

/// Where time zone, latitude, longitude and elevation stand: the third field on, or later where the
/// station's name holds commas without quotes.
fn place_at(site: &Row<'_>) -> usize {
    let parts = [&UTC_OFFSET, &LATITUDE, &LONGITUDE, &ALTITUDE];
    let all = |at: usize| {
        parts.iter().enumerate().all(|(i, of)| site.number_if_sound(at + i, of).is_some())
    };
    (3..site.fields.len()).find(|&at| all(at)).unwrap_or(3)
}

/// `MM/DD/YYYY,HH:MM` as it stands, 00:00 to 24:00.
fn stamp(row: &Row<'_>) -> Result<Stamp, WeatherError> {
    let wrong = |at, name, expected| {
        WeatherError::Value(row.fault(at, name, expected, "correct the time stamp"))
    };
    let mut date = row.text(0).splitn(3, '/').map(|part| part.parse::<u16>().ok());
    let mut next = || date.next().flatten();
    let (Some(month), Some(day), Some(year)) = (next(), next(), next()) else {
        return Err(wrong(0, "date", "MM/DD/YYYY"));
    };
    let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else {
        return Err(wrong(0, "date", "MM/DD/YYYY"));
    };
    let minutes = row.text(1).split_once(':').and_then(|(hour, minute)| {
        let minute = minute.parse::<i64>().ok().filter(|minute| (0..60).contains(minute))?;
        let hour = hour.parse::<i64>().ok().filter(|hour| (0..=24).contains(hour))?;
        Some(hour * 60 + minute).filter(|&minutes| minutes <= 24 * 60)
    });
    let Some(minutes) = minutes else {
        return Err(wrong(1, "time", "00:00 to 24:00"));
    };
    Ok(Stamp { date: Date { year: i64::from(year), month, day }, second: minutes * 60 })
}

/// Where an interval begins that ends at this stamp. 00:00 ends the day of the row before it, which
/// in a typical year may be of another year, or be 28 February before 1 March.
fn beginning(end: Stamp, before: Option<Date>, step_s: i64) -> Stamp {
    if end.second > 0 {
        return Stamp { second: end.second - step_s, ..end };
    }
    let eve = before.filter(|&before| follows(before, end.date));
    let date = eve.unwrap_or_else(|| date_of(days_since_1970(end.date) - 1));
    Stamp { date, second: DAY_S - step_s }
}

/// Whether a date follows another in the calendar, whatever their years; 29 February may be missing.
fn follows(before: Date, date: Date) -> bool {
    let last = days_in_month(before.year, before.month).unwrap_or(31);
    let next_month = before.month % 12 + 1;
    (date.month == before.month && date.day == before.day + 1)
        || (date.month == next_month
            && date.day == 1
            && (before.day == last || (before.month, before.day) == (2, 28)))
}
