//! Prices and intensities: units, periods that never apply, thresholds that no price reaches.

use super::prices::is_in_other_unit;
use super::{Doubt, doubt};
use crate::energy::tariff::full_price_per_kwh;
use crate::scenario::{Carbon, Days, Dispatch, Scenario, Tariff, TariffPeriod};
use jiff::ToSpan;
use jiff::civil::Weekday;
use std::collections::BTreeSet;

/// No tariff asks more for a kWh in the currencies below.
pub(super) const HIGHEST_PRICE: f64 = 2.0;
/// Currencies of which a unit is worth about a euro.
pub(super) const LIKE_EURO: [&str; 11] =
    ["EUR", "USD", "GBP", "CHF", "AUD", "CAD", "NZD", "SGD", "€", "$", "£"];
/// No grid emits less, unless it emits nothing, or more.
const INTENSITY_G: [f64; 2] = [3.0, 1500.0];

pub(super) fn cents(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = s.grid.as_ref().map(|grid| &grid.tariff) else { return Vec::new() };
    if !LIKE_EURO.contains(&tariff.currency.as_str()) {
        return Vec::new();
    }
    let mut prices = vec![
        ("price_per_kwh".to_owned(), tariff.price_per_kwh.get()),
        ("export_price_per_kwh".to_owned(), tariff.export_price_per_kwh.get()),
        ("additions.grid_fee_per_kwh".to_owned(), tariff.additions.grid_fee_per_kwh.get()),
        ("additions.tax_per_kwh".to_owned(), tariff.additions.tax_per_kwh.get()),
        ("additions.margin_per_kwh".to_owned(), tariff.additions.margin_per_kwh.get()),
    ];
    for (list, periods) in lists(tariff) {
        let named = periods.iter().enumerate();
        prices.extend(
            named.map(|(i, p)| (format!("{list}[{i}].price_per_kwh"), p.price_per_kwh.get())),
        );
    }
    let high = prices.into_iter().filter(|(_, price)| price.abs() > HIGHEST_PRICE);
    let found = high.map(|(field, price)| {
        let currency = &tariff.currency;
        let (unit, right) = if price.abs() <= 100.0 * HIGHEST_PRICE {
            ("in cents", price / 100.0)
        } else {
            ("per MWh", price / 1000.0)
        };
        doubt(
            format!("grid.tariff.{field}"),
            format!(
                "found {price} {currency} per kWh, above any real tariff: the price is probably {unit}"
            ),
            format!("prices are in {currency} per kWh: write {right}"),
        )
    });
    found.collect()
}

pub(super) fn carbon_unit(s: &Scenario) -> Vec<Doubt> {
    let grid = s.grid.as_ref().map(|grid| ("grid.carbon", &grid.carbon));
    let cloud = s.cloud.as_ref().map(|cloud| ("cloud.carbon", &cloud.carbon));
    let found = grid.into_iter().chain(cloud).filter_map(|(path, carbon)| {
        let Carbon::Constant { g_per_kwh } = carbon else { return None };
        let g = g_per_kwh.get();
        let [low, high] = INTENSITY_G;
        let remedy = if g > 0.0 && g < low {
            format!("intensities are in g per kWh: write {} if yours is in kg per kWh", g * 1000.0)
        } else if g > high {
            "intensities are in g per kWh: kg per MWh is the same number; multiply lb per MWh by 0.4536"
                .to_owned()
        } else {
            return None;
        };
        let message = format!("found {g} g of CO2 per kWh, which is outside the range of real grids");
        Some(doubt(format!("{path}.g_per_kwh"), message, remedy))
    });
    found.collect()
}

pub(super) fn shadowed(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = s.grid.as_ref().map(|grid| &grid.tariff) else { return Vec::new() };
    let every: BTreeSet<Day> =
        (1..=12).flat_map(|month| (0..7).map(move |weekday| Day { month, weekday })).collect();
    let mut found = Vec::new();
    for (list, periods) in lists(tariff) {
        let apply = that_apply(periods, &every);
        for (i, period) in periods.iter().enumerate().filter(|(i, _)| !apply.contains(&Some(*i))) {
            found.push(doubt(
                format!("grid.tariff.{list}[{i}]"),
                format!(
                    "the period {:?} never applies: earlier periods in the list cover all its time",
                    period.name
                ),
                "the first matching period applies: move this one before them, or remove it",
            ));
        }
    }
    found
}

pub(super) fn thresholds(s: &Scenario) -> Vec<Doubt> {
    let (Some(grid), Dispatch::TimeOfUse { charge_below_price, discharge_above_price, .. }) =
        (&s.grid, &s.policies.dispatch)
    else {
        return Vec::new();
    };
    let Some([low, high]) = prices_of_run(s, &grid.tariff) else { return Vec::new() };
    let currency = &grid.tariff.currency;
    let range = format!("in this run a kWh costs {} to {} {currency}", short(low), short(high));
    let mut found = Vec::new();
    // Zero or less says that nothing is to be charged from the grid.
    let other_unit = |threshold: f64| is_in_other_unit(threshold, [low, high]);
    let (charge, discharge) = (charge_below_price.get(), discharge_above_price.get());
    if charge > 0.0 && charge < low && !other_unit(charge) {
        found.push(doubt(
            "policies.dispatch.charge_below_price",
            format!("found {charge_below_price}, below every price: the batteries never charge from the grid"),
            format!("{range}, with grid fee, taxes, margin and VAT; raise the threshold, or write 0 for no charging from the grid"),
        ));
    }
    if charge > high && !other_unit(charge) {
        found.push(doubt(
            "policies.dispatch.charge_below_price",
            format!("found {charge_below_price}, above every price: the batteries charge from the grid at all times"),
            format!("{range}, with grid fee, taxes, margin and VAT; lower the threshold"),
        ));
    }
    if discharge > high && !other_unit(discharge) {
        found.push(doubt(
            "policies.dispatch.discharge_above_price",
            format!(
                "found {discharge_above_price}, above every price: the batteries never discharge"
            ),
            format!("{range}, with grid fee, taxes, margin and VAT; lower the threshold"),
        ));
    }
    found
}

pub(super) fn short(price: f64) -> String {
    let text = format!("{price:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn lists(tariff: &Tariff) -> [(&'static str, &[TariffPeriod]); 2] {
    [("periods", &tariff.periods), ("export_periods", &tariff.export_periods)]
}

/// The lowest and the highest full price of an imported kWh in the run, as thresholds see it: without
/// the tariff's factor and yearly rise. None where a file of prices cannot be read.
pub(super) fn prices_of_run(s: &Scenario, tariff: &Tariff) -> Option<[f64; 2]> {
    if tariff.import_series.is_some() {
        let all = super::files::prices_of_file(s)?;
        let full = all.unscaled_per_kwh.unwrap_or(all.import_per_kwh);
        return range(full.into_iter());
    }
    let days: BTreeSet<Day> = (0..s.days.min(366) + 1)
        .filter_map(|day| s.start.date().checked_add(i64::from(day).days()).ok())
        .map(|date| Day { month: date.month() as u8, weekday: weekday(date.weekday()) })
        .collect();
    let apply = that_apply(&tariff.periods, &days);
    let full = apply.into_iter().map(|period| {
        let price = period.map_or(tariff.price_per_kwh, |i| tariff.periods[i].price_per_kwh).get();
        full_price_per_kwh(price, &tariff.additions, 1.0)
    });
    range(full)
}

/// The lowest and the highest of some prices; none where there are none.
fn range(mut prices: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let first = prices.next()?;
    Some(prices.fold([first, first], |[low, high], price| [low.min(price), high.max(price)]))
}

/// What a period may depend on, time apart: Monday is 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    month: u8,
    weekday: u8,
}

fn weekday(day: Weekday) -> u8 {
    day.to_monday_zero_offset() as u8
}

/// Which periods apply at some minute of these days, by index; none stands for the price outside of
/// all periods.
fn that_apply(periods: &[TariffPeriod], days: &BTreeSet<Day>) -> BTreeSet<Option<usize>> {
    if periods.is_empty() {
        return BTreeSet::from([None]);
    }
    let minutes = |day: &Day| {
        let day = *day;
        (0..1440).map(move |minute| periods.iter().position(|period| holds(period, day, minute)))
    };
    days.iter().flat_map(minutes).collect()
}

fn holds(period: &TariffPeriod, day: Day, minute: i32) -> bool {
    let minute_of =
        |time: jiff::civil::Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    let (from, until) = (minute_of(period.from), minute_of(period.until));
    // What runs over midnight belongs to the day on which it began.
    let before = Day { weekday: (day.weekday + 6) % 7, ..day };
    let is_on = |day: Day| {
        let right_day = match period.days {
            Days::All => true,
            Days::Weekdays => day.weekday < 5,
            Days::Weekends => day.weekday >= 5,
        };
        right_day && (period.months.is_empty() || period.months.contains(&day.month))
    };
    if from < until {
        (from..until).contains(&minute) && is_on(day)
    } else {
        (minute >= from && is_on(day)) || (minute < until && is_on(before))
    }
}
