//! What is told of every candidate: what it costs, what it saves against the base case, and when that
//! has paid for it.

use super::model::Evaluation;
use crate::island::{Component, Payback, Project, payback_years};
use gridtwin_reports::pages::Quantity;

/// Paybacks that differ by less are the same.
const SLACK_YEARS: f64 = 1e-9;

/// The figures of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    investment: f64,
    /// Of the first year, against the base case; none without one.
    saving_per_year: Option<f64>,
    /// What is invested beyond the base case, over that saving; none where either is not above zero.
    investment_per_saving: Option<f64>,
    simple_years: Option<f64>,
    discounted_years: Option<f64>,
    net_present_cost: f64,
    levelised_cost_per_kwh: Option<f64>,
    carbon_kg: f64,
    unserved_kwh: f64,
    /// Whether a replacement makes the simple payback later, or takes it away.
    postponed: bool,
}

impl Figures {
    /// Those of a candidate; payback where there is a base case that is not the same plant.
    pub(super) fn of(worth: &Evaluation, base: Option<&Evaluation>, project: &Project) -> Self {
        let payback = base.and_then(|base| payback(project, base, worth));
        let saving = base.map(|base| first_year(&base.components) - first_year(&worth.components));
        let more = base.map(|base| worth.money.costs.investment - base.money.costs.investment);
        let both = more.zip(saving).filter(|(more, saving)| *more > 0.0 && *saving > 0.0);
        Self {
            investment: worth.money.costs.investment,
            saving_per_year: saving,
            investment_per_saving: both.map(|(more, saving)| more / saving),
            simple_years: payback.and_then(|payback| payback.simple_years),
            discounted_years: payback.and_then(|payback| payback.discounted_years),
            net_present_cost: worth.money.net_present_cost,
            levelised_cost_per_kwh: worth.money.levelised_cost_per_kwh,
            carbon_kg: worth.carbon_kg,
            unserved_kwh: worth.unserved_kwh,
            postponed: base.is_some_and(|base| postponed(project, base, worth)),
        }
    }

    /// Whether a replacement makes the simple payback later, or takes it away.
    pub(super) fn is_postponed(&self) -> bool {
        self.postponed
    }

    /// What they are called, with their units.
    pub(super) fn names(currency: &str) -> [Quantity; 9] {
        [
            ("investment", currency),
            ("saving a year", currency),
            ("investment per saving", "years"),
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
    pub(super) const MEANINGS: [&'static str; 9] = [
        "Investment, paid at the start",
        "Saving on the running costs of the first year, compared with the base case",
        "Investment beyond the base case's, divided by the first year's saving, without \
         replacements; empty if either is not above zero",
        "Years until the cumulative cost, replacements included, stays at or below the base \
         case's; 0 if it is never above; empty if that does not happen within the project's life",
        "Simple payback computed with discounted cash flows",
        "All costs over the project's life, discounted",
        "Net present cost per kWh served",
        "CO2 of a year's imports and fuel, and of the energy drawn from the batteries' initial \
         charge",
        "Demand of a year that is not served",
    ];

    /// Their values, in the order of their names.
    pub(super) fn values(&self) -> [Option<f64>; 9] {
        [
            Some(self.investment),
            self.saving_per_year,
            self.investment_per_saving,
            self.simple_years,
            self.discounted_years,
            Some(self.net_present_cost),
            self.levelised_cost_per_kwh,
            Some(self.carbon_kg),
            Some(self.unserved_kwh),
        ]
    }
}

/// When a plant has paid for itself against the base case: from when on it has cost no more, all in
/// all. None where it is the same plant.
pub(super) fn payback(project: &Project, base: &Evaluation, worth: &Evaluation) -> Option<Payback> {
    let (before, after) = (&base.components, &worth.components);
    (before != after).then(|| payback_years(project, before, after))
}

/// Whether the simple payback would come earlier, or come at all, if nothing were ever replaced.
fn postponed(project: &Project, base: &Evaluation, worth: &Evaluation) -> bool {
    let lasting = |of: &Evaluation| {
        let lasting = |of: &Component| Component { life_years: f64::INFINITY, ..of.clone() };
        Evaluation { components: of.components.iter().map(lasting).collect(), ..of.clone() }
    };
    let years = |base: &Evaluation, worth: &Evaluation| {
        payback(project, base, worth).and_then(|payback| payback.simple_years)
    };
    match (years(base, worth), years(&lasting(base), &lasting(worth))) {
        (Some(with), Some(without)) => with > without + SLACK_YEARS,
        (with, without) => with.is_none() && without.is_some(),
    }
}

/// What it costs to run a plant for the first year.
pub(super) fn first_year(components: &[Component]) -> f64 {
    components.iter().map(Component::first_year).sum()
}
