//! What each metric of the summary means, in words. How it is calculated: [`crate::tally`].

use crate::tally::energy::{FLOW_MEANINGS, FLOWS};

/// Metrics by name; of a consensus group, what follows the group's name.
const MEANINGS: &[(&str, &str)] = &[
    ("run.days", "Length of the run"),
    ("energy.consumed_kwh", "Energy that loads, cars, computing and network received"),
    ("energy.consumed_from_pv_kwh", "Of this, from PV, traced through the batteries"),
    ("energy.consumed_from_grid_kwh", "Of this, from the grid, traced through the batteries"),
    ("energy.consumed_from_genset_kwh", "Of this, from gensets, traced through the batteries"),
    (
        "energy.consumed_from_initial_kwh",
        "Of this, energy stored in the batteries at the start of the run",
    ),
    ("energy.stored_start_kwh", "What all batteries could deliver at their terminals at the start"),
    ("energy.stored_end_kwh", "What all batteries could deliver at their terminals at the end"),
    (
        "energy.stored_change_kwh",
        "Stored energy at the end minus at the start; negative if the batteries were emptied",
    ),
    (
        "energy.balance_residual_kwh",
        "Largest error of an interval's energy balance, caused by rounding alone",
    ),
    (
        "energy.self_sufficiency",
        "Share of consumption from the site's own renewables, traced through the batteries; grid energy and fuel do not count",
    ),
    ("energy.self_sufficiency_of_demand", "The same as a share of all demand, served or not"),
    (
        "energy.renewable_share",
        "Share of consumption from renewables: the site's own, and the grid's by grid.renewable_share",
    ),
    ("energy.renewable_share_of_demand", "The same as a share of all demand, served or not"),
    ("energy.grid_outage_h", "Total duration of grid outages"),
    ("energy.highest_import_kw", "Highest mean import of an interval"),
    ("carbon.operational_kg", "CO2 of imports and fuel"),
    ("carbon.imported_kg", "CO2 of imports"),
    ("carbon.exported_kg", "CO2 of exported energy"),
    ("carbon.consumed_kg", "CO2 of the energy consumed, traced through the batteries"),
    ("carbon.stored_kg", "Change in the CO2 of the stored energy, end minus start"),
    (
        "carbon.embodied_kg",
        "Embodied carbon of PV, batteries and servers: the run's share of their lifetime",
    ),
    ("carbon.intensity_g_per_kwh", "CO2 per kWh consumed"),
    (
        "carbon.marginal_kg",
        "Imports minus exports at the grid's marginal rate, apart from all other figures",
    ),
    ("cost.energy", "Imports at the energy price of their interval"),
    ("cost.grid_fee", "Grid fee of imports"),
    ("cost.tax", "Taxes and levies on imports"),
    ("cost.margin", "The supplier's margin on imports"),
    (
        "cost.demand",
        "Demand charge: each month's highest 15-minute import times the price per kW, in full, or in proportion to the days covered (`part_months`)",
    ),
    (
        "cost.fixed",
        "Fixed charges of the months, in full, or in proportion to the days covered (`part_months`)",
    ),
    ("cost.vat", "VAT on the lines above"),
    ("cost.carbon", "Carbon price of imports and fuel"),
    ("cost.fuel", "Cost of fuel"),
    ("cost.lost_load", "Cost of demand that was not served (lost load)"),
    ("cost.export", "Income from exports"),
    (
        "cost.stored_change",
        "Value of the change in stored energy. If less is stored at the end, a cost (positive): each missing kWh costs the mean import price, or on an island the mean fuel cost. If more is stored, a credit (negative): each extra kWh is worth what a charged kWh cost on average, PV counted at the mean export price. The CO2 of the change is added at the carbon price",
    ),
    ("cost.total", "All costs minus the income from exports, the change in stored energy included"),
    ("ev.sessions", "Charging sessions that ended: cars that left"),
    ("ev.left_short", "Cars that left with less energy than they requested"),
    ("ev.still_there", "Cars still plugged in or waiting at the end of the run"),
    ("ev.asked_kwh", "Energy that cars requested"),
    ("ev.delivered_kwh", "Energy that cars received"),
    ("ev.waited_h", "Total time that cars waited for a free charger"),
    ("tasks.arrived", "Tasks that arrived"),
    ("tasks.completed", "Tasks completed before their deadline"),
    ("tasks.missed", "Tasks completed after their deadline"),
    ("tasks.lost", "Tasks lost or refused"),
    ("tasks.listed", "Tasks that have a row in tasks.csv"),
    ("tasks.latency_ms_mean", "Mean latency of completed tasks"),
    ("tasks.latency_ms_p50", "Median latency, within 0.4 %"),
    ("tasks.latency_ms_p95", "95th percentile of the latencies, within 0.4 %"),
    ("tasks.latency_ms_p99", "99th percentile of the latencies, within 0.4 %"),
    ("tasks.latency_ms_max", "Longest latency"),
    ("tasks.energy_j_per_task", "Mean energy per task: device, network, server and cloud together"),
    ("tasks.carbon_g_per_task", "CO2 of that energy"),
    ("consensus.listed", "Decisions that have a row in consensus.csv"),
    ("consensus.*.decided", "Blocks decided"),
    ("consensus.*.receipts", "Receipts in them"),
    ("consensus.*.messages", "Messages sent"),
    (
        "consensus.*.latency_ms_p50",
        "Median latency of decisions, from the proposal until the client knows that the decision is final",
    ),
    ("consensus.*.latency_ms_p99", "99th percentile of these latencies"),
    ("consensus.*.longest_gap_s", "Longest time without a decision"),
    ("consensus.*.energy_j", "Energy of the members' computing and messages"),
    ("consensus.*.carbon_g", "CO2 of that energy"),
    ("consensus.*.view_changes", "View changes: views or terms that began after the first"),
    ("consensus.*.voters_down", "Number of times a member crashed or lost its power"),
    ("consensus.*.violations", "Violations of what the protocol guarantees"),
    (
        "resilience.survived_h_mean",
        "Hours for which all demand is met with neither the grid nor new fuel: mean over simulated outages, one starting at each hour of the run",
    ),
    (
        "resilience.survived_h_p50",
        "Median of these hours: half of the outages are survived at least that long",
    ),
    (
        "resilience.survived_h_min",
        "Shortest time for which demand is met: an outage that begins at the worst hour",
    ),
    ("resilience.survived_h_max", "Longest time for which demand is met, over all outages"),
    (
        "resilience.survives_*_h",
        "Probability of surviving an outage of the number of hours in the name",
    ),
    ("resilience.outages", "Number of outages simulated, one beginning at every hour of the run"),
    (
        "resilience.outages_cut_short",
        "Of these outages, those that were still survived when the run ended",
    ),
    ("tasks.lost_device_dark", "Tasks lost because the device had no power"),
    ("tasks.lost_brown_out", "Tasks lost because a server lost power"),
    ("tasks.lost_queue_full", "Tasks lost because the queue was full"),
    ("tasks.lost_no_route", "Tasks lost because there was no network route"),
    ("tasks.*", "Tasks lost for this reason"),
];

/// Metrics of a class of tasks, by what follows the class's name.
const OF_A_CLASS: [(&str, &str); 6] = [
    ("tasks.*.arrived", "Tasks of this class that arrived"),
    ("tasks.*.completed", "Of them, completed before their deadline"),
    ("tasks.*.missed", "Of them, completed after their deadline"),
    ("tasks.*.lost", "Of them, lost or refused"),
    ("tasks.*.latency_ms_p95", "95th percentile of this class's latencies, within 0.4 %"),
    (
        "tasks.*.carbon_g_per_task",
        "Mean CO2 per task of this class: device, network, server and cloud together",
    ),
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
    let found = OF_A_CLASS.iter().chain(MEANINGS).find(|(pattern, _)| fits(pattern));
    found.map_or_else(String::new, |(_, meaning)| (*meaning).to_owned())
}
