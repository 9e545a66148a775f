//! The grid connection: limits, carbon, outages. What it costs is in [`super::tariff`].

use super::series::SeriesFile;
use super::tariff::Tariff;
use super::units::{Fraction, NonNegative, OutagesPerYear, PositionM, Positive, list_of};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

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
    /// What a kWh from it emits on average: the carbon of what the site consumes follows from it.
    #[serde(default)]
    pub carbon: Carbon,
    /// Share of renewable energy in what is imported, for `energy.renewable_share`. Self-sufficiency
    /// does not use it.
    #[serde(default)]
    pub renewable_share: Fraction,
    /// What one kWh more or less emits or avoids at that time: the marginal rate, as from WattTime or
    /// AVERT. It may be below zero, is reported apart (`carbon.marginal_kg`), and is never mixed with
    /// the average.
    #[serde(default)]
    pub marginal_carbon: Option<Carbon>,
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

/// What a kWh from a grid emits.
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
    /// A file of intensities over time: CSV as from Electricity Maps or AVERT, or the JSON of
    /// WattTime.
    Csv(SeriesFile),
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
