//! Flows from sources on the left to uses on the right, as ribbons as wide as what flows. What goes
//! through the batteries takes the way through their node in the middle and keeps the ink of its
//! source, so that it can be followed to where it came from.

use super::chart::WIDTH;
use super::ink::Ink;
use super::markup::{Table, escape, open_svg};
use super::trace::{Paths, SOURCES, USES};
use crate::number::{human, percent};

const TOP: f64 = 34.0;
const HEIGHT: f64 = 380.0;
/// Room between nodes, so that the labels of narrow ones do not run into each other.
const GAP: f64 = 92.0;
const LEFT: f64 = 410.0;
const RIGHT: f64 = 1364.0;
const NODE: f64 = 26.0;
const MIDDLE: f64 = (LEFT + RIGHT) / 2.0;
const INKS: [Ink; 4] = [Ink::Pv, Ink::Import, Ink::Genset, Ink::Initial];
/// What would be thinner than a hair is counted, but not drawn.
const HAIR: f64 = 0.02;
/// A share that is but rounding.
const NOTHING: f64 = 1e-9;

/// A node: how much, its upper edge, and how far down ribbons are attached on either side.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    size: f64,
    top: f64,
    into: f64,
    out: f64,
}

impl Node {
    fn height(&self, scale: f64) -> f64 {
        (self.size * scale).max(2.0)
    }
}

/// Nodes of these sizes below each other; those of size zero take no room. And where they end.
fn stack<const N: usize>(sizes: [f64; N], scale: f64) -> ([Node; N], f64) {
    let mut y = TOP;
    let place = |size: f64| {
        let node = Node { size, top: y, into: y, out: y };
        if size * scale > HEIGHT * NOTHING {
            y += node.height(scale) + GAP;
        }
        node
    };
    (sizes.map(place), y)
}

/// A ribbon from one point to another.
fn ribbon(from: (f64, f64), to: (f64, f64), width: f64, ink: Ink) -> String {
    if width <= HAIR {
        return String::new();
    }
    let ((x0, a), (x1, b)) = (from, to);
    // Thin ones stay visible where they climb.
    let width = width.max(1.6);
    let x = (x0 + x1) / 2.0;
    format!(
        "<path d=\"M{x0} {a:.1}C{x} {a:.1} {x} {b:.1} {x1} {b:.1}v{width:.1}\
         C{x} {0:.1} {x} {1:.1} {x0} {1:.1}z\" {fill} opacity=\".5\"/>\n",
        b + width,
        a + width,
        fill = ink.fill(),
    )
}

/// What goes where, in the order of the right side: uses, what is curtailed, what the batteries
/// lost, what they hold.
fn ends(paths: &Paths) -> [(&'static str, f64); 8] {
    let uses: [_; 5] = std::array::from_fn(|j| (USES[j], paths.taken(j)));
    let [loads, cars, computing, network, export] = uses;
    let curtailed = ("Curtailed", paths.curtailed.iter().sum());
    let (lost, held) = (("Battery losses", paths.lost()), ("Stored at the end", paths.held));
    [loads, cars, computing, network, export, curtailed, lost, held]
}

/// The drawing; nothing where nothing flows.
pub(crate) fn sankey(label: &str, unit: &str, paths: &Paths) -> String {
    let given: [f64; 4] = std::array::from_fn(|i| paths.given(i));
    let total: f64 = given.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return String::new();
    }
    let scale = HEIGHT / total;
    let (mut from, left_end) = stack(given, scale);
    let ends = ends(paths);
    let (mut to, right_end) = stack(ends.map(|(_, size)| size), scale);
    let (x_from, x_to) = (LEFT + NODE, RIGHT);
    let mut body = String::new();
    // Straight over the bus, and how far down these ribbons reach in the middle.
    let mut lowest = TOP;
    for i in 0..SOURCES.len() {
        let straight = paths.direct[i].iter().chain([&paths.curtailed[i]]);
        for (j, amount) in straight.enumerate() {
            let width = amount * scale;
            let (a, b) = (from[i].out, to[j].into);
            body += &ribbon((x_from, a), (x_to, b), width, INKS[i]);
            if width > HAIR {
                lowest = f64::max(lowest, (a + b) / 2.0 + width);
            }
            from[i].out += width;
            to[j].into += width;
        }
    }
    // Below them, the batteries.
    let stored: f64 = paths.charged.iter().sum();
    let top = lowest + GAP + 16.0;
    let mut batteries = Node { size: stored, top, into: top, out: top };
    if stored > 0.0 {
        for i in 0..SOURCES.len() {
            let width = paths.charged[i] * scale;
            let (a, b) = (from[i].out, batteries.into);
            body += &ribbon((x_from, a), (MIDDLE, b), width, INKS[i]);
            batteries.into += width;
        }
        let out = |amount: f64, j: usize, ink: Ink, node: &mut Node, to: &mut [Node; 8]| {
            let width = amount * scale;
            let drawn = ribbon((MIDDLE + NODE, node.out), (x_to, to[j].into), width, ink);
            node.out += width;
            to[j].into += width;
            drawn
        };
        for j in 0..USES.len() {
            for (through, ink) in paths.through.iter().zip(INKS) {
                body += &out(through[j], j, ink, &mut batteries, &mut to);
            }
        }
        // Of what is lost or left, the source is not told.
        body += &out(paths.lost(), 6, Ink::Discharge, &mut batteries, &mut to);
        body += &out(paths.held, 7, Ink::Discharge, &mut batteries, &mut to);
    }
    let share = |v: f64| format!("{} {unit}, {}", human(v), percent(v / total));
    body += "<g class=\"letters\">";
    let mut draw = |x: f64, text: (f64, f64, &str), node: &Node, name: &str, fill: &str| {
        if node.size > total * NOTHING {
            let (text_x, baseline, anchor) = text;
            body += &format!(
                "<rect x=\"{x}\" y=\"{:.1}\" width=\"{NODE}\" height=\"{:.1}\" {fill}/>\
                 <text class=\"halo\" x=\"{text_x}\" y=\"{baseline:.1}\" text-anchor=\"{anchor}\">\
                 <tspan class=\"strong\">{}</tspan><tspan x=\"{text_x}\" dy=\"1.25em\">{}</tspan></text>\n",
                node.top,
                node.height(scale),
                escape(name),
                escape(&share(node.size)),
            );
        }
    };
    let beside = |node: &Node| node.top + node.height(scale) / 2.0 - 6.0;
    for (i, node) in from.iter().enumerate() {
        draw(LEFT, (LEFT - 16.0, beside(node), "end"), node, SOURCES[i], &INKS[i].fill());
    }
    for (j, node) in to.iter().enumerate() {
        let text = (RIGHT + NODE + 16.0, beside(node), "start");
        draw(RIGHT, text, node, ends[j].0, "fill=\"var(--axis)\"");
    }
    let above = (MIDDLE + NODE / 2.0, batteries.top - 58.0, "middle");
    draw(MIDDLE, above, &batteries, "Through batteries", &Ink::Discharge.fill());
    let middle_end = if stored > 0.0 { top + batteries.height(scale) + 30.0 } else { 0.0 };
    let height = (left_end.max(right_end) - GAP + 48.0).max(middle_end);
    let opened = open_svg(WIDTH, height as u32, label, &described(unit, paths));
    opened.replacen("<svg ", "<svg class=\"tall\" ", 1) + &body + "</g></svg>\n"
}

/// The drawing in words.
fn described(unit: &str, paths: &Paths) -> String {
    let sources = SOURCES.iter().enumerate().filter(|(i, _)| paths.given(*i) > 0.0);
    let came = sources.map(|(i, name)| {
        let stored = if i < 3 && paths.charged[i] > 0.0 {
            format!(" ({} of it into the batteries)", human(paths.charged[i]))
        } else {
            String::new()
        };
        format!("{name} {}{stored}", human(paths.given(i)))
    });
    let came = came.collect::<Vec<_>>().join(", ");
    let went = ends(paths).into_iter().filter(|(_, size)| *size > 0.0);
    let went = went.map(|(name, size)| format!("{name} {}", human(size)));
    format!("In {unit}. From: {came}. To: {}.", went.collect::<Vec<_>>().join(", "))
}

/// The drawing as a table: a row for each source and way, a column for each end; empty where nothing
/// flows. To be folded away.
pub(crate) fn flows(title: &str, unit: &str, paths: &Paths) -> String {
    let ends = ends(paths);
    // Rounding is no flow.
    let least = 1e-9 * (0..SOURCES.len()).map(|i| paths.given(i)).sum::<f64>();
    let shown = |amount: f64| if amount > least { human(amount) } else { String::new() };
    let columns: Vec<usize> = (0..6).filter(|j| ends[*j].1 > 0.0).collect();
    let mut heads = vec!["From"];
    heads.extend(columns.iter().map(|j| ends[*j].0));
    heads.push("Into batteries");
    let mut table = Table::new(&format!("{title}, {unit}"), &heads);
    for (i, name) in SOURCES.iter().enumerate().filter(|(i, _)| paths.given(*i) > 0.0) {
        let direct = |j: usize| paths.direct[i].get(j).copied().unwrap_or(paths.curtailed[i]);
        let mut row = vec![(*name).to_owned()];
        row.extend(columns.iter().map(|j| shown(direct(*j))));
        row.push(shown(paths.charged[i]));
        table.row(&row);
    }
    for (i, name) in SOURCES.iter().enumerate() {
        let through = |j: usize| paths.through[i].get(j).copied().unwrap_or(0.0);
        if paths.through[i].iter().sum::<f64>() > least {
            let mut row = vec![format!("{name}, through batteries")];
            row.extend(columns.iter().map(|j| shown(through(*j))));
            row.push(String::new());
            table.row(&row);
        }
    }
    let held = human(paths.held);
    let lost = match paths.lost() {
        lost if lost > 0.0 => format!("lost {} {unit} and hold", human(lost)),
        _ => "hold".to_owned(),
    };
    let kept = format!("<p>The batteries {lost} {held} {unit} at the end.</p>\n");
    let kept = if paths.charged.iter().sum::<f64>() > 0.0 { kept } else { String::new() };
    format!(
        "<details><summary>{}, as a table</summary>\n{}{kept}</details>\n",
        escape(title),
        table.end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each ribbon's fill and width.
    fn ribbons(svg: &str) -> Vec<(String, f64)> {
        let paths = svg.split("<path d=\"").skip(1);
        let read = |path: &str| {
            let width = path.split('v').nth(1)?.split('C').next()?.parse().ok()?;
            Some((path.split("fill=\"").nth(1)?.split('"').next()?.to_owned(), width))
        };
        paths.filter_map(read).collect()
    }

    #[test]
    fn what_leaves_a_source_arrives_at_the_uses() {
        let mut paths = Paths::default();
        paths.direct[0] = [30.0, 10.0, 0.0, 0.0, 5.0];
        paths.direct[1] = [20.0, 0.0, 2.0, 1.0, 0.0];
        paths.charged = [20.0, 4.0, 0.0, 8.0];
        paths.through[0] = [12.0, 4.0, 0.0, 0.0, 0.0];
        paths.through[3] = [6.0, 0.0, 0.0, 0.0, 0.0];
        paths.held = 9.0;
        paths.curtailed[0] = 3.0;
        let svg = sankey("Flows", "kWh", &paths);
        let scale = HEIGHT / 103.0;
        let drawn = ribbons(&svg);
        let sum = |ink: Ink| {
            let fill = ink.fill().replace("fill=\"", "").replace('"', "");
            drawn.iter().filter(|(f, _)| *f == fill).map(|(_, w)| w).sum::<f64>() / scale
        };
        // Once from the source, and what went through the batteries once more behind them.
        assert!((sum(Ink::Pv) - (68.0 + 16.0)).abs() < 0.2, "{}", sum(Ink::Pv));
        assert!((sum(Ink::Import) - 27.0).abs() < 0.2);
        assert!((sum(Ink::Initial) - (8.0 + 6.0)).abs() < 0.2);
        // Lost, and still held: 32 - 22.
        assert!((sum(Ink::Discharge) - 10.0).abs() < 0.2);
        assert!(svg.contains(
            "PV 68 (20 of it into the batteries), Grid 27 (4 of it into the batteries), Stored"
        ));
        assert!(svg.contains("Battery losses 1, Stored at the end 9."));
    }

    #[test]
    fn nothing_is_drawn_where_nothing_flows() {
        assert_eq!(sankey("Flows", "kWh", &Paths::default()), "");
    }
}
