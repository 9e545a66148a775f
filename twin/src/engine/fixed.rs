//! All that is known of a run and does not change by itself: courses of weather, loads, prices and
//! carbon on the run's intervals, ratings, names. Forks of a twin share it; one that is changed from
//! outside gets another, which shares with the first what is the same.

use super::book::Rates;
use super::courses::{Course, Inputs, Overcast};
use super::schedule::Struck;
use crate::energy::calendar::Calendar;
use crate::energy::stored_mix::StoredMix;
use crate::energy::tariff::Escalation;
use crate::record::Catalog;
use crate::scenario::{Additions, Battery, Change, Scenario};
use crate::weather::Trace;
use gridtwin_kernel::{SimTime, Span};
use std::sync::Arc;

/// Changes that are planned: when, which of the scenario's list, what. In order of time.
pub(crate) type Planned = Arc<[(SimTime, usize, Change)]>;

/// Courses over the run, one value an interval.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// Each array's AC power before curtailment.
    pub(crate) pv_kw: Vec<Course>,
    pub(crate) loads_kw: Vec<Course>,
    /// Energy price of an imported kWh, its full price, and what an exported one brings.
    pub(crate) energy_price_per_kwh: Course,
    pub(crate) price_per_kwh: Course,
    /// The price that thresholds are compared with.
    pub(crate) unscaled_price_per_kwh: Course,
    pub(crate) export_price_per_kwh: Course,
    pub(crate) grid_g_per_kwh: Course,
    /// What one kWh more or less emits, where the scenario names a source for it.
    pub(crate) marginal_g_per_kwh: Option<Course>,
    pub(crate) cloud_g_per_kwh: Course,
    pub(crate) ghi_w_m2: Course,
    pub(crate) temperature_c: Course,
    /// What PV is made from: the sky, and clouds that came before it in flight.
    pub(crate) sky: Arc<Trace>,
    pub(crate) overcasts: Vec<Overcast>,
    /// What was understood of the files that the courses are made from.
    pub(crate) inputs: Inputs,
}

/// What the energy is that the batteries hold when the run begins: beside a grid it is the grid's,
/// with its mean carbon and price over the run; on an island it came from nowhere. And what PV is worth
/// that they hold when it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Initial {
    of_grid: bool,
    g_per_kwh: f64,
    price_per_kwh: f64,
    /// What PV in store could have earned: the mean export price; nothing where exporting costs.
    pub(crate) pv_price_per_kwh: f64,
}

impl Initial {
    pub(crate) fn new(scenario: &Scenario, traces: &Traces) -> Self {
        let mean = |course: &Course| course.iter().sum::<f64>() / course.len().max(1) as f64;
        Self {
            of_grid: scenario.grid.is_some(),
            g_per_kwh: mean(&traces.grid_g_per_kwh),
            price_per_kwh: mean(&traces.price_per_kwh),
            pv_price_per_kwh: mean(&traces.export_price_per_kwh).max(0.0),
        }
    }

    /// The mix of a battery that holds `stored_kwh`.
    pub(crate) fn mix(&self, battery: &Battery, stored_kwh: f64) -> StoredMix {
        let g_per_kwh = battery.stored_g_per_kwh.map_or(self.g_per_kwh, |g| g.get());
        if self.of_grid {
            StoredMix::of_grid(stored_kwh, g_per_kwh, self.price_per_kwh)
        } else {
            StoredMix::new(stored_kwh, g_per_kwh)
        }
    }
}

/// What does not change by itself. Vectors stand in the scenario's order.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    /// The scenario as it is now, with all changes in it.
    pub(crate) scenario: Scenario,
    pub(crate) catalog: Catalog,
    pub(crate) calendar: Calendar,
    pub(crate) changes: Planned,
    pub(crate) traces: Traces,
    pub(crate) initial: Initial,
    pub(crate) step: Span,
    pub(crate) end: SimTime,
    pub(crate) import_limit_kw: f64,
    pub(crate) export_limit_kw: f64,
    /// What is paid for an imported kWh besides, in the run's first year.
    pub(crate) additions: Additions,
    pub(crate) escalation: Escalation,
    /// Price of a kg of operational CO2.
    pub(crate) carbon_price_per_kg: f64,
    pub(crate) rated_charge_kw: f64,
    pub(crate) rated_discharge_kw: f64,
    /// Whether each battery's inverter can hold up an island.
    pub(crate) grid_forming: Vec<bool>,
    /// Price of a kWh that a load does not get.
    pub(crate) lost_load_price: Vec<f64>,
    pub(crate) fleet_idle_kw: Vec<f64>,
    pub(crate) server_idle_kw: Vec<f64>,
    pub(crate) server_busy_kw: Vec<f64>,
    pub(crate) server_cores: Vec<f64>,
    pub(crate) switch_kw: Vec<f64>,
    /// Whether there is anything that computes or sends.
    pub(crate) computes: bool,
    /// How many links there are.
    pub(crate) links: usize,
    /// What each fault strikes.
    pub(crate) struck: Vec<Struck>,
}

impl Fixed {
    /// Prices in an interval.
    pub(crate) fn rates(&self, k: usize) -> Rates {
        let risen = self.escalation.factor(k);
        Rates {
            price_per_kwh: self.traces.price_per_kwh[k],
            energy_per_kwh: self.traces.energy_price_per_kwh[k],
            grid_fee_per_kwh: self.additions.grid_fee_per_kwh.get() * risen,
            tax_per_kwh: self.additions.tax_per_kwh.get() * risen,
            margin_per_kwh: self.additions.margin_per_kwh.get() * risen,
            vat: self.additions.vat.get(),
            export_per_kwh: self.traces.export_price_per_kwh[k],
            carbon_per_kg: self.carbon_price_per_kg,
        }
    }

    /// What one imported kWh less saves in an interval, its carbon price included; below zero where
    /// the site is paid to import.
    pub(crate) fn marginal_price_per_kwh(&self, k: usize) -> f64 {
        let carbon_kg_per_kwh = self.traces.grid_g_per_kwh[k] / 1000.0;
        self.traces.price_per_kwh[k] + carbon_kg_per_kwh * self.carbon_price_per_kg
    }
}
