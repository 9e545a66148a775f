//! Time stamps as files write them: ISO 8601, days before or after months, 12-hour clocks, seconds
//! and milliseconds since 1970, with and without an offset. Not the instant that they mean, which
//! needs a zone.

mod reader;

use super::words;
use crate::scenario::DateOrder;
use reader::Reader;

/// A time stamp, its date's order not yet decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    date: Date,
    /// None where only a date is written.
    time: Option<TimeOfDay>,
    /// Seconds ahead of UTC, where that is written.
    offset_s: Option<i32>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeOfDay {
    /// Seconds since midnight, up to a whole day.
    second: i32,
    /// Which of the two is meant of an hour that the clock shows twice, where that is written.
    pass: Option<Pass>,
}

impl TimeOfDay {
    const MIDNIGHT: Self = Self { second: 0, pass: None };

    /// Seconds since midnight, up to a whole day.
    pub(crate) fn second(self) -> i64 {
        self.second.into()
    }
}

/// An hour that the clock shows twice when it goes back, as in `2A:00` and `2B:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// The first one, of summer.
    First,
    /// The second one, of winter.
    Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Date {
    /// Year, month, day.
    Known(i32, u8, u8),
    /// Two numbers that are day and month or month and day, and the year.
    Either(u8, u8, i32),
    /// Seconds since 1970 in UTC.
    Unix(i64),
}

/// A time stamp as a count of seconds on a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Seconds from 1970-01-01 00:00 on the clock that the stamp was read from.
    pub(crate) local_s: i64,
    /// Seconds of that clock ahead of UTC, where that is written.
    pub(crate) offset_s: Option<i32>,
    /// Whether only a date is written.
    pub(crate) only_date: bool,
    /// Whether the clock shows 24:00.
    pub(crate) is_24: bool,
    /// Which of the two is meant of an hour that the clock shows twice, where that is written.
    pub(crate) pass: Option<Pass>,
}

/// Which of the two readings of a date is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The date is written so that there is one reading.
    Plain,
    /// Both are possible.
    Both,
    Only(DateOrder),
}

impl Raw {
    /// A date, with or without a time of day.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // A number, or nothing that can be a date.
        if text.len() < 6 {
            return None;
        }
        Self::parse_plain(text).or_else(|| Self::parse_plain(&words::plain(text)?))
    }

    fn parse_plain(text: &str) -> Option<Self> {
        // `01.01.2025 00:00 - 01.01.2025 01:00`: an interval begins with its first stamp.
        let text = text.split_once(" - ").map_or(text, |(first, _)| first.trim_end());
        let mut reader = Reader { rest: text.as_bytes() };
        let date = reader.date()?;
        if reader.rest.is_empty() {
            return Some(Self { date, time: None, offset_s: None });
        }
        if !reader.take(b'T') && !reader.take(b't') {
            let comma = reader.take(b',');
            if !reader.blanks() && !comma && !reader.take(b':') {
                return None;
            }
        }
        let time = reader.time_of_day()?;
        let offset_s = reader.offset()?;
        Some(Self { date, time: Some(time), offset_s })
    }

    /// Seconds or milliseconds since 1970, between the years 1990 and 2100.
    pub(crate) fn parse_epoch(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        let count: i64 = whole.parse().ok()?;
        let seconds = match count {
            631_152_000..=4_102_444_800 => count,
            631_152_000_000..=4_102_444_800_000 => count.div_euclid(1000),
            _ => return None,
        };
        let time = Some(TimeOfDay::MIDNIGHT);
        Some(Self { date: Date::Unix(seconds), time, offset_s: Some(0) })
    }

    /// With the clock from a column of its own.
    pub(crate) fn at(self, time: TimeOfDay) -> Self {
        Self { time: Some(time), ..self }
    }

    /// Whether an offset from UTC is written, so that it is an instant.
    pub(crate) fn has_offset(self) -> bool {
        self.offset_s.is_some()
    }

    /// Whether only a date is written.
    pub(crate) fn is_only_date(self) -> bool {
        self.time.is_none()
    }

    /// Which readings of its date are possible.
    pub(crate) fn order(self) -> Order {
        match self.date {
            Date::Known(..) | Date::Unix(_) => Order::Plain,
            Date::Either(a, _, _) if a > 12 => Order::Only(DateOrder::DayFirst),
            Date::Either(_, b, _) if b > 12 => Order::Only(DateOrder::MonthFirst),
            Date::Either(..) => Order::Both,
        }
    }

    /// The stamp, in the order of day and month; none where that day does not exist.
    pub(crate) fn stamp(self, order: DateOrder) -> Option<Stamp> {
        let (year, month, day) = match (self.date, order) {
            (Date::Unix(local_s), _) => {
                return Some(Stamp {
                    local_s,
                    offset_s: Some(0),
                    only_date: false,
                    is_24: false,
                    pass: None,
                });
            }
            (Date::Known(year, month, day), _) => (year, month, day),
            (Date::Either(day, month, year), DateOrder::DayFirst) => (year, month, day),
            (Date::Either(month, day, year), DateOrder::MonthFirst) => (year, month, day),
        };
        if day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let TimeOfDay { second, pass } = self.time.unwrap_or(TimeOfDay::MIDNIGHT);
        Some(Stamp {
            local_s: day_number(year, month, day) * 86_400 + i64::from(second),
            offset_s: self.offset_s,
            only_date: self.time.is_none(),
            is_24: second == 86_400,
            pass,
        })
    }
}

/// A time of day in a column of its own: `8:15`, `08:15:00`, `24:00`, `2A:15`.
pub(crate) fn clock(text: &str) -> Option<TimeOfDay> {
    let mut reader = Reader { rest: text.trim().as_bytes() };
    if !text.contains(':') {
        return None;
    }
    let time = reader.time_of_day()?;
    reader.rest.is_empty().then_some(time)
}

/// An hour in a column of its own: 0 to 24, `2A`, `2B`.
pub(crate) fn hour(text: &str) -> Option<TimeOfDay> {
    let text = text.trim();
    let (text, pass) = match text.strip_suffix(['A', 'a']) {
        Some(first) => (first, Some(Pass::First)),
        None => match text.strip_suffix(['B', 'b']) {
            Some(second) => (second, Some(Pass::Second)),
            None => (text.strip_suffix(".0").unwrap_or(text), None),
        },
    };
    let hour = text.parse::<i32>().ok()?;
    (0..=24).contains(&hour).then_some(TimeOfDay { second: hour * 3600, pass })
}

/// Seconds ahead of UTC, written as in `+01:00`, `-0730`, `+2`, `UTC+1`.
pub(crate) fn offset_s(text: &str) -> Option<i32> {
    let text = text.trim();
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let text = text.trim_start();
    if !text.starts_with(['+', '-']) {
        return None;
    }
    let mut reader = Reader { rest: text.as_bytes() };
    let offset_s = reader.offset()?;
    offset_s.filter(|_| reader.rest.is_empty())
}

/// Days from 1970-01-01. Howard Hinnant, "chrono-compatible low-level date algorithms":
/// days_from_civil.
pub(crate) fn day_number(year: i32, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// How many days a month has.
fn days_in_month(year: i32, month: u8) -> Option<u8> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn local(text: &str) -> Option<(String, Option<i32>)> {
        let stamp = Raw::parse(text)?.stamp(DateOrder::DayFirst)?;
        let civil =
            date(1970, 1, 1).at(0, 0, 0, 0) + jiff::SignedDuration::from_secs(stamp.local_s);
        Some((civil.to_string(), stamp.offset_s))
    }

    #[test]
    fn formats_of_files_are_read() {
        for (text, civil, offset_s) in [
            ("2025-03-30T02:15", "2025-03-30T02:15:00", None),
            ("2025-03-30 02:15:07.250", "2025-03-30T02:15:07", None),
            ("2025-03-30T02:15:00Z", "2025-03-30T02:15:00", Some(0)),
            ("2025-03-30T02:15:00.000+02:00", "2025-03-30T02:15:00", Some(7200)),
            ("2025-03-30 02:15 -0730", "2025-03-30T02:15:00", Some(-27000)),
            ("2025-03-30 02:15:00 UTC", "2025-03-30T02:15:00", Some(0)),
            ("2025-03-30T02:15:00+02:00[Europe/Berlin]", "2025-03-30T02:15:00", Some(7200)),
            ("2025-03-30 24:00", "2025-03-31T00:00:00", None),
            ("2025-03-30 5", "2025-03-30T05:00:00", None),
            ("2025-03-30", "2025-03-30T00:00:00", None),
            ("30.03.2025 02:15", "2025-03-30T02:15:00", None),
            ("30.3.25 2:15", "2025-03-30T02:15:00", None),
            ("30/03/2025 02:15", "2025-03-30T02:15:00", None),
            ("30.03.2025 02:00 - 30.03.2025 03:00", "2025-03-30T02:00:00", None),
            ("20250330T0215Z", "2025-03-30T02:15:00", Some(0)),
            ("20250330:0010", "2025-03-30T00:10:00", None),
            ("01/02/2025 12:30:00 AM", "2025-02-01T00:30:00", None),
            ("01/02/2025 1:05 PM", "2025-02-01T13:05:00", None),
            ("2024-02-29 00:00", "2024-02-29T00:00:00", None),
        ] {
            assert_eq!(local(text), Some((civil.to_owned(), offset_s)), "{text}");
        }
        for text in [
            "",
            "W",
            "12",
            "12.5",
            "1,5",
            "2025",
            "2025-13-01",
            "2025-02-29",
            "30.02.2025 00:00",
            "2025-01-01 25:00",
            "2025-01-01 24:01",
            "2025-01-01 10:60",
            "2025-01-01X10:00",
            "2025-01-01 10:00+99:00",
            "1234-01-01",
            "0.5.2025",
            "2025-01-01 13:00 PM",
            "99999999",
        ] {
            assert_eq!(local(text), None, "{text}");
        }
    }

    #[test]
    fn an_hour_that_is_there_twice_is_told_by_its_letter() {
        let pass = |text: &str| Raw::parse(text)?.stamp(DateOrder::DayFirst).map(|s| s.pass);
        assert_eq!(pass("26.10.2025 2A:00"), Some(Some(Pass::First)));
        assert_eq!(pass("2025-10-26 02B:45"), Some(Some(Pass::Second)));
        assert_eq!(pass("26.10.2025 02:00"), Some(None));
        for text in ["26.10.2025 2C:00", "26.10.2025 2A:00 AM", "26.10.2025 0200A"] {
            assert_eq!(pass(text), None, "{text}");
        }
        assert_eq!(local("01/02/2025 2AM").unwrap().0, "2025-02-01T02:00:00");
        let time = |hour: i32, pass| Some(TimeOfDay { second: hour * 3600, pass });
        assert_eq!(clock("2A:00"), time(2, Some(Pass::First)));
        assert_eq!((hour("3B"), hour("3")), (time(3, Some(Pass::Second)), time(3, None)));
        assert_eq!((hour("A"), hour("25A")), (None, None));
    }

    #[test]
    fn seconds_since_1970_are_told_from_small_numbers() {
        let unix = |text: &str| Raw::parse_epoch(text)?.stamp(DateOrder::DayFirst);
        assert_eq!(unix("1735689600").unwrap().local_s, 1_735_689_600);
        assert_eq!(unix("1735689600000").unwrap().local_s, 1_735_689_600);
        assert_eq!(unix("1735689600.0").unwrap().offset_s, Some(0));
        assert!(unix("8759").is_none() && unix("20250101").is_none() && unix("1.5").is_none());
    }

    #[test]
    fn an_order_of_day_and_month_shows_beyond_twelve() {
        let order = |text: &str| Raw::parse(text).unwrap().order();
        assert_eq!(order("13/01/2025"), Order::Only(DateOrder::DayFirst));
        assert_eq!(order("01/13/2025"), Order::Only(DateOrder::MonthFirst));
        assert_eq!(order("01/12/2025"), Order::Both);
        assert_eq!(order("01.12.2025"), Order::Plain);
    }

    #[test]
    fn days_are_counted_as_jiff_counts_them() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (1900, 3, 1), (2200, 12, 31)] {
            let jiff = date(year, month, day).at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
            let seconds = jiff.unwrap().timestamp().as_second();
            assert_eq!(day_number(year.into(), month as u8, day as u8) * 86_400, seconds);
        }
    }

    #[test]
    fn offsets_are_read_alone() {
        assert_eq!(offset_s("+01:00"), Some(3600));
        assert_eq!(offset_s("UTC-3"), Some(-10_800));
        assert_eq!(offset_s("GMT+0530"), Some(19_800));
        assert_eq!(offset_s("Europe/Berlin"), None);
        assert_eq!(offset_s("+1:00:00"), None);
    }
}
