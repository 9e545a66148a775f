//! The window that shows the keys, from the table that the key handler obeys.

use crate::keys::{self, Command};
use crate::state::PanelState;
use egui::{Grid, Id, Modal, RichText, ScrollArea, Ui};

/// Shows the keys, if they are wanted.
pub(crate) fn keys_window(ui: &Ui, state: &mut PanelState) {
    if !state.keys_open {
        return;
    }
    let size = ui.ctx().content_rect().size();
    let modal = Modal::new(Id::new("keys")).show(ui.ctx(), |ui| {
        ui.set_width((size.x - 80.0).min(460.0));
        ui.horizontal(|ui| {
            ui.label(RichText::new("Keyboard shortcuts").heading().strong());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button("Close").clicked() {
                    state.keys_open = false;
                }
            });
        });
        ScrollArea::vertical().auto_shrink([false, true]).max_height(size.y - 110.0).show(
            ui,
            |ui| {
                let mut about = "";
                for (heading, key, words) in lines() {
                    if heading != about {
                        about = heading;
                        crate::style::heading(ui, heading);
                    }
                    Grid::new((heading, &key, &words)).num_columns(2).min_col_width(110.0).show(
                        ui,
                        |ui| {
                            ui.label(RichText::new(&key).monospace().strong());
                            ui.label(words);
                        },
                    );
                }
            },
        );
    });
    if modal.should_close() {
        state.keys_open = false;
    }
}

/// Heading, keys and words; digits together, and keys that do the same in one line.
fn lines() -> Vec<(&'static str, String, String)> {
    let mut lines: Vec<(&'static str, String, String, Command)> = Vec::new();
    for binding in keys::all() {
        let (key, words) = match binding.command {
            Command::Overlay(0) => ("0 to 6".to_owned(), overlays()),
            Command::KeepBookmark(1) => ("Ctrl+1 to 9".to_owned(), binding.words.to_owned()),
            Command::GoToBookmark(1) => ("Alt+1 to 9".to_owned(), binding.words.to_owned()),
            Command::Overlay(_) | Command::KeepBookmark(_) | Command::GoToBookmark(_) => continue,
            _ => (keys::label(&binding), binding.words.to_owned()),
        };
        match lines.iter_mut().find(|(.., command)| *command == binding.command) {
            Some((_, keys, ..)) => *keys += &format!("  {key}"),
            None => lines.push((binding.about, key, words, binding.command)),
        }
    }
    // Headings in the order in which they first appear.
    let mut order: Vec<&str> = Vec::new();
    for (about, ..) in &lines {
        if !order.contains(about) {
            order.push(about);
        }
    }
    lines.sort_by_key(|(about, ..)| order.iter().position(|o| o == about));
    lines.into_iter().map(|(about, key, words, _)| (about, key, words)).collect()
}

fn overlays() -> String {
    let names: Vec<&str> = crate::Overlay::ALL.iter().map(|o| o.name()).collect();
    format!("Overlay: {}", names.join(", "))
}
