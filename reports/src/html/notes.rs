//! How the figures are calculated, what they rest on, and what leads to the same run again.

use super::Context;
use super::markup::{Table, escape};
use crate::RunInfo;

/// Formulas that hold for every run.
const METHOD: [&str; 12] = [
    "Powers are means over an interval. In every interval, PV + gensets + import + discharge + not served = demand + export + charge + curtailed.",
    "Self-sufficiency = consumed kWh that the site's own renewables generated / all consumed kWh. Energy that was stored in a battery counts by its source. Grid energy, fuel and the energy stored in the batteries at the start of the run do not count as the site's own renewables; on a site with a grid, the energy stored at the start is treated as grid energy. Self-sufficiency as a share of demand divides by all demand, served or not. The renewable share also counts the renewable part of grid energy (grid.renewable_share).",
    "Tracing: a battery holds the mix of sources that it was charged with, and discharges that mix. In each interval, all consumers receive the same mix.",
    "Operational carbon = CO\u{2082} of imports, at the grid's carbon intensity in each interval, + CO\u{2082} of fuel. The CO\u{2082} of exports is reported but not deducted. Operational carbon also = consumed + exported + stored, where consumed is the energy served \u{00d7} the carbon intensity of its mix, and stored is the change in the CO\u{2082} of the stored energy from start to end.",
    "Embodied carbon = the embodied carbon of each device / its lifetime in years \u{00d7} the run's length in days / 365.25.",
    "Demand charge = the highest 15-minute mean import of each calendar month in local time \u{00d7} the price per kW. If an interval is longer than 15 minutes, its mean is used.",
    "Total cost = the sum of the lines under Cost: imports with their fees, taxes and VAT, monthly charges, carbon price, fuel, lost load and the change in stored energy, minus the income from exports.",
    "Cost of the change in stored energy = (energy that the batteries could deliver at the start of the run \u{2212} the same at its end) \u{00d7} a price per kWh. If they could deliver less at the end, the price is the mean import price of the run (each hour counts the same), or on an island the mean fuel cost. If they could deliver more, the price is the average cost of a kWh charged in the run, with PV valued at the mean export price. The change in the CO\u{2082} of the stored energy is valued in the same way, at the carbon price.",
    "Flow diagrams: which part of a flow came through the batteries is calculated from generation and discharge in the same interval, with all batteries taken as one store. The energy stored at the start of the run is calculated back from the end of the first interval, without the losses in that interval.",
    "Duration curves are drawn from histograms of all intervals and are accurate to a thousandth of the highest power; the area under a curve is the energy.",
    "Latency percentiles cover completed tasks, on time or late, and are accurate to 0.4 %. Counts, sums and means are exact.",
    "Consensus: a new view counts as one view change, however many members enter it.",
];

/// The section.
pub(super) fn section(context: &Context<'_>, scenario: &str, info: &RunInfo) -> String {
    let catalog = context.catalog;
    let list = |title: &str, items: &mut dyn Iterator<Item = &str>| {
        let items: String = items.map(|text| format!("<li>{}</li>\n", escape(text))).collect();
        let items = if items.is_empty() { "<li>none given</li>\n".to_owned() } else { items };
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
    out += &list("How figures are calculated", &mut METHOD.into_iter());
    out += &list("Assumptions", &mut info.assumptions.iter().map(String::as_str));
    out += &super::inputs::section(context);
    out += &list("Sources", &mut info.sources.iter().map(String::as_str));
    out += &figures(context);
    if !scenario.trim().is_empty() {
        out += &format!(
            "<details><summary>The scenario of this run, with all defaults filled in (scenario.ron)</summary>\n<pre tabindex=\"0\" role=\"group\" aria-label=\"scenario.ron\">{}</pre></details>\n",
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
