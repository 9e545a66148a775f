//! What the run cost.

use super::Context;
use super::markup::{Table, escape};
use crate::number::{human, money};

/// How the change in what the batteries hold is valued.
fn stored(context: &Context<'_>) -> String {
    use crate::tally::stored::StoredPrice;
    let tally = context.tally;
    if context.catalog.batteries.is_empty() {
        return "no battery".to_owned();
    }
    let (change_kwh, price) = (tally.stored().change_kwh(), tally.stored_price());
    let what = match change_kwh {
        kwh if kwh < 0.0 => format!("the batteries can give {} kWh less", human(-kwh)),
        kwh => format!("the batteries can give {} kWh more", human(kwh)),
    };
    let why = match price {
        StoredPrice::MeanImport(_) => "the mean import price of the run",
        StoredPrice::MeanFuel(_) => "the mean fuel cost of the run",
        StoredPrice::RatedFuel(_) => "the fuel cost at rated power, since no genset ran",
        StoredPrice::Unknown => {
            return format!(
                "{what} at the end than at the start; without a grid and a genset nothing says what \
                 that is worth"
            );
        }
    };
    let per_kwh = human(price.per_kwh());
    format!("{what} at the end than at the start, at {per_kwh} per kWh, {why}")
}

/// The table.
pub(super) fn section(context: &Context<'_>) -> String {
    let (tally, currency) = (context.tally, &context.catalog.currency);
    let cost = tally.cost();
    let mut table = Table::new("Cost", &["Item", currency, "~How it is worked out"]);
    let months = tally.months();
    let peaks: Vec<String> = months
        .iter()
        .map(|m| format!("{:04}-{:02}: {} kW", m.year, m.month, human(m.peak_kw)))
        .collect();
    let demand = match peaks.len() {
        0 => "no grid".to_owned(),
        _ => format!(
            "{} per kW of each month's highest 15-minute mean import ({})",
            money(context.catalog.demand_price_per_kw),
            peaks.join(", ")
        ),
    };
    let fixed = format!(
        "{} for each of {} started months",
        money(context.catalog.fixed_per_month),
        months.len()
    );
    let rows = [
        ("", "Energy", cost.energy, "imports at the price of their interval".to_owned()),
        ("", "Demand", cost.demand, demand),
        ("", "Fixed", cost.fixed, fixed),
        ("", "Fuel", cost.fuel, "fuel of the gensets".to_owned()),
        ("", "Lost load", cost.lost_load, "demand that was not met, at its price".to_owned()),
        ("", "Exports", -cost.export, "paid for what was exported".to_owned()),
        ("", "Change in store", cost.stored_change, stored(context)),
        ("sum", "Total", cost.total(), String::new()),
    ];
    for (class, name, value, how) in rows {
        table.row_of(class, &[name.to_owned(), money(value), how]);
    }
    let whole = "<p>A month that the run only touches is charged whole, as its bill would be. \
                 Amounts are in ";
    format!("{}{whole}{}.</p>\n", table.end(), escape(currency))
}
