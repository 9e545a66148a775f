//! The command palette: everything that can be done, found by typing some letters of it.

use crate::keys::{self, Command};
use crate::marks::{self, Class};
use crate::model::Model;
use crate::state::{PanelState, Tab};
use crate::{Action, Overlay, civil, style, things, time_bar};
use egui::{Id, Key, Modal, RichText, ScrollArea, Ui};
use gridtwin_player::SPEEDS;
use gridtwin_twin::scenario::Change;

/// What the palette remembers.
#[derive(Debug, Default)]
pub(crate) struct PaletteState {
    open: bool,
    fresh: bool,
    query: String,
    chosen: usize,
    entries: Vec<Entry>,
    /// Indices of what was found, best first, and for which query.
    found: Vec<usize>,
    found_for: Option<String>,
}

impl PaletteState {
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    pub(crate) fn set_open(&mut self, open: bool) {
        if open && !self.open {
            self.fresh = true;
            self.query.clear();
            self.chosen = 0;
            self.found_for = None;
        }
        self.open = open;
    }
}

/// Something that can be done.
#[derive(Clone, Debug)]
struct Entry {
    title: String,
    hint: String,
    does: Does,
}

#[derive(Clone, Debug)]
enum Does {
    Act(Vec<Action>),
    Command(Command),
    Show(Tab),
}

const SHOWN: usize = 60;

/// Shows the palette, if it is open.
pub(crate) fn command_palette(ui: &Ui, model: &Model, state: &mut PanelState) -> Vec<Action> {
    if !state.palette.open {
        return Vec::new();
    }
    let palette = &mut state.palette;
    let fresh = std::mem::take(&mut palette.fresh);
    if fresh {
        palette.entries = entries(model);
    }
    let mut done: Option<Does> = None;
    let mut close = false;
    let size = ui.ctx().content_rect().size();
    let area = egui::Area::new(Id::new("palette area"))
        .kind(egui::UiKind::Modal)
        .anchor(egui::Align2::CENTER_TOP, egui::vec2(0.0, (size.y * 0.1).min(80.0)))
        .order(egui::Order::Foreground)
        .interactable(true);
    let modal = Modal::new(Id::new("palette")).area(area).show(ui.ctx(), |ui| {
        ui.set_width((size.x - 60.0).min(520.0));
        let (up, down) = ui.input_mut(|i| {
            let none = egui::Modifiers::NONE;
            (i.consume_key(none, Key::ArrowUp), i.consume_key(none, Key::ArrowDown))
        });
        let response = style::field(
            ui,
            &mut palette.query,
            "Search everything",
            "type a component, action, event or time: noon, battery, overlay…",
            f32::INFINITY,
        );
        if fresh {
            response.request_focus();
        }
        if response.changed() {
            palette.chosen = 0;
        }
        let time = time_entry(&palette.query, model);
        find(palette);
        let count = palette.found.len() + usize::from(time.is_some());
        if down {
            palette.chosen = (palette.chosen + 1).min(count.saturating_sub(1));
        }
        if up {
            palette.chosen = palette.chosen.saturating_sub(1);
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        ui.separator();
        ScrollArea::vertical()
            .max_height((size.y * 0.6).min(360.0))
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let found = palette.found.iter().map(|i| &palette.entries[*i]);
                for (i, entry) in time.iter().chain(found).enumerate() {
                    let chosen = i == palette.chosen;
                    let row = line(ui, entry, chosen);
                    if chosen && (up || down) {
                        row.scroll_to_me(None);
                    }
                    if row.clicked() || (chosen && entered) {
                        done = Some(entry.does.clone());
                    }
                }
                if count == 0 {
                    ui.label(RichText::new("Nothing found.").weak());
                }
            });
    });
    close |= modal.should_close() || done.is_some();
    if close {
        state.palette.open = false;
    }
    match done {
        Some(Does::Act(actions)) => actions,
        Some(Does::Command(command)) => keys::carry_out(command, model, state),
        Some(Does::Show(tab)) => {
            state.lower_open = true;
            state.tab = tab;
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn line(ui: &mut Ui, entry: &Entry, chosen: bool) -> egui::Response {
    let hint = RichText::new(&entry.hint).weak().small();
    let button = egui::Button::selectable(chosen, entry.title.as_str())
        .right_text(hint)
        .min_size(egui::vec2(ui.available_width(), 22.0));
    style::named(ui.add(button), &entry.title)
}

fn find(palette: &mut PaletteState) {
    if palette.found_for.as_deref() == Some(&palette.query) {
        return;
    }
    let scored = palette.entries.iter().enumerate();
    let mut scored: Vec<(i32, usize)> =
        scored.filter_map(|(i, e)| Some((score(&palette.query, &e.title)?, i))).collect();
    scored.sort_by_key(|(score, i)| (-score, *i));
    scored.truncate(SHOWN);
    palette.found = scored.into_iter().map(|(_, i)| i).collect();
    palette.found_for = Some(palette.query.clone());
}

/// How well a text matches a query: every word's letters must occur in order; whole words and
/// beginnings count most. Nothing where it does not match.
fn score(query: &str, text: &str) -> Option<i32> {
    let text = text.to_lowercase();
    let mut total = 0;
    for word in query.to_lowercase().split_whitespace() {
        total += if let Some(at) = text.find(word) {
            let begins = at == 0 || !text[..at].ends_with(char::is_alphanumeric);
            100 + if begins { 60 } else { 0 } - at.min(40) as i32
        } else {
            let mut letters = text.char_indices();
            let (mut first, mut last) = (None, 0);
            for wanted in word.chars() {
                let (at, _) = letters.find(|(_, c)| *c == wanted)?;
                first.get_or_insert(at);
                last = at;
            }
            let spread = (last - first.unwrap_or(0)) as i32 - word.len() as i32;
            if spread > 2 * word.len() as i32 + 4 {
                return None;
            }
            40 - spread.min(39)
        };
    }
    Some(total - text.len() as i32 / 8)
}

/// "seek noon", "go to 14:30" or a time alone.
fn time_entry(query: &str, model: &Model) -> Option<Entry> {
    let query = query.trim();
    let text = ["seek ", "go to ", "goto ", "jump to "].into_iter().find_map(|verb| {
        query
            .get(..verb.len())
            .filter(|q| q.eq_ignore_ascii_case(verb))
            .map(|_| &query[verb.len()..])
    });
    let at = civil::parse(text.unwrap_or(query), model.catalog, model.now(), model.end)?;
    Some(Entry {
        title: format!("Go to {}", civil::long(model.catalog, at)),
        hint: String::new(),
        does: Does::Act(vec![Action::Seek(at)]),
    })
}

fn entries(model: &Model) -> Vec<Entry> {
    let mut out = Vec::new();
    let mut seen = Vec::new();
    for binding in keys::all() {
        let digit = matches!(
            binding.command,
            Command::Overlay(_) | Command::KeepBookmark(_) | Command::GoToBookmark(_)
        );
        let shown = digit || seen.contains(&binding.command) || binding.command == Command::Escape;
        if !shown {
            seen.push(binding.command);
            let hint = keys::label(&binding);
            out.push(Entry {
                title: binding.words.to_owned(),
                hint,
                does: Does::Command(binding.command),
            });
        }
    }
    let mut act = |title: String, hint: String, actions: Vec<Action>| {
        out.push(Entry { title, hint, does: Does::Act(actions) });
    };
    for overlay in Overlay::ALL {
        let hint = overlay_key(overlay);
        act(format!("Overlay: {}", overlay.name()), hint, vec![Action::Overlay(overlay)]);
    }
    for i in 1..=9u8 {
        act(
            format!("Save the camera as bookmark {i}"),
            format!("Ctrl+{i}"),
            vec![Action::KeepBookmark(i)],
        );
        if model.desk.bookmarks[usize::from(i) - 1] {
            act(format!("Go to bookmark {i}"), format!("Alt+{i}"), vec![Action::GoToBookmark(i)]);
        }
    }
    for speed in SPEEDS {
        act(
            format!("Speed {}", time_bar::speed_words(speed)),
            String::new(),
            vec![Action::SetSpeed(speed)],
        );
    }
    for scale in [0.75f32, 1.0, 1.25, 1.5, 2.0] {
        let title = format!("Size of the panels: {:.0} %", scale * 100.0);
        act(title, String::new(), vec![Action::UiScale(scale)]);
    }
    let still = !model.desk.reduced_motion;
    let title = if still { "Reduce motion" } else { "Allow motion" };
    act(title.to_owned(), String::new(), vec![Action::ReducedMotion(still)]);
    let names = !model.desk.names;
    let title = if names { "Show names" } else { "Hide names" };
    act(title.to_owned(), "N".to_owned(), vec![Action::Names(names)]);
    if model.catalog.has_grid {
        let change = |up| vec![Action::WhatIf(Change::Grid { up })];
        act("What if: the grid fails now".to_owned(), String::new(), change(false));
        act("What if: the grid comes back now".to_owned(), String::new(), change(true));
    }
    for (i, future) in model.futures.iter().enumerate().skip(1) {
        let title = format!("Show {} beside the base case", future.name);
        act(title, String::new(), vec![Action::ShowOther(Some(i))]);
    }
    if model.other.is_some() {
        act("Show the base case alone".to_owned(), String::new(), vec![Action::ShowOther(None)]);
    }
    let scenario = model.base().scenario;
    for thing in things::all(scenario) {
        let title = format!("{}, {}", thing.name(scenario), thing.kind());
        act(title, "component".to_owned(), vec![Action::Select(Some(thing)), Action::Frame]);
    }
    for path in &model.desk.scenarios {
        act(format!("Open {}", path.display()), String::new(), vec![Action::Open(path.clone())]);
    }
    for event in model.base().events.iter().filter(|e| Class::of(&e.kind) != Class::Car).take(5_000)
    {
        let title = marks::words(&event.kind, model.catalog);
        let when = civil::short(model.catalog, event.at);
        act(title, when, vec![Action::Seek(event.at)]);
    }
    for tab in Tab::ALL {
        out.push(Entry {
            title: format!("Chart: {}", tab.name()),
            hint: String::new(),
            does: Does::Show(tab),
        });
    }
    out
}

fn overlay_key(overlay: Overlay) -> String {
    Overlay::ALL.iter().position(|o| *o == overlay).map_or(String::new(), |i| i.to_string())
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn letters_in_order_find_and_better_matches_come_first() {
        assert!(score("plps", "Play or pause").is_some());
        assert!(score("zzz", "Play or pause").is_none());
        let (whole, scattered) = (score("undo", "Undo"), score("undo", "Sound of wind low"));
        assert!(whole > scattered);
        assert!(score("batt", "Overlay: battery") > score("batt", "big attic tower"));
    }
}
