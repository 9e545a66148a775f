//! Instants of the run as civil time: `2025-06-21 14:05:00`, in UTC and on the site's clock. A space
//! and no offset, because that is what spreadsheets and databases take for a time unasked; UTC
//! stands beside every local time, so that the hour a clock is set back is not ambiguous. Always to
//! the second, cut and not rounded: readers expect one form in a column. Where more matters, a
//! column in seconds since the start stands beside it (`t_s`, `arrived_s`).

use crate::number::padded;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Catalog;
use jiff::{Timestamp, Zoned, tz::TimeZone};

const MINUTE: i128 = 60_000_000_000;
const LENGTH: usize = "2025-06-21 14:05:".len();
const SECOND: u64 = 1_000_000_000;

/// Turns instants into civil time; the last minute's text is kept, for its neighbours.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    start: Timestamp,
    start_ns: i128,
    zone: TimeZone,
    minute: Option<i128>,
    utc: [u8; LENGTH],
    local: [u8; LENGTH],
}

impl Clock {
    /// The clock of a run.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        Self {
            start: catalog.start,
            start_ns: catalog.start.as_nanosecond(),
            zone: catalog.time_zone.clone(),
            minute: None,
            utc: [b'-'; LENGTH],
            local: [b'-'; LENGTH],
        }
    }

    /// The site's civil time.
    pub(crate) fn zoned(&self, at: SimTime) -> Zoned {
        let since = jiff::SignedDuration::from_nanos(at.0.min(i64::MAX as u64) as i64);
        let instant = self.start.checked_add(since).unwrap_or(Timestamp::MAX);
        instant.to_zoned(self.zone.clone())
    }

    /// The instant of a civil time at the site, where it lies in the run.
    pub(crate) fn instant(&self, civil: jiff::civil::DateTime) -> Option<SimTime> {
        let at = civil.to_zoned(self.zone.clone()).ok()?.timestamp();
        let since = at.as_nanosecond() - self.start_ns;
        u64::try_from(since).ok().map(SimTime)
    }

    /// Days of the site's calendar from the first of a month to an instant, below zero before it.
    /// A day of 23 or 25 hours is one day.
    pub(crate) fn days_since(&self, year: i16, month: i8, at: SimTime) -> Option<f64> {
        let first = jiff::civil::Date::new(year, month, 1).ok()?;
        let local = self.zoned(at);
        let midnight = local.start_of_day().ok()?;
        let day_s = midnight.tomorrow().ok()?.duration_since(&midnight).as_secs_f64();
        let whole = first.until(local.date()).ok()?.get_days();
        Some(f64::from(whole) + local.duration_since(&midnight).as_secs_f64() / day_s)
    }

    /// Appends UTC.
    pub(crate) fn utc(&mut self, at: SimTime, out: &mut Vec<u8>) {
        self.turn_to(at);
        out.extend_from_slice(&self.utc);
        self.seconds(at, out);
    }

    /// Appends the site's time.
    pub(crate) fn local(&mut self, at: SimTime, out: &mut Vec<u8>) {
        self.turn_to(at);
        out.extend_from_slice(&self.local);
        self.seconds(at, out);
    }

    fn turn_to(&mut self, at: SimTime) {
        let minute = (self.start_ns + i128::from(at.0)).div_euclid(MINUTE);
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            let local = self.zoned(at);
            self.utc = text_of(&local.with_time_zone(TimeZone::UTC));
            self.local = text_of(&local);
        }
    }

    fn seconds(&self, at: SimTime, out: &mut Vec<u8>) {
        let within_ns = (self.start_ns + i128::from(at.0)).rem_euclid(MINUTE) as u64;
        padded(out, within_ns / SECOND, 2);
    }
}

fn text_of(time: &Zoned) -> [u8; LENGTH] {
    let mut out = Vec::with_capacity(LENGTH);
    padded(&mut out, time.year().max(0) as u64, 4);
    for (mark, part) in
        [(b'-', time.month()), (b'-', time.day()), (b' ', time.hour()), (b':', time.minute())]
    {
        out.push(mark);
        padded(&mut out, part.max(0) as u64, 2);
    }
    out.push(b':');
    out.try_into().unwrap_or([b'-'; LENGTH])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::catalog;

    #[test]
    fn both_clocks_across_the_end_of_summer_time() {
        let mut catalog = catalog();
        catalog.start = "2025-10-25T22:00:00Z".parse().unwrap();
        catalog.time_zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut clock = Clock::new(&catalog);
        let mut at = |s: f64| {
            let (mut utc, mut local) = (Vec::new(), Vec::new());
            clock.utc(SimTime::from_secs_f64(s), &mut utc);
            clock.local(SimTime::from_secs_f64(s), &mut local);
            (String::from_utf8(utc).unwrap(), String::from_utf8(local).unwrap())
        };
        assert_eq!(at(0.0), ("2025-10-25 22:00:00".into(), "2025-10-26 00:00:00".into()));
        assert_eq!(at(7200.25).1, "2025-10-26 02:00:00");
        assert_eq!(at(7259.999).0, "2025-10-26 00:00:59", "cut, never rounded up");
        assert_eq!(at(10800.0), ("2025-10-26 01:00:00".into(), "2025-10-26 02:00:00".into()));
    }
}
