//! The data files that the run was made from, as they were understood: where a reader sees whether a
//! column, a unit, a zone or a year was misread, and how much was filled in.

use super::Context;
use super::markup::{Table, list};
use crate::number::{count, duration, human, percent};
use gridtwin_twin::record::{Input, SessionFile};

/// Tables and what was assumed; nothing where the run has no data files.
pub(super) fn section(context: &Context<'_>) -> String {
    let inputs = &context.catalog.inputs;
    let cars = &context.catalog.session_files;
    if inputs.is_empty() && cars.is_empty() {
        return String::new();
    }
    let heads = [
        "Used for",
        "~File",
        "~Column",
        "~Unit",
        "~From",
        "~To",
        "Step",
        "~Time zone",
        "~Mapped to the run",
    ];
    let mut files = Table::new("How the data files were read", &heads);
    let heads = [
        "Used for",
        "Values",
        "Minimum",
        "Mean",
        "Maximum",
        "Sum kWh",
        "Mean of the run",
        "Gaps filled",
        "~Unit",
    ];
    let mut values = Table::new("Values in the data files", &heads);
    for input in inputs {
        files.row(&read(context, input));
        values.row(&held(input));
    }
    let of_inputs = inputs
        .iter()
        .flat_map(|input| input.notes.iter().map(|note| format!("{}: {note}", input.what)));
    let of_cars = cars
        .iter()
        .flat_map(|file| file.notes.iter().map(|note| format!("chargers {}: {note}", file.group)));
    let notes: Vec<String> = of_inputs.chain(of_cars).collect();
    let notes = if notes.is_empty() {
        String::new()
    } else {
        list("Assumptions about the data files", &notes)
    };
    format!(
        "<h3>Data files</h3>\n{}{}{}{notes}",
        files.end_folded(),
        values.end_folded(),
        sessions(context, cars)
    )
}

/// The files of charging sessions; nothing where there is none.
fn sessions(context: &Context<'_>, files: &[SessionFile]) -> String {
    let heads = [
        "Chargers",
        "~File",
        "Sessions",
        "~First arrival",
        "~Last departure",
        "~Time zone",
        "Sum kWh",
        "Smallest",
        "Largest",
        "In the run",
        "~Mapped to the run",
    ];
    let mut table = Table::new("How the files of charging sessions were read", &heads);
    for file in files {
        table.row(&[
            file.group.clone(),
            file.file.clone(),
            count(file.count as u64),
            local(context, file.span.0),
            local(context, file.span.1),
            file.zone.clone(),
            human(file.sum_kwh),
            human(file.smallest_kwh),
            human(file.largest_kwh),
            count(file.counts.inside().into()),
            file.laid.clone(),
        ]);
    }
    table.end_folded()
}

/// An instant by the site's clock.
fn local(context: &Context<'_>, at: jiff::Timestamp) -> String {
    at.to_zoned(context.catalog.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn read(context: &Context<'_>, input: &Input) -> Vec<String> {
    let (from, to) = match input.span {
        Some((from, to)) => (local(context, from), local(context, to)),
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
    use gridtwin_twin::record::{Input, SessionCounts, SessionFile};
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
        site.session_files.push(SessionFile {
            group: "depot".to_owned(),
            file: "cars.csv".to_owned(),
            columns: vec![("arrival", Some("arrival".to_owned()))],
            count: 412,
            span: (
                "2023-01-02T06:10:00Z".parse().unwrap(),
                "2023-12-29T17:00:00Z".parse().unwrap(),
            ),
            zone: "UTC (header)".to_owned(),
            sum_kwh: 5120.0,
            smallest_kwh: 0.5,
            largest_kwh: 61.0,
            counts: SessionCounts { all: 412, before: 412, ..SessionCounts::default() },
            by_date: true,
            laid: "by date".to_owned(),
            notes: vec![
                "none of the 412 sessions in the file lies in the run: no car comes".to_owned(),
            ],
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
            "cars.csv",
            "2023-01-02 07:10",
            "UTC (header)",
            "chargers depot: none of the 412 sessions in the file lies in the run: no car comes",
        ] {
            assert!(told.contains(text), "{text:?} is missing in {told}");
        }
    }
}
