//! Several columns of time stamps in one table, as of start and end, or of local time and UTC: which of
//! them is read, and whether the two agree. Not what the stamps mean.

use super::stamp::{self, Order, Raw, Stamp};
use super::steps::minutes;
use super::table::{Field, Table};
use super::zone_names::{self, has_word};
use crate::energy::EnergyError;
use crate::scenario::DateOrder;

/// A column of time stamps that is not read, and which was read in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    column: usize,
    relation: Relation,
    /// Which is read and why, in a sentence.
    pub(super) note: String,
}

/// What the column that is not read is to the one that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The other end of the interval.
    Interval,
    /// The other end of the interval, as a clock without a date.
    IntervalClock,
    /// Local time beside UTC.
    Local,
    /// Nothing that is known.
    Other,
}

const HALF_DAY_S: i64 = 43_200;
const END_WORDS: [&str; 6] = ["end", "ending", "ende", "bis", "until", "fin"];

/// Whether a header says that its time stamps are the ends of intervals.
pub(super) fn is_end(header: &str) -> bool {
    has_word(header, &END_WORDS) || header.trim().eq_ignore_ascii_case("to")
}

/// Whether the first dates of a column are the same, so that the time of day stands elsewhere.
pub(super) fn dates_repeat(table: &Table, column: usize) -> bool {
    let first = Raw::parse(table.text(0, column));
    first.is_some_and(Raw::is_only_date)
        && table.len() > 1
        && Raw::parse(table.text(1, column)) == first
}

/// Which of some columns of time stamps is read: one in UTC or with offsets before others, the start
/// of intervals before their end, the first before the second. Dates that repeat without a clock
/// beside them (`has_clock`) come last.
pub(super) fn choose(
    table: &Table,
    stamped: &[usize],
    has_clock: impl Fn(usize) -> bool,
) -> Option<(usize, Option<Beside>)> {
    let utc = |i: usize| {
        zone_names::is_utc(&table.called(i))
            || Raw::parse(table.text(0, i)).is_some_and(Raw::has_offset)
    };
    let end = |i: usize| is_end(&table.called(i));
    let bare = |i: usize| dates_repeat(table, i) && !has_clock(i);
    let mut ranked = stamped.to_vec();
    ranked.sort_by_key(|&i| (bare(i), !utc(i), end(i), i));
    let (&taken, others) = ranked.split_first()?;
    let Some(&other) = others.first() else { return Some((taken, None)) };
    let (a, b) = (table.called(taken), table.called(other));
    let (relation, why) = match (utc(taken) == utc(other), end(taken) == end(other)) {
        (true, false) => (Relation::Interval, "it is the start of each interval"),
        (false, same) => {
            let relation = if same { Relation::Local } else { Relation::Other };
            (relation, "it is UTC or has a UTC offset")
        }
        (true, true) if bare(other) => (Relation::Other, "it has the time of day"),
        (true, true) => (Relation::Other, "it comes first; set `time` to use another"),
    };
    let among = match others.len() {
        1 => format!("of the time columns {a:?} and {b:?}"),
        more => format!("of the time columns {a:?}, {b:?} and {} more", more - 1),
    };
    // Of dates with clocks beside them, which clock is read is said with the clocks.
    let note = format!("{among}, {a:?} is read: {why}");
    Some((taken, Some(Beside { column: other, relation, note })))
}

/// Which of some columns of clocks beside one of dates is read: the start of intervals before their
/// end, the first before the second.
pub(super) fn choose_clock(table: &Table, clocks: &[usize]) -> (Option<usize>, Option<Beside>) {
    let end = |i: usize| is_end(&table.called(i));
    let start = clocks.iter().copied().find(|i| !end(*i));
    let Some(taken) = start.or_else(|| clocks.first().copied()) else { return (None, None) };
    let Some(other) = clocks.iter().copied().find(|i| *i != taken) else {
        return (Some(taken), None);
    };
    let (a, b) = (table.called(taken), table.called(other));
    let (relation, why) = match end(taken) == end(other) {
        false => (Relation::IntervalClock, "it is the start of each interval"),
        true => (Relation::Other, "it comes first; set `time` to use another"),
    };
    let note = format!("of the columns of times of day {a:?} and {b:?}, {a:?} is read: {why}");
    (Some(taken), Some(Beside { column: other, relation, note }))
}

impl Beside {
    /// Refuses a row in which the two columns contradict each other. Where intervals are not as long
    /// as the rows are apart, that is said.
    pub(super) fn agrees(
        &self,
        table: &Table,
        taken: &[Stamp],
    ) -> Result<Option<String>, EnergyError> {
        match self.relation {
            Relation::Other => Ok(None),
            Relation::Local => self.local(table, taken).map(|()| None),
            Relation::Interval => {
                let Some(others) = self.stamps(table, taken.len()) else { return Ok(None) };
                let pairs = others.iter().zip(taken);
                let lengths = pairs.map(|(other, taken)| {
                    let other = other.as_ref().filter(|o| o.only_date == taken.only_date)?;
                    let offsets = (other.offset_s, taken.offset_s);
                    let apart_s = other.local_s - taken.local_s;
                    match offsets {
                        (None, None) => Some(apart_s),
                        (Some(a), Some(b)) => Some(apart_s - i64::from(a) + i64::from(b)),
                        _ => None,
                    }
                });
                self.lengths(table, taken, &lengths.collect::<Vec<_>>())
            }
            Relation::IntervalClock => {
                let lengths = taken.iter().enumerate().map(|(row, taken)| {
                    let until_s = stamp::clock(table.text(row, self.column))?.second();
                    // The nearer way round: where the clock goes back, the end is before the start.
                    let apart_s = until_s - taken.local_s + HALF_DAY_S;
                    Some(apart_s.rem_euclid(2 * HALF_DAY_S) - HALF_DAY_S)
                });
                self.lengths(table, taken, &lengths.collect::<Vec<_>>())
            }
        }
    }

    /// The other column's stamps; none where a date has two readings.
    fn stamps(&self, table: &Table, rows: usize) -> Option<Vec<Option<Stamp>>> {
        let raw = (0..rows).map(|row| Raw::parse(table.text(row, self.column)));
        let raw: Vec<Option<Raw>> = raw.collect();
        let plain = raw.iter().flatten().all(|raw| raw.order() == Order::Plain);
        let stamp = |raw: Option<Raw>| raw?.stamp(DateOrder::DayFirst);
        plain.then(|| raw.into_iter().map(stamp).collect())
    }

    /// Intervals are equally long, but for the hour by which a clock changes.
    fn lengths(
        &self,
        table: &Table,
        taken: &[Stamp],
        lengths_s: &[Option<i64>],
    ) -> Result<Option<String>, EnergyError> {
        let known = lengths_s.iter().copied().flatten().collect();
        let Some(usual_s) = most_frequent(known).filter(|s| *s != 0) else { return Ok(None) };
        let is_off = |length_s: i64| {
            let off_s = (length_s - usual_s).abs();
            !matches!(off_s, 0 | 3600)
        };
        // Where the step changes, the intervals do.
        let apart_s = |row: usize| {
            let (row, next) = (taken.get(row), taken.get(row + 1));
            row.zip(next).map(|(a, b)| (b.local_s - a.local_s).abs())
        };
        let fits = |row: usize, length_s: i64| {
            let around = [row.checked_sub(1).and_then(apart_s), apart_s(row)];
            around.contains(&Some(length_s.abs()))
        };
        let off = (0..lengths_s.len())
            .find(|&row| lengths_s[row].is_some_and(|s| is_off(s) && !fits(row, s)));
        if let Some(row) = off {
            let length_s = lengths_s[row].unwrap_or_default();
            let expected = format!(
                "a time stamp {} minutes from the other one on its line, as on most lines, not {} \
                 minutes",
                minutes(usual_s.abs()),
                minutes(length_s)
            );
            return Err(self.field(table, row).refused(&expected, "correct the time stamp"));
        }
        let steps = taken.windows(2).map(|pair| (pair[1].local_s - pair[0].local_s).abs());
        let Some(step_s) = most_frequent(steps.collect()) else { return Ok(None) };
        // `00:14:59` is as good an end as `00:15:00`.
        let apart = (step_s - usual_s.abs()).abs() > 60;
        Ok(apart.then(|| {
            format!(
                "the two time stamps on a line are {} minutes apart, but the lines are {} minutes \
                 apart: each value is used for the whole time step between two lines",
                minutes(usual_s.abs()),
                minutes(step_s)
            )
        }))
    }

    /// Local time is one or two offsets ahead of UTC.
    fn local(&self, table: &Table, taken: &[Stamp]) -> Result<(), EnergyError> {
        const FARTHEST_S: i64 = 14 * 3600;
        let Some(others) = self.stamps(table, taken.len()) else { return Ok(()) };
        let mut seen: Vec<i64> = Vec::new();
        for (row, (other, taken)) in others.iter().zip(taken).enumerate() {
            let Some(other) = other else { continue };
            let ahead_s = other.local_s - taken.local_s + i64::from(taken.offset_s.unwrap_or(0));
            if seen.contains(&ahead_s) {
                continue;
            }
            if ahead_s.abs() <= FARTHEST_S && ahead_s % 900 == 0 && seen.len() < 2 {
                seen.push(ahead_s);
                continue;
            }
            let offsets: Vec<String> = seen.iter().map(|s| minutes(*s).to_string()).collect();
            let usual = match offsets.is_empty() {
                true => "a multiple of 15 minutes".to_owned(),
                false => format!("{} minutes", offsets.join(" or ")),
            };
            let expected = format!(
                "the local time of the UTC time stamp on this line, {usual} ahead of UTC, not {} \
                 minutes",
                minutes(ahead_s)
            );
            return Err(self.field(table, row).refused(&expected, "correct the time stamps"));
        }
        Ok(())
    }

    fn field<'a>(&self, table: &'a Table, row: usize) -> Field<'a> {
        table.field(row, self.column)
    }
}

/// The most frequent of some numbers.
pub(super) fn most_frequent(mut all: Vec<i64>) -> Option<i64> {
    all.sort_unstable();
    let mut usual: Option<(usize, i64)> = None;
    for same in all.chunk_by(|a, b| a == b) {
        if usual.is_none_or(|(count, _)| same.len() > count) {
            usual = Some((same.len(), same[0]));
        }
    }
    usual.map(|(_, value)| value)
}
