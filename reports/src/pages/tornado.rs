//! How far each axis of a sweep moves a metric: bars from the metric's mean to what it is at the
//! axis's low and high settings, the longest first.

use super::axis::{Axis, LETTER};
use super::draw::{self, WIDTH};
use super::shell::{folded, number, with_unit};
use super::study::{MetricPage, TornadoBar};
use crate::html::markup::Table;
use crate::number::percent;

/// So many axes are drawn, and so many are in the table.
const BARS: usize = 16;
const ROWS: usize = 200;
const ROW: f64 = 88.0;

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
    let (left, right, top) = (30.0, WIDTH - 30.0, 10.0);
    let x = |v: f64| left + axis.share(v) * (right - left);
    let bottom = top + ROW * bars.len() as f64 + 12.0;
    let (mut grid, mut body, mut free) = (String::new(), String::new(), f64::NEG_INFINITY);
    for (value, label) in &axis.ticks {
        // The grid is broken where names stand.
        for row in 0..bars.len() {
            grid += &format!("M{:.1} {:.0}v38", x(*value), top + ROW * row as f64 + 46.0);
        }
        let half = label.chars().count() as f64 * LETTER / 2.0;
        let at = x(*value).min(WIDTH - half - 2.0).max(half + 2.0);
        if at - half >= free {
            body += &draw::text(at, bottom + 42.0, "middle", "", label);
            free = at + half + 16.0;
        }
    }
    for (row, bar) in bars.iter().enumerate() {
        let y = top + ROW * row as f64;
        let share = bar.share_of_variance.filter(|s| s.is_finite()).map(percent);
        let room = share.as_ref().map_or(0, |s| s.chars().count() + 2);
        body += &draw::text(left, y + 36.0, "start", "", &draw::clipped(&bar.axis, 42 - room));
        if let Some(share) = share {
            body += &draw::text(right, y + 36.0, "end", "strong", &share);
        }
        let middle = if metric.mean.is_nan() { bar.low } else { metric.mean };
        let same_side = (bar.low > middle) == (bar.high > middle);
        let (low, high) =
            if same_side { ((48.0, 64.0), (66.0, 82.0)) } else { ((50.0, 80.0), (50.0, 80.0)) };
        let sides = [(bar.low, low, "url(#bars-sky)"), (bar.high, high, "var(--orange)")];
        for (end, (from, to), fill) in sides {
            if !end.is_nan() {
                body += &draw::block(fill, (x(middle), y + from), (x(end), y + to));
            }
        }
    }
    let mean = match metric.mean.is_nan() {
        true => String::new(),
        false => format!("M{:.1} {top}V{bottom}", x(metric.mean)),
    };
    let svg = draw::open(
        WIDTH,
        bottom + 62.0,
        &format!("{}: how far each axis moves it", metric.name),
    ) + &format!(
        "<path fill=\"none\" stroke=\"var(--faint)\" stroke-width=\"2\" d=\"{grid}\"/>\n{body}\
         <path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" d=\"M{left} {bottom}H{right}\"/>\n"
    ) + &dashed(&mean)
        + "</svg>\n";
    let key = |drawn: &str, text: &str| (drawn.to_owned(), text.to_owned());
    let rect = |fill: &str| format!("<rect width=\"56\" height=\"28\" fill=\"{fill}\"/>");
    let mut keys = vec![
        key(&rect("url(#bars-sky)"), "the axis is low"),
        key(&rect("var(--orange)"), "the axis is high"),
    ];
    if !metric.mean.is_nan() {
        keys.push(key(&dashed("M28 0V28"), "mean of all runs"));
    }
    let mut reading = with_unit("Mean where the axis is low and where it is high", &metric.unit);
    if bars.iter().any(|bar| bar.share_of_variance.is_some()) {
        reading += "; beside each name the share of the variance that the axis alone explains";
    }
    if bars.len() < metric.tornado.len() {
        reading += &format!(". The {} longest of {}", bars.len(), metric.tornado.len());
    }
    let title = format!("What moves {}", metric.name);
    draw::panel(&title, &format!("{reading}."), &draw::legend(&keys), &svg)
}

fn dashed(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!(
            "<path fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"3\" stroke-dasharray=\"8 5\" \
             d=\"{path}\"/>\n"
        ),
    }
}

/// The same in numbers, with the settings; nothing where there is no bar.
pub(super) fn table(metric: &MetricPage) -> String {
    let heads = ["Axis", "~Low", "Mean there", "~High", "Mean there", "Share of variance"];
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
