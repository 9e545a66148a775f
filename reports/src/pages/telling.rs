//! The most telling differences between runs: how far each metric is from the first run's, in per
//! cent, with its interval.

use super::axis::{Axis, LETTER};
use super::compare::{ComparePage, ComparedMetric, Difference};
use super::draw::{self, WIDTH};
use super::shell::{self, signed};
use crate::number::count;

/// So many metrics are drawn in a panel, and so many panels for each run.
const ROWS: usize = 12;
const PANELS: usize = 2;
const ROW: f64 = 82.0;
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

fn one(page: &ComparePage, run: usize) -> String {
    let rows = rows(page, run);
    let name = page.run(run);
    if rows.is_empty() {
        return shell::none(&format!(
            "{name}: no metric differs from {} by a share of it.",
            page.run(0)
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
            "{} of {} relative differences can be told from zero.",
            count(told),
            count(rows.len() as u64)
        ),
        (false, true) => format!(
            "The {} largest of {} relative differences; nothing is known of what chance does to them.",
            shown.len(),
            count(rows.len() as u64)
        ),
        (false, false) => format!(
            "{} relative differences; nothing is known of what chance does to them.",
            count(rows.len() as u64)
        ),
    };
    shell::none(&text) + &format!("<div class=\"panels\">\n{figures}</div>\n")
}

fn panel(page: &ComparePage, run: usize, part: usize, rows: &[Row<'_>], axis: &Axis) -> String {
    let (left, right, top) = (30.0, WIDTH - 30.0, 8.0);
    let x = |v: f64| left + axis.share(v) * (right - left);
    let bottom = top + ROW * rows.len() as f64 + 10.0;
    let (mut grid, mut body, mut free) = (String::new(), String::new(), f64::NEG_INFINITY);
    for (value, label) in &axis.ticks {
        for row in 0..rows.len() {
            grid += &format!("M{:.1} {:.0}v34", x(*value), top + ROW * row as f64 + 46.0);
        }
        let label = format!("{label} %");
        let half = label.chars().count() as f64 * LETTER / 2.0;
        let at = x(*value).min(WIDTH - half - 2.0).max(half + 2.0);
        if at - half >= free {
            body += &draw::text(at, bottom + 42.0, "middle", "", &label);
            free = at + half + 16.0;
        }
    }
    let blue = "stroke=\"var(--blue)\" stroke-width=\"5\"";
    let grey = "stroke=\"var(--axis)\" stroke-width=\"4\"";
    for (k, row) in rows.iter().enumerate() {
        let y = top + ROW * k as f64;
        let value = format!("{} %", signed(row.percent));
        let room = 42usize.saturating_sub(value.chars().count());
        body += &draw::text(left, y + 36.0, "start", "", &draw::clipped(&row.metric.name, room));
        let unsure = row.rank() == 2;
        let class = if unsure { "" } else { "strong" };
        body += &draw::text(right, y + 36.0, "end", class, &value);
        let (style, middle) = (if unsure { grey } else { blue }, y + 63.0);
        let ends = [x(row.low), x(row.high)];
        if row.difference.percent_interval_95.is_some() {
            body += &draw::line(style, ends.map(|x| (x, middle)).into_iter());
            body += &draw::marks("v20", style, ends.map(|x| (x, middle - 10.0)).into_iter());
        } else {
            body += &draw::line(style, [x(0.0), x(row.percent)].map(|x| (x, middle)).into_iter());
        }
        let place = (x(row.percent), middle);
        body += &match (axis.holds(row.percent), unsure) {
            (false, _) => {
                // Beyond the edge.
                let arrow =
                    if row.percent > 0.0 { "m-14-12l14 12l-14 12" } else { "m14-12l-14 12l14 12" };
                draw::marks(arrow, style, [place].into_iter())
            }
            (true, true) => hollow(place),
            (true, false) => draw::marks("h0", FULL, [place].into_iter()),
        };
    }
    let label = format!("{} against {}, per cent", page.run(run), page.run(0));
    let svg = draw::open(WIDTH, bottom + 62.0, &label)
        + &format!(
            "<path fill=\"none\" stroke=\"var(--faint)\" stroke-width=\"2\" d=\"{grid}\"/>\
             <path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" d=\"M{left} {bottom}H{right}M{0:.1} {top}V{bottom}\"/>\n\
             {body}</svg>\n",
            x(0.0)
        );
    let key = |drawn: String, text: &str| (drawn, text.to_owned());
    let at = || [(28.0, 14.0)].into_iter();
    let mut keys = Vec::new();
    if rows.iter().any(|row| row.rank() < 2) {
        let pairs = rows.iter().any(|row| row.rank() == 0);
        let text = if pairs { "told from zero" } else { "difference" };
        keys.push(key(draw::marks("h0", FULL, at()), text));
    }
    if rows.iter().any(|row| row.rank() == 2) {
        keys.push(key(hollow((28.0, 14.0)), "may be chance"));
    }
    if rows.iter().any(|row| row.difference.percent_interval_95.is_some()) {
        keys.push(key(format!("<path d=\"M2 14H54M2 4v20M54 4v20\" {blue}/>"), "95 % interval"));
    }
    if rows.iter().any(|row| !axis.holds(row.percent)) {
        keys.push(key(draw::marks("m-7-12l14 12l-14 12", blue, at()), "beyond the edge"));
    }
    let more = if part > 0 { ", continued" } else { "" };
    let title = format!("{} against {}{more}", page.run(run), page.run(0));
    draw::panel(&title, "Difference in per cent of the first.", &draw::legend(&keys), &svg)
}

const FULL: &str = "stroke=\"var(--blue)\" stroke-width=\"18\" stroke-linecap=\"round\"";

fn hollow((x, y): (f64, f64)) -> String {
    format!(
        "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"8\" fill=\"var(--card)\" stroke=\"var(--axis)\" stroke-width=\"4\"/>\n"
    )
}
