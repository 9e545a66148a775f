//! What is changed while the run goes on: names, values, and times within the run. Each value is set
//! in the scenario as the changes before it leave it, as it will be in the run.

use super::Checker;
use super::edge::what_breaks;
use super::names::{Kind, Names};
use crate::scenario::source::Location;
use crate::scenario::{Change, PlannedChange, Scenario};
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// The most cars that come at once.
const MOST_CARS: u32 = 10_000;

pub(super) fn check(checker: &mut Checker, names: &Names) {
    let s = checker.scenario;
    if s.changes.is_empty() {
        return;
    }
    let mut in_order: Vec<(usize, &PlannedChange)> = s.changes.iter().enumerate().collect();
    in_order.sort_by_key(|(_, planned)| planned.at);
    let mut set: Option<Scenario> = None;
    for (i, planned) in in_order {
        time(checker, i, planned.at);
        let place = format!("changes[{i}].change");
        let Change::Set { path, value } = &planned.change else {
            one(checker, names, &place, &planned.change);
            continue;
        };
        match set.as_ref().unwrap_or(s).with_set(path, value) {
            Ok(next) => set = Some(next),
            Err(refusal) => {
                let field = if refusal.of_value { "value" } else { "path" };
                checker.report(&format!("{place}.{field}"), refusal.message, refusal.help);
            }
        }
    }
}

/// A change that sets no value: what it names must be there.
pub(super) fn one(checker: &mut Checker, names: &Names, place: &str, change: &Change) {
    match change {
        Change::Set { .. } | Change::Clouds { .. } | Change::Note { .. } => {}
        Change::Grid { .. } if checker.scenario.grid.is_some() => {}
        Change::Grid { .. } => checker.report(
            place,
            "found a change of the grid connection, but the site has no grid",
            "add a `grid` to the scenario and start a new run, or remove the change",
        ),
        Change::Break { what } | Change::Mend { what } => {
            what_breaks(checker, names, &format!("{place}.what"), what);
        }
        Change::Cars { chargers, count, .. } => {
            names.expect(checker, &format!("{place}.chargers"), chargers, &[Kind::Chargers]);
            if !(1..=MOST_CARS).contains(count) {
                let message = format!("found {count} cars, expected 1 to {MOST_CARS}");
                checker.report(&format!("{place}.count"), message, "");
            }
        }
        Change::StateOfCharge { battery, .. } => {
            names.expect(checker, &format!("{place}.battery"), battery, &[Kind::Battery]);
        }
        Change::Metered(metered) => {
            if !metered.is_finite() {
                checker.report(place, "found a reading that is not a finite number", "");
            }
        }
    }
}

/// It must come within the run, unless the run was cut short from outside to look at its first days.
fn time(checker: &mut Checker, i: usize, at: DateTime) {
    let s = checker.scenario;
    let Some(zone) = s.site.zone() else { return };
    let instant = |local: DateTime| zone.to_ambiguous_timestamp(local).compatible().ok();
    let Some(start) = instant(s.start) else { return };
    let days = i32::try_from(s.days).unwrap_or(i32::MAX);
    let end = start.checked_add(SignedDuration::from_hours(24) * days);
    let end = end.unwrap_or(jiff::Timestamp::MAX);
    let cut =
        matches!(s.source.locate("days"), Location::Outside(_)) && s.source.is_written("days");
    let within = instant(at).is_some_and(|at| start <= at && (at < end || cut));
    if !within {
        let last = end.to_zoned(zone).datetime();
        checker.report(
            &format!("changes[{i}].at"),
            format!(
                "found {at}, expected a time within the run: from {} to just before {last}",
                s.start
            ),
            "move the change, or make the run longer",
        );
    }
}
