//! What a reader should know before trusting or praising the run.

use super::Context;
use super::markup::escape;
use crate::number::{count, duration, human, percent};

/// The balance of an interval may be off by this much, kWh.
const RESIDUAL_KWH: f64 = 1e-9;

/// The list.
pub(super) fn section(context: &Context<'_>) -> String {
    let (tally, catalog) = (context.tally, context.catalog);
    let mut found: Vec<String> = Vec::new();
    for (info, group) in catalog.groups.iter().zip(&tally.groups.0) {
        if group.violations > 0 {
            found.push(format!(
                "Group {} broke its promise {} times: two members disagree.",
                info.name,
                count(group.violations)
            ));
        }
        if group.decided == 0 {
            found.push(format!("Group {} decided nothing.", info.name));
        }
    }
    let residual = tally.energy.worst_residual_kwh;
    if residual.is_nan() || residual >= RESIDUAL_KWH {
        found.push(format!(
            "The energy balance of an interval is off by {} kWh, more than the {RESIDUAL_KWH:e} kWh that rounding explains.",
            human(residual)
        ));
    }
    let kwh = &tally.energy.kwh;
    if kwh.unserved_kw > 0.0 {
        found.push(format!(
            "{} kWh of demand were not served ({}).",
            human(kwh.unserved_kw),
            percent(kwh.unserved_kw / kwh.load_kw)
        ));
    }
    if kwh.curtailed_kw > 0.0 {
        found.push(format!(
            "{} kWh of PV were curtailed ({}).",
            human(kwh.curtailed_kw),
            percent(kwh.curtailed_kw / kwh.pv_kw)
        ));
    }
    let away: f64 = context.outages.iter().map(|(a, b)| (*b - *a).as_secs_f64()).sum();
    if catalog.has_grid && away > 0.0 {
        let times = match context.outages.len() {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        found.push(format!("The grid was away {times}, {} in all.", duration(away)));
    }
    let tasks = tally.tasks.totals().sum(|_, _| true);
    if tasks.lost() > 0 {
        found.push(format!(
            "Tasks lost: {} ({}).",
            count(tasks.lost()),
            percent(tasks.lost() as f64 / tasks.arrived() as f64)
        ));
    }
    if tasks.missed() > 0 {
        found.push(format!(
            "Tasks that came back late: {} ({}).",
            count(tasks.missed()),
            percent(tasks.missed() as f64 / tasks.arrived() as f64)
        ));
    }
    let short: u64 = tally.cars.served.iter().map(|s| s.short).sum();
    if short > 0 {
        found.push(format!("Cars that left with less than they asked for: {}.", count(short)));
    }
    let items: String = found.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let list = if items.is_empty() {
        "<p>None.</p>\n".to_owned()
    } else {
        format!("<ul>\n{items}</ul>\n")
    };
    let faults: String =
        catalog.faults.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let faults = if faults.is_empty() {
        String::new()
    } else {
        format!("<h3>Faults of the scenario</h3>\n<ul>\n{faults}</ul>\n")
    };
    format!(
        "{list}{faults}<p>Greatest balance residual of an interval: {} kWh.</p>\n",
        human(residual)
    )
}
