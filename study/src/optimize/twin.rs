//! The twin as what candidates are judged by: which runs a candidate is, and what they come to in a
//! year.

use super::computing::Computing;
use super::kept::Kept;
use super::model::{Decision, Evaluation, decision, plain};
use super::periods::{self, Period, Year, mean, periods};
use super::spec::{Choice, Objective, Optimization, TwinSite};
use crate::design::Value;
use crate::doubts::{self, Doubted};
use crate::island::{Component, Project, evaluate};
use crate::names::Names;
use crate::run::{live, one_line};
use crate::settings::{absent, overrides};
use gridtwin_reports::unit_of;
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::{Base, Location, Override, ScenarioError};

/// A scenario, what may be chosen in it, and how it is run.
#[derive(Debug)]
pub(crate) struct TwinModel {
    text: Base,
    site: TwinSite,
    set: Vec<Override>,
    /// The scenario as it is without any choice.
    pub(super) base: Scenario,
    periods: Vec<Period>,
    /// Whether tasks and votes are simulated.
    pub(super) computing: Computing,
    /// Where runs are kept, once there is a directory.
    pub(super) kept: Option<Kept>,
}

impl TwinModel {
    /// Reads the scenario, and checks that all choices have a place there.
    pub(super) fn new(
        of: &Optimization,
        site: &TwinSite,
    ) -> Result<(Self, Vec<Decision>), ScenarioError> {
        let wrong = |path: &str, why: &dyn std::fmt::Display| {
            of.source.error_at(path, &why.to_string(), "")
        };
        let mut set = Vec::new();
        for (i, text) in site.set.iter().enumerate() {
            let change = text.parse::<Override>();
            set.push(change.map_err(|why| wrong(&format!("site.set[{i}]"), &why))?);
        }
        if site.replicates == 0 {
            return Err(wrong("site.replicates", &"found 0, expected 1 or more"));
        }
        if site.days.is_some() && site.weeks.is_some() {
            let why = "found both `days` and `weeks`, expected one of them";
            return Err(wrong("site.weeks", &why));
        }
        let text = Base::named(&of.source, "site.base", &site.base)?;
        let base = text.scenario(&set, Some(site.days.unwrap_or(periods::YEAR)), None)?;
        let periods = periods(site, &base);
        let computing = Computing::of(of, site, &text, &set, &base)?;
        let kept = None;
        let model = Self { text, site: site.clone(), set, base, periods, computing, kept };
        let mut decisions = Vec::new();
        for (i, choice) in site.choose.iter().enumerate() {
            let at = format!("site.choose[{i}]");
            let name = choice.name.as_deref().unwrap_or(&choice.path);
            if let Some(price) = &choice.price {
                price.check().map_err(|why| wrong(&format!("{at}.price"), &why))?;
            }
            let decision = decision(name, unit_of(&choice.path), &choice.values)
                .map_err(|why| wrong(&format!("{at}.values"), &why))?;
            let zero = decision.values.iter().filter(|value| value.number() == Some(0.0));
            for value in decision.values.iter().take(1).chain(zero).chain(&choice.base_case) {
                model.try_value(choice, value).map_err(|why| wrong(&format!("{at}.path"), &why))?;
            }
            decisions.push(decision);
        }
        model.check_metrics(of)?;
        Ok((model, decisions))
    }

    /// Whether the optimisation and the scenario's tariff are about the same money.
    pub(super) fn agrees_on_money(&self, of: &Optimization) -> Result<(), ScenarioError> {
        let Some(tariff) = self.base.grid.as_ref().map(|grid| &grid.tariff) else { return Ok(()) };
        if tariff.currency != of.currency {
            let message = format!(
                "prices are in {}, but the scenario's tariff is in {}",
                of.currency, tariff.currency
            );
            let help =
                format!("write `currency: {:?}`, and give all prices in it", tariff.currency);
            return Err(of.source.error_at("currency", &message, &help));
        }
        let (ours, theirs) = (of.project.carbon_price_per_t, tariff.carbon_price_per_t.get());
        if ours > 0.0 && theirs > 0.0 {
            let message = format!(
                "found {ours}, but the scenario's tariff has a carbon price of {theirs} already: \
                 each tonne would be paid twice"
            );
            let help = "remove one of the two carbon prices";
            return Err(of.source.error_at("project.carbon_price_per_t", &message, help));
        }
        Ok(())
    }

    /// By how much the scenario's prices rise from year to year.
    pub(super) fn escalation(&self) -> f64 {
        self.base.grid.as_ref().map_or(0.0, |grid| grid.tariff.escalation_per_year.get())
    }

    /// Whether a choice's value has a place in the scenario.
    fn try_value(&self, choice: &Choice, value: &Value) -> Result<(), String> {
        let path = choice.path.trim();
        let all = [self.set.as_slice(), &settings([(choice, value)])?].concat();
        let scenario = self.text.scenario(&all, Some(self.days()), None);
        let Err(error) = scenario else { return Ok(()) };
        Err(match absent(path, value) {
            Some(thing) => format!(
                "a size of 0 means that `{thing}` is not installed, but another part of the \
                 scenario refers to it: {}",
                one_line(&error)
            ),
            None => one_line(&error),
        })
    }

    fn days(&self) -> u32 {
        self.periods.first().map_or(periods::YEAR, |period| period.days)
    }

    /// Whether runs have the metrics that are asked for.
    fn check_metrics(&self, of: &Optimization) -> Result<(), ScenarioError> {
        let minimised =
            of.minimise.iter().enumerate().map(|(i, of)| (format!("minimise[{i}]"), of));
        let limits = of.limits.iter().enumerate();
        let limits = limits.map(|(i, limit)| (format!("limits[{i}].of"), &limit.of));
        let asked: Vec<(String, &str)> = minimised
            .chain(limits)
            .filter_map(|(at, of)| match of {
                Objective::Metric(name) | Objective::Most(name) => Some((at, name.as_str())),
                _ => None,
            })
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        // A day is as good as a year: what there is to measure does not hang on how long.
        let day = self.text.scenario(&self.set, Some(1), None).ok();
        let Some(names) = day.as_ref().and_then(Names::of) else { return Ok(()) };
        match asked.iter().find(|(_, name)| !names.have(name) || name.ends_with('*')) {
            None => Ok(()),
            Some((at, name)) => {
                let (message, help) = names.refuse(name);
                Err(of.source.error_at(at, &message, &help))
            }
        }
    }

    /// What a reader has to know before the figures: what has no price, and what stands for a year.
    pub(super) fn warnings(&self, of: &Optimization) -> Vec<String> {
        let place = |path: &str| match of.source.locate(path) {
            Location::File { line, column, .. } => format!("{}:{line}:{column}", of.source.name()),
            Location::Outside(label) => label,
        };
        let mut warnings = Vec::new();
        for (i, choice) in self.site.choose.iter().enumerate() {
            let name = choice.name.as_deref().unwrap_or(&choice.path);
            let is_size = decision(name, "", &choice.values).is_ok_and(|decision| decision.is_size);
            if is_size && choice.price.is_none() {
                warnings.push(format!(
                    "{}: `{name}` is a size without a price, so that the largest costs no more than \
                     the smallest; add `price: (per_unit: .., life_years: ..)`, or, if it is free, \
                     `price: (per_unit: 0)`",
                    place(&format!("site.choose[{i}]"))
                ));
            }
            if choice.base_case.is_none() && written(&self.base, choice.path.trim()).is_none() {
                warnings.push(format!(
                    "{}: the scenario has no number or name at `{}` that could be the base case, \
                     so that neither savings nor payback can be computed; add `base_case: VALUE` \
                     here",
                    place(&format!("site.choose[{i}]")),
                    choice.path
                ));
            }
        }
        warnings.extend(periods::warning(&self.periods));
        let dated = self.base.grid.as_ref().is_some_and(|grid| !grid.outages.is_empty())
            || !self.base.faults.is_empty()
            || !self.base.changes.is_empty();
        if self.site.weeks.is_some() && dated {
            warnings.push(
                "the scenario's outages, faults and changes take effect only if one of the simulated weeks \
                 covers their dates"
                    .to_owned(),
            );
        }
        warnings
    }

    /// The warnings of the scenario without any choice, and with each value of each choice.
    pub(super) fn scenario_warnings(&self, decisions: &[Decision]) -> Vec<String> {
        let days = Some(self.site.days.unwrap_or(periods::YEAR));
        let choices = self.site.choose.iter().zip(decisions);
        let values = choices.flat_map(|(choice, decision)| {
            let some = doubts::spread(decision.values.len()).into_iter();
            some.map(move |at| (choice, &decision.values[at]))
        });
        let with = values.filter_map(|(choice, value)| {
            let set = [self.set.as_slice(), &settings([(choice, value)]).ok()?].concat();
            let scenario = self.text.scenario(&set, days, None).ok()?;
            Some(Doubted { scenario, all: !doubts::is_meant(choice.path.trim(), value) })
        });
        let base = Doubted { scenario: self.base.clone(), all: true };
        doubts::of_all(std::iter::once(base).chain(with))
    }

    /// What the base case has at each choice; none where that is not known of all of them.
    pub(super) fn base_values(&self) -> Option<Vec<Value>> {
        let of = |choice: &Choice| {
            choice.base_case.clone().or_else(|| written(&self.base, choice.path.trim()))
        };
        self.site.choose.iter().map(of).collect()
    }

    /// What the base case is worth. What the scenario itself says is not set anew.
    pub(super) fn evaluate_base(
        &self,
        project: &Project,
        values: &[Value],
    ) -> Result<Evaluation, String> {
        let own = self.site.choose.iter().zip(values);
        let own = own.filter(|(choice, _)| choice.base_case.is_some());
        self.run(project, &settings(own)?, values)
    }

    /// What a candidate is worth that has these values.
    pub(super) fn evaluate(
        &self,
        project: &Project,
        values: &[Value],
    ) -> Result<Evaluation, String> {
        self.run(project, &settings(self.site.choose.iter().zip(values))?, values)
    }

    fn run(
        &self,
        project: &Project,
        changes: &[Override],
        values: &[Value],
    ) -> Result<Evaluation, String> {
        let mut year = Year::default();
        let mut means = Vec::new();
        for period in &self.periods {
            let set =
                [&self.set, &self.computing.overrides(), &period.overrides(), changes].concat();
            let mut runs = Vec::new();
            let mut lived = None;
            for replicate in 0..self.site.replicates {
                let seed = self.base.seed + u64::from(replicate);
                let scenario = self.text.scenario(&set, Some(period.days), Some(seed));
                let scenario = scenario.map_err(|error| one_line(&error))?;
                runs.push(match &self.kept {
                    Some(kept) => kept.live(&scenario)?,
                    None => live(&scenario)?,
                });
                lived = Some(scenario);
            }
            let metrics = mean(runs);
            if let Some(scenario) = &lived {
                year.add(1.0 / self.periods.len() as f64, scenario, &metrics);
            }
            means.push(metrics);
        }
        let choices = self.site.choose.iter().zip(values);
        let mut components: Vec<Component> =
            choices.filter_map(|(choice, value)| component(choice, value)).collect();
        components.push(Component {
            fuel_per_year: year.cost,
            carbon_per_year: year.carbon_cost
                + year.carbon_kg / 1000.0 * project.carbon_price_per_t,
            ..plain("operation", 0.0, None)
        });
        Ok(Evaluation {
            money: evaluate(project, &components, year.served_kwh),
            components,
            carbon_kg: year.carbon_kg,
            unserved_kwh: year.unserved_kwh,
            metrics: mean(means),
        })
    }
}

/// What these choices set, and what goes with them.
fn settings<'a>(
    chosen: impl IntoIterator<Item = (&'a Choice, &'a Value)>,
) -> Result<Vec<Override>, String> {
    let mut set: Vec<(&str, Value)> = Vec::new();
    for (choice, value) in chosen {
        set.push((choice.path.trim(), value.clone()));
        // What is not installed has no power either.
        if absent(choice.path.trim(), value).is_some() {
            continue;
        }
        for also in &choice.also {
            let size = value
                .number()
                .ok_or_else(|| format!("found `{value}`, but `also` needs a number to scale"))?;
            set.push((also.path.trim(), Value::from(size * also.per_unit)));
        }
    }
    overrides(set.iter().map(|(path, value)| (*path, value)))
}

/// A size that costs something.
fn component(choice: &Choice, value: &Value) -> Option<Component> {
    let name = choice.name.as_deref().unwrap_or(&choice.path);
    Some(plain(name, value.number()?, Some(choice.price?)))
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
