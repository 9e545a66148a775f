//! The calendar arithmetic that weather needs: days, years of 365 days, seconds since 1970. Time
//! zones and daylight saving are not known here: weather files keep local standard time.

/// Seconds in a day.
pub(crate) const DAY_S: i64 = 86_400;
/// Days before each month in a year of 365 days.
const BEFORE_MONTH: [u16; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// A date in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// Days from 1970-01-01 to the date (negative before).
pub(crate) fn days_since_1970(date: Date) -> i64 {
    // Years that begin in March put the leap day last.
    let year = date.year - i64::from(date.month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (i64::from(date.month) + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + i64::from(date.day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date that many days after 1970-01-01.
pub(crate) fn date_of(days: i64) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    Date {
        year: era * 400 + year_of_era + i64::from(month <= 2),
        month: month as u8,
        day: day as u8,
    }
}

/// Whether the year has a 29 February.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Seconds from 1970-01-01T00:00:00 UTC to the beginning of the date in UTC.
pub(crate) fn midnight_unix_s(date: Date) -> i64 {
    days_since_1970(date) * DAY_S
}

/// The day of the year, 1 to 366, of an instant in UTC.
pub(crate) fn day_of_year(unix_s: i64) -> u16 {
    let days = unix_s.div_euclid(DAY_S);
    let first = Date { month: 1, day: 1, ..date_of(days) };
    (days - days_since_1970(first) + 1) as u16
}

/// The day of a year of 365 days, from 0; 29 February is its eve. Month and day must exist.
pub(crate) fn day_of_365(month: u8, day: u8) -> u16 {
    let day = if month == 2 { day.min(28) } else { day };
    BEFORE_MONTH[usize::from(month) - 1] + u16::from(day) - 1
}

/// Days in a month of that year; none for a month that does not exist.
pub(crate) fn days_in_month(year: i64, month: u8) -> Option<u8> {
    let index = usize::from(month.checked_sub(1)?);
    let days = BEFORE_MONTH.get(index + 1)? - BEFORE_MONTH[index];
    Some(days as u8 + u8::from(month == 2 && is_leap(year)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_each_others_inverse() {
        for days in -200_000..200_000 {
            assert_eq!(days_since_1970(date_of(days)), days);
        }
        assert_eq!(date_of(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!(date_of(19_782), Date { year: 2024, month: 2, day: 29 });
    }

    #[test]
    fn the_year_of_365_days_has_no_leap_day() {
        for index in 0..365 {
            // 2023 has 365 days.
            let date = date_of(19_358 + i64::from(index));
            assert_eq!((day_of_365(date.month, date.day), date.year), (index, 2023));
        }
        assert_eq!(day_of_365(2, 29), day_of_365(2, 28));
        assert_eq!(days_in_month(2024, 2), Some(29));
        assert_eq!(days_in_month(2023, 13), None);
    }
}
