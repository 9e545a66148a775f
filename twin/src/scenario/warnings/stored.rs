//! Batteries, and thresholds of their state of charge: what lies outside the window in which the
//! batteries work is never reached.

use super::{Doubt, doubt};
use crate::scenario::{Dispatch, Scenario, Shedding};

/// No battery of a site fills or empties faster: five times its capacity an hour.
const HIGHEST_C: f64 = 5.0;

pub(super) fn c_rate(s: &Scenario) -> Vec<Doubt> {
    let batteries = s.batteries.iter().enumerate();
    let found = batteries.filter_map(|(i, battery)| {
        let powers = [("charge_kw", battery.charge_kw), ("discharge_kw", battery.discharge_kw)];
        let (field, kw) = powers.into_iter().max_by(|a, b| a.1.get().total_cmp(&b.1.get()))?;
        let (kw, kwh) = (kw.get(), battery.capacity_kwh.get());
        let message = format!(
            "found {field} {kw} for {kwh} kWh: the battery is full or empty within {:.1} minutes",
            60.0 * kwh / kw
        );
        let remedy = "check both: power is in kW, capacity is in kWh";
        (kw > HIGHEST_C * kwh).then(|| doubt(format!("batteries[{i}].{field}"), message, remedy))
    });
    found.collect()
}

/// The lowest and the highest state of charge that any battery works at.
fn window(s: &Scenario) -> Option<[f64; 2]> {
    s.batteries.iter().fold(None, |window: Option<[f64; 2]>, battery| {
        let (min, max) = (battery.soc_min.get(), battery.soc_max.get());
        let [low, high] = window.unwrap_or([min, max]);
        Some([low.min(min), high.max(max)])
    })
}

fn in_words([low, high]: [f64; 2]) -> String {
    format!(
        "set a value between soc_min {low} and soc_max {high}: the batteries only work in this range"
    )
}

pub(super) fn gensets(s: &Scenario) -> Vec<Doubt> {
    let mut found = Vec::new();
    for (i, genset) in s.gensets.iter().enumerate() {
        let start = format!("gensets[{i}].start_below_soc");
        let stop = format!("gensets[{i}].stop_above_soc");
        let Some(window) = window(s) else {
            let written = [start, stop].into_iter().find(|path| s.source.is_written(path));
            found.extend(written.map(|path| {
                let message =
                    "found a state of charge that starts or stops the genset, but the site has no battery";
                doubt(path, message, "remove it, or add a battery")
            }));
            continue;
        };
        let (below, above) = (genset.start_below_soc.get(), genset.stop_above_soc.get());
        if below < window[0] {
            let message = format!("found start_below_soc {below}, which is never reached");
            found.push(doubt(start, message, in_words(window)));
        }
        if above > window[1] {
            let message = format!(
                "found stop_above_soc {above}, which is never reached: the genset never stops"
            );
            found.push(doubt(stop, message, in_words(window)));
        }
    }
    found
}

pub(super) fn shedding(s: &Scenario) -> Vec<Doubt> {
    let mut all: Vec<(String, Shedding)> = Vec::new();
    let mut add = |list: &str, each: Vec<Shedding>| {
        let named = each.into_iter().enumerate();
        all.extend(named.map(|(i, shedding)| (format!("{list}[{i}].shedding"), shedding)));
    };
    add("loads", s.loads.iter().map(|x| x.shedding).collect());
    add("chargers", s.chargers.iter().map(|x| x.shedding).collect());
    add("devices", s.devices.iter().map(|x| x.shedding).collect());
    add("edge_servers", s.edge_servers.iter().map(|x| x.shedding).collect());
    add("switches", s.switches.iter().map(|x| x.shedding).collect());
    let found = all.into_iter().filter_map(|(path, shedding)| {
        let below = shedding.below_soc?.get();
        let restore = shedding.restore_above_soc.map_or(below + 0.1, |above| above.get());
        let at = |field: &str| format!("{path}.{field}");
        let Some([low, high]) = window(s) else {
            let message = format!("found below_soc {below}, but there is no battery: it has no effect");
            return Some(doubt(at("below_soc"), message, "remove it, or add a battery"));
        };
        if below < low {
            let message = format!("found below_soc {below}, which is never reached");
            Some(doubt(at("below_soc"), message, in_words([low, high])))
        } else if below >= high {
            let message = format!(
                "found below_soc {below}, not below soc_max {high}: without the grid, this consumer \
                 would be switched off all the time"
            );
            let remedy = format!("set below_soc between soc_min {low} and soc_max {high}");
            Some(doubt(at("below_soc"), message, remedy))
        } else if restore > high {
            let written = s.source.is_written(&at("restore_above_soc"));
            let field = if written { "restore_above_soc" } else { "below_soc" };
            let message = format!(
                "once shed, this consumer is switched on again above a state of charge of {restore}, \
                 which is never reached: it stays off until the grid is back"
            );
            let remedy = format!("set restore_above_soc between below_soc and soc_max {high}");
            Some(doubt(at(field), message, remedy))
        } else {
            None
        }
    });
    found.collect()
}

pub(super) fn reserve(s: &Scenario) -> Vec<Doubt> {
    let (Dispatch::BackupReserve { reserve_soc, .. }, Some(window)) =
        (&s.policies.dispatch, window(s))
    else {
        return Vec::new();
    };
    let reserve = reserve_soc.get();
    let message = if reserve <= window[0] {
        format!("found reserve_soc {reserve}, which is not above soc_min: it reserves nothing")
    } else if reserve > window[1] {
        format!(
            "found reserve_soc {reserve}, which is never reached: the batteries never discharge"
        )
    } else {
        return Vec::new();
    };
    vec![doubt("policies.dispatch.reserve_soc", message, in_words(window))]
}

pub(super) fn target(s: &Scenario) -> Vec<Doubt> {
    let (Dispatch::TimeOfUse { target_soc, .. }, Some(window)) = (&s.policies.dispatch, window(s))
    else {
        return Vec::new();
    };
    let target = target_soc.get();
    let message = format!(
        "found target_soc {target}: the batteries are always above it and never charge from the grid"
    );
    let low = target <= window[0];
    low.then(|| doubt("policies.dispatch.target_soc", message, in_words(window)))
        .into_iter()
        .collect()
}
