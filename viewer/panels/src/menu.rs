//! The bar at the top: files, what is shown, what colours the world, bookmarks, undo and redo.

use crate::files::Ask;
use crate::keys::{self, Command};
use crate::model::Model;
use crate::state::{PanelState, Tab};
use crate::{Action, Overlay, style, what_if};
use egui::{Button, ComboBox, MenuBar, RichText, ThemePreference, Ui};

/// Shows the bar.
pub(crate) fn menu(ui: &mut Ui, model: &Model, state: &mut PanelState) -> Vec<Action> {
    let mut actions = Vec::new();
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| file(ui, model, state, &mut actions));
        ui.menu_button("View", |ui| view(ui, model, state, &mut actions));
        ui.menu_button("Bookmarks", |ui| bookmarks(ui, model, &mut actions));
        ui.menu_button("Help", |ui| {
            if item(ui, "Find anything", Command::Palette) {
                actions.push(Action::Palette(true));
            }
            if item(ui, "Keyboard shortcuts", Command::Keys) {
                actions.push(Action::Keys(true));
            }
        });
        ui.separator();
        overlay(ui, model, &mut actions);
        what_if::undo_redo(ui, model, &mut actions);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            panes(ui, state);
            if ui.available_width() > 150.0 {
                if style::symbol(ui, "🔍", "Find anything", "Ctrl+P").clicked() {
                    actions.push(Action::Palette(true));
                }
                let running = model.jobs.iter().filter(|job| job.done.is_none()).count();
                if running > 0 {
                    ui.spinner();
                    ui.label(format!("{running} running"));
                }
            }
            if model.desk.frame_ms > 0.0 && ui.available_width() > 260.0 {
                let text = format!("{:.0} ms a frame", model.desk.frame_ms);
                ui.label(RichText::new(text).weak().small());
            }
        });
    });
    actions
}

fn item(ui: &mut Ui, name: &str, command: Command) -> bool {
    let button = Button::new(name).shortcut_text(keys::label_of(command));
    style::named(ui.add(button), name).clicked()
}

fn file(ui: &mut Ui, model: &Model, state: &mut PanelState, actions: &mut Vec<Action>) {
    for (name, command, ask) in [
        ("Open a scenario…", Command::Open, Ask::Open),
        ("Save as a scenario…", Command::Save, Ask::Save),
        ("Export the report…", Command::Export, Ask::Export),
        ("Save a picture…", Command::Screenshot, Ask::Screenshot),
    ] {
        if item(ui, name, command) {
            actions.extend(state.ask(ask, model));
        }
    }
    ui.separator();
    if item(ui, "Quit", Command::Quit) {
        actions.push(Action::Quit);
    }
}

fn view(ui: &mut Ui, model: &Model, state: &mut PanelState, actions: &mut Vec<Action>) {
    for (name, command) in [
        ("Components", Command::Tree),
        ("Inspector", Command::Inspector),
        ("What if", Command::WhatIf),
        ("Charts", Command::Charts),
        ("Compare", Command::Compare),
    ] {
        if item(ui, name, command) {
            actions.extend(keys::carry_out(command, model, state));
        }
    }
    ui.separator();
    if item(ui, "Bring into view", Command::Frame) {
        actions.push(Action::Frame);
    }
    ui.separator();
    ui.horizontal(|ui| {
        ui.label("Size");
        for scale in [0.75f32, 1.0, 1.25, 1.5, 2.0] {
            let text = format!("{:.0} %", scale * 100.0);
            let on = (model.desk.ui_scale - scale).abs() < 0.01;
            let label = ui.selectable_label(on, &text);
            if style::named(label, &format!("Size {text}")).clicked() {
                actions.push(Action::UiScale(scale));
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label("Theme");
        let mut theme = ui.ctx().options(|o| o.theme_preference);
        let before = theme;
        for (choice, name) in [
            (ThemePreference::Dark, "dark"),
            (ThemePreference::Light, "light"),
            (ThemePreference::System, "system"),
        ] {
            ui.selectable_value(&mut theme, choice, name);
        }
        if theme != before {
            ui.ctx().set_theme(theme);
        }
    });
    let mut names = model.desk.names;
    if ui.checkbox(&mut names, "Show names").changed() {
        actions.push(Action::Names(names));
    }
    let mut still = model.desk.reduced_motion;
    if ui.checkbox(&mut still, "Reduce motion").changed() {
        actions.push(Action::ReducedMotion(still));
    }
}

fn bookmarks(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    for i in 1..=9u8 {
        let kept = model.desk.bookmarks[usize::from(i) - 1];
        let go = Button::new(format!("Go to bookmark {i}")).shortcut_text(format!("Alt+{i}"));
        if ui.add_enabled(kept, go).clicked() {
            actions.push(Action::GoToBookmark(i));
        }
    }
    ui.separator();
    ui.menu_button("Save the camera as", |ui| {
        for i in 1..=9u8 {
            let kept = if model.desk.bookmarks[usize::from(i) - 1] { " (replace)" } else { "" };
            let keep =
                Button::new(format!("Bookmark {i}{kept}")).shortcut_text(format!("Ctrl+{i}"));
            if ui.add(keep).clicked() {
                actions.push(Action::KeepBookmark(i));
            }
        }
    });
}

fn overlay(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let now = model.desk.overlay;
    let text = format!("🎨 {}", overlay_words(now));
    let combo = ComboBox::from_id_salt("overlay")
        .selected_text(text)
        .width(110.0)
        .height(300.0)
        .show_ui(ui, |ui| {
            for (i, overlay) in Overlay::ALL.into_iter().enumerate() {
                let label = Button::selectable(now == overlay, overlay_words(overlay))
                    .right_text(i.to_string());
                if style::named(ui.add(label), overlay_words(overlay)).clicked() {
                    actions.push(Action::Overlay(overlay));
                }
            }
        });
    style::named(combo.response, "Overlay").on_hover_text("Colour the scene by  (0 to 6)");
}

fn overlay_words(overlay: Overlay) -> &'static str {
    match overlay {
        Overlay::None => "No overlay",
        Overlay::Power => "Power",
        Overlay::Charge => "State of charge",
        Overlay::Carbon => "Carbon",
        Overlay::Latency => "Latency",
        Overlay::Load => "Load",
        Overlay::Consensus => "Consensus",
    }
}

/// Which panes are open.
fn panes(ui: &mut Ui, state: &mut PanelState) {
    let compare = state.lower_open && state.tab == Tab::Compare;
    let wide = ui.available_width() > 420.0;
    let toggle = |ui: &mut Ui, on: bool, symbol: &str, name: &str, key: &str| {
        let text = if wide { name } else { symbol };
        style::named(ui.selectable_label(on, text), name)
            .on_hover_text(format!("{name}  ({key})"))
            .clicked()
    };
    if toggle(ui, compare, "⚖", "Compare", "V") {
        state.toggle_lower(Some(Tab::Compare));
    }
    if toggle(ui, state.lower_open && !compare, "📈", "Charts", "C") {
        let tab = if compare { Some(Tab::Power) } else { None };
        state.toggle_lower(tab);
    }
    if toggle(ui, state.side_open && state.what_if, "✏", "What if", "W") {
        state.toggle_side(true);
    }
    if toggle(ui, state.side_open && !state.what_if, "ℹ", "Inspector", "I") {
        state.toggle_side(false);
    }
    if toggle(ui, state.tree_open, "🌲", "Components", "T") {
        state.toggle_tree();
    }
}
