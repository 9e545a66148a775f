//! What was understood of each file of values over time and of each file of charging sessions that a
//! scenario names, for `gridtwin check`. Not how it is read, which is `gridtwin_twin::series`.

use super::counted;
use gridtwin_twin::record::{Catalog, Input, SessionFile};
use jiff::Timestamp;

/// A block of lines for each file; empty where the scenario names none.
pub(crate) fn understood(catalog: &Catalog) -> String {
    let inputs = catalog.inputs.iter().map(|input| block(input, catalog));
    let sessions = catalog.session_files.iter().map(|file| session_block(file, catalog));
    inputs.chain(sessions).collect()
}

/// An instant by the site's clock.
fn local(catalog: &Catalog, at: Timestamp) -> String {
    at.to_zoned(catalog.time_zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

fn session_block(file: &SessionFile, catalog: &Catalog) -> String {
    let mut text = format!("  chargers {}: {}\n", file.group, file.file);
    let mut line = |name: &str, value: String| text += &format!("    {name:<9} {value}\n");
    for (what, column) in &file.columns {
        match column {
            Some(column) => line("column", format!("{column}, for {what}")),
            None => line("column", format!("none for {what}: the charger's own is used")),
        }
    }
    let (first, last) = file.span;
    line("sessions", file.count.to_string());
    line("from", format!("{}, the first arrival", local(catalog, first)));
    line("to", format!("{}, the last departure", local(catalog, last)));
    line("zone", file.zone.clone());
    line("sum", format!("{} kWh", figure(file.sum_kwh)));
    line("smallest", format!("{} kWh", figure(file.smallest_kwh)));
    line("largest", format!("{} kWh", figure(file.largest_kwh)));
    let counts = file.counts;
    let cut =
        format!("{} began before the run, {} end after it", counts.cut_at_start, counts.cut_at_end);
    if file.by_date {
        let outside = counts.before + counts.after;
        line("in run", format!("{} of {}; {cut}", counts.inside(), file.count));
        line("outside", format!("{outside}: {} before, {} after", counts.before, counts.after));
    } else {
        line("in run", format!("{}; {cut}", counted(counts.inside(), "session")));
    }
    line("placed", file.laid.clone());
    for note in &file.notes {
        line("note", note.clone());
    }
    text
}

fn block(input: &Input, catalog: &Catalog) -> String {
    let mut text = format!("  {}: {}\n", input.what, input.file);
    let mut line = |name: &str, value: String| text += &format!("    {name:<9} {value}\n");
    line("column", format!("{}, in {}", input.column, input.unit));
    let count = input.count;
    match input.span {
        Some((from, to)) => {
            line("from", local(catalog, from));
            line("to", local(catalog, to));
        }
        None => line("from", "no dates in the file: it starts on 1 January".to_owned()),
    }
    line("step", format!("{}, {count} values", step(input.step_s)));
    line("zone", input.zone.clone());
    let unit = &input.value_unit;
    if let Some(kwh) = input.sum_kwh {
        line("sum", format!("{} kWh", figure(kwh)));
    }
    line(
        "mean",
        format!("{} {unit}; {} {unit} in the run", figure(input.mean), figure(input.run_mean)),
    );
    line("minimum", format!("{} {unit}", figure(input.minimum)));
    line("maximum", format!("{} {unit}", figure(input.maximum)));
    if input.filled > 0.0 {
        line("filled", format!("{} % of the values, {}", figure(input.filled * 100.0), input.fill));
    } else {
        line("filled", "nothing".to_owned());
    }
    line("placed", input.laid.clone());
    for note in &input.notes {
        line("note", note.clone());
    }
    text
}

fn step(seconds: u32) -> String {
    match seconds {
        3600 => "an hour".to_owned(),
        s if s % 60 == 0 => format!("{} minutes", s / 60),
        s => format!("{s} s"),
    }
}

/// Six digits at most, without needless zeros.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 10_000.0 => 0,
        v if v >= 100.0 => 1,
        v if v >= 1.0 => 3,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
