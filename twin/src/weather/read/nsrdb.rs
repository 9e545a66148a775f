//! NSRDB's PSM3 and PSM4 as CSV (SAM's own format too): two lines that name and place the site, one
//! that names the columns, then instants of local standard time at 5 to 60 minutes; a sample is the
//! step around its instant, so that hourly files stamped at minute 30 hold whole hours. Columns are
//! those that were asked for at the download: beam and diffuse may be missing.
//!
//! NREL, "NSRDB Physical Solar Model v3 data download", developer.nrel.gov.

use super::super::calendar::{DAY_S, Date, days_since_1970};
use super::super::{Location, Weather, WeatherError, decompose};
use super::columns::{Columns, Days, Places, Stamp};
use super::row::{ALTITUDE, LATITUDE, LONGITUDE, PRESSURE_MBAR, Row, Source, UTC_OFFSET};
use super::steps::Stamped;

/// Whether the first line is that of NSRDB's or SAM's site header.
pub(super) fn is_header(line: &str) -> bool {
    let has = |name| line.split(',').any(|field| field.trim().eq_ignore_ascii_case(name));
    line.starts_with("Source,Location ID") || (has("Latitude") && has("Time Zone"))
}

pub(super) fn parse(source: &Source<'_>) -> Result<Weather, WeatherError> {
    let site_names = source.header(0, "site header")?;
    let site = source.header(1, "site")?;
    check_units(&site_names, &site)?;
    let location = Location {
        latitude_deg: site.number(site_names.find("Latitude")?, &LATITUDE)?,
        longitude_deg: site.number(site_names.find("Longitude")?, &LONGITUDE)?,
        altitude_m: site.number(site_names.find("Elevation")?, &ALTITUDE)?,
        utc_offset_s: (site.number(site_names.find("Time Zone")?, &UTC_OFFSET)? * 3600.0) as i32,
    };
    let header = source.header(2, "column names")?;
    let clock = Clock {
        year: header.find("Year")?,
        month: header.find("Month")?,
        day: header.find("Day")?,
        hour: header.find("Hour")?,
        minute: header.find("Minute").ok(),
    };
    let places = Places {
        ghi: header.find_like(&["GHI", "Global", "gh"])?,
        dni: header.find_like(&["DNI", "Beam", "dn"]).ok(),
        dhi: header.find_like(&["DHI", "Diffuse", "df"]).ok(),
        temperature: header.find_like(&["Temperature", "Air Temperature", "Tdry"])?,
        wind: header.find_like(&["Wind Speed", "Wspd"])?,
        pressure: header
            .find_like(&["Pressure", "Pres"])
            .ok()
            .map(|at| (at, &PRESSURE_MBAR, 100.0)),
    };
    let step_s = clock.step_s(source)?;
    let days = Days::Either { least_days: 1 };
    let mut columns = Columns::new("NSRDB PSM3", location, places, step_s as u32, days);
    for row in source.rows(3) {
        columns.push(&row, clock.hour, clock.stamp(&row)?)?;
    }
    let mut weather = columns.finish(source, -step_s / 2)?;
    weather.notes.push(Stamped::InMiddle.note(step_s as u32));
    decompose::complete(&mut weather);
    Ok(weather)
}

/// Units that the header states must be those that are read here.
fn check_units(names: &Row<'_>, site: &Row<'_>) -> Result<(), WeatherError> {
    for (name, units) in [
        ("GHI Units", ["w/m2", "w/m^2"]),
        ("Temperature Units", ["c", "celsius"]),
        ("Wind Speed Units", ["m/s", "m/sec"]),
        ("Pressure Units", ["mbar", "hpa"]),
    ] {
        let Ok(at) = names.find_like(&[name]) else { continue };
        let stated = site.text(at).to_ascii_lowercase();
        if !matches!(stated.as_str(), "" | "-") && !units.contains(&stated.as_str()) {
            let help = "download the file in this unit, or convert it";
            return Err(WeatherError::Value(site.fault(at, name, units[0], help)));
        }
    }
    Ok(())
}

/// Where the parts of a time stamp are.
struct Clock {
    year: usize,
    month: usize,
    day: usize,
    hour: usize,
    /// Hourly files may do without: their instants are the middles of their hours.
    minute: Option<usize>,
}

impl Clock {
    fn stamp(&self, row: &Row<'_>) -> Result<Stamp, WeatherError> {
        let date = Date {
            year: row.integer(self.year, "Year", 1..=9999)?,
            month: row.integer(self.month, "Month", 1..=12)? as u8,
            day: row.integer(self.day, "Day", 1..=31)? as u8,
        };
        let minute = match self.minute {
            Some(minute) => row.integer(minute, "Minute", 0..=59)?,
            None => 30,
        };
        Ok(Stamp { date, second: row.integer(self.hour, "Hour", 0..=23)? * 3600 + minute * 60 })
    }

    /// The step that the first two rows show.
    fn step_s(&self, source: &Source<'_>) -> Result<i64, WeatherError> {
        let mut rows = source.rows(3);
        let (Some(first), Some(second)) = (rows.next(), rows.next()) else { return Ok(3600) };
        let at = |stamp: Stamp| days_since_1970(stamp.date) * DAY_S + stamp.second;
        let step_s = at(self.stamp(&second)?) - at(self.stamp(&first)?);
        if [60, 300, 600, 900, 1800, 3600].contains(&step_s) {
            return Ok(step_s);
        }
        let help = "sort the file by time, and use steps of 1, 5, 10, 15, 30 or 60 minutes";
        let expected = "a time one step after the line before";
        Err(WeatherError::Order(second.fault(self.hour, "time", expected, help)))
    }
}
