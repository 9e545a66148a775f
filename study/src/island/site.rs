//! The fixed technical parameters of an island's plant, and the sizes a study may choose.
//!
//! No prices (see `prices`) and no time series (see `traces`).

use super::error::{Error, require, require_share, require_size};
use serde::{Deserialize, Serialize};

/// What a study keeps fixed: how the genset burns, how the battery loses, what PV is derated by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The diesel genset.
    pub genset: Genset,
    /// The battery.
    pub battery: Battery,
    /// Share of the PV trace that reaches the bus, between 0 and 1.
    pub pv_derating: f64,
}

/// A diesel genset with a linear fuel curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genset {
    /// Fuel burnt an hour while running, for each rated kW, in L/(h kW).
    pub fuel_intercept_l_per_kw_h: f64,
    /// Further fuel for each kWh made, in L/kWh.
    pub fuel_slope_l_per_kwh: f64,
    /// Least power while running, as a share of the rated power, between 0 and 1.
    pub min_load_ratio: f64,
    /// Carbon dioxide from burning a litre, in kg/L.
    pub co2_kg_per_l: f64,
}

/// A battery that loses a fixed share of the power passing its terminals, each way.
///
/// Charging at P stores (1 - loss) P; discharging at P takes (1 + loss) P out of the store.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// Greatest charging power over the energy capacity, in kW/kWh (1 is "1C").
    pub charge_rate_per_h: f64,
    /// Greatest discharging power over the energy capacity, in kW/kWh.
    pub discharge_rate_per_h: f64,
    /// Share of the power lost, each way; at least 0, less than 1.
    pub loss_factor: f64,
    /// Least state of charge, between 0 and 1.
    pub soc_min: f64,
    /// State of charge at the start; between `soc_min` and 1.
    pub soc_start: f64,
}

/// The sizes of a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Rated power of the genset, in kW.
    pub genset_kw: f64,
    /// Energy capacity of the battery, in kWh.
    pub battery_kwh: f64,
    /// Peak power of the PV plant, in kW (kWp).
    pub pv_kw: f64,
    /// Rated power of the wind plant, in kW.
    pub wind_kw: f64,
}

impl Site {
    /// The parameters of the worked case of Microgrids.py, the island of Ouessant: 0.240 L/kWh without
    /// intercept, a battery of 1C both ways that loses 5 % each way and starts empty, no PV derating.
    ///
    /// Carbon dioxide, which that case does not count: 2.68 kg/L, from IPCC 2006 vol. 2 (74.1 kg/GJ,
    /// 43.0 GJ/t) and diesel of 0.84 kg/L.
    #[must_use]
    pub fn ouessant() -> Self {
        Self {
            genset: Genset {
                fuel_intercept_l_per_kw_h: 0.0,
                fuel_slope_l_per_kwh: 0.240,
                min_load_ratio: 0.0,
                co2_kg_per_l: 2.68,
            },
            battery: Battery {
                charge_rate_per_h: 1.0,
                discharge_rate_per_h: 1.0,
                loss_factor: 0.05,
                soc_min: 0.0,
                soc_start: 0.0,
            },
            pv_derating: 1.0,
        }
    }

    /// Checks every parameter's range.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first parameter outside its range.
    pub fn check(&self) -> Result<(), Error> {
        let Genset {
            fuel_intercept_l_per_kw_h,
            fuel_slope_l_per_kwh,
            min_load_ratio,
            co2_kg_per_l,
        } = self.genset;
        require_size("genset.fuel_intercept_l_per_kw_h", fuel_intercept_l_per_kw_h)?;
        require_size("genset.fuel_slope_l_per_kwh", fuel_slope_l_per_kwh)?;
        require_share("genset.min_load_ratio", min_load_ratio)?;
        require_size("genset.co2_kg_per_l", co2_kg_per_l)?;
        let Battery { charge_rate_per_h, discharge_rate_per_h, loss_factor, soc_min, soc_start } =
            self.battery;
        require_size("battery.charge_rate_per_h", charge_rate_per_h)?;
        require_size("battery.discharge_rate_per_h", discharge_rate_per_h)?;
        require(
            (0.0..1.0).contains(&loss_factor),
            "battery.loss_factor",
            loss_factor,
            "a number of at least 0 and less than 1",
        )?;
        require_share("battery.soc_min", soc_min)?;
        require(
            (soc_min..=1.0).contains(&soc_start),
            "battery.soc_start",
            soc_start,
            "a number between soc_min and 1",
        )?;
        require_share("pv_derating", self.pv_derating)
    }
}

impl Mix {
    /// Checks that every size is finite and not negative.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first size that is not.
    pub fn check(&self) -> Result<(), Error> {
        require_size("genset_kw", self.genset_kw)?;
        require_size("battery_kwh", self.battery_kwh)?;
        require_size("pv_kw", self.pv_kw)?;
        require_size("wind_kw", self.wind_kw)
    }
}
