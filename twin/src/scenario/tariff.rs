//! What electricity costs and what exports bring, as a contract says it. Not the prices of a run's
//! intervals, which [`crate::energy::tariff`] makes of it, and not the bill, which reports add up.

use super::series::SeriesFile;
use super::units::{Finite, Fraction, NonNegative, YearlyChange, end_of_day};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What electricity costs, in the scenario's currency.
///
/// The full price of an imported kWh is `(energy + grid fee + tax + margin) * (1 + VAT)`; it is what
/// policies compare with their thresholds. The energy price and the export price are each a
/// constant with periods, or a series from a file. Any of them may be below zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// The currency, as it shall stand in reports: 1 to 8 characters, none of them a comma, a
    /// quote or a control character.
    #[serde(default = "Tariff::default_currency")]
    pub currency: String,
    /// Energy price of an imported kWh where no period says otherwise; without additions.
    #[serde(default = "Tariff::default_price")]
    pub price_per_kwh: Finite,
    /// Times with another energy price; the first that holds counts.
    #[serde(default)]
    pub periods: Vec<TariffPeriod>,
    /// The energy price from a file, in place of `price_per_kwh` and `periods`: day-ahead prices, for
    /// instance. EUR/MWh, EUR/kWh or ct/kWh, as the column's header or `unit` says.
    #[serde(default)]
    pub import_series: Option<PriceSeries>,
    /// What an exported kWh brings where no period says otherwise. Below zero, exporting costs
    /// money: then nothing is exported, and what the site and its batteries cannot take is
    /// curtailed.
    #[serde(default)]
    pub export_price_per_kwh: Finite,
    /// Times with another export price; the first that holds counts.
    #[serde(default)]
    pub export_periods: Vec<TariffPeriod>,
    /// The export price from a file, in place of `export_price_per_kwh` and `export_periods`.
    #[serde(default)]
    pub export_series: Option<PriceSeries>,
    /// What all energy prices are multiplied by: import and export, constants, periods and series.
    /// Not additions, carbon, demand and fixed charges. For "what if prices were 30 % higher". A
    /// policy's price thresholds rise with it: they are compared with prices without the factor.
    #[serde(default = "Tariff::default_factor")]
    pub price_factor: NonNegative,
    /// What is paid for each imported kWh besides its energy price.
    #[serde(default)]
    pub additions: Additions,
    /// Price of a tonne of CO2, for the site's operational carbon: imports at the grid's average
    /// intensity, and fuel. A line of the bill of its own, without VAT. Policies compare prices
    /// without it; PV yields to paid imports only where they earn more than this price costs.
    #[serde(default)]
    pub carbon_price_per_t: NonNegative,
    /// By which share prices rise from year to year: import and export prices, additions, demand
    /// and fixed charges. Not carbon and fuel. In a run it holds from the first anniversary of its
    /// start on; an optimisation applies it over the project's life.
    #[serde(default)]
    pub escalation_per_year: YearlyChange,
    /// Price of each kW of a month's highest mean import over 15 minutes.
    #[serde(default)]
    pub demand_price_per_kw: NonNegative,
    /// Price of a month, whatever is used.
    #[serde(default)]
    pub fixed_per_month: NonNegative,
    /// How demand and fixed charges of a month are billed of which the run covers only a part.
    #[serde(default)]
    pub part_months: PartMonths,
}

impl Tariff {
    fn default_currency() -> String {
        "EUR".to_owned()
    }
    pub(crate) fn default_price() -> Finite {
        Finite::of(0.30)
    }
    fn default_factor() -> NonNegative {
        NonNegative::of(1.0)
    }

    /// The files that it names.
    pub(super) fn files_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let all = [&mut self.import_series, &mut self.export_series];
        all.into_iter().flatten().map(|PriceSeries::Csv(file)| &mut file.path)
    }

    /// What prices of the first year are multiplied by when so many whole years have passed:
    /// `(1 + escalation_per_year)^years`.
    pub fn escalation_after(&self, years: u32) -> f64 {
        (1.0 + self.escalation_per_year.get()).powf(f64::from(years))
    }
}

impl Default for Tariff {
    fn default() -> Self {
        Self {
            currency: Self::default_currency(),
            price_per_kwh: Self::default_price(),
            periods: Vec::new(),
            import_series: None,
            export_price_per_kwh: Finite::default(),
            export_periods: Vec::new(),
            export_series: None,
            price_factor: Self::default_factor(),
            additions: Additions::default(),
            carbon_price_per_t: NonNegative::default(),
            escalation_per_year: YearlyChange::default(),
            demand_price_per_kw: NonNegative::default(),
            fixed_per_month: NonNegative::default(),
            part_months: PartMonths::default(),
        }
    }
}

/// A price over time, from elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PriceSeries {
    /// A file of prices, as in `Csv(path: "day-ahead.csv")`.
    Csv(SeriesFile),
}

/// What is paid for an imported kWh besides its energy price, each a line of the bill. A rebate is
/// below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additions {
    /// The grid operator's fee for a kWh.
    #[serde(default)]
    pub grid_fee_per_kwh: Finite,
    /// Electricity tax and levies on a kWh.
    #[serde(default)]
    pub tax_per_kwh: Finite,
    /// The supplier's margin on a kWh.
    #[serde(default)]
    pub margin_per_kwh: Finite,
    /// Value-added tax, as a share (19 % is 0.19): on energy, the additions above, demand and fixed
    /// charges. Not on exports, carbon, fuel and lost load.
    #[serde(default)]
    pub vat: Fraction,
}

/// How the monthly charges of a month are billed of which the run covers only a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartMonths {
    /// In full, as the bill of that month would be.
    #[default]
    Whole,
    /// In proportion to the days of the month that the run covers.
    ByDay,
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
    /// Until this local time; where it is not later than `from`, on the next day. "24:00" is the day's
    /// end.
    #[serde(deserialize_with = "end_of_day")]
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
