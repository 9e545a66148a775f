//! What a candidate is worth: its sizes and choices in, its figures out. Two models: the hourly one of
//! an island, and the twin itself.

use super::spec::{
    Choice, IslandSite, Objective, Optimization, Price, SiteModel, TracesFrom, TwinSite,
};
use crate::design::{Axis, Combine, Design, Sampling, Value, Values};
use crate::island::{
    Component, Costs, Mix, Money, Prices, Project, Site, Traces, evaluate, island_components,
    operate,
};
use crate::run::{live, one_line};
use crate::search::{Candidate, Space, Variable};
use gridtwin_kernel::SimTime;
use gridtwin_reports::{Metric, unit_of};
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::scenario::{Base, Override, ScenarioError};
use gridtwin_twin::{Scenario, Twin};

/// Hours of a year of the money's kind.
const HOURS_PER_YEAR: f64 = 8760.0;
/// Months of a year.
const MONTHS_PER_YEAR: f64 = 12.0;

/// Something to decide, with its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    /// What the page calls it.
    pub(crate) name: String,
    /// The unit of a size.
    pub(crate) unit: String,
    /// What there is.
    pub(crate) values: Vec<Value>,
    /// Whether it is a size: rising numbers.
    pub(crate) is_size: bool,
}

impl Decision {
    /// A choice as a table has room for: of `TimeOfUse(..)` the name, where no other choice has it.
    pub(crate) fn short(&self, value: &Value) -> String {
        let stem = |value: &Value| value.text().split('(').next().unwrap_or_default().to_owned();
        let short = stem(value);
        let like = self.values.iter().filter(|other| *other != value && stem(other) == short);
        if like.count() == 0 { short } else { value.to_string() }
    }
}

/// What a candidate came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluation {
    /// Its money.
    pub(crate) money: Money,
    /// What it is made of, for its payback.
    pub(crate) components: Vec<Component>,
    /// CO2 of a year, kg.
    pub(crate) carbon_kg: f64,
    /// Demand of a year that is not met, kWh.
    pub(crate) unserved_kwh: f64,
    /// The run's summary, from the twin.
    pub(crate) metrics: Vec<Metric>,
}

impl Evaluation {
    /// How much it has of an objective.
    pub(crate) fn of(&self, objective: &Objective) -> Result<f64, String> {
        let metric = |name: &str| {
            let found = self.metrics.iter().find(|metric| metric.name == *name);
            let found = found.ok_or_else(|| format!("there is no metric {name}"))?;
            found.value.ok_or_else(|| format!("{name} was not measured"))
        };
        match objective {
            Objective::NetPresentCost => Ok(self.money.net_present_cost),
            Objective::LevelisedCost => {
                self.money.levelised_cost_per_kwh.ok_or_else(|| "nothing was served".to_owned())
            }
            Objective::Investment => Ok(self.money.costs.investment),
            Objective::Carbon => Ok(self.carbon_kg),
            Objective::Unserved => Ok(self.unserved_kwh),
            Objective::Metric(name) => metric(name),
            Objective::Most(name) => metric(name).map(|value| -value),
        }
    }
}

/// A model with all that it reads.
#[derive(Debug)]
pub(crate) struct Model {
    /// What is decided.
    pub(crate) decisions: Vec<Decision>,
    project: Project,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Island { traces: Traces, plant: Site, prices: Prices },
    Twin { text: Base, site: TwinSite, set: Vec<Override>, base: Box<Scenario> },
}

impl Model {
    /// Reads what the model needs, and checks what is to be decided.
    pub(crate) fn new(of: &Optimization) -> Result<Self, ScenarioError> {
        let wrong = |path: &str, why: &dyn std::fmt::Display| {
            of.source.error_at(path, &why.to_string(), "")
        };
        of.project.check().map_err(|error| wrong("project", &error))?;
        match &of.site {
            SiteModel::Island(site) => {
                site.plant.check().map_err(|error| wrong("site.plant", &error))?;
                site.prices.check().map_err(|error| wrong("site.prices", &error))?;
                let decisions = island_decisions(site).map_err(|(field, why)| {
                    wrong(&format!("site.{field}"), &format!("`{field}`: {why}"))
                })?;
                let traces = traces(of, &site.traces)?;
                let kind = Kind::Island { traces, plant: site.plant, prices: site.prices };
                Ok(Self { decisions, project: of.project, kind })
            }
            SiteModel::Twin(site) => {
                let mut set = Vec::new();
                for (i, text) in site.set.iter().enumerate() {
                    let change = text.parse::<Override>();
                    set.push(change.map_err(|why| wrong(&format!("site.set[{i}]"), &why))?);
                }
                let text = Base::read(&of.source.resolve(&site.base))?;
                let base = text.scenario(&set, site.days, None)?;
                if site.replicates == 0 {
                    return Err(wrong("site.replicates", &"found 0, expected 1 or more"));
                }
                let mut decisions = Vec::new();
                for (i, choice) in site.choose.iter().enumerate() {
                    let at = format!("site.choose[{i}]");
                    let name = choice.name.as_deref().unwrap_or(&choice.path);
                    let unit = unit_of(&choice.path);
                    if let Some(price) = &choice.price {
                        price.check().map_err(|why| wrong(&format!("{at}.price"), &why))?;
                    }
                    let decision = decision(name, unit, &choice.values)
                        .map_err(|why| wrong(&format!("{at}.values"), &why))?;
                    for value in decision.values.iter().take(1).chain(&choice.base_case) {
                        let change: Override = format!("{}={value}", choice.path)
                            .parse()
                            .map_err(|why: String| wrong(&at, &why))?;
                        let all = [set.as_slice(), &[change]].concat();
                        text.scenario(&all, site.days, None)
                            .map_err(|error| wrong(&format!("{at}.path"), &one_line(&error)))?;
                    }
                    decisions.push(decision);
                }
                let kind = Kind::Twin { text, site: site.clone(), set, base: Box::new(base) };
                Ok(Self { decisions, project: of.project, kind })
            }
        }
    }

    /// What can be chosen.
    pub(crate) fn space(&self) -> Result<Space, String> {
        let variables = self.decisions.iter().map(|decision| match decision.is_size {
            true => Variable::Size {
                levels: decision.values.iter().filter_map(Value::number).collect(),
            },
            false => Variable::Choice { count: decision.values.len() },
        });
        Space::new(variables.collect()).map_err(|error| error.to_string())
    }

    /// What a candidate says of a decision.
    pub(crate) fn value(&self, candidate: &Candidate, decision: usize) -> Value {
        let of = &self.decisions[decision];
        match candidate.choice(decision).filter(|_| !of.is_size) {
            Some(choice) => of.values.get(choice).cloned().unwrap_or_else(|| Value::new("")),
            None => candidate.values().get(decision).copied().unwrap_or_default().into(),
        }
    }

    /// What a candidate is worth.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(crate) fn evaluate(&self, candidate: &Candidate) -> Result<Evaluation, String> {
        match &self.kind {
            Kind::Island { traces, plant, prices } => {
                let at = |i: usize| candidate.values().get(i).copied().unwrap_or_default();
                let mix =
                    Mix { genset_kw: at(0), battery_kwh: at(1), pv_kw: at(2), wind_kw: at(3) };
                Ok(self.island(traces, plant, prices, &mix))
            }
            Kind::Twin { text, site, set, base } => {
                let mut set = set.clone();
                let mut components = Vec::new();
                for (i, choice) in site.choose.iter().enumerate() {
                    let value = self.value(candidate, i);
                    set.push(format!("{}={value}", choice.path).parse()?);
                    components.extend(component(choice, &value));
                }
                self.twin(text, site, &set, base.seed, components)
            }
        }
    }

    /// What the base case is worth, and what it says of each decision; none where there is none.
    pub(crate) fn base_case(
        &self,
        of: &Optimization,
    ) -> Result<Option<(Vec<Value>, Evaluation)>, String> {
        match (&self.kind, &of.site) {
            (Kind::Island { traces, plant, prices }, SiteModel::Island(site)) => {
                let Some(mix) = site.base_case else { return Ok(None) };
                mix.check().map_err(|error| error.to_string())?;
                let sizes = [mix.genset_kw, mix.battery_kwh, mix.pv_kw, mix.wind_kw];
                let values = sizes.into_iter().map(Value::from).collect();
                Ok(Some((values, self.island(traces, plant, prices, &mix))))
            }
            (Kind::Twin { text, set, base, .. }, SiteModel::Twin(site)) => {
                let mut set = set.clone();
                let (mut values, mut components) = (Vec::new(), Vec::new());
                for choice in &site.choose {
                    let value = match &choice.base_case {
                        Some(value) => value.clone(),
                        None => match written(base, &choice.path) {
                            Some(value) => value,
                            None => return Ok(None),
                        },
                    };
                    if choice.base_case.is_some() {
                        set.push(format!("{}={value}", choice.path).parse()?);
                    }
                    components.extend(component(choice, &value));
                    values.push(value);
                }
                let worth = self.twin(text, site, &set, base.seed, components)?;
                Ok(Some((values, worth)))
            }
            _ => Ok(None),
        }
    }

    fn island(&self, traces: &Traces, plant: &Site, prices: &Prices, mix: &Mix) -> Evaluation {
        let operation = operate(plant, traces, mix);
        let per_year = operation.runs_per_year();
        let components = island_components(prices, mix, &operation);
        Evaluation {
            money: evaluate(&self.project, &components, operation.served_energy_kwh * per_year),
            components: components.into(),
            carbon_kg: operation.fuel_co2_kg * per_year,
            unserved_kwh: operation.shed_energy_kwh * per_year,
            metrics: Vec::new(),
        }
    }

    fn twin(
        &self,
        text: &Base,
        site: &TwinSite,
        set: &[Override],
        seed: u64,
        mut components: Vec<Component>,
    ) -> Result<Evaluation, String> {
        let mut sums: Vec<Metric> = Vec::new();
        let mut months = 1;
        for replicate in 0..site.replicates {
            let seed = seed + u64::from(replicate);
            let scenario = text.scenario(set, site.days, Some(seed));
            let scenario = scenario.map_err(|error| one_line(&error))?;
            months = months_of(&scenario);
            let metrics = live(&scenario)?;
            if sums.is_empty() {
                sums = metrics;
                continue;
            }
            for (sum, metric) in sums.iter_mut().zip(metrics) {
                sum.value = sum.value.zip(metric.value).map(|(sum, value)| sum + value);
            }
        }
        for sum in &mut sums {
            sum.value = sum.value.map(|value| value / f64::from(site.replicates));
        }
        let get = |name: &str| {
            sums.iter().find(|metric| metric.name == name).and_then(|m| m.value).unwrap_or_default()
        };
        let per_year = HOURS_PER_YEAR / (24.0 * get("run.days"));
        // What is paid by the month is paid twelve times a year, whatever part of one was run; the rest
        // is paid for energy, fuel and lost load, less what exports bring.
        let monthly = get("cost.demand") + get("cost.fixed");
        components.push(Component {
            operating_per_year: monthly * MONTHS_PER_YEAR / f64::from(months),
            fuel_per_year: (get("cost.total") - monthly) * per_year,
            ..plain("operation", 0.0, None)
        });
        Ok(Evaluation {
            money: evaluate(&self.project, &components, get("energy.consumed_kwh") * per_year),
            components,
            carbon_kg: get("carbon.operational_kg") * per_year,
            unserved_kwh: get("energy.unserved_kwh") * per_year,
            metrics: sums,
        })
    }
}

/// How many months of the site's calendar a run touches.
fn months_of(scenario: &Scenario) -> u32 {
    let midnight = scenario.start.date().at(0, 0, 0, 0);
    let days = scenario.days + u32::from(scenario.start != midnight);
    let (mut date, mut months) = (scenario.start.date(), 1);
    for _ in 1..days {
        let Ok(next) = date.tomorrow() else { break };
        months += u32::from(next.month() != date.month());
        date = next;
    }
    months
}

/// What the parts of costs are called.
pub(crate) const COST_PARTS: [&str; 5] =
    ["investment", "replacement", "operation and maintenance", "fuel and energy", "salvage"];

/// The parts of costs.
pub(crate) fn cost_parts(costs: &Costs) -> Vec<f64> {
    vec![costs.investment, costs.replacement, costs.om, costs.fuel, costs.salvage]
}

fn plain(name: &str, size: f64, price: Option<Price>) -> Component {
    Component {
        name: name.to_owned(),
        size,
        unit_price: price.map_or(0.0, |price| price.per_unit),
        om_per_unit_year: price.map_or(0.0, |price| price.om_per_unit_year),
        operating_per_year: 0.0,
        fuel_per_year: 0.0,
        life_years: price.map_or(f64::INFINITY, |price| price.life_years),
        replacement_share: 1.0,
        salvage_share: 1.0,
    }
}

/// A size that costs something.
fn component(choice: &Choice, value: &Value) -> Option<Component> {
    let name = choice.name.as_deref().unwrap_or(&choice.path);
    Some(plain(name, value.number()?, Some(choice.price?)))
}

fn island_decisions(site: &IslandSite) -> Result<Vec<Decision>, (&'static str, String)> {
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
            false => Err((name, "expected rising numbers of zero or above".to_owned())),
        }
    })
    .collect()
}

fn decision(name: &str, unit: &str, values: &Values) -> Result<Decision, String> {
    if values.is_drawn() {
        return Err(
            "a distribution cannot be chosen from: write a List, Linspace or Logspace".into()
        );
    }
    let axis = Axis { path: name.to_owned(), name: None, values: values.clone() };
    let design = Design::new(&[axis], Combine::Crossed, 0, Sampling::default(), 0);
    let design = design.map_err(|error| error.to_string())?;
    let values = design.columns().first().map(|column| column.values().to_vec());
    let values = values.unwrap_or_default();
    let numbers: Option<Vec<f64>> = values.iter().map(Value::number).collect();
    let rising = |numbers: &Vec<f64>| numbers.windows(2).all(|pair| pair[0] < pair[1]);
    let is_size = numbers.as_ref().is_some_and(rising);
    Ok(Decision { name: name.to_owned(), unit: unit.to_owned(), values, is_size })
}

/// What a scenario has at a path, where it is a number or a name.
fn written(scenario: &Scenario, path: &str) -> Option<Value> {
    let mut value = serde_json::to_value(scenario).ok()?;
    for step in path.split('.') {
        value = match value {
            serde_json::Value::Object(mut fields) => fields.remove(step)?,
            serde_json::Value::Array(items) => {
                let named = |item: &serde_json::Value| item["id"].as_str() == Some(step);
                items.into_iter().find(|item| named(item))?
            }
            _ => return None,
        };
    }
    match value {
        serde_json::Value::Number(number) => number.as_f64().map(Value::from),
        serde_json::Value::String(text) => Some(Value::new(&text)),
        _ => None,
    }
}

fn traces(of: &Optimization, from: &TracesFrom) -> Result<Traces, ScenarioError> {
    let wrong =
        |why: &dyn std::fmt::Display| of.source.error_at("site.traces", &why.to_string(), "");
    match from {
        TracesFrom::Csv { path, columns } => {
            Traces::read(&of.source.resolve(path), columns).map_err(|error| wrong(&error))
        }
        TracesFrom::Scenario { path, days } => {
            let file = of.source.resolve(path);
            let scenario = Scenario::load_with(&file, &[], Some(*days), None)?;
            let dc_kw: f64 = scenario.pv.iter().map(|array| array.dc_kw.get()).sum();
            if dc_kw == 0.0 {
                return Err(wrong(&format!("{} has no PV to take the sun from", file.display())));
            }
            let mut twin = Twin::new(&scenario).map_err(|error| wrong(&error))?;
            let mut heard = Hourly { dc_kw, ..Hourly::default() };
            twin.advance(twin.end(), &mut heard);
            let wind = vec![0.0; heard.load_kw.len()];
            Traces::new(heard.load_kw, heard.pv_per_kw, wind, 1.0).map_err(|error| wrong(&error))
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
        let hour = (sample.at.0 / (SimTime::ZERO + gridtwin_kernel::Span::HOUR).0) as usize;
        if self.load_kw.len() <= hour {
            self.load_kw.resize(hour + 1, 0.0);
            self.pv_per_kw.resize(hour + 1, 0.0);
        }
        let hours = sample.step.as_hours_f64();
        self.load_kw[hour] += sample.flows.load_kw * hours;
        self.pv_per_kw[hour] += sample.flows.pv_kw * hours / self.dc_kw;
    }
}
