//! The grid connection: limits, carbon, outages. What it costs is in [`super::tariff`].

use super::tariff::Tariff;
use super::units::{Fraction, NonNegative, OutagesPerYear, PositionM, Positive, list_of};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The connection to the public grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Greatest power in.
    pub import_limit_kw: NonNegative,
    /// Greatest power out; what is more is curtailed.
    #[serde(default)]
    pub export_limit_kw: NonNegative,
    /// What it costs.
    #[serde(default)]
    pub tariff: Tariff,
    /// What it emits.
    #[serde(default)]
    pub carbon: Carbon,
    /// Share of renewable energy in what is imported, for `energy.renewable_share`. Self-sufficiency
    /// does not use it.
    #[serde(default)]
    pub renewable_share: Fraction,
    /// When it fails, in local time.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// Failures that nobody planned.
    #[serde(default)]
    pub random_outages: Option<RandomOutages>,
    /// Where it enters the site.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

/// One failure of the grid, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// It begins.
    pub from: DateTime,
    /// It is over.
    pub until: DateTime,
}

/// Failures at random: exponential times between them, exponential durations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomOutages {
    /// How many in a year, on average.
    pub per_year: OutagesPerYear,
    /// How long each, on average.
    pub mean_hours: Positive,
}

/// What a kWh from a grid emits on average.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Carbon {
    /// The same always.
    Constant {
        /// Intensity.
        g_per_kwh: NonNegative,
    },
    /// A day that repeats.
    DailyShape {
        /// Intensity from midnight on, hour by hour, in local time.
        #[serde(deserialize_with = "list_of")]
        hourly_g_per_kwh: [NonNegative; 24],
    },
    /// A CSV file, relative to the scenario's. It starts with the year and repeats; it keeps the
    /// zone's standard time all year.
    Csv {
        /// The file.
        path: PathBuf,
        /// The column's header.
        column: String,
        /// In what it is given.
        #[serde(default)]
        unit: CarbonUnit,
        /// Minutes between two values.
        #[serde(default = "default_minutes")]
        step_minutes: Positive,
    },
}

/// Units of carbon intensity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CarbonUnit {
    /// Gram a kWh.
    #[default]
    GPerKwh,
    /// Kilogram a kWh.
    KgPerKwh,
    /// Pound a kWh.
    LbPerKwh,
}

fn default_minutes() -> Positive {
    Positive::of(60.0)
}

impl Default for Carbon {
    fn default() -> Self {
        // A grid with solar at noon and gas in the evening, 330 g/kWh on average.
        Self::DailyShape {
            hourly_g_per_kwh: [
                360.0, 355.0, 350.0, 345.0, 345.0, 350.0, 360.0, 350.0, 320.0, 285.0, 260.0, 245.0,
                240.0, 240.0, 250.0, 270.0, 310.0, 360.0, 400.0, 415.0, 410.0, 400.0, 385.0, 370.0,
            ]
            .map(NonNegative::of),
        }
    }
}
