//! Optimal sizes and choices: the Pareto front of what is to be little, and the winner against a base
//! case. What a candidate is worth is said by a model, which to try by a search.

mod apart;
mod computing;
mod figures;
mod island;
mod kept;
mod model;
mod page;
mod periods;
mod ranges;
mod spec;
mod table;
mod twin;
mod write;

pub use spec::{
    Also, Choice, IslandSite, Limit, Objective, Optimization, Price, Search, SiteModel, TracesFrom,
    TwinSite, Weeks,
};
pub use table::{CandidateRow, CandidateTable};
pub use write::{prepare, write};

use crate::design::Value;
use crate::error::Error;
use crate::island::{CashYear, cash_flow};
use crate::search::{
    Candidate, Design, Found, Goal, Method, Nsga2, Polish, Score, Trials, auto, pareto, polish_best,
};
use apart::Pair;
use figures::Figures;
use gridtwin_twin::scenario::{ScenarioError, Source, read_ron};
use kept::Kept;
use model::{Evaluation, Kind, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

/// From so many of the best designs on the levels sizes are made better between them.
const POLISHED: usize = 8;
/// Designs between the levels that differ by less than this share of the front's extent are variants of
/// each other.
const VARIANTS: f64 = 0.01;
/// The hourly model and the twin are far apart where they differ by more than this share.
const APART: f64 = 0.1;

/// An optimisation that has been read and checked.
#[derive(Debug)]
pub struct Problem {
    /// What the file says.
    pub asked: Optimization,
    model: Model,
    space: crate::search::Space,
}

/// What came of it.
#[derive(Debug)]
pub struct Optimum {
    found: Found,
    /// How many candidates on the levels there are.
    pub on_levels: u64,
    /// Whether it came to its end.
    pub finished: bool,
    /// How many of its runs were already finished.
    pub resumed: u64,
    /// In full, those of the front.
    worth: BTreeMap<Candidate, Evaluation>,
    /// What is told of each.
    figures: BTreeMap<Candidate, Figures>,
    base: Option<(Vec<Value>, Evaluation)>,
    /// The winner's year by the twin beside that of the hourly model.
    apart: Option<Result<Vec<Pair>, String>>,
}

impl Problem {
    /// Reads an optimisation and checks all that can be checked before the first candidate.
    ///
    /// # Errors
    /// Where something is wrong; it says where, why and what to do.
    pub fn load(file: &Path) -> Result<Self, ScenarioError> {
        let (asked, source): (Optimization, Source) = read_ron(file, "optimization")?;
        Self::new(Optimization { source, ..asked })
    }

    /// Checks an optimisation.
    ///
    /// # Errors
    /// As [`Problem::load`].
    pub fn new(asked: Optimization) -> Result<Self, ScenarioError> {
        if asked.minimise.is_empty() {
            return Err(asked.source.error_at(
                "minimise",
                "found an empty list, expected at least one objective to minimise",
                "write minimise: [NetPresentCost]",
            ));
        }
        if let SiteModel::Island(_) = asked.site {
            let limits = asked.limits.iter().map(|limit| &limit.of);
            let metric = |of: &&Objective| matches!(of, Objective::Metric(_) | Objective::Most(_));
            if asked.minimise.iter().chain(limits).any(|of| metric(&of)) {
                return Err(asked.source.error_at(
                    "minimise",
                    "found `Metric` or `Most`, but the hourly island model has no metrics of a run",
                    "use NetPresentCost, LevelisedCost, Investment, Carbon or Unserved, or site: \
                     Twin(..)",
                ));
            }
        }
        ranges::check(&asked)?;
        let nsga2 = settings(&asked.search);
        nsga2.check().map_err(|e| asked.source.error_at("search", &e.to_string(), ""))?;
        let model = Model::new(&asked)?;
        let asked = Optimization { project: model.project(), ..asked };
        let space = model.space().map_err(|why| asked.source.error_at("site", &why, ""))?;
        Ok(Self { asked, model, space })
    }

    /// Keeps the runs of this search in a directory, which is prepared; with `resume` those that are
    /// there already are not run again. The hourly model needs no such thing.
    ///
    /// # Errors
    /// Where the journal cannot be read or written.
    pub fn keep(&mut self, folder: &Path, resume: bool) -> Result<(), Error> {
        if let Kind::Twin(model) = &mut self.model.kind {
            model.kept = Some(Kept::open(folder, resume)?);
        }
        Ok(())
    }

    /// What a reader has to know before the results: sizes without a price, days that stand for a
    /// year.
    pub fn warnings(&self) -> &[String] {
        &self.model.warnings
    }

    /// What is allowed but probably a mistake, or without effect, in the scenarios of the search: in
    /// the base, and in the base with each listed value of each decision, one at a time. Each distinct
    /// warning once; a value that makes no scenario is left out, its candidates say why.
    pub fn scenario_warnings(&self) -> Vec<String> {
        match &self.model.kind {
            Kind::Twin(model) => model.scenario_warnings(&self.model.decisions),
            Kind::Island(model) => model.scenario_warnings(),
        }
    }

    /// Whether tasks and votes are simulated; nothing where there are none.
    pub fn computing(&self) -> Option<String> {
        match &self.model.kind {
            Kind::Twin(model) => model.computing.tell(),
            Kind::Island(_) => None,
        }
    }

    /// The limits in words; nothing where there are none.
    pub fn limits(&self) -> Option<String> {
        let human = gridtwin_reports::human;
        let of = |limit: &Limit| {
            let of = page::objective(&limit.of, &self.asked.currency);
            let bounds = [("at least", limit.least), ("at most", limit.most)];
            let bounds = bounds.into_iter().filter_map(|(word, bound)| Some((word, bound?)));
            let bounds: Vec<String> = bounds
                .map(|(word, bound)| format!("{word} {} {}", human(bound), of.unit))
                .map(|text| text.trim_end().to_owned())
                .collect();
            format!("{} {}", of.name, bounds.join(" and "))
        };
        let all: Vec<String> = self.asked.limits.iter().map(of).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// What is to be little: names and units.
    pub fn objectives(&self) -> Vec<gridtwin_reports::pages::Quantity> {
        let currency = &self.asked.currency;
        self.asked.minimise.iter().map(|of| page::objective(of, currency)).collect()
    }

    /// What the design with least of the first objective chooses: name, value, unit of each; of a
    /// policy with its settings, its name where that tells it from the others.
    pub fn winner_values(&self, optimum: &Optimum) -> Vec<(String, String, String)> {
        let Some(winner) = optimum.least(0).and_then(|at| optimum.found.front.get(at)) else {
            return Vec::new();
        };
        let values = self.model.values(&winner.candidate);
        let both = self.model.decisions.iter().zip(values);
        both.map(|(of, value)| (of.name.clone(), of.short(&value), of.unit.clone())).collect()
    }

    /// Searches on the threads of the current pool. `told` hears how many candidates have been tried,
    /// and how many are expected; `stop` ends it.
    ///
    /// # Errors
    /// Where no candidate can be evaluated at all.
    pub fn solve(
        &self,
        told: &(dyn Fn(u64, u64) + Sync),
        stop: &AtomicBool,
    ) -> Result<Optimum, String> {
        // First of all: what a candidate saves is told against it.
        let base = self.model.base_case()?;
        let compared = base.as_ref().map(|(_, base)| base);
        let worth: Mutex<BTreeMap<Candidate, Evaluation>> = Mutex::default();
        let figures: Mutex<BTreeMap<Candidate, Figures>> = Mutex::default();
        let evaluate = |candidate: &Candidate| -> Result<Score, String> {
            let of = self.model.evaluate(candidate)?;
            let score = self.score(&of)?;
            let told = Figures::of(&of, compared, &self.asked.project);
            let mut all = figures.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(candidate.clone(), told);
            drop(all);
            // A year of an island is worked out again in less time than it takes to keep it.
            if matches!(self.asked.site, SiteModel::Twin(_)) {
                let mut worth = worth.lock().unwrap_or_else(PoisonError::into_inner);
                worth.insert(candidate.clone(), of);
            }
            Ok(score)
        };
        let objectives = self.asked.minimise.len();
        let mut trials =
            Trials::new(&self.space, objectives, &evaluate).told_to(told).stopped_by(stop);
        let search = &self.asked.search;
        let found = auto(&mut trials, search.exhaustive_up_to, &settings(search));
        let mut found = found.map_err(|error| error.to_string())?;
        let sizes = self.model.decisions.iter().any(|of| of.is_size && of.values.len() > 1);
        if found.finished && search.polish && sizes {
            let polished =
                polish_best(&mut trials, &Goal::objective(0), POLISHED, &Polish::default());
            let finished = polished.is_ok_and(|of| of.is_none_or(|polished| polished.finished));
            let levels: BTreeSet<Candidate> =
                found.designs.into_iter().map(|design| design.candidate).collect();
            found = trials.found(found.method, finished);
            // On its way to the best a polish leaves a trail of almost equal designs.
            found.thin_front(VARIANTS, |candidate| !levels.contains(candidate));
        }
        if found.designs.is_empty() {
            let why =
                found.failed.first().map_or("there are no candidates", |failure| &failure.why);
            return Err(format!("no candidate can be evaluated: {why}"));
        }
        let mut worth = worth.into_inner().unwrap_or_else(PoisonError::into_inner);
        let front: Vec<&Design> = found.front.iter().chain(&found.nearest).collect();
        worth.retain(|candidate, _| front.iter().any(|of| of.candidate == *candidate));
        for design in front {
            if !worth.contains_key(&design.candidate) {
                worth.insert(design.candidate.clone(), self.model.evaluate(&design.candidate)?);
            }
        }
        let finished = found.finished;
        let figures = figures.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (on_levels, resumed) = (self.space.count(), 0);
        let mut optimum =
            Optimum { found, on_levels, finished, resumed, worth, figures, base, apart: None };
        match &self.model.kind {
            Kind::Twin(model) => {
                if let Some(kept) = &model.kept {
                    optimum.resumed = kept.resumed();
                    kept.broken().map_or(Ok(()), Err)?;
                }
            }
            Kind::Island(model) => {
                let winner = optimum.least(0).map(|at| &optimum.found.front[at].candidate);
                optimum.apart = winner.and_then(|of| apart::apart(model, &island::mix(of)));
            }
        }
        Ok(optimum)
    }

    /// The years of the project with the winner instead of the base case.
    fn cash_flow(&self, optimum: &Optimum) -> Vec<CashYear> {
        let winner = optimum.least(0).map(|at| &optimum.found.front[at].candidate);
        let winner = winner.and_then(|candidate| optimum.worth.get(candidate));
        match (&optimum.base, winner) {
            (Some((_, base)), Some(winner)) => {
                cash_flow(&self.asked.project, &base.components, &winner.components)
            }
            _ => Vec::new(),
        }
    }

    fn score(&self, of: &Evaluation) -> Result<Score, String> {
        let objectives: Result<Vec<f64>, String> =
            self.asked.minimise.iter().map(|objective| of.of(objective)).collect();
        let mut violation = 0.0;
        for limit in &self.asked.limits {
            violation += limit.violation(of.of(&limit.of)?);
        }
        Ok(Score { objectives: objectives?, violation })
    }
}

impl Optimum {
    /// How many candidates were evaluated.
    pub fn evaluated(&self) -> usize {
        self.found.evaluated()
    }

    /// Where the hourly model and the twin are far apart on the winner's fuel or unserved energy, that
    /// they are, and what the twin says.
    pub fn apart_warning(&self) -> Option<String> {
        let pairs = match self.apart.as_ref()? {
            Ok(pairs) => pairs,
            Err(why) => {
                return Some(format!(
                    "the hourly model found the winner, but the full twin cannot simulate it: {why}"
                ));
            }
        };
        let human = gridtwin_reports::human;
        let far = |pair: &&Pair| {
            let counts = ["fuel", "CO2"].contains(&pair.name);
            counts && (pair.twin - pair.model).abs() > APART * pair.model.abs()
        };
        let far: Vec<String> = pairs
            .iter()
            .filter(far)
            .map(|of| {
                let (twin, model) = (human(of.twin), human(of.model));
                format!("{twin} {} of {} instead of {model}", of.unit, of.name)
            })
            .collect();
        (!far.is_empty()).then(|| {
            format!(
                "the search used an hourly model. In the full twin, which follows the scenario's \
                 own genset rules, the winner's year comes to {}. All savings and paybacks shown \
                 are those of the hourly model; under the scenario's rules they would differ",
                far.join(" and ")
            )
        })
    }

    /// How many of them failed, and why the first did.
    pub fn failed(&self) -> (usize, Option<&str>) {
        let first = self.found.failed.first().map(|failure| failure.why.as_str());
        (self.found.failed.len(), first)
    }

    /// Members of the front: values of the decisions, and objectives.
    pub fn front(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        let front = self.found.front.iter();
        front.map(|of| (of.candidate.values(), of.score.objectives.as_slice()))
    }

    /// Whether all candidates on the levels were tried.
    pub fn exhaustive(&self) -> bool {
        self.found.method == Method::Exhaustive
    }

    /// The member of the front that has least of the first objective: its decisions and objectives.
    pub fn winner(&self) -> Option<(&[f64], &[f64])> {
        let winner = self.least(0)?;
        let of = &self.found.front[winner];
        Some((of.candidate.values(), of.score.objectives.as_slice()))
    }

    /// The member of the front that has least of an objective.
    fn least(&self, objective: usize) -> Option<usize> {
        let of = |design: &Design| design.score.objectives.get(objective).copied();
        let all =
            self.found.front.iter().enumerate().filter_map(|(i, design)| Some((i, of(design)?)));
        all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    }

    fn compromise(&self) -> Option<usize> {
        pareto::knee(&self.found.front)
    }
}

fn settings(search: &Search) -> Nsga2 {
    Nsga2 {
        population: search.population,
        generations: search.generations,
        seed: search.seed,
        ..Nsga2::default()
    }
}
