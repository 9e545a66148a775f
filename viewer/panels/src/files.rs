//! Asking for a path: what to open, where to save. It only asks; nothing is read or written here.

use crate::Action;
use crate::model::Model;
use crate::style;
use egui::{Id, Key, Modal, RichText, ScrollArea, Ui};
use std::path::PathBuf;

/// What a path is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Open,
    Save,
    Export,
    Screenshot,
}

/// What is being asked.
#[derive(Debug, Default)]
pub(crate) struct FileState {
    ask: Option<Ask>,
    path: String,
    future: usize,
    just_opened: bool,
}

impl FileState {
    pub(crate) fn is_open(&self) -> bool {
        self.ask.is_some()
    }

    pub(crate) fn close(&mut self) {
        self.ask = None;
    }

    /// Asks, with a path that is likely to be right.
    pub(crate) fn open(&mut self, ask: Ask, model: &Model) {
        self.ask = Some(ask);
        self.just_opened = true;
        self.future = model.shown_other().map_or(0, |(index, _)| index);
        self.path = self.suggestion(ask, model);
    }

    fn suggestion(&self, ask: Ask, model: &Model) -> String {
        let name = &model.catalog.name;
        let variant = match self.future {
            0 => name.clone(),
            i => format!("{name}-{}", file_name(model.futures.get(i).map_or("", |f| f.name))),
        };
        match ask {
            Ask::Open => {
                model.desk.scenarios.first().map_or(String::new(), |p| p.display().to_string())
            }
            Ask::Save => format!("{variant}.ron"),
            Ask::Export => format!("reports/out/{variant}"),
            Ask::Screenshot => {
                let when = model.catalog.local_time(model.now()).strftime("%Y-%m-%d-%H%M");
                format!("{name}-{when}.png")
            }
        }
    }
}

/// Letters, digits and dashes of a name.
fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    name.chars().map(safe).collect()
}

/// Shows the question, if there is one.
pub(crate) fn files(ui: &Ui, model: &Model, state: &mut FileState) -> Vec<Action> {
    let Some(ask) = state.ask else { return Vec::new() };
    let mut actions = Vec::new();
    let (title, what, button) = match ask {
        Ask::Open => ("Open a scenario", "Scenario file", "Open"),
        Ask::Save => ("Save as a scenario", "File to write", "Save"),
        Ask::Export => ("Export the report", "Folder to write", "Export"),
        Ask::Screenshot => ("Save a picture", "File to write", "Save"),
    };
    let modal = Modal::new(Id::new("files")).show(ui.ctx(), |ui| {
        ui.set_width((ui.ctx().content_rect().width() - 60.0).min(460.0));
        ui.label(RichText::new(title).heading().strong());
        if matches!(ask, Ask::Save | Ask::Export) && model.futures.len() > 1 {
            let before = state.future;
            ui.horizontal_wrapped(|ui| {
                for (i, future) in model.futures.iter().enumerate() {
                    ui.radio_value(&mut state.future, i, future.name);
                }
            });
            if state.future != before {
                state.path = state.suggestion(ask, model);
            }
        }
        let response = style::field(ui, &mut state.path, what, what, f32::INFINITY);
        if std::mem::take(&mut state.just_opened) {
            response.request_focus();
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if ask == Ask::Open && !model.desk.scenarios.is_empty() {
            ScrollArea::vertical().max_height(200.0).show(ui, |ui| {
                for path in &model.desk.scenarios {
                    let text = path.display().to_string();
                    let row = ui.selectable_label(state.path == text, &text);
                    if row.clicked() {
                        state.path.clone_from(&text);
                    }
                }
            });
        }
        ui.horizontal(|ui| {
            let ready = !state.path.trim().is_empty();
            let pressed = ui.add_enabled(ready, egui::Button::new(button)).clicked();
            if ready && (pressed || entered) {
                let path = PathBuf::from(state.path.trim());
                let future = state.future;
                actions.push(match ask {
                    Ask::Open => Action::Open(path),
                    Ask::Save => Action::Save { future, path },
                    Ask::Export => Action::Export { future, folder: path },
                    Ask::Screenshot => Action::Screenshot(path),
                });
                state.ask = None;
            }
            if ui.button("Cancel").clicked() {
                state.ask = None;
            }
        });
    });
    if modal.should_close() {
        state.close();
    }
    actions
}
