//! A drawing in rows: in each a name with a figure beside it, and below them a bar or a dot on an
//! axis that all rows share.

use super::axis::{Axis, LETTER};
use super::draw::{self, WIDTH};

/// Where rows begin and end.
const LEFT: f64 = 30.0;
const RIGHT: f64 = WIDTH - 30.0;
/// So many characters fit a row.
const FIT: usize = 42;

/// The drawing while it grows.
#[derive(Debug)]
pub(super) struct Rows {
    axis: Axis,
    height: f64,
    /// Where bars lie in a row, from its top.
    bars: (f64, f64),
    count: usize,
    under: String,
    over: String,
}

impl Rows {
    /// `count` rows of that height, with bars between those two places of each.
    pub(super) fn new(axis: Axis, count: usize, height: f64, bars: (f64, f64)) -> Self {
        let rows = Self { axis, height, bars, count, under: String::new(), over: String::new() };
        let grid: String = rows.axis.ticks.iter().map(|(v, _)| rows.broken(*v)).collect();
        let under = format!(
            "<path fill=\"none\" stroke=\"var(--faint)\" stroke-width=\"2\" d=\"{grid}\"/>\n"
        );
        Self { under, ..rows }
    }

    /// Where a value lies.
    pub(super) fn x(&self, value: f64) -> f64 {
        LEFT + self.axis.share(value) * (RIGHT - LEFT)
    }

    /// Whether the axis holds a value.
    pub(super) fn holds(&self, value: f64) -> bool {
        self.axis.holds(value)
    }

    /// Where a row begins.
    pub(super) fn top(&self, row: usize) -> f64 {
        self.height * row as f64
    }

    fn bottom(&self) -> f64 {
        self.top(self.count) + 16.0
    }

    /// An upright line at a value, broken where names stand.
    fn broken(&self, value: f64) -> String {
        let (from, to) = self.bars;
        let piece = |row: usize| {
            format!(
                "M{:.1} {:.0}v{:.0}",
                self.x(value),
                self.top(row) + from - 5.0,
                to - from + 10.0
            )
        };
        (0..self.count).map(piece).collect()
    }

    /// What a row is called, and the figure at its right end.
    pub(super) fn name(&mut self, row: usize, name: &str, figure: &str, strong: bool) {
        let (y, room) = (self.top(row) + 36.0, FIT.saturating_sub(figure.chars().count() + 1));
        self.over += &draw::text(LEFT, y, "start", "", &draw::clipped(name, room));
        let class = if strong { "strong" } else { "" };
        self.over += &draw::text(RIGHT, y, "end", class, figure);
    }

    /// Draws something over the rows.
    pub(super) fn add(&mut self, drawn: &str) {
        self.over += drawn;
    }

    /// Marks a value in every row, over what was drawn so far.
    pub(super) fn mark(&mut self, value: f64, style: &str) {
        self.over += &format!("<path fill=\"none\" {style} d=\"{}\"/>\n", self.broken(value));
    }

    /// The drawing; `unit` stands behind every label of the axis.
    pub(super) fn end(self, label: &str, unit: &str) -> String {
        let bottom = self.bottom();
        let line = format!(
            "<path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" \
             d=\"M{LEFT} {bottom}H{RIGHT}\"/>\n"
        );
        let labels = below(&self.axis, |v| self.x(v), bottom + 42.0, unit);
        draw::open(WIDTH, bottom + 62.0, label)
            + &self.under
            + &self.over
            + &line
            + &labels
            + "</svg>\n"
    }
}

/// Labels below an axis; one that would run into the one before it is left out.
pub(super) fn below(axis: &Axis, x: impl Fn(f64) -> f64, y: f64, unit: &str) -> String {
    let (mut out, mut free) = (String::new(), f64::NEG_INFINITY);
    for (value, label) in &axis.ticks {
        let label = format!("{label}{unit}");
        let half = label.chars().count() as f64 * LETTER / 2.0;
        let at = x(*value).min(WIDTH - half - 2.0).max(half + 2.0);
        if at - half >= free {
            out += &draw::text(at, y, "middle", "", &label);
            free = at + half + 14.0;
        }
    }
    out
}
