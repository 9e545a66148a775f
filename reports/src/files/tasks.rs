//! `tasks.csv`: the first tasks to end, one row each.

use super::table::Table;
use crate::Error;
use gridtwin_twin::record::{Catalog, Place, TaskRecord};

/// The file being written.
#[derive(Debug)]
pub(crate) struct Tasks {
    table: Table,
    limit: u64,
    listed: u64,
}

impl Tasks {
    /// Writes the header.
    pub(crate) fn new(mut table: Table, limit: u64) -> Self {
        table.texts(&["number", "class", "device", "place", "outcome"]);
        table.texts(&["arrived_utc", "arrived_local", "arrived_s", "finished_s", "latency_ms"]);
        table.texts(&["uplink_s", "queue_s", "compute_s", "return_s", "migrations"]);
        table.texts(&["device_j", "network_j", "server_j", "cloud_j", "energy_j", "carbon_g"]);
        table.end();
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
