//! Which days of a year candidates are run for, and what a year is from what they come to.

use super::spec::{TwinSite, Weeks};
use crate::months;
use gridtwin_reports::Metric;
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::{Override, PartMonths};

/// Hours of a year of the money's kind.
const HOURS_PER_YEAR: f64 = 8760.0;
/// Months of a year.
const MONTHS_PER_YEAR: f64 = 12.0;
/// Days of a year.
pub(super) const YEAR: u32 = 365;

/// Days that are run in one piece.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Period {
    /// The date on which they begin, where that is not when the scenario does.
    pub(super) start: Option<String>,
    /// How many there are.
    pub(super) days: u32,
}

/// The periods that stand for a year.
pub(super) fn periods(site: &TwinSite, base: &Scenario) -> Vec<Period> {
    match site.weeks {
        None => vec![Period { start: None, days: site.days.unwrap_or(YEAR) }],
        Some(Weeks::FourSeasons) => {
            let monday = |month| {
                let mut date = base.start.date().with().month(month).day(15).build().ok()?;
                while date.weekday().to_monday_zero_offset() != 0 {
                    date = date.yesterday().ok()?;
                }
                Some(Period { start: Some(date.to_string()), days: 7 })
            };
            [1, 4, 7, 10].into_iter().filter_map(monday).collect()
        }
    }
}

impl Period {
    /// What is set in its runs.
    pub(super) fn overrides(&self) -> Vec<Override> {
        let start = self.start.as_ref().map(|start| format!("start=\"{start}\"").parse());
        start.into_iter().flatten().collect()
    }
}

/// What is said where the periods are less than a year.
pub(super) fn warning(periods: &[Period]) -> Option<String> {
    match periods {
        [only] if only.days >= YEAR => None,
        [only] => Some(format!(
            "{} for a year, as if the sun and the prices of this season lasted all year; to \
             simulate a whole year, leave `days` out, or write `weeks: FourSeasons`",
            match only.days {
                1 => "1 day stands".to_owned(),
                n => format!("{n} days stand"),
            }
        )),
        weeks => Some(format!(
            "{} weeks stand for a year: each is counted {:.2} times, and each monthly demand \
             charge is that of the peak in the simulated week",
            weeks.len(),
            HOURS_PER_YEAR / 168.0 / weeks.len() as f64
        )),
    }
}

/// What a year comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Year {
    /// All that is paid less what exports bring, but for carbon.
    pub(super) cost: f64,
    /// What carbon costs by the tariff.
    pub(super) carbon_cost: f64,
    /// Demand that was met, kWh.
    pub(super) served_kwh: f64,
    /// CO2 of imports and fuel, kg.
    pub(super) carbon_kg: f64,
    /// Demand that was not met, kWh.
    pub(super) unserved_kwh: f64,
}

impl Year {
    /// Adds a period that stands for this share of a year, by its metrics.
    pub(super) fn add(&mut self, share: f64, scenario: &Scenario, metrics: &[Metric]) {
        let get = |name: &str| {
            let found = metrics.iter().find(|metric| metric.name == name);
            found.and_then(|metric| metric.value).unwrap_or_default()
        };
        let per_year = share * HOURS_PER_YEAR / (24.0 * get("run.days"));
        let tariff = scenario.grid.as_ref().map(|grid| &grid.tariff);
        // What is paid by the month is paid twelve times a year, whatever part of one was run, unless
        // the contract bills it by the day; the rest is paid for energy, fuel and lost load, less what
        // exports bring.
        let per_months = match tariff.map(|tariff| tariff.part_months) {
            Some(PartMonths::ByDay) => per_year,
            _ => share * MONTHS_PER_YEAR / f64::from(months::touched(scenario).0),
        };
        let vat = tariff.map_or(0.0, |tariff| tariff.additions.vat.get());
        let monthly = (get("cost.demand") + get("cost.fixed")) * (1.0 + vat);
        let carbon = get("cost.carbon");
        self.cost += monthly * per_months + (get("cost.total") - monthly - carbon) * per_year;
        self.carbon_cost += carbon * per_year;
        self.served_kwh += get("energy.consumed_kwh") * per_year;
        // What the batteries gave away of a first charge was emitted for it before.
        let emitted_kg = get("carbon.operational_kg") - get("carbon.stored_kg");
        self.carbon_kg += emitted_kg * per_year;
        self.unserved_kwh += get("energy.unserved_kwh") * per_year;
    }
}

/// Metrics of several runs as one: the mean of each, where all of them have it.
pub(super) fn mean(runs: Vec<Vec<Metric>>) -> Vec<Metric> {
    let count = runs.len() as f64;
    let mut runs = runs.into_iter();
    let mut sums = runs.next().unwrap_or_default();
    for metrics in runs {
        for (sum, metric) in sums.iter_mut().zip(metrics) {
            sum.value = sum.value.zip(metric.value).map(|(sum, value)| sum + value);
        }
    }
    for sum in &mut sums {
        sum.value = sum.value.map(|value| value / count);
    }
    sums
}
