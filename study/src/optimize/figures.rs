//! What is told of every candidate: what it costs, what it saves against the base case, and when that
//! has paid for it.

use super::model::Evaluation;
use crate::island::{Component, Payback, Project, payback_years};
use gridtwin_reports::pages::Quantity;

/// The figures of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    investment: f64,
    /// Of the first year, against the base case; none without one.
    saving_per_year: Option<f64>,
    simple_years: Option<f64>,
    discounted_years: Option<f64>,
    net_present_cost: f64,
    levelised_cost_per_kwh: Option<f64>,
    carbon_kg: f64,
    unserved_kwh: f64,
}

impl Figures {
    /// Those of a candidate; payback where there is a base case that is not the same plant.
    pub(super) fn of(worth: &Evaluation, base: Option<&Evaluation>, project: &Project) -> Self {
        let payback = base.and_then(|base| payback(project, base, worth));
        Self {
            investment: worth.money.costs.investment,
            saving_per_year: base
                .map(|base| first_year(&base.components) - first_year(&worth.components)),
            simple_years: payback.and_then(|payback| payback.simple_years),
            discounted_years: payback.and_then(|payback| payback.discounted_years),
            net_present_cost: worth.money.net_present_cost,
            levelised_cost_per_kwh: worth.money.levelised_cost_per_kwh,
            carbon_kg: worth.carbon_kg,
            unserved_kwh: worth.unserved_kwh,
        }
    }

    /// What they are called, with their units.
    pub(super) fn names(currency: &str) -> [Quantity; 8] {
        [
            ("investment", currency),
            ("saving a year", currency),
            ("simple payback", "years"),
            ("discounted payback", "years"),
            ("net present cost", currency),
            ("levelised cost", &format!("{currency}/kWh")),
            ("CO2 a year", "kg"),
            ("unserved energy a year", "kWh"),
        ]
        .map(|(name, unit)| Quantity { name: name.to_owned(), unit: unit.to_owned() })
    }

    /// What they mean, for the data dictionary.
    pub(super) const MEANINGS: [&'static str; 8] = [
        "Investment, paid at the start",
        "Saving on the running costs of the first year, compared with the base case",
        "Years until the cumulative cost stays at or below the base case's; empty if that does not \
         happen within the project's life",
        "Simple payback computed with discounted cash flows",
        "All costs over the project's life, discounted",
        "Net present cost per kWh served",
        "CO2 of a year's imports and fuel, and of the energy drawn from the batteries' initial \
         charge",
        "Demand of a year that is not served",
    ];

    /// Their values, in the order of their names.
    pub(super) fn values(&self) -> [Option<f64>; 8] {
        [
            Some(self.investment),
            self.saving_per_year,
            self.simple_years,
            self.discounted_years,
            Some(self.net_present_cost),
            self.levelised_cost_per_kwh,
            Some(self.carbon_kg),
            Some(self.unserved_kwh),
        ]
    }
}

/// When a plant has paid for itself against the base case; none where it is the same plant, or costs no
/// more to begin with and saves nothing: then there is no investment that could be paid back.
pub(super) fn payback(project: &Project, base: &Evaluation, worth: &Evaluation) -> Option<Payback> {
    let (before, after) = (&base.components, &worth.components);
    let dearer = worth.money.costs.investment > base.money.costs.investment;
    let saves = first_year(after) < first_year(before);
    (before != after && (dearer || saves)).then(|| payback_years(project, before, after))
}

/// What it costs to run a plant for the first year.
pub(super) fn first_year(components: &[Component]) -> f64 {
    components.iter().map(Component::first_year).sum()
}
