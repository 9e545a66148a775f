//! `tasks_hourly.csv`: all tasks, by the hour they arrived in, their class and the place they ran
//! at, in order of time. Counts, sums, mean and maximum are exact; the percentile is within 0.4 %, of
//! the tasks that ended within a day of their hour.
//!
//! Rows are kept until the run is over, about a hundred bytes each, because a task may end long after
//! its hour: its row is then brought up to date, so that no hour has two rows of a kind.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time, Whole};
use crate::dictionary::{self, Field};
use crate::tally::tasks::{Cell, Hour};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::Catalog;
use std::collections::BTreeMap;

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("hour_utc", Time, "Start of the hour in UTC"),
        ("hour_local", LocalTime, "Start of the hour in the site's local time"),
        ("class", Text, "Class of the tasks: the task stream of the scenario that they belong to"),
        (
            "place",
            Text,
            "Where the tasks ran: on the device, on a server (its name) or in the cloud",
        ),
        ("arrived", Whole, "Tasks that arrived in the hour"),
        ("completed", Whole, "Tasks that arrived in the hour and met their deadline"),
        ("missed", Whole, "Tasks that arrived in the hour and were completed after their deadline"),
        ("lost", Whole, "Tasks that arrived in the hour and were lost or refused"),
        ("latency_ms_sum", Number, "Sum of the latencies of completed tasks, late ones included"),
        ("latency_ms_mean", Number, "Mean latency of completed tasks, late ones included"),
        (
            "latency_ms_p95",
            Number,
            "95th percentile of the latency of completed tasks, accurate to 0.4 %",
        ),
        ("latency_ms_max", Number, "Longest latency of any completed task"),
        ("energy_j", Number, "Energy of all tasks counted in this row"),
        ("carbon_g", Number, "CO2 of the energy of all tasks counted in this row"),
    ])
}

/// What a row tells.
#[derive(Clone, Copy, Debug)]
struct Row {
    counts: [u64; 4],
    back: u64,
    latency_ms_sum: f64,
    latency_ms_p95: f64,
    latency_ms_max: f64,
    energy_j: f64,
    carbon_g: f64,
}

impl Row {
    fn of(cell: &Cell) -> Self {
        let latency = &cell.latency_ms;
        Self {
            counts: [cell.arrived(), cell.completed(), cell.missed(), cell.lost()],
            back: latency.count(),
            latency_ms_sum: latency.sum(),
            latency_ms_p95: latency.quantile(0.95).unwrap_or(f64::NAN),
            latency_ms_max: latency.max().unwrap_or(f64::NAN),
            energy_j: cell.energy_j,
            carbon_g: cell.carbon_g,
        }
    }

    /// Adds tasks of the same hour that ended later. The percentile stays that of the others, where
    /// there are any.
    fn add(&mut self, later: &Self) {
        for (sum, n) in self.counts.iter_mut().zip(later.counts) {
            *sum += n;
        }
        self.back += later.back;
        self.latency_ms_sum += later.latency_ms_sum;
        if self.latency_ms_p95.is_nan() {
            self.latency_ms_p95 = later.latency_ms_p95;
        }
        self.latency_ms_max = self.latency_ms_max.max(later.latency_ms_max);
        self.energy_j += later.energy_j;
        self.carbon_g += later.carbon_g;
    }
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct TasksHourly {
    table: Table,
    classes: Vec<String>,
    places: Vec<String>,
    /// By hour, then class and place.
    rows: BTreeMap<(u64, u32), Row>,
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
        Self { table, classes, places: places(catalog), rows: BTreeMap::new() }
    }

    /// Takes an hour's rows.
    pub(crate) fn hour(&mut self, hour: &Hour) {
        for (index, cell) in (0u32..).zip(&hour.cells) {
            let Some(cell) = cell else { continue };
            let row = Row::of(cell);
            let known = self.rows.entry((hour.hour, index));
            known.and_modify(|known| known.add(&row)).or_insert(row);
        }
    }

    /// Writes all rows and ends the file.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let table = &mut self.table;
        for ((hour, index), row) in &self.rows {
            let (class, place) =
                (*index as usize / self.places.len(), *index as usize % self.places.len());
            table.time(SimTime(hour * Span::HOUR.0));
            table.text(self.classes.get(class).map_or("", |name| name));
            table.text(&self.places[place]);
            row.counts.into_iter().for_each(|n| table.count(n));
            table.fixed(row.latency_ms_sum, 6);
            // 0 / 0 is no number, and an empty field.
            table.fixed(row.latency_ms_sum / row.back as f64, 6);
            table.fixed(row.latency_ms_p95, 6);
            table.fixed(row.latency_ms_max, 6);
            table.exact(row.energy_j);
            table.exact(row.carbon_g);
            table.end();
        }
        self.table.finish()
    }
}
