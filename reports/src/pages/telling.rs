//! The most telling differences between runs: how far each metric is from the first run's, in per
//! cent, with its interval.

use super::axis::Axis;
use super::compare::{ComparePage, ComparedMetric, Difference, Verdict};
use super::draw;
use super::rows::Rows;
use super::shell::{self, signed};
use crate::number::count;

/// So many metrics are drawn in a panel, and so many panels for each run.
const ROWS: usize = 12;
const PANELS: usize = 2;
/// A difference this many times as far as half of them are is drawn at the edge.
const FAR: f64 = 8.0;

/// A difference that can be drawn.
struct Row<'a> {
    metric: &'a ComparedMetric,
    difference: Difference,
    percent: f64,
    low: f64,
    high: f64,
}

impl Row<'_> {
    fn reach(&self) -> f64 {
        self.percent.abs().max(self.low.abs()).max(self.high.abs())
    }

    /// First what can be told from zero, then what nothing is known about, then the rest.
    fn rank(&self) -> u8 {
        match self.difference.distinguishable {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        }
    }
}

/// A drawing for each run after the first.
pub(super) fn section(page: &ComparePage) -> String {
    if page.runs.len() < 2 {
        return String::new();
    }
    (1..page.runs.len()).map(|run| one(page, run)).collect()
}

fn rows(page: &ComparePage, run: usize) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = page
        .metrics
        .iter()
        .filter_map(|metric| {
            let difference = metric.differences.get(run - 1).copied().flatten()?;
            if matches!(difference.verdict(), Verdict::Equal | Verdict::Negligible) {
                return None;
            }
            let percent = difference.percent.filter(|p| p.is_finite() && *p != 0.0)?;
            let known = difference.percent_interval_95;
            let known = known.filter(|(low, high)| low.is_finite() && high.is_finite());
            let (low, high) = known.unwrap_or((percent, percent));
            Some(Row { metric, difference, percent, low, high })
        })
        .collect();
    rows.sort_by(|a, b| a.rank().cmp(&b.rank()).then(b.percent.abs().total_cmp(&a.percent.abs())));
    rows
}

/// Differences that are no share of the first, because that is zero: in words.
fn from_nothing(page: &ComparePage, run: usize) -> String {
    let told = page.metrics.iter().filter_map(|metric| {
        let difference = metric.differences.get(run - 1).copied().flatten()?;
        let shown = difference.percent.is_none()
            && difference.absolute.is_finite()
            && difference.absolute != 0.0
            && difference.distinguishable != Some(false);
        shown.then(|| {
            let (name, value) = (&metric.name, signed(difference.absolute));
            format!("{name} {value} {}", metric.unit).trim_end().to_owned()
        })
    });
    let told: Vec<String> = told.collect();
    match told.len() {
        0 => String::new(),
        n => {
            let more = if n > ROWS { format!(" and {} more", n - ROWS) } else { String::new() };
            let list = told[..n.min(ROWS)].join(", ");
            let text = format!(
                "Metrics that are zero in {}, with their difference in {}: {list}{more}.",
                page.run(0),
                page.run(run)
            );
            shell::none(&text)
        }
    }
}

/// How many differences are not drawn because they are negligible.
fn negligible(page: &ComparePage, run: usize) -> String {
    let of = |metric: &&ComparedMetric| {
        let difference = metric.differences.get(run - 1).copied().flatten();
        difference.is_some_and(|d| d.verdict() == Verdict::Negligible)
    };
    match page.metrics.iter().filter(of).count() as u64 {
        0 => String::new(),
        1 => " One more difference is negligible (less than 0.1 %) and is not drawn.".to_owned(),
        n => format!(
            " {} more differences are negligible (less than 0.1 %) and are not drawn.",
            count(n)
        ),
    }
}

fn one(page: &ComparePage, run: usize) -> String {
    let rows = rows(page, run);
    let name = page.run(run);
    let nothing = from_nothing(page, run);
    if rows.is_empty() {
        return nothing
            + &shell::none(&format!(
                "{name}: no metric differs from {} by 0.1 % or more.{}",
                page.run(0),
                negligible(page, run)
            ));
    }
    let shown = &rows[..rows.len().min(ROWS * PANELS)];
    let mut reaches: Vec<f64> = shown.iter().map(Row::reach).collect();
    reaches.sort_by(f64::total_cmp);
    let bound = FAR * reaches[reaches.len() / 2];
    let most = reaches.iter().copied().filter(|r| *r <= bound).fold(0.0, f64::max);
    let axis = Axis::around([-most, most].into_iter(), 5);
    let parts = shown.chunks(ROWS.max(shown.len().div_ceil(PANELS)));
    let figures: String =
        parts.enumerate().map(|(part, rows)| panel(page, run, part, rows, &axis)).collect();
    let told = rows.iter().filter(|row| row.rank() == 0).count() as u64;
    let pairs = rows.iter().any(|row| row.difference.distinguishable.is_some());
    let text = match (pairs, shown.len() < rows.len()) {
        (true, _) => format!(
            "{} of {} relative differences are significant.",
            count(told),
            count(rows.len() as u64)
        ),
        (false, true) => format!(
            "The {} largest of {} relative differences are drawn. Each side is a single run, so no statistical test is possible.",
            shown.len(),
            count(rows.len() as u64)
        ),
        (false, false) => format!(
            "Relative differences drawn: {}. Each side is a single run, so no statistical test is possible.",
            count(rows.len() as u64)
        ),
    };
    let text = text + &negligible(page, run);
    shell::none(&text) + &nothing + &format!("<div class=\"panels\">\n{figures}</div>\n")
}

fn panel(page: &ComparePage, run: usize, part: usize, rows: &[Row<'_>], axis: &Axis) -> String {
    let mut drawn = Rows::new(axis.clone(), rows.len(), 82.0, (50.0, 76.0));
    drawn.mark(0.0, "stroke=\"var(--axis)\" stroke-width=\"2\"");
    let blue = "stroke=\"var(--blue)\" stroke-width=\"5\"";
    let grey = "stroke=\"var(--axis)\" stroke-width=\"4\"";
    for (k, row) in rows.iter().enumerate() {
        let unsure = row.rank() == 2;
        drawn.name(k, &row.metric.name, &format!("{} %", signed(row.percent)), !unsure);
        let (style, middle) = (if unsure { grey } else { blue }, drawn.top(k) + 63.0);
        let ends = match row.difference.percent_interval_95 {
            Some(_) => [drawn.x(row.low), drawn.x(row.high)],
            None => [drawn.x(0.0), drawn.x(row.percent)],
        };
        drawn.add(&draw::line(style, ends.map(|x| (x, middle)).into_iter()));
        if row.difference.percent_interval_95.is_some() {
            let ends = ends.map(|x| (x, middle - 10.0)).into_iter();
            drawn.add(&draw::marks("v20", style, ends));
        }
        let place = (drawn.x(row.percent), middle);
        let dot = match (drawn.holds(row.percent), unsure) {
            (false, _) => {
                // Beyond the edge.
                let arrow =
                    if row.percent > 0.0 { "m-14-12l14 12l-14 12" } else { "m14-12l-14 12l14 12" };
                draw::marks(arrow, style, [place].into_iter())
            }
            (true, true) => hollow(place),
            (true, false) => draw::marks("h0", FULL, [place].into_iter()),
        };
        drawn.add(&dot);
    }
    let label = format!("{} against {}, per cent", page.run(run), page.run(0));
    let svg = drawn.end(&label, " %");
    let key = |drawn: String, text: &str| (drawn, text.to_owned());
    let at = || [(28.0, 14.0)].into_iter();
    let mut keys = Vec::new();
    if rows.iter().any(|row| row.rank() < 2) {
        let pairs = rows.iter().any(|row| row.rank() == 0);
        let text = if pairs { "significant" } else { "difference" };
        keys.push(key(draw::marks("h0", FULL, at()), text));
    }
    if rows.iter().any(|row| row.rank() == 2) {
        keys.push(key(hollow((28.0, 14.0)), "may be chance"));
    }
    if rows.iter().any(|row| row.difference.percent_interval_95.is_some()) {
        keys.push(key(
            format!("<path d=\"M2 14H54M2 4v20M54 4v20\" {blue}/>"),
            "95 % confidence interval",
        ));
    }
    if rows.iter().any(|row| !axis.holds(row.percent)) {
        keys.push(key(draw::marks("m-7-12l14 12l-14 12", blue, at()), "outside the scale"));
    }
    let more = if part > 0 { ", continued" } else { "" };
    let title = format!("{} against {}{more}", page.run(run), page.run(0));
    draw::panel(
        &title,
        "Difference in per cent of the value of the first run.",
        &draw::legend(&keys),
        &svg,
    )
}

const FULL: &str = "stroke=\"var(--blue)\" stroke-width=\"18\" stroke-linecap=\"round\"";

fn hollow((x, y): (f64, f64)) -> String {
    format!(
        "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"8\" fill=\"var(--card)\" stroke=\"var(--axis)\" stroke-width=\"4\"/>\n"
    )
}
