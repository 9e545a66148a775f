//! gridtwin's plain CSV: comment lines with the place, a header of names that carry units, and
//! rows of local standard time that each describe the step that begins with them.
//!
//! ```csv
//! # latitude_deg: 36.1
//! # longitude_deg: -79.95
//! # altitude_m: 273
//! # utc_offset_h: -5
//! time,ghi_w_m2,dni_w_m2,dhi_w_m2,temperature_c,wind_m_s
//! 2024-06-21T00:00,0,0,0,19.5,2.1
//! ```
//! Fields may be separated by semicolons or tabs, with commas for decimal signs, and times may be
//! written as `21.06.2024 00:00`: separators, numbers and time stamps are those of every time series
//! ([`crate::series`]). With `# typical_year: true` it holds 365 days for any year. `dni_w_m2` and `dhi_w_m2` may be
//! left out together: Erbs' split of global irradiance takes their place. `pressure_pa` may be
//! added. Other columns are passed over.

use super::super::calendar::Date;
use super::super::{Location, Weather, WeatherError, decompose};
use super::columns::{Columns, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_PA, Quantity, Row, Source, UTC_OFFSET};
use crate::scenario::DateOrder;
use crate::series::{Dialect, Order, Raw};

/// Where the line of column names is, if this is a plain CSV: the first that is no comment.
pub(super) fn header(source: &Source<'_>) -> Option<usize> {
    let is_data = |line: &&str| !line.starts_with('#') && !line.trim().is_empty();
    let index = source.lines.iter().position(is_data)?;
    let is_name = |field: &str| matches!(field.trim().trim_matches('"'), "ghi_w_m2" | "time");
    source.lines[index].split([',', ';', '\t']).any(is_name).then_some(index)
}

/// The text with commas between its fields, points in its numbers and ISO time stamps, line by line;
/// none where it is written so already.
fn plainer(source: &Source<'_>) -> Option<String> {
    let at = header(source)?;
    let text = source.lines[at..].join("\n");
    let dialect = Dialect::of(&text, true);
    let separator = char::from(dialect.separator?);
    let time = source.lines[at].split(separator).position(|name| name.trim() == "time")?;
    let first = source.rows(at + 1).find(|row| !row.text.starts_with('#'))?;
    let written_time = first.text.split(separator).nth(time)?.trim();
    if separator == ',' && iso(written_time).is_none_or(|iso| iso == written_time) {
        return None;
    }
    let field = |(i, field): (usize, &str)| match field.trim().trim_matches('"') {
        text if i == time => iso(text).unwrap_or_else(|| text.to_owned()),
        text => match dialect.number(text) {
            Ok(value) => value.to_string(),
            Err(_) => text.replace(',', "."),
        },
    };
    let line = |line: &&str| match line.starts_with('#') {
        true => (*line).to_owned(),
        false => line.split(separator).enumerate().map(field).collect::<Vec<_>>().join(","),
    };
    let above = source.lines[..at].iter().map(|line| (*line).to_owned());
    Some(above.chain(source.lines[at..].iter().map(line)).collect::<Vec<_>>().join("\n"))
}

/// A local time as `2024-06-21T00:00:00`; none where it is no time, has an offset or the letter of a
/// doubled hour, or a date with two readings.
fn iso(text: &str) -> Option<String> {
    let raw = Raw::parse(text).filter(|raw| raw.order() == Order::Plain)?;
    let stamp = raw.stamp(DateOrder::DayFirst)?;
    if stamp.offset_s.is_some() || stamp.pass.is_some() {
        return None;
    }
    let since = jiff::SignedDuration::from_secs(stamp.local_s);
    let local = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0).checked_add(since).ok()?;
    let written = text.len() >= 16 && local.to_string().starts_with(&text.replace(' ', "T"));
    Some(if written { text.to_owned() } else { local.to_string() })
}

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    match plainer(source) {
        Some(text) => read(&Source::new(source.name(), &text)),
        None => read(source),
    }
}

fn read(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let at = header(source).unwrap_or(0);
    let location = Location {
        latitude_deg: comment(source, at, "latitude_deg", &LATITUDE)?,
        longitude_deg: comment(source, at, "longitude_deg", &LONGITUDE)?,
        altitude_m: comment(source, at, "altitude_m", &ALTITUDE)?,
        utc_offset_s: (comment(source, at, "utc_offset_h", &UTC_OFFSET)? * 3600.0) as i32,
    };
    let typical_year = find_comment(source, at, "typical_year").is_some_and(|(_, v)| v == "true");

    let names = source.header(at, "column names")?;
    let time = names.find("time")?;
    let (dni, dhi) = (names.find("dni_w_m2"), names.find("dhi_w_m2"));
    let (dni, dhi) = match (dni, dhi) {
        (Err(_), Err(_)) => (None, None),
        (dni, dhi) => (Some(dni?), Some(dhi?)),
    };
    let places = Places {
        ghi: names.find("ghi_w_m2")?,
        dni,
        dhi,
        temperature: names.find("temperature_c")?,
        wind: names.find("wind_m_s")?,
        pressure: names.find("pressure_pa").ok().map(|at| (at, &PRESSURE_PA, 1.0)),
    };
    let step_s = step_s(source, at, time)?;
    let mut columns = Columns::new("plain CSV", location, places, step_s, typical_year);
    for row in source.rows(at + 1).filter(|row| !row.text.starts_with('#')) {
        let stamp = stamp(&row, time)?;
        columns.push(&row, time, stamp)?;
    }
    let mut weather = columns.finish(source, 0)?;
    decompose::complete(&mut weather);
    Ok(weather)
}

/// The step that the first two rows show.
fn step_s(source: &Source<'_>, at: usize, time: usize) -> Result<u32, WeatherError> {
    let mut rows = source.rows(at + 1).filter(|row| !row.text.starts_with('#'));
    let (Some(first), Some(second)) = (rows.next(), rows.next()) else {
        return Ok(3600);
    };
    let step_s = stamp(&second, time)?.second - stamp(&first, time)?.second;
    if step_s >= 60 && 3600 % step_s == 0 {
        return Ok(step_s as u32);
    }
    let help = "sort the file by time, and use a step of 1 to 60 minutes that divides the hour";
    let expected = "a time one step after the line before";
    Err(WeatherError::Order(second.fault(time, "time", expected, help)))
}

/// `2024-06-21T00:00`, also with a blank for the T and with seconds.
fn stamp(row: &Row<'_>, at: usize) -> Result<Stamp, WeatherError> {
    let text = row.text(at);
    let civil: Result<jiff::civil::DateTime, _> = text.parse();
    let local =
        !text.ends_with(['Z', 'z', ']']) && !text.get(10..).unwrap_or("").contains(['+', '-']);
    match civil {
        Ok(civil) if local => Ok(Stamp {
            date: Date {
                year: i64::from(civil.year()),
                month: civil.month() as u8,
                day: civil.day() as u8,
            },
            second: i64::from(civil.hour()) * 3600
                + i64::from(civil.minute()) * 60
                + i64::from(civil.second()),
        }),
        _ => {
            let help = "write local standard time without a zone: `utc_offset_h` gives the zone";
            Err(WeatherError::Value(row.fault(at, "time", "YYYY-MM-DDTHH:MM", help)))
        }
    }
}

/// The line (from 0) and value of `# name: value` before the header.
fn find_comment<'a>(source: &Source<'a>, at: usize, name: &str) -> Option<(usize, &'a str)> {
    source.lines[..at].iter().enumerate().find_map(|(index, line)| {
        let (key, value) = line.trim_start_matches('#').split_once(':')?;
        (key.trim() == name).then(|| (index, value.trim()))
    })
}

fn comment(source: &Source<'_>, at: usize, name: &str, of: &Quantity) -> Result<f64, WeatherError> {
    match find_comment(source, at, name)
        .and_then(|(index, value)| Some((source.row(index)?, value)))
    {
        Some((row, value)) => Row { fields: vec![value], ..row }.number(0, of),
        None => {
            let expected = format!("a line `# {name}: ...` before the column names");
            let help = "add this line: the sun's position depends on it";
            let fault = source.fault(at + 1, 1, name, "no such line", &expected, help);
            Err(WeatherError::Format(Box::new(fault)))
        }
    }
}
