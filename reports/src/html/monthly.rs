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
        let charges = tally.monthly_charges();
        let cost = tally.cost();
        // Lines that this run does not have are left out.
        let vat_of = |charge: f64| charge * (1.0 + catalog.vat);
        let all = [
            ("Imports", cost.energy + cost.grid_fee + cost.tax + cost.margin + self.vat()),
            ("Demand charge", vat_of(cost.demand)),
            ("Fixed charges", vat_of(cost.fixed)),
            ("Carbon", cost.carbon),
            ("Fuel", cost.fuel),
            ("Lost load", cost.lost_load),
            ("Exports", -cost.export),
        ];
        let shown: Vec<bool> = all.iter().map(|(_, amount)| *amount != 0.0).collect();
        let mut heads = vec!["Month"];
        heads.extend(all.iter().zip(&shown).filter(|(_, shown)| **shown).map(|((h, _), _)| *h));
        heads.extend(["Total", "Peak kW"]);
        let lines = shown.iter().filter(|shown| **shown).count();
        let vat = if catalog.vat > 0.0 { ", with VAT" } else { "" };
        let mut table = Table::new(&format!("Cost by month, {}{vat}", catalog.currency), &heads);
        let mut line = |class: &str, name: String, parts: [f64; 7], more: f64, peak: String| {
            let mut cells = vec![name];
            let parts = parts.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(p, _)| *p);
            let parts: Vec<f64> = parts.collect();
            cells.extend(parts.iter().map(|part| money(*part)));
            cells.extend([money(parts.iter().sum::<f64>() + more), peak]);
            table.row_of(class, &cells);
        };
        for ((year, month), sums) in &self.all {
            let charge = charges.iter().find(|c| (c.month.year, c.month.month) == (*year, *month));
            let (demand, fixed) = charge.map_or((0.0, 0.0), |c| (c.demand, c.fixed));
            let of = &sums.money;
            let (demand, fixed) = (vat_of(demand), vat_of(fixed));
            let parts = [of.import, demand, fixed, of.carbon, of.fuel, of.lost_load, -of.export];
            let peak = charge.map_or_else(String::new, |c| human(c.month.peak_kw));
            line("", name_of((*year, *month)), parts, 0.0, peak);
        }
        let highest = charges.iter().map(|c| c.month.peak_kw).fold(f64::NAN, f64::max);
        let highest = if charges.is_empty() { String::new() } else { human(highest) };
        line("sum", "All".to_owned(), all.map(|(_, amount)| amount), cost.stored_change, highest);
        let table = table.end();
        match (cost.stored_change == 0.0, lines) {
            (true, _) | (_, 0) => table,
            _ => format!(
                "{table}<p>The total of the whole run includes {} for the change in stored energy.</p>\n",
                money(cost.stored_change)
            ),
        }
    }

    /// VAT of all imports; that of monthly charges is theirs.
    fn vat(&self) -> f64 {
        self.all.iter().map(|(_, sums)| sums.money.vat).sum()
    }
}

/// As in "Jan 2025".
fn name_of((year, month): (i16, i8)) -> String {
    let date = Date::new(year, month, 1);
    date.map_or_else(|_| format!("{year}-{month:02}"), |date| date.strftime("%b %Y").to_string())
}
