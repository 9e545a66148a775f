//! What a reader should know before trusting or praising the run.

use super::Context;
use super::markup::list;
use super::story::Story;
use crate::number::{count, duration, human, percent};
use gridtwin_kernel::SimTime;

/// The balance of an interval may be off by this much, kWh.
const RESIDUAL_KWH: f64 = 1e-9;

/// So many silences are listed, the longest ones.
const SILENCES: usize = 12;
/// So many times of a fault are listed.
const TIMES: usize = 4;

/// The list.
pub(super) fn section(context: &Context<'_>, story: &Story) -> String {
    let (tally, catalog) = (context.tally, context.catalog);
    let mut found: Vec<String> = Vec::new();
    for (info, group) in catalog.groups.iter().zip(&tally.groups.0) {
        if group.violations > 0 {
            found.push(format!(
                "Group {}: the safety guarantee of its protocol was violated {}; events.csv says how.",
                info.name,
                times(group.violations)
            ));
        }
        if group.decided == 0 {
            found.push(format!("Group {}: no block was decided.", info.name));
        }
        if group.voters_down > 0 {
            let times = times(group.voters_down);
            found.push(format!("Group {}: members crashed or lost power {times}.", info.name));
        }
    }
    found.extend(silences(context, story));
    if story.noted > 0 {
        let warnings = if story.noted == 1 { "warning" } else { "warnings" };
        found.push(format!("{} meter {warnings}; events.csv has the details.", count(story.noted)));
    }
    let residual = tally.energy.worst_residual_kwh;
    if residual.is_nan() || residual >= RESIDUAL_KWH {
        found.push(format!(
            "The energy balance of at least one interval is wrong by {} kWh; rounding explains only {RESIDUAL_KWH:e} kWh.",
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
        let (what, all) = if catalog.pv.is_empty() || !tally.energy.only_pv_curtailed() {
            ("surplus", kwh.pv_kw + kwh.genset_kw)
        } else {
            ("PV", kwh.pv_kw)
        };
        found.push(format!(
            "{} kWh of {what} were curtailed ({}).",
            human(kwh.curtailed_kw),
            percent(kwh.curtailed_kw / all)
        ));
    }
    let away: f64 = context.outages.iter().map(|(a, b)| (*b - *a).as_secs_f64()).sum();
    if catalog.has_grid && away > 0.0 {
        let times = times(context.outages.len() as u64);
        found.push(format!("Grid outages: {times}, {} in total.", duration(away)));
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
            "Tasks completed after their deadline: {} ({}).",
            count(tasks.missed()),
            percent(tasks.missed() as f64 / tasks.arrived() as f64)
        ));
    }
    let short: u64 = tally.cars.served().iter().map(|s| s.short).sum();
    if short > 0 {
        found.push(format!(
            "Cars that left with less energy than they requested: {}.",
            count(short)
        ));
    }
    let found = match found.is_empty() {
        true => "<p>None.</p>\n".to_owned(),
        false => list("Findings", &found),
    };
    let faults: Vec<String> = (0u16..)
        .zip(&catalog.faults)
        .map(|(i, text)| format!("{text}: {}", struck(context, story.fault(i))))
        .collect();
    let faults = match faults.is_empty() {
        true => String::new(),
        false => format!("<h3>Faults set in the scenario</h3>\n{}", list("Faults", &faults)),
    };
    format!(
        "{found}{faults}<p>Largest error in the energy balance of any interval: {} kWh.</p>\n",
        human(residual)
    )
}

/// How often.
fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{} times", count(n)) }
}

/// The stretches without a decision, in order of time.
fn silences(context: &Context<'_>, story: &Story) -> Vec<String> {
    let mut longest: Vec<_> = story.silences().iter().collect();
    longest.sort_by_key(|(from, until, _)| std::cmp::Reverse(*until - *from));
    let left = longest.len().saturating_sub(SILENCES);
    longest.truncate(SILENCES);
    longest.sort_by_key(|(from, ..)| *from);
    let tell = |(from, until, text): &(SimTime, SimTime, String)| {
        format!("{text}, from {}.", span(context, *from, *until))
    };
    let mut told: Vec<String> = longest.into_iter().map(tell).collect();
    if left > 0 {
        told.push(format!("{} shorter periods without a decision.", count(left as u64)));
    }
    told
}

/// When a fault struck and was mended.
fn struck(context: &Context<'_>, all: &[(SimTime, Option<SimTime>)]) -> String {
    let tell = |(from, until): &(SimTime, Option<SimTime>)| match until {
        Some(until) => span(context, *from, *until),
        None => format!("{}, not repaired", moment(context, *from)),
    };
    let told: Vec<String> = all.iter().take(TIMES).map(tell).collect();
    match all.len() {
        0 => "did not occur".to_owned(),
        n if n > TIMES => format!("{} and {} more", told.join("; "), count((n - TIMES) as u64)),
        _ => told.join("; "),
    }
}

fn moment(context: &Context<'_>, at: SimTime) -> String {
    let (date, time) = context.when(at);
    format!("{date} {time}")
}

fn span(context: &Context<'_>, from: SimTime, until: SimTime) -> String {
    let ((from_date, _), (date, time)) = (context.when(from), context.when(until));
    let until = if from_date == date { time } else { format!("{date} {time}") };
    format!("{} to {until}", moment(context, from))
}
