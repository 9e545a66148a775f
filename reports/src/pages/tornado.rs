//! How far each axis of a sweep moves a metric: bars from the metric's mean to what it is at the
//! axis's low and high settings, the longest first.

use super::axis::Axis;
use super::draw;
use super::rows::Rows;
use super::shell::{folded, number, with_unit};
use super::study::{MetricPage, TornadoBar};
use crate::html::markup::Table;
use crate::number::percent;

/// So many axes are drawn, and so many are in the table.
const BARS: usize = 16;
const ROWS: usize = 200;
/// How the mean is drawn.
const DASHED: &str = "stroke=\"var(--ink)\" stroke-width=\"3\" stroke-dasharray=\"8 5\"";

/// How long a bar is.
fn length(bar: &TornadoBar, mean: f64) -> f64 {
    let ends = [bar.low, bar.high, mean].into_iter().filter(|v| !v.is_nan());
    let (low, high) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if bar.low.is_nan() && bar.high.is_nan() { -1.0 } else { high - low }
}

/// The longest first; those alike stay in the order given.
fn sorted(metric: &MetricPage) -> Vec<&TornadoBar> {
    let mut bars: Vec<_> = metric.tornado.iter().collect();
    bars.sort_by(|a, b| length(b, metric.mean).total_cmp(&length(a, metric.mean)));
    bars
}

/// The drawing; nothing where there is no bar.
pub(super) fn figure(metric: &MetricPage) -> String {
    let mut bars = sorted(metric);
    bars.retain(|bar| length(bar, metric.mean) >= 0.0);
    bars.truncate(BARS);
    if bars.is_empty() {
        return String::new();
    }
    let ends = bars.iter().flat_map(|bar| [bar.low, bar.high]).chain([metric.mean]);
    let axis = Axis::around(ends, 4);
    let mut rows = Rows::new(axis, bars.len(), 88.0, (50.0, 80.0));
    for (row, bar) in bars.iter().enumerate() {
        let y = rows.top(row);
        let share = bar.share_of_variance.filter(|s| s.is_finite()).map(percent);
        rows.name(row, &bar.axis, &share.unwrap_or_default(), true);
        let middle = if metric.mean.is_nan() { bar.low } else { metric.mean };
        // Bars on the same side share the row's height.
        let same_side = (bar.low > middle) == (bar.high > middle);
        let (low, high) =
            if same_side { ((48.0, 64.0), (66.0, 82.0)) } else { ((50.0, 80.0), (50.0, 80.0)) };
        let sides = [(bar.low, low, "url(#bars-sky)"), (bar.high, high, "var(--orange)")];
        for (end, (from, to), fill) in sides {
            if !end.is_nan() {
                let (x0, x1) = (rows.x(middle), rows.x(end));
                rows.add(&draw::block(fill, (x0, y + from), (x1, y + to)));
            }
        }
    }
    if !metric.mean.is_nan() {
        rows.mark(metric.mean, DASHED);
    }
    let svg =
        rows.end(&format!("{}: mean at the low and high value of each axis", metric.name), "");
    let key = |drawn: &str, text: &str| (drawn.to_owned(), text.to_owned());
    let rect = |fill: &str| format!("<rect width=\"56\" height=\"28\" fill=\"{fill}\"/>");
    let mut keys = vec![
        key(&rect("url(#bars-sky)"), "axis at its low value"),
        key(&rect("var(--orange)"), "axis at its high value"),
    ];
    if !metric.mean.is_nan() {
        let line = format!("<path d=\"M28 0V28\" {DASHED}/>");
        keys.push(key(&line, "mean of all runs"));
    }
    let mut reading = with_unit("Mean at the low and the high value of each axis", &metric.unit);
    if bars.iter().any(|bar| bar.share_of_variance.is_some()) {
        reading += "; the percentage beside an axis is the share of the variance that this axis alone explains";
    }
    if bars.len() < metric.tornado.len() {
        reading += &format!(
            ". Only the {} longest of {} bars are drawn",
            bars.len(),
            metric.tornado.len()
        );
    }
    let title = format!("Sensitivity of {}", metric.name);
    draw::panel(&title, &format!("{reading}."), &draw::legend(&keys), &svg)
}

/// The same in numbers, with the settings; nothing where there is no bar.
pub(super) fn table(metric: &MetricPage) -> String {
    let heads = ["Axis", "~Low", "Mean at low", "~High", "Mean at high", "Share of variance"];
    let title = format!("{}: mean by axis", with_unit(&metric.name, &metric.unit));
    let mut table = Table::new(&title, &heads);
    let bars = sorted(metric);
    for bar in bars.iter().take(ROWS) {
        table.row(&[
            bar.axis.clone(),
            bar.low_label.clone(),
            number(bar.low),
            bar.high_label.clone(),
            number(bar.high),
            percent(bar.share_of_variance.unwrap_or(f64::NAN)),
        ]);
    }
    folded(&title, bars.len(), table)
}
