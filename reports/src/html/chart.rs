//! A chart as data, and its drawing by plotters. Charts are drawn on a canvas about twice as fine as
//! the screen, because plotters rounds to whole units, and scaled by the page.

use super::ink::{Ink, colour};
use super::markup::{Key, open_svg};
use crate::Error;
use crate::number::{duration, human};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The canvas is this wide.
pub(crate) const WIDTH: u32 = 1800;
/// Letters on the canvas: plotters divides what it is told by 1.24.
const FONT: f64 = 26.0 * 1.24;

/// Points, in the axes' units.
pub(crate) type Points = Vec<(f64, f64)>;

/// Something drawn over the axes.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// Between two courses with the same x; lower first.
    Area(Ink, Points, Points),
    /// A line, in pieces.
    Line(Ink, Vec<Points>),
    /// A rectangle from (x, y) to (x, y).
    Block(Ink, (f64, f64), (f64, f64)),
    /// A shade over the plot's whole height.
    Shade(Ink, f64, f64),
    /// An upright line at x from y to y.
    Tick(Ink, f64, f64, f64),
}

/// A chart: axes and what is drawn over them, in order.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What it shows, for those who cannot see it.
    pub(crate) label: String,
    /// Height of the canvas.
    pub(crate) height: u32,
    /// Room for the names beside the y axis.
    pub(crate) margin: u32,
    /// From, to.
    pub(crate) x: (f64, f64),
    /// Marks of the x axis.
    pub(crate) x_ticks: Vec<(f64, String)>,
    /// From, to.
    pub(crate) y: (f64, f64),
    /// Marks of the y axis.
    pub(crate) y_ticks: Vec<(f64, String)>,
    /// The y axis's unit.
    pub(crate) unit: String,
    /// Whether the y axis counts powers of ten of a millisecond.
    pub(crate) log: bool,
    /// What is drawn.
    pub(crate) marks: Vec<Mark>,
}

/// A span that holds both ends, and round numbers in it to mark.
pub(crate) fn round_ticks(low: f64, high: f64) -> ((f64, f64), Vec<(f64, String)>) {
    let high = if high > low { high } else { low + 1.0 };
    let rough = (high - low) / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
    let ticks = (first..=last).map(|k| k as f64 * step).map(|v| (v, human(v))).collect();
    ((first as f64 * step, last as f64 * step), ticks)
}

fn style(ink: Ink) -> RGBColor {
    let (r, g, b) = ink.stand_in();
    RGBColor(r, g, b)
}

impl Chart {
    /// The drawing, with the range of each of the legend's lines and areas for those who cannot see
    /// it.
    ///
    /// # Errors
    /// What plotters says, with the chart's label.
    pub(crate) fn draw(&self, keys: &[(Key, String)]) -> Result<String, Error> {
        let ranges = keys.iter().filter_map(|(key, name)| {
            let (low, high) = self.range(*key)?;
            Some(match self.log {
                true => {
                    let [low, high] = [low, high].map(|v| duration(10f64.powf(v) / 1000.0));
                    format!("{name}: {low} to {high}.")
                }
                false => format!("{name}: {} to {} {}.", human(low), human(high), self.unit),
            })
        });
        self.draw_as(&ranges.collect::<Vec<_>>().join(" "))
    }

    /// The least and the greatest value of what an entry of the legend stands for.
    fn range(&self, key: Key) -> Option<(f64, f64)> {
        let values = self.marks.iter().flat_map(|mark| -> Vec<f64> {
            match (mark, key) {
                (Mark::Line(ink, pieces), Key::Line(wanted)) if *ink == wanted => {
                    pieces.iter().flatten().map(|(_, y)| *y).collect()
                }
                (Mark::Area(ink, lower, upper), Key::Area(wanted)) if *ink == wanted => {
                    match wanted {
                        Ink::Band(_) => lower.iter().chain(upper).map(|(_, y)| *y).collect(),
                        _ => lower.iter().zip(upper).map(|(a, b)| (b.1 - a.1).abs()).collect(),
                    }
                }
                _ => Vec::new(),
            }
        });
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = values.fold(start, |(low, high), v| (low.min(v), high.max(v)));
        (low <= high).then_some((low, high))
    }

    /// The drawing, with what it shows in these words.
    ///
    /// # Errors
    /// What plotters says, with the chart's label.
    pub(crate) fn draw_as(&self, description: &str) -> Result<String, Error> {
        let mut svg = String::new();
        self.draw_on(&mut svg)
            .map_err(|reason| Error::Plot { plot: self.label.clone(), reason })?;
        // plotters' own opening, with a fixed size, gives way to ours.
        let body = svg.split_once(">\n").map_or("", |(_, body)| body);
        let lean = body
            .replace(" opacity=\"1\"", "")
            .replace(" stroke=\"none\"", "")
            .replace(" \"/>", "\"/>")
            .replace(" font-family=\"sans-serif\"", "")
            .replace("\n</text>", "</text>");
        Ok(open_svg(WIDTH, self.height, &self.label, description) + &colour(lean))
    }

    fn draw_on(&self, svg: &mut String) -> Result<(), String> {
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let root = SVGBackend::with_string(svg, (WIDTH, self.height)).into_drawing_area();
        let letters = style(Ink::Text);
        let font = TextStyle::from(("sans-serif", FONT).into_font()).color(&letters);
        let mut chart = ChartBuilder::on(&root)
            .margin_top(74)
            .margin_right(104)
            .margin_bottom(6)
            .margin_left(6)
            .x_label_area_size(54)
            .y_label_area_size(self.margin)
            .build_cartesian_2d(
                Axis { range: self.x, ticks: self.x_ticks.clone() },
                Axis { range: self.y, ticks: self.y_ticks.clone() },
            )
            .map_err(|e| text(&e))?;
        for mark in &self.marks {
            if let Mark::Shade(ink, from, to) = mark {
                let corners = [(*from, self.y.0), (*to, self.y.1)];
                chart
                    .draw_series([Rectangle::new(corners, style(*ink).filled())])
                    .map_err(|e| text(&e))?;
            }
        }
        chart
            .configure_mesh()
            .set_tick_mark_size(LabelAreaPosition::Bottom, 14)
            .x_labels(self.x_ticks.len())
            .y_labels(self.y_ticks.len())
            .bold_line_style(style(Ink::Faint))
            .light_line_style(TRANSPARENT)
            .axis_style(style(Ink::Axis))
            .label_style(font.clone())
            .draw()
            .map_err(|e| text(&e))?;
        for mark in &self.marks {
            match mark {
                Mark::Area(ink, lower, upper) => {
                    let around = lower.iter().chain(upper.iter().rev()).copied();
                    let around = around.collect::<Vec<_>>();
                    if around.len() > 2 {
                        chart.draw_series([Polygon::new(around, style(*ink).filled())])
                    } else {
                        continue;
                    }
                }
                Mark::Line(ink, pieces) => {
                    let line = style(*ink).stroke_width(4);
                    let pieces = pieces.iter().filter(|p| p.len() > 1);
                    chart.draw_series(pieces.map(|p| PathElement::new(p.clone(), line)))
                }
                Mark::Block(ink, low, high) => {
                    chart.draw_series([Rectangle::new([*low, *high], style(*ink).filled())])
                }
                Mark::Tick(ink, x, low, high) => {
                    let line = style(*ink).stroke_width(4);
                    chart.draw_series([PathElement::new(vec![(*x, *low), (*x, *high)], line)])
                }
                Mark::Shade(..) => continue,
            }
            .map_err(|e| text(&e))?;
        }
        if self.y.0 < 0.0 && self.y.1 > 0.0 {
            let zero = PathElement::new(
                vec![(self.x.0, 0.0), (self.x.1, 0.0)],
                style(Ink::Axis).stroke_width(2),
            );
            chart.draw_series([zero]).map_err(|e| text(&e))?;
        }
        let unit = font.pos(Pos::new(HPos::Left, VPos::Top));
        root.draw_text(&self.unit, &unit, (10, 8)).map_err(|e| text(&e))?;
        root.present().map_err(|e| text(&e))
    }
}

/// An axis with marks of our own choice.
#[derive(Clone, Debug)]
struct Axis {
    range: (f64, f64),
    ticks: Vec<(f64, String)>,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.0) / (self.range.1 - self.range.0);
        limit.0 + (share.clamp(0.0, 1.0) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map_or(String::new(), |(_, label)| label.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_data() {
        for (low, high) in [(0.0, 0.37), (-12.0, 130.0), (0.0, 0.0), (0.0, 4_321.0), (-0.2, 1.0)] {
            let ((from, to), ticks) = round_ticks(low, high);
            assert!(
                from <= low && to >= high && (2..=9).contains(&ticks.len()),
                "{low} {high} {ticks:?}"
            );
        }
    }
}
