//! Which day of a file serves a date of another year: one of the same weekday and season, or the same
//! date. Not what is on that day.

use super::Clock;
use crate::energy::calendar::{DAY_S, LocalDate};
use crate::scenario::OtherYear;

/// The days of a file, and which of them serves a date.
pub(crate) struct Days {
    /// The first whole local day of the file, and the first that is not whole any more.
    first: i64,
    end: i64,
    how: OtherYear,
}

impl Days {
    /// The whole days of a file from one instant to another, in seconds of Unix time.
    pub(super) fn of(clock: &Clock, start_s: i64, end_s: i64, how: OtherYear) -> Self {
        let local = |at_s: i64| at_s + clock.offset_s(at_s);
        let first = (local(start_s) + DAY_S - 1).div_euclid(DAY_S);
        let end = local(end_s).div_euclid(DAY_S).max(first + 1);
        Self { first, end, how }
    }

    /// Days from `first` to before `end`, counted from 1970-01-01.
    pub(crate) fn between(first: i64, end: i64, how: OtherYear) -> Self {
        Self { first, end, how }
    }

    /// The day of the file that serves a date.
    pub(crate) fn of_date(&self, date: LocalDate) -> i64 {
        let anchor = self.same_date(date);
        if self.how == OtherYear::SameDate {
            return anchor;
        }
        let weekday = |day: i64| (day + 3).rem_euclid(7);
        let ahead = (i64::from(date.weekday) - weekday(anchor)).rem_euclid(7);
        let day = anchor + if ahead > 3 { ahead - 7 } else { ahead };
        if day < self.first {
            day + 7
        } else if day >= self.end {
            day - 7
        } else {
            day
        }
    }

    /// The same month and day in the nearest year of the file; 29 February is 28 February where the
    /// year has none.
    fn same_date(&self, date: LocalDate) -> i64 {
        let year_of = |day: i64| i32::from(LocalDate::from_number(day).year);
        let day_of_month = date.midnight().map_or(1, |midnight| midnight.day() as u8);
        let years = year_of(self.first)..=year_of(self.end - 1);
        let in_year = |year: i32| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let day = if date.month == 2 && !leap { day_of_month.min(28) } else { day_of_month };
            super::stamp::day_number(year, date.month, day)
        };
        let held = |day: &i64| (self.first..self.end).contains(day);
        let distance = |day: &i64| (day - date.number).abs();
        let nearest = years.clone().map(in_year).filter(held).min_by_key(distance);
        nearest.unwrap_or_else(|| {
            // A day or two that a file of 364 days does not hold.
            let near = years
                .map(in_year)
                .min_by_key(|day| (self.first - day).max(day - (self.end - 1)).max(0));
            near.unwrap_or(self.first).clamp(self.first, self.end - 1)
        })
    }
}

impl OtherYear {
    /// How days of another year are chosen, in words, after "from another year:".
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::SameWeekday => {
                "each day of the run uses the nearest date in the file with the same weekday and season"
            }
            Self::SameDate | Self::Refuse => "each day of the run uses the same date in the file",
        }
    }
}

/// A day as its date.
pub(crate) fn name(day: i64) -> String {
    let date = LocalDate::from_number(day);
    date.midnight().map_or_else(String::new, |midnight| midnight.date().to_string())
}
