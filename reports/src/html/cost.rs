//! What the run cost.

use super::Context;
use super::markup::{Table, escape};
use crate::number::money;

/// The table.
pub(super) fn section(context: &Context<'_>) -> String {
    let (tally, currency) = (context.tally, &context.catalog.currency);
    let cost = tally.cost();
    let mut table = Table::new("Cost", &["Item", currency, "~How it is worked out"]);
    let months = tally.months();
    let peaks: Vec<String> = months
        .iter()
        .map(|m| format!("{:04}-{:02}: {} kW", m.year, m.month, crate::number::human(m.peak_kw)))
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
        ("sum", "Total", cost.total(), String::new()),
    ];
    for (class, name, value, how) in rows {
        table.row_of(class, &[name.to_owned(), money(value), how]);
    }
    let whole = "<p>A month that the run only touches is charged whole, as its bill would be. \
                 Amounts are in ";
    format!("{}{whole}{}.</p>\n", table.end(), escape(currency))
}
