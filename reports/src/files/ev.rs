//! `ev_sessions.csv`: one row for each car that left, in the order they left, then one for each car
//! that was still there when the run ended: it has not left, and what it lacks may still come.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::cars::Session;
use gridtwin_twin::record::Catalog;

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("chargers", Text, "Which charger group"),
        ("session", Whole, "Number of the session"),
        ("arrived_utc", Time, "When the car was plugged in or began to wait"),
        ("arrived_local", LocalTime, "The same on the site's clock"),
        ("left_utc", Time, "When it left; empty while it is still there"),
        ("left_local", LocalTime, "The same on the site's clock"),
        ("asked_kwh", Number, "What it asked for"),
        ("delivered_kwh", Number, "What it got"),
        ("short_kwh", Number, "What it lacked when it left"),
        ("waited_h", Number, "How long it waited for a free charger"),
        ("stayed_h", Number, "How long it stayed"),
        ("carbon_kg", Number, "CO2 of what it took"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Ev {
    table: Table,
}

impl Ev {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Writes a row.
    pub(crate) fn session(&mut self, session: &Session, catalog: &Catalog) {
        let table = &mut self.table;
        table.text(catalog.chargers.get(usize::from(session.chargers)).map_or("", |c| &c.0));
        table.count(session.number);
        for at in [session.arrived, session.left_at()] {
            match at {
                Some(at) => table.time(at),
                None => table.texts(&["", ""]),
            }
        }
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

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
