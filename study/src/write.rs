//! A study's files, when all its runs are over: the results, their data dictionary, the page, the
//! study as it was read, and `study.json`, the only one with wall-clock times.

use crate::directory;
use crate::error::Error;
use crate::identity::VERSION;
use crate::page;
use crate::results::Table;
use crate::run::Row;
use crate::spec::Plan;
use gridtwin_reports::pages::study_page;
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
    let json = serde_json::json!({
        "name": plan.study.name.as_str(),
        "version": VERSION,
        "days": plan.base.days,
        "runs": table.rows,
        "failed": table.failed,
        "axes": names(table.axes()),
        "metrics": names(table.metrics()),
        "command": told.command,
        "finished": told.finished,
        "wall_s": told.wall_s,
    });
    directory::write(folder, "study.json", format!("{json:#}\n").as_bytes())?;
    Ok(table)
}
