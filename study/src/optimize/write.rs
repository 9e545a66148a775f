//! An optimisation's files: all candidates, the front, the winner's cash flow, the page.

use super::figures::Figures;
use super::page::{self, objective};
use super::{Optimum, Problem};
use crate::directory::{self, Earlier};
use crate::error::Error;
use crate::identity::VERSION;
use crate::island::CashYear;
use crate::search::{Design, Failure as Failed};
use crate::write::Told;
use gridtwin_reports::pages::{Quantity, front_page};
use gridtwin_reports::{Field, Kind, Sheet, shortest};
use std::path::Path;

/// Makes the directory of an optimisation, or takes an older one's, whose results go.
///
/// # Errors
/// Where it cannot be made, holds what no study has written, or holds runs of a search that is not
/// finished, and they are to be kept.
pub fn prepare(folder: &Path, problem: &Problem, earlier: Earlier) -> Result<(), Error> {
    if earlier == Earlier::Refuse {
        let runs = directory::unfinished(folder)?.len();
        if runs > 0 {
            let what = format!(
                "this folder holds {runs} runs of an unfinished study; if it is this study, add \
                 --resume to continue it"
            );
            return Err(Error::Unfinished { path: folder.to_owned(), what });
        }
    }
    directory::prepare(folder, problem.asked.name.as_str())
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
    let flow_fields = flow_fields(&problem.asked.currency);
    let flow = problem.cash_flow(optimum);
    let failed_fields = failed_fields(problem);
    let mut sheets = vec![
        sheet("candidates", problem, optimum, &optimum.found.designs, &fields),
        sheet("front", problem, optimum, &optimum.found.front, &fields),
    ];
    if !flow.is_empty() {
        sheets.push(flow_sheet(&flow, &flow_fields));
    }
    if optimum.failed().0 > 0 {
        sheets.push(failed_sheet(problem, &optimum.found.failed, &failed_fields));
    }
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

/// What writes a cell.
type Cell<'a> = Box<dyn Fn(usize, usize, &mut Vec<u8>) + 'a>;

/// The columns of candidates: their decisions, their objectives, whether they keep to the limits, and
/// the figures that are no objectives.
fn fields(problem: &Problem) -> Vec<Field> {
    let number = |of: Quantity, meaning: String| Field {
        name: of.name.replace(' ', "_"),
        kind: Kind::Number,
        unit: of.unit,
        meaning,
    };
    let objectives = problem.asked.minimise.iter().map(|of| {
        let of = objective(of, &problem.asked.currency);
        let meaning = format!("Objective, minimised: {}", of.name);
        number(of, meaning)
    });
    let meaning = "Sum of the relative violations of all limits; 0 if all limits are met";
    let violation = Field::new("violation", Kind::Number, meaning);
    let names = Figures::names(&problem.asked.currency);
    let figures = others(problem).into_iter().map(|i| {
        let of = Quantity { name: names[i].name.clone(), unit: names[i].unit.clone() };
        number(of, Figures::MEANINGS[i].to_owned())
    });
    decision_fields(problem).chain(objectives).chain([violation]).chain(figures).collect()
}

/// A column for each decision.
fn decision_fields(problem: &Problem) -> impl Iterator<Item = Field> {
    problem.model.decisions.iter().map(|decision| {
        let numbers = decision.values.iter().all(|value| value.number().is_some());
        Field {
            name: decision.name.clone(),
            kind: if numbers { Kind::Number } else { Kind::Text },
            unit: decision.unit.clone(),
            meaning: format!("Decision variable: {}", decision.name),
        }
    })
}

/// The columns of `failed.csv`.
fn failed_fields(problem: &Problem) -> Vec<Field> {
    let meaning = "Why the candidate could not be evaluated";
    decision_fields(problem).chain([Field::new("error", Kind::Text, meaning)]).collect()
}

/// A row for each candidate that could not be evaluated.
fn failed_sheet<'a>(
    problem: &'a Problem,
    failed: &'a [Failed],
    fields: &'a [Field],
) -> Sheet<'a, Cell<'a>> {
    let decisions = problem.model.decisions.len();
    let cell = move |row: usize, column: usize, out: &mut Vec<u8>| {
        let Failed { candidate, why } = &failed[row];
        if column < decisions {
            return out.extend_from_slice(problem.model.value(candidate, column).text().as_bytes());
        }
        out.extend_from_slice(why.as_bytes());
    };
    Sheet { name: "failed", fields, rows: failed.len(), cell: Box::new(cell) }
}

/// Which figures are no objectives, so that no column is there twice.
fn others(problem: &Problem) -> Vec<usize> {
    let currency = &problem.asked.currency;
    let minimised =
        |name: &str| problem.asked.minimise.iter().any(|of| objective(of, currency).name == name);
    let names = Figures::names(currency);
    (0..names.len()).filter(|i| !minimised(&names[*i].name)).collect()
}

/// A row for each design.
fn sheet<'a>(
    name: &'a str,
    problem: &'a Problem,
    optimum: &'a Optimum,
    designs: &'a [Design],
    fields: &'a [Field],
) -> Sheet<'a, Cell<'a>> {
    let decisions = problem.model.decisions.len();
    let objectives = problem.asked.minimise.len();
    let others = others(problem);
    let cell = move |row: usize, column: usize, out: &mut Vec<u8>| {
        let Design { candidate, score, .. } = &designs[row];
        if column < decisions {
            return out.extend_from_slice(problem.model.value(candidate, column).text().as_bytes());
        }
        let value = match column - decisions {
            at if at < objectives => score.objectives.get(at).copied(),
            at if at == objectives => Some(score.violation),
            at => {
                let figure = others.get(at - objectives - 1).copied();
                let figures = optimum.figures.get(candidate).map(Figures::values);
                figures.zip(figure).and_then(|(figures, figure)| figures[figure])
            }
        };
        shortest(out, value.unwrap_or(f64::NAN));
    };
    Sheet { name, fields, rows: designs.len(), cell: Box::new(cell) }
}

/// The columns of `cash_flow.csv`.
fn flow_fields(currency: &str) -> Vec<Field> {
    let year =
        "Year of the project; 0 is the start. Running costs are paid at the end of each year";
    let mut fields = vec![Field::new("year", Kind::Whole, year)];
    let columns = [
        (
            "investment",
            "Investment of the base case minus the winner's; negative if the winner invests more",
        ),
        ("energy", "Saving on energy and fuel, exports included, compared with the base case"),
        ("om", "Saving on operation and maintenance, compared with the base case"),
        ("carbon", "Saving on carbon costs, compared with the base case"),
        ("replacement", "Saving on replacements, compared with the base case"),
        ("residual", "Residual value of the winner minus that of the base case"),
        ("net", "Net cash flow of the year"),
        ("cumulative", "Cumulative net cash flow"),
        (
            "discounted",
            "Present value of the year's net cash flow; a replacement is discounted from the moment it \
             is due, also within a year",
        ),
        (
            "discounted_cumulative",
            "Cumulative present value; the last row is the winner's net present value",
        ),
    ];
    fields.extend(columns.map(|(name, meaning)| Field {
        unit: currency.to_owned(),
        ..Field::new(name, Kind::Number, meaning)
    }));
    fields
}

fn flow_sheet<'a>(flow: &'a [CashYear], fields: &'a [Field]) -> Sheet<'a, Cell<'a>> {
    let cell = move |row: usize, column: usize, out: &mut Vec<u8>| {
        let of = &flow[row];
        match column.checked_sub(1) {
            None => out.extend_from_slice(of.year.to_string().as_bytes()),
            Some(at) => shortest(out, page::cash_values(of)[at]),
        }
    };
    Sheet { name: "cash_flow", fields, rows: flow.len(), cell: Box::new(cell) }
}
