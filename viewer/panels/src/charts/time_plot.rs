//! The frame of every chart over time: the shared range, civil time below, the playhead as the
//! cursor. A click seeks, the wheel zooms, a drag moves, a double click shows the whole run.

use crate::model::Model;
use crate::{Action, civil, number};
use egui::{Color32, Stroke, Ui};
use egui_plot::{GridMark, HoverPosition, Plot, PlotUi, VLine};
use gridtwin_kernel::SimTime;
use std::ops::Range;

/// What a chart over time is.
pub(crate) struct Frame<'a> {
    /// Its name, for screen readers and as its identity.
    pub(crate) name: &'a str,
    /// The unit of what it shows.
    pub(crate) unit: &'a str,
    /// How high it is.
    pub(crate) height: f32,
    /// Whether the times stand below.
    pub(crate) times: bool,
}

/// Where the range of time begins and ends, in hours since the start.
pub(crate) fn bounds(model: &Model, range: Option<(f64, f64)>) -> (f64, f64) {
    let end = model.end.as_hours_f64().max(1e-6);
    let (from, to) = range.unwrap_or((0.0, end));
    (from.clamp(0.0, end), to.clamp(0.0, end))
}

/// The intervals of the range of time.
pub(crate) fn intervals(model: &Model, range: Option<(f64, f64)>) -> Range<usize> {
    let (from, to) = bounds(model, range);
    let history = model.base().history;
    let at = |hours: f64| history.interval(SimTime::from_secs_f64(hours * 3600.0));
    at(from)..at(to) + 1
}

/// Moves the range along, where the playhead plays out of it.
pub(crate) fn follow(model: &Model, range: &mut Option<(f64, f64)>) {
    let Some((from, to)) = *range else { return };
    let now = model.now().as_hours_f64();
    if model.playhead.is_playing() && !(from..=to).contains(&now) {
        let start = (now - (to - from) * 0.1).min(model.end.as_hours_f64() - (to - from)).max(0.0);
        *range = Some((start, start + (to - from)));
    }
}

/// Shows a chart; `add` draws into it.
pub(crate) fn time_plot<'a>(
    ui: &mut Ui,
    model: &'a Model<'a>,
    range: &mut Option<(f64, f64)>,
    frame: Frame<'a>,
    add: impl FnOnce(&mut PlotUi<'a>) + 'a,
) -> Vec<Action> {
    let (from, to) = bounds(model, *range);
    let now = model.now().as_hours_f64();
    let width = ui.available_width();
    let cursor = ui.visuals().strong_text_color();
    let unit = frame.unit.to_owned();
    let most = (width / 84.0).max(2.0) as usize;
    let height = frame.height;
    let counts = matches!(frame.unit, "tasks" | "decisions" | "view changes" | "ms");
    let grid = ui.visuals().widgets.noninteractive.bg_stroke.color;
    let plot = Plot::new(frame.name)
        .height(frame.height)
        .show_axes([frame.times, true])
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .set_margin_fraction(egui::vec2(0.0, 0.06))
        .y_axis_min_width(46.0)
        .show_x(false)
        .show_y(false)
        .grid_color(grid)
        .grid_fade(0.4)
        .include_y(0.0)
        .include_y(if counts { 1.0 } else { 0.0 })
        .x_grid_spacer(move |input| {
            let ticks = civil::ticks(model.catalog, input.bounds.0, input.bounds.1, most);
            let step = |major: bool| if major { 24.0 } else { (to - from) / most as f64 };
            ticks.iter().map(|t| GridMark { value: t.hours, step_size: step(t.major) }).collect()
        })
        .y_grid_spacer(move |input| levels(input.bounds.0, input.bounds.1, height))
        .grid_spacing(4.0..=44.0)
        .x_axis_formatter(move |mark, range| {
            // Half of it would be cut off at the edge.
            if mark.value > range.end() - (range.end() - range.start()) * 0.05 {
                return String::new();
            }
            civil::tick_label(model.catalog, mark.value, *range.start(), *range.end(), most)
        })
        .y_axis_formatter(move |mark, _| number::human(mark.value))
        .label_formatter(move |hover| match hover {
            HoverPosition::NearDataPoint { plot_name, position, .. } if !plot_name.is_empty() => {
                let value = number::with_unit(position.y, &unit);
                Some(format!(
                    "{plot_name} {value}\n{}",
                    civil::short(model.catalog, at_hours(position.x))
                ))
            }
            HoverPosition::NearDataPoint { position, .. }
            | HoverPosition::Elsewhere { position } => {
                Some(civil::short(model.catalog, at_hours(position.x)))
            }
        });
    let shown = plot.show(ui, move |plot| {
        plot.set_plot_bounds_x(from..=to);
        add(plot);
        plot.vline(VLine::new("", now).stroke(Stroke::new(1.2, cursor)).allow_hover(false));
    });
    let response = &shown.response;
    label(ui, response.rect, &frame);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::WidgetType::Image, true, format!("Chart of {}", frame.name))
    });
    let mut actions = Vec::new();
    let per_pixel = (to - from) / f64::from(response.rect.width().max(1.0));
    let pointer = response.hover_pos().map(|p| shown.transform.value_from_position(p).x);
    let end = model.end.as_hours_f64();
    if response.double_clicked() {
        *range = None;
    } else if response.clicked() {
        let at = response.interact_pointer_pos().map(|p| shown.transform.value_from_position(p).x);
        actions.extend(at.map(|x| Action::Seek(at_hours(x.clamp(0.0, end)))));
    } else if response.dragged() {
        let by = f64::from(-response.drag_delta().x) * per_pixel;
        let by = by.clamp(-from, (end - to).max(0.0));
        if by != 0.0 {
            *range = Some((from + by, to + by));
        }
    }
    let wheel = ui.input(|i| i.smooth_scroll_delta().y * 0.004 + (i.zoom_delta() - 1.0));
    if let (Some(x), true) = (pointer, wheel != 0.0) {
        *range = zoomed(from, to, x, f64::from(-wheel).exp(), end);
    }
    actions
}

/// Round levels of a vertical axis, not too many for its height.
fn levels(from: f64, to: f64, height: f32) -> Vec<GridMark> {
    let wanted = (to - from) / f64::from((height / 30.0).max(1.5));
    if !(wanted > 0.0 && wanted.is_finite()) {
        return Vec::new();
    }
    let power = 10f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * power);
    let step_size = step.into_iter().find(|s| *s >= wanted).unwrap_or(wanted);
    let first = (from / step_size).ceil() as i64;
    let last = (to / step_size).floor() as i64;
    (first..=last.min(first + 100))
        .map(|k| GridMark { value: k as f64 * step_size, step_size })
        .collect()
}

/// The range after zooming by `factor` around `x`: nothing where it is the whole run.
fn zoomed(from: f64, to: f64, x: f64, factor: f64, end: f64) -> Option<(f64, f64)> {
    let width = ((to - from) * factor).clamp(0.5f64.min(end), end);
    let share = ((x - from) / (to - from).max(1e-9)).clamp(0.0, 1.0);
    let start = (x - share * width).clamp(0.0, end - width);
    (width < end * 0.999).then_some((start, start + width))
}

fn at_hours(hours: f64) -> SimTime {
    SimTime::from_secs_f64(hours * 3600.0)
}

/// The unit, in the upper left corner.
fn label(ui: &Ui, rect: egui::Rect, frame: &Frame) {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley =
        ui.painter().layout_no_wrap(frame.unit.to_owned(), font, ui.visuals().weak_text_color());
    let at = rect.left_top() + egui::vec2(5.0, 3.0);
    let ground = ui.visuals().extreme_bg_color.gamma_multiply(0.75);
    ui.painter().rect_filled(egui::Rect::from_min_size(at, galley.size()).expand(2.0), 2.0, ground);
    ui.painter().galley(at, galley, Color32::PLACEHOLDER);
}

/// Buttons for the range of time.
pub(crate) fn ranges(ui: &mut Ui, model: &Model, range: &mut Option<(f64, f64)>) {
    let end = model.end.as_hours_f64();
    for (name, hours) in [("day", 24.0), ("week", 168.0), ("all", f64::INFINITY)] {
        let chosen = match *range {
            None => hours >= end,
            Some((from, to)) => (to - from - hours).abs() < 1e-6,
        };
        let label = ui.selectable_label(
            chosen && (hours.is_infinite() || hours < end),
            egui::RichText::new(name).small(),
        );
        if crate::style::named(label, &format!("Show {name}")).clicked() {
            *range = (hours < end).then(|| {
                let from = (model.now().as_hours_f64() - hours / 2.0).clamp(0.0, end - hours);
                (from, from + hours)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::zoomed;

    #[test]
    fn zooming_keeps_what_is_under_the_pointer_and_stays_within_the_run() {
        let (from, to) = zoomed(0.0, 100.0, 25.0, 0.5, 100.0).unwrap();
        assert!((to - from - 50.0).abs() < 1e-9);
        assert!(((25.0 - from) / (to - from) - 0.25).abs() < 1e-9);
        assert_eq!(zoomed(10.0, 60.0, 30.0, 9.0, 100.0), None);
        let (from, to) = zoomed(90.0, 100.0, 99.0, 2.0, 100.0).unwrap();
        assert!(from >= 0.0 && to <= 100.0 + 1e-9);
    }
}
