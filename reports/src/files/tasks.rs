//! `tasks.csv`: the first tasks to end, one row each, in order of their end. Only where the caller
//! asks for it: a week of a small site has half a million tasks. `tasks_hourly.csv` counts all.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use gridtwin_twin::record::{Catalog, Place, TaskRecord};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("finished_utc", Time, "Time in UTC at which the task ended, truncated to the second"),
        ("finished_local", LocalTime, "Time at which the task ended, in the site's local time"),
        (
            "finished_s",
            Number,
            "Exact time at which the task ended, counted from the start of the run",
        ),
        ("arrived_utc", Time, "Time in UTC at which the task arrived, truncated to the second"),
        ("arrived_local", LocalTime, "Time at which the task arrived, in the site's local time"),
        (
            "arrived_s",
            Number,
            "Exact time at which the task arrived, counted from the start of the run",
        ),
        ("number", Whole, "Number of the task"),
        ("class", Text, "Class of the task: the task stream of the scenario that it belongs to"),
        ("device", Text, "Device that the task came from"),
        (
            "place",
            Text,
            "Where the task ran: on its device, on a server (its name) or in the cloud",
        ),
        (
            "outcome",
            Text,
            "Outcome: completed in time, missed (completed after its deadline), or lost (with the reason)",
        ),
        ("latency_ms", Number, "Time from the task's arrival to its end"),
        ("uplink_s", Number, "Part of the latency: transfer from the device to where the task ran"),
        ("queue_s", Number, "Part of the latency: waiting for a free core"),
        ("compute_s", Number, "Part of the latency: computing"),
        ("return_s", Number, "Part of the latency: transfer of the result back to the device"),
        ("migrations", Whole, "Number of times the task was moved to another place"),
        ("device_j", Number, "Energy that the device used for the task"),
        ("network_j", Number, "Energy that the network used for the task"),
        (
            "server_j",
            Number,
            "Energy that edge servers used for the task, including its share of their idle power",
        ),
        ("cloud_j", Number, "Energy that the cloud used for the task"),
        ("energy_j", Number, "Energy of the task: device, network, server and cloud together"),
        ("carbon_g", Number, "CO2 of the task's energy"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Tasks {
    table: Table,
    limit: u64,
    listed: u64,
    /// Tasks of the interval, which ended in it in whatever order they are reported.
    ended: Vec<TaskRecord>,
}

impl Tasks {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, limit: u64) -> Self {
        Self { table, limit, listed: 0, ended: Vec::new() }
    }

    /// Takes a task, while there is room.
    pub(crate) fn task(&mut self, task: &TaskRecord) {
        if self.listed < self.limit {
            self.ended.push(*task);
        }
    }

    /// Writes the rows of an interval that is over, in order of time.
    pub(crate) fn interval(&mut self, catalog: &Catalog) {
        let mut ended = std::mem::take(&mut self.ended);
        ended.sort_unstable_by_key(|task| (task.finished, task.number));
        for task in ended.iter().take((self.limit - self.listed) as usize) {
            self.listed += 1;
            self.row(task, catalog);
        }
        ended.clear();
        self.ended = ended;
    }

    fn row(&mut self, task: &TaskRecord, catalog: &Catalog) {
        let table = &mut self.table;
        for at in [task.finished, task.arrived] {
            table.time(at);
            table.fixed(at.as_secs_f64(), 6);
        }
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
    pub(crate) fn finish(mut self, catalog: &Catalog) -> Result<(), Error> {
        self.interval(catalog);
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
