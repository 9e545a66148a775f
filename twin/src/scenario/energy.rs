//! What makes, keeps and uses electricity: PV, batteries, gensets and loads.

use super::grid::RandomOutages;
use super::series::SeriesFile;
use super::soc_start::SocStart;
use super::units::{
    Azimuth, Efficiency, Fraction, Id, NonNegative, PositionM, Positive, RefillDays,
    TemperatureCoefficient, Tilt,
};
use crate::pv::{Mount, SkyModel};
use serde::{Deserialize, Serialize};

/// A PV array with its inverter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PvArray {
    /// Its name.
    pub id: Id,
    /// Rated DC power at 1000 W/m2 and 25 C.
    pub dc_kw: Positive,
    /// Tilt from the horizontal.
    pub tilt_deg: Tilt,
    /// Where it looks: 180 is south.
    pub azimuth_deg: Azimuth,
    /// All DC losses together (PVWatts' 14.08 % by default).
    #[serde(default = "PvArray::default_losses")]
    pub losses: Fraction,
    /// Rated DC power over the inverter's rated AC power.
    #[serde(default = "PvArray::default_dc_ac")]
    pub dc_ac_ratio: Positive,
    /// The inverter's rated efficiency.
    #[serde(default = "PvArray::default_inverter")]
    pub inverter_efficiency: Efficiency,
    /// Change of power with cell temperature, as a share per degree C (negative): -0.47 %/K is
    /// -0.0047.
    #[serde(default = "PvArray::default_gamma")]
    pub gamma_per_c: TemperatureCoefficient,
    /// How it is mounted, which decides how hot it gets.
    #[serde(default)]
    pub mount: Mount,
    /// How the sky's light is put on the plane.
    #[serde(default)]
    pub sky_model: SkyModel,
    /// The share of light that the ground throws back.
    #[serde(default = "PvArray::default_albedo")]
    pub albedo: Fraction,
    /// Where it stands: east, north, up in metres.
    #[serde(default)]
    pub position_m: Option<PositionM>,
    /// Carbon of making it, per kW DC. 1,100 kg/kW: about 46 g/kWh (IPCC 2014, median of rooftop
    /// PV) at 1,000 kWh/kW a year over 25 years.
    #[serde(default = "PvArray::default_embodied")]
    pub embodied_kg_per_kw: NonNegative,
    /// Years over which that carbon is spread.
    #[serde(default = "PvArray::default_lifetime")]
    pub lifetime_years: Positive,
}

impl PvArray {
    fn default_losses() -> Fraction {
        Fraction::of(0.1408)
    }
    fn default_dc_ac() -> Positive {
        Positive::of(1.2)
    }
    fn default_inverter() -> Efficiency {
        Efficiency::of(0.96)
    }
    fn default_gamma() -> TemperatureCoefficient {
        TemperatureCoefficient::of(-0.0047)
    }
    fn default_albedo() -> Fraction {
        Fraction::of(0.2)
    }
    fn default_embodied() -> NonNegative {
        NonNegative::of(1100.0)
    }
    fn default_lifetime() -> Positive {
        Positive::of(25.0)
    }
}

/// A battery with its inverter. Powers are at the AC terminals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// Its name.
    pub id: Id,
    /// Energy between empty and full.
    pub capacity_kwh: Positive,
    /// Greatest charging power at the terminals.
    pub charge_kw: NonNegative,
    /// Greatest discharging power at the terminals.
    pub discharge_kw: NonNegative,
    /// What arrives in the cells of what is charged.
    #[serde(default = "Battery::default_efficiency")]
    pub charge_efficiency: Efficiency,
    /// What arrives at the terminals of what leaves the cells.
    #[serde(default = "Battery::default_efficiency")]
    pub discharge_efficiency: Efficiency,
    /// Share of the stored energy lost in a day of rest.
    #[serde(default = "Battery::default_self_discharge")]
    pub self_discharge_per_day: Fraction,
    /// Lowest state of charge in use.
    #[serde(default = "Battery::default_soc_min")]
    pub soc_min: Fraction,
    /// Highest state of charge in use.
    #[serde(default = "Battery::default_soc_max")]
    pub soc_max: Fraction,
    /// State of charge at the start: a share between 0 and 1, or `Cyclic` for the one at which the
    /// run ends, so that the run neither uses up nor leaves behind stored energy.
    #[serde(default = "Battery::default_soc_start")]
    pub soc_start: SocStart,
    /// Whether its inverter can hold up an island. An island without any such battery and without
    /// a genset is dark.
    #[serde(default = "yes")]
    pub grid_forming: bool,
    /// Carbon intensity of what it holds at the start: by default the grid's mean over the run, and
    /// 0 on an island.
    #[serde(default)]
    pub stored_g_per_kwh: Option<NonNegative>,
    /// Its cells, where its voltage is to tell a live twin how full it is.
    #[serde(default)]
    pub cells: Option<Cells>,
    /// Where it stands.
    #[serde(default)]
    pub position_m: Option<PositionM>,
    /// Carbon of making it, per kWh (about 75 kg/kWh: Emilsson and Dahllöf, IVL 2019, 61 to 106).
    #[serde(default = "Battery::default_embodied")]
    pub embodied_kg_per_kwh: NonNegative,
    /// Years over which that carbon is spread.
    #[serde(default = "Battery::default_lifetime")]
    pub lifetime_years: Positive,
}

/// A battery's cells as its terminals show them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// What they are made of.
    pub chemistry: Chemistry,
    /// How many are in series.
    pub in_series: u16,
    /// Resistance of the whole battery, ohms.
    pub resistance_ohm: NonNegative,
}

/// What cells are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chemistry {
    /// Lithium iron phosphate.
    Lfp,
    /// Lithium nickel manganese cobalt oxide.
    Nmc,
}

fn yes() -> bool {
    true
}

impl Battery {
    fn default_efficiency() -> Efficiency {
        Efficiency::of(0.95)
    }
    fn default_self_discharge() -> Fraction {
        Fraction::of(0.001)
    }
    fn default_soc_min() -> Fraction {
        Fraction::of(0.1)
    }
    fn default_soc_max() -> Fraction {
        Fraction::of(0.95)
    }
    fn default_soc_start() -> SocStart {
        SocStart::Share(Fraction::of(0.5))
    }
    fn default_embodied() -> NonNegative {
        NonNegative::of(75.0)
    }
    fn default_lifetime() -> Positive {
        Positive::of(15.0)
    }
}

/// A generator that burns fuel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genset {
    /// Its name.
    pub id: Id,
    /// Rated power.
    pub capacity_kw: Positive,
    /// Lowest power at which it may run, as a share of the rated one. A quarter by default, as in
    /// HOMER.
    #[serde(default = "Genset::default_minimum_load")]
    pub minimum_load: Fraction,
    /// Fuel for each kWh made.
    #[serde(default = "Genset::default_fuel")]
    pub fuel_l_per_kwh: NonNegative,
    /// Fuel for an hour of running, per kW of rated power, whatever it makes.
    #[serde(default = "Genset::default_intercept")]
    pub fuel_l_per_h_per_kw: NonNegative,
    /// Price of the fuel.
    #[serde(default = "Genset::default_price")]
    pub fuel_price_per_l: NonNegative,
    /// Carbon of burning it (diesel 2.68 kg/l: IPCC 2006, 74.1 kg/GJ).
    #[serde(default = "Genset::default_carbon")]
    pub carbon_kg_per_l: NonNegative,
    /// It starts where the batteries' state of charge falls to this.
    #[serde(default = "Genset::default_start_soc")]
    pub start_below_soc: Fraction,
    /// It stops where the batteries' state of charge rises to this.
    #[serde(default = "Genset::default_stop_soc")]
    pub stop_above_soc: Fraction,
    /// It runs at least so long once it was started, unless the grid comes back, it fails or its
    /// tank is empty.
    #[serde(default = "Genset::default_minimum_run")]
    pub minimum_run_minutes: NonNegative,
    /// Fuel in its tank, which is full at the start; fuel without end by default. It stops when the
    /// tank is empty.
    #[serde(default)]
    pub tank_l: Option<Positive>,
    /// The tank is filled up again every so many days from the start; never by default.
    #[serde(default)]
    pub refill_every_days: Option<RefillDays>,
    /// Failures at random: how many a year (as if it never rested) and how long a repair takes.
    #[serde(default)]
    pub random_failures: Option<RandomOutages>,
    /// Where it stands.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

impl Genset {
    fn default_minimum_load() -> Fraction {
        Fraction::of(0.25)
    }
    fn default_fuel() -> NonNegative {
        NonNegative::of(0.246)
    }
    fn default_intercept() -> NonNegative {
        NonNegative::of(0.0845)
    }
    fn default_price() -> NonNegative {
        NonNegative::of(1.2)
    }
    fn default_carbon() -> NonNegative {
        NonNegative::of(2.68)
    }
    fn default_minimum_run() -> NonNegative {
        NonNegative::of(15.0)
    }
    fn default_start_soc() -> Fraction {
        Fraction::of(0.25)
    }
    fn default_stop_soc() -> Fraction {
        Fraction::of(0.6)
    }
}

/// When something is switched off to save what is left, and back on. Between the two it stays as
/// it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shedding {
    /// Where supply falls short, the lowest priority goes first and comes back last. Charger groups
    /// give way before everything else, whatever their priority, which orders them among each other.
    #[serde(default = "Shedding::default_priority")]
    pub priority: u8,
    /// On an island it is switched off where the batteries' state of charge falls to this.
    #[serde(default)]
    pub below_soc: Option<Fraction>,
    /// It comes back where the state of charge has risen to this (by default 0.1 above), or with
    /// the grid.
    #[serde(default)]
    pub restore_above_soc: Option<Fraction>,
}

impl Shedding {
    fn default_priority() -> u8 {
        50
    }
}

impl Default for Shedding {
    fn default() -> Self {
        Self { priority: Self::default_priority(), below_soc: None, restore_above_soc: None }
    }
}

/// A load: a building, a pump, a street of lamps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Its name.
    pub id: Id,
    /// Its course over time.
    pub profile: LoadProfile,
    /// When it is switched off.
    #[serde(default)]
    pub shedding: Shedding,
    /// Whether a part of it can be switched off: where supply falls short it then gives up what is
    /// missing and no more, as a building or a street with many circuits can. A single machine
    /// (`false`) goes off as a whole.
    #[serde(default = "yes")]
    pub divisible: bool,
    /// What an unserved kWh costs.
    #[serde(default = "Load::default_lost")]
    pub lost_load_price_per_kwh: NonNegative,
    /// Where it stands.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

impl Load {
    fn default_lost() -> NonNegative {
        NonNegative::of(5.0)
    }
}

/// The course of a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum LoadProfile {
    /// The same always.
    Constant {
        /// Power drawn.
        power_kw: NonNegative,
    },
    /// A typical day, scaled to a year's energy, with seasons and noise.
    Typical {
        /// Whose day.
        shape: Shape,
        /// Energy of a year.
        annual_kwh: NonNegative,
        /// Standard deviation of the hourly noise, as a share of the load.
        #[serde(default = "default_noise")]
        noise: Fraction,
    },
    /// A file of power or of energy over time, as in `Csv(path: "load.csv", column: "kW")`.
    Csv(SeriesFile),
}

fn default_noise() -> Fraction {
    Fraction::of(0.05)
}

/// Whose typical day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// Offices and lecture halls: weekdays from seven to seven.
    Office,
    /// Homes: a morning and an evening peak.
    Residential,
    /// A workshop in two shifts.
    Industrial,
    /// A vehicle depot: lit at night, busy at dawn and dusk.
    Depot,
    /// A small island's mix of homes, shops and cold stores.
    Island,
    /// Street lamps: from dusk to dawn.
    StreetLight,
}
