//! The run beside another one, the base case: what differs, in its unit and in per cent. Only where
//! there is a base case.

use super::Context;
use super::markup::{Table, escape};
use crate::Summary;
use crate::number::{human, percent};

/// Another run to hold this one against.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Base {
    /// What it is called.
    pub(crate) name: String,
    /// Its figures.
    pub(crate) summary: Summary,
    /// Its random seed, where that is known.
    pub(crate) seed: Option<u64>,
}

/// What differs by less than this share is the same sum in another order.
const ROUNDING: f64 = 1e-9;

/// The metrics that are compared, with what a reader calls them.
const COMPARED: [(&str, &str); 18] = [
    ("energy.consumed_kwh", "Consumed"),
    ("energy.import_kwh", "Grid import"),
    ("energy.export_kwh", "Grid export"),
    ("energy.curtailed_kwh", "Curtailed"),
    ("energy.unserved_kwh", "Not served"),
    ("energy.self_sufficiency", "Self-sufficiency"),
    ("energy.self_sufficiency_of_demand", "Self-sufficiency, as a share of demand"),
    ("energy.renewable_share", "Renewable share"),
    ("energy.highest_import_kw", "Highest import"),
    ("carbon.operational_kg", "Operational carbon"),
    ("carbon.embodied_kg", "Embodied carbon"),
    ("carbon.intensity_g_per_kwh", "Carbon intensity of consumption"),
    ("cost.total", "Cost"),
    ("ev.delivered_kwh", "Energy delivered to cars"),
    ("tasks.completed", "Tasks on time"),
    ("tasks.lost", "Tasks lost"),
    ("tasks.latency_ms_p50", "Latency p50"),
    ("tasks.latency_ms_p95", "Latency p95"),
];

/// Whether a metric is a share, shown in per cent; its differences are percentage points.
fn is_share(metric: &str) -> bool {
    metric.starts_with("energy.self_sufficiency") || metric.starts_with("energy.renewable_share")
}

/// Whether a metric adds up over the days of a run.
fn adds_up(metric: &str) -> bool {
    let of_each = ["intensity", "latency", "highest"].iter().any(|word| metric.contains(word));
    !is_share(metric) && !of_each
}

/// A difference with its sign.
fn signed(value: f64, text: String) -> String {
    if value > 0.0 { format!("+{text}") } else { text }
}

/// A metric of this run and of the base case, where both were measured in the same unit.
fn both(context: &Context<'_>, base: &Base, metric: &str) -> Option<(f64, f64, String)> {
    let find = |summary: &Summary| summary.metrics.iter().find(|m| m.name == metric).cloned();
    let (here, there) = (find(context.summary)?, find(&base.summary)?);
    (here.unit == there.unit).then_some((here.value?, there.value?, here.unit))
}

/// Whether two values are the same but for rounding.
fn alike(here: f64, there: f64) -> bool {
    (here - there).abs() <= ROUNDING * here.abs().max(there.abs())
}

/// How far a value is from the base case's; nothing where that is rounding.
fn apart(here: f64, there: f64) -> f64 {
    if alike(here, there) { 0.0 } else { here - there }
}

/// The difference in the metric's unit; shares differ by percentage points.
fn difference(metric: &str, here: f64, there: f64, unit: &str) -> String {
    let by = apart(here, there);
    if is_share(metric) {
        return points(by);
    }
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!("{}{unit}", signed(by, human(by)))
}

/// The difference in per cent of the base case; empty where that is zero.
fn relative(here: f64, there: f64) -> String {
    if there == 0.0 {
        return String::new();
    }
    let by = apart(here, there) / there.abs();
    signed(by, percent(by))
}

/// Whether the two runs last equally long; else sums have nothing to say of each other.
fn equally_long(context: &Context<'_>, base: &Base) -> bool {
    let days = |summary: &Summary| summary.get("run.days");
    days(context.summary).zip(days(&base.summary)).is_none_or(|(a, b)| (a - b).abs() < 1e-9)
}

/// The line of a figure that is the base case's.
const UNCHANGED: &str = "<p class=\"against\">no change compared with the base case</p>";

/// The line of a headline figure; empty without a base case.
pub(super) fn line(context: &Context<'_>, metric: &str) -> String {
    let Some(base) = context.base else { return String::new() };
    if adds_up(metric) && !equally_long(context, base) {
        return "<p class=\"against\">not compared: the base case covers another number of days</p>"
            .to_owned();
    }
    let Some((here, there, unit)) = both(context, base, metric) else { return String::new() };
    if alike(here, there) {
        return UNCHANGED.to_owned();
    }
    let mut text = difference(metric, here, there, &unit);
    let relative = relative(here, there);
    if !relative.is_empty() && !is_share(metric) {
        text += &format!(" ({relative})");
    }
    format!("<p class=\"against\">{} compared with the base case</p>", escape(&text))
}

/// The line of the share of tasks that came back in time; empty without a base case.
pub(super) fn tasks_line(context: &Context<'_>) -> String {
    let share = |summary: &Summary| {
        let (arrived, in_time) = (summary.get("tasks.arrived")?, summary.get("tasks.completed")?);
        (arrived > 0.0).then(|| in_time / arrived)
    };
    let there = context.base.and_then(|base| share(&base.summary));
    let (Some(there), Some(here)) = (there, share(context.summary)) else { return String::new() };
    if alike(here, there) {
        return UNCHANGED.to_owned();
    }
    let text = points(here - there);
    format!("<p class=\"against\">{} compared with the base case</p>", escape(&text))
}

/// A difference of shares.
fn points(by: f64) -> String {
    format!("{} percentage points", signed(by, human(by * 100.0)))
}

/// The table of all that is compared; empty without a base case.
pub(super) fn section(context: &Context<'_>) -> String {
    let Some(base) = context.base else { return String::new() };
    let mut table = Table::new(
        &format!("This run compared with {}", base.name),
        &["Figure", "This run", "Base case", "Difference", "Relative", "~Unit"],
    );
    let lengths = both(context, base, "run.days").filter(|_| !equally_long(context, base));
    for (metric, name) in COMPARED {
        if let Some((here, there, unit)) = both(context, base, metric) {
            let (here, there, unit) = match &lengths {
                Some((days_here, days_there, _)) if adds_up(metric) => {
                    let unit = if unit.is_empty() { "1" } else { unit.as_str() };
                    (here / days_here, there / days_there, format!("{unit}/d"))
                }
                _ => (here, there, unit),
            };
            let shown = |v: f64| if is_share(metric) { percent(v) } else { human(v) };
            table.row(&[
                name.to_owned(),
                shown(here),
                shown(there),
                difference(metric, here, there, ""),
                if is_share(metric) { String::new() } else { relative(here, there) },
                unit,
            ]);
        }
    }
    let table = table.end();
    if table.is_empty() {
        return String::new();
    }
    let days = lengths.map_or(String::new(), |(here, there, _)| {
        let (here, there) = (human(here), human(there));
        format!(
            " The base case covers {there} days and this run {here}, so totals are given per day. \
             Compare with care: monthly charges cost more per day in a short run, and the runs may \
             cover different seasons."
        )
    });
    let here = context.catalog.seed;
    let seeds = base.seed.filter(|there| *there != here).map_or(String::new(), |there| {
        format!(
            " It has the random seed {there} and this run {here}: part of each difference is \
             random; use a study with <code>replicates</code> to test it."
        )
    });
    format!(
        "<section id=\"base\">\n<h2>Comparison with the base case</h2>\n<p>The base case is {}.{days}{seeds}</p>\n{table}</section>\n",
        escape(&base.name)
    )
}
