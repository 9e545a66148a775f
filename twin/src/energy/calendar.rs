//! The intervals of a run and their civil time at the site. Daylight-saving time is in it: the run
//! is divided in UTC, and each interval is then told its local clock. Not a clock that runs.

use super::EnergyError;
use crate::scenario::Scenario;
use gridtwin_kernel::{SimTime, Span};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub(crate) const DAY_S: i64 = 86_400;

/// The intervals of a run, `[start + k step, start + (k + 1) step)`, with their local time.
#[derive(Clone, Debug)]
pub struct Calendar {
    start: Timestamp,
    zone: TimeZone,
    step_s: u32,
    intervals: usize,
    /// Offsets from UTC in seconds, each from a second of Unix time on.
    offsets: Vec<(i64, i64)>,
}

/// A date, and what tariffs, loads and cars need to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDate {
    /// Days since 1970-01-01.
    pub number: i64,
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: u8,
    /// Days since 1 January.
    pub day_of_year: u16,
    /// Days since Monday.
    pub weekday: u8,
}

/// The local time at which an interval begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub date: LocalDate,
    /// Seconds of the local clock since its midnight.
    pub second: u32,
}

impl Calendar {
    /// The intervals of a scenario's run.
    ///
    /// # Errors
    /// An unknown time zone, a start that is not on a whole second, or a step that does not divide
    /// the hour.
    pub fn new(scenario: &Scenario) -> Result<Self, EnergyError> {
        Self::of(scenario.start, &scenario.site.time_zone, scenario.days, scenario.step_s)
    }

    /// `days` of 24 hours from a local time on, in intervals of `step_s` seconds.
    ///
    /// # Errors
    /// As [`Calendar::new`].
    pub fn of(start: DateTime, zone: &str, days: u32, step_s: u32) -> Result<Self, EnergyError> {
        let zone = TimeZone::get(zone).map_err(|_| {
            EnergyError::scenario(
                "site.time_zone",
                format!("{zone:?}"),
                "an IANA time zone",
                "write its name, as in \"Europe/Amsterdam\"",
            )
        })?;
        if step_s == 0 || 3600 % step_s != 0 {
            return Err(EnergyError::scenario(
                "step_s",
                step_s.to_string(),
                "a divisor of 3600",
                "choose a step that divides the hour, as in 300 for five minutes",
            ));
        }
        let start = instant(&zone, start)?;
        if start.subsec_nanosecond() != 0 {
            return Err(EnergyError::scenario(
                "start",
                start.to_string(),
                "a whole second",
                "leave the fraction of the second out",
            ));
        }
        let intervals = u64::from(days) * DAY_S as u64 / u64::from(step_s);
        Ok(Self::from_parts(start, zone, step_s, intervals as usize))
    }

    pub(crate) fn from_parts(
        start: Timestamp,
        zone: TimeZone,
        step_s: u32,
        intervals: usize,
    ) -> Self {
        let end_s = start.as_second() + intervals as i64 * i64::from(step_s);
        let first = (i64::MIN, i64::from(zone.to_offset(start).seconds()));
        let later = zone
            .following(start)
            .map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds())))
            .take_while(|(from_s, _)| *from_s < end_s);
        let offsets = std::iter::once(first).chain(later).collect();
        Self { start, zone, step_s, intervals, offsets }
    }

    /// The instant of [`SimTime::ZERO`].
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The site's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Length of an interval.
    pub fn step(&self) -> Span {
        Span::from_secs(u64::from(self.step_s))
    }

    /// Length of an interval in seconds.
    pub fn step_s(&self) -> u32 {
        self.step_s
    }

    /// How many intervals there are.
    pub fn intervals(&self) -> usize {
        self.intervals
    }

    /// The end of the last interval.
    pub fn end(&self) -> SimTime {
        SimTime::ZERO + self.step() * self.intervals as u64
    }

    /// The local time of the beginning of each interval, in order.
    pub fn locals(&self) -> impl Iterator<Item = Local> + '_ {
        let mut next = 0;
        let mut offset_s = 0;
        self.walk(move |utc_s| {
            while self.offsets.get(next).is_some_and(|o| o.0 <= utc_s) {
                offset_s = self.offsets[next].1;
                next += 1;
            }
            offset_s
        })
    }

    /// As [`Calendar::locals`], in the standard time of the zone all year: the time that yearly
    /// files keep.
    pub fn standard_locals(&self) -> impl Iterator<Item = Local> + '_ {
        let offset_s = self.standard_offset_s();
        self.walk(move |_| offset_s)
    }

    fn walk(&self, mut offset_s: impl FnMut(i64) -> i64) -> impl Iterator<Item = Local> {
        let (start_s, step_s) = (self.start.as_second(), i64::from(self.step_s));
        let mut date = LocalDate::from_number((start_s + offset_s(start_s)).div_euclid(DAY_S));
        (0..self.intervals as i64).map(move |k| {
            let utc_s = start_s + k * step_s;
            let local_s = utc_s + offset_s(utc_s);
            let number = local_s.div_euclid(DAY_S);
            if number != date.number {
                date = LocalDate::from_number(number);
            }
            let second = local_s.rem_euclid(DAY_S) as u32;
            Local { date, second }
        })
    }

    /// Standard time's offset from UTC: the smaller one of January and July of the run's year.
    /// The offset of the zone's standard time from UTC in seconds.
    pub fn standard_offset_s(&self) -> i64 {
        let year = self.start.to_zoned(self.zone.clone()).year();
        [1, 7]
            .into_iter()
            .filter_map(|month| Date::new(year, month, 1).ok())
            .filter_map(|date| instant(&self.zone, date.at(0, 0, 0, 0)).ok())
            .map(|t| i64::from(self.zone.to_offset(t).seconds()))
            .min()
            .unwrap_or(0)
    }

    /// The local dates that the run touches, in order.
    pub fn dates(&self) -> Vec<LocalDate> {
        let mut dates: Vec<LocalDate> = Vec::new();
        for local in self.locals() {
            // A clock that is set back across midnight would tell a date twice.
            if dates.last().is_none_or(|d| d.number < local.date.number) {
                dates.push(local.date);
            }
        }
        dates
    }

    /// The first instants of the local months that the run touches, and the instant at which the
    /// last of them is over, in seconds since the run's start: the first is zero or before.
    pub fn month_starts_s(&self) -> Vec<i64> {
        let local = |t: Timestamp| t.to_zoned(self.zone.clone()).date().first_of_month();
        let end_s = self.intervals as i64 * i64::from(self.step_s);
        let mut month = local(self.start);
        let mut starts = Vec::new();
        loop {
            // Only beyond the years that jiff knows is there no next month.
            let Ok(at) = instant(&self.zone, month.at(0, 0, 0, 0)) else {
                return starts;
            };
            let since_s = at.as_second() - self.start.as_second();
            starts.push(since_s);
            if since_s >= end_s && starts.len() > 1 {
                return starts;
            }
            match month.checked_add(1.month()) {
                Ok(next) => month = next,
                Err(_) => return starts,
            }
        }
    }

    /// Seconds from the run's start to a local time: below zero before it. A time that a clock set
    /// forward leaves out is taken after the change, a doubled one the first time it is shown.
    ///
    /// # Errors
    /// A time beyond the years that can be reckoned with.
    pub fn seconds_to(&self, local: DateTime) -> Result<f64, EnergyError> {
        let span = instant(&self.zone, local)?.duration_since(self.start);
        Ok(span.as_secs_f64())
    }
}

impl LocalDate {
    /// The date that is this many days after 1970-01-01.
    pub fn from_number(number: i64) -> Self {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": civil_from_days.
        let z = number + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * from_march + 2) / 153;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let leap = is_leap(year);
        let day_of_year =
            if month <= 2 { from_march - 306 } else { from_march + 59 + i64::from(leap) };
        Self {
            number,
            year: year as i16,
            month: month as u8,
            day_of_year: day_of_year as u16,
            weekday: (number + 3).rem_euclid(7) as u8,
        }
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        self.weekday >= 5
    }

    /// Whether its year has a 29 February.
    pub fn in_leap_year(self) -> bool {
        is_leap(i64::from(self.year))
    }

    /// Its midnight on a clock.
    pub(crate) fn midnight(self) -> Option<DateTime> {
        let epoch = jiff::civil::date(1970, 1, 1);
        let date = epoch.checked_add(self.number.days()).ok()?;
        Some(date.at(0, 0, 0, 0))
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn instant(zone: &TimeZone, local: DateTime) -> Result<Timestamp, EnergyError> {
    zone.to_ambiguous_timestamp(local).compatible().map_err(|error| {
        EnergyError::scenario(
            "a local time",
            local.to_string(),
            "a time between the years -9999 and 9999",
            error.to_string(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn calendar(start: DateTime, zone: &str, days: u32, step_s: u32) -> Calendar {
        Calendar::of(start, zone, days, step_s).unwrap()
    }

    #[test]
    fn agrees_with_jiff_over_a_year_with_its_clock_changes() {
        for zone in
            ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
        {
            let calendar = calendar(date(2023, 12, 30).at(13, 30, 0, 0), zone, 400, 1800);
            for (k, local) in calendar.locals().enumerate() {
                let at = calendar.start() + jiff::SignedDuration::from_secs(k as i64 * 1800);
                let civil = at.to_zoned(calendar.zone().clone());
                let second = u32::from(civil.hour().unsigned_abs()) * 3600
                    + u32::from(civil.minute().unsigned_abs()) * 60;
                assert_eq!(local.second, second, "{civil}");
                assert_eq!(local.date.year, civil.year());
                assert_eq!(local.date.month, civil.month() as u8);
                assert_eq!(i32::from(local.date.day_of_year) + 1, i32::from(civil.day_of_year()));
                assert_eq!(local.date.weekday as i8, civil.weekday().to_monday_zero_offset());
                assert_eq!(local.date.in_leap_year(), civil.in_leap_year());
            }
        }
    }

    #[test]
    fn standard_time_has_no_summer() {
        let calendar = calendar(date(2024, 7, 1).at(12, 0, 0, 0), "Europe/Amsterdam", 1, 3600);
        assert_eq!(calendar.standard_locals().next().unwrap().second, 11 * 3600);
        let south = Calendar::of(date(2024, 1, 1).at(12, 0, 0, 0), "Australia/Sydney", 1, 3600);
        assert_eq!(south.unwrap().standard_locals().next().unwrap().second, 11 * 3600);
    }

    #[test]
    fn months_begin_at_local_midnight() {
        let calendar = calendar(date(2024, 3, 15).at(0, 0, 0, 0), "Europe/Amsterdam", 30, 3600);
        // The clock is set forward on 31 March.
        assert_eq!(calendar.month_starts_s(), [-14 * DAY_S, 17 * DAY_S - 3600, 47 * DAY_S - 3600]);
    }

    #[test]
    fn a_run_of_no_length_has_no_intervals() {
        let calendar = calendar(date(2024, 3, 15).at(0, 0, 0, 0), "UTC", 0, 300);
        assert_eq!((calendar.intervals(), calendar.dates().len()), (0, 0));
        assert_eq!(calendar.month_starts_s().len(), 2);
    }

    #[test]
    fn refuses_what_is_no_time() {
        let start = date(2024, 1, 1).at(0, 0, 0, 0);
        let error = Calendar::of(start, "Mars/Base", 1, 300).unwrap_err();
        assert!(error.to_string().contains("Mars/Base"), "{error}");
        assert!(Calendar::of(start, "UTC", 1, 0).is_err());
        assert!(Calendar::of(start, "UTC", 1, 7000).is_err());
    }
}
