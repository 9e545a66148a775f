//! The grid connection: limits, money, carbon, outages.

use super::series::SeriesFile;
use super::units::{Finite, NonNegative, OutagesPerYear, PositionM, Positive, list_of};
use jiff::civil::{DateTime, Time};
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

/// What electricity costs, in the scenario's currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// The currency, as it shall stand in reports: 1 to 8 characters, none of them a comma, a
    /// quote or a control character.
    #[serde(default = "Tariff::default_currency")]
    pub currency: String,
    /// Price of a kWh where no period says otherwise.
    #[serde(default = "Tariff::default_price")]
    pub price_per_kwh: Finite,
    /// Dearer or cheaper times; the first that holds counts.
    #[serde(default)]
    pub periods: Vec<TariffPeriod>,
    /// What an exported kWh brings.
    #[serde(default)]
    pub export_price_per_kwh: NonNegative,
    /// Price of each kW of a month's highest mean over 15 minutes.
    #[serde(default)]
    pub demand_price_per_kw: NonNegative,
    /// Price of a month, whatever is used.
    #[serde(default)]
    pub fixed_per_month: NonNegative,
}

impl Tariff {
    fn default_currency() -> String {
        "EUR".to_owned()
    }
    fn default_price() -> Finite {
        Finite::of(0.30)
    }
}

impl Default for Tariff {
    fn default() -> Self {
        Self {
            currency: Self::default_currency(),
            price_per_kwh: Self::default_price(),
            periods: Vec::new(),
            export_price_per_kwh: NonNegative::default(),
            demand_price_per_kw: NonNegative::default(),
            fixed_per_month: NonNegative::default(),
        }
    }
}

/// A time with its own price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffPeriod {
    /// What it is called, as in "peak".
    pub name: String,
    /// Price of a kWh in it.
    pub price_per_kwh: Finite,
    /// From this local time on.
    pub from: Time,
    /// Until this local time; where it is not later than `from`, on the next day.
    pub until: Time,
    /// On which days.
    #[serde(default)]
    pub days: Days,
    /// In which months, 1 to 12; all by default.
    #[serde(default)]
    pub months: Vec<u8>,
}

/// Days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Days {
    /// Every day.
    #[default]
    All,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekends,
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
