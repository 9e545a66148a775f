//! Instants as a file's own time stamps would write them, for messages. Not the reading of stamps.

use super::stamp::Stamp;
use super::steps::utc;
use jiff::Timestamp;

/// How far a file's time stamps are ahead of UTC.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// First and last instant of rows with one offset, and the offset in seconds.
    stretches: Vec<(i64, i64, i64)>,
}

impl Written {
    /// Of stamps and their instants, in ascending order.
    pub(super) fn of(stamps: &[Stamp], instants_s: &[i64]) -> Self {
        let mut stretches: Vec<(i64, i64, i64)> = Vec::new();
        for (stamp, &at_s) in stamps.iter().zip(instants_s) {
            // Unix time is always UTC.
            let ahead_s = stamp.local_s - at_s;
            match stretches.last_mut() {
                Some((_, last_s, same_s)) if *same_s == ahead_s => *last_s = at_s,
                _ => stretches.push((at_s, at_s, ahead_s)),
            }
        }
        Self { stretches }
    }

    /// An instant as the clock of the rows up to it shows it.
    pub(super) fn until(&self, at_s: i64) -> String {
        let stretch = self.stretches.iter().rev().find(|(first_s, ..)| *first_s <= at_s);
        written(at_s, stretch.or(self.stretches.first()))
    }

    /// An instant as the clock of the rows from it on shows it.
    pub(super) fn since(&self, at_s: i64) -> String {
        let stretch = self.stretches.iter().find(|(_, last_s, _)| *last_s >= at_s);
        written(at_s, stretch.or(self.stretches.last()))
    }
}

/// On the clock of a stretch of rows; in UTC, which is said, where there is none.
fn written(at_s: i64, stretch: Option<&(i64, i64, i64)>) -> String {
    let shown = stretch.and_then(|(_, _, ahead_s)| Timestamp::from_second(at_s + ahead_s).ok());
    shown.map_or_else(|| utc(at_s), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}
