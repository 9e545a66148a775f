//! The data files that the run was made from, as they were understood: where a reader sees whether a
//! column, a unit or a year was misread, and how much was filled in.

use super::Context;
use super::markup::{Table, list};
use crate::number::{count, duration, human, percent};
use gridtwin_twin::record::Input;

/// Two tables and what was assumed; nothing where the run has no data files.
pub(super) fn section(context: &Context<'_>) -> String {
    let inputs = &context.catalog.inputs;
    if inputs.is_empty() {
        return String::new();
    }
    let heads =
        ["For", "~File", "~Column", "~Unit", "~From", "~To", "Step", "~Time zone", "~Laid on the run"];
    let mut files = Table::new("Data files, as they were read", &heads);
    let heads =
        ["For", "Values", "Minimum", "Mean", "Maximum", "Sum kWh", "Mean of the run", "Filled", "~Unit"];
    let mut values = Table::new("What is in them", &heads);
    for input in inputs {
        files.row(&read(context, input));
        values.row(&held(input));
    }
    let notes: Vec<String> = inputs
        .iter()
        .flat_map(|input| input.notes.iter().map(|note| format!("{}: {note}", input.what)))
        .collect();
    let notes = if notes.is_empty() { String::new() } else { list("Assumed of data files", &notes) };
    format!("<h3>Data files</h3>\n{}{}{notes}", files.end_folded(), values.end_folded())
}

fn read(context: &Context<'_>, input: &Input) -> Vec<String> {
    let day = |at: jiff::Timestamp| {
        at.to_zoned(context.catalog.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    };
    let (from, to) = match input.span {
        Some((from, to)) => (day(from), day(to)),
        None => ("no dates".to_owned(), String::new()),
    };
    vec![
        input.what.clone(),
        input.file.clone(),
        input.column.clone(),
        input.unit.clone(),
        from,
        to,
        duration(f64::from(input.step_s)),
        input.zone.clone(),
        input.laid.clone(),
    ]
}

fn held(input: &Input) -> Vec<String> {
    let filled = match input.filled > 0.0 {
        true => format!("{} ({})", percent(input.filled), input.fill),
        false => "none".to_owned(),
    };
    vec![
        input.what.clone(),
        count(input.count as u64),
        human(input.minimum),
        human(input.mean),
        human(input.maximum),
        input.sum_kwh.map_or_else(String::new, human),
        human(input.run_mean),
        filled,
        input.value_unit.clone(),
    ]
}
