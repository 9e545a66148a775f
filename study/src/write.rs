//! A study's files, when all its runs are over: the results, their data dictionary, the page, the
//! study as it was read, and `study.json`, the only one with wall-clock times.

use crate::compare::{self, Compared, compare};
use crate::directory;
use crate::error::Error;
use crate::identity::VERSION;
use crate::page;
use crate::results::Table;
use crate::run::Row;
use crate::spec::Plan;
use gridtwin_reports::dictionary_csv;
use gridtwin_reports::pages::{compare_page, study_page};
use std::path::Path;

/// What only the caller knows of a study's runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The command line.
    pub command: String,
    /// When it ended, by the wall clock (RFC 3339).
    pub finished: String,
    /// How long this session of it took.
    pub wall_s: f64,
}

/// Compares a finished study by the axis that it names, and writes the comparison beside its results;
/// nothing where it names none, or where a part of it has one value alone.
///
/// # Errors
/// Where its results cannot be read, or a file cannot be written.
pub fn write_comparison(
    folder: &Path,
    plan: &Plan,
    table: &Table,
) -> Result<Option<Compared>, Error> {
    let Some(axis) = plan.study.compare.as_deref() else { return Ok(None) };
    let column = table.axes().iter().find(|column| column.name == axis);
    let several = column.is_some_and(|column| {
        let first = column.cells.text(0);
        (1..table.rows).any(|row| column.cells.text(row) != first)
    });
    if !several {
        return Ok(None);
    }
    let compared = compare(&[folder.to_owned()], Some(axis))?;
    directory::write(folder, "comparison.csv", &compared.to_csv())?;
    let page = compare_page(&compared.page)?;
    directory::write(folder, "comparison.html", page.as_bytes())?;
    let (results, comparison) = (table.fields(), compare::fields());
    let files = [("results", results.as_slice()), ("comparison", comparison.as_slice())];
    directory::write(folder, "dictionary.csv", &dictionary_csv(files))?;
    Ok(Some(compared))
}

/// Writes the results of these runs, which are in order; gives the table.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(folder: &Path, plan: &Plan, rows: &[Row], told: &Told) -> Result<Table, Error> {
    std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let table = Table::new(plan, rows);
    directory::write_tables(folder, &[table.sheet(&table.fields())])?;
    let page = study_page(&page::study_page(plan, &table))?;
    directory::write(folder, "report.html", page.as_bytes())?;
    directory::write(folder, "study.ron", plan.study.source.written().as_bytes())?;
    let names = |columns: &[crate::Column]| -> Vec<serde_json::Value> {
        let named = |c: &crate::Column| serde_json::json!({ "name": c.name, "unit": c.unit });
        columns.iter().map(named).collect()
    };
    let mut axes = names(table.axes());
    for (axis, column) in axes.iter_mut().zip(plan.design.columns()) {
        axis["drawn"] = column.is_drawn().into();
    }
    let json = serde_json::json!({
        "name": plan.study.name.as_str(),
        "version": VERSION,
        "days": plan.base.days,
        "runs": table.rows,
        "failed": table.failed,
        "axes": axes,
        "metrics": names(table.metrics()),
        "command": told.command,
        "finished": told.finished,
        "wall_s": told.wall_s,
    });
    directory::write(folder, "study.json", format!("{json:#}\n").as_bytes())?;
    Ok(table)
}
