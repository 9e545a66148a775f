//! `carbon.csv`: hour by hour, where consumption came from and what it emitted, storage traced.

use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Time};
use crate::dictionary::{self, Field};
use crate::tally::energy::{Energy, sources};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{BatterySample, Catalog, Sample};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("hour_utc", Time, "Start of the hour in UTC"),
        ("hour_local", LocalTime, "Start of the hour in the site's local time"),
        ("consumed_kwh", Number, "Energy that loads, cars, computing and network received"),
        (
            "from_pv_kwh",
            Number,
            "Consumed energy that PV generated, used directly or after storage in a battery",
        ),
        (
            "from_grid_kwh",
            Number,
            "Consumed energy that was imported, used directly or after storage in a battery",
        ),
        (
            "from_genset_kwh",
            Number,
            "Consumed energy that gensets generated, used directly or after storage in a battery",
        ),
        (
            "from_initial_kwh",
            Number,
            "Consumed energy that was already in the batteries at the start of the run",
        ),
        ("mix_g_per_kwh", Number, "Carbon intensity of consumption"),
        ("grid_g_per_kwh", Number, "Carbon intensity of the grid"),
        ("imported_kg", Number, "CO2 of imports"),
        ("fuel_kg", Number, "CO2 of fuel"),
        ("emitted_kg", Number, "CO2 of imports and fuel"),
        ("exported_kg", Number, "CO2 of exported energy"),
        ("stored_kwh", Number, "Energy stored in all batteries at the end of the hour"),
        ("stored_g_per_kwh", Number, "Carbon intensity of the stored energy"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Carbon {
    table: Table,
    sizes_kwh: Vec<f64>,
    hour: u64,
    sums: Energy,
    grid_g_h: f64,
    batteries: Vec<BatterySample>,
}

impl Carbon {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table, catalog: &Catalog) -> Self {
        Self {
            table,
            sizes_kwh: catalog.batteries.iter().map(|(_, kwh)| *kwh).collect(),
            hour: 0,
            sums: Energy::default(),
            grid_g_h: 0.0,
            batteries: Vec::new(),
        }
    }

    /// Adds an interval, and writes the hour before it where it begins a new one.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let hour = sample.at.0 / Span::HOUR.0;
        if hour != self.hour {
            self.write();
            self.hour = hour;
        }
        self.sums.add(sample);
        self.grid_g_h += sample.grid_g_per_kwh * sample.step.as_hours_f64();
        self.batteries.clone_from(&sample.batteries);
    }

    fn write(&mut self) {
        let (sums, table) = (std::mem::take(&mut self.sums), &mut self.table);
        let grid_g_h = std::mem::take(&mut self.grid_g_h);
        if sums.covered.is_zero() {
            return;
        }
        table.time(SimTime(self.hour * Span::HOUR.0));
        table.fixed(sums.consumed_kwh(), 9);
        sources(&sums.consumed).into_iter().for_each(|kwh| table.fixed(kwh, 9));
        table.fixed(sums.intensity_g_per_kwh().unwrap_or(f64::NAN), 4);
        table.fixed(grid_g_h / sums.covered.as_hours_f64(), 4);
        table.significant(sums.imported_kg);
        // Emissions are imports and fuel; a difference below rounding is no fuel.
        let fuel_kg = sums.emitted_kg - sums.imported_kg;
        let is_fuel = fuel_kg.abs() > 1e-9 * sums.emitted_kg.abs();
        table.significant(if is_fuel { fuel_kg } else { 0.0 });
        table.significant(sums.emitted_kg);
        table.significant(sums.exported_kg);
        let stored: Vec<_> = self.batteries.iter().zip(&self.sizes_kwh).collect();
        let stored_kwh: f64 = stored.iter().map(|(b, kwh)| b.soc * *kwh).sum();
        let stored_g: f64 = stored.iter().map(|(b, kwh)| b.soc * *kwh * b.stored_g_per_kwh).sum();
        table.fixed(stored_kwh, 6);
        table.fixed(stored_g / stored_kwh, 4);
        table.end();
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.write();
        self.table.finish()
    }
}
