//! The bar at the bottom: play, step, speed, the site's clock, jumping to a typed time, looping, and
//! the scrubber below them.

use crate::model::Model;
use crate::scrubber::{self, ScrubberState};
use crate::{Action, civil, number, style};
use egui::{ComboBox, RichText, Ui};
use gridtwin_kernel::SimTime;
use gridtwin_player::SPEEDS;

/// What the bar remembers.
#[derive(Debug, Default)]
pub(crate) struct TimeState {
    pub(crate) scrubber: ScrubberState,
    jump: String,
    jump_failed: bool,
    /// Where a loop is to begin, until its end is set too.
    pub(crate) loop_from: Option<SimTime>,
}

/// Shows the bar.
pub(crate) fn time_bar(ui: &mut Ui, model: &Model, state: &mut TimeState) -> Vec<Action> {
    let mut actions = Vec::new();
    let wide = ui.available_width() > 860.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        transport(ui, model, &mut actions);
        ui.add_space(6.0);
        ui.label(RichText::new(civil::long(model.catalog, model.now())).size(15.0).strong());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            jump(ui, model, state, if wide { 150.0 } else { 92.0 }, &mut actions);
            if wide {
                loop_range(ui, model, state, &mut actions);
                progress(ui, model);
            }
        });
    });
    actions.extend(scrubber::scrubber(ui, model, &mut state.scrubber));
    actions
}

fn transport(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let playing = model.playhead.is_playing();
    if style::symbol(ui, "⏮", "Previous event", "Shift+Left").clicked() {
        actions.push(Action::PreviousEvent);
    }
    if style::symbol(ui, "⏴", "Step back", "Left").clicked() {
        actions.push(Action::Step(-1));
    }
    let (mark, name) = if playing { ("⏸", "Pause") } else { ("▶", "Play") };
    let play = egui::Button::new(RichText::new(mark).size(15.0))
        .fill(ui.visuals().selection.bg_fill)
        .min_size(egui::vec2(34.0, 22.0));
    let play = style::named(ui.add(play), name).on_hover_text(format!("{name}  (Space)"));
    if play.clicked() {
        actions.push(Action::TogglePlay);
    }
    if style::symbol(ui, "⏵", "Step", "Right").clicked() {
        actions.push(Action::Step(1));
    }
    if style::symbol(ui, "⏭", "Next event", "Shift+Right").clicked() {
        actions.push(Action::NextEvent);
    }
    let speed = model.playhead.speed();
    let chooser = ComboBox::from_id_salt("speed")
        .selected_text(number::speed(speed))
        .width(66.0)
        .height(300.0)
        .show_ui(ui, |ui| {
            for choice in SPEEDS {
                if ui.selectable_label(choice == speed, speed_words(choice)).clicked() {
                    actions.push(Action::SetSpeed(choice));
                }
            }
        });
    style::named(chooser.response, "Speed")
        .on_hover_text(format!("{}  (, slower  . faster)", speed_words(speed)));
}

/// A speed, and what it makes of a second.
pub(crate) fn speed_words(speed: f64) -> String {
    let a_second = match speed {
        s if s < 60.0 => format!("{} s", number::human(s)),
        s if s < 3600.0 => format!("{} min", number::human(s / 60.0)),
        s => format!("{} h", number::human(s / 3600.0)),
    };
    match speed {
        1.0 => "1×, real time".to_owned(),
        s => format!("{}, {a_second} a second", number::speed(s)),
    }
}

fn jump(ui: &mut Ui, model: &Model, state: &mut TimeState, width: f32, actions: &mut Vec<Action>) {
    if state.jump_failed {
        ui.visuals_mut().widgets.inactive.bg_stroke =
            egui::Stroke::new(1.0, ui.visuals().error_fg_color);
    }
    let response = style::field(ui, &mut state.jump, "Go to time", "go to: Tue 14:30", width);
    if response.changed() {
        state.jump_failed = false;
    }
    let help = "Type a local time: 14:30, noon, Tue 9:00, 18 Jun 12:00, day 3, +2h, -30min, end";
    if response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) {
        match civil::parse(&state.jump, model.catalog, model.now(), model.end) {
            Some(at) => {
                actions.push(Action::Seek(at));
                state.jump.clear();
            }
            None => {
                state.jump_failed = true;
                response.request_focus();
            }
        }
    }
    if state.jump_failed {
        response.show_tooltip_text(format!("This is not a time. {help}"));
    } else {
        response.on_hover_text(help);
    }
}

fn loop_range(ui: &mut Ui, model: &Model, state: &mut TimeState, actions: &mut Vec<Action>) {
    let looped = model.playhead.looped();
    if looped.is_some() && style::symbol(ui, "✖", "Stop looping", "\\").clicked() {
        actions.push(Action::Loop(None));
        state.loop_from = None;
    }
    if style::symbol(ui, "]", "Loop until here", "]").clicked() {
        actions.extend(loop_until(model, state));
    }
    if style::symbol(ui, "[", "Loop from here", "[").clicked() {
        actions.extend(loop_from(model, state));
    }
    match (looped, state.loop_from) {
        (Some((from, until)), _) => {
            let text = format!("🔁 {}", gap(from, until));
            ui.label(text).on_hover_text(format!(
                "Loops from {} to {}",
                civil::short(model.catalog, from),
                civil::short(model.catalog, until)
            ));
        }
        (None, Some(from)) => {
            ui.label(
                RichText::new(format!("🔁 from {}", civil::short(model.catalog, from))).weak(),
            );
        }
        (None, None) => {}
    }
}

fn gap(from: SimTime, until: SimTime) -> String {
    let hours = (until - from).as_hours_f64();
    match hours {
        h if h < 1.0 => number::with_unit(h * 60.0, "min"),
        h if h < 48.0 => number::with_unit(h, "h"),
        h => number::with_unit(h / 24.0, "days"),
    }
}

/// The loop begins at the playhead.
pub(crate) fn loop_from(model: &Model, state: &mut TimeState) -> Option<Action> {
    let now = model.now();
    match model.playhead.looped() {
        Some((_, until)) if now < until => Some(Action::Loop(Some((now, until)))),
        _ => {
            state.loop_from = Some(now);
            None
        }
    }
}

/// The loop ends at the playhead; it begins where that was set, or at the start.
pub(crate) fn loop_until(model: &Model, state: &mut TimeState) -> Option<Action> {
    let from = state.loop_from.take().or(model.playhead.looped().map(|(from, _)| from));
    let (from, now) = (from.unwrap_or(SimTime::ZERO), model.now());
    let (from, until) = (from.min(now), from.max(now));
    (from < until).then_some(Action::Loop(Some((from, until))))
}

fn progress(ui: &mut Ui, model: &Model) {
    let known = model.futures.iter().map(|f| f.known).min().unwrap_or(model.end);
    if known < model.end {
        let share = known.as_hours_f64() / model.end.as_hours_f64().max(1e-9);
        ui.label(RichText::new(format!("simulated {}", number::percent(share.min(0.999)))).weak());
    }
}
