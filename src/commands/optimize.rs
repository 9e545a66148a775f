//! `gridtwin optimize`: the sizes and policies that are worth having.

use crate::arguments::OptimizeArguments;
use crate::commands::run::{REPORTS, now};
use crate::commands::sweep::{stop_at_interrupt, tell_broken_lines, tell_replaced};
use crate::failure::Failure;
use crate::{output, progress, scenarios};
use gridtwin_study::Told;
use gridtwin_study::optimize::{CandidateTable, Optimum, Problem, prepare, write};
use gridtwin_twin::scenario::Location;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Searches, and writes what came of it.
pub(crate) fn run(wanted: &OptimizeArguments) -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "tells how long a search took")]
    let clock = Instant::now();
    let mut problem = Problem::load(&wanted.study).map_err(Failure::input)?;
    if !wanted.work.quiet {
        for warning in problem.warnings() {
            // Nothing hangs on a warning: where it cannot be written, the search goes on.
            let _ = writeln!(std::io::stderr(), "warning: {warning}");
        }
        scenarios::warn_of(&problem.scenario_warnings());
    }
    let name = problem.asked.name.as_str();
    let out = wanted.work.out.clone().unwrap_or_else(|| Path::new(REPORTS).join(name));
    // Before the search, which may take hours: what cannot be written is told now.
    if wanted.resume {
        tell_broken_lines(&out);
    }
    tell_replaced(&out, problem.asked.name.as_str(), problem.asked.source.written());
    prepare(&out, &problem, wanted.earlier())?;
    problem.keep(&out, wanted.resume)?;
    let threads = usize::from(wanted.work.jobs.unwrap_or(0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let bar = progress::bar(0, "candidates", !wanted.work.quiet);
    let stop = stop_at_interrupt(&bar)?;
    let told = |done: u64, expected: u64| {
        bar.set_length(expected);
        bar.set_position(done);
    };
    let solved = pool.map_err(Failure::work)?.install(|| problem.solve(&told, &stop));
    bar.finish_and_clear();
    let optimum = solved.map_err(Failure::work)?;
    let about = Told {
        command: format!("gridtwin optimize {}", wanted.study.display()),
        finished: now().to_string(),
        wall_s: clock.elapsed().as_secs_f64(),
    };
    write(&out, &problem, &optimum, &about)?;
    let wall_s = clock.elapsed().as_secs_f64();
    output::print(&tell(&problem, &optimum, &out, wanted.work.quiet, wall_s))?;
    if stop.load(Ordering::Relaxed) {
        return Err(Failure::work(
            "stopped: the Pareto front holds the best candidates evaluated so far; continue with \
             --resume",
        ));
    }
    match (optimum.winner(), optimum.failed().0) {
        (Some(_), 0) => Ok(()),
        (Some(_), failed) => Err(Failure::work(format_args!(
            "{failed} of {} candidates failed: see the column `error` of {}",
            optimum.evaluated(),
            out.join("failed.csv").display()
        ))),
        (None, _) => Err(Failure::work(infeasible(&problem, &optimum))),
    }
}

/// That the search has no result, at the limits that no candidate keeps to.
fn infeasible(problem: &Problem, optimum: &Optimum) -> String {
    let source = &problem.asked.source;
    let place = match source.locate("limits") {
        Location::File { line, column, .. } => format!("{}:{line}:{column}", source.name()),
        Location::Outside(label) => label,
    };
    format!(
        "{place}: no candidate meets all limits ({} were evaluated), so there is no winner; relax \
         a limit (raise its `most` or lower its `least`), or offer other values to choose from. In \
         candidates.csv, the column `violation` shows by how much each candidate misses the \
         limits",
        optimum.evaluated()
    )
}

fn tell(problem: &Problem, optimum: &Optimum, out: &Path, quiet: bool, wall_s: f64) -> String {
    let report = out.join("report.html");
    if quiet {
        return format!("{}\n", report.display());
    }
    let mut text = format!(
        "{}: {} candidates in {wall_s:.2} s, {} on the Pareto front\n",
        problem.asked.name,
        optimum.evaluated(),
        optimum.front().count(),
    );
    if optimum.resumed > 0 {
        text += &format!("{} runs were already finished and are not repeated\n", optimum.resumed);
    }
    if let Some(computing) = problem.computing() {
        text += &format!("tasks and consensus are {computing}\n");
    }
    if let (failed @ 1.., Some(why)) = optimum.failed() {
        text += &format!("failed candidates: {failed}; first error: {why}\n");
    }
    if let Some(limits) = problem.limits() {
        text += &format!("limits: {limits}\n");
    }
    text += &candidates(&problem.table(optimum));
    if let Some((_, objectives)) = optimum.winner() {
        let names = problem.objectives();
        let values = problem.winner_values(optimum).into_iter();
        let values = values.map(|(name, value, unit)| match value.parse() {
            Ok(size) => (name, output::number(size), unit),
            Err(_) => (name, value, unit),
        });
        let objectives = names.iter().zip(objectives);
        let objectives = objectives
            .map(|(of, value)| (of.name.clone(), output::number(*value), of.unit.clone()));
        let rows: Vec<_> = values.chain(objectives).collect();
        text += "the winner\n";
        text += &output::table(&rows);
    }
    if let Some(apart) = optimum.apart_warning() {
        text += &format!("note: {apart}\n");
    }
    text + &format!("report: {}\n", report.display())
}

/// What the terminal's table has room for: the decisions, and these figures.
const SHOWN: [(&str, &str); 7] = [
    ("investment", "investment"),
    ("saving a year", "saving/year"),
    ("investment per saving", "investment/saving, years"),
    ("simple payback", "payback, years"),
    ("discounted payback", "discounted"),
    ("net present cost", "NPC"),
    ("CO2 a year", "CO2 kg/year"),
];

/// A line for each candidate in the terminal, the base case first.
fn candidates(table: &CandidateTable) -> String {
    let shown: Vec<(usize, &str)> = SHOWN
        .iter()
        .filter_map(|(name, head)| {
            Some((table.figures.iter().position(|figure| figure.name == *name)?, *head))
        })
        .collect();
    let mut head = vec![String::new()];
    head.extend(table.decisions.iter().map(|of| of.name.clone()));
    head.extend(shown.iter().map(|(_, head)| (*head).to_owned()));
    let mut lines = vec![head];
    for row in &table.rows {
        let mut line = vec![row.label.clone()];
        line.extend(row.values.iter().map(|value| output::shortened(value, 18)));
        line.extend(shown.iter().map(|(at, _)| {
            let value = row.figures.get(*at).copied().flatten();
            let text = value.map_or("-".to_owned(), output::number);
            let marked = row.postponed && table.figures[*at].name == "simple payback";
            if marked { text + "*" } else { text }
        }));
        lines.push(line);
    }
    let currency = table.figures.first().map_or("", |figure| figure.unit.as_str());
    output::columns(&lines)
        + &format!(
            "money in {currency}; NPC: net present cost\n\
             payback: years until the cumulative cost stays at or below that of the base case; 0 if \
             it is never above\n\
             discounted: payback with discounted cash flows, years\n\
             investment/saving: additional investment over the first year's saving, without \
             replacements\n\
             *: a replacement within the project's life postpones the payback, or prevents it\n\
             -: no base case, the base case itself, no payback within the project's life, or \
             nothing invested or saved\n"
        )
}
