//! How far the hourly model of an island and the twin are apart for one mix: the twin lives through the
//! same days of the scenario that the model's year was taken from, with the mix's sizes.

use super::island::IslandModel;
use crate::design::Value;
use crate::island::Mix;
use crate::run::{live, one_line};
use crate::settings::overrides;
use gridtwin_reports::Metric;
use gridtwin_twin::Scenario;

/// A figure of both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) model: f64,
    pub(super) twin: f64,
}

/// The figures side by side; none where the year is not that of a scenario, or the mix has what the
/// scenario does not.
pub(super) fn apart(model: &IslandModel, mix: &Mix) -> Option<Result<Vec<Pair>, String>> {
    let (text, days) = model.scenario.as_ref()?;
    let lived = || {
        let base = text.scenario(&[], Some(*days), None).map_err(|error| one_line(&error))?;
        let set = sizes(&base, model, mix)?;
        let pairs = set.iter().map(|(path, value)| (path.as_str(), value));
        let scenario = text.scenario(&overrides(pairs)?, Some(*days), None);
        let scenario = scenario.map_err(|error| one_line(&error))?;
        Ok((live(&scenario)?, scenario))
    };
    Some(lived().map(|(metrics, scenario)| pairs(model, mix, &scenario, &metrics)))
}

/// What has to be set so that the scenario has the mix's sizes: each thing keeps its share.
fn sizes(base: &Scenario, model: &IslandModel, mix: &Mix) -> Result<Vec<(String, Value)>, String> {
    let mut set = Vec::new();
    let mut scaled = |list: &str, field: &str, wanted: f64, things: Vec<(String, f64)>| {
        let total: f64 = things.iter().map(|(_, size)| size).sum();
        if total == 0.0 && wanted > 0.0 {
            return Err(format!(
                "the scenario has no {list} with a size above 0 that could be scaled"
            ));
        }
        for (id, size) in things {
            let value = if wanted == 0.0 { 0.0 } else { wanted * size / total };
            set.push((format!("{list}.{id}.{field}"), Value::from(value)));
        }
        Ok(())
    };
    let gensets = base.gensets.iter().map(|of| (of.id.to_string(), of.capacity_kw.get()));
    scaled("gensets", "capacity_kw", mix.genset_kw, gensets.collect())?;
    let pv = base.pv.iter().map(|of| (of.id.to_string(), of.dc_kw.get()));
    scaled("pv", "dc_kw", mix.pv_kw, pv.collect())?;
    let stores = || base.batteries.iter().map(|of| (of.id.to_string(), of.capacity_kwh.get()));
    scaled("batteries", "capacity_kwh", mix.battery_kwh, stores().collect())?;
    if mix.battery_kwh > 0.0 {
        let rates = &model.plant.battery;
        for (field, rate) in
            [("charge_kw", rates.charge_rate_per_h), ("discharge_kw", rates.discharge_rate_per_h)]
        {
            scaled("batteries", field, rate * mix.battery_kwh, stores().collect())?;
        }
    }
    if mix.wind_kw > 0.0 {
        return Err("the twin has no model of wind turbines".to_owned());
    }
    Ok(set)
}

fn pairs(model: &IslandModel, mix: &Mix, scenario: &Scenario, metrics: &[Metric]) -> Vec<Pair> {
    let operation = model.operate(mix);
    let get = |name: &str| {
        let found = metrics.iter().find(|metric| metric.name == name);
        found.and_then(|metric| metric.value).unwrap_or_default()
    };
    // All gensets burn the same fuel in most scenarios; where they do not, the first one's price counts.
    let price = scenario.gensets.first().map_or(0.0, |genset| genset.fuel_price_per_l.get());
    let fuel_l = if price > 0.0 { get("cost.fuel") / price } else { 0.0 };
    let curtailed = operation.spilled_energy_kwh + operation.genset_dumped_kwh;
    [
        ("demand", "kWh", model.demand_kwh(), get("energy.load_kwh")),
        ("PV available", "kWh", operation.renewable_potential_kwh, get("energy.pv_kwh")),
        ("genset", "kWh", operation.genset_energy_kwh, get("energy.genset_kwh")),
        ("fuel", "l", operation.genset_fuel_l, fuel_l),
        ("CO2", "kg", operation.fuel_co2_kg, get("carbon.operational_kg")),
        ("unserved", "kWh", operation.shed_energy_kwh, get("energy.unserved_kwh")),
        ("curtailed", "kWh", curtailed, get("energy.curtailed_kwh")),
    ]
    .map(|(name, unit, model, twin)| Pair { name, unit, model, twin })
    .into()
}
