//! The one moment at which a file's step changes, as that of European prices did from an hour to a
//! quarter of one in October 2025. Not gaps, which are rows that are missing within one step.

use super::pairs::most_frequent;
use super::steps::minutes;
use super::written::Written;
use crate::energy::calendar::DAY_S;

/// A change of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The first row that has the second step.
    row: usize,
    /// When the second step begins, in seconds of Unix time.
    at_s: i64,
    before_s: i64,
    after_s: i64,
}

impl Change {
    /// The change of the step of ascending instants; none where they have one step, or more than two,
    /// or where one of the two is not a multiple of the other or holds for less than a day.
    pub(super) fn find(instants_s: &[i64], ends: bool) -> Option<Self> {
        let (first_s, last_s) = (*instants_s.first()?, *instants_s.last()?);
        let steps: Vec<i64> = instants_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let in_day = instants_s.partition_point(|at_s| *at_s <= first_s + DAY_S) - 1;
        let before_day = instants_s.partition_point(|at_s| *at_s < last_s - DAY_S);
        let before_s = most_frequent(steps[..in_day].to_vec())?;
        let after_s = most_frequent(steps[before_day..].to_vec())?;
        let (short_s, long_s) = (before_s.min(after_s), before_s.max(after_s));
        if short_s == long_s || long_s >= DAY_S || long_s % short_s != 0 {
            return None;
        }
        let split = split(&steps, before_s, after_s);
        let (before, after) = steps.split_at(split);
        let most = |part: &[i64], step_s: i64| {
            let length_s: i64 = part.iter().sum();
            let regular = part.iter().filter(|s| **s == step_s).count();
            length_s >= DAY_S && regular * 2 > part.len()
        };
        if !most(before, before_s) || !most(after, after_s) {
            return None;
        }
        // The row between the two: its interval begins with it, or ends.
        let next_s = after[0];
        let row = match ends {
            false if next_s == after_s || next_s < before_s => split,
            true if next_s < after_s => split + 2,
            _ => split + 1,
        };
        let own_s = if ends { after_s } else { 0 };
        let at_s = instants_s.get(row)? - own_s;
        Some(Self { row, at_s, before_s, after_s })
    }

    /// The shorter of the two steps.
    pub(super) fn short_s(&self) -> i64 {
        self.before_s.min(self.after_s)
    }

    /// The step of a row.
    pub(super) fn of_row(&self, row: usize) -> i64 {
        if row < self.row { self.before_s } else { self.after_s }
    }

    /// The step of the file at an instant.
    pub(super) fn at(&self, at_s: i64) -> i64 {
        if at_s < self.at_s { self.before_s } else { self.after_s }
    }

    /// The steps in words.
    pub(super) fn words(&self) -> String {
        format!("{} minutes, then {} minutes", minutes(self.before_s), minutes(self.after_s))
    }

    /// What is to be said of it.
    pub(super) fn note(&self, written: &Written) -> String {
        format!(
            "the step changes from {} to {} minutes at {}: each value counts for its own step",
            minutes(self.before_s),
            minutes(self.after_s),
            written.until(self.at_s)
        )
    }
}

/// Before how many of the steps the change is, so that the fewest are on the wrong side.
fn split(steps: &[i64], before_s: i64, after_s: i64) -> usize {
    let (mut wrong, mut fewest, mut split) = (0_i64, 0_i64, 0);
    for (i, &step_s) in steps.iter().enumerate() {
        wrong += i64::from(step_s == after_s) - i64::from(step_s == before_s);
        if wrong < fewest {
            (fewest, split) = (wrong, i + 1);
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Instants that are apart by the given steps: pairs of a count and its minutes.
    fn instants(steps: &[(i64, i64)]) -> Vec<i64> {
        let all = steps.iter().flat_map(|&(n, minutes)| (0..n).map(move |_| minutes * 60));
        let mut instants = vec![0];
        for step_s in all {
            instants.push(instants[instants.len() - 1] + step_s);
        }
        instants
    }

    #[test]
    fn one_change_between_long_parts_is_found() {
        let found = |steps: &[(i64, i64)], ends| {
            Change::find(&instants(steps), ends).map(|change| (change.row, change.at_s / 60))
        };
        assert_eq!(found(&[(30, 60), (200, 15)], false), Some((30, 1800)));
        assert_eq!(found(&[(30, 60), (200, 15)], true), Some((31, 1800)));
        assert_eq!(found(&[(200, 15), (30, 60)], false), Some((200, 3000)));
        assert_eq!(found(&[(200, 15), (30, 60)], true), Some((201, 3000)));
        // Gaps within the parts, and one at the change.
        let gaps = [(30, 60), (1, 180), (9, 60), (99, 15), (1, 60), (99, 15)];
        assert_eq!(found(&gaps, false), Some((40, 2520)));
        assert_eq!(found(&[(30, 60), (1, 135), (200, 15)], false), Some((31, 1935)));
        for steps in [
            &[(200, 15)][..],
            &[(23, 60), (200, 15)],
            &[(200, 15), (23, 60)],
            &[(30, 60), (1, 600), (200, 60)],
            &[(30, 60), (200, 25)],
            &[(9, 1440), (200, 60)],
            &[],
        ] {
            assert_eq!(found(steps, false), None, "{steps:?}");
        }
    }
}
