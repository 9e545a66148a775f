//! Marks of the time axis, on round times of the site's clock. The axis itself counts hours since
//! the run's start.

use crate::clock::Clock;
use gridtwin_kernel::SimTime;
use jiff::civil::{Date, DateTime};
use jiff::{ToSpan, Zoned};

/// Marks between the start and `end`.
pub(crate) fn time_ticks(clock: &Clock, end: SimTime) -> Vec<(f64, String)> {
    let hours = end.as_hours_f64();
    let first = clock.zoned(SimTime::ZERO);
    let midnight = DateTime::from_parts(first.date(), jiff::civil::Time::midnight());
    let every_hours = |step: i64, label: fn(&Zoned) -> String| {
        let count = (hours / step as f64) as i64 + 26 / step + 2;
        let at = (0..count).filter_map(|k| midnight.checked_add((k * step).hours()).ok());
        marks(clock, end, at, label)
    };
    let every_days = |step: i64| {
        let count = (hours / 24.0) as i64 / step + 2;
        let at = (0..count).filter_map(|k| midnight.checked_add((k * step).days()).ok());
        marks(clock, end, at, day)
    };
    match hours {
        h if h <= 8.0 => every_hours(1, hour),
        h if h <= 30.0 => every_hours(3, hour_or_day),
        h if h <= 50.0 => every_hours(6, hour_or_day),
        h if h <= 100.0 => every_hours(12, hour_or_day),
        h if h <= 24.0 * 8.5 => every_days(1),
        h if h <= 24.0 * 16.5 => every_days(2),
        h if h <= 24.0 * 70.0 => every_days(7),
        h if h <= 24.0 * 400.0 => months(clock, end, first.date(), 1),
        h if h <= 24.0 * 1200.0 => months(clock, end, first.date(), 3),
        _ => months(clock, end, first.date(), 12),
    }
}

fn months(clock: &Clock, end: SimTime, first: Date, step: i64) -> Vec<(f64, String)> {
    let begin = first.first_of_month();
    let count = (end.as_hours_f64() / 24.0 / 28.0) as i64 / step + 2;
    let at = (0..count)
        .filter_map(|k| begin.checked_add((k * step).months()).ok())
        .map(|date| DateTime::from_parts(date, jiff::civil::Time::midnight()));
    marks(clock, end, at, month)
}

fn marks(
    clock: &Clock,
    end: SimTime,
    at: impl Iterator<Item = DateTime>,
    label: fn(&Zoned) -> String,
) -> Vec<(f64, String)> {
    at.filter_map(|civil| clock.instant(civil))
        .filter(|at| *at <= end)
        .map(|at| (at.as_hours_f64(), label(&clock.zoned(at))))
        .collect()
}

fn hour(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

fn hour_or_day(at: &Zoned) -> String {
    if at.hour() == 0 { day(at) } else { hour(at) }
}

fn day(at: &Zoned) -> String {
    at.strftime("%a %-d %b").to_string()
}

fn month(at: &Zoned) -> String {
    let january = at.month() == 1;
    at.strftime(if january { "%b %Y" } else { "%b" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::catalog;
    use gridtwin_kernel::Span;

    #[test]
    fn a_handful_of_marks_for_any_length() {
        let clock = Clock::new(&catalog());
        for days in [1, 2, 3, 7, 14, 30, 60, 90, 365, 1000, 7300] {
            let ticks = time_ticks(&clock, SimTime::ZERO + Span::DAY * days);
            assert!((3..=21).contains(&ticks.len()), "{days} days: {ticks:?}");
        }
    }
}
