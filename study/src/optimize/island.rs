//! The hourly model of an island as what candidates are judged by: where its year of load and sun comes
//! from, and how far the twin is from it. Not the model itself, which is [`crate::island`].

use super::model::{Decision, Evaluation, decision};
use super::spec::{IslandSite, Optimization, TracesFrom};
use crate::design::Value;
use crate::doubts::{self, Doubted};
use crate::island::{
    Mix, Operation, Prices, Project, Site, Traces, evaluate, island_components, operate,
};
use crate::search::Candidate;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::Twin;
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::scenario::{Base, ScenarioError};

/// An island with its year.
#[derive(Debug)]
pub(crate) struct IslandModel {
    traces: Traces,
    pub(super) plant: Site,
    prices: Prices,
    /// What the winner is compared with.
    pub(super) base_case: Option<Mix>,
    /// The scenario that the year was taken from, and for how many days, where it was one.
    pub(super) scenario: Option<(Base, u32)>,
}

impl IslandModel {
    /// Reads what the model needs, and checks the sizes that may be chosen.
    pub(super) fn new(
        of: &Optimization,
        site: &IslandSite,
    ) -> Result<(Self, Vec<Decision>), ScenarioError> {
        let wrong = |path: &str, why: &dyn std::fmt::Display| {
            of.source.error_at(path, &why.to_string(), "")
        };
        site.plant.check().map_err(|error| wrong("site.plant", &error))?;
        site.prices.check().map_err(|error| wrong("site.prices", &error))?;
        let decisions = decisions(site).map_err(|(field, why)| {
            wrong(&format!("site.{field}"), &format!("`{field}`: {why}"))
        })?;
        let (traces, scenario) = traces(of, &site.traces)?;
        let IslandSite { plant, prices, base_case, .. } = *site;
        Ok((Self { traces, plant, prices, base_case, scenario }, decisions))
    }

    /// What a mix is worth.
    pub(super) fn evaluate(&self, project: &Project, mix: &Mix) -> Evaluation {
        let operation = self.operate(mix);
        let per_year = operation.runs_per_year();
        let carbon_kg = operation.fuel_co2_kg * per_year;
        let mut components = island_components(&self.prices, mix, &operation);
        components[0].carbon_per_year = carbon_kg / 1000.0 * project.carbon_price_per_t;
        Evaluation {
            money: evaluate(project, &components, operation.served_energy_kwh * per_year),
            components: components.into(),
            carbon_kg,
            unserved_kwh: operation.shed_energy_kwh * per_year,
            metrics: Vec::new(),
        }
    }

    /// What a mix does in the year.
    pub(super) fn operate(&self, mix: &Mix) -> Operation {
        operate(&self.plant, &self.traces, mix)
    }

    /// The warnings of the scenario that the year was taken from, where it was one.
    pub(super) fn scenario_warnings(&self) -> Vec<String> {
        let scenario = self.scenario.as_ref();
        let scenario = scenario.and_then(|(base, days)| base.scenario(&[], Some(*days), None).ok());
        doubts::of_all(scenario.map(|scenario| Doubted { scenario, all: true }))
    }

    /// Energy that the load asks for, kWh.
    pub(super) fn demand_kwh(&self) -> f64 {
        self.traces.load_kwh()
    }
}

/// A candidate as a mix.
pub(super) fn mix(candidate: &Candidate) -> Mix {
    let at = |i: usize| candidate.values().get(i).copied().unwrap_or_default();
    Mix { genset_kw: at(0), battery_kwh: at(1), pv_kw: at(2), wind_kw: at(3) }
}

fn decisions(site: &IslandSite) -> Result<Vec<Decision>, (&'static str, String)> {
    [
        ("genset_kw", "kW", &site.genset_kw),
        ("battery_kwh", "kWh", &site.battery_kwh),
        ("pv_kw", "kW", &site.pv_kw),
        ("wind_kw", "kW", &site.wind_kw),
    ]
    .into_iter()
    .map(|(name, unit, values)| {
        let decision = decision(name, unit, values).map_err(|why| (name, why))?;
        let sound = |value: &Value| value.number().is_some_and(|number| number >= 0.0);
        match decision.is_size && decision.values.iter().all(sound) {
            true => Ok(decision),
            false => Err((name, "expected increasing numbers, 0 or more".to_owned())),
        }
    })
    .collect()
}

fn traces(
    of: &Optimization,
    from: &TracesFrom,
) -> Result<(Traces, Option<(Base, u32)>), ScenarioError> {
    let wrong =
        |why: &dyn std::fmt::Display| of.source.error_at("site.traces", &why.to_string(), "");
    match from {
        TracesFrom::Csv { path, columns } => {
            let read = Traces::read(&of.source.resolve(path), columns);
            Ok((read.map_err(|error| wrong(&error))?, None))
        }
        TracesFrom::Scenario { path, days } => {
            let file = of.source.resolve(path);
            let text = Base::named(&of.source, "site.traces.path", path)?;
            let scenario = text.scenario(&[], Some(*days), None)?;
            let dc_kw: f64 = scenario.pv.iter().map(|array| array.dc_kw.get()).sum();
            if dc_kw == 0.0 {
                return Err(wrong(&format!(
                    "{} has no PV array, and the hourly model takes its solar power from one; add \
                     one to `pv`",
                    file.display()
                )));
            }
            let mut twin = Twin::new(&scenario).map_err(|error| wrong(&error))?;
            let mut heard = Hourly { dc_kw, ..Hourly::default() };
            twin.advance(twin.end(), &mut heard);
            let wind = vec![0.0; heard.load_kw.len()];
            let traces = Traces::new(heard.load_kw, heard.pv_per_kw, wind, 1.0);
            Ok((traces.map_err(|error| wrong(&error))?, Some((text, *days))))
        }
    }
}

/// Means of the hour: demand, and PV for each rated kW.
#[derive(Default)]
struct Hourly {
    dc_kw: f64,
    load_kw: Vec<f64>,
    pv_per_kw: Vec<f64>,
}

impl Observer for Hourly {
    fn sample(&mut self, sample: &Sample) {
        let hour = (sample.at.0 / (SimTime::ZERO + Span::HOUR).0) as usize;
        if self.load_kw.len() <= hour {
            self.load_kw.resize(hour + 1, 0.0);
            self.pv_per_kw.resize(hour + 1, 0.0);
        }
        let hours = sample.step.as_hours_f64();
        self.load_kw[hour] += sample.flows.load_kw * hours;
        self.pv_per_kw[hour] += sample.flows.pv_kw * hours / self.dc_kw;
    }
}
