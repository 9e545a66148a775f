//! A small line of a quantity's course around the playhead, with the cursor in it; a click seeks.

use crate::charts::decimate::{Reduced, bucket, reduce};
use crate::model::{FutureModel, Model};
use crate::{Action, civil, number, style};
use egui::{Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};
use gridtwin_kernel::{SimTime, Span};

/// How much time a sparkline shows.
const SHOWN: Span = Span(48 * 3600 * 1_000_000_000);

/// Draws the course of `of` in the base case, and dashed in the alternative that is shown.
pub(crate) fn sparkline<'a>(
    ui: &mut Ui,
    model: &Model<'a>,
    name: &str,
    unit: &str,
    of: impl Fn(&FutureModel<'a>) -> Option<&'a [f32]>,
) -> Vec<Action> {
    let size = vec2(ui.available_width(), 56.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let end = model.end;
    let from = SimTime(model.now().0.saturating_sub(SHOWN.0 / 2))
        .min(SimTime(end.0.saturating_sub(SHOWN.0)));
    let until = (from + SHOWN).min(end);
    let width_h = (until - from).as_hours_f64().max(1e-9);
    let mut courses: Vec<(Vec<Reduced>, bool)> = Vec::new();
    let history = model.base().history;
    let range = history.interval(from)..history.interval(until).max(history.interval(from) + 1);
    let per_day = Span::DAY / history.step().max(Span(1));
    let size = bucket(&range, rect.width() as usize / 2, per_day as usize);
    for (future, dashed) in
        [(Some(model.base()), false), (model.shown_other().map(|(_, f)| f), true)]
    {
        if let Some(values) = future.and_then(&of) {
            courses.push((reduce(values, range.clone(), size), dashed));
        }
    }
    let all = || courses.iter().flat_map(|(points, _)| points);
    let low = all().map(|p| p.min).fold(0.0f32, f32::min);
    let high = all().map(|p| p.max).fold(f32::MIN, f32::max).max(low + 1e-3);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, ui.visuals().extreme_bg_color);
    let plot = rect.shrink2(vec2(2.0, 5.0));
    let x = |at: SimTime| {
        let share = (at.as_hours_f64() - from.as_hours_f64()) / width_h;
        plot.left() + share as f32 * plot.width()
    };
    let y = |value: f32| plot.bottom() - (value - low) / (high - low) * plot.height();
    let ink = style::ink(ui, crate::palette::SKY);
    for (points, dashed) in &courses {
        let line: Vec<_> = points
            .iter()
            .map(|p| pos2(x(history.time(p.first) + Span(history.step().0 / 2)), y(p.mean)))
            .collect();
        let stroke = Stroke::new(1.5, ink);
        match dashed {
            true => painter.extend(Shape::dashed_line(&line, stroke, 4.0, 3.0)),
            false => {
                painter.add(Shape::line(line, stroke));
            }
        }
    }
    let cursor = x(model.now());
    painter.vline(cursor, rect.y_range(), Stroke::new(1.0, ui.visuals().strong_text_color()));
    let font = egui::TextStyle::Small.resolve(ui.style());
    let weak = ui.visuals().weak_text_color();
    let write = |at, align: egui::Align2, text: String| {
        painter.text(at, align, text, font.clone(), weak);
    };
    let top = number::with_unit(f64::from(high), unit);
    write(rect.left_top() + vec2(4.0, 2.0), egui::Align2::LEFT_TOP, top);
    let (left, right) = (civil::short(model.catalog, from), civil::short(model.catalog, until));
    write(rect.left_bottom() + vec2(4.0, -2.0), egui::Align2::LEFT_BOTTOM, left);
    write(rect.right_bottom() + vec2(-4.0, -2.0), egui::Align2::RIGHT_BOTTOM, right);
    let label = format!("{name} over time");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &label));
    let at = |p: egui::Pos2| {
        let share = f64::from(((p.x - plot.left()) / plot.width().max(1.0)).clamp(0.0, 1.0));
        SimTime::from_secs_f64((from.as_hours_f64() + share * width_h) * 3600.0)
    };
    let mut actions = Vec::new();
    if let Some(p) =
        response.interact_pointer_pos().filter(|_| response.clicked() || response.dragged())
    {
        actions.push(Action::Seek(at(p)));
    }
    if let Some(p) = response.hover_pos() {
        let interval = history.interval(at(p));
        let value = of(model.base()).and_then(|v| v.get(interval)).copied();
        let value = value.map_or("–".to_owned(), |v| number::with_unit(f64::from(v), unit));
        let text = format!("{}\n{name} {value}", civil::short(model.catalog, at(p)));
        response.on_hover_text_at_pointer(text);
    }
    actions
}
