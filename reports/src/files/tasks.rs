//! `tasks.csv`: the first tasks to end, one row each.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use gridtwin_twin::record::{Catalog, Place, TaskRecord};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("number", Whole, "Number of the task"),
        ("class", Text, "Its stream"),
        ("device", Text, "The device that it is from"),
        ("place", Text, "Where it ran: device, a server, the cloud"),
        ("outcome", Text, "What came of it"),
        ("arrived_utc", Time, "When it was born"),
        ("arrived_local", LocalTime, "The same on the site's clock"),
        ("arrived_s", Number, "The same as time since the run's start"),
        ("finished_s", Number, "When it ended, since the run's start"),
        ("latency_ms", Number, "From birth to end"),
        ("uplink_s", Number, "Of it on the way there"),
        ("queue_s", Number, "Of it waiting for a core"),
        ("compute_s", Number, "Of it being computed"),
        ("return_s", Number, "Of it on the way back"),
        ("migrations", Whole, "How often it was sent elsewhere"),
        ("device_j", Number, "Energy of its device"),
        ("network_j", Number, "Energy of the network"),
        ("server_j", Number, "Energy of edge servers, idle power shared out"),
        ("cloud_j", Number, "Energy of the cloud"),
        ("energy_j", Number, "All of it"),
        ("carbon_g", Number, "CO2 of that energy"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Tasks {
    table: Table,
    limit: u64,
    listed: u64,
}

impl Tasks {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, limit: u64) -> Self {
        Self { table, limit, listed: 0 }
    }

    /// Writes a row, while there is room.
    pub(crate) fn task(&mut self, task: &TaskRecord, catalog: &Catalog) {
        if self.listed >= self.limit {
            return;
        }
        self.listed += 1;
        let table = &mut self.table;
        table.count(task.number);
        table.text(catalog.streams.get(usize::from(task.stream)).map_or("", |s| &s.name));
        let fleet =
            catalog.fleets.iter().find(|(_, first, n)| (*first..first + n).contains(&task.device));
        match fleet {
            Some((name, first, _)) => table.numbered(name, u64::from(task.device - first)),
            None => table.numbered("device", u64::from(task.device)),
        }
        table.text(place_name(task.place, catalog));
        table.text(task.outcome.name());
        table.time(task.arrived);
        table.fixed(task.arrived.as_secs_f64(), 6);
        table.fixed(task.finished.as_secs_f64(), 6);
        table.fixed(task.latency_ms(), 6);
        for seconds in [task.uplink_s, task.queue_s, task.compute_s, task.return_s] {
            table.fixed(f64::from(seconds), 9);
        }
        table.count(task.migrations);
        let energy = &task.energy;
        for joules in [energy.device_j, energy.network_j, energy.server_j, energy.cloud_j] {
            table.significant(joules);
        }
        table.significant(energy.total_j());
        table.significant(task.carbon_g);
        table.end();
    }

    /// How many rows there are.
    pub(crate) fn listed(&self) -> u64 {
        self.listed
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}

/// A place's name: `device`, the server's, or the cloud's.
fn place_name(place: Place, catalog: &Catalog) -> &str {
    match place {
        Place::Local => "device",
        Place::Server(i) => catalog.servers.get(usize::from(i)).map_or("server", |s| s),
        Place::Cloud => catalog.cloud.as_deref().unwrap_or("cloud"),
    }
}
