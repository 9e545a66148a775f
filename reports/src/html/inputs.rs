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
    let heads = [
        "For",
        "~File",
        "~Column",
        "~Unit",
        "~From",
        "~To",
        "Step",
        "~Time zone",
        "~Laid on the run",
    ];
    let mut files = Table::new("Data files, as they were read", &heads);
    let heads = [
        "For",
        "Values",
        "Minimum",
        "Mean",
        "Maximum",
        "Sum kWh",
        "Mean of the run",
        "Filled",
        "~Unit",
    ];
    let mut values = Table::new("What is in them", &heads);
    for input in inputs {
        files.row(&read(context, input));
        values.row(&held(input));
    }
    let notes: Vec<String> = inputs
        .iter()
        .flat_map(|input| input.notes.iter().map(|note| format!("{}: {note}", input.what)))
        .collect();
    let notes =
        if notes.is_empty() { String::new() } else { list("Assumed of data files", &notes) };
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

#[cfg(test)]
mod tests {
    use crate::synthetic::{catalog, play};
    use crate::{Format, Options, RunInfo, RunWriter};
    use gridtwin_twin::record::Input;
    use std::collections::BTreeSet;

    #[test]
    fn what_was_read_and_filled_stands_in_the_report() {
        let mut site = catalog();
        site.inputs.push(Input {
            what: "load hall".to_owned(),
            file: "hall <2023>.csv".to_owned(),
            column: "Wirkleistung".to_owned(),
            unit: "kW (header)".to_owned(),
            span: Some((
                "2022-12-31T23:00:00Z".parse().unwrap(),
                "2023-12-31T23:00:00Z".parse().unwrap(),
            )),
            step_s: 900,
            zone: "Europe/Berlin (site)".to_owned(),
            count: 35_040,
            filled: 0.0123,
            fill: "by interpolation".to_owned(),
            value_unit: "kW".to_owned(),
            minimum: 1.5,
            maximum: 48.25,
            sum_kwh: Some(16_710.0),
            mean: 1.9075,
            run_mean: 2.25,
            laid: "by weekday and season".to_owned(),
            notes: vec!["29 February is that of the day before".to_owned()],
        });
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("run");
        let options = Options { formats: BTreeSet::from([Format::Html]), ..Options::default() };
        let mut writer = RunWriter::create(&out, &site, options).unwrap();
        play(&site, 0, &mut writer);
        writer.finish("", &RunInfo::default()).unwrap();
        let page = std::fs::read_to_string(out.join("report.html")).unwrap();
        crate::tests::check_page(&page);
        let (_, told) = page.split_once("<h3>Data files</h3>").unwrap();
        let told = told.split("<h3>").next().unwrap();
        for text in [
            "hall &lt;2023&gt;.csv",
            "Wirkleistung",
            "kW (header)",
            "2023-01-01 00:00",
            "2024-01-01 00:00",
            "15 min",
            "by weekday and season",
            "48.3",
            "1.2\u{202f}% (by interpolation)",
            "load hall: 29 February is that of the day before",
        ] {
            assert!(told.contains(text), "{text:?} is missing in {told}");
        }
    }
}
