//! What the run cost.

use super::Context;
use super::markup::{Table, escape};
use crate::number::{human, money, percent};

/// The peaks of more months than this stand in the table by month alone.
const PEAKS: usize = 3;

/// How the change in what the batteries hold is valued.
fn stored(context: &Context<'_>) -> String {
    use crate::tally::stored::StoredPrice;
    let tally = context.tally;
    if context.catalog.batteries.is_empty() {
        return "no battery".to_owned();
    }
    let (change_kwh, price) = (tally.stored().change_kwh(), tally.stored_price());
    let what = match change_kwh {
        kwh if kwh < 0.0 => format!("the batteries can deliver {} kWh less", human(-kwh)),
        kwh => format!("the batteries can deliver {} kWh more", human(kwh)),
    };
    let why = match price {
        StoredPrice::AsCharged(_) => {
            "the average cost of a kWh charged in the run, with PV valued at the mean export price"
        }
        StoredPrice::MeanImport(_) => "the mean import price of the run",
        StoredPrice::MeanFuel(_) => "the mean fuel cost of the run",
        StoredPrice::RatedFuel(_) => "the fuel cost at rated power, since no genset ran",
        StoredPrice::Unknown => {
            return format!(
                "{what} at the end than at the start; on a site with neither grid nor genset this change \
                 has no price"
            );
        }
    };
    let per_kwh = human(price.per_kwh());
    format!("{what} at the end than at the start; valued at {per_kwh} per kWh: {why}")
}

/// The table.
pub(super) fn section(context: &Context<'_>) -> String {
    let (tally, currency) = (context.tally, &context.catalog.currency);
    let cost = tally.cost();
    let mut table = Table::new("Cost", &["Item", currency, "~Calculation"]);
    let charges = tally.monthly_charges();
    let part = |billed: f64, days: (f64, f64)| match billed < 1.0 {
        true => format!(", {} of {} days", human(days.0), human(days.1)),
        false => String::new(),
    };
    let peaks: Vec<String> = charges
        .iter()
        .map(|c| {
            let (m, part) = (&c.month, part(c.billed, c.month.days));
            format!("{:04}-{:02}: {} kW{part}", m.year, m.month, human(m.peak_kw))
        })
        .collect();
    let catalog = context.catalog;
    let demand = match peaks.len() {
        0 => "no grid".to_owned(),
        n if n > PEAKS => format!(
            "{} per kW of each month's highest 15-minute mean import (listed by month below)",
            money(catalog.demand_price_per_kw)
        ),
        _ => format!(
            "{} per kW of each month's highest 15-minute mean import ({})",
            money(catalog.demand_price_per_kw),
            peaks.join(", ")
        ),
    };
    let billed: f64 = charges.iter().map(|c| c.billed).sum();
    let fixed = match catalog.part_months_by_day {
        true => format!(
            "{} per month, {} month{}",
            money(catalog.fixed_per_month),
            human(billed),
            if human(billed) == "1" { "" } else { "s" }
        ),
        false => format!(
            "{} per started month, {} month{}",
            money(catalog.fixed_per_month),
            charges.len(),
            if charges.len() == 1 { "" } else { "s" }
        ),
    };
    let [fee, tax, margin] = catalog.additions_per_kwh;
    let per_kwh = |price: f64| format!("{} for each imported kWh", human(price));
    let vat = format!("{} on the lines above", percent(catalog.vat));
    let carbon = format!(
        "{} per tonne of CO\u{2082} of imports and fuel",
        money(catalog.carbon_price_per_t)
    );
    let rows = [
        ("", "Energy", cost.energy, "imports at the energy price of each interval".to_owned()),
        ("?", "Grid fee", cost.grid_fee, per_kwh(fee)),
        ("?", "Tax", cost.tax, per_kwh(tax)),
        ("?", "Margin", cost.margin, per_kwh(margin)),
        ("", "Demand charge", cost.demand, demand),
        ("", "Fixed charges", cost.fixed, fixed),
        ("?", "VAT", cost.vat, vat),
        ("?", "Carbon", cost.carbon, carbon),
        ("", "Fuel", cost.fuel, "fuel of the gensets".to_owned()),
        (
            "",
            "Lost load",
            cost.lost_load,
            "demand that was not served, at lost_load_price_per_kwh".to_owned(),
        ),
        ("", "Exports", -cost.export, "income from exported energy".to_owned()),
        ("", "Change in stored energy", cost.stored_change, stored(context)),
        ("sum", "Total", cost.total(), String::new()),
    ];
    // Lines that the tariff does not have are left out.
    for (class, name, value, how) in rows.into_iter().filter(|row| row.0 != "?" || row.2 != 0.0) {
        table.row_of(class.trim_matches('?'), &[name.to_owned(), money(value), how]);
    }
    let whole = match catalog.part_months_by_day {
        true => {
            "For a month that the run covers only in part, demand and fixed charges are billed in \
             proportion to the days covered."
        }
        false => "A month that the run covers only in part is charged in full, as on a real bill.",
    };
    format!("{}<p>{whole} Amounts are in {}.</p>\n", table.end(), escape(currency))
}
