//! `consensus.csv`: one row for each decision, suspicion of a leader and view change, up to a limit,
//! and for each member that crashes, comes back or has caught up, and each violation, without one.
//! `consensus_hourly.csv` counts all of them.

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
        ("time_utc", Time, "Time of the event in UTC, truncated to the second"),
        ("time_local", LocalTime, "Time of the event in the site's local time"),
        ("t_s", Number, "Exact time of the event, counted from the start of the run"),
        ("group", Text, "Consensus group"),
        ("event", Text, "Kind of event"),
        ("member", Text, "Member that the event concerns, given by the name of its server"),
        ("block", Whole, "Number of the block that was decided"),
        ("receipts", Whole, "Receipts of completed tasks in the block"),
        (
            "latency_ms",
            Number,
            "Latency from the proposal until the client knows that the decision is final",
        ),
        ("view", Whole, "Number of the view, or of the term in Raft and similar protocols"),
        ("leader", Text, "Member that leads the view or term"),
        ("details", Text, "Further details"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Consensus {
    table: Table,
    limit: u64,
    decisions: u64,
    views: u64,
}

/// The name of a group's member: its server's.
pub(crate) fn member_name(catalog: &Catalog, group: u16, member: u16) -> String {
    let info = catalog.groups.get(usize::from(group));
    let server = info.and_then(|g| g.members.get(usize::from(member)));
    let name = server.and_then(|s| catalog.servers.get(usize::from(*s)));
    name.cloned().unwrap_or_else(|| format!("member-{member}"))
}

impl Consensus {
    /// Nothing written but the header; at most `limit` decisions will be, and as many suspicions and
    /// view changes together.
    pub(crate) fn new(table: Table, limit: u64) -> Self {
        Self { table, limit, decisions: 0, views: 0 }
    }

    /// Writes a row for an event that is about a group.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event, catalog: &Catalog) {
        let Some(group) = group_of(&event.kind) else {
            return;
        };
        let counted = match event.kind {
            EventKind::Decided { .. } => Some(&mut self.decisions),
            EventKind::LeaderSuspected { .. } | EventKind::ViewChanged { .. } => {
                Some(&mut self.views)
            }
            _ => None,
        };
        if let Some(listed) = counted {
            if *listed >= self.limit {
                return;
            }
            *listed += 1;
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
        self.decisions
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
