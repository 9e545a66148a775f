//! The course of a load over a run: what it would draw if it were always served. Not whether it is,
//! which the engine decides.

use super::EnergyError;
use super::calendar::{Calendar, DAY_S, LocalDate, instant};
use super::daylight::sun_up_utc_h;
use super::shapes::typical_days;
use crate::record::Input;
use crate::scenario::{Load, LoadProfile, Shape, Site};
use crate::series::{self, Kind};
use gridtwin_kernel::Streams;
use jiff::civil::date;
use rand_distr::{Distribution, StandardNormal};
use std::path::Path;

const HOUR_S: i64 = 3600;

/// The load's mean power in each interval of the run, kW.
///
/// A typical load draws its noise from the stream `load/ID/noise/YEAR`, an hour at a time from the
/// local New Year on: what a day is like does not depend on when the run begins. Its whole local
/// year, noise included, is exactly `annual_kwh`, with or without a leap day.
///
/// A file is read and laid on the run by [`crate::series`].
///
/// # Errors
/// A file that cannot be read, that is not understood without doubt, or that does not cover the run.
pub fn course_kw(
    load: &Load,
    site: &Site,
    calendar: &Calendar,
    streams: &Streams,
    base: &Path,
) -> Result<Vec<f64>, EnergyError> {
    Ok(course(load, site, calendar, streams, base)?.0)
}

/// As [`course_kw`], with what was understood of the load's file, if it has one.
///
/// # Errors
/// As [`course_kw`].
pub fn course(
    load: &Load,
    site: &Site,
    calendar: &Calendar,
    streams: &Streams,
    base: &Path,
) -> Result<(Vec<f64>, Option<Input>), EnergyError> {
    let values = match &load.profile {
        LoadProfile::Constant { power_kw } => vec![power_kw.get(); calendar.intervals()],
        LoadProfile::Typical { shape, annual_kwh, noise } => {
            typical(*shape, annual_kwh.get(), noise.get(), site, calendar, |year| {
                streams.stream(&format!("load/{}/noise/{year}", load.id))
            })?
        }
        LoadProfile::Csv(file) => {
            let what = format!("load {}", load.id);
            let course = series::course(file, Kind::Power, &what, calendar, base)?;
            return Ok((course.values, Some(course.input)));
        }
    };
    Ok((values, None))
}

/// Hour by hour over the local years that the run touches, then averaged over its intervals.
fn typical<R: rand::Rng>(
    shape: Shape,
    annual_kwh: f64,
    noise: f64,
    site: &Site,
    calendar: &Calendar,
    mut stream: impl FnMut(i16) -> R,
) -> Result<Vec<f64>, EnergyError> {
    let dates = calendar.dates();
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
        return Ok(Vec::new());
    };
    let mut hours_kw = Vec::new();
    let mut years_start_s = None;
    for year in first.year..=last.year {
        let (hours, start_s) = hours_of_year(year, calendar)?;
        years_start_s.get_or_insert(start_s);
        let mut stream = stream(year);
        let mut values: Vec<f64> = relative(shape, site, &hours);
        for value in &mut values {
            let z: f64 = StandardNormal.sample(&mut stream);
            *value *= (1.0 + noise * z).max(0.0);
        }
        let sum: f64 = values.iter().sum();
        let scale = if sum > 0.0 { annual_kwh / sum } else { 0.0 };
        hours_kw.extend(values.into_iter().map(|value| value * scale));
    }
    let offset_s = calendar.start().as_second() - years_start_s.unwrap_or_default();
    let step_s = i64::from(calendar.step_s());
    // Where a zone changed its standard time, its year is not whole hours: the last one is extended.
    let hour = |i: i64| hours_kw[(i.max(0) as usize).min(hours_kw.len() - 1)];
    Ok((0..calendar.intervals() as i64)
        .map(|k| {
            let (from_s, to_s) = (offset_s + k * step_s, offset_s + (k + 1) * step_s);
            let (a, b) = (from_s.div_euclid(HOUR_S), (to_s - 1).div_euclid(HOUR_S));
            if a == b {
                hour(a)
            } else {
                // An interval is an hour at most: it touches two hours at most.
                let late = (to_s - b * HOUR_S) as f64 / step_s as f64;
                hour(a) * (1.0 - late) + hour(b) * late
            }
        })
        .collect())
}

/// Every hour of a local year, and its beginning in seconds of Unix time.
fn hours_of_year(year: i16, calendar: &Calendar) -> Result<(Calendar, i64), EnergyError> {
    let zone = calendar.zone();
    let start = instant(zone, date(year, 1, 1).at(0, 0, 0, 0))?;
    let next = instant(zone, date(year.min(9998) + 1, 1, 1).at(0, 0, 0, 0))?;
    let hours = (next.as_second() - start.as_second()).max(HOUR_S) / HOUR_S;
    let hours = Calendar::from_parts(start, zone.clone(), HOUR_S as u32, hours as usize);
    Ok((hours, start.as_second()))
}

/// The shape of each hour, to any scale.
fn relative(shape: Shape, site: &Site, hours: &Calendar) -> Vec<f64> {
    let Some(days) = typical_days(shape) else {
        return dark_shares(site, hours);
    };
    let south = site.latitude_deg.get() < 0.0;
    hours
        .locals()
        .map(|local| {
            let month = usize::from(local.date.month);
            // July south of the equator is January north of it.
            let month = if south { (month + 5) % 12 + 1 } else { month };
            days.value(local.date.is_weekend(), (local.second / 3600) as usize, month)
        })
        .collect()
}

/// The share of each hour in which the sun is down.
fn dark_shares(site: &Site, hours: &Calendar) -> Vec<f64> {
    let (latitude, longitude) = (site.latitude_deg.get(), site.longitude_deg.get());
    let start_s = hours.start().as_second();
    let mut ups = Vec::with_capacity(3);
    let mut of_day = i64::MIN;
    (0..hours.intervals() as i64)
        .map(|k| {
            let from_s = start_s + k * HOUR_S;
            let day = from_s.div_euclid(DAY_S);
            if day != of_day {
                of_day = day;
                ups.clear();
                // Far from Greenwich the sun of the day before or after shines into this UTC day.
                for near in day - 1..=day + 1 {
                    let date = LocalDate::from_number(near);
                    let (rise_h, set_h) = sun_up_utc_h(date.day_of_year, latitude, longitude);
                    let midnight_h = (near * 24) as f64;
                    // Noons are not quite a day apart: a sun that stays up leaves no gap between.
                    let polar_h = if set_h - rise_h >= 24.0 { 0.1 } else { 0.0 };
                    ups.push((midnight_h + rise_h - polar_h, midnight_h + set_h + polar_h));
                }
            }
            let from_h = from_s as f64 / HOUR_S as f64;
            let lit: f64 = ups
                .iter()
                .map(|&(rise, set)| (set.min(from_h + 1.0) - rise.max(from_h)).max(0.0))
                .sum();
            (1.0 - lit).clamp(0.0, 1.0)
        })
        .collect()
}
