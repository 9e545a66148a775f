//! What an island's plant costs: prices of the four components, and how a year's operation wears them.
//!
//! Turns a mix and its year into [`Component`]s; the discounting is `money`'s business.

use super::error::{Error, require};
use super::money::{Component, Money, Project, evaluate};
use super::operation::Operation;
use super::site::Mix;
use serde::{Deserialize, Serialize};

/// Prices and lives of everything an island may build, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The diesel genset.
    pub genset: GensetPrices,
    /// The battery.
    pub battery: BatteryPrices,
    /// The PV plant.
    pub pv: SourcePrices,
    /// The wind plant.
    pub wind: SourcePrices,
}

/// Prices of a genset, worn by the hours it runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GensetPrices {
    /// Price of a rated kW.
    pub price_per_kw: f64,
    /// Operation and maintenance of a rated kW for each hour of running.
    pub om_per_kw_h: f64,
    /// Life, in hours of running. One that never runs never wears.
    pub life_h: f64,
    /// Price of a litre of fuel.
    pub fuel_price_per_l: f64,
}

/// Prices of a battery, worn by the years or by the cycles, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatteryPrices {
    /// Price of a kWh of capacity.
    pub price_per_kwh: f64,
    /// Operation and maintenance of a kWh of capacity, a year.
    pub om_per_kwh_year: f64,
    /// Life on the shelf, in years.
    pub life_years: f64,
    /// Life in full cycles.
    pub life_cycles: f64,
}

/// Prices of a PV or wind plant, worn by the years.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcePrices {
    /// Price of a rated kW.
    pub price_per_kw: f64,
    /// Operation and maintenance of a rated kW, a year.
    pub om_per_kw_year: f64,
    /// Life, in years.
    pub life_years: f64,
}

/// The genset, battery, PV and wind of a mix, priced and worn as the operation says.
///
/// A run that is not a year long stands for a year of such runs ([`Operation::runs_per_year`]).
#[must_use]
pub fn island_components(prices: &Prices, mix: &Mix, operation: &Operation) -> [Component; 4] {
    let Prices { genset, battery, pv, wind } = prices;
    let per_year = operation.runs_per_year();
    let genset_hours = operation.genset_hours_h * per_year;
    let cycles = operation.storage_cycles * per_year;
    [
        Component {
            om_per_unit_year: genset.om_per_kw_h * genset_hours,
            fuel_per_year: genset.fuel_price_per_l * operation.genset_fuel_l * per_year,
            ..plain("genset", mix.genset_kw, genset.price_per_kw, genset.life_h / genset_hours)
        },
        Component {
            om_per_unit_year: battery.om_per_kwh_year,
            ..plain(
                "battery",
                mix.battery_kwh,
                battery.price_per_kwh,
                battery.life_years.min(battery.life_cycles / cycles),
            )
        },
        source("pv", mix.pv_kw, pv),
        source("wind", mix.wind_kw, wind),
    ]
}

/// The money of one candidate: its components over the project, and the cost of a served kWh.
#[must_use]
pub fn island_money(project: &Project, prices: &Prices, mix: &Mix, operation: &Operation) -> Money {
    let served_kwh_per_year = operation.served_energy_kwh * operation.runs_per_year();
    evaluate(project, &island_components(prices, mix, operation), served_kwh_per_year)
}

impl Prices {
    /// The prices of the worked case of Microgrids.py, the island of Ouessant, in dollars; its project
    /// lasts 25 years at 5 %.
    #[must_use]
    pub fn ouessant() -> Self {
        Self {
            genset: GensetPrices {
                price_per_kw: 400.0,
                om_per_kw_h: 0.02,
                life_h: 15_000.0,
                fuel_price_per_l: 1.0,
            },
            battery: BatteryPrices {
                price_per_kwh: 350.0,
                om_per_kwh_year: 10.0,
                life_years: 15.0,
                life_cycles: 3000.0,
            },
            pv: SourcePrices { price_per_kw: 1200.0, om_per_kw_year: 20.0, life_years: 25.0 },
            wind: SourcePrices { price_per_kw: 3500.0, om_per_kw_year: 100.0, life_years: 25.0 },
        }
    }

    /// Checks every price and life.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first price that is negative or life that is not positive.
    pub fn check(&self) -> Result<(), Error> {
        let Self { genset, battery, pv, wind } = self;
        let price = |name: &str, value: f64| {
            require(value.is_finite() && value >= 0.0, name, value, "a finite number, 0 or more")
        };
        let life = |name: &str, value: f64| require(value > 0.0, name, value, "more than 0");
        price("genset.price_per_kw", genset.price_per_kw)?;
        price("genset.om_per_kw_h", genset.om_per_kw_h)?;
        life("genset.life_h", genset.life_h)?;
        price("genset.fuel_price_per_l", genset.fuel_price_per_l)?;
        price("battery.price_per_kwh", battery.price_per_kwh)?;
        price("battery.om_per_kwh_year", battery.om_per_kwh_year)?;
        life("battery.life_years", battery.life_years)?;
        life("battery.life_cycles", battery.life_cycles)?;
        price("pv.price_per_kw", pv.price_per_kw)?;
        price("pv.om_per_kw_year", pv.om_per_kw_year)?;
        life("pv.life_years", pv.life_years)?;
        price("wind.price_per_kw", wind.price_per_kw)?;
        price("wind.om_per_kw_year", wind.om_per_kw_year)?;
        life("wind.life_years", wind.life_years)
    }
}

fn source(name: &str, size: f64, prices: &SourcePrices) -> Component {
    Component {
        om_per_unit_year: prices.om_per_kw_year,
        ..plain(name, size, prices.price_per_kw, prices.life_years)
    }
}

fn plain(name: &str, size: f64, unit_price: f64, life_years: f64) -> Component {
    Component {
        name: name.into(),
        size,
        unit_price,
        om_per_unit_year: 0.0,
        operating_per_year: 0.0,
        fuel_per_year: 0.0,
        carbon_per_year: 0.0,
        life_years,
        replacement_share: 1.0,
        salvage_share: 1.0,
    }
}
