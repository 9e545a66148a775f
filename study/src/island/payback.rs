//! When a dearer plant has earned back what it cost more than another.
//!
//! Counts what is paid, never what could be sold: salvage is the net present cost's business.

use super::money::{Component, Project};
use serde::Serialize;

/// When the alternative has cost no more, all in all, than the base; none where the project ends first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Payback {
    /// With money worth the same at any time, in years.
    pub simple_years: Option<f64>,
    /// With later money discounted at the project's rate, in years.
    pub discounted_years: Option<f64>,
}

/// When `mix` has earned back what it costs more than `base`.
///
/// Follows the sum of all payments for both, investment, yearly costs and replacements, year by year:
/// the first time the sum for `mix` is not above the sum for `base`, drawn straight within the year.
/// Zero where `mix` costs no more to begin with: there is nothing to earn back, whatever it costs to
/// run. A later replacement may put `mix` behind again.
#[must_use]
pub fn payback_years(project: &Project, base: &[Component], mix: &[Component]) -> Payback {
    let undiscounted = Project { discount_rate: 0.0, ..*project };
    Payback {
        simple_years: first_even(&undiscounted, base, mix),
        discounted_years: first_even(project, base, mix),
    }
}

fn first_even(project: &Project, base: &[Component], mix: &[Component]) -> Option<f64> {
    let paid = |components: &[Component], year| -> f64 {
        components.iter().map(|component| component.paid_until(project, year)).sum()
    };
    let ahead = |year| paid(base, year) - paid(mix, year);
    let mut before = ahead(0);
    if before >= 0.0 {
        return Some(0.0);
    }
    for year in 1..=project.life_years {
        let after = ahead(year);
        if after >= 0.0 {
            return Some(f64::from(year) - after / (after - before));
        }
        before = after;
    }
    None
}
