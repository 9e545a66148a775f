//! Tests of files whose step changes once, as that of prices did from hours to quarters of one.

use super::tests::{berlin, course, read, told};
use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

const FIRST: DateTime = date(2025, 9, 29).at(0, 0, 0, 0);

/// Two days of one step and two of another, in minutes; the value is the count of the line.
fn two_steps(header: &str, before: usize, after: usize, ends: bool) -> String {
    let mut text = format!("{header}\n");
    let mut at = FIRST;
    let steps = [before, after].into_iter().flat_map(|m| (0..2 * 1440 / m).map(move |_| m));
    for (i, minutes) in steps.enumerate() {
        let next = at + SignedDuration::from_mins(minutes as i64);
        let stamp = if ends { next } else { at };
        text += &format!("{},{}\n", stamp.strftime("%Y-%m-%d %H:%M"), i + 1);
        at = next;
    }
    text
}

#[test]
fn a_step_that_changes_once_is_no_gap() {
    let run = berlin(FIRST, 4);
    for (before, after) in [(60, 15), (15, 60)] {
        let counts = [2 * 1440 / before, 2 * 1440 / after];
        let lines = (counts[0] + counts[1]) as f64;
        for (header, ends) in [("time,kW", false), ("time end,kW", true), ("time end,kWh", true)] {
            let text = two_steps(header, before, after, ends);
            let series = read(&text, "", &run).unwrap_or_else(|e| panic!("{header}: {e}"));
            let note = format!(
                "the step changes from {before} to {after} minutes at 2025-10-01 00:00: each value \
                 counts for its own step"
            );
            assert!(series.notes.contains(&note), "{:?}", series.notes);
            assert_eq!((series.step_s, series.filled), (900, 0));
            let found = course(&text, "", &run).unwrap();
            if header.ends_with("kWh") {
                // Energies of each step: the sum is kept.
                let sum: f64 = found.iter().sum();
                assert!((sum - lines * (lines + 1.0) / 2.0).abs() < 1e-6, "{sum}");
            } else if before == 60 {
                assert_eq!((found[0], found[47]), (1.0, 48.0), "{header}");
                assert_eq!(found[48], (49.0 + 50.0 + 51.0 + 52.0) / 4.0, "{header}");
            } else {
                assert_eq!((found[0], found[47]), (2.5, 190.5), "{header}");
                assert_eq!((found[48], found[95]), (193.0, 240.0), "{header}");
            }
        }
    }
}

#[test]
fn gaps_of_either_step_are_still_gaps() {
    let run = berlin(FIRST, 4);
    let text = two_steps("time,kW", 60, 15, false);
    let without = |times: &[&str]| -> String {
        let kept = text.lines().filter(|line| !times.iter().any(|time| line.contains(time)));
        kept.map(|line| format!("{line}\n")).collect()
    };
    let hours = without(&["09-29 05:00", "09-29 06:00"]);
    let error = told(course(&hours, "", &run));
    assert!(error.starts_with("f.csv:6:18: found a gap of 2 values (2 h, "), "{error}");
    assert!(error.contains("expected a value every 60 minutes"), "{error}");
    let filled = course(&hours, "gaps: Hold", &run).unwrap();
    assert_eq!(filled[4..8], [5.0, 5.0, 5.0, 8.0]);
    let quarters = without(&["10-01 12:15", "10-01 12:30", "10-01 12:45"]);
    let error = told(course(&quarters, "", &run));
    assert!(error.contains("a gap of 3 values (0.75 h, "), "{error}");
    assert!(error.contains("expected a value every 15 minutes"), "{error}");
    // A line between two hours is in neither step.
    let odd = text.replace("2025-09-29 05:00,6\n", "2025-09-29 05:00,6\n2025-09-29 05:15,6\n");
    let error = told(course(&odd, "", &run));
    assert!(error.starts_with("f.csv:8:1: found \"2025-09-29 05:15\", 15 minutes"), "{error}");
    let error = told(course(&text, "step_minutes: 15", &run));
    assert!(error.contains("60 minutes, then 15 minutes"), "{error}");
}

#[test]
fn ends_of_intervals_in_a_column_of_their_own_may_change_too() {
    let mut text = "start,end,kW\n".to_owned();
    let mut at = FIRST;
    for (i, minutes) in [60; 48].into_iter().chain([15; 192]).enumerate() {
        let next = at + SignedDuration::from_mins(minutes);
        text += &format!("{},{},{}\n", at.strftime("%F %H:%M"), next.strftime("%F %H:%M"), i + 1);
        at = next;
    }
    let found = course(&text, "", &berlin(FIRST, 4)).unwrap();
    assert_eq!((found[0], found[47], found[48]), (1.0, 48.0, 50.5));
}
