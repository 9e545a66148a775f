//! Numbers of an optimisation that cannot be meant, each refused at its own field: rates in per cent,
//! runs of no days. Not whether the choices have a place in the scenario.

use super::spec::{Objective, Optimization, SiteModel, TracesFrom};
use crate::island::Error;
use crate::spec::check_days;
use gridtwin_twin::scenario::ScenarioError;

/// Refuses the first number that is out of range.
pub(super) fn check(of: &Optimization) -> Result<(), ScenarioError> {
    let rates =
        [("discount_rate", of.project.discount_rate), ("escalation", of.project.escalation)];
    for (field, rate) in rates {
        if rate >= 1.0 {
            let message = format!("`{field}`: found {rate}, expected a yearly rate below 1");
            let help = format!("{rate} % a year is written {}", share(rate));
            return Err(of.source.error_at(&format!("project.{field}"), &message, &help));
        }
    }
    limits(of)?;
    of.project.check().map_err(|error| at(of, "project", &error))?;
    match &of.site {
        SiteModel::Twin(site) => check_days(&of.source, "site.days", site.days),
        SiteModel::Island(site) => {
            site.plant.check().map_err(|error| at(of, "site.plant", &error))?;
            site.prices.check().map_err(|error| at(of, "site.prices", &error))?;
            match &site.traces {
                TracesFrom::Scenario { days, .. } => {
                    check_days(&of.source, "site.traces.days", Some(*days))
                }
                TracesFrom::Csv { .. } => Ok(()),
            }
        }
    }
}

/// Refuses limits that limit nothing, or that would be read the other way round.
fn limits(of: &Optimization) -> Result<(), ScenarioError> {
    for (i, limit) in of.limits.iter().enumerate() {
        let wrong = |field: &str, message: &str, help: &str| {
            Err(of.source.error_at(&format!("limits[{i}]{field}"), message, help))
        };
        if let Objective::Most(name) = &limit.of {
            let number = limit.most.or(limit.least).unwrap_or(0.5).abs();
            let help = format!("write (of: Metric({name:?}), least: {number})");
            let message = "found `Most`, which is an objective to maximise and not a limit";
            return wrong(".of", message, &help);
        }
        match (limit.most, limit.least) {
            (None, None) => {
                return wrong(
                    "",
                    "found neither `most` nor `least`",
                    "add a bound, as in `most: 10`",
                );
            }
            (most, _) if most.is_some_and(f64::is_nan) => {
                return wrong(".most", "found NaN, expected a number", "");
            }
            (_, least) if least.is_some_and(f64::is_nan) => {
                return wrong(".least", "found NaN, expected a number", "");
            }
            (Some(most), Some(least)) if least > most => {
                let message = format!("found `least: {least}`, which is above `most: {most}`");
                return wrong(".least", &message, "lower `least` or raise `most`");
            }
            _ => {}
        }
    }
    Ok(())
}

/// The error of a parameter at its own field, and what to write for one in per cent.
fn at(of: &Optimization, group: &str, error: &Error) -> ScenarioError {
    let Error::Parameter { name, value, expected } = error else {
        return of.source.error_at(group, &error.to_string(), "");
    };
    let is_share = expected.contains("1") && (1.0..=100.0).contains(value);
    let help = match is_share && *value > 1.0 {
        true => format!("{value} % is written {}", share(*value)),
        false => String::new(),
    };
    let message = format!("`{name}`: found {value}, expected {expected}");
    of.source.error_at(&format!("{group}.{name}"), &message, &help)
}

/// A number of per cent as a share.
fn share(per_cent: f64) -> f64 {
    (per_cent * 1e6).round() / 1e8
}
