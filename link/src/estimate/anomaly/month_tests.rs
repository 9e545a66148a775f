//! A month in which nothing is wrong, and nothing is said.

use super::Change;
use super::month::{Fault, Month, tick};

fn nothing_is_said(month: Month) {
    let outcome = month.live();
    let told: Vec<String> = outcome
        .changes
        .iter()
        .zip(&outcome.told)
        .map(|(change, at)| match change {
            Change::Raised(anomaly) => format!("{at}: {anomaly}"),
            Change::Cleared { device, kind, .. } => format!("{at}: {device} {}", kind.name()),
        })
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    // It was not because nothing was read: a million readings and more.
    assert!(outcome.readings > 700_000, "{}", outcome.readings);
    assert!(outcome.soc_error < 0.02, "{}", outcome.soc_error);
}

#[test]
fn no_false_alarm_in_a_clean_month_with_seed_1() {
    nothing_is_said(Month::clean(1));
}

#[test]
fn no_false_alarm_in_a_clean_month_with_seed_2() {
    nothing_is_said(Month::clean(2));
}

#[test]
fn no_false_alarm_in_a_clean_month_with_seed_3() {
    nothing_is_said(Month::clean(3));
}

#[test]
fn no_false_alarm_in_a_clean_month_with_seed_4() {
    nothing_is_said(Month::clean(4));
}

#[test]
fn no_false_alarm_in_a_clean_month_with_seed_5() {
    nothing_is_said(Month::clean(5));
}

#[test]
fn no_false_alarm_in_a_clean_month_under_a_sky_that_is_known() {
    nothing_is_said(Month { sky_is_known: true, ..Month::clean(6) });
}

#[test]
fn the_same_month_is_told_the_same() {
    let month = Month {
        days: 3,
        fault: Fault::Theft(30.0),
        from: tick(2, 2),
        until: tick(2, 18),
        ..Month::clean(7)
    };
    let (first, second) = (month.live(), month.live());
    assert_eq!(first.changes, second.changes);
    assert_eq!(first.soc_error.to_bits(), second.soc_error.to_bits());
    assert!(!first.changes.is_empty());
}
