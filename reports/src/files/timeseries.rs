//! `timeseries.csv`: one row for each interval, means over it and states at its end.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{Flag, LocalTime, Number, Time, Whole};
use crate::dictionary::{self, Field, Kind};
use crate::tally::energy::{FLOW_MEANINGS, FLOWS};
use gridtwin_twin::record::{Catalog, Sample};

/// Its columns: those of the site, then those of each thing.
pub(super) fn fields(catalog: &Catalog) -> Vec<Field> {
    let mut all = dictionary::fields(&[
        ("time_utc", Time, "Start of the interval in UTC"),
        ("time_local", LocalTime, "Start of the interval in the site's local time"),
        ("t_s", Number, "Time since the start of the run"),
        ("step_s", Number, "Length of the interval"),
    ]);
    for (name, meaning) in FLOWS.iter().zip(FLOW_MEANINGS) {
        all.push(Field::new(format!("{name}_kw"), Number, format!("{meaning}, interval mean")));
    }
    all.extend(dictionary::fields(&[
        ("residual_kwh", Number, "Error in the energy balance; it is due to rounding only"),
        ("ghi_w_m2", Number, "Global horizontal irradiance"),
        ("temperature_c", Number, "Air temperature"),
        ("grid_up", Flag, "1 if the grid was available at the end of the interval, else 0"),
    ]));
    let money = [
        (
            "price_per_kwh",
            "/kWh",
            "Full price of imports, including grid fee, taxes, margin and VAT",
        ),
        ("export_price_per_kwh", "/kWh", "Price paid for an exported kWh"),
        ("cost_import", "", "Cost of imports in the interval, at their full price"),
        ("cost_carbon", "", "Carbon price paid for the CO2 of imports and fuel"),
        ("cost_fuel", "", "Cost of fuel"),
        ("cost_lost_load", "", "Cost of demand that was not served"),
        ("income_export", "", "Income from exports"),
    ];
    for (name, per, meaning) in money {
        let unit = format!("{}{per}", catalog.currency);
        all.push(Field { unit, ..Field::new(name, Number, meaning) });
    }
    all.extend(dictionary::fields(&[
        ("grid_g_per_kwh", Number, "Carbon intensity of the grid"),
        (
            "mix_g_per_kwh",
            Number,
            "Carbon intensity of the energy consumed, including energy that came through a battery",
        ),
        ("emitted_kg", Number, "CO2 of imports and fuel"),
        ("exported_kg", Number, "CO2 of exported energy"),
        ("cars", Whole, "Cars plugged in at the end of the interval"),
    ]));
    let mut add = |kind: &str, name: &str, parts: &[(&str, Kind, &str)]| {
        for (part, of, meaning) in parts {
            all.push(Field::new(format!("{kind}.{name}.{part}"), *of, *meaning));
        }
    };
    catalog.pv.iter().for_each(|(name, _)| {
        add("pv", name, &[("kw", Number, "Output of the array before curtailment")])
    });
    for (name, _) in &catalog.batteries {
        let parts = [
            ("soc", Number, "State of charge at the end of the interval, 0 to 1"),
            (
                "power_kw",
                Number,
                "Mean power at the battery's terminals; positive when discharging",
            ),
            ("stored_g_per_kwh", Number, "Carbon intensity of the energy stored in the battery"),
        ];
        add("battery", name, &parts);
    }
    catalog
        .gensets
        .iter()
        .for_each(|(name, _)| add("genset", name, &[("kw", Number, "Output of the genset")]));
    catalog
        .loads
        .iter()
        .for_each(|name| add("load", name, &[("kw", Number, "Demand of the load, served or not")]));
    catalog.chargers.iter().for_each(|(name, _)| {
        add("chargers", name, &[("kw", Number, "Mean charging power of the charger group")])
    });
    for name in &catalog.servers {
        let parts = [
            ("up", Flag, "1 if the server runs at the end of the interval, else 0"),
            ("power_w", Number, "Mean power of the server"),
            ("load", Number, "Mean share of the server's cores that were busy, 0 to 1"),
            ("tasks", Whole, "Tasks waiting or running on the server at the end of the interval"),
        ];
        add("server", name, &parts);
    }
    for group in &catalog.groups {
        let parts = [
            ("decided", Whole, "Blocks decided in the interval"),
            ("messages", Whole, "Messages that the group sent in the interval"),
            ("members_up", Whole, "Members running at the end of the interval"),
            ("energy_j", Number, "Energy that the members used for computing and messages"),
            (
                "carbon_g",
                Number,
                "CO2 of the energy that the members used for computing and messages",
            ),
        ];
        add("consensus", &group.name, &parts);
    }
    all
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct TimeSeries {
    table: Table,
    /// How many arrays, batteries, gensets, loads, charger groups, servers and groups there are.
    counts: [usize; 7],
}

impl TimeSeries {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, catalog: &Catalog) -> Self {
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
        crate::tally::energy::fields(&sample.flows).into_iter().for_each(|kw| table.exact(kw));
        table.exact(sample.residual_kwh);
        table.fixed(sample.ghi_w_m2, 3);
        table.fixed(sample.temperature_c, 3);
        table.flag(sample.grid_up);
        let money = &sample.money;
        for value in [
            money.price_per_kwh,
            money.export_price_per_kwh,
            money.import,
            money.carbon,
            money.fuel,
            money.lost_load,
            money.export,
        ] {
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

    /// Whether it could not be written. It is the one that grows with every interval: where the disk
    /// is full, it is among the first to notice.
    pub(crate) fn has_failed(&self) -> bool {
        self.table.has_failed()
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}
