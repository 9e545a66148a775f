//! Sizes against each other: PV, loads, cars and the grid's limits.

use super::files::load_of_file;
use super::{Doubt, doubt};
use crate::scenario::{LoadProfile, Scenario, Sessions};

/// What a kW of PV gives in a year, kWh: a rough figure of middle latitudes, for orders of magnitude.
const YIELD_KWH_PER_KW: f64 = 1000.0;
/// A site whose PV gives so many times its demand is rare.
const MUCH: f64 = 5.0;
/// What a car asks for on average, kWh, where sessions are drawn (ElaadNL's mean is about 12).
const SESSION_KWH: f64 = 12.0;
const HOURS: f64 = 8760.0;

pub(super) fn no_import(s: &Scenario) -> Vec<Doubt> {
    let zero = s.grid.as_ref().is_some_and(|grid| grid.import_limit_kw.get() == 0.0);
    let message = "found import_limit_kw 0: the grid is connected but supplies nothing";
    let remedy = "set the power of the connection in kW, or remove `grid` to simulate an island";
    zero.then(|| doubt("grid.import_limit_kw", message, remedy)).into_iter().collect()
}

pub(super) fn no_export(s: &Scenario) -> Vec<Doubt> {
    let Some(grid) = &s.grid else { return Vec::new() };
    let (pv_kw, demand) = (pv_kw(s), demand_kwh(s));
    let large = demand.is_some_and(|demand| pv_kw * YIELD_KWH_PER_KW > demand);
    if grid.export_limit_kw.get() > 0.0 || !large {
        return Vec::new();
    }
    let found = match s.source.is_written("grid.export_limit_kw") {
        true => "found export_limit_kw 0",
        false => "export_limit_kw is missing, so it is 0",
    };
    let message = format!(
        "{found}: PV output ({pv_kw} kW of modules) that the site neither uses nor stores is curtailed"
    );
    vec![doubt(
        "grid.export_limit_kw",
        message,
        "set export_limit_kw to the power that the site may export",
    )]
}

/// Exports are allowed, but the scenario sets no price for them, so they earn nothing.
pub(super) fn free_exports(s: &Scenario) -> Vec<Doubt> {
    let Some(grid) = &s.grid else { return Vec::new() };
    let priced = ["export_price_per_kwh", "export_periods", "export_series"];
    let written = |field: &&str| s.source.is_written(&format!("grid.tariff.{field}"));
    let has_prices = grid.tariff.import_series.is_some() || grid.tariff.price_per_kwh.get() > 0.0;
    if grid.export_limit_kw.get() <= 0.0
        || s.pv.is_empty()
        || !has_prices
        || !s.source.is_written("grid.tariff")
        || priced.iter().any(written)
    {
        return Vec::new();
    }
    let message = "found no export price: exported energy earns nothing";
    let remedy = "set export_price_per_kwh (0 if exports are not paid), or export_series";
    vec![doubt("grid.tariff", message, remedy)]
}

pub(super) fn much_pv(s: &Scenario) -> Vec<Doubt> {
    let (pv_kw, demand) = (pv_kw(s), demand_kwh(s));
    let Some(demand) = demand.filter(|demand| *demand > 0.0 && !s.loads.is_empty()) else {
        return Vec::new();
    };
    let yearly = pv_kw * YIELD_KWH_PER_KW;
    if yearly <= MUCH * demand {
        return Vec::new();
    }
    let largest =
        (0..s.pv.len()).max_by(|&a, &b| s.pv[a].dc_kw.get().total_cmp(&s.pv[b].dc_kw.get()));
    let message = format!(
        "found {pv_kw} kW of PV in total, about {yearly:.0} kWh per year: {:.0} times the site's demand of \
         {demand:.0} kWh",
        yearly / demand
    );
    vec![doubt(
        format!("pv[{}].dc_kw", largest.unwrap_or(0)),
        message,
        "check both: dc_kw of PV is in kW, annual_kwh of loads is in kWh per year, and files of loads \
         have units of their own",
    )]
}

pub(super) fn no_load(s: &Scenario) -> Vec<Doubt> {
    let loads = s.loads.iter().enumerate();
    let found = loads.filter_map(|(i, load)| {
        let (field, value) = match &load.profile {
            LoadProfile::Constant { power_kw } => ("power_kw", power_kw.get()),
            LoadProfile::Typical { annual_kwh, .. } => ("annual_kwh", annual_kwh.get()),
            LoadProfile::Csv { .. } => return None,
        };
        let message = format!("found {field} 0: the load {} never draws any power", load.id);
        let remedy = "set a demand above 0, or remove the load";
        (value == 0.0).then(|| doubt(format!("loads[{i}].profile.{field}"), message, remedy))
    });
    found.collect()
}

pub(super) fn no_cars(s: &Scenario) -> Vec<Doubt> {
    let groups = s.chargers.iter().enumerate();
    let found = groups.filter_map(|(i, group)| {
        let Sessions::Elaad { per_weekday, per_weekend_day, .. } = &group.sessions else {
            return None;
        };
        let none = per_weekday.get() == 0.0 && per_weekend_day.get() == 0.0;
        let message = format!("found no cars on any day: the chargers {} are never used", group.id);
        let remedy = "set per_weekday and per_weekend_day (cars per day), or remove the chargers";
        none.then(|| doubt(format!("chargers[{i}].sessions.per_weekday"), message, remedy))
    });
    found.collect()
}

fn pv_kw(s: &Scenario) -> f64 {
    s.pv.iter().map(|array| array.dc_kw.get()).sum()
}

/// What the site uses in a year, roughly: a load from a file as in the run. Unknown where a file cannot
/// be read, or holds charging sessions.
pub(super) fn demand_kwh(s: &Scenario) -> Option<f64> {
    let mut all = 0.0;
    for load in &s.loads {
        all += match &load.profile {
            LoadProfile::Constant { power_kw } => power_kw.get() * HOURS,
            LoadProfile::Typical { annual_kwh, .. } => annual_kwh.get(),
            LoadProfile::Csv { .. } => {
                let (kw, _) = load_of_file(s, load)?;
                kw.iter().sum::<f64>() / kw.len().max(1) as f64 * HOURS
            }
        };
    }
    for group in &s.chargers {
        all += match &group.sessions {
            Sessions::Elaad { per_weekday, per_weekend_day, .. } => {
                (261.0 * per_weekday.get() + 104.0 * per_weekend_day.get()) * SESSION_KWH
            }
            Sessions::Fleet { vehicles, energy_kwh, weekends, .. } => {
                let days = if *weekends { 365.0 } else { 261.0 };
                f64::from(*vehicles) * energy_kwh.get() * days
            }
            Sessions::Csv { .. } => return None,
        };
    }
    let servers: f64 = s.edge_servers.iter().map(|server| server.idle_w.get()).sum();
    let switches: f64 = s.switches.iter().map(|switch| switch.power_w.get()).sum();
    let devices = s.devices.iter().map(|fleet| f64::from(fleet.count) * fleet.idle_w.get());
    Some(all + (servers + switches + devices.sum::<f64>()) / 1000.0 * HOURS)
}
