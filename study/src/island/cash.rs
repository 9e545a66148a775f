//! A plant's cash flow against another's, year by year: what is paid more at the start, what is saved
//! afterwards, what is replaced, what is left. It is the net present cost laid out over time: the
//! discounted flows add up to the difference of the two.

use super::money::{Component, Project};
use serde::Serialize;

/// What a year brings that has the one plant instead of the other. Positive is in favour of the one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CashYear {
    /// The year: 0 is the start, 1 the first year, at whose end its running costs are paid.
    pub year: u32,
    /// What is invested less; negative where more is.
    pub investment: f64,
    /// What is saved on fuel and energy.
    pub energy: f64,
    /// What is saved on operation and maintenance.
    pub om: f64,
    /// What is saved on carbon, at its price.
    pub carbon: f64,
    /// What is saved on replacements within the year.
    pub replacement: f64,
    /// What is left at the end, sold.
    pub residual: f64,
    /// All of it.
    pub net: f64,
    /// All of it since the start.
    pub cumulative: f64,
    /// Present value of the year's net.
    pub discounted: f64,
    /// Present value of all since the start.
    pub discounted_cumulative: f64,
}

/// The years of a project with `mix` instead of `base`.
#[must_use]
pub fn cash_flow(project: &Project, base: &[Component], mix: &[Component]) -> Vec<CashYear> {
    let mut all: Vec<CashYear> = Vec::new();
    for year in 0..=project.life_years {
        let mut of = CashYear { year, ..CashYear::default() };
        for (components, sign) in [(base, 1.0), (mix, -1.0)] {
            for component in components {
                of.add(project, component, sign);
            }
        }
        of.net = of.investment + of.energy + of.om + of.carbon + of.replacement + of.residual;
        let before = all.last().copied().unwrap_or_default();
        of.cumulative = before.cumulative + of.net;
        of.discounted_cumulative = before.discounted_cumulative + of.discounted;
        all.push(of);
    }
    all
}

impl CashYear {
    /// Adds what a component costs in the year; `sign` is 1 for what is saved and -1 for what is paid.
    fn add(&mut self, project: &Project, component: &Component, sign: f64) {
        let price = sign * component.unit_price * component.size;
        let Some(before) = self.year.checked_sub(1) else {
            self.investment += price;
            self.discounted += price;
            return;
        };
        let at_end = project.present(self.year);
        let energy = sign * component.fuel_per_year * project.risen(self.year);
        let om = sign * component.om_per_year();
        let carbon = sign * component.carbon_per_year;
        self.energy += energy;
        self.om += om;
        self.carbon += carbon;
        self.discounted += (energy + om + carbon) * at_end;
        // Each replacement is paid when its time comes, be it within the year.
        let replaced = [before, self.year].map(|year| component.replaced_until(project, year));
        if replaced[1] > replaced[0] {
            let new = price * component.replacement_share;
            let worth = replaced.map(|count| project.present_sum(component.life_years, count));
            self.replacement += new * (replaced[1] - replaced[0]);
            self.discounted += new * (worth[1] - worth[0]);
        }
        if self.year == project.life_years {
            let residual = -price * component.salvage_share * component.left(project);
            self.residual += residual;
            self.discounted += residual * at_end;
        }
    }
}
