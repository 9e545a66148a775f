//! Drawings of an optimisation: the front in objective space, sizes along it, what costs are made
//! of.

use super::axis::Axis;
use super::draw::{self, Frame};
use super::front::{Design, FrontPage, winners};
use super::rows::Rows;
use super::shell::{self, at, word};
use crate::number::count;

/// At most so many candidates, and so many members of the front, are drawn.
const CANDIDATES: usize = 2000;
const MEMBERS: usize = 400;
/// So many pairs of objectives, and so many sizes, are drawn.
const PAIRS: usize = 3;
const SIZES: usize = 8;
/// Winners are ringed in shapes of their own.
const RINGS: [&str; 6] = [
    "m-17-17h34v34h-34z",
    "m0-24l24 24l-24 24l-24-24z",
    "m0-22l21 36h-42z",
    "m0 22l21-36h-42z",
    "m-22 0h44m-22-22v44",
    "m-17-17l34 34m-34 0l34-34",
];

/// What breaks a limit.
const CROSS: &str = "m-6-6l12 12m-12 0l12-12";

/// A winner's ring in its style.
const RING: &str = "stroke=\"var(--ink)\" stroke-width=\"3.5\"";

/// The front for each pair of objectives, among the candidates.
pub(super) fn objectives(page: &FrontPage) -> String {
    let n = page.objectives.len();
    let evaluated = page.evaluated.max(page.candidates.len() as u64);
    let text = format!(
        "{} of {} evaluated candidates are on the front.",
        count(page.front.len() as u64),
        count(evaluated)
    );
    let mut pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
    let drawn: String = pairs.by_ref().take(PAIRS).map(|(a, b)| pair(page, a, b)).collect();
    let cut = match pairs.count() {
        0 => String::new(),
        more => format!(
            " Only the first {PAIRS} pairs of objectives are drawn; {more} more are left out."
        ),
    };
    let drawn =
        if drawn.is_empty() { drawn } else { format!("<div class=\"panels\">\n{drawn}</div>\n") };
    shell::none(&format!("{text}{cut}")) + &drawn
}

/// Holds the front, and of the candidates around it as much as leaves the front its room.
fn span(page: &FrontPage, objective: usize) -> Axis {
    let front = page.front.iter().map(|m| at(&m.objectives, objective));
    let finite = |v: &f64| v.is_finite();
    let (low, high) = front
        .clone()
        .filter(finite)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let room = match high > low {
        true => 2.0 * (high - low),
        false => f64::INFINITY,
    };
    let near = |v: &f64| finite(v) && (low > high || (*v <= high + room && *v >= low - room));
    let all = page.candidates.iter().chain(&page.violating);
    let candidates = all.map(|c| at(c, objective)).filter(near);
    Axis::around(front.filter(finite).chain(candidates), 4)
}

fn pair(page: &FrontPage, a: usize, b: usize) -> String {
    let (x_name, y_name) = (page.objectives[a].full(), page.objectives[b].full());
    let mut frame = Frame::new(span(page, a), span(page, b), &x_name, &y_name);
    let sampled = |of: &[Vec<f64>]| -> Vec<(f64, f64)> {
        let sampled = draw::sampled(of.len(), CANDIDATES).into_iter();
        let values = sampled.map(|c| (at(&of[c], a), at(&of[c], b)));
        values.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let placed = |frame: &Frame, of: &[(f64, f64)]| -> Vec<_> {
        of.iter().filter_map(|(x, y)| frame.place(*x, *y)).collect()
    };
    let (known, violating) = (sampled(&page.candidates), sampled(&page.violating));
    let (places, crosses) = (placed(&frame, &known), placed(&frame, &violating));
    let beyond = known.len() + violating.len() - places.len() - crosses.len();
    let cross = "stroke=\"var(--axis)\" stroke-width=\"2\" stroke-opacity=\".55\"";
    frame.add(&draw::marks(CROSS, cross, crosses.iter().copied()));
    let dot =
        "stroke=\"var(--axis)\" stroke-width=\"7\" stroke-linecap=\"round\" stroke-opacity=\".55\"";
    frame.add(&draw::marks("h0", dot, places.iter().copied()));
    let member = |m: usize| {
        let objectives = &page.front[m].objectives;
        frame.place(at(objectives, a), at(objectives, b))
    };
    let mut front: Vec<_> =
        draw::thinned(page.front.len(), MEMBERS).into_iter().filter_map(member).collect();
    let rings: Vec<_> = winners(page).into_iter().map(|(title, m)| (title, member(m))).collect();
    front.sort_by(|p, q| p.0.total_cmp(&q.0).then(q.1.total_cmp(&p.1)));
    let steps = "stroke=\"var(--blue)\" stroke-width=\"3\" stroke-dasharray=\"4 5\"";
    let two = page.objectives.len() == 2 && front.len() > 1;
    if two {
        frame.add(&draw::line(steps, front.iter().copied()));
    }
    frame.add(&draw::dots(0, front.iter().copied()));
    let mut keys = Vec::new();
    if !places.is_empty() {
        let key = draw::marks("h0", dot, [(28.0, 14.0)].into_iter());
        keys.push((key, "candidates".to_owned()));
    }
    if !crosses.is_empty() {
        let key = draw::marks(CROSS, cross, [(28.0, 14.0)].into_iter());
        keys.push((key, "candidates that break a limit".to_owned()));
    }
    let line = if two { format!("<path d=\"M0 14H56\" {steps}/>") } else { String::new() };
    keys.push((line + &draw::dot_key(0), "Pareto front".to_owned()));
    for (i, (title, place)) in rings.into_iter().enumerate() {
        let shape = RINGS[i % RINGS.len()];
        frame.add(&draw::marks(shape, RING, place.into_iter()));
        keys.push((small(shape), title));
    }
    let label = format!("{x_name} and {y_name} of the candidates");
    let mut reading = "Lower is better, so the front lies at the lower left".to_owned();
    if page.objectives.len() > 2 {
        reading += "; points of the front that lie elsewhere are better in an objective that is not shown here";
    }
    let drawn = |of: &[Vec<f64>]| of.len().min(CANDIDATES);
    let drawn = drawn(&page.candidates) + drawn(&page.violating);
    let all = page.candidates.len() + page.violating.len();
    if drawn < all {
        reading += &format!("; {drawn} of {} candidates are drawn", count(all as u64));
    }
    if beyond > 0 {
        reading += &format!("; {} lie outside the chart", count(beyond as u64));
    }
    let title = format!("{} and {}", page.objectives[a].name, page.objectives[b].name);
    draw::panel(&title, &format!("{reading}."), &draw::legend(&keys), &frame.end(&label))
}

/// A ring as a legend shows it, at half its size.
fn small(shape: &str) -> String {
    format!(
        "<path fill=\"none\" {RING} transform=\"translate(28 14) scale(.5)\" d=\"M0 0{shape}\"/>"
    )
}

/// Each size against the first objective, member by member of the front.
pub(super) fn sizes(page: &FrontPage) -> String {
    let Some(objective) = page.objectives.first() else {
        return String::new();
    };
    if page.front.is_empty() || page.sizes.is_empty() {
        return String::new();
    }
    let chosen = draw::thinned(page.front.len(), MEMBERS);
    // The first choice that is not the same everywhere tells the dots apart.
    let choice = (0..page.choices.len()).find_map(|i| {
        let mut words: Vec<String> = page.front.iter().map(|m| word(&m.choices, i)).collect();
        words.sort();
        words.dedup();
        (words.len() > 1).then_some((i, words))
    });
    let kind = |m: usize| {
        let (i, words) = choice.as_ref()?;
        words.iter().position(|w| Some(w) == page.front[m].choices.get(*i))
    };
    let others = draw::KINDS - 1;
    let keys: Vec<_> = choice
        .iter()
        .flat_map(|(i, words)| {
            let name = &page.choices[*i];
            words
                .iter()
                .take(others)
                .enumerate()
                .map(move |(k, w)| (draw::dot_key(k), format!("{name} {w}")))
                .chain(
                    (words.len() > others)
                        .then(|| (draw::dot_key(others), format!("{name}: others"))),
                )
        })
        .collect();
    let mut out = String::new();
    for (i, size) in page.sizes.iter().enumerate().take(SIZES) {
        let axis = |values: &mut dyn Iterator<Item = f64>| {
            Axis::around(values.filter(|v| v.is_finite()), 4)
        };
        let x = axis(&mut page.front.iter().map(|m| at(&m.objectives, 0)));
        let y = Axis::from_zero(
            page.front.iter().map(|m| at(&m.sizes, i)).filter(|v| v.is_finite()),
            4,
        );
        let mut frame = Frame::new(x, y, &objective.full(), &size.full());
        for group in 0..draw::KINDS {
            let members = chosen.iter().filter(|m| kind(**m).unwrap_or(0).min(others) == group);
            let places: Vec<_> = members
                .filter_map(|m| {
                    let member = &page.front[*m];
                    frame.place(at(&member.objectives, 0), at(&member.sizes, i))
                })
                .collect();
            frame.add(&draw::dots(group, places.into_iter()));
        }
        let label = format!("{} along the front", size.name);
        let reading = format!("Size of each member of the front, by {}.", objective.name);
        out += &draw::panel(&size.name, &reading, &draw::legend(&keys), &frame.end(&label));
    }
    let cut = match page.sizes.len() {
        n if n > SIZES => shell::none(&format!("Only the first {SIZES} of {n} sizes are drawn.")),
        _ => String::new(),
    };
    format!("{cut}<div class=\"panels\">\n{out}</div>\n")
}

/// The sum of the parts; NaN where none is known.
pub(super) fn total(page: &FrontPage, design: &Design) -> f64 {
    let known = design.costs.iter().take(page.cost_parts.len()).filter(|v| !v.is_nan());
    if known.clone().count() == 0 { f64::NAN } else { known.sum() }
}

/// What costs are made of: a bar for each design, what is earned to the left of zero.
pub(super) fn costs(page: &FrontPage, designs: &[&Design]) -> String {
    let parts = page.cost_parts.len();
    let amount = |design: &Design, i: usize| {
        let v = at(&design.costs, i);
        if v.is_nan() { 0.0 } else { v.clamp(-1e280, 1e280) }
    };
    if parts == 0 || designs.iter().all(|d| total(page, d).is_nan()) {
        return String::new();
    }
    let sums = designs.iter().flat_map(|d| {
        let side = |sign: f64| {
            (0..parts).map(|i| amount(d, i) * sign).filter(|v| *v > 0.0).sum::<f64>() * sign
        };
        [side(1.0), side(-1.0)]
    });
    let axis = Axis::from_zero(sums, 4);
    let mut rows = Rows::new(axis, designs.len(), 112.0, (54.0, 102.0));
    for (k, design) in designs.iter().enumerate() {
        let y = rows.top(k);
        rows.name(k, &design.name, &shell::number(total(page, design)), true);
        let (mut spent, mut earned) = (0.0, 0.0);
        for i in 0..parts {
            let v = amount(design, i);
            let end = if v < 0.0 { &mut earned } else { &mut spent };
            if v != 0.0 {
                let (x0, x1) = (rows.x(*end), rows.x(*end + v));
                rows.add(&draw::block(draw::fill(i), (x0, y + 54.0), (x1, y + 102.0)));
            }
            *end += v;
        }
    }
    rows.mark(0.0, "stroke=\"var(--ink)\" stroke-width=\"3\"");
    let svg = rows.end("Breakdown of the costs", "");
    let keys: Vec<_> = page
        .cost_parts
        .iter()
        .enumerate()
        .map(|(i, part)| (draw::fill_key(i), part.clone()))
        .collect();
    let unit =
        if page.cost_unit.is_empty() { String::new() } else { format!("{}; ", page.cost_unit) };
    let reading = format!("{unit}totals are at the right, revenues to the left of zero.");
    let figure = draw::panel("Breakdown of the costs", &reading, &draw::legend(&keys), &svg);
    format!("<div class=\"panels\">\n{figure}</div>\n")
}
