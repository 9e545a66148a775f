//! `gridtwin compare`: runs side by side, with their differences.

use crate::arguments::CompareRunsArguments;
use crate::failure::Failure;
use crate::output;
use gridtwin_reports::pages::{ComparePage, ComparedMetric, compare_page};
use gridtwin_study::compare;

/// Prints how runs differ, and writes it where that is wanted.
pub(crate) fn run(wanted: &CompareRunsArguments) -> Result<(), Failure> {
    let compared = compare(&wanted.folders, wanted.by.as_deref()).map_err(Failure::input)?;
    let page = &compared.page;
    let mut text = output::columns(&lines(page, wanted.all));
    if let Some(out) = &wanted.out {
        std::fs::create_dir_all(out)
            .map_err(|e| Failure::work(format_args!("{}: {e}", out.display())))?;
        let html = compare_page(page).map_err(Failure::work)?;
        for (name, bytes) in [
            ("comparison.html", html.as_bytes()),
            ("comparison.csv", &compared.to_csv()),
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

/// A line for each metric that differs, or for all.
fn lines(page: &ComparePage, all: bool) -> Vec<Vec<String>> {
    let mut head = vec!["metric".to_owned(), "unit".to_owned()];
    head.extend(page.runs.iter().map(|run| run.name.clone()));
    let others = page.runs.iter().skip(1);
    let several = page.runs.len() > 2;
    for run in others {
        let of = if several { format!(" of {}", run.name) } else { String::new() };
        head.extend([format!("difference{of}"), "%".to_owned(), "95 % interval".to_owned()]);
    }
    let differs = |metric: &&ComparedMetric| {
        all || metric.differences.iter().any(|d| d.is_none_or(|d| d.absolute != 0.0))
            && metric.values.iter().any(Option::is_some)
    };
    let number = |value: Option<f64>| value.map_or("-".to_owned(), output::number);
    let mut lines = vec![head];
    for metric in page.metrics.iter().filter(differs) {
        let mut line = vec![metric.name.clone(), metric.unit.clone()];
        line.extend(metric.values.iter().map(|value| number(*value)));
        for difference in &metric.differences {
            let interval =
                difference.and_then(|d| d.interval_95).map_or("-".to_owned(), |(a, b)| {
                    format!("{} .. {}", output::number(a), output::number(b))
                });
            let absolute = number(difference.map(|d| d.absolute));
            line.extend([absolute, number(difference.and_then(|d| d.percent)), interval]);
        }
        lines.push(line);
    }
    lines
}
