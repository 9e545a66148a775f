//! Values without time stamps: their step, and their dates where the scenario says when they begin.
//! Not where they lie on a run.

use super::read::Content;
use super::steps::{Grid, minutes};
use super::written::Written;
use super::zones;
use super::{Clock, refused};
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::scenario::SeriesFile;

/// A file without time stamps on regular steps; its zone in words where `starts` gives it dates.
pub(super) fn undated(
    content: &Content<'_>,
    file: &SeriesFile,
    given_s: Option<i64>,
    calendar: &Calendar,
    notes: &mut Vec<String>,
) -> Result<(Grid, Option<String>), EnergyError> {
    let count = content.values.len();
    let step_s = match given_s {
        Some(step_s) => step_s,
        None => {
            if let Some(minutes) = year_of_steps(count) {
                return Err(refused(
                    content.file,
                    (content.value_place)(0),
                    format!("{count} values without time stamps"),
                    "the minutes between two values",
                    format!(
                        "set `step_minutes: {minutes}` if the values cover a year, or \
                         `step_minutes: 60` if they are hourly"
                    ),
                ));
            }
            3600
        }
    };
    let row_before_gap = content.values.iter().position(|v| v.is_nan()).unwrap_or(0);
    let mut grid = Grid {
        start_s: 0,
        step_s,
        values: content.values.clone(),
        row_before_gap,
        change: None,
        written: Written::default(),
    };
    let site = calendar.zone();
    let Some(starts) = file.starts else {
        let start_s = calendar.start().as_second();
        let mut unread = Vec::new();
        let span_s = (start_s, start_s);
        let said = zones::said(None, &content.labels, site, span_s, content.file, &mut unread)?;
        let standard_s = zones::standard_offset_s(site, start_s);
        if let Some(said) = said.filter(|said| said.clock.offset_s(start_s) != standard_s) {
            notes.push(format!(
                "the file names the time zone {}, but has no time stamps: the standard time of the \
                 site's zone is used; set `starts` to use the file's zone",
                said.name
            ));
        }
        let given = if given_s.is_some() { "(scenario)" } else { "(assumed)" };
        notes.push(format!(
            "no time stamps: {count} values every {} minutes {given}, from the beginning of the year",
            minutes(step_s)
        ));
        return Ok((grid, None));
    };
    let day = starts.date();
    let local_s = super::stamp::day_number(day.year().into(), day.month() as u8, day.day() as u8)
        * 86_400
        + i64::from(starts.hour()) * 3600
        + i64::from(starts.minute()) * 60
        + i64::from(starts.second());
    let (zone, span_s) = (file.zone.as_ref(), (local_s, local_s));
    let said = zones::said(zone, &content.labels, site, span_s, content.file, notes)?;
    let (clock, name) = match said {
        Some(known) => (known.clock, known.name),
        None => (Clock::of(site, local_s, local_s), "the site's time zone".to_owned()),
    };
    grid.start_s = clock.first_instant(local_s);
    notes.push(format!("no time stamps: the first value begins at {starts}, as set by `starts`"));
    Ok((grid, Some(name)))
}

/// The minutes of a step where so many values are a year of steps shorter than an hour.
fn year_of_steps(count: usize) -> Option<usize> {
    [30, 20, 15, 10, 5, 1].into_iter().find(|minutes| {
        let day = 1440 / minutes;
        count == 365 * day || count == 366 * day
    })
}

pub(super) fn whole_seconds(minutes: f64) -> Result<i64, EnergyError> {
    let seconds = (minutes * 60.0).round();
    if seconds < 1.0 || (seconds - minutes * 60.0).abs() > 1e-6 || seconds > 1e9 {
        return Err(EnergyError::scenario(
            "step_minutes",
            minutes.to_string(),
            "a whole number of seconds",
            "write minutes, as in `step_minutes: 60` for an hour",
        ));
    }
    Ok(seconds as i64)
}
