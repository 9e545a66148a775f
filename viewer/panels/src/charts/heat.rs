//! The heat map: a column for each day, a row for each hour of the site's clock, cividis for the
//! mean of a quantity. A click goes there.

use super::unit;
use crate::model::Model;
use crate::palette::cividis;
use crate::{Action, civil, number, style};
use egui::{
    Align2, Mesh, Rect, RichText, Sense, Stroke, TextStyle, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_player::Metric;
use gridtwin_twin::record::Catalog;
use jiff::civil::{Date, Time};

/// What the heat map remembers.
#[derive(Debug)]
pub(crate) struct HeatState {
    metric: Metric,
    /// The map, and what it was made from: quantity, future's edits, days known, run.
    kept: Option<((Metric, usize, usize, String), Heat)>,
    alternative: bool,
}

impl Default for HeatState {
    fn default() -> Self {
        Self { metric: Metric::Load, kept: None, alternative: false }
    }
}

/// Means by day and hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heat {
    /// The first day.
    pub(crate) first: Date,
    /// The mean of each hour, 24 a day; no number where nothing was measured.
    pub(crate) cells: Vec<f32>,
    /// The least mean.
    pub(crate) low: f32,
    /// The greatest mean.
    pub(crate) high: f32,
}

/// The map of a course whose intervals are `step` long.
pub(crate) fn heat(values: &[f32], step: Span, catalog: &Catalog) -> Heat {
    let first = catalog.local_time(SimTime::ZERO).date();
    let mut sums: Vec<(f64, u32)> = Vec::new();
    // Clocks are set only at full quarters of an hour.
    let (mut quarter, mut cell) = (u64::MAX, 0);
    for (i, value) in values.iter().enumerate() {
        let at = SimTime(step.0.saturating_mul(i as u64));
        if at.0 / (Span::HOUR.0 / 4) != quarter {
            quarter = at.0 / (Span::HOUR.0 / 4);
            let local = catalog.local_time(at);
            let day = (local.date() - first).get_days().max(0) as usize;
            cell = day * 24 + local.hour().clamp(0, 23) as usize;
            if sums.len() <= cell {
                sums.resize((day + 1) * 24, (0.0, 0));
            }
        }
        if value.is_finite() {
            sums[cell].0 += f64::from(*value);
            sums[cell].1 += 1;
        }
    }
    let mean = |(sum, n): &(f64, u32)| if *n > 0 { (sum / f64::from(*n)) as f32 } else { f32::NAN };
    let cells: Vec<f32> = sums.iter().map(mean).collect();
    let finite = || cells.iter().copied().filter(|v| v.is_finite());
    let (low, high) =
        (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    Heat { first, cells, low, high }
}

/// Shows the map.
pub(crate) fn heat_map(ui: &mut Ui, model: &Model, state: &mut HeatState) -> Vec<Action> {
    ui.horizontal(|ui| {
        super::difference::choose(ui, "heat", &mut state.metric);
        if let Some((_, other)) = model.shown_other() {
            ui.selectable_value(&mut state.alternative, false, model.base().name);
            ui.selectable_value(&mut state.alternative, true, other.name);
        }
        ui.weak("a column per day, a row per hour");
    });
    let other = model.shown_other().filter(|_| state.alternative);
    let (index, future) = other.unwrap_or((0, model.base()));
    let history = future.history;
    let per_day = (Span::DAY.0 / history.step().0.max(1)).max(1) as usize;
    let days = if future.known >= model.end { history.len() } else { history.len() / per_day };
    let key = (state.metric, days, index, format!("{} {}", model.catalog.name, future.edits.len()));
    if state.kept.as_ref().is_none_or(|(kept, _)| *kept != key) {
        let map = heat(history.metric(state.metric), history.step(), model.catalog);
        state.kept = Some((key, map));
    }
    let Some((_, map)) = &state.kept else { return Vec::new() };
    if map.cells.is_empty() || !map.high.is_finite() {
        ui.label(RichText::new("No data yet.").weak());
        return Vec::new();
    }
    draw(ui, model, map, state.metric)
}

fn draw(ui: &mut Ui, model: &Model, map: &Heat, metric: Metric) -> Vec<Action> {
    let size = ui.available_size().max(vec2(120.0, 80.0));
    let (outer, response) = ui.allocate_exact_size(size, Sense::click());
    let label = format!("Heat map of {}", metric.name());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &label));
    let rect = Rect::from_min_max(outer.min + vec2(42.0, 2.0), outer.max - vec2(92.0, 18.0));
    let days = map.cells.len() / 24;
    let cell = vec2(rect.width() / days as f32, rect.height() / 24.0);
    let corner =
        |day: usize, hour: usize| rect.min + vec2(day as f32 * cell.x, hour as f32 * cell.y);
    let share = |value: f32| (value - map.low) / (map.high - map.low).max(1e-9);
    let mut mesh = Mesh::default();
    for (i, value) in map.cells.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let gap = if cell.x > 6.0 { 0.5 } else { 0.0 };
        let min = corner(i / 24, i % 24);
        mesh.add_colored_rect(
            Rect::from_min_size(min, cell - vec2(gap, gap)),
            style::color(cividis(share(*value))),
        );
    }
    let painter = ui.painter();
    painter.add(mesh);
    let font = TextStyle::Small.resolve(ui.style());
    let weak = ui.visuals().weak_text_color();
    for hour in [0usize, 6, 12, 18] {
        let at = corner(0, hour) + vec2(-5.0, cell.y / 2.0);
        painter.text(at, Align2::RIGHT_CENTER, format!("{hour:02}:00"), font.clone(), weak);
    }
    let every = (days as f32 * 60.0 / rect.width()).ceil().max(1.0) as usize;
    for day in (0..days).step_by(every) {
        let date = date_of(map.first, day);
        let at = pos2(rect.left() + (day as f32 + 0.5) * cell.x, rect.bottom() + 2.0);
        let align = if cell.x > 44.0 { Align2::CENTER_TOP } else { Align2::LEFT_TOP };
        let at = if cell.x > 44.0 { at } else { pos2(corner(day, 0).x, at.y) };
        painter.text(at, align, date.strftime("%a %-d %b").to_string(), font.clone(), weak);
    }
    scale(ui, map, &unit(metric, model), rect);
    let now = model.catalog.local_time(model.now());
    let day = (now.date() - map.first).get_days().max(0) as usize;
    if day < days {
        let here = Rect::from_min_size(corner(day, now.hour().clamp(0, 23) as usize), cell);
        let ink = ui.visuals().strong_text_color();
        ui.painter().rect_stroke(
            here.expand(1.0),
            1.0,
            Stroke::new(1.5, ink),
            egui::StrokeKind::Outside,
        );
    }
    let place = |p: egui::Pos2| {
        let inside = rect.contains(p);
        let (day, hour) = ((p.x - rect.left()) / cell.x, (p.y - rect.top()) / cell.y);
        inside.then_some((day as usize, (hour as usize).min(23)))
    };
    let instant = |(day, hour): (usize, usize)| {
        let time = Time::new(hour as i8, 0, 0, 0).unwrap_or(Time::midnight());
        civil::instant(model.catalog, date_of(map.first, day), time)
    };
    let mut actions = Vec::new();
    let clicked = response.interact_pointer_pos().filter(|_| response.clicked());
    if let Some(at) = clicked.and_then(place).and_then(instant) {
        actions.push(Action::Seek(at.min(model.end)));
    }
    if let Some((day, hour)) = response.hover_pos().and_then(place)
        && let (Some(value), Some(at)) = (map.cells.get(day * 24 + hour), instant((day, hour)))
    {
        let value = number::with_unit(f64::from(*value), &unit(metric, model));
        let text = format!("{}\n{} {value}", civil::short(model.catalog, at), metric.name());
        response.on_hover_text_at_pointer(text);
    }
    actions
}

fn date_of(first: Date, day: usize) -> Date {
    first.checked_add(jiff::Span::new().days(day as i64)).unwrap_or(first)
}

/// The scale on the right, in the quantity's unit.
fn scale(ui: &Ui, map: &Heat, unit: &str, rect: Rect) {
    let bar = Rect::from_min_max(
        pos2(rect.right() + 12.0, rect.top()),
        pos2(rect.right() + 24.0, rect.bottom()),
    );
    let mut mesh = Mesh::default();
    let steps = 40;
    for i in 0..steps {
        let y = |k: usize| bar.bottom() - bar.height() * k as f32 / steps as f32;
        let strip = Rect::from_min_max(pos2(bar.left(), y(i + 1)), pos2(bar.right(), y(i)));
        mesh.add_colored_rect(strip, style::color(cividis((i as f32 + 0.5) / steps as f32)));
    }
    ui.painter().add(mesh);
    let font = TextStyle::Small.resolve(ui.style());
    let middle = (map.low + map.high) / 2.0;
    let ink = ui.visuals().text_color();
    for (value, y, align) in [
        (map.high, bar.top(), Align2::LEFT_TOP),
        (middle, bar.center().y, Align2::LEFT_CENTER),
        (map.low, bar.bottom(), Align2::LEFT_BOTTOM),
    ] {
        let text = number::with_unit(f64::from(value), unit);
        ui.painter().text(pos2(bar.right() + 4.0, y), align, text, font.clone(), ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::tests::catalog;

    #[test]
    fn means_keep_the_sum_and_stand_at_the_sites_hours() {
        let (catalog, _) = catalog("2024-06-17", 3);
        let values: Vec<f32> = (0..3 * 288).map(|i| (i % 97) as f32).collect();
        let map = heat(&values, Span::from_secs(300), &catalog);
        assert_eq!(map.cells.len(), 72);
        let sum: f32 = map.cells.iter().map(|c| c * 12.0).sum();
        assert!((sum / values.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let first: f32 = values[..12].iter().sum::<f32>() / 12.0;
        assert!((map.cells[0] - first).abs() < 1e-4);
    }

    #[test]
    fn the_hour_that_the_clocks_skip_is_empty() {
        let (catalog, _) = catalog("2024-03-30", 2);
        let map = heat(&[1.0; 48], Span::HOUR, &catalog);
        assert!(map.cells[24 + 2].is_nan());
        assert_eq!(map.cells[24 + 3], 1.0);
    }
}
