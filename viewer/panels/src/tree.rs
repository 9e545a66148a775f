//! The tree on the left: all things by kind, each with its live value, a symbol and a word for its
//! state. A click selects, a double click brings into view.

use crate::model::Model;
use crate::{Action, style, things};
use egui::{RichText, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, WidgetType};
use gridtwin_player::Thing;
use std::collections::BTreeSet;

/// What the tree remembers.
#[derive(Debug, Default)]
pub(crate) struct TreeState {
    search: String,
    closed: BTreeSet<&'static str>,
    rows: Vec<Row>,
    /// What `rows` was made from.
    made_from: Option<(String, BTreeSet<&'static str>, usize, String)>,
}

/// A line of the tree.
#[derive(Clone, Debug, PartialEq)]
enum Row {
    Kind(Thing, usize, bool),
    Thing(Thing, String),
}

const ROW: f32 = 22.0;

/// Shows the tree.
pub(crate) fn tree(ui: &mut Ui, model: &Model, state: &mut TreeState) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.with_layout(egui::Layout::right_to_left(egui::Align::TOP), |ui| {
        let clear = ui.add_enabled(!state.search.is_empty(), egui::Button::new("✖"));
        if style::named(clear, "Clear search").clicked() {
            state.search.clear();
        }
        let width = (ui.available_width() - 8.0).max(30.0);
        style::field(ui, &mut state.search, "Search components", "🔍 search components", width);
    });
    ui.add_space(2.0);
    list(model, state);
    if state.rows.is_empty() {
        ui.label(RichText::new("No component has this name or kind.").weak());
        return actions;
    }
    let rows = std::mem::take(&mut state.rows);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        for row in &rows[range] {
            match row {
                Row::Kind(thing, n, open) => heading(ui, *thing, *n, *open, state),
                Row::Thing(thing, name) => line(ui, model, *thing, name, &mut actions),
            }
        }
    });
    state.rows = rows;
    actions
}

/// Makes the lines anew where what they are made from has changed.
fn list(model: &Model, state: &mut TreeState) {
    let scenario = model.base().scenario;
    let count = scenario.pv.len() + scenario.loads.len() + scenario.edge_servers.len();
    let key = (state.search.clone(), state.closed.clone(), count, model.catalog.name.clone());
    if state.made_from.as_ref() == Some(&key) {
        return;
    }
    let wanted = state.search.trim().to_lowercase();
    state.rows.clear();
    let mut open_at: Option<(&'static str, usize)> = None;
    for thing in things::all(scenario) {
        let (kind, ..) = things::kind(thing);
        let name = thing.name(scenario);
        let found = wanted.is_empty()
            || name.to_lowercase().contains(&wanted)
            || kind.to_lowercase().contains(&wanted)
            || thing.kind().to_lowercase().contains(&wanted);
        if !found {
            continue;
        }
        let open = !state.closed.contains(kind) || !wanted.is_empty();
        if open_at.is_none_or(|(last, _)| last != kind) {
            open_at = Some((kind, state.rows.len()));
            state.rows.push(Row::Kind(thing, 0, open));
        }
        if let Some(Row::Kind(_, n, _)) = open_at.and_then(|(_, at)| state.rows.get_mut(at)) {
            *n += 1;
        }
        if open {
            state.rows.push(Row::Thing(thing, name));
        }
    }
    state.made_from = Some(key);
}

fn heading(ui: &mut Ui, thing: Thing, n: usize, open: bool, state: &mut TreeState) {
    let (kind, ..) = things::kind(thing);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, open, kind));
    if response.clicked() && !state.closed.remove(kind) {
        state.closed.insert(kind);
    }
    let visuals = ui.visuals();
    let text = format!("{} {kind}", if open { "⏷" } else { "⏵" });
    let font = TextStyle::Small.resolve(ui.style());
    let ink = if response.hovered() || response.has_focus() {
        visuals.strong_text_color()
    } else {
        visuals.weak_text_color()
    };
    let painter = ui.painter();
    painter.text(
        rect.left_center() + egui::vec2(2.0, 2.0),
        egui::Align2::LEFT_CENTER,
        text,
        font.clone(),
        ink,
    );
    painter.text(
        rect.right_center() + egui::vec2(-6.0, 2.0),
        egui::Align2::RIGHT_CENTER,
        n,
        font,
        ink,
    );
}

fn line(ui: &mut Ui, model: &Model, thing: Thing, name: &str, actions: &mut Vec<Action>) {
    let reading = things::reading(thing, model.base(), model.catalog);
    let selected = model.desk.selection == Some(thing);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), ROW), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, name));
    if response.double_clicked() {
        actions.extend([Action::Select(Some(thing)), Action::Frame]);
    } else if response.clicked() {
        actions.push(Action::Select((!selected).then_some(thing)));
    }
    let visuals = ui.style().interact_selectable(&response, selected);
    let painter = ui.painter();
    if selected || response.hovered() || response.has_focus() {
        let fill = if selected { ui.visuals().selection.bg_fill } else { visuals.weak_bg_fill };
        painter.rect_filled(rect.shrink2(egui::vec2(0.0, 1.0)), 4.0, fill);
    }
    if response.has_focus() {
        painter.rect_stroke(
            rect.shrink(1.0),
            4.0,
            ui.visuals().selection.stroke,
            egui::StrokeKind::Inside,
        );
    }
    let (_, symbol, hue) = things::kind(thing);
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let text =
        if selected { ui.visuals().selection.stroke.color } else { ui.visuals().text_color() };
    let weak = if selected { text } else { ui.visuals().weak_text_color() };
    let mid = rect.center().y;
    let right = egui::Align2::RIGHT_CENTER;
    let hue = if selected { text } else { style::ink(ui, hue) };
    painter.text(
        egui::pos2(rect.left() + 17.0, mid),
        egui::Align2::CENTER_CENTER,
        symbol,
        body.clone(),
        hue,
    );
    let state_ink = if selected { text } else { style::ink(ui, reading.health.color()) };
    let mut x = rect.right() - 6.0;
    let value = painter.text(egui::pos2(x, mid), right, &reading.value, body.clone(), text);
    x -= value.width().max(52.0) + 6.0;
    let name_galley = painter.layout_no_wrap(name.to_owned(), body, text);
    let word_galley = painter.layout_no_wrap(reading.word.clone(), small.clone(), weak);
    // The word stands where there is room for it; the symbol tells the same.
    if rect.left() + 30.0 + name_galley.size().x + word_galley.size().x + 24.0 < x {
        x -= word_galley.size().x;
        painter.galley(egui::pos2(x, mid - word_galley.size().y / 2.0), word_galley, weak);
        x -= 4.0;
    }
    let dot = painter.text(egui::pos2(x, mid), right, reading.health.symbol(), small, state_ink);
    let room = rect.with_min_x(rect.left() + 30.0).with_max_x(dot.left() - 4.0);
    let clip = ui.clip_rect().intersect(room);
    let at = egui::pos2(room.left(), mid - name_galley.size().y / 2.0);
    painter.with_clip_rect(clip).galley(at, name_galley, text);
    response.on_hover_ui(|ui| {
        ui.label(format!("{name}, {}", thing.kind()));
        ui.label(format!("{} {} {}", reading.health.symbol(), reading.word, reading.value));
        ui.label(RichText::new("Double-click to bring it into view").weak());
    });
}
