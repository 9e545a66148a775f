//! The tally as a summary: names, formulas and units of all its metrics.

use super::{Tally, demand::Month, energy, tasks::OUTCOMES};
use crate::Summary;

/// Days of a year, for what is told per year.
const DAYS_PER_YEAR: f64 = 365.25;

/// What the run cost, in the catalogue's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// Imports at their energy price.
    pub(crate) energy: f64,
    /// The grid fee of imports.
    pub(crate) grid_fee: f64,
    /// Taxes and levies on imports.
    pub(crate) tax: f64,
    /// The supplier's margin on imports.
    pub(crate) margin: f64,
    /// Each month's highest 15-minute mean import at its price.
    pub(crate) demand: f64,
    /// The fixed charge of each started month.
    pub(crate) fixed: f64,
    /// VAT on all of the above.
    pub(crate) vat: f64,
    /// The carbon price of imports and fuel.
    pub(crate) carbon: f64,
    /// Fuel.
    pub(crate) fuel: f64,
    /// Demand that was not met, at its price.
    pub(crate) lost_load: f64,
    /// What exports brought.
    pub(crate) export: f64,
    /// What the batteries hold less at the end than at the start, at its price.
    pub(crate) stored_change: f64,
}

impl Cost {
    /// All that is paid less what exports bring, with what the batteries were emptied by.
    pub(crate) fn total(&self) -> f64 {
        let imports = self.energy + self.grid_fee + self.tax + self.margin;
        imports
            + self.demand
            + self.fixed
            + self.vat
            + self.carbon
            + self.fuel
            + self.lost_load
            + self.stored_change
            - self.export
    }
}

/// What a month of the run costs whatever is used in its other hours, without VAT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MonthlyCharge {
    /// The month and its peak.
    pub(crate) month: Month,
    /// The share of the month that is billed: 1, or that of its days which the run covers.
    pub(crate) billed: f64,
    /// Its peak at the demand price, as billed.
    pub(crate) demand: f64,
    /// Its fixed charge, as billed.
    pub(crate) fixed: f64,
}

impl Tally {
    /// The months of the run with their peaks; none without a grid.
    pub(crate) fn months(&self) -> Vec<Month> {
        if self.catalog.has_grid { self.demand.months() } else { Vec::new() }
    }

    /// What each month of the run is charged. Prices rise with each twelfth month after the first.
    pub(crate) fn monthly_charges(&self) -> Vec<MonthlyCharge> {
        let catalog = &self.catalog;
        let months = self.months();
        let Some(first) = months.first().copied() else { return Vec::new() };
        let number = |m: &Month| i32::from(m.year) * 12 + i32::from(m.month);
        let charge = |month: Month| {
            let years = (number(&month) - number(&first)) / 12;
            let billed = if catalog.part_months_by_day { month.share } else { 1.0 };
            let risen = (1.0 + catalog.escalation_per_year).powi(years);
            MonthlyCharge {
                month,
                billed,
                demand: month.peak_kw * catalog.demand_price_per_kw * risen * billed,
                fixed: catalog.fixed_per_month * risen * billed,
            }
        };
        months.into_iter().map(charge).collect()
    }

    /// How months are billed of which the run covers only a part, in words to stand beside the cost;
    /// nothing where there are none, or nothing is paid by the month.
    pub fn billing_note(&self) -> Option<String> {
        let charges = self.monthly_charges();
        let paid = charges.iter().any(|c| c.demand != 0.0 || c.fixed != 0.0);
        let part = charges.iter().any(|c| c.month.share < 1.0 - 1e-9);
        if !(paid && part) {
            return None;
        }
        if self.catalog.part_months_by_day {
            return Some(
                "demand and fixed charges are in proportion to the days that the run covers"
                    .to_owned(),
            );
        }
        let days: f64 = charges.iter().map(|c| c.month.days.0).sum();
        let months = match charges.len() {
            1 => "one whole month".to_owned(),
            n => format!("{n} whole months"),
        };
        let days = crate::number::human(days);
        Some(format!(
            "includes the demand and fixed charges of {months}, although the run covers only {days} day{}",
            if days == "1" { "" } else { "s" }
        ))
    }

    /// What the run cost.
    pub(crate) fn cost(&self) -> Cost {
        let (charges, money) = (self.monthly_charges(), &self.energy.money);
        let demand: f64 = charges.iter().map(|c| c.demand).sum();
        let fixed: f64 = charges.iter().map(|c| c.fixed).sum();
        Cost {
            energy: money.energy,
            grid_fee: money.grid_fee,
            tax: money.tax,
            margin: money.margin,
            demand,
            fixed,
            vat: money.vat + self.catalog.vat * (demand + fixed),
            carbon: money.carbon,
            fuel: money.fuel,
            lost_load: money.lost_load,
            export: money.export,
            stored_change: self.stored_change_cost(),
        }
    }

    /// The run's share of the embodied carbon of PV, batteries and servers, kg.
    pub(crate) fn embodied_kg(&self) -> [f64; 3] {
        let years = self.energy.covered.as_hours_f64() / 24.0 / DAYS_PER_YEAR;
        let (pv, batteries, servers) = self.catalog.embodied_kg_per_year;
        [pv, batteries, servers].map(|per_year| per_year * years)
    }

    /// The summary of what was heard so far.
    pub fn summary(&self) -> Summary {
        let mut out = Summary::default();
        out.add("run.days", self.energy.covered.as_hours_f64() / 24.0, "d");
        self.energy_metrics(&mut out);
        self.money_metrics(&mut out);
        self.car_metrics(&mut out);
        self.task_metrics(&mut out);
        self.group_metrics(&mut out);
        self.resilience_metrics(&mut out);
        out
    }

    fn energy_metrics(&self, out: &mut Summary) {
        let e = &self.energy;
        for (name, kwh) in energy::FLOWS.iter().zip(energy::fields(&e.kwh)) {
            out.add(format!("energy.{name}_kwh"), kwh, "kWh");
        }
        out.add("energy.consumed_kwh", e.consumed_kwh(), "kWh");
        for (name, kwh) in
            ["pv", "grid", "genset", "initial"].iter().zip(energy::sources(&e.consumed))
        {
            out.add(format!("energy.consumed_from_{name}_kwh"), kwh, "kWh");
        }
        let stored = self.stored();
        out.add("energy.stored_start_kwh", stored.start_kwh, "kWh");
        out.add("energy.stored_end_kwh", stored.end_kwh, "kWh");
        out.add("energy.stored_change_kwh", stored.change_kwh(), "kWh");
        out.add("energy.balance_residual_kwh", e.worst_residual_kwh, "kWh");
        let grid = self.catalog.grid_renewable_share;
        out.add("energy.self_sufficiency", e.self_sufficiency(), "");
        out.add("energy.self_sufficiency_of_demand", e.self_sufficiency_of_demand(), "");
        out.add("energy.renewable_share", e.renewable_share(grid), "");
        out.add("energy.renewable_share_of_demand", e.renewable_share_of_demand(grid), "");
        let away: f64 =
            self.outages.until(self.end).iter().map(|(a, b)| (*b - *a).as_hours_f64()).sum();
        out.add("energy.grid_outage_h", self.catalog.has_grid.then_some(away), "h");
        out.add(
            "energy.highest_import_kw",
            self.catalog.has_grid.then_some(e.highest_import_kw),
            "kW",
        );
        out.add("carbon.operational_kg", e.emitted_kg, "kg");
        out.add("carbon.imported_kg", e.imported_kg, "kg");
        out.add("carbon.exported_kg", e.exported_kg, "kg");
        out.add("carbon.consumed_kg", e.consumed_kg(), "kg");
        out.add("carbon.stored_kg", e.stored_kg(), "kg");
        out.add("carbon.embodied_kg", self.embodied_kg().iter().sum::<f64>(), "kg");
        out.add("carbon.intensity_g_per_kwh", e.intensity_g_per_kwh(), "g/kWh");
        if let Some(kg) = e.marginal_kg {
            out.add("carbon.marginal_kg", kg, "kg");
        }
    }

    fn money_metrics(&self, out: &mut Summary) {
        let (cost, unit) = (self.cost(), self.catalog.currency.as_str());
        out.add("cost.energy", cost.energy, unit);
        out.add("cost.grid_fee", cost.grid_fee, unit);
        out.add("cost.tax", cost.tax, unit);
        out.add("cost.margin", cost.margin, unit);
        out.add("cost.demand", cost.demand, unit);
        out.add("cost.fixed", cost.fixed, unit);
        out.add("cost.vat", cost.vat, unit);
        out.add("cost.carbon", cost.carbon, unit);
        out.add("cost.fuel", cost.fuel, unit);
        out.add("cost.lost_load", cost.lost_load, unit);
        out.add("cost.export", cost.export, unit);
        out.add("cost.stored_change", cost.stored_change, unit);
        out.add("cost.total", cost.total(), unit);
    }

    fn car_metrics(&self, out: &mut Summary) {
        let served = self.cars.served();
        let sum = |f: fn(&super::cars::Served) -> f64| served.iter().map(f).sum::<f64>();
        out.add("ev.sessions", sum(|s| s.sessions as f64), "");
        out.add("ev.left_short", sum(|s| s.short as f64), "");
        out.add("ev.still_there", self.cars.open().count() as f64, "");
        out.add("ev.asked_kwh", sum(|s| s.asked_kwh), "kWh");
        out.add("ev.delivered_kwh", sum(|s| s.delivered_kwh), "kWh");
        out.add("ev.waited_h", sum(|s| s.waited_h), "h");
    }

    fn task_metrics(&self, out: &mut Summary) {
        let all = self.tasks.totals().sum(|_, _| true);
        let arrived = all.arrived() as f64;
        out.add("tasks.arrived", arrived, "");
        out.add("tasks.completed", all.completed() as f64, "");
        out.add("tasks.missed", all.missed() as f64, "");
        out.add("tasks.lost", all.lost() as f64, "");
        for (outcome, n) in OUTCOMES.iter().zip(all.outcomes).skip(2) {
            out.add(format!("tasks.{}", outcome.name().replace('-', "_")), n as f64, "");
        }
        out.add("tasks.latency_ms_mean", all.latency_ms.mean(), "ms");
        for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            out.add(format!("tasks.latency_ms_{name}"), all.latency_ms.quantile(q), "ms");
        }
        out.add("tasks.latency_ms_max", all.latency_ms.max(), "ms");
        // 0 / 0 is no number, and a metric without one is left empty.
        out.add("tasks.energy_j_per_task", all.energy_j / arrived, "J");
        out.add("tasks.carbon_g_per_task", all.carbon_g / arrived, "g");
        self.class_metrics(out);
    }

    /// The same of each class of tasks.
    fn class_metrics(&self, out: &mut Summary) {
        let streams = &self.catalog.streams;
        let totals = self.tasks.totals();
        for (i, stream) in streams.iter().enumerate() {
            let class = totals.sum(|of, _| of == i);
            let arrived = class.arrived() as f64;
            let mut add = |what: &str, value: Option<f64>, unit: &str| {
                out.add(format!("tasks.{}.{what}", stream.name), value, unit);
            };
            add("arrived", Some(arrived), "");
            add("completed", Some(class.completed() as f64), "");
            add("missed", Some(class.missed() as f64), "");
            add("lost", Some(class.lost() as f64), "");
            add("latency_ms_p95", class.latency_ms.quantile(0.95), "ms");
            add("carbon_g_per_task", Some(class.carbon_g / arrived), "g");
        }
    }

    fn group_metrics(&self, out: &mut Summary) {
        for (info, group) in self.catalog.groups.iter().zip(&self.groups.0) {
            let mut add = |what: &str, value: Option<f64>, unit: &str| {
                out.add(format!("consensus.{}.{what}", info.name), value, unit);
            };
            add("decided", Some(group.decided as f64), "");
            add("receipts", Some(group.receipts as f64), "");
            add("messages", Some(group.messages as f64), "");
            add("latency_ms_p50", group.latency_ms.quantile(0.5), "ms");
            add("latency_ms_p99", group.latency_ms.quantile(0.99), "ms");
            add("longest_gap_s", Some(group.longest_gap(self.end).as_secs_f64()), "s");
            add("energy_j", Some(group.energy_j), "J");
            add("carbon_g", Some(group.carbon_g), "g");
            add("view_changes", Some(group.view_changes as f64), "");
            add("voters_down", Some(group.voters_down as f64), "");
            add("violations", Some(group.violations as f64), "");
        }
    }
}
