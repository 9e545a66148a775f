//! An optimisation's files: all candidates, the front, the page.

use super::page::{self, objective, values};
use super::{Optimum, Problem};
use crate::directory;
use crate::error::Error;
use crate::identity::VERSION;
use crate::write::Told;
use gridtwin_reports::pages::front_page;
use gridtwin_reports::shortest;
use std::path::Path;

/// Writes what came of an optimisation.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    folder: &Path,
    problem: &Problem,
    optimum: &Optimum,
    told: &Told,
) -> Result<(), Error> {
    directory::prepare(folder)?;
    let all = &optimum.found.designs;
    directory::write(folder, "candidates.csv", &table(problem, all))?;
    directory::write(folder, "front.csv", &table(problem, &optimum.found.front))?;
    let page = front_page(&page::front_page(problem, optimum))?;
    directory::write(folder, "report.html", page.as_bytes())?;
    directory::write(folder, "study.ron", problem.asked.source.written().as_bytes())?;
    let (failed, _) = optimum.failed();
    let json = serde_json::json!({
        "name": problem.asked.name.as_str(),
        "version": VERSION,
        "evaluated": optimum.evaluated(),
        "failed": failed,
        "finished_search": optimum.finished,
        "command": told.command,
        "finished": told.finished,
        "wall_s": told.wall_s,
    });
    directory::write(folder, "optimization.json", format!("{json:#}\n").as_bytes())
}

/// Candidates with their decisions, their objectives and whether they keep to the limits.
fn table(problem: &Problem, designs: &[crate::search::Design]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let decisions = problem.model.decisions.iter().map(|decision| decision.name.clone());
    let currency = &problem.asked.currency;
    let objectives =
        problem.asked.minimise.iter().map(|of| objective(of, currency).name.replace(' ', "_"));
    // Writing to memory cannot fail.
    let _ = writer.write_record(decisions.chain(objectives).chain(["violation".to_owned()]));
    let number = |value: f64| {
        let mut out = Vec::new();
        shortest(&mut out, value);
        String::from_utf8_lossy(&out).into_owned()
    };
    for design in designs {
        let values = values(problem, &design.candidate).into_iter().map(|value| value.to_string());
        let objectives = design.score.objectives.iter().map(|value| number(*value));
        let _ =
            writer.write_record(values.chain(objectives).chain([number(design.score.violation)]));
    }
    writer.into_inner().unwrap_or_default()
}
