//! A scatter matrix: every column against every other, below the diagonal; above it how well one
//! rank follows the other, where that was worked out.

use super::axis::Axis;
use super::draw;
use super::shell::{self, at, with_unit};
use super::study::{Scatter, ScatterColumn};
use crate::number::count;

/// At most so many columns, and so many runs, are drawn.
const COLUMNS: usize = 6;
const DOTS: usize = 400;
/// A panel's side, and the room between panels.
const SIDE: f64 = 290.0;
const GAP: f64 = 14.0;
/// So many characters fit a panel's line.
const LINE: usize = 14;
/// Groups that are told apart; the others share the last kind of dot.
const GROUPS: usize = 5;

/// The drawing with its legend.
pub(super) fn matrix(scatter: &Scatter) -> String {
    let columns: Vec<&ScatterColumn> = scatter.columns.iter().take(COLUMNS).collect();
    let runs = columns.iter().map(|c| c.values.len()).max().unwrap_or(0);
    if columns.len() < 2 || runs == 0 {
        return shell::none(
            "Fewer than two quantities have values, so there are no correlations to show.",
        );
    }
    let chosen = draw::sampled(runs, DOTS);
    let axes: Vec<Axis> =
        columns.iter().map(|c| Axis::around(c.values.iter().copied(), 3)).collect();
    let side = SIDE * columns.len() as f64 + GAP * (columns.len() - 1) as f64;
    let mut body = String::new();
    for row in 0..columns.len() {
        for column in 0..columns.len() {
            let corner = ((SIDE + GAP) * column as f64 + 1.0, (SIDE + GAP) * row as f64 + 1.0);
            if row == column {
                body += &name(columns[row], corner);
            } else if row > column {
                let (x, y) = (&axes[column], &axes[row]);
                body += &frame(corner);
                for group in 0..=GROUPS {
                    let rows = chosen.iter().filter(|run| group_of(scatter, **run) == group);
                    let places = rows.filter_map(|run| {
                        let (a, b) =
                            (at(&columns[column].values, *run), at(&columns[row].values, *run));
                        let room = SIDE - 26.0;
                        (a.is_finite() && b.is_finite()).then(|| {
                            (
                                corner.0 + 12.0 + x.share(a) * room,
                                corner.1 + SIDE - 14.0 - y.share(b) * room,
                            )
                        })
                    });
                    body += &draw::dots(group, places);
                }
            } else {
                body += &correlation(scatter, row, column, corner);
            }
        }
    }
    let svg = draw::open_wide(
        side + 2.0,
        side + 2.0,
        "Scatter plots of every quantity against every other",
    ) + &body
        + "</svg>\n";
    let mut reading = "Each dot is one run. Each panel shows the quantity of its column on the \
                       horizontal axis and the quantity of its row on the vertical axis."
        .to_owned();
    if !scatter.rank_correlations.is_empty() {
        reading += " Above the diagonal: rank correlations, from \u{2212}1 to 1.";
    }
    if chosen.len() < runs {
        reading += &format!(
            " {} of {} runs are drawn, chosen at random.",
            chosen.len(),
            count(runs as u64)
        );
    }
    if columns.len() < scatter.columns.len() {
        reading += &format!(
            " Only the first {} of {} quantities are drawn.",
            columns.len(),
            scatter.columns.len()
        );
    }
    draw::wide("Scatter matrix", &reading, &legend(scatter), &svg)
}

/// The run's group, as its dots are drawn; 0 where there are no groups.
fn group_of(scatter: &Scatter, run: usize) -> usize {
    let group = scatter.group.as_ref().and_then(|group| group.of_row.get(run));
    group.map_or(0, |g| usize::from(*g).min(GROUPS))
}

fn legend(scatter: &Scatter) -> String {
    let Some(group) = &scatter.group else {
        return String::new();
    };
    let mut keys: Vec<_> = (group.labels.iter().take(GROUPS).enumerate())
        .map(|(i, label)| (draw::dot_key(i), format!("{} {label}", group.name)))
        .collect();
    match group.labels.len() {
        n if n > GROUPS + 1 => keys.push((draw::dot_key(GROUPS), format!("{} others", n - GROUPS))),
        n if n > GROUPS => {
            keys.push((draw::dot_key(GROUPS), format!("{} {}", group.name, group.labels[GROUPS])));
        }
        _ => {}
    }
    draw::legend(&keys)
}

fn frame((x, y): (f64, f64)) -> String {
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" \
         stroke=\"var(--rule)\" stroke-width=\"2\"/>\n"
    )
}

/// The column's name and span, in the panel on the diagonal.
fn name(column: &ScatterColumn, corner: (f64, f64)) -> String {
    let mut lines: Vec<String> = broken(&column.name);
    if lines.len() > 4 {
        lines = broken(&draw::clipped(&column.name, 4 * LINE));
        lines.truncate(5);
    }
    let finite = || column.values.iter().copied().filter(|v| v.is_finite());
    let (low, high) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let span = match low <= high {
        true => [shell::number(low), format!("to {}", shell::number(high))],
        false => ["no value".to_owned(), String::new()],
    };
    let middle = corner.0 + SIDE / 2.0;
    let mut out = format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"var(--faint)\"/>\n",
        corner.0, corner.1
    );
    let mut y = corner.1 + 44.0;
    for line in &lines {
        out += &draw::text(middle, y, "middle", "strong", line);
        y += 37.0;
    }
    let unit = with_unit(&span[1], &draw::clipped(&column.unit, 6));
    let mut y = corner.1 + SIDE - 56.0;
    for line in [&span[0], &draw::clipped(&unit, LINE + 1)] {
        out += &draw::text(middle, y, "middle", "", line);
        y += 40.0;
    }
    out
}

/// The name in lines, broken after points and underscores where it can be.
fn broken(name: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in name.split_inclusive(['.', '_', ' ']) {
        let mut part: Vec<char> = part.chars().collect();
        while !part.is_empty() {
            let used = lines.last().map_or(0, |l| l.chars().count());
            if used > 0 && used + part.len() > LINE {
                lines.push(String::new());
                continue;
            }
            let rest = part.split_off(part.len().min(LINE));
            if let Some(line) = lines.last_mut() {
                line.extend(part);
            }
            part = rest;
        }
    }
    lines
}

/// How well one rank follows the other, as a number and as a bar; nothing where it is not known.
fn correlation(scatter: &Scatter, row: usize, column: usize, corner: (f64, f64)) -> String {
    let index = row * scatter.columns.len() + column;
    let known = scatter.rank_correlations.get(index).copied().flatten();
    let Some(rank) = known.filter(|v| v.is_finite()) else {
        return String::new();
    };
    let (middle, y) = (corner.0 + SIDE / 2.0, corner.1 + SIDE / 2.0);
    let length = rank.clamp(-1.0, 1.0) * (SIDE / 2.0 - 20.0);
    let text = format!("{rank:.2}").replace('-', "\u{2212}");
    let strong = if rank.abs() >= 0.5 { "strong" } else { "" };
    let fill = if rank < 0.0 { "var(--orange)" } else { "var(--blue)" };
    let axis = "stroke=\"var(--axis)\" stroke-width=\"2\"";
    draw::text(middle, y, "middle", strong, &text)
        + &draw::block(fill, (middle, y + 24.0), (middle + length, y + 40.0))
        + &draw::marks("v30", axis, [(middle, y + 17.0)].into_iter())
}
