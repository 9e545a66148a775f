//! `ev_sessions.csv`: one row for each car that left, in the order they left, then one for each car
//! that was still there when the run ended: it has not left, and what it lacks may still come.

use super::table::Table;
use crate::Error;
use crate::tally::cars::Session;
use gridtwin_twin::record::Catalog;

/// The file being written.
#[derive(Debug)]
pub(crate) struct Ev {
    table: Table,
}

impl Ev {
    /// Writes the header.
    pub(crate) fn new(mut table: Table) -> Self {
        table.texts(&["chargers", "session", "arrived_utc", "arrived_local", "left_utc"]);
        table.texts(&["left_local", "asked_kwh", "delivered_kwh", "short_kwh", "waited_h"]);
        table.texts(&["stayed_h", "carbon_kg"]);
        table.end();
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
