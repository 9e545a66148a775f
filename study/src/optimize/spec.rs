//! An optimisation as the user writes it: what may be chosen, what each choice costs, and what is to
//! be little. Not how it is searched.

use crate::design::Values;
use crate::island::{Columns, Mix, Prices, Project, Site};
use gridtwin_twin::scenario::{Id, Source};
use serde::Deserialize;
use std::path::PathBuf;

/// An optimisation's file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimization {
    /// A short name: its directory is called after it.
    pub name: Id,
    /// What the optimisation is about; shown on its report page.
    #[serde(default)]
    pub description: String,
    /// What is optimised, and by which model.
    pub site: SiteModel,
    /// The objectives to minimise; the winner is the best candidate in the first of them.
    #[serde(default = "default_objectives")]
    pub minimise: Vec<Objective>,
    /// Limits that a candidate must meet.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Life of the project, discount rate and price rises.
    #[serde(default)]
    pub project: Project,
    /// The currency of all prices.
    #[serde(default = "default_currency")]
    pub currency: String,
    /// How it is searched.
    #[serde(default)]
    pub search: Search,
    /// Where all this was written.
    #[serde(skip)]
    pub source: Source,
}

/// The model that evaluates a candidate.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum SiteModel {
    /// The hourly model of an island: load-following dispatch of PV, wind, a battery and a genset.
    /// Quick: sixteen thousand candidate-years a second.
    Island(Box<IslandSite>),
    /// The twin itself: everything that a scenario can contain, including policies and protocols.
    Twin(TwinSite),
}

/// An island for the hourly model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IslandSite {
    /// Where load, sun and wind come from.
    pub traces: TracesFrom,
    /// Technical data of the genset, battery, PV and wind plant.
    #[serde(default = "Site::ouessant")]
    pub plant: Site,
    /// Prices and lives of the plant.
    #[serde(default = "Prices::ouessant")]
    pub prices: Prices,
    /// Sizes of the genset to choose from, kW.
    pub genset_kw: Values,
    /// Sizes of the battery, kWh.
    pub battery_kwh: Values,
    /// Sizes of the PV plant, kWp.
    pub pv_kw: Values,
    /// Sizes of the wind plant, kW; none by default.
    #[serde(default = "nothing")]
    pub wind_kw: Values,
    /// What the winner is compared with.
    #[serde(default)]
    pub base_case: Option<Mix>,
}

/// Where the island's traces come from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum TracesFrom {
    /// A CSV file, from the optimisation's own folder.
    Csv {
        /// The file.
        path: PathBuf,
        /// Which columns.
        columns: Columns,
    },
    /// The demand and the PV generation of a scenario, as simulated by the twin.
    Scenario {
        /// The scenario's file, from the optimisation's own folder.
        path: PathBuf,
        /// Number of days to simulate; a year by default.
        #[serde(default = "year")]
        days: u32,
    },
}

/// A scenario that is changed and run by the twin.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinSite {
    /// The scenario, from the optimisation's own folder.
    pub base: PathBuf,
    /// Each run lasts this many days from the scenario's start; a year by default. Fewer days are
    /// scaled to a year, and the results say so.
    #[serde(default)]
    pub days: Option<u32>,
    /// Weeks that stand for a year, instead of `days`.
    #[serde(default)]
    pub weeks: Option<Weeks>,
    /// Whether tasks run and consensus groups vote. By default only where a choice, an objective or
    /// a limit depends on them; otherwise servers, devices and network draw their idle power, which
    /// is much quicker.
    #[serde(default)]
    pub simulate_computing: Option<bool>,
    /// Values that are set in every run, as `PATH=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Number of random seeds with which each candidate is run; its figures are the means.
    #[serde(default = "one")]
    pub replicates: u32,
    /// The sizes and policies to choose.
    pub choose: Vec<Choice>,
}

/// Weeks that stand for a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Weeks {
    /// The weeks from the Monday on or before 15 January, April, July and October, in the year in
    /// which the scenario starts. Each stands for a quarter of the year, 13.04 weeks. A monthly
    /// demand charge is that of the week's peak, so that higher peaks in other weeks are missed.
    FourSeasons,
}

/// A size or a policy of the scenario to choose.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Path of the field in the scenario.
    pub path: String,
    /// Its name in the results; by default the path.
    #[serde(default)]
    pub name: Option<String>,
    /// The values to choose from: increasing numbers are a size, anything else is a choice. A
    /// battery, PV array, genset or group of chargers of size 0 is not installed.
    pub values: Values,
    /// Price of a unit of the size. A size without a price costs nothing, and the results warn of
    /// it; `price: (per_unit: 0)` says that it is free.
    #[serde(default)]
    pub price: Option<Price>,
    /// Other fields that grow with the size, such as a battery's power with its capacity.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The value in the base case; by default the scenario's.
    #[serde(default)]
    pub base_case: Option<crate::design::Value>,
}

/// A value that is set in proportion to a size.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Path of the field in the scenario.
    pub path: String,
    /// Its value per unit of the size: with 0.5, a size of 100 kWh sets 50 kW.
    pub per_unit: f64,
}

/// What a unit of a size costs.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Price of a unit.
    pub per_unit: f64,
    /// Operation and maintenance of a unit, a year.
    #[serde(default)]
    pub om_per_unit_year: f64,
    /// Life of the equipment, years; required if it has a price.
    #[serde(default)]
    pub life_years: Option<f64>,
}

impl Price {
    /// What is wrong with it, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self { per_unit, om_per_unit_year, life_years } = *self;
        for (name, value) in [("per_unit", per_unit), ("om_per_unit_year", om_per_unit_year)] {
            if !value.is_finite() || value < 0.0 {
                return Err(format!("found {name}: {value}, expected a price of zero or above"));
            }
        }
        match life_years {
            Some(years) if years.is_nan() || years <= 0.0 => {
                Err(format!("found life_years: {years}, expected more than 0"))
            }
            None if per_unit > 0.0 => {
                Err("life_years is missing: give the number of years after which the equipment is replaced"
                    .into())
            }
            _ => Ok(()),
        }
    }
}

/// An objective. All are minimised, except [`Objective::Most`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Objective {
    /// All costs over the project's life, discounted.
    NetPresentCost,
    /// Net present cost per kWh served, levelised.
    LevelisedCost,
    /// The investment at the start.
    Investment,
    /// CO2 of a year, imports and fuel, kg.
    Carbon,
    /// Demand of a year that is not met, kWh.
    Unserved,
    /// A metric of the run's summary, by its name; only with the twin.
    Metric(String),
    /// A metric to maximise.
    Most(String),
}

/// An upper or a lower limit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The limited figure, in the unit of the results.
    pub of: Objective,
    /// The highest value that is allowed; none by default.
    #[serde(default)]
    pub most: Option<f64>,
    /// The lowest value that is allowed; none by default.
    #[serde(default)]
    pub least: Option<f64>,
}

impl Limit {
    /// By how much a value is outside, as a share of the limit; 0 where it keeps to it.
    pub(super) fn violation(&self, value: f64) -> f64 {
        let share = |beyond: f64, limit: f64| {
            let unit = if limit == 0.0 { 1.0 } else { limit.abs() };
            (beyond / unit).max(0.0)
        };
        self.most.map_or(0.0, |most| share(value - most, most))
            + self.least.map_or(0.0, |least| share(least - value, least))
    }
}

/// How candidates are chosen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// If the listed values make at most this many combinations, all are evaluated; otherwise
    /// NSGA-II searches.
    pub exhaustive_up_to: u64,
    /// Number of candidates in a generation.
    pub population: usize,
    /// Number of generations after the first.
    pub generations: usize,
    /// Random seed of the search: the same seed gives the same result.
    pub seed: u64,
    /// Whether sizes are refined between the listed values at the end.
    pub polish: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self { exhaustive_up_to: 20_000, population: 120, generations: 60, seed: 1, polish: true }
    }
}

fn default_objectives() -> Vec<Objective> {
    vec![Objective::NetPresentCost, Objective::Carbon]
}
fn default_currency() -> String {
    "EUR".to_owned()
}
fn nothing() -> Values {
    Values::List(vec![0.0.into()])
}
fn year() -> u32 {
    365
}
fn one() -> u32 {
    1
}
