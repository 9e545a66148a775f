//! The line of the whole run below the transport: where the playhead is, how far it has been
//! simulated, day and night, the loop, and a mark for each event. A click or a drag seeks, a drag
//! with Shift sets the loop.

use crate::marks::{self, Class};
use crate::model::Model;
use crate::{Action, civil, style};
use egui::{Align2, Color32, Pos2, Rect, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};
use gridtwin_kernel::SimTime;
use gridtwin_player::Metric;

/// What the scrubber remembers.
#[derive(Debug, Default)]
pub(crate) struct ScrubberState {
    /// Where a loop is being drawn from.
    drawn_from: Option<SimTime>,
    marks: Vec<Mark>,
    marks_key: (Vec<usize>, u32, SimTime),
}

/// A mark: the pixel, what it is about, the future and the index of its event there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    x: f32,
    class: Class,
    future: usize,
    event: usize,
}

const HEIGHT: f32 = 40.0;
/// Marks stand here, from the top.
const LANE: f32 = 8.0;

/// Shows the scrubber.
pub(crate) fn scrubber(ui: &mut Ui, model: &Model, state: &mut ScrubberState) -> Vec<Action> {
    let mut actions = Vec::new();
    let size = vec2(ui.available_width(), HEIGHT);
    let (outer, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let rect = outer.shrink2(vec2(6.0, 0.0));
    let scale = Scale { rect, end_h: model.end.as_hours_f64().max(1e-9) };
    response.widget_info(|| WidgetInfo::slider(true, model.now().as_hours_f64(), "Time line"));
    if !ui.is_rect_visible(outer) {
        return actions;
    }
    let track = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 15.0),
        pos2(rect.right(), rect.top() + 23.0),
    );
    let dark = ui.visuals().dark_mode;
    let painter = ui.painter().with_clip_rect(outer.intersect(ui.clip_rect()));
    painter.rect_filled(track, 3.0, ui.visuals().extreme_bg_color);
    let known = model.futures.iter().map(|f| f.known).min().unwrap_or(model.end);
    let known_rect = track.with_max_x(scale.x(known.min(model.end)));
    let buffer = ui.visuals().widgets.inactive.bg_fill;
    painter.rect_filled(known_rect, 3.0, buffer);
    nights(&painter, model, &scale, track, known, dark);
    let done = track.with_max_x(scale.x(model.now()));
    let accent = style::color(crate::palette::SKY);
    painter.rect_filled(
        Rect::from_min_max(pos2(done.left(), track.bottom() - 2.5), done.max),
        1.0,
        accent,
    );
    let looped = model.playhead.looped();
    if let Some((from, until)) = looped {
        let area = Rect::from_min_max(
            pos2(scale.x(from), rect.top()),
            pos2(scale.x(until), track.bottom()),
        );
        painter.rect_filled(area, 2.0, accent.gamma_multiply(0.22));
        for x in [area.left(), area.right()] {
            painter.vline(x, area.y_range(), Stroke::new(1.5, accent));
        }
    }
    axis(ui, &painter, model, &scale, track);
    find_marks(model, &scale, state);
    for mark in &state.marks {
        marks::draw(&painter, mark.class, pos2(mark.x, rect.top() + LANE), mark.future == 0, dark);
    }
    let x = scale.x(model.now());
    let strong = ui.visuals().strong_text_color();
    painter.vline(x, outer.top()..=track.bottom() + 3.0, Stroke::new(2.0, strong));
    let knob = pos2(x, track.center().y);
    painter.circle(knob, 5.5, accent, Stroke::new(1.5, strong));
    if response.has_focus() {
        painter.rect_stroke(
            outer.shrink(1.0),
            3.0,
            ui.visuals().selection.stroke,
            egui::StrokeKind::Inside,
        );
    }
    pointer(ui, model, state, &scale, &response, &mut actions);
    actions
}

/// From instants to pixels and back.
struct Scale {
    rect: Rect,
    end_h: f64,
}

impl Scale {
    fn x(&self, at: SimTime) -> f32 {
        self.rect.left() + (at.as_hours_f64() / self.end_h) as f32 * self.rect.width()
    }

    fn at(&self, x: f32) -> SimTime {
        let share = ((x - self.rect.left()) / self.rect.width().max(1.0)).clamp(0.0, 1.0);
        SimTime::from_secs_f64(f64::from(share) * self.end_h * 3600.0)
    }
}

/// Shades the hours without sun, where days are wide enough to tell.
fn nights(
    painter: &egui::Painter,
    model: &Model,
    scale: &Scale,
    track: Rect,
    known: SimTime,
    dark: bool,
) {
    let history = model.base().history;
    let sun = history.metric(Metric::Ghi);
    if scale.end_h > 24.0 * 21.0 || sun.is_empty() {
        return;
    }
    let shade = Color32::from_black_alpha(if dark { 110 } else { 60 });
    let mut from: Option<f32> = None;
    let last = scale.x(known).min(track.right());
    let mut x = track.left();
    while x <= last {
        let night = sun.get(history.interval(scale.at(x))).is_some_and(|ghi| *ghi < 5.0);
        match (night, from) {
            (true, None) => from = Some(x),
            (false, Some(begin)) => {
                painter.rect_filled(track.with_min_x(begin).with_max_x(x), 0.0, shade);
                from = None;
            }
            _ => {}
        }
        x += 2.0;
    }
    if let Some(begin) = from {
        painter.rect_filled(track.with_min_x(begin).with_max_x(last), 0.0, shade);
    }
}

fn axis(ui: &Ui, painter: &egui::Painter, model: &Model, scale: &Scale, track: Rect) {
    let most = (scale.rect.width() / 74.0) as usize;
    let font = TextStyle::Small.resolve(ui.style());
    let mut free_from = f32::MIN;
    for tick in civil::ticks(model.catalog, 0.0, scale.end_h, most) {
        let x = scale.x(SimTime::from_secs_f64(tick.hours * 3600.0));
        let ink =
            if tick.major { ui.visuals().text_color() } else { ui.visuals().weak_text_color() };
        let below = track.bottom();
        painter.vline(x, below..=below + 4.0, Stroke::new(1.0, ink));
        let align = match x {
            x if x < scale.rect.left() + 24.0 => Align2::LEFT_TOP,
            x if x > scale.rect.right() - 24.0 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        let galley = painter.layout_no_wrap(tick.label, font.clone(), ink);
        let place = align.anchor_size(pos2(x, below + 4.0), galley.size());
        if place.left() > free_from {
            free_from = place.right() + 6.0;
            painter.galley(place.min, galley, ink);
        }
    }
}

/// Which futures' events have marks.
fn marked(model: &Model) -> impl Iterator<Item = usize> {
    [Some(0), model.shown_other().map(|(index, _)| index)].into_iter().flatten()
}

/// The marks, at most one of a class in a few pixels; made anew only where something has changed.
fn find_marks(model: &Model, scale: &Scale, state: &mut ScrubberState) {
    let lengths: Vec<usize> =
        marked(model).flat_map(|i| [i, model.futures[i].events.len()]).collect();
    let place = (scale.rect.left() + scale.rect.width() * 7919.0).to_bits();
    let key = (lengths, place, model.end);
    if state.marks_key == key {
        return;
    }
    state.marks.clear();
    for future in marked(model) {
        let mut last = [f32::MIN; Class::ALL.len()];
        for (event, what) in model.futures[future].events.iter().enumerate() {
            let class = Class::of(&what.kind);
            let x = scale.x(what.at);
            if x - last[class as usize] >= 4.0 {
                last[class as usize] = x;
                state.marks.push(Mark { x, class, future, event });
            }
        }
    }
    state.marks.sort_by_key(|mark| mark.class);
    state.marks_key = key;
}

/// The mark under the pointer: the nearest, and of those the weightiest.
fn mark_at(state: &ScrubberState, rect: Rect, at: Pos2) -> Option<Mark> {
    let near = |mark: &&Mark| (mark.x - at.x).abs() <= 5.0;
    let within = (rect.top() - 1.0..=rect.top() + LANE + 7.0).contains(&at.y);
    within.then(|| state.marks.iter().filter(near).max_by_key(|m| m.class).copied()).flatten()
}

fn pointer(
    ui: &Ui,
    model: &Model,
    state: &mut ScrubberState,
    scale: &Scale,
    response: &egui::Response,
    actions: &mut Vec<Action>,
) {
    if response.has_focus() {
        let filter = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
        if pressed(egui::Key::ArrowRight) {
            actions.push(Action::Step(1));
        }
        if pressed(egui::Key::ArrowLeft) {
            actions.push(Action::Step(-1));
        }
    }
    let Some(at) = response.interact_pointer_pos().or(response.hover_pos()) else { return };
    let time = scale.at(at.x);
    let shift = ui.input(|i| i.modifiers.shift);
    if response.drag_started() && shift {
        let origin = ui.input(|i| i.pointer.press_origin()).unwrap_or(at);
        state.drawn_from = Some(scale.at(origin.x));
    }
    let mark = mark_at(state, scale.rect, at);
    if let Some(from) = state.drawn_from {
        if from != time {
            actions.push(Action::Loop(Some((from.min(time), from.max(time)))));
        }
        if response.drag_stopped() {
            state.drawn_from = None;
        }
    } else if response.dragged() {
        actions.push(Action::Seek(time));
    } else if response.clicked() {
        let event = mark.and_then(|m| model.futures.get(m.future)?.events.get(m.event));
        actions.push(Action::Seek(event.map_or(time, |event| event.at)));
    }
    let told = mark.and_then(|m| Some((m, model.futures.get(m.future)?.events.get(m.event)?)));
    response.clone().on_hover_ui_at_pointer(|ui| match told {
        Some((mark, event)) => {
            ui.strong(civil::short(model.catalog, event.at));
            ui.weak(mark.class.name());
            ui.label(marks::words(&event.kind, model.catalog));
            if mark.future > 0 {
                ui.weak(format!("in {}", model.futures[mark.future].name));
            }
        }
        None => {
            ui.label(civil::short(model.catalog, time));
            if model.futures.iter().any(|f| time > f.known) {
                ui.weak("not simulated yet");
            }
            ui.weak("Shift+drag: loop a range");
        }
    });
}
