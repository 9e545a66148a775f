//! A metric over two axes of a sweep: one cell for each pair of settings.

use super::axis::{LETTER, extent};
use super::draw::{self, WIDTH};
use super::shell::{folded, maybe, number, with_unit};
use super::study::{HeatMap, MetricPage};
use crate::html::markup::Table;

/// Steps of the scale, from little to much.
const STEPS: usize = 7;
/// At most so many settings of an axis are drawn, evenly chosen.
const MOST: usize = 60;
/// Up to so many settings on each side, cells are tabulated too.
const TABLE: usize = 24;
/// Labels of the axes are this long at most.
const LABEL: usize = 12;

impl HeatMap {
    fn cell(&self, x: usize, y: usize) -> Option<f64> {
        let index = y.checked_mul(self.x_labels.len())?.checked_add(x)?;
        self.cells.get(index).copied().flatten().filter(|v| v.is_finite())
    }
}

/// The drawing; nothing where the map has no cell.
pub(super) fn figure(metric: &MetricPage, heat: &HeatMap) -> String {
    let columns = draw::thinned(heat.x_labels.len(), MOST);
    let rows = draw::thinned(heat.y_labels.len(), MOST);
    if columns.is_empty() || rows.is_empty() {
        return String::new();
    }
    let cells = || rows.iter().flat_map(|y| columns.iter().filter_map(|x| heat.cell(*x, *y)));
    let equal = cells().all(|v| Some(v) == cells().next());
    let (low, high) = extent(cells());
    let step_of = |v: f64| match equal {
        true => STEPS / 2,
        false => {
            let share = v / (high - low) - low / (high - low);
            ((share * STEPS as f64) as usize).min(STEPS - 1)
        }
    };
    let shown: Vec<String> =
        rows.iter().map(|y| draw::clipped(&heat.y_labels[*y], LABEL)).collect();
    let longest = shown.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let left = (longest as f64 * LETTER + 20.0).max(60.0);
    let (top, right) = (56.0, WIDTH - 12.0);
    let width = (right - left) / columns.len() as f64;
    let height = (640.0 / rows.len() as f64).clamp(9.0, 64.0);
    let bottom = top + height * rows.len() as f64;
    let mut paths = vec![String::new(); STEPS];
    let (mut letters, mut missing) = (String::new(), String::new());
    for (row, y) in rows.iter().enumerate() {
        // The first setting is at the bottom.
        let at = bottom - height * (row + 1) as f64;
        let mut column = 0;
        while column < columns.len() {
            let step = heat.cell(columns[column], *y).map(step_of);
            let from = column;
            while column < columns.len() && heat.cell(columns[column], *y).map(step_of) == step {
                column += 1;
            }
            if let Some(step) = step {
                let (x0, x1) = (left + width * from as f64, left + width * column as f64);
                paths[step] += &format!("M{x0:.1} {at:.1}h{0:.1}v{height:.1}h-{0:.1}z", x1 - x0);
            }
        }
        for (column, x) in columns.iter().enumerate() {
            let Some(value) = heat.cell(*x, *y) else {
                let from = left + width * column as f64;
                missing += &format!("M{from:.1} {at:.1}l{width:.1} {height:.1}");
                continue;
            };
            let text = number(value);
            if height >= 44.0 && text.chars().count() as f64 * LETTER + 8.0 <= width {
                let class = ["", "", "", "", "on-4", "on-5", "on-5"][step_of(value)];
                let x = left + width * (column as f64 + 0.5);
                letters += &draw::text(x, at + height / 2.0 + 11.0, "middle", class, &text);
            }
        }
    }
    let mut body = String::from("<g shape-rendering=\"crispEdges\">");
    for (step, path) in paths.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
        body += &format!("<path fill=\"var(--heat-{step})\" d=\"{path}\"/>\n");
    }
    body += &format!(
        "</g><path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" d=\"{missing}\"/>\
         <path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" \
         d=\"M{left} {top}V{bottom:.1}H{right}\"/>\n{letters}"
    );
    body += &draw::text(6.0, 32.0, "start", "", &draw::clipped(&heat.y_axis, draw::FIT));
    let mut free = f64::INFINITY;
    for (row, label) in shown.iter().enumerate() {
        let y = bottom - height * (row as f64 + 0.5) + 10.0;
        if y <= free {
            body += &draw::text(left - 10.0, y, "end", "", label);
            free = y - 42.0;
        }
    }
    let mut free = f64::NEG_INFINITY;
    for (column, x) in columns.iter().enumerate() {
        let label = draw::clipped(&heat.x_labels[*x], LABEL);
        let half = label.chars().count() as f64 * LETTER / 2.0;
        let at = (left + width * (column as f64 + 0.5)).min(WIDTH - half - 2.0);
        if at - half >= free.max(0.0) {
            body += &draw::text(at, bottom + 42.0, "middle", "", &label);
            free = at + half + 16.0;
        }
    }
    body += &draw::text(right, bottom + 90.0, "end", "", &draw::clipped(&heat.x_axis, draw::FIT));
    let label = format!("{} by {} and {}", metric.name, heat.x_axis, heat.y_axis);
    let svg = draw::open(WIDTH, bottom + 104.0, &label) + &body + "</svg>\n";
    let key = |step: usize, text: String| {
        let fill = format!("<rect width=\"56\" height=\"28\" fill=\"var(--heat-{step})\"/>");
        (fill, text)
    };
    let bound = |k: usize| low + (high - low) / STEPS as f64 * k as f64;
    let mut keys: Vec<_> = match cells().next() {
        None => Vec::new(),
        Some(only) if equal => vec![key(STEPS / 2, number(only))],
        Some(_) => (0..STEPS)
            .map(|k| key(k, format!("{} to {}", number(bound(k)), number(bound(k + 1)))))
            .collect(),
    };
    if !missing.is_empty() && !keys.is_empty() {
        let line =
            "<path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"4\" d=\"M14 0l28 28\"/>";
        keys.push((line.to_owned(), "no value".to_owned()));
    }
    let mut reading = with_unit("Mean for each pair of settings", &metric.unit);
    if keys.is_empty() {
        reading += "; no pair has a value";
    }
    if columns.len() < heat.x_labels.len() || rows.len() < heat.y_labels.len() {
        reading += &format!(
            "; an evenly spaced selection is drawn: {} of {} settings across, {} of {} up",
            columns.len(),
            heat.x_labels.len(),
            rows.len(),
            heat.y_labels.len()
        );
    }
    let title = format!("{} over two axes", metric.name);
    draw::panel(&title, &format!("{reading}."), &draw::legend(&keys), &svg)
}

/// The same in numbers; nothing where that would be too many.
pub(super) fn table(metric: &MetricPage, heat: &HeatMap) -> String {
    let (columns, rows) = (heat.x_labels.len(), heat.y_labels.len());
    if columns == 0 || rows == 0 || columns > TABLE || rows > TABLE {
        return String::new();
    }
    let title = format!("{} by {} and {}", metric.name, heat.y_axis, heat.x_axis);
    let corner = format!("{} \\ {}", heat.y_axis, heat.x_axis);
    let heads: Vec<&str> =
        std::iter::once(&corner).chain(&heat.x_labels).map(String::as_str).collect();
    let mut table = Table::new(&title, &heads);
    for (y, label) in heat.y_labels.iter().enumerate() {
        let cells = (0..columns).map(|x| maybe(heat.cell(x, y)));
        table.row(&std::iter::once(label.clone()).chain(cells).collect::<Vec<_>>());
    }
    // Always folded: the drawing tells most of it.
    folded(&title, usize::MAX, table)
}
