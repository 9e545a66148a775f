//! A series on the intervals of a run: by its dates, from another year, or repeated from New Year on
//! where it has no dates. Means are weighted by overlap, so that the integral is kept. Not the reading
//! of the file.

use super::days::Days;
use super::read::Series;
use super::steps::utc;
use super::{Clock, days, refused};
use crate::energy::EnergyError;
use crate::energy::calendar::{Calendar, DAY_S, Local, LocalDate};
use crate::scenario::{OtherYear, SeriesFile};

/// A series on a run's intervals.
pub(super) struct Laid {
    pub(super) values: Vec<f64>,
    /// How, in words.
    pub(super) words: String,
}

/// A series that covers so many days holds a whole year of weeks.
const YEAR_DAYS: i64 = 364;

/// Lays a series on a run.
pub(super) fn lay(
    series: &Series,
    file: &SeriesFile,
    calendar: &Calendar,
) -> Result<Laid, EnergyError> {
    match series.start_s {
        Some(start_s) => dated(series, start_s, file, calendar),
        None => repeated(series, calendar),
    }
}

/// Values over regular steps from second zero on.
#[derive(Clone, Copy)]
struct Steps<'a> {
    values: &'a [f64],
    step_s: i64,
}

impl Steps<'_> {
    /// The mean over a stretch that lies within.
    fn mean(self, from_s: i64, to_s: i64) -> f64 {
        let (first, last) = (from_s / self.step_s, (to_s - 1) / self.step_s);
        if first == last {
            return self.values[first as usize];
        }
        let weighted: f64 = (first..=last)
            .map(|i| {
                let overlap = to_s.min((i + 1) * self.step_s) - from_s.max(i * self.step_s);
                self.values[i as usize] * overlap as f64
            })
            .sum();
        weighted / (to_s - from_s) as f64
    }

    fn end_s(self) -> i64 {
        self.values.len() as i64 * self.step_s
    }
}

fn dated(
    series: &Series,
    start_s: i64,
    file: &SeriesFile,
    calendar: &Calendar,
) -> Result<Laid, EnergyError> {
    let steps = Steps { values: &series.values, step_s: series.step_s };
    let step_s = i64::from(calendar.step_s());
    let run_s = calendar.start().as_second() - start_s;
    let run_end_s = run_s + step_s * calendar.intervals() as i64;
    if run_s >= 0 && run_end_s <= steps.end_s() {
        let at = (0..calendar.intervals() as i64).map(|k| run_s + k * step_s);
        let values = at.map(|from_s| steps.mean(from_s, from_s + step_s)).collect();
        return Ok(Laid { values, words: "by date".to_owned() });
    }
    let whole_year = steps.end_s() >= YEAR_DAYS * DAY_S;
    if !whole_year || file.other_year == OtherYear::Refuse {
        return Err(not_covered(series, start_s, steps.end_s(), calendar, whole_year));
    }
    other_year(steps, start_s, file.other_year, calendar)
}

/// The run from another year of the file; what lies within the file goes by its dates.
fn other_year(
    steps: Steps<'_>,
    start_s: i64,
    how: OtherYear,
    calendar: &Calendar,
) -> Result<Laid, EnergyError> {
    let end_s = steps.end_s();
    let step_s = i64::from(calendar.step_s());
    let clock = Clock::of(calendar.zone(), start_s, start_s + end_s);
    let days = Days::of(&clock, start_s, start_s + end_s, how);
    let mut taken: Option<(LocalDate, i64)> = None;
    let mut first: Option<(LocalDate, i64)> = None;
    let mut by_date = 0usize;
    let mut values = Vec::with_capacity(calendar.intervals());
    for (k, Local { date, second }) in calendar.locals().enumerate() {
        let from_s = calendar.start().as_second() + k as i64 * step_s - start_s;
        let from_s = if from_s >= 0 && from_s + step_s <= end_s {
            by_date += 1;
            from_s
        } else {
            let day = match taken {
                Some((of, day)) if of == date => day,
                _ => days.of_date(date),
            };
            taken = Some((date, day));
            first = first.or(taken);
            let at_s = clock.first_instant(day * DAY_S + i64::from(second)) - start_s;
            at_s.clamp(0, end_s - step_s)
        };
        values.push(steps.mean(from_s, from_s + step_s));
    }
    let rule = how.rule();
    let example = first.map_or_else(String::new, |(date, day)| {
        let (date, day) = (days::name(date.number), days::name(day));
        format!("; for example, {date} uses {day} of the file")
    });
    let part = if by_date == 0 {
        String::new()
    } else {
        let hours = (values.len() - by_date) as f64 * step_s as f64 / 3600.0;
        format!("by date; the {hours} h that the file does not cover are ")
    };
    Ok(Laid { values, words: format!("{part}from another year: {rule}{example}") })
}

fn not_covered(
    series: &Series,
    start_s: i64,
    length_s: i64,
    calendar: &Calendar,
    whole_year: bool,
) -> EnergyError {
    let run_s = calendar.start().as_second();
    let run_end_s = run_s + i64::from(calendar.step_s()) * calendar.intervals() as i64;
    let end_s = start_s + length_s;
    let missing = if end_s <= run_s || run_end_s <= start_s {
        "which the file does not cover at all".to_owned()
    } else if run_s < start_s {
        format!("which begins {:.2} days before the file", (start_s - run_s) as f64 / DAY_S as f64)
    } else {
        format!("which ends {:.2} days after the file", (run_end_s - end_s) as f64 / DAY_S as f64)
    };
    let advice = if whole_year {
        "set `other_year: SameWeekday` or `other_year: SameDate`, or set `start` and `days` so that \
         the run lies within the file"
    } else {
        "set `start` and `days` so that the run lies within the file, or use a file of a whole \
         year, which can be used for any year"
    };
    refused(
        &series.file,
        series.last_place,
        format!("values from {} to {}", utc(start_s), utc(end_s)),
        format!("values for the run from {} to {}, {missing}", utc(run_s), utc(run_end_s)),
        advice,
    )
}

/// A file without dates: it begins with the year in the zone's standard time, and repeats when it
/// ends and with every new year.
fn repeated(series: &Series, calendar: &Calendar) -> Result<Laid, EnergyError> {
    let steps = Steps { values: &series.values, step_s: series.step_s };
    let whole_s = steps.end_s();
    if whole_s == 0 || whole_s % DAY_S != 0 {
        return Err(refused(
            &series.file,
            series.last_place,
            format!(
                "{} values every {} minutes, which is {:.4} days",
                series.values.len(),
                super::steps::minutes(series.step_s),
                whole_s as f64 / DAY_S as f64
            ),
            "a whole number of days",
            "complete the file, or set `step_minutes` to the minutes between two of its values",
        ));
    }
    let days = whole_s / DAY_S;
    let step_s = i64::from(calendar.step_s());
    let mean = |date: LocalDate, from_s: i64, to_s: i64| {
        let midnight_s = day_of(date, days) * DAY_S;
        steps.mean(midnight_s + from_s, midnight_s + to_s)
    };
    let values = calendar
        .standard_locals()
        .map(|local| {
            let from_s = i64::from(local.second);
            if from_s + step_s <= DAY_S {
                mean(local.date, from_s, from_s + step_s)
            } else {
                let (today, tomorrow) = (DAY_S - from_s, from_s + step_s - DAY_S);
                let next = LocalDate::from_number(local.date.number + 1);
                (mean(local.date, from_s, DAY_S) * today as f64
                    + mean(next, 0, tomorrow) * tomorrow as f64)
                    / step_s as f64
            }
        })
        .collect();
    let words = match days {
        365 | 366 => "by date in every year, regardless of the weekday".to_owned(),
        1 => "the same values every day".to_owned(),
        days => format!("repeated every {days} days, starting anew on 1 January of each year"),
    };
    Ok(Laid { values, words })
}

/// Which day of a file without dates a date is. A file of 365 days has 28 February twice in a leap
/// year; of one of 366 days, 29 February is left out in other years: so the seasons stay where they
/// are. Any other file repeats when it ends, anew each year.
fn day_of(date: LocalDate, days: i64) -> i64 {
    let day = i64::from(date.day_of_year);
    match days {
        365 if date.in_leap_year() && day >= 59 => day - 1,
        366 if !date.in_leap_year() && day >= 59 => day + 1,
        days => day % days,
    }
}
