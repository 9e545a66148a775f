//! Messages over the scene: what went wrong, what is done, what is going on. They stay until they
//! are dismissed.

use crate::model::Model;
use crate::{number, style};
use egui::{Align2, Area, Id, Order, ProgressBar, Rect, RichText, Ui, vec2};
use std::collections::BTreeSet;

/// The messages.
#[derive(Debug, Default)]
pub(crate) struct Toasts {
    shown: Vec<Toast>,
    /// Jobs whose end has been dismissed.
    dismissed: BTreeSet<(usize, String)>,
}

#[derive(Debug, PartialEq)]
struct Toast {
    text: String,
    error: bool,
}

impl Toasts {
    pub(crate) fn push(&mut self, text: String, error: bool) {
        let toast = Toast { text, error };
        if !self.shown.contains(&toast) {
            self.shown.push(toast);
        }
        if self.shown.len() > 5 {
            self.shown.remove(0);
        }
    }
}

/// Shows them in a corner of the scene.
pub(crate) fn toasts(ui: &Ui, model: &Model, state: &mut Toasts, scene: Rect) {
    // Where jobs are gone, what was said of them is forgotten.
    state.dismissed.retain(|(i, what)| model.jobs.get(*i).is_some_and(|job| job.what == *what));
    if state.shown.is_empty() && model.jobs.is_empty() {
        return;
    }
    Area::new(Id::new("toasts"))
        .order(Order::Foreground)
        .pivot(Align2::RIGHT_TOP)
        .fixed_pos(scene.right_top() + vec2(-10.0, 40.0))
        .constrain_to(scene)
        .show(ui.ctx(), |ui| {
            ui.set_max_width((scene.width() - 20.0).clamp(120.0, 340.0));
            let mut closed = None;
            for (i, toast) in state.shown.iter().enumerate() {
                if message(ui, &toast.text, toast.error) {
                    closed = Some(i);
                }
            }
            if let Some(i) = closed {
                state.shown.remove(i);
            }
            for (i, job) in model.jobs.iter().enumerate() {
                let key = (i, job.what.clone());
                match &job.done {
                    _ if state.dismissed.contains(&key) => {}
                    Some(result) => {
                        let (text, error) = match result {
                            Ok(text) => (format!("{}: {text}", job.what), false),
                            Err(text) => (format!("{}: {text}", job.what), true),
                        };
                        if message(ui, &text, error) {
                            state.dismissed.insert(key);
                        }
                    }
                    None => {
                        style::glass(ui).show(ui, |ui| {
                            ui.label(&job.what);
                            let share = job.progress.clamp(0.0, 1.0);
                            let text = number::percent(f64::from(share));
                            ui.add(ProgressBar::new(share).text(text).desired_width(220.0));
                        });
                    }
                }
            }
        });
}

/// A message; whether it was dismissed.
fn message(ui: &mut Ui, text: &str, error: bool) -> bool {
    style::glass(ui)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let (symbol, ink) = if error {
                    ("⚠", ui.visuals().error_fg_color)
                } else {
                    ("✔", style::ink(ui, crate::palette::GREEN))
                };
                ui.label(RichText::new(symbol).color(ink).strong());
                let width = ui.available_width() - 34.0;
                ui.allocate_ui(vec2(width, 0.0), |ui| ui.add(egui::Label::new(text).wrap()));
                style::symbol(ui, "✖", "Dismiss", "").clicked()
            })
            .inner
        })
        .inner
}
