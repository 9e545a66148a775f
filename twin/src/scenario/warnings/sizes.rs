//! Sizes that no microgrid has: a battery of GWh, a load of GW, a clock of 2400 GHz. What was meant
//! was mostly another unit.

use super::plant::demand_kwh;
use super::{Doubt, doubt};
use crate::scenario::{LoadProfile, Scenario};

/// No single thing of a microgrid has more power than a small power station, kW.
const MOST_KW: f64 = 100_000.0;
/// No charger has more power, kW: the megawatt charging of lorries and ships ends below it.
const MOST_CHARGER_KW: f64 = 4_000.0;
/// No battery of a microgrid holds more, kWh.
const MOST_KWH: f64 = 1_000_000.0;
const HOURS: f64 = 8760.0;
/// Largest plausible battery, in days of its site's demand.
const MOST_DAYS: f64 = 100.0;
/// Largest plausible ratio of one load to all others.
const MANY_TIMES: f64 = 1000.0;
/// No processor has a faster clock, GHz.
const FASTEST_GHZ: f64 = 10.0;

pub(super) fn power(s: &Scenario) -> Vec<Doubt> {
    let mut all: Vec<(String, f64)> = Vec::new();
    for (i, array) in s.pv.iter().enumerate() {
        all.push((format!("pv[{i}].dc_kw"), array.dc_kw.get()));
    }
    for (i, battery) in s.batteries.iter().enumerate() {
        all.push((format!("batteries[{i}].charge_kw"), battery.charge_kw.get()));
        all.push((format!("batteries[{i}].discharge_kw"), battery.discharge_kw.get()));
    }
    for (i, genset) in s.gensets.iter().enumerate() {
        all.push((format!("gensets[{i}].capacity_kw"), genset.capacity_kw.get()));
    }
    for (i, group) in s.chargers.iter().enumerate() {
        all.push((format!("chargers[{i}].power_kw"), group.power_kw.get()));
    }
    for (i, load) in s.loads.iter().enumerate() {
        if let LoadProfile::Constant { power_kw } = &load.profile {
            all.push((format!("loads[{i}].profile.power_kw"), power_kw.get()));
        }
    }
    let is_charger = |path: &str| path.starts_with("chargers");
    let most_kw = |path: &str| if is_charger(path) { MOST_CHARGER_KW } else { MOST_KW };
    let high = all.into_iter().filter(|(path, kw)| *kw > most_kw(path));
    let found = high.map(|(path, kw)| {
        let field = path.rsplit('.').next().unwrap_or_default();
        let owner = if is_charger(&path) { "charger" } else { "microgrid" };
        let message =
            format!("found {field} {kw}, which is {} MW: no {owner} has so much power", kw / 1e3);
        let remedy = format!("powers are in kW: write {} if yours is in W", kw / 1e3);
        doubt(path.as_str(), message, remedy)
    });
    found.collect()
}

pub(super) fn energy(s: &Scenario) -> Vec<Doubt> {
    let demand = demand_kwh(s).filter(|demand| *demand > 0.0);
    let batteries = s.batteries.iter().enumerate();
    let found = batteries.filter_map(|(i, battery)| {
        let kwh = battery.capacity_kwh.get();
        let days = demand.map(|demand| kwh / demand * 365.0).filter(|days| *days > MOST_DAYS);
        let message = match days {
            _ if kwh > MOST_KWH => {
                format!(
                    "found capacity_kwh {kwh}, which is {} GWh: no microgrid has so large a battery",
                    kwh / 1e6
                )
            }
            Some(days) => {
                format!("found capacity_kwh {kwh}: as much as the site uses in {days:.0} days")
            }
            None => return None,
        };
        let remedy = format!("capacities are in kWh: write {} if yours is in Wh", kwh / 1e3);
        Some(doubt(format!("batteries[{i}].capacity_kwh"), message, remedy))
    });
    found.collect()
}

/// A year's demand of a load, by itself and beside the others.
pub(super) fn load(s: &Scenario) -> Vec<Doubt> {
    let yearly = |i: usize| match &s.loads[i].profile {
        LoadProfile::Constant { power_kw } => Some(power_kw.get() * HOURS),
        LoadProfile::Typical { annual_kwh, .. } => Some(annual_kwh.get()),
        LoadProfile::Csv { .. } => None,
    };
    let others = |i: usize| -> Option<f64> {
        let others = (0..s.loads.len()).filter(|j| *j != i).map(yearly);
        others.sum::<Option<f64>>().filter(|sum| *sum > 0.0)
    };
    let found = (0..s.loads.len()).filter_map(|i| {
        let LoadProfile::Typical { annual_kwh, .. } = &s.loads[i].profile else { return None };
        let kwh = annual_kwh.get();
        let times = others(i).map(|others| kwh / others).filter(|times| *times > MANY_TIMES);
        let message = match times {
            _ if kwh > MOST_KW * HOURS => format!(
                "found annual_kwh {kwh}, a mean power of {:.0} MW: no microgrid uses so much",
                kwh / HOURS / 1e3
            ),
            Some(times) => {
                format!("found annual_kwh {kwh}, {times:.0} times that of all other loads together")
            }
            None => return None,
        };
        let remedy =
            format!("annual_kwh is in kWh per year: write {} if yours is in Wh", kwh / 1e3);
        Some(doubt(format!("loads[{i}].profile.annual_kwh"), message, remedy))
    });
    found.collect()
}

pub(super) fn clocks(s: &Scenario) -> Vec<Doubt> {
    let devices = s.devices.iter().enumerate();
    let devices = devices.map(|(i, of)| (format!("devices[{i}]"), of.frequency_ghz.get()));
    let servers = s.edge_servers.iter().enumerate();
    let servers = servers.map(|(i, of)| (format!("edge_servers[{i}]"), of.frequency_ghz.get()));
    let cloud = s.cloud.iter().map(|of| ("cloud".to_owned(), of.frequency_ghz.get()));
    let fast = devices.chain(servers).chain(cloud).filter(|(_, ghz)| *ghz > FASTEST_GHZ);
    let found = fast.map(|(path, ghz)| {
        let message =
            format!("found frequency_ghz {ghz}, but no processor runs at that clock rate");
        let remedy = match ghz {
            _ if ghz >= 100.0 => format!("write {} if yours is in MHz", ghz / 1e3),
            _ => "frequency_ghz is the clock rate of one core, not the sum of all cores".to_owned(),
        };
        doubt(format!("{path}.frequency_ghz"), message, remedy)
    });
    found.collect()
}
