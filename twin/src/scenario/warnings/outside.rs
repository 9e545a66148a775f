//! Outages, faults, changes and files of charging sessions wholly outside the run. Not errors: a run
//! can be cut short to look at its first days.

use super::{Doubt, doubt};
use crate::energy::calendar::Calendar;
use crate::energy::ev;
use crate::record::SessionFile;
use crate::scenario::{Chargers, Scenario, Sessions};
use gridtwin_kernel::Streams;
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

/// Times of the scenario that its zone's clock skips when daylight-saving time begins.
pub(super) fn skipped(s: &Scenario) -> Vec<Doubt> {
    let Some(zone) = s.site.zone() else { return Vec::new() };
    let mut times = vec![("start".to_owned(), s.start)];
    for (i, outage) in s.grid.iter().flat_map(|grid| &grid.outages).enumerate() {
        times.push((format!("grid.outages[{i}].from"), outage.from));
        times.push((format!("grid.outages[{i}].until"), outage.until));
    }
    for (i, fault) in s.faults.iter().enumerate() {
        times.push((format!("faults[{i}].from"), fault.from));
        times.extend(fault.until.map(|until| (format!("faults[{i}].until"), until)));
    }
    times.extend(s.changes.iter().enumerate().map(|(i, of)| (format!("changes[{i}].at"), of.at)));
    let skipped = times.into_iter().filter(|(_, at)| {
        let offset = zone.to_ambiguous_timestamp(*at).offset();
        matches!(offset, jiff::tz::AmbiguousOffset::Gap { .. })
    });
    let found = skipped.map(|(path, at)| {
        let message = format!(
            "found {at}, which the clock of {} skips when daylight-saving time begins",
            s.site.time_zone
        );
        let after = instant(&zone, at).map(|then| then.to_zoned(zone.clone()).datetime());
        let remedy =
            after.map_or(String::new(), |then| format!("{then} is used; write a time that exists"));
        doubt(path, message, remedy)
    });
    found.collect()
}

/// Files of which no session lies in the run: the chargers stand idle.
pub(super) fn sessions(s: &Scenario) -> Vec<Doubt> {
    // What is wrong with the scenario or the file is told when the world is built.
    let Ok(calendar) = Calendar::new(s) else { return Vec::new() };
    let base = s.source.resolve("".as_ref());
    let read = |group: &Chargers| {
        let lay_out = || ev::lay_out(group, &calendar, &Streams::new(s.seed), &base);
        crate::files::within(s.source.files(), lay_out).ok()?.file
    };
    let from_files = s.chargers.iter().enumerate();
    let from_files = from_files.filter(|(_, group)| matches!(group.sessions, Sessions::Csv { .. }));
    let idle = from_files.filter_map(|(i, group)| {
        let file = read(group).filter(|file| file.counts.inside() == 0)?;
        Some(idle(s, &calendar, format!("chargers[{i}].sessions.path"), &file))
    });
    idle.collect()
}

/// No car's battery holds more, kWh; the largest lorries' are below it.
const MOST_SESSION_KWH: f64 = 1_500.0;

/// Sessions whose energy no car's battery holds.
pub(super) fn large_sessions(s: &Scenario) -> Vec<Doubt> {
    let Ok(calendar) = Calendar::new(s) else { return Vec::new() };
    let base = s.source.resolve("".as_ref());
    let groups = s.chargers.iter().enumerate();
    let large = groups.filter_map(|(i, group)| {
        let Sessions::Csv { .. } = group.sessions else { return None };
        let lay_out = || ev::lay_out(group, &calendar, &Streams::new(s.seed), &base);
        let file = crate::files::within(s.source.files(), lay_out).ok()?.file?;
        let kwh = file.largest_kwh;
        let message =
            format!("found a session of {kwh} kWh in {}: no car's battery is so large", file.file);
        let remedy = format!("energies are in kWh: write {} if yours is in Wh", kwh / 1e3);
        let path = format!("chargers[{i}].sessions.path");
        (kwh > MOST_SESSION_KWH).then(|| doubt(path, message, remedy))
    });
    large.collect()
}

fn idle(s: &Scenario, calendar: &Calendar, path: String, file: &SessionFile) -> Doubt {
    let local = |at: Timestamp| at.to_zoned(calendar.zone().clone()).datetime();
    let day = |at: Timestamp| local(at).date();
    let (first, last) = file.span;
    let sessions = match file.count {
        1 => format!("the only session in {} ({}) lies outside the run", file.file, day(first)),
        count => format!(
            "none of the {count} sessions in {} ({} to {}) lies within the run",
            file.file,
            day(first),
            day(last)
        ),
    };
    let message = format!(
        "NO CAR COMES: {sessions}, which begins on {} and lasts {} day{}",
        s.start.date(),
        s.days,
        if s.days == 1 { "" } else { "s" }
    );
    let remedy = format!(
        "set `start` to a date within the file, as in `start: \"{}\"`, or use a file for the dates of \
         the run, or a file of a whole year, which is then used for any year",
        day(first)
    );
    doubt(path, message, remedy)
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
            "the {what} at {from} lies outside the run ({} to {last}) and has no effect",
            s.start
        );
        doubt(path, message, "correct its date, or change `start` or `days` of the run")
    })
}

fn instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}
