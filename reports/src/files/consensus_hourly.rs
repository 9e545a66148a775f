//! `consensus_hourly.csv`: one row for each hour and group, whatever happened in it: all decisions,
//! messages, view changes and broken promises, however many of them have a row in `consensus.csv`.
//! Counts, sums, mean and maximum are exact; the percentile is within 0.4 %.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::groups::group_of;
use gridtwin_kernel::{Histogram, SimTime, Span};
use gridtwin_twin::record::{Catalog, EventKind, Sample};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("hour_utc", Time, "Start of the hour in UTC"),
        ("hour_local", LocalTime, "Start of the hour in the site's local time"),
        ("group", Text, "Consensus group"),
        ("decided", Whole, "Blocks decided in the hour"),
        ("receipts", Whole, "Receipts of completed tasks in the blocks decided in the hour"),
        ("latency_ms_sum", Number, "Sum of the latencies of the decisions in the hour"),
        (
            "latency_ms_mean",
            Number,
            "Mean latency of decisions, from the proposal until the client knows that the decision is final",
        ),
        (
            "latency_ms_p95",
            Number,
            "95th percentile of the latency of decisions in the hour, accurate to 0.4 %",
        ),
        ("latency_ms_max", Number, "Longest latency of any decision in the hour"),
        ("messages", Whole, "Messages sent in the hour"),
        ("leader_suspicions", Whole, "Number of times a member suspected its leader"),
        ("view_changes", Whole, "Views or terms that began in the hour"),
        ("voters_down", Whole, "Number of times a member crashed or lost power"),
        ("violations", Whole, "Safety violations, for example members that decide differently"),
        ("energy_j", Number, "Energy that the members used for computing and messages"),
        ("carbon_g", Number, "CO2 of the energy that the members used for computing and messages"),
    ])
}

/// A group's hour.
#[derive(Clone, Debug, Default)]
struct Hour {
    decided: u64,
    receipts: u64,
    latency_ms: Histogram,
    messages: u64,
    suspicions: u64,
    view_changes: u64,
    voters_down: u64,
    violations: u64,
    energy_j: f64,
    carbon_g: f64,
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct ConsensusHourly {
    table: Table,
    names: Vec<String>,
    hour: u64,
    groups: Vec<Hour>,
    /// Whether the hour has begun.
    begun: bool,
}

impl ConsensusHourly {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, catalog: &Catalog) -> Self {
        let names: Vec<String> = catalog.groups.iter().map(|g| g.name.clone()).collect();
        Self { table, groups: vec![Hour::default(); names.len()], names, hour: 0, begun: false }
    }

    /// Adds one interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        self.turn_to(sample.at);
        for (hour, seen) in self.groups.iter_mut().zip(&sample.groups) {
            hour.messages += seen.messages;
            hour.view_changes += seen.view_changes;
            hour.energy_j += seen.energy_j;
            hour.carbon_g += seen.carbon_g;
        }
        self.begun = true;
    }

    /// Counts one event. Events come before the sample of their interval.
    pub(crate) fn event(&mut self, at: SimTime, kind: &EventKind) {
        let Some(group) = group_of(kind) else { return };
        self.turn_to(at);
        let Some(hour) = self.groups.get_mut(usize::from(group)) else { return };
        match kind {
            EventKind::Decided { receipts, latency_ms, .. } => {
                hour.decided += 1;
                hour.receipts += u64::from(*receipts);
                hour.latency_ms.record(*latency_ms);
            }
            EventKind::LeaderSuspected { .. } => hour.suspicions += 1,
            EventKind::VoterDown { .. } => hour.voters_down += 1,
            EventKind::Violation { .. } => hour.violations += 1,
            _ => {}
        }
        self.begun = true;
    }

    /// Writes the hour that is over where `at` lies in a later one.
    fn turn_to(&mut self, at: SimTime) {
        let hour = at.0 / Span::HOUR.0;
        // A sample whose interval began in the hour before adds to the hour of its last events.
        if hour > self.hour {
            self.write();
            self.hour = hour;
        }
    }

    fn write(&mut self) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        let table = &mut self.table;
        for (name, hour) in self.names.iter().zip(&mut self.groups) {
            let hour = std::mem::take(hour);
            table.time(SimTime(self.hour * Span::HOUR.0));
            table.text(name);
            table.count(hour.decided);
            table.count(hour.receipts);
            let latency = &hour.latency_ms;
            table.fixed(latency.sum(), 6);
            for ms in [latency.mean(), latency.quantile(0.95), latency.max()] {
                table.fixed(ms.unwrap_or(f64::NAN), 6);
            }
            let counts = [
                hour.messages,
                hour.suspicions,
                hour.view_changes,
                hour.voters_down,
                hour.violations,
            ];
            counts.into_iter().for_each(|n| table.count(n));
            table.exact(hour.energy_j);
            table.exact(hour.carbon_g);
            table.end();
        }
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.write();
        self.table.finish()
    }
}
