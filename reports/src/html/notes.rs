//! How the figures are worked out, what they rest on, and what leads to the same run again.

use super::Context;
use super::markup::{Table, escape};
use crate::RunInfo;

/// Formulas that hold for every run.
const METHOD: [&str; 11] = [
    "Powers are means over an interval. PV + gensets + import + discharge + not served = demand + export + charge + curtailed in every interval.",
    "Self-sufficiency = consumed kWh that the site's own renewables made, traced through the batteries / all consumed kWh. The grid, fuel and what the batteries held at the start do not count as own; with a grid, that first charge counts as the grid's. Over demand, the same kWh are divided by all demand, served or not. The renewable share adds the grid's renewable part (grid.renewable_share).",
    "Tracing: a battery holds the mix of what it was charged with, and discharges that mix. All uses of an interval have the same mix.",
    "Operational carbon = imports at the grid's intensity of their interval + fuel. Exports are reported and not deducted. Emitted = consumed + exported + stored, where consumed is the intensity of the mix \u{00d7} the energy served, and stored is the change from start to end.",
    "Embodied carbon = that of one year of each device's lifetime \u{00d7} the run's length / 365.25 days.",
    "Demand charge = for each month of the site's clock, the highest 15-minute mean import \u{00d7} the price per kW. Where an interval is longer than 15 minutes, its mean counts.",
    "Total cost = the sum of the lines under Cost: imports with their fees, taxes and VAT, monthly charges, carbon price, fuel, lost load and the change in stored energy, less exports. The change in store is what the batteries could deliver at the start less what they could deliver at the end, at the mean import price of the run (each hour counts the same), on an island at the mean fuel cost per kWh; where they could deliver more at the end, that is worth what a kWh charged in the run cost on average, PV counted at the mean export price.",
    "The part of a flow that went through the batteries follows from generation and discharge in the same interval; all batteries count as one store. Their energy at the start is derived from the end of the first interval, without its losses.",
    "Duration curves are histograms of all intervals, exact to a thousandth of the highest power; the area under a curve is the energy.",
    "Latency percentiles are those of completed tasks, on time or late, and exact to 0.4 %. Counts, sums and means are exact.",
    "A view that several members enter counts as one view change.",
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
    out += &super::inputs::section(context);
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
