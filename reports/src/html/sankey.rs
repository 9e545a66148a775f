//! Flows from sources on the left to uses on the right, as ribbons as wide as their energy.

use super::chart::WIDTH;
use super::ink::Ink;
use super::markup::{escape, open_svg};
use crate::number::{human, percent};

const TOP: f64 = 44.0;
const HEIGHT: f64 = 380.0;
/// Room between nodes, so that the labels of narrow ones do not run into each other.
const GAP: f64 = 84.0;
const LEFT: f64 = 390.0;
const RIGHT: f64 = 1420.0;
const NODE: f64 = 26.0;

/// One side of the drawing: names, inks and the nodes' energies.
struct Side {
    tops: Vec<f64>,
}

/// Where nodes of these sizes stand; those of size zero take no room.
fn stack(sizes: &[f64], scale: f64) -> Side {
    let mut y = TOP;
    let place = |size: &f64| {
        let top = y;
        if *size > 0.0 {
            y += (size * scale).max(2.0) + GAP;
        }
        top
    };
    Side { tops: sizes.iter().map(place).collect() }
}

/// The drawing; nothing where nothing flows. `kwh[i][j]` flows from source `i` to use `j`.
pub(crate) fn sankey(
    label: &str,
    sources: &[(&str, Ink)],
    uses: &[&str],
    kwh: &[Vec<f64>],
) -> String {
    let total: f64 = kwh.iter().flatten().sum();
    let flow = |i: usize, j: usize| kwh[i][j].max(0.0);
    if !(total > 0.0 && total.is_finite()) {
        return String::new();
    }
    let scale = HEIGHT / total;
    let given: Vec<f64> =
        (0..sources.len()).map(|i| (0..uses.len()).map(|j| flow(i, j)).sum()).collect();
    let taken: Vec<f64> =
        (0..uses.len()).map(|j| (0..sources.len()).map(|i| flow(i, j)).sum()).collect();
    let (left, right) = (stack(&given, scale), stack(&taken, scale));
    let mut body = String::new();
    let (mut from, mut to) = (left.tops.clone(), right.tops.clone());
    let middle = (LEFT + NODE + RIGHT) / 2.0;
    for (i, (_, ink)) in sources.iter().enumerate() {
        for (j, end) in to.iter_mut().enumerate() {
            let width = flow(i, j) * scale;
            // What would be thinner than a hair is counted, but not drawn.
            if width > HEIGHT * 1e-4 {
                let (x0, a, b) = (LEFT + NODE, from[i], *end);
                body += &format!(
                    "<path d=\"M{x0} {a:.1}C{middle} {a:.1} {middle} {b:.1} {RIGHT} {b:.1}v{width:.1}\
                     C{middle} {0:.1} {middle} {1:.1} {x0} {1:.1}z\" {fill} opacity=\".5\"/>\n",
                    b + width,
                    a + width,
                    fill = ink.fill(),
                );
            }
            from[i] += width;
            *end += width;
        }
    }
    let share = |v: f64| format!("{} kWh, {}", human(v), percent(v / total));
    body += "<g class=\"letters\">";
    let mut node = |x: f64,
                    text_x: f64,
                    anchor: &str,
                    y: f64,
                    size: f64,
                    name: &str,
                    fill: &str| {
        if size > 0.0 {
            let height = (size * scale).max(2.0);
            let baseline = y + height / 2.0 - 6.0;
            body += &format!(
                "<rect x=\"{x}\" y=\"{y:.1}\" width=\"{NODE}\" height=\"{height:.1}\" {fill}/>\
                 <text x=\"{text_x}\" y=\"{baseline:.1}\" text-anchor=\"{anchor}\">\
                 <tspan class=\"strong\">{}</tspan><tspan x=\"{text_x}\" dy=\"1.25em\">{}</tspan></text>\n",
                escape(name),
                escape(&share(size)),
            );
        }
    };
    for (i, (name, ink)) in sources.iter().enumerate() {
        node(LEFT, LEFT - 16.0, "end", left.tops[i], given[i], name, &ink.fill());
    }
    for (j, name) in uses.iter().enumerate() {
        node(
            RIGHT,
            RIGHT + NODE + 16.0,
            "start",
            right.tops[j],
            taken[j],
            name,
            "fill=\"var(--axis)\"",
        );
    }
    let nodes =
        given.iter().filter(|v| **v > 0.0).count().max(taken.iter().filter(|v| **v > 0.0).count());
    let height = TOP + HEIGHT + GAP * nodes as f64;
    open_svg(WIDTH, height as u32, label) + &body + "</g></svg>\n"
}
