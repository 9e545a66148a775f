//! What a scenario says without effect: outages, faults and changes wholly outside the run. Not
//! errors: a run can be cut short to look at its first days.

use super::Scenario;
use super::source::Location;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

impl Scenario {
    /// What has no effect, each with its place: `file:line:column: ..`, in the file's order.
    pub fn warnings(&self) -> Vec<String> {
        // A scenario that was read has a zone, and its times are within the years that there are.
        let Some(zone) = self.site.zone() else {
            return Vec::new();
        };
        let instant = |local: DateTime| zone.to_ambiguous_timestamp(local).compatible().ok();
        let Some(start) = instant(self.start) else {
            return Vec::new();
        };
        let day = SignedDuration::from_hours(24);
        let end = start.checked_add(day * i32::try_from(self.days).unwrap_or(i32::MAX));
        let end = end.unwrap_or(Timestamp::MAX);
        let outside = |from: DateTime, until: Option<DateTime>| {
            instant(from).is_some_and(|from| from >= end)
                || until.and_then(instant).is_some_and(|until| until <= start)
        };
        let last = end.to_zoned(zone.clone()).datetime();
        let warn = |path: String, what: &str, from: DateTime| {
            let start = self.start;
            format!(
                "{}: the {what} from {from} on has no effect: the run goes from {start} to {last}",
                self.place(&path)
            )
        };
        let outages = self.grid.iter().flat_map(|grid| &grid.outages).enumerate();
        let outages = outages
            .filter(|(_, outage)| outside(outage.from, Some(outage.until)))
            .map(|(i, outage)| warn(format!("grid.outages[{i}].from"), "outage", outage.from));
        let faults = self.faults.iter().enumerate();
        let faults = faults
            .filter(|(_, fault)| outside(fault.from, fault.until))
            .map(|(i, fault)| warn(format!("faults[{i}].from"), "fault", fault.from));
        let changes = self.changes.iter().enumerate();
        let changes = changes
            .filter(|(_, change)| outside(change.at, None))
            .map(|(i, change)| warn(format!("changes[{i}].at"), "change", change.at));
        outages.chain(faults).chain(changes).collect()
    }

    /// A path's place as it stands before a message.
    fn place(&self, path: &str) -> String {
        match self.source.locate(path) {
            Location::File { line, column, .. } => {
                format!("{}:{line}:{column}", self.source.name())
            }
            Location::Outside(label) => label,
        }
    }
}
