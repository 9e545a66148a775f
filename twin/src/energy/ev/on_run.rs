//! A file's sessions on a run: by their dates, or, where the file is of a whole year and the run of
//! another, each day as one of the file's. Not the reading of the file, nor what a run's ends cut.

use super::csv_file::{Content, Dated};
use super::sessions::Visit;
use crate::energy::EnergyError;
use crate::energy::calendar::{Calendar, DAY_S, LocalDate};
use crate::scenario::OtherYear;
use crate::series::{Clock, Days, day_name, refused, utc};
use std::path::Path;

/// The first and last session of a file that is as good as a whole year are at least so many days
/// apart.
const YEAR_DAYS: i64 = 350;
/// Longest time without a session at either end of a file that still counts as a whole year, days.
const IDLE_DAYS: i64 = 14;
/// Longest stay of a car, days.
const LONGEST_DAYS: i64 = 60;

/// A file's sessions on a run.
pub(super) struct Laid {
    /// In seconds from the run's start.
    pub(super) visits: Vec<Visit>,
    /// Whether each lies at its own time.
    pub(super) by_date: bool,
    /// How, in words.
    pub(super) words: String,
}

/// The visits of a run, from its start, and how the file was laid on it.
///
/// # Errors
/// Where the run lies wholly outside the file, and the scenario refuses another year's.
pub(super) fn lay(
    content: &Content,
    how: OtherYear,
    path: &Path,
    calendar: &Calendar,
) -> Result<Laid, EnergyError> {
    let sessions = &content.sessions;
    let start_s = calendar.start().as_second();
    let end_s = start_s + calendar.intervals() as i64 * i64::from(calendar.step_s());
    let first_s = sessions.iter().map(|s| s.arrival_s).min().unwrap_or(start_s);
    let last_s = sessions.iter().map(|s| s.departure_s).max().unwrap_or(start_s);
    let clock = Clock::of(calendar.zone(), first_s.min(start_s), last_s.max(end_s));
    let day_of = |at_s: i64| (at_s + clock.offset_s(at_s)).div_euclid(DAY_S);
    let (first, run_first) = (day_of(first_s), day_of(start_s));
    let (last, run_last) = (day_of(last_s - 1), day_of(end_s - 1));
    let run_days = run_last - run_first + 1;
    let before = (first - run_first).clamp(0, run_days);
    let after = (run_last - last).clamp(0, run_days);
    let covered = before + after <= IDLE_DAYS && 2 * (before + after) <= run_days;
    let whole_year = last - first + 1 >= YEAR_DAYS;
    if !covered && whole_year && how != OtherYear::Refuse {
        // What is not held of a year is without sessions.
        let days = Days::between(first, (last + 1).max(first + 365), how);
        return Ok(another_year(sessions, &days, how, (first, last), &clock, calendar));
    }
    if how == OtherYear::Refuse && (last_s <= start_s || end_s <= first_s) {
        return Err(refused(
            path,
            content.last_place,
            format!("sessions from {} to {}", utc(first_s), utc(last_s)),
            format!("sessions in the run, which is from {} to {}", utc(start_s), utc(end_s)),
            "set `start` to a time within the file, or, for a file of a whole year, set \
             `other_year: SameWeekday` or `other_year: SameDate`",
        ));
    }
    let visits = sessions.iter().map(|session| session.visit(session.arrival_s, start_s));
    let part = |days: i64, verb: &str, of_run: &str| match days {
        1 => format!("; the file {verb} 1 day {of_run}"),
        2.. => format!("; the file {verb} {days} days {of_run}"),
        _ => String::new(),
    };
    let begins = part(first - run_first, "begins", "after the run begins");
    let ends = part(run_last - last, "ends", "before the run ends");
    let words = format!("by date{begins}{ends}");
    Ok(Laid { visits: visits.collect(), by_date: true, words })
}

/// The run's days, each with the sessions of the day of the file that serves it; a day that the file
/// holds is itself.
fn another_year(
    sessions: &[Dated],
    days: &Days,
    how: OtherYear,
    (first, last): (i64, i64),
    clock: &Clock,
    calendar: &Calendar,
) -> Laid {
    let start_s = calendar.start().as_second();
    let end_s = start_s + calendar.intervals() as i64 * i64::from(calendar.step_s());
    let local = |at_s: i64| at_s + clock.offset_s(at_s);
    let longest_s = sessions.iter().map(|s| s.departure_s - s.arrival_s).max().unwrap_or(0);
    let earlier = (longest_s / DAY_S + 1).min(LONGEST_DAYS);
    let by_day: Vec<i64> = sessions.iter().map(|s| local(s.arrival_s).div_euclid(DAY_S)).collect();
    let mut visits = Vec::new();
    let mut example = None;
    let mut by_date = 0;
    let run_days = local(start_s).div_euclid(DAY_S)..=local(end_s - 1).div_euclid(DAY_S);
    for number in run_days.start() - earlier..=*run_days.end() {
        let date = LocalDate::from_number(number);
        let held = (first..=last).contains(&number);
        let day = if held { number } else { days.of_date(date) };
        if run_days.contains(&number) {
            by_date += usize::from(held);
            if !held && example.is_none() {
                example = Some((number, day));
            }
        }
        let from = by_day.partition_point(|of| *of < day);
        let to = by_day.partition_point(|of| *of <= day);
        for session in sessions.get(from..to).unwrap_or_default() {
            let moved = local(session.arrival_s) + (number - day) * DAY_S;
            let visit = session.visit(clock.first_instant(moved), start_s);
            // Others lie outside the run by the day that they were moved to.
            if visit.departure_s > 0.0 && visit.arrival_s < (end_s - start_s) as f64 {
                visits.push(visit);
            }
        }
    }
    let part = match by_date {
        0 => String::new(),
        days => format!("{days} days by date; the other days are "),
    };
    let example = example.map_or_else(String::new, |(number, day)| {
        format!("; for example, {} uses {} of the file", day_name(number), day_name(day))
    });
    let words = format!("{part}from another year: {}{example}", how.rule());
    Laid { visits, by_date: false, words }
}

impl Dated {
    /// The session, moved to another arrival; it stays as long.
    fn visit(&self, arrival_s: i64, run_s: i64) -> Visit {
        Visit {
            arrival_s: (arrival_s - run_s) as f64,
            departure_s: (arrival_s + self.departure_s - self.arrival_s - run_s) as f64,
            asked_kwh: self.asked_kwh,
            vehicle_kw: self.vehicle_kw,
        }
    }
}
