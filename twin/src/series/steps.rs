//! From instants to regular steps: the step that a file has, doubled and unsorted rows, and where
//! values are missing. Not how missing values are filled.

use super::change::Change;
use super::pairs::most_frequent;
use super::refused;
use super::stamp::Stamp;
use super::written::Written;
use crate::energy::EnergyError;
use crate::energy::calendar::DAY_S;
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::path::Path;

/// Values at regular steps; a missing one is NaN.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) start_s: i64,
    pub(super) step_s: i64,
    pub(super) values: Vec<f64>,
    /// The row before the first missing value, if one is missing.
    pub(super) row_before_gap: usize,
    /// Where rows have a longer step than the grid before or after a moment: their values are held, or
    /// their energies divided, over the steps of the grid.
    pub(super) change: Option<Change>,
    /// How the file writes instants.
    pub(super) written: Written,
}

impl Grid {
    /// The step of the rows around the value at an index.
    pub(super) fn own_s(&self, index: usize) -> i64 {
        let at_s = self.start_s + index as i64 * self.step_s;
        self.change.map_or(self.step_s, |change| change.at(at_s))
    }

    /// How many rows a stretch of values stands for.
    pub(super) fn rows(&self, (from, length): (usize, usize)) -> usize {
        let share = |i: usize| self.step_s as f64 / self.own_s(i) as f64;
        (from..from + length).map(share).sum::<f64>().round() as usize
    }
}

/// Rows with their instants, and where they stand.
pub(super) struct Rows<'a> {
    /// The instants at which intervals begin or end, in seconds of Unix time, ascending.
    pub(super) instants_s: &'a [i64],
    pub(super) values: &'a [f64],
    /// The stamps that the instants are of.
    pub(super) stamps: &'a [Stamp],
    /// Whether an instant is the end of its interval.
    pub(super) ends: bool,
    /// Seconds of a step, where the scenario gives them.
    pub(super) given_s: Option<i64>,
    /// Whether values are energies of their steps, which days of 23 and 25 hours share out.
    pub(super) energy: bool,
    pub(super) place: &'a dyn Fn(usize) -> ((u64, u64), String),
    pub(super) file: &'a Path,
}

/// The most values of a file that is laid out on regular steps: a year of seconds.
const MOST: i64 = 32_000_000;

/// What to do where an hour is there twice that the zone in use has once.
const SET_LOCAL: &str = "if the file is in local time with daylight saving, set `zone`, as in `zone: \
     \"Europe/Berlin\"`, or correct `site.time_zone`";

/// Steps of this length or longer are months.
const SHORT_MONTH_S: i64 = 27 * DAY_S;

impl Rows<'_> {
    /// The values at regular steps.
    pub(super) fn grid(&self) -> Result<Grid, EnergyError> {
        self.check_order()?;
        let at = self.instants_s;
        let change = Change::find(at, self.ends);
        if let (Some(change), Some(given_s)) = (change, self.given_s) {
            return Err(refused(
                self.file,
                (self.place)(1).0,
                format!("`step_minutes: {}` in the scenario", minutes(given_s)),
                format!("{} from one time stamp to the next", change.words()),
                "remove `step_minutes`",
            ));
        }
        let step_s = change.map_or_else(|| self.step_s(), |change| Ok(change.short_s()))?;
        if step_s == 86_400 && at.windows(2).any(|pair| (pair[1] - pair[0]) % 86_400 != 0) {
            return self.days();
        }
        let own_s = |row: usize| change.map_or(step_s, |change| change.of_row(row));
        let begin_s = |row: usize| if self.ends { at[row] - own_s(row) } else { at[row] };
        let last = at.len() - 1;
        let start_s = begin_s(0);
        let count = (begin_s(last) + own_s(last) - start_s) / step_s;
        if count > MOST {
            let (place, text) = (self.place)(last);
            return Err(refused(
                self.file,
                place,
                format!("{text:?}, {count} steps of {step_s} s after the first line"),
                format!("at most {MOST} steps"),
                "correct the time stamp, or shorten the file",
            ));
        }
        let mut values = vec![f64::NAN; count as usize];
        let mut row_before_gap = None;
        let mut end_s = start_s;
        for (row, &value) in self.values.iter().enumerate() {
            let (from_s, own_s) = (begin_s(row), own_s(row));
            // Where the step changes, the gap before a row has the shorter one.
            let same = row > 0 && change.is_none_or(|c| c.of_row(row - 1) == own_s);
            let unit_s = if same { own_s } else { step_s };
            if from_s < end_s || (from_s - end_s) % unit_s != 0 {
                return Err(self.off_step(row, own_s));
            }
            let gap = from_s != end_s;
            if gap || value.is_nan() {
                row_before_gap = row_before_gap.or(Some(if gap { row - 1 } else { row }));
            }
            end_s = from_s + own_s;
            let (first, steps) = ((from_s - start_s) / step_s, own_s / step_s);
            let value = if self.energy { value / steps as f64 } else { value };
            if let Some(held) = values.get_mut(first as usize..(first + steps) as usize) {
                held.fill(value);
            }
        }
        let row_before_gap = row_before_gap.unwrap_or(0);
        let written = Written::default();
        Ok(Grid { start_s, step_s, values, row_before_gap, change, written })
    }

    fn check_order(&self) -> Result<(), EnergyError> {
        for (i, pair) in self.instants_s.windows(2).enumerate() {
            if pair[1] > pair[0] {
                continue;
            }
            let (place, text) = (self.place)(i + 1);
            let autumn = self.in_repeated_hour(i + 1);
            let (expected, advice) = if pair[1] == pair[0] {
                ("each time stamp once", "remove the duplicate line")
            } else {
                ("a later time than on the line before", "sort the file by time")
            };
            let advice = match (autumn, pair[1] == pair[0]) {
                (true, true) => format!("{advice}, or, {SET_LOCAL}"),
                (true, false) => SET_LOCAL.to_owned(),
                (false, _) => advice.to_owned(),
            };
            return Err(refused(self.file, place, format!("{text:?}"), expected, advice));
        }
        Ok(())
    }

    /// Whether a row that is not later than the one before looks like the hour that local times show
    /// twice in autumn: on a Sunday at the end of October or the beginning of November.
    fn in_repeated_hour(&self, row: usize) -> bool {
        let (Some(stamp), Some(before)) = (self.stamps.get(row), self.stamps.get(row - 1)) else {
            return false;
        };
        let back_s = before.local_s - stamp.local_s;
        let Ok(at) = Timestamp::from_second(stamp.local_s) else { return false };
        let at = at.to_zoned(TimeZone::UTC);
        let days = matches!((at.month(), at.day()), (10, 25..) | (11, ..=7));
        let sunday = at.weekday() == Weekday::Sunday;
        let hour = (0..=3600).contains(&back_s) && (1..=3).contains(&at.hour());
        stamp.offset_s.is_none() && days && sunday && hour
    }

    /// The most frequent step between two rows.
    fn step_s(&self) -> Result<i64, EnergyError> {
        let steps = self.instants_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let usual_s = most_frequent(steps).unwrap_or(0);
        match (usual_s, self.given_s) {
            (0, Some(given_s)) => Ok(given_s),
            (0, None) => {
                let place = (self.place)(0).0;
                let advice = "add rows, or set `step_minutes`";
                Err(refused(self.file, place, "one row", "two or more", advice))
            }
            (SHORT_MONTH_S.., _) => {
                let (place, text) = (self.place)(1);
                let advice = "use a file with shorter time steps, or a typical load shape, as in \
                              `profile: Typical(shape: Office, annual_kwh: ..)`";
                let found = format!("{text:?}, a month after the line before");
                Err(refused(self.file, place, found, "at least one value a day", advice))
            }
            (step_s, Some(given_s)) if given_s != step_s => {
                let place = (self.place)(1).0;
                Err(refused(
                    self.file,
                    place,
                    format!("`step_minutes: {}` in the scenario", minutes(given_s)),
                    format!("{}, the minutes from one time stamp to the next", minutes(step_s)),
                    "remove `step_minutes`, or correct the time stamps",
                ))
            }
            (step_s, _) => Ok(step_s),
        }
    }

    fn off_step(&self, row: usize, step_s: i64) -> EnergyError {
        let (place, text) = (self.place)(row);
        let since_s = self.instants_s[row] - self.instants_s[row.max(1) - 1];
        refused(
            self.file,
            place,
            format!("{text:?}, {} minutes after the line before", minutes(since_s)),
            format!("steps of {} minutes, as most lines have", minutes(step_s)),
            "correct the time stamp",
        )
    }

    /// Days on a clock that changes have 23 to 25 hours: each becomes hours.
    fn days(&self) -> Result<Grid, EnergyError> {
        const HOUR_S: i64 = 3600;
        let at = self.instants_s;
        let days = at.len();
        let mut values = Vec::with_capacity(days * 25);
        let length_s = |day: usize| {
            let next = if self.ends { day } else { day + 1 };
            match (next.checked_sub(1).and_then(|i| at.get(i)), at.get(next)) {
                (Some(from_s), Some(to_s)) => to_s - from_s,
                _ => 86_400,
            }
        };
        for day in 0..days {
            let length_s = length_s(day);
            if !(82_800..=90_000).contains(&length_s) || length_s % HOUR_S != 0 {
                return Err(self.off_step(if self.ends { day } else { day + 1 }, 86_400));
            }
            let hours = length_s / HOUR_S;
            let value = self.values[day] / if self.energy { hours as f64 } else { 1.0 };
            values.extend(std::iter::repeat_n(value, hours as usize));
        }
        let start_s = if self.ends { at[0] - length_s(0) } else { at[0] };
        let row_before_gap = self.values.iter().position(|v| v.is_nan()).unwrap_or(0);
        let written = Written::default();
        Ok(Grid { start_s, step_s: HOUR_S, values, row_before_gap, change: None, written })
    }
}

/// Seconds as minutes, without needless decimals.
pub(super) fn minutes(seconds: i64) -> f64 {
    seconds as f64 / 60.0
}

/// Where the missing values are: first index and length of each run.
pub(super) fn gaps(values: &[f64]) -> Vec<(usize, usize)> {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        if !value.is_nan() {
            continue;
        }
        match gaps.last_mut() {
            Some((from, length)) if *from + *length == i => *length += 1,
            _ => gaps.push((i, 1)),
        }
    }
    gaps
}

/// An instant in words, in UTC.
pub(crate) fn utc(at_s: i64) -> String {
    Timestamp::from_second(at_s)
        .map_or_else(|_| format!("{at_s} s"), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
