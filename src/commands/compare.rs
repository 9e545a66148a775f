//! `gridtwin compare`: runs side by side, with their differences.

use crate::arguments::CompareRunsArguments;
use crate::failure::Failure;
use crate::output;
use gridtwin_reports::pages::{ComparePage, ComparedMetric, Verdict, compare_page};
use gridtwin_study::{Compared, compare};
use std::io::ErrorKind;
use std::path::Path;

/// Prints how runs differ, and writes it where that is wanted.
pub(crate) fn run(wanted: &CompareRunsArguments) -> Result<(), Failure> {
    let compared = compare(&wanted.folders, wanted.by.as_deref()).map_err(Failure::input)?;
    let page = &compared.page;
    let mut text = tables(&compared, wanted.all);
    if let Some(out) = &wanted.out {
        let csv = compared.to_csv();
        refuse_what_is_no_comparison(out, &csv)?;
        std::fs::create_dir_all(out)
            .map_err(|e| Failure::work(format_args!("{}: {e}", out.display())))?;
        let html = compare_page(page).map_err(Failure::work)?;
        for (name, bytes) in [
            // The first to be there says whose folder it is.
            ("comparison.csv", csv.as_slice()),
            ("comparison.html", html.as_bytes()),
            ("dictionary.csv", &compared.dictionary()),
        ] {
            let path = out.join(name);
            std::fs::write(&path, bytes)
                .map_err(|e| Failure::work(format_args!("{}: {e}", path.display())))?;
        }
        text += &format!("report: {}\n", out.join("comparison.html").display());
    }
    output::print(&text)
}

/// All that a comparison's folder may hold.
const FILES: [&str; 3] = ["comparison.csv", "comparison.html", "dictionary.csv"];

/// Whether the folder may be written to: it is not there, empty, or an earlier comparison's, whose
/// table begins with the line of `csv`.
fn refuse_what_is_no_comparison(out: &Path, csv: &[u8]) -> Result<(), Failure> {
    let refuse = |why: String| {
        let out = out.display();
        Err(Failure::input(format_args!("{out}: {why}; choose another folder with --out DIR")))
    };
    let entries = match std::fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return refuse(error.to_string()),
    };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    let ours = |name: &std::ffi::OsString| FILES.iter().any(|file| name == file);
    if let Some(other) = names.iter().find(|name| !ours(name)) {
        return refuse(format!(
            "this folder holds `{}`, which is not a file of a gridtwin comparison",
            other.display()
        ));
    }
    let head = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec);
    let there = std::fs::read(out.join(FILES[0])).unwrap_or_default();
    match names.first() {
        Some(first) if head(&there) != head(csv) => refuse(match first == FILES[0] {
            true => format!(
                "this folder holds a {} that gridtwin did not write, so the folder is not overwritten",
                FILES[0]
            ),
            false => format!(
                "this folder holds `{}`, but no {} written by gridtwin, so the folder is not \
                 overwritten",
                first.display(),
                FILES[0]
            ),
        }),
        _ => Ok(()),
    }
}

/// The widest that a line may be: narrow terminals break what is longer.
const WIDTH: usize = 100;
/// Names of metrics and of runs are shortened to this many characters at most.
const METRIC: usize = 34;
const RUN: usize = 14;

/// Each run against the first, in a table of its own: a line for each metric that differs, or for all.
pub(crate) fn tables(compared: &Compared, all: bool) -> String {
    let page = &compared.page;
    let mut text = String::new();
    for note in &compared.notes {
        text += &format!("note: {note}\n");
    }
    for other in 1..page.runs.len() {
        if page.runs.len() > 2 {
            text += &format!("{} against {}\n", page.runs[other].name, page.runs[0].name);
        }
        let summary = compared.summaries.get(other - 1).map_or("", String::as_str);
        text += &table(page, other, all, summary);
    }
    text
}

/// One run against the first, with its summary below.
fn table(page: &ComparePage, other: usize, all: bool, summary: &str) -> String {
    let difference = |metric: &ComparedMetric| metric.differences.get(other - 1).copied().flatten();
    let value = |metric: &ComparedMetric, run: usize| metric.values.get(run).copied().flatten();
    let wanted = |metric: &&ComparedMetric| {
        let known = value(metric, 0).or(value(metric, other)).is_some();
        all || known && difference(metric).is_none_or(|d| d.verdict() != Verdict::Equal)
    };
    let metrics: Vec<&ComparedMetric> = page.metrics.iter().filter(wanted).collect();
    if metrics.is_empty() {
        return "no metric differs\n".to_owned();
    }
    let intervals =
        metrics.iter().any(|metric| difference(metric).is_some_and(|d| d.interval_95.is_some()));
    let mut head = vec!["metric".to_owned(), "unit".to_owned()];
    let axis = shared_axis(page);
    let name = |run: usize| page.runs[run].name.strip_prefix(axis).unwrap_or_default();
    head.extend([0, other].map(|run| output::shortened(name(run), RUN)));
    head.extend(["difference", "%"].map(str::to_owned));
    if intervals {
        head.push("95 % interval".to_owned());
    }
    head.push("verdict".to_owned());
    let number = |value: Option<f64>| value.map_or("-".to_owned(), output::number);
    let line = |metric: &&ComparedMetric, name: usize| {
        let told = difference(metric);
        let mut line = vec![output::shortened(&metric.name, name), metric.unit.clone()];
        line.extend([0, other].map(|run| number(value(metric, run))));
        line.push(number(told.map(|d| d.absolute)));
        line.push(number(told.and_then(|d| d.percent)));
        if intervals {
            // What is negligible is so whatever the interval.
            let interval = told.filter(|d| d.verdict() != Verdict::Negligible);
            let interval = interval.and_then(|d| d.interval_95);
            line.push(interval.map_or("-".to_owned(), |(low, high)| {
                format!("{} .. {}", output::number(low), output::number(high))
            }));
        }
        let known = value(metric, 0).or(value(metric, other)).is_some();
        let none = if known { "not compared" } else { "no value" };
        line.push(told.map_or(none, |d| d.verdict().word()).to_owned());
        line
    };
    // Names give way first where a line would be too long.
    let laid = |name: usize| {
        let lines = metrics.iter().map(|metric| line(metric, name));
        output::columns(&std::iter::once(head.clone()).chain(lines).collect::<Vec<_>>())
    };
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let names = metrics.iter().map(|metric| metric.name.chars().count());
    let longest = names.max().unwrap_or(0).min(METRIC);
    let text = laid(longest);
    let too_wide = widest(&text).saturating_sub(WIDTH);
    let text = if too_wide == 0 { text } else { laid(longest.saturating_sub(too_wide).max(20)) };
    text + summary + "\n"
}

/// What all runs' names begin with where they are an axis's values, as in `protocol = Raft`.
fn shared_axis(page: &ComparePage) -> &str {
    let first = page.runs.first().map_or("", |run| run.name.as_str());
    let axis = first.find(" = ").map_or("", |at| &first[..at + 3]);
    if page.runs.iter().all(|run| run.name.starts_with(axis)) { axis } else { "" }
}
