//! How the figures are worked out, what they rest on, and what leads to the same run again.

use super::Context;
use super::markup::{Table, escape};
use crate::RunInfo;

/// Formulas that hold for every run.
const METHOD: [&str; 11] = [
    "Powers are means over an interval. PV + gensets + import + discharge + not served = demand + export + charge + curtailed, in every interval.",
    "Self-sufficiency = 1 \u{2212} (consumed kWh that came from the grid, traced through the batteries) / (all consumed kWh). What was in the batteries at the start counts as the site's own.",
    "A battery holds a mix of what was put into it; what leaves it has that mix. The uses of an interval all have the same mix.",
    "Operational carbon = imports at the grid's intensity of their interval + fuel. Exports are told and not deducted. Emitted = consumed + exported + stored, where consumed is the mix's intensity \u{00d7} what was served and stored is what the batteries hold more at the end than at the start.",
    "Embodied carbon = that of a year of each device's life \u{00d7} the run's length / 365.25 days.",
    "Demand charge = for each month of the site's clock, the highest 15-minute mean import \u{00d7} the price per kW. Where an interval is longer than 15 minutes, its mean counts.",
    "Total cost = energy + demand + fixed + fuel + lost load \u{2212} exports.",
    "Which part of a flow went through the batteries follows from what was made and discharged in the same interval; all batteries count as one store. What they held at the start is known from the end of the first interval, as if nothing had been lost in it.",
    "Duration curves are histograms of all intervals, exact to a thousandth of the highest power; their area is the energy.",
    "Latency percentiles are exact to 0.4 % and those of tasks that came back, in time or late. Counts, sums and means are exact.",
    "A view that several members enter counts as one new view.",
];

/// The section.
pub(super) fn section(context: &Context<'_>, scenario: &str, info: &RunInfo) -> String {
    let catalog = context.catalog;
    let list = |title: &str, items: &mut dyn Iterator<Item = &str>| {
        let items: String = items.map(|text| format!("<li>{}</li>\n", escape(text))).collect();
        let items = if items.is_empty() { "<li>none named</li>\n".to_owned() } else { items };
        format!("<h3>{title}</h3>\n<ul>\n{items}</ul>\n")
    };
    let mut run = Table::new("The run", &["What", "~Value"]);
    let mut row = |name: &str, value: &str| run.row(&[name.to_owned(), value.to_owned()]);
    row("gridtwin", &info.version);
    row("Seed", &catalog.seed.to_string());
    row("Interval", &crate::number::duration(catalog.step.as_secs_f64()));
    row("Start, UTC", &catalog.start.to_string());
    for (what, name) in &catalog.policies {
        row(&format!("Policy: {what}"), name);
    }
    if !info.command.is_empty() {
        row("Command", &info.command);
    }
    let mut out = run.end();
    out += &list("How figures are worked out", &mut METHOD.into_iter());
    out += &list("Assumptions", &mut info.assumptions.iter().map(String::as_str));
    out += &list("Sources", &mut info.sources.iter().map(String::as_str));
    out += &figures(context);
    if !scenario.trim().is_empty() {
        out += &format!(
            "<details><summary>The scenario, as resolved (scenario.ron)</summary>\n<pre tabindex=\"0\" role=\"group\" aria-label=\"scenario.ron\">{}</pre></details>\n",
            escape(scenario)
        );
    }
    out
}

/// Every metric of the summary.
fn figures(context: &Context<'_>) -> String {
    let mut table = Table::new("All figures (summary.csv)", &["Metric", "Value", "~Unit"]);
    for metric in &context.summary.metrics {
        table.row(&[metric.name.clone(), context.shown(&metric.name), metric.unit.clone()]);
    }
    format!("<details><summary>All figures</summary>\n{}</details>\n", table.end())
}
