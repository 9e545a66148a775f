//! What a candidate is worth: its sizes and choices in, its figures out. Two models: the hourly one of
//! an island, and the twin itself.

use super::island::{self, IslandModel};
use super::spec::{Objective, Optimization, Price, SiteModel};
use super::twin::TwinModel;
use crate::design::{Axis, Combine, Design, Sampling, Value, Values};
use crate::island::{Component, Costs, Mix, Money, Project};
use crate::search::{Candidate, Space, Variable};
use gridtwin_reports::Metric;
use gridtwin_twin::scenario::ScenarioError;

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
    /// The summary of the twin's runs; the mean of several.
    pub(crate) metrics: Vec<Metric>,
}

impl Evaluation {
    /// How much it has of an objective.
    pub(crate) fn of(&self, objective: &Objective) -> Result<f64, String> {
        let metric = |name: &str| {
            let found = self.metrics.iter().find(|metric| metric.name == *name);
            let found = found.ok_or_else(|| format!("there is no metric `{name}`"))?;
            found.value.ok_or_else(|| format!("the metric `{name}` has no value in this run"))
        };
        match objective {
            Objective::NetPresentCost => Ok(self.money.net_present_cost),
            Objective::LevelisedCost => self
                .money
                .levelised_cost_per_kwh
                .ok_or_else(|| "no energy was served, so there is no levelised cost".to_owned()),
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
    /// What is said of it on the page and in the terminal before anything else.
    pub(crate) warnings: Vec<String>,
    project: Project,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Island(Box<IslandModel>),
    Twin(Box<TwinModel>),
}

impl Model {
    /// Reads what the model needs, and checks what is to be decided.
    pub(crate) fn new(of: &Optimization) -> Result<Self, ScenarioError> {
        if let Err(error) = of.project.check() {
            return Err(of.source.error_at("project", &error.to_string(), ""));
        }
        let (decisions, warnings, kind) = match &of.site {
            SiteModel::Island(site) => {
                let (model, decisions) = IslandModel::new(of, site)?;
                (decisions, Vec::new(), Kind::Island(Box::new(model)))
            }
            SiteModel::Twin(site) => {
                let (model, decisions) = TwinModel::new(of, site)?;
                (decisions, model.warnings(of), Kind::Twin(Box::new(model)))
            }
        };
        let mut project = of.project;
        if let Kind::Twin(model) = &kind {
            model.agrees_on_money(of)?;
            if project.escalation == 0.0 {
                project.escalation = model.escalation();
            }
        }
        Ok(Self { decisions, warnings, project, kind })
    }

    /// The project, with what the scenario says of it.
    pub(super) fn project(&self) -> Project {
        self.project
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

    /// What a candidate says of all decisions.
    pub(crate) fn values(&self, candidate: &Candidate) -> Vec<Value> {
        (0..self.decisions.len()).map(|i| self.value(candidate, i)).collect()
    }

    /// What a candidate is worth.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(crate) fn evaluate(&self, candidate: &Candidate) -> Result<Evaluation, String> {
        match &self.kind {
            Kind::Island(model) => Ok(model.evaluate(&self.project, &island::mix(candidate))),
            Kind::Twin(model) => model.evaluate(&self.project, &self.values(candidate)),
        }
    }

    /// What the base case is worth, and what it says of each decision; none where there is none.
    pub(crate) fn base_case(&self) -> Result<Option<(Vec<Value>, Evaluation)>, String> {
        match &self.kind {
            Kind::Island(model) => {
                let Some(mix) = model.base_case else { return Ok(None) };
                mix.check().map_err(|error| error.to_string())?;
                let Mix { genset_kw, battery_kwh, pv_kw, wind_kw } = mix;
                let values = [genset_kw, battery_kwh, pv_kw, wind_kw].map(Value::from);
                Ok(Some((values.into(), model.evaluate(&self.project, &mix))))
            }
            Kind::Twin(model) => {
                let Some(values) = model.base_values() else { return Ok(None) };
                let worth = model.evaluate_base(&self.project, &values)?;
                Ok(Some((values, worth)))
            }
        }
    }
}

/// What the parts of costs are called.
pub(crate) const COST_PARTS: [&str; 6] = [
    "investment",
    "replacement",
    "operation and maintenance",
    "fuel and energy",
    "carbon",
    "residual value",
];

/// The parts of costs.
pub(crate) fn cost_parts(costs: &Costs) -> Vec<f64> {
    vec![costs.investment, costs.replacement, costs.om, costs.fuel, costs.carbon, costs.salvage]
}

/// A component of a size that costs nothing but its price.
pub(super) fn plain(name: &str, size: f64, price: Option<Price>) -> Component {
    Component {
        name: name.to_owned(),
        size,
        unit_price: price.map_or(0.0, |price| price.per_unit),
        om_per_unit_year: price.map_or(0.0, |price| price.om_per_unit_year),
        operating_per_year: 0.0,
        fuel_per_year: 0.0,
        carbon_per_year: 0.0,
        life_years: price.and_then(|price| price.life_years).unwrap_or(f64::INFINITY),
        replacement_share: 1.0,
        salvage_share: 1.0,
    }
}

/// Something to decide, of the values as they are written.
pub(super) fn decision(name: &str, unit: &str, values: &Values) -> Result<Decision, String> {
    if values.is_drawn() {
        return Err(
            "found a distribution, expected values to choose from: write a List, Linspace or \
             Logspace"
                .into(),
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
