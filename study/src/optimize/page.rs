//! An optimisation worked out for its page: the front, the winners, and how they stand to the base
//! case.

use super::apart::Pair;
use super::figures::{first_year, payback};
use super::model::{COST_PARTS, Evaluation, cost_parts};
use super::spec::{Objective, SiteModel, Weeks};
use super::{Optimum, Problem};
use crate::design::Value;
use crate::identity::VERSION;
use crate::island::CashYear;
use gridtwin_reports::pages::{Design, Fact, FrontMember, FrontPage, NumberTable, Quantity};
use gridtwin_reports::unit_of;

/// So many candidates are drawn at most; the page thins them further.
const DRAWN: usize = 20_000;

/// The page of an optimisation.
pub(super) fn front_page(problem: &Problem, optimum: &Optimum) -> FrontPage {
    let asked = &problem.asked;
    let decisions = &problem.model.decisions;
    let sizes = decisions.iter().filter(|decision| decision.is_size);
    let choices = decisions.iter().filter(|decision| !decision.is_size);
    let objectives: Vec<Quantity> =
        asked.minimise.iter().map(|of| objective(of, &asked.currency)).collect();
    let front = optimum.found.front.iter().enumerate().map(|(i, design)| {
        let values = problem.model.values(&design.candidate);
        FrontMember {
            label: (i + 1).to_string(),
            objectives: design.score.objectives.clone(),
            sizes: sizes_of(problem, &values),
            choices: choices_of(problem, &values),
        }
    });
    let winners: Vec<Option<usize>> =
        (0..asked.minimise.len()).map(|objective| optimum.least(objective)).collect();
    let every = optimum.found.designs.len().div_ceil(DRAWN).max(1);
    let candidates = optimum.found.designs.iter().step_by(every);
    let (kept, broken): (Vec<_>, Vec<_>) =
        candidates.partition(|design| design.score.violation <= 0.0);
    let objectives_of = |designs: Vec<&crate::search::Design>| {
        designs.into_iter().map(|design| design.score.objectives.clone()).collect()
    };
    FrontPage {
        name: asked.name.to_string(),
        description: asked.description.clone(),
        warnings: warnings(problem, optimum),
        facts: facts(problem, optimum),
        objectives: objectives.clone(),
        sizes: sizes.map(|of| quantity(&of.name, &of.unit)).collect(),
        choices: choices.map(|decision| decision.name.clone()).collect(),
        evaluated: optimum.evaluated() as u64,
        candidates: objectives_of(kept),
        violating: objectives_of(broken),
        front: front.collect(),
        winners: winners.clone(),
        // Of one objective the best is no compromise.
        compromise: optimum.compromise().filter(|_| asked.minimise.len() > 1),
        figures: figures(problem),
        cost_parts: COST_PARTS.map(str::to_owned).to_vec(),
        cost_unit: format!(
            "{}, present value over {} years",
            asked.currency, asked.project.life_years
        ),
        base: optimum
            .base
            .as_ref()
            .map(|(values, worth)| design(problem, optimum, "Base case", values, worth)),
        designs: designs(problem, optimum, &winners, &objectives),
        listed: listed(problem, optimum),
        cash: cash(problem, optimum),
        apart: optimum.apart.as_ref().map(apart),
        method: method(problem, optimum),
    }
}

/// What has to be known first, without its place in the file.
fn warnings(problem: &Problem, optimum: &Optimum) -> Vec<String> {
    let place = format!("{}:", problem.asked.source.name());
    let apart = optimum.apart_warning();
    let short = |warning: &String| match warning.strip_prefix(&place) {
        Some(rest) => rest.splitn(2, ": ").last().unwrap_or(rest).to_owned(),
        None => warning.clone(),
    };
    problem.warnings().iter().map(short).chain(apart).collect()
}

/// The candidates that a reader looks at first.
fn listed(problem: &Problem, optimum: &Optimum) -> NumberTable {
    let table = problem.table(optimum);
    let heads = table.decisions.iter().chain(&table.figures).cloned();
    let row = |(number, row): (usize, &super::table::CandidateRow)| {
        let figures = row.figures.iter().zip(&table.figures).map(|(value, of)| {
            let text = value.map_or("none".to_owned(), NumberTable::number);
            let marked = row.postponed && of.name == "simple payback";
            if marked { text + " *" } else { text }
        });
        let label = if row.label.is_empty() { number.to_string() } else { row.label.clone() };
        (label, row.values.iter().cloned().chain(figures).collect())
    };
    let mut note = table.note.clone();
    if table.rows.iter().any(|row| row.postponed) {
        note += " *: equipment is replaced before the saving has covered all costs; this makes the \
                 payback later, or prevents it. Investment per saving leaves replacements out.";
    }
    NumberTable {
        note,
        first: "Candidate".to_owned(),
        heads: heads.collect(),
        rows: table.rows.iter().enumerate().map(row).collect(),
    }
}

/// The parts of a year's cash flow, in the order of its columns.
pub(super) fn cash_values(of: &CashYear) -> [f64; 10] {
    [
        of.investment,
        of.energy,
        of.om,
        of.carbon,
        of.replacement,
        of.residual,
        of.net,
        of.cumulative,
        of.discounted,
        of.discounted_cumulative,
    ]
}

/// The winner's cash flow against the base case; columns that are zero throughout are left out.
fn cash(problem: &Problem, optimum: &Optimum) -> NumberTable {
    let flow = problem.cash_flow(optimum);
    let names = [
        "investment",
        "energy and fuel saved",
        "O&M saved",
        "carbon saved",
        "replacements",
        "residual value",
        "net",
        "cumulative",
        "discounted",
        "discounted, cumulative",
    ];
    let kept =
        |column: &usize| *column > 5 || flow.iter().any(|of| cash_values(of)[*column] != 0.0);
    let kept: Vec<usize> = (0..names.len()).filter(kept).collect();
    let row = |of: &CashYear| {
        let values = cash_values(of);
        let cells = kept.iter().map(|column| NumberTable::number(values[*column].round()));
        (of.year.to_string(), cells.collect())
    };
    let currency = &problem.asked.currency;
    NumberTable {
        note: format!(
            "Cash flow of the winner compared with the base case, in {currency}, one row per year. \
             Positive: the winner saves money; negative: it costs more. The discounted flows add \
             up to the difference of the net present costs."
        ),
        first: "Year".to_owned(),
        heads: kept.iter().map(|column| quantity(names[*column], "")).collect(),
        rows: flow.iter().map(row).collect(),
    }
}

/// The hourly model and the twin side by side, or why the twin cannot say.
fn apart(of: &Result<Vec<Pair>, String>) -> NumberTable {
    let pairs = match of {
        Ok(pairs) => pairs.as_slice(),
        Err(why) => {
            let note = format!("The full twin cannot simulate the winner: {why}.");
            return NumberTable { note, ..NumberTable::default() };
        }
    };
    let row = |of: &Pair| {
        let percent = match of.model {
            0.0 => "none".to_owned(),
            model => NumberTable::number(100.0 * (of.twin - model) / model),
        };
        let numbers = [of.model, of.twin, of.twin - of.model].map(NumberTable::number);
        let cells = [of.unit.to_owned()].into_iter().chain(numbers).chain([percent]);
        (of.name.to_owned(), cells.collect())
    };
    NumberTable {
        note:
            "One year of the winner, computed by the hourly model that the search used and by the \
               full twin with the same sizes. The twin uses shorter time steps and the scenario's \
               own genset rules and battery, and sheds loads by priority."
                .to_owned(),
        first: "Yearly total".to_owned(),
        heads: ["~unit", "hourly model", "twin", "twin minus model", "in %"]
            .map(|name| quantity(name, ""))
            .into(),
        rows: pairs.iter().map(row).collect(),
    }
}

/// The winner of each objective, and the compromise; each design once.
fn designs(
    problem: &Problem,
    optimum: &Optimum,
    winners: &[Option<usize>],
    objectives: &[Quantity],
) -> Vec<Design> {
    let named = winners.iter().zip(objectives);
    let mut wanted: Vec<(usize, String)> = Vec::new();
    let least = named.filter_map(|(at, of)| Some(((*at)?, format!("Least {}", of.name))));
    let compromise = optimum.compromise().filter(|_| objectives.len() > 1);
    for (at, name) in least.chain(compromise.map(|at| (at, "Compromise".to_owned()))) {
        match wanted.iter_mut().find(|(known, _)| *known == at) {
            Some((_, names)) => *names += &format!(", {}", name.to_lowercase()),
            None => wanted.push((at, name)),
        }
    }
    let of = |(at, name): (usize, String)| {
        let candidate = &optimum.found.front.get(at)?.candidate;
        let worth = optimum.worth.get(candidate)?;
        Some(design(problem, optimum, &name, &problem.model.values(candidate), worth))
    };
    wanted.into_iter().filter_map(of).collect()
}

fn design(
    problem: &Problem,
    optimum: &Optimum,
    name: &str,
    values: &[Value],
    worth: &Evaluation,
) -> Design {
    let costs = cost_parts(&worth.money.costs);
    let base = optimum.base.as_ref().map(|(_, base)| base).filter(|base| *base != worth);
    let payback = base.and_then(|base| payback(&problem.asked.project, base, worth));
    let saving = base.map(|base| first_year(&base.components) - first_year(&worth.components));
    let mut figures = vec![
        Some(worth.money.costs.investment),
        Some(first_year(&worth.components)),
        saving,
        Some(worth.money.net_present_cost),
        worth.money.levelised_cost_per_kwh,
        payback.and_then(|payback| payback.simple_years),
        payback.and_then(|payback| payback.discounted_years),
        Some(-worth.money.costs.salvage),
        Some(worth.carbon_kg),
        Some(worth.unserved_kwh),
    ];
    for objective in metric_objectives(problem) {
        let sign = if matches!(objective, Objective::Most(_)) { -1.0 } else { 1.0 };
        figures.push(worth.of(objective).ok().map(|value| sign * value));
    }
    Design {
        name: name.to_owned(),
        sizes: sizes_of(problem, values),
        choices: choices_of(problem, values),
        figures,
        costs,
    }
}

fn figures(problem: &Problem) -> Vec<Quantity> {
    let currency = &problem.asked.currency;
    let mut figures = vec![
        quantity("investment", currency),
        quantity("running cost, first year", currency),
        quantity("saving a year", currency),
        quantity("net present cost", currency),
        quantity("levelised cost", &format!("{currency}/kWh")),
        quantity("simple payback", "years"),
        quantity("discounted payback", "years"),
        quantity("residual value, discounted", currency),
        quantity("CO2 a year", "kg"),
        quantity("unserved energy a year", "kWh"),
    ];
    figures.extend(metric_objectives(problem).map(|of| match of {
        Objective::Most(name) | Objective::Metric(name) => quantity(name, unit_of(name)),
        other => objective(other, currency),
    }));
    figures
}

fn metric_objectives(problem: &Problem) -> impl Iterator<Item = &Objective> {
    let metric = |of: &&Objective| matches!(of, Objective::Metric(_) | Objective::Most(_));
    problem.asked.minimise.iter().filter(metric)
}

/// An objective's name and unit.
pub(super) fn objective(of: &Objective, currency: &str) -> Quantity {
    match of {
        Objective::NetPresentCost => quantity("net present cost", currency),
        Objective::LevelisedCost => quantity("levelised cost", &format!("{currency}/kWh")),
        Objective::Investment => quantity("investment", currency),
        Objective::Carbon => quantity("CO2 a year", "kg"),
        Objective::Unserved => quantity("unserved energy a year", "kWh"),
        Objective::Metric(name) => quantity(name, unit_of(name)),
        Objective::Most(name) => quantity(&format!("minus {name}"), unit_of(name)),
    }
}

fn quantity(name: &str, unit: &str) -> Quantity {
    Quantity { name: name.to_owned(), unit: unit.to_owned() }
}

fn sizes_of(problem: &Problem, values: &[Value]) -> Vec<f64> {
    let both = problem.model.decisions.iter().zip(values);
    let sizes = both.filter(|(decision, _)| decision.is_size);
    sizes.map(|(_, value)| value.number().unwrap_or(f64::NAN)).collect()
}

fn choices_of(problem: &Problem, values: &[Value]) -> Vec<String> {
    let both = problem.model.decisions.iter().zip(values);
    let choices = both.filter(|(decision, _)| !decision.is_size);
    choices.map(|(decision, value)| decision.short(value)).collect()
}

fn facts(problem: &Problem, optimum: &Optimum) -> Vec<Fact> {
    let fact = |label: &str, text: String| Fact { label: label.to_owned(), text };
    let asked = &problem.asked;
    let model = match &asked.site {
        SiteModel::Island(_) => "the hourly model of an island".to_owned(),
        SiteModel::Twin(site) => {
            let span = match (site.weeks, site.days) {
                (Some(Weeks::FourSeasons), _) => "four weeks, one in each season".to_owned(),
                (None, None) => "a year".to_owned(),
                (None, Some(days)) => format!("{days} days"),
            };
            let seeds = match site.replicates {
                1 => String::new(),
                n => format!(", with {n} random seeds for each candidate"),
            };
            format!("the twin, which simulates {}: {span}{seeds}", site.base.display())
        }
    };
    let tried = match optimum.exhaustive() {
        true => format!("all {} combinations of the listed values", optimum.on_levels),
        false => {
            format!("with NSGA-II, among {} combinations of the listed values", optimum.on_levels)
        }
    };
    let (failed, why) = optimum.failed();
    let mut facts = vec![
        fact("Evaluated by", model),
        fact("Searched", tried),
        fact("Evaluated", optimum.evaluated().to_string()),
        fact("Project", project(problem)),
        fact("Version", VERSION.to_owned()),
    ];
    facts.extend(problem.limits().map(|text| fact("Limits", text)));
    facts.extend(problem.computing().map(|text| fact("Tasks and consensus", text)));
    if let (1.., Some(why)) = (failed, why) {
        facts.push(fact("Failed candidates", format!("{failed}; first error: {why}")));
    }
    if !optimum.finished {
        facts.push(fact(
            "Unfinished",
            "the search was stopped, or the refinement of sizes reached its limit".to_owned(),
        ));
    }
    if optimum.found.front.is_empty() {
        facts.push(fact("No winner", "every candidate violates a limit".to_owned()));
    }
    facts
}

/// How long the project lasts and what money is worth in it.
fn project(problem: &Problem) -> String {
    let project = &problem.asked.project;
    let percent = |share: f64| gridtwin_reports::human(100.0 * share);
    let mut text =
        format!("{} years, discount rate {} %", project.life_years, percent(project.discount_rate));
    if project.escalation != 0.0 {
        let rise = percent(project.escalation);
        text += &format!(", fuel and energy prices rise by {rise} % each year");
    }
    if project.carbon_price_per_t != 0.0 {
        let price = gridtwin_reports::human(project.carbon_price_per_t);
        text += &format!(", carbon price {price} {} per tonne of CO2", problem.asked.currency);
    }
    text
}

fn method(problem: &Problem, optimum: &Optimum) -> Vec<String> {
    let mut method = vec![
        "Costs are present values. Yearly costs are paid at the end of each year. Worn-out \
         equipment is replaced. At the end of the project, equipment is credited with a residual \
         value in proportion to its remaining life."
            .to_owned(),
        "Saving: running costs of the first year, base case minus design. Payback: the time from \
         which the cumulative cost stays at or below the base case's until the end of the project; \
         0 if it is never above. If a replacement raises the cost above the base case's again, the payback is later. \
         Residual values are not counted. A design whose cumulative cost is above the base case's \
         at the end has no payback, even if it was below in earlier years."
            .to_owned(),
        "The Pareto front holds every candidate for which no other evaluated candidate is better \
         in one objective without being worse in another. The compromise is the member of the \
         front nearest to the best values of all objectives, after scaling each objective to its \
         range on the front. Refined sizes that differ from another member by less than 1 % of the \
         front's range in every objective are left out of the front; candidates.csv has them."
            .to_owned(),
    ];
    method.push(match problem.asked.site {
        SiteModel::Island(_) => {
            "Dispatch, hour by hour: PV and wind first, then the battery, then the genset."
                .to_owned()
        }
        SiteModel::Twin(_) => {
            "The twin simulates every candidate with the same random seeds. The simulated period \
             is scaled to a year of 8,760 hours; monthly charges are paid twelve times a year. \
             Running costs are energy, demand and fixed charges, fuel, lost load and maintenance, \
             minus the revenue from exports. The site runs alike in every year of the project; \
             equipment does not age. If an objective is a metric, its value is the mean over the \
             candidate's runs."
                .to_owned()
        }
    });
    if !optimum.exhaustive() {
        method.push(
            "NSGA-II (Deb et al. 2002) evaluates only some of the possible candidates; the front \
             holds the best of them."
                .to_owned(),
        );
    }
    if problem.asked.search.polish {
        method.push(
            "At the end, a pattern search refines the sizes of the best designs for the first \
             objective, also between the listed values."
                .to_owned(),
        );
    }
    method
}
