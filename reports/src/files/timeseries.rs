//! `timeseries.csv`: one row for each interval, means over it and states at its end.

use super::table::Table;
use crate::Error;
use crate::tally::energy::{FLOWS, fields};
use gridtwin_twin::record::{Catalog, Sample};

/// The file being written.
#[derive(Debug)]
pub(crate) struct TimeSeries {
    table: Table,
    /// How many arrays, batteries, gensets, loads, charger groups, servers and groups there are.
    counts: [usize; 7],
}

impl TimeSeries {
    /// Writes the header.
    pub(crate) fn new(mut table: Table, catalog: &Catalog) -> Self {
        table.texts(&["time_utc", "time_local", "t_s", "step_s"]);
        for name in FLOWS {
            table.text(&format!("{name}_kw"));
        }
        table.texts(&["residual_kwh", "ghi_w_m2", "temperature_c", "grid_up", "price_per_kwh"]);
        table.texts(&["cost_import", "cost_fuel", "cost_lost_load", "income_export"]);
        table.texts(&["grid_g_per_kwh", "mix_g_per_kwh", "emitted_kg", "exported_kg", "cars"]);
        let mut columns = |kind: &str, name: &str, parts: &[&str]| {
            parts.iter().for_each(|part| table.text(&format!("{kind}.{name}.{part}")));
        };
        catalog.pv.iter().for_each(|(name, _)| columns("pv", name, &["kw"]));
        for (name, _) in &catalog.batteries {
            columns("battery", name, &["soc", "power_kw", "stored_g_per_kwh"]);
        }
        catalog.gensets.iter().for_each(|(name, _)| columns("genset", name, &["kw"]));
        catalog.loads.iter().for_each(|name| columns("load", name, &["kw"]));
        catalog.chargers.iter().for_each(|(name, _)| columns("chargers", name, &["kw"]));
        for name in &catalog.servers {
            columns("server", name, &["up", "power_w", "load", "tasks"]);
        }
        for group in &catalog.groups {
            let parts = ["decided", "messages", "members_up", "energy_j", "carbon_g"];
            columns("consensus", &group.name, &parts);
        }
        table.end();
        let counts = [
            catalog.pv.len(),
            catalog.batteries.len(),
            catalog.gensets.len(),
            catalog.loads.len(),
            catalog.chargers.len(),
            catalog.servers.len(),
            catalog.groups.len(),
        ];
        Self { table, counts }
    }

    /// Writes a row.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let [pv, batteries, gensets, loads, chargers, servers, groups] = self.counts;
        let table = &mut self.table;
        table.time(sample.at);
        table.fixed(sample.at.as_secs_f64(), 9);
        table.fixed(sample.step.as_secs_f64(), 9);
        // Exact, so that the balance can be checked from the file.
        fields(&sample.flows).into_iter().for_each(|kw| table.exact(kw));
        table.exact(sample.residual_kwh);
        table.fixed(sample.ghi_w_m2, 3);
        table.fixed(sample.temperature_c, 3);
        table.flag(sample.grid_up);
        let money = &sample.money;
        for value in [money.price_per_kwh, money.import, money.fuel, money.lost_load, money.export]
        {
            table.significant(value);
        }
        table.fixed(sample.grid_g_per_kwh, 4);
        table.fixed(sample.mix_g_per_kwh, 4);
        table.significant(sample.emitted_kg);
        table.significant(sample.exported_kg);
        table.count(sample.cars);
        // As many fields as the header has, whatever the sample holds.
        let series = |values: &[f64], n: usize, table: &mut Table| {
            (0..n).for_each(|i| table.fixed(values.get(i).copied().unwrap_or(f64::NAN), 6));
        };
        series(&sample.pv_kw, pv, table);
        for i in 0..batteries {
            let battery = sample.batteries.get(i).copied().unwrap_or_default();
            table.fixed(battery.soc, 9);
            table.fixed(battery.power_kw, 6);
            table.fixed(battery.stored_g_per_kwh, 4);
        }
        series(&sample.gensets_kw, gensets, table);
        series(&sample.loads_kw, loads, table);
        series(&sample.chargers_kw, chargers, table);
        for i in 0..servers {
            let server = sample.servers.get(i).copied().unwrap_or_default();
            table.flag(server.up);
            table.fixed(server.power_w, 4);
            table.fixed(server.load, 6);
            table.count(server.tasks);
        }
        for i in 0..groups {
            let group = sample.groups.get(i).copied().unwrap_or_default();
            table.count(group.decided);
            table.count(group.messages);
            table.count(group.members_up);
            table.significant(group.energy_j);
            table.significant(group.carbon_g);
        }
        table.end();
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
