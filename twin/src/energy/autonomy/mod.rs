//! How long a site serves its demand with what it has: without its grid, or on an island without
//! deliveries of fuel. An outage is begun at every hour of a run, with what the batteries and tanks
//! held then, and followed step by step until demand cannot be met.
//!
//! The measure is that of resilience studies: hours survived from every start, and the share of
//! starts that survive h hours. N. D. Laws, K. Anderson, N. A. DiOrio, X. Li and J. McLaren,
//! "Impacts of valuing resilience on cost-optimal PV and storage systems for commercial buildings",
//! Renewable Energy 127 (2018) 896, section 2.3.
//!
//! This is a pure function on courses that a run has recorded. It decides as the engine does on an
//! island (PV, then gensets by their thresholds and where needed, then batteries) in steps of
//! constant power, and switches nobody off: the first step in which demand is not met ends it.

mod outage;
mod survival;

pub use survival::{Survival, Survived, survival, survived};

use crate::scenario;

/// What a site has to live on in an outage. Not what it holds, which is in [`Course`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    /// Its batteries.
    pub batteries: Vec<Storage>,
    /// Its gensets, in the order in which they start.
    pub gensets: Vec<Generator>,
    /// Seed of the gensets' failures.
    pub seed: u64,
}

/// A battery's limits at its AC terminals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Storage {
    /// Energy between empty and full, kWh.
    pub capacity_kwh: f64,
    /// Greatest charging power, kW.
    pub charge_kw: f64,
    /// Greatest discharging power, kW.
    pub discharge_kw: f64,
    /// What arrives in the cells of what is charged, 0 to 1.
    pub charge_efficiency: f64,
    /// What arrives at the terminals of what leaves the cells, 0 to 1.
    pub discharge_efficiency: f64,
    /// Share of the stored energy that is lost in a day of rest, 0 to 1.
    pub self_discharge_per_day: f64,
    /// Lowest and highest state of charge in use, 0 to 1.
    pub soc_window: (f64, f64),
    /// Whether its inverter can hold up an island.
    pub grid_forming: bool,
}

/// A genset's limits and appetite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generator {
    /// Rated power, kW.
    pub capacity_kw: f64,
    /// Lowest power at which it may run, kW.
    pub minimum_kw: f64,
    /// Fuel for each kWh made, l/kWh.
    pub fuel_l_per_kwh: f64,
    /// Fuel of running, whatever it makes, l/h.
    pub idle_l_per_h: f64,
    /// States of charge at or below which it starts, and at or above which it stops.
    pub thresholds: (f64, f64),
    /// Its failures; none where it never fails.
    pub failures: Option<Failures>,
}

/// Failures at random, and repairs: both exponentially distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failures {
    /// Mean time from a repair to the next failure, h.
    pub mean_h_to_failure: f64,
    /// Mean time of a repair, h.
    pub mean_h_to_repair: f64,
}

/// A run as an outage sees it: equal steps, each with its mean powers, and what was stored when it
/// began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// A step's length, h.
    pub step_h: f64,
    /// What must be served in each step, kW.
    pub demand_kw: Vec<f64>,
    /// What PV could give in each step, kW.
    pub pv_kw: Vec<f64>,
    /// What each battery held at each step's beginning, kWh: battery by battery, step by step.
    pub stored_kwh: Vec<f64>,
    /// What fuel each genset could burn from each step's beginning, litres; infinite where it has no
    /// end.
    pub fuel_l: Vec<f64>,
    /// Whether what follows the last step is the first one, as in a whole year.
    pub repeats: bool,
}

impl Site {
    /// The scenario's batteries and gensets.
    pub fn new(scenario: &scenario::Scenario) -> Self {
        Self {
            batteries: scenario.batteries.iter().map(Storage::new).collect(),
            gensets: scenario.gensets.iter().map(Generator::new).collect(),
            seed: scenario.seed,
        }
    }
}

impl Storage {
    /// The limits of a scenario's battery.
    pub fn new(battery: &scenario::Battery) -> Self {
        Self {
            capacity_kwh: battery.capacity_kwh.get(),
            charge_kw: battery.charge_kw.get(),
            discharge_kw: battery.discharge_kw.get(),
            charge_efficiency: battery.charge_efficiency.get(),
            discharge_efficiency: battery.discharge_efficiency.get(),
            self_discharge_per_day: battery.self_discharge_per_day.get(),
            soc_window: (battery.soc_min.get(), battery.soc_max.get()),
            grid_forming: battery.grid_forming,
        }
    }
}

impl Generator {
    /// The limits of a scenario's genset.
    pub fn new(genset: &scenario::Genset) -> Self {
        let capacity_kw = genset.capacity_kw.get();
        Self {
            capacity_kw,
            minimum_kw: genset.minimum_load.get() * capacity_kw,
            fuel_l_per_kwh: genset.fuel_l_per_kwh.get(),
            idle_l_per_h: genset.fuel_l_per_h_per_kw.get() * capacity_kw,
            thresholds: (genset.start_below_soc.get(), genset.stop_above_soc.get()),
            failures: None,
        }
    }
}

impl Course {
    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.demand_kw.len()
    }

    /// Whether each step has its powers, and what each battery and tank of the site held.
    fn is_of(&self, site: &Site) -> bool {
        self.pv_kw.len() >= self.len()
            && self.stored_kwh.len() >= self.len() * site.batteries.len()
            && self.fuel_l.len() >= self.len() * site.gensets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.demand_kw.is_empty()
    }
}

#[cfg(test)]
mod tests;
