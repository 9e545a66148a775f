//! What each metric of the summary means, in words. How it is worked out stands in [`crate::tally`].

use crate::tally::energy::{FLOW_MEANINGS, FLOWS};

/// Metrics by name; of a consensus group, what follows the group's name.
const MEANINGS: [(&str, &str); 60] = [
    ("run.days", "How long the run lasted"),
    ("energy.consumed_kwh", "All that loads, cars, computing and network got"),
    ("energy.consumed_from_pv_kwh", "Of it from PV, storage traced"),
    ("energy.consumed_from_grid_kwh", "Of it from the grid, storage traced"),
    ("energy.consumed_from_genset_kwh", "Of it from gensets, storage traced"),
    ("energy.consumed_from_initial_kwh", "Of it from what batteries held at the start"),
    ("energy.balance_residual_kwh", "The most that any interval's balance is off by: rounding"),
    (
        "energy.self_sufficiency",
        "Share of consumption that came neither from the grid nor from fuel",
    ),
    ("energy.grid_outage_h", "How long the grid was away"),
    ("energy.highest_import_kw", "Highest mean import of an interval"),
    ("carbon.operational_kg", "CO2 of imports and fuel"),
    ("carbon.imported_kg", "CO2 of imports"),
    ("carbon.exported_kg", "CO2 that left with exports"),
    ("carbon.consumed_kg", "CO2 of what was consumed, storage traced"),
    ("carbon.stored_kg", "CO2 of what batteries hold at the end"),
    ("carbon.embodied_kg", "The run's share of making PV, batteries and servers"),
    ("carbon.intensity_g_per_kwh", "CO2 of a consumed kWh"),
    (
        "carbon.marginal_kg",
        "Imports less exports at the grid's marginal rate, apart from all above",
    ),
    ("cost.energy", "Imports at their energy price"),
    ("cost.grid_fee", "Grid fee of imports"),
    ("cost.tax", "Taxes and levies on imports"),
    ("cost.margin", "The supplier's margin on imports"),
    ("cost.demand", "Each month's highest 15-minute import at its price, in full or by its days"),
    ("cost.fixed", "Fixed charges of the months, in full or by their days as the tariff says"),
    ("cost.vat", "VAT on the lines above"),
    ("cost.carbon", "The carbon price of imports and fuel"),
    ("cost.fuel", "Fuel"),
    ("cost.lost_load", "Demand that was not met, at its price"),
    ("cost.export", "What exports brought"),
    ("cost.total", "All that is paid less what exports bring"),
    ("ev.sessions", "Cars that came"),
    ("ev.left_short", "Cars that left with less than they asked for"),
    ("ev.still_there", "Cars that were still there at the end"),
    ("ev.asked_kwh", "What cars that left had asked for"),
    ("ev.delivered_kwh", "What they got"),
    ("ev.waited_h", "How long they waited for a free charger"),
    ("tasks.arrived", "Tasks born"),
    ("tasks.completed", "Tasks done in time"),
    ("tasks.missed", "Tasks done too late"),
    ("tasks.lost", "Tasks lost or refused"),
    ("tasks.listed", "Tasks that have a row in tasks.csv"),
    ("tasks.latency_ms_mean", "Mean latency of tasks that ended"),
    ("tasks.latency_ms_p50", "Half of the latencies are below, within 0.4 %"),
    ("tasks.latency_ms_p95", "95 % of them are below, within 0.4 %"),
    ("tasks.latency_ms_p99", "99 % of them are below, within 0.4 %"),
    ("tasks.latency_ms_max", "The longest"),
    ("tasks.energy_j_per_task", "Energy of a task, from device to cloud"),
    ("tasks.carbon_g_per_task", "CO2 of that energy"),
    ("consensus.listed", "Decisions that have a row in consensus.csv"),
    ("consensus.*.decided", "Blocks decided"),
    ("consensus.*.receipts", "Receipts in them"),
    ("consensus.*.messages", "Messages sent"),
    ("consensus.*.latency_ms_p50", "From proposal to certainty: half are below"),
    ("consensus.*.latency_ms_p99", "From proposal to certainty: 99 % are below"),
    ("consensus.*.energy_j", "Energy of its computing and messages"),
    ("consensus.*.carbon_g", "CO2 of that energy"),
    ("consensus.*.view_changes", "Views or terms that began, the first one apart"),
    ("consensus.*.voters_down", "Times that a member fell silent"),
    ("consensus.*.violations", "Promises broken"),
    ("tasks.*", "Tasks with this outcome"),
];

/// What a metric means; nothing where it is none of ours.
pub fn meaning_of(metric: &str) -> String {
    if let Some(flow) = metric.strip_prefix("energy.").and_then(|name| name.strip_suffix("_kwh"))
        && let Some(at) = FLOWS.iter().position(|known| *known == flow)
    {
        return FLOW_MEANINGS[at].to_owned();
    }
    let fits = |pattern: &str| match pattern.split_once('*') {
        Some((before, after)) => {
            metric.len() > before.len() + after.len()
                && metric.starts_with(before)
                && metric.ends_with(after)
        }
        None => metric == pattern,
    };
    let found = MEANINGS.iter().find(|(pattern, _)| fits(pattern));
    found.map_or_else(String::new, |(_, meaning)| (*meaning).to_owned())
}
