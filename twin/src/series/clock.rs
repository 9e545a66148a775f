//! A zone's clock as a list of offsets: from local time to instants and back, with the hours that a
//! change of the clock leaves out or shows twice. Not which clock a file keeps.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A clock's offsets from UTC over some years.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// From which second of Unix time on which offset holds, in seconds ahead of UTC. Never empty.
    offsets: Vec<(i64, i64)>,
}

/// A change of the clock, in seconds of local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    /// When, in seconds of Unix time.
    pub(crate) at_s: i64,
    /// The beginning of the hour that is left out or shown twice.
    pub(crate) from_s: i64,
    /// Its end.
    pub(crate) to_s: i64,
    /// Whether it is left out: the clock goes forward.
    pub(crate) forward: bool,
}

/// What a local time is an instant of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instant {
    /// One.
    Once(i64),
    /// Two: the hour is shown twice.
    Twice(i64, i64),
    /// None: the hour is left out. With the instant of the change.
    Never(i64),
}

impl Clock {
    /// A clock that is always so many seconds ahead of UTC.
    pub(crate) fn fixed(offset_s: i64) -> Self {
        Self { offsets: vec![(i64::MIN, offset_s)] }
    }

    /// The clock of a zone, between two instants in seconds of Unix time and a few days beyond.
    pub(crate) fn of(zone: &TimeZone, from_s: i64, to_s: i64) -> Self {
        const MARGIN_S: i64 = 10 * 86_400;
        let Ok(from) = Timestamp::from_second(from_s.saturating_sub(MARGIN_S)) else {
            return Self::fixed(0);
        };
        let end_s = to_s.saturating_add(MARGIN_S);
        let first = (i64::MIN, i64::from(zone.to_offset(from).seconds()));
        let later = zone
            .following(from)
            .map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds())))
            .take_while(|(at_s, _)| *at_s < end_s);
        Self { offsets: std::iter::once(first).chain(later).collect() }
    }

    /// Seconds ahead of UTC at an instant.
    pub(crate) fn offset_s(&self, at_s: i64) -> i64 {
        let after = self.offsets.partition_point(|(from_s, _)| *from_s <= at_s);
        self.offsets[after.max(1) - 1].1
    }

    /// What a local time is an instant of.
    pub(crate) fn instant(&self, local_s: i64) -> Instant {
        let mut found = None;
        // Offsets are less than a day and a half: only changes near by matter.
        let near = self.offsets.partition_point(|(from_s, _)| *from_s < local_s - 2 * 86_400);
        let first = near.max(1) - 1;
        let mut gap_s = local_s;
        for (i, &(from_s, offset_s)) in self.offsets.iter().enumerate().skip(first) {
            if from_s > local_s + 2 * 86_400 {
                break;
            }
            let at_s = local_s - offset_s;
            let until_s = self.offsets.get(i + 1).map_or(i64::MAX, |next| next.0);
            if at_s >= from_s && at_s < until_s {
                match found {
                    None => found = Some(at_s),
                    Some(earlier) => return Instant::Twice(earlier, at_s),
                }
            } else if at_s < from_s && found.is_none() {
                gap_s = from_s;
                break;
            }
        }
        match found {
            Some(at_s) => Instant::Once(at_s),
            None => Instant::Never(gap_s),
        }
    }

    /// The instant of a local time: where it is left out, that of the change, and where it is shown
    /// twice, the first.
    pub(crate) fn first_instant(&self, local_s: i64) -> i64 {
        match self.instant(local_s) {
            Instant::Once(at_s) | Instant::Twice(at_s, _) | Instant::Never(at_s) => at_s,
        }
    }

    /// The changes of the clock.
    pub(crate) fn jumps(&self) -> impl Iterator<Item = Jump> + '_ {
        self.offsets.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| {
            let (before, (at_s, after)) = (pair[0].1, pair[1]);
            let (from_s, to_s) = (at_s + before.min(after), at_s + before.max(after));
            Jump { at_s, from_s, to_s, forward: after > before }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_and_doubled_hours_are_known() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let year_s = 1_735_686_000; // 2025-01-01 00:00 in Berlin
        let clock = Clock::of(&zone, year_s, year_s + 365 * 86_400);
        let local = |text: &str| {
            let civil: jiff::civil::DateTime = text.parse().unwrap();
            civil.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()
        };
        let utc = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let winter = local("2025-01-01T00:00");
        assert_eq!(clock.instant(winter), Instant::Once(year_s));
        assert_eq!(
            clock.instant(local("2025-03-30T02:30")),
            Instant::Never(utc("2025-03-30T01:00Z"))
        );
        assert_eq!(
            clock.instant(local("2025-03-30T03:00")),
            Instant::Once(utc("2025-03-30T01:00Z"))
        );
        let twice = Instant::Twice(utc("2025-10-26T00:30Z"), utc("2025-10-26T01:30Z"));
        assert_eq!(clock.instant(local("2025-10-26T02:30")), twice);
        let jumps: Vec<Jump> = clock.jumps().collect();
        assert_eq!(jumps.len(), 2);
        assert_eq!((jumps[0].from_s, jumps[0].forward), (local("2025-03-30T02:00"), true));
        assert_eq!((jumps[1].to_s, jumps[1].forward), (local("2025-10-26T03:00"), false));
        assert_eq!(clock.offset_s(utc("2025-07-01T00:00Z")), 7200);
    }
}
