//! A longer run month by month, by the site's calendar: energy, carbon and cost, each with the row of
//! the whole run. Only for runs of more than 31 days: a shorter one is its own month.

use super::Context;
use super::markup::Table;
use crate::number::{human, money, percent};
use crate::tally::energy::Energy;
use gridtwin_twin::record::{Catalog, Sample};
use jiff::civil::Date;

/// Runs up to this long have no monthly tables.
const SHORT_DAYS: u32 = 31;

/// The sums of each month that the run touches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Months {
    wanted: bool,
    all: Vec<((i16, i8), Energy)>,
}

impl Months {
    /// Nothing known yet.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        Self { wanted: catalog.days > SHORT_DAYS, all: Vec::new() }
    }

    /// Adds one interval that begins on this day of the site.
    pub(crate) fn sample(&mut self, sample: &Sample, date: Date) {
        if !self.wanted {
            return;
        }
        let month = (date.year(), date.month());
        if self.all.last().is_none_or(|(last, _)| *last != month) {
            self.all.push((month, Energy::default()));
        }
        if let Some((_, sums)) = self.all.last_mut() {
            sums.add(sample);
        }
    }

    /// A table of one row a month and one of the whole run; nothing for a short run.
    fn table(
        &self,
        context: &Context<'_>,
        title: &str,
        heads: &[&str],
        row: impl Fn(&Energy) -> Vec<String>,
    ) -> String {
        if !self.wanted || self.all.len() < 2 {
            return String::new();
        }
        let mut table = Table::new(title, heads);
        let mut line = |class: &str, name: String, sums: &Energy| {
            let mut cells = vec![name];
            cells.extend(row(sums));
            table.row_of(class, &cells);
        };
        for (month, sums) in &self.all {
            line("", name_of(*month), sums);
        }
        line("sum", "All".to_owned(), &context.tally.energy);
        table.end()
    }

    /// Energy by month.
    pub(super) fn energy(&self, context: &Context<'_>) -> String {
        let mut heads = vec!["Month", "Demand", "PV"];
        let grid = context.catalog.has_grid;
        let gensets = !context.catalog.gensets.is_empty();
        heads.extend(grid.then_some(["Import", "Export"]).into_iter().flatten());
        heads.extend(gensets.then_some("Gensets"));
        heads.extend(["Curtailed", "Not served", "Self-sufficiency"]);
        self.table(context, "Energy by month, kWh", &heads, |sums| {
            let kwh = &sums.kwh;
            let mut shown = vec![kwh.load_kw, kwh.pv_kw];
            shown.extend(grid.then_some([kwh.import_kw, kwh.export_kw]).into_iter().flatten());
            shown.extend(gensets.then_some(kwh.genset_kw));
            shown.extend([kwh.curtailed_kw, kwh.unserved_kw]);
            let mut cells: Vec<String> = shown.into_iter().map(human).collect();
            cells.push(percent(sums.self_sufficiency().unwrap_or(f64::NAN)));
            cells
        })
    }

    /// Carbon by month.
    pub(super) fn carbon(&self, context: &Context<'_>) -> String {
        let heads = ["Month", "Imports", "Fuel", "Operational", "Exported", "g/kWh consumed"];
        self.table(context, "Operational carbon by month, kg CO\u{2082}", &heads, |sums| {
            let fuel_kg = sums.emitted_kg - sums.imported_kg;
            let fuel_kg = if fuel_kg.abs() > 1e-9 * sums.emitted_kg { fuel_kg } else { 0.0 };
            let mut cells: Vec<String> =
                [sums.imported_kg, fuel_kg, sums.emitted_kg, sums.exported_kg].map(human).into();
            cells.push(human(sums.intensity_g_per_kwh().unwrap_or(f64::NAN)));
            cells
        })
    }

    /// Cost by month, with the peak that the demand charge rests on. The change in stored energy is
    /// one of the whole run.
    pub(super) fn cost(&self, context: &Context<'_>) -> String {
        if !self.wanted || self.all.len() < 2 {
            return String::new();
        }
        let (tally, catalog) = (context.tally, context.catalog);
        let charges = tally.months();
        let heads = [
            "Month",
            "Energy",
            "Demand",
            "Fixed",
            "Fuel",
            "Lost load",
            "Exports",
            "Total",
            "Peak kW",
        ];
        let mut table = Table::new(&format!("Cost by month, {}", catalog.currency), &heads);
        for ((year, month), sums) in &self.all {
            let charge = charges.iter().find(|c| (c.year, c.month) == (*year, *month));
            let demand = charge.map_or(0.0, |c| c.peak_kw * catalog.demand_price_per_kw);
            let fixed = charge.map_or(0.0, |_| catalog.fixed_per_month);
            let of = &sums.money;
            let total = of.import + demand + fixed + of.fuel + of.lost_load - of.export;
            let parts = [of.import, demand, fixed, of.fuel, of.lost_load, -of.export, total];
            let mut cells = vec![name_of((*year, *month))];
            cells.extend(parts.map(money));
            cells.push(charge.map_or("none".to_owned(), |c| human(c.peak_kw)));
            table.row(&cells);
        }
        let cost = tally.cost();
        if cost.stored_change != 0.0 {
            let mut cells = vec!["Change in store".to_owned()];
            cells.extend(std::iter::repeat_n(String::new(), 6));
            cells.extend([money(cost.stored_change), String::new()]);
            table.row(&cells);
        }
        let parts = [
            cost.energy,
            cost.demand,
            cost.fixed,
            cost.fuel,
            cost.lost_load,
            -cost.export,
            cost.total(),
        ];
        let highest = charges.iter().map(|c| c.peak_kw).fold(f64::NAN, f64::max);
        let mut cells = vec!["All".to_owned()];
        cells.extend(parts.map(money));
        cells.push(human(highest));
        table.row_of("sum", &cells);
        table.end()
    }
}

/// As in "Jan 2025".
fn name_of((year, month): (i16, i8)) -> String {
    let date = Date::new(year, month, 1);
    date.map_or_else(|_| format!("{year}-{month:02}"), |date| date.strftime("%b %Y").to_string())
}
