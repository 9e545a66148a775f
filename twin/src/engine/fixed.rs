//! All that is known of a run before it begins and never changes in it: courses of weather, loads,
//! prices and carbon on the run's intervals, ratings, names. Forks of a twin share it.

use super::schedule::Struck;
use crate::record::Catalog;
use crate::scenario::Scenario;
use gridtwin_kernel::{SimTime, Span};

/// Courses over the run, one value an interval.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    /// Each array's AC power before curtailment.
    pub(crate) pv_kw: Vec<Vec<f64>>,
    pub(crate) loads_kw: Vec<Vec<f64>>,
    pub(crate) price_per_kwh: Vec<f64>,
    pub(crate) grid_g_per_kwh: Vec<f64>,
    pub(crate) cloud_g_per_kwh: Vec<f64>,
    pub(crate) ghi_w_m2: Vec<f64>,
    pub(crate) temperature_c: Vec<f64>,
}

/// What never changes. Vectors stand in the scenario's order.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    /// The scenario as it is now, with all changes in it.
    pub(crate) scenario: Scenario,
    pub(crate) catalog: Catalog,
    pub(crate) traces: Traces,
    pub(crate) step: Span,
    pub(crate) end: SimTime,
    pub(crate) import_limit_kw: f64,
    pub(crate) export_limit_kw: f64,
    pub(crate) export_price_per_kwh: f64,
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
    /// How many links there are.
    pub(crate) links: usize,
    /// What each fault strikes.
    pub(crate) struck: Vec<Struck>,
}
