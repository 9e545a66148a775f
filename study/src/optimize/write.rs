//! An optimisation's files: all candidates, the front, the page.

use super::page::{self, objective};
use super::{Optimum, Problem};
use crate::directory;
use crate::error::Error;
use crate::identity::VERSION;
use crate::search::Design;
use crate::write::Told;
use gridtwin_reports::pages::{Quantity, front_page};
use gridtwin_reports::{Field, Kind, Sheet, shortest};
use std::path::Path;

/// Makes the directory of an optimisation, or takes an older one's, whose results go.
///
/// # Errors
/// Where it cannot be made, or holds what no study has written.
pub fn prepare(folder: &Path) -> Result<(), Error> {
    directory::prepare(folder)
}

/// Writes what came of an optimisation into its directory, which is prepared.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    folder: &Path,
    problem: &Problem,
    optimum: &Optimum,
    told: &Told,
) -> Result<(), Error> {
    let fields = fields(problem);
    let sheets = [("candidates", &optimum.found.designs), ("front", &optimum.found.front)]
        .map(|(name, designs)| sheet(name, problem, designs, &fields));
    directory::write_tables(folder, &sheets)?;
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

/// The columns of candidates: their decisions, their objectives and whether they keep to the limits.
fn fields(problem: &Problem) -> Vec<Field> {
    let decisions = problem.model.decisions.iter().map(|decision| {
        let numbers = decision.values.iter().all(|value| value.number().is_some());
        Field {
            name: decision.name.clone(),
            kind: if numbers { Kind::Number } else { Kind::Text },
            unit: decision.unit.clone(),
            meaning: format!("Decided: {}", decision.name),
        }
    });
    let objectives = problem.asked.minimise.iter().map(|of| {
        let Quantity { name, unit } = objective(of, &problem.asked.currency);
        let meaning = format!("To be small: {name}");
        Field { name: name.replace(' ', "_"), kind: Kind::Number, unit, meaning }
    });
    let meaning = "By how much the limits are passed, each as a share of itself, added up; 0 where \
                   all are kept to";
    let violation = Field::new("violation", Kind::Number, meaning);
    decisions.chain(objectives).chain([violation]).collect()
}

/// A row for each design.
fn sheet<'a>(
    name: &'a str,
    problem: &'a Problem,
    designs: &'a [Design],
    fields: &'a [Field],
) -> Sheet<'a, impl Fn(usize, usize, &mut Vec<u8>)> {
    let decisions = problem.model.decisions.len();
    let cell = move |row: usize, column: usize, out: &mut Vec<u8>| {
        let Design { candidate, score, .. } = &designs[row];
        if column < decisions {
            out.extend_from_slice(problem.model.value(candidate, column).text().as_bytes());
        } else {
            let objective = score.objectives.get(column - decisions);
            shortest(out, *objective.unwrap_or(&score.violation));
        }
    };
    Sheet { name, fields, rows: designs.len(), cell }
}
