//! What the days of the clock's change show of a file: whether it keeps a clock with summer time or
//! standard time all year. Not what its header says of that.

use super::clock::Clock;

/// What the days of the clock's change show of a file.
#[derive(Default)]
pub(super) struct Kept {
    /// A row in an hour that the clock leaves out.
    pub(super) left_out: Option<usize>,
    /// Whether an hour is there twice that the clock shows twice.
    doubled: bool,
    /// Whether an hour is missing that the clock leaves out.
    skips: bool,
    /// Whether an hour is there once that the clock shows twice.
    once: bool,
    /// Whether steps are longer than an hour, and no days.
    coarse: bool,
    /// Whether there was a change at all.
    pub(super) seen: bool,
    /// A row that only a clock with summer time has so: it stands behind an hour that is left out, or
    /// in one that is there twice.
    pub(super) on_clock: Option<usize>,
}

impl Kept {
    /// What stamps show of a clock.
    pub(super) fn by(locals: &[i64], clock: &Clock, ends: bool) -> Self {
        let mut kept = Self::default();
        let steps = locals.windows(2).map(|pair| (pair[1] - pair[0]).abs()).filter(|s| *s > 0);
        let step_s = steps.min().unwrap_or(3600);
        kept.coarse = step_s > 3600 && step_s % 86_400 != 0;
        let (first_s, last_s) = (locals.iter().min(), locals.iter().max());
        let (Some(&first_s), Some(&last_s)) = (first_s, last_s) else { return kept };
        for jump in clock.jumps() {
            if jump.from_s <= first_s || jump.to_s > last_s {
                continue;
            }
            // The end of an interval belongs to the time before it.
            let shift_s = i64::from(ends);
            let within = |s: i64| (jump.from_s..jump.to_s).contains(&(s - shift_s));
            let near = |s: i64| (jump.from_s - 7200..jump.to_s + 7200).contains(&s) && !within(s);
            let inside: Vec<usize> = (0..locals.len()).filter(|&i| within(locals[i])).collect();
            let surrounded = locals.iter().any(|&s| near(s));
            if jump.forward {
                let lone_end = ends && inside.iter().all(|&i| locals[i] == jump.to_s);
                let both_ends = lone_end && locals.contains(&jump.from_s);
                if !inside.is_empty() && (!lone_end || both_ends) {
                    kept.left_out = kept.left_out.or(inside.first().copied());
                    kept.seen = true;
                } else if surrounded && step_s <= 3600 {
                    kept.skips = true;
                    kept.seen = true;
                    // Where both neighbours are there, no more is missing than the clock leaves out.
                    let (before_s, after_s) = match ends {
                        true => (jump.from_s, jump.to_s + step_s),
                        false => (jump.from_s - step_s, jump.to_s),
                    };
                    let after = locals.iter().position(|s| *s == after_s);
                    kept.on_clock = kept.on_clock.or(after.filter(|_| locals.contains(&before_s)));
                }
            } else if !inside.is_empty() {
                let mut sorted: Vec<i64> = inside.iter().map(|&i| locals[i]).collect();
                sorted.sort_unstable();
                // Ends that are written as the clock shows them have the hour's beginning twice.
                let begins = locals.iter().filter(|s| **s == jump.from_s).count();
                let doubled =
                    sorted.windows(2).any(|pair| pair[0] == pair[1]) || (ends && begins > 1);
                if doubled {
                    kept.on_clock = kept.on_clock.or(inside.last().copied());
                }
                kept.doubled |= doubled;
                kept.once |= !doubled;
                kept.seen = true;
            }
        }
        kept
    }

    /// Whether the file keeps standard time all year; none where it contradicts itself.
    pub(super) fn standard(&self) -> Option<bool> {
        match (self.left_out.is_some(), self.doubled) {
            (true, true) => None,
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => Some(self.coarse || (self.once && !self.skips)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    /// Hours of local time around a change of Berlin's clock, some left out or doubled.
    fn kept(from: &str, hours: impl IntoIterator<Item = i64>) -> Kept {
        let civil: jiff::civil::DateTime = from.parse().unwrap();
        let from_s = civil.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
        let locals: Vec<i64> = hours.into_iter().map(|h| from_s + h * 3600).collect();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Kept::by(&locals, &Clock::of(&zone, from_s, from_s + 2 * 86_400), false)
    }

    #[test]
    fn an_hour_that_is_left_out_or_doubled_shows_a_clock() {
        let spring = kept("2025-03-30T00:00", (0..24).filter(|h| *h != 2));
        assert_eq!((spring.standard(), spring.on_clock), (Some(false), Some(2)));
        let autumn = kept("2025-10-26T00:00", [0, 1, 2, 2, 3, 4, 5]);
        assert_eq!((autumn.standard(), autumn.on_clock), (Some(false), Some(3)));
    }

    #[test]
    fn standard_time_and_longer_gaps_show_none() {
        let spring = kept("2025-03-30T00:00", 0..24);
        assert_eq!((spring.standard(), spring.on_clock), (Some(true), None));
        // A gap from one to five says nothing of the clock.
        let gap = kept("2025-03-30T00:00", (0..24).filter(|h| !(1..5).contains(h)));
        assert_eq!(gap.on_clock, None);
        let summer = kept("2025-07-01T00:00", 0..24);
        assert!(!summer.seen && summer.on_clock.is_none());
    }
}
