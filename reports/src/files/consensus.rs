//! `consensus.csv`: one row for each decision, view change, and voter that falls silent, comes back
//! or has caught up, and for each broken promise.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::groups::group_of;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, EventKind};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("time_utc", Time, "When"),
        ("time_local", LocalTime, "When, on the site's clock"),
        ("t_s", Number, "Time since the run's start"),
        ("group", Text, "Which consensus group"),
        ("event", Text, "What happened"),
        ("member", Text, "Which member, by its server's name"),
        ("block", Whole, "Number of the block that was decided"),
        ("receipts", Whole, "Receipts in the block"),
        ("latency_ms", Number, "From proposal to the client's certainty"),
        ("view", Whole, "The view or term"),
        ("leader", Text, "Who leads it"),
        ("details", Text, "What more there is to say"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Consensus {
    table: Table,
    limit: u64,
    listed: u64,
}

/// The name of a group's member: its server's.
pub(crate) fn member_name(catalog: &Catalog, group: u16, member: u16) -> String {
    let info = catalog.groups.get(usize::from(group));
    let server = info.and_then(|g| g.members.get(usize::from(member)));
    let name = server.and_then(|s| catalog.servers.get(usize::from(*s)));
    name.cloned().unwrap_or_else(|| format!("member-{member}"))
}

impl Consensus {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, limit: u64) -> Self {
        Self { table, limit, listed: 0 }
    }

    /// Writes a row for an event that is about a group.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event, catalog: &Catalog) {
        let Some(group) = group_of(&event.kind) else {
            return;
        };
        if matches!(event.kind, EventKind::Decided { .. }) {
            if self.listed >= self.limit {
                return;
            }
            self.listed += 1;
        }
        let table = &mut self.table;
        table.time(at);
        table.fixed(at.as_secs_f64(), 9);
        table.text(catalog.groups.get(usize::from(group)).map_or("", |g| &g.name));
        table.text(event.kind.name());
        match &event.kind {
            EventKind::Decided { block, receipts, latency_ms, .. } => {
                table.empty();
                table.count(*block);
                table.count(*receipts);
                table.fixed(*latency_ms, 6);
                table.texts(&["", "", ""]);
            }
            EventKind::ViewChanged { member, view, leader, .. } => {
                table.text(&member_name(catalog, group, *member));
                table.texts(&["", "", ""]);
                table.count(*view);
                table.text(&member_name(catalog, group, *leader));
                table.empty();
            }
            EventKind::LeaderSuspected { member, view, .. } => {
                table.text(&member_name(catalog, group, *member));
                table.texts(&["", "", ""]);
                table.count(*view);
                table.texts(&["", ""]);
            }
            EventKind::VoterDown { member, .. }
            | EventKind::VoterUp { member, .. }
            | EventKind::CaughtUp { member, .. } => {
                table.text(&member_name(catalog, group, *member));
                table.texts(&["", "", "", "", "", ""]);
            }
            EventKind::Violation { text, .. } => {
                table.texts(&["", "", "", "", "", ""]);
                table.text(text);
            }
            _ => table.texts(&["", "", "", "", "", "", ""]),
        }
        table.end();
    }

    /// How many decisions have a row.
    pub(crate) fn listed(&self) -> u64 {
        self.listed
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
