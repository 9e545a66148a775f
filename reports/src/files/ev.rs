//! `ev_sessions.csv`: one row for each car, in order of arrival, those that were still there when the
//! run ended included: these have not left, and what they lack may still come. Rows are kept until
//! then, since a car's row is complete only when it leaves.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::cars::Session;
use gridtwin_twin::record::Catalog;

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("arrived_utc", Time, "Time in UTC at which the car was plugged in or began to wait"),
        ("arrived_local", LocalTime, "Time of the car's arrival in the site's local time"),
        (
            "left_utc",
            Time,
            "Time in UTC at which the car left; empty if it was still there when the run ended",
        ),
        ("left_local", LocalTime, "Time of the car's departure in the site's local time"),
        ("chargers", Text, "Charger group"),
        ("session", Whole, "Number of the charging session"),
        ("asked_kwh", Number, "Energy the car requested"),
        ("delivered_kwh", Number, "Energy the car received"),
        ("short_kwh", Number, "Requested energy that the car had not received when it left"),
        ("waited_h", Number, "Time the car waited for a free charger"),
        ("stayed_h", Number, "Time from the car's arrival to its departure"),
        ("carbon_kg", Number, "CO2 of the energy the car received"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Ev {
    table: Table,
    sessions: Vec<Session>,
}

impl Ev {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table) -> Self {
        Self { table, sessions: Vec::new() }
    }

    /// Takes a session.
    pub(crate) fn session(&mut self, session: &Session) {
        self.sessions.push(*session);
    }

    /// Writes all rows and ends the file.
    pub(crate) fn finish(mut self, catalog: &Catalog) -> Result<(), Error> {
        self.sessions.sort_by_key(|s| (s.arrived, s.chargers, s.number));
        for session in &self.sessions {
            row(&mut self.table, session, catalog);
        }
        self.table.finish()
    }
}

fn row(table: &mut Table, session: &Session, catalog: &Catalog) {
    for at in [session.arrived, session.left_at()] {
        match at {
            Some(at) => table.time(at),
            None => table.texts(&["", ""]),
        }
    }
    table.text(catalog.chargers.get(usize::from(session.chargers)).map_or("", |c| &c.0));
    table.count(session.number);
    table.fixed(session.asked_kwh, 6);
    match session.left {
        Some(left) => {
            table.fixed(left.delivered_kwh, 6);
            table.fixed(session.short_kwh(), 6);
            table.fixed(left.waited_h, 6);
            table.fixed(left.stayed_h, 6);
            table.significant(left.carbon_kg);
        }
        None => table.texts(&["", "", "", "", ""]),
    }
    table.end();
}
