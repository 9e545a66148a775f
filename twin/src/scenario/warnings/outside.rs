//! Outages, faults and changes wholly outside the run. Not errors: a run can be cut short to look at
//! its first days.

use super::{Doubt, doubt};
use crate::scenario::Scenario;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(super) fn outages(s: &Scenario) -> Vec<Doubt> {
    let outages = s.grid.iter().flat_map(|grid| &grid.outages).enumerate();
    let found = outages.map(|(i, outage)| {
        outside(s, "outage", format!("grid.outages[{i}].from"), outage.from, Some(outage.until))
    });
    found.flatten().collect()
}

pub(super) fn faults(s: &Scenario) -> Vec<Doubt> {
    let faults = s.faults.iter().enumerate();
    let found = faults.map(|(i, fault)| {
        outside(s, "fault", format!("faults[{i}].from"), fault.from, fault.until)
    });
    found.flatten().collect()
}

pub(super) fn changes(s: &Scenario) -> Vec<Doubt> {
    let changes = s.changes.iter().enumerate();
    let found = changes
        .map(|(i, change)| outside(s, "change", format!("changes[{i}].at"), change.at, None));
    found.flatten().collect()
}

fn outside(
    s: &Scenario,
    what: &str,
    path: String,
    from: DateTime,
    until: Option<DateTime>,
) -> Option<Doubt> {
    // A scenario that was read has a zone, and its times are within the years that there are.
    let zone = s.site.zone()?;
    let start = instant(&zone, s.start)?;
    let days = SignedDuration::from_hours(24) * i32::try_from(s.days).unwrap_or(i32::MAX);
    let end = start.checked_add(days).unwrap_or(Timestamp::MAX);
    let is_outside = instant(&zone, from).is_some_and(|from| from >= end)
        || until.and_then(|until| instant(&zone, until)).is_some_and(|until| until <= start);
    is_outside.then(|| {
        let last = end.to_zoned(zone).datetime();
        let message = format!(
            "the {what} from {from} on has no effect: the run goes from {} to {last}",
            s.start
        );
        doubt(path, message, "")
    })
}

fn instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}
