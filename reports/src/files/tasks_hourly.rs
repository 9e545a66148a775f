//! `tasks_hourly.csv`: all tasks, by the hour they arrived in, their class and the place they ran
//! at. Counts, sums, mean and maximum are exact; the percentile is within 0.4 %.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::tasks::Hour;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::Catalog;

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("hour_utc", Time, "Start of the hour"),
        ("hour_local", LocalTime, "Start of the hour on the site's clock"),
        ("class", Text, "Stream of the tasks"),
        ("place", Text, "Where they ran: device, a server, the cloud"),
        ("arrived", Whole, "Tasks born in the hour"),
        ("completed", Whole, "Of them in time"),
        ("missed", Whole, "Of them too late"),
        ("lost", Whole, "Of them lost or refused"),
        ("latency_ms_sum", Number, "Latencies of those that ended, added up"),
        ("latency_ms_mean", Number, "Their mean"),
        ("latency_ms_p95", Number, "95 % are below, within 0.4 %"),
        ("latency_ms_max", Number, "The longest"),
        ("energy_j", Number, "Energy of all of them"),
        ("carbon_g", Number, "CO2 of that energy"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct TasksHourly {
    table: Table,
    classes: Vec<String>,
    places: Vec<String>,
}

/// The names of places in the order of their indices.
pub(crate) fn places(catalog: &Catalog) -> Vec<String> {
    let cloud = catalog.cloud.clone().unwrap_or_else(|| "cloud".to_owned());
    let servers = catalog.servers.iter().cloned();
    std::iter::once("device".to_owned()).chain(servers).chain([cloud]).collect()
}

impl TasksHourly {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, catalog: &Catalog) -> Self {
        let classes = catalog.streams.iter().map(|s| s.name.clone()).collect();
        Self { table, classes, places: places(catalog) }
    }

    /// Writes an hour's rows.
    pub(crate) fn hour(&mut self, hour: &Hour) {
        let names = self.classes.iter().flat_map(|c| self.places.iter().map(move |p| (c, p)));
        for ((class, place), cell) in names.zip(&hour.cells) {
            let (Some(cell), table) = (cell, &mut self.table) else {
                continue;
            };
            table.time(SimTime(hour.hour * Span::HOUR.0));
            table.texts(&[class, place]);
            for n in [cell.arrived(), cell.completed(), cell.missed(), cell.lost()] {
                table.count(n);
            }
            let latency = &cell.latency_ms;
            table.fixed(latency.sum(), 6);
            table.fixed(latency.mean().unwrap_or(f64::NAN), 6);
            table.fixed(latency.quantile(0.95).unwrap_or(f64::NAN), 6);
            table.fixed(latency.max().unwrap_or(f64::NAN), 6);
            table.exact(cell.energy_j);
            table.exact(cell.carbon_g);
            table.end();
        }
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
