//! When a dearer plant has earned back what it cost more than another.
//!
//! Counts what is paid, never what could be sold: salvage is the net present cost's business.

use super::money::{Component, Project};
use serde::Serialize;

/// Sums that differ by less than this share are the same.
const ROUNDING: f64 = 1e-9;

/// From when on the alternative has cost no more, all in all, than the base; none where it is behind
/// when the project ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Payback {
    /// With money worth the same at any time, in years.
    pub simple_years: Option<f64>,
    /// With later money discounted at the project's rate, in years.
    pub discounted_years: Option<f64>,
}

/// When `mix` has earned back what it costs more than `base`, for good.
///
/// Follows the sum of all payments for both, investment, yearly costs and replacements, year by year:
/// the last time from which the sum for `mix` stays no higher than the sum for `base` until the project
/// ends, drawn straight within the year. A replacement that puts `mix` behind again postpones it. Zero
/// where `mix` costs no more to begin with and is never behind; none where it is behind at the end, also
/// where it was cheaper at first.
#[must_use]
pub fn payback_years(project: &Project, base: &[Component], mix: &[Component]) -> Payback {
    let undiscounted = Project { discount_rate: 0.0, ..*project };
    Payback {
        simple_years: even_for_good(&undiscounted, base, mix),
        discounted_years: even_for_good(project, base, mix),
    }
}

fn even_for_good(project: &Project, base: &[Component], mix: &[Component]) -> Option<f64> {
    let paid = |components: &[Component], year| -> f64 {
        components.iter().map(|component| component.paid_until(project, year)).sum()
    };
    let ahead = |year| paid(base, year) - paid(mix, year);
    // What differs by rounding is even.
    let is_behind = |year: &u32| ahead(*year) < -ROUNDING * paid(base, *year).abs();
    let behind = (0..=project.life_years).rev().find(is_behind);
    match behind {
        None => Some(0.0),
        Some(last) if last == project.life_years => None,
        Some(last) => {
            let (before, after) = (ahead(last), ahead(last + 1));
            let share = (-before / (after - before)).min(1.0);
            Some(f64::from(last) + share)
        }
    }
}
