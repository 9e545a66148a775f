//! The what-if panel: pick a change, apply it at the playhead; what has been changed so far, undo
//! and redo, other alternatives. The changes themselves are made by the window.

use crate::controls::{self, Drafts};
use crate::files::Ask;
use crate::model::Model;
use crate::{Action, civil, keys, knobs, number, style};
use egui::{CollapsingHeader, ComboBox, ProgressBar, RichText, ScrollArea, Ui};
use gridtwin_player::Thing;

/// What the panel remembers.
#[derive(Debug, Default)]
pub(crate) struct WhatIfState {
    sized: Option<Thing>,
    broken: Option<Thing>,
    chargers: u16,
    /// What is to be asked for a file, once the panel is done.
    pub(crate) ask: Option<Ask>,
}

/// Shows the panel.
pub(crate) fn what_if(
    ui: &mut Ui,
    model: &Model,
    drafts: &mut Drafts,
    state: &mut WhatIfState,
) -> Vec<Action> {
    let mut actions = Vec::new();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        alternative(ui, model, state, &mut actions);
        ui.separator();
        let when = civil::short(model.catalog, model.now());
        ui.label(RichText::new(format!("From {when} on")).strong());
        let how = "A change starts an alternative to the base case at this time.";
        ui.label(RichText::new(how).weak().small());
        pick(ui, model, drafts, state, &mut actions);
    });
    actions
}

fn alternative(ui: &mut Ui, model: &Model, state: &mut WhatIfState, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label("Compare with");
        let shown = model.shown_other().map_or("nothing", |(_, f)| f.name);
        let combo = ComboBox::from_id_salt("other").selected_text(shown).show_ui(ui, |ui| {
            if ui.selectable_label(model.other.is_none(), "nothing").clicked() {
                actions.push(Action::ShowOther(None));
            }
            for (i, future) in model.futures.iter().enumerate().skip(1) {
                if ui.selectable_label(model.other == Some(i), future.name).clicked() {
                    actions.push(Action::ShowOther(Some(i)));
                }
            }
        });
        style::named(combo.response, "Alternative shown");
    });
    ui.horizontal_wrapped(|ui| {
        undo_redo(ui, model, actions);
        if ui
            .button("✚ New alternative")
            .on_hover_text("The next change starts a new alternative to the base case")
            .clicked()
        {
            actions.push(Action::NewAlternative);
        }
    });
    let Some((index, future)) = model.shown_other() else {
        ui.label(RichText::new("No change has been made yet.").weak());
        return;
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(future.name).strong());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if style::symbol(ui, "🗑", "Drop this alternative", "").clicked() {
                actions.push(Action::DropFuture(index));
            }
            if style::symbol(ui, "💾", "Save this alternative as a scenario", "Ctrl+S").clicked()
            {
                state.ask = Some(Ask::Save);
            }
        });
    });
    if let Some(why) = future.failed {
        ui.label(RichText::new(format!("⚠ {why}")).color(ui.visuals().error_fg_color));
    } else if future.known < model.end {
        let share = future.known.as_hours_f64() / model.end.as_hours_f64().max(1e-9);
        let text = format!("{} simulated", number::percent(share.min(0.999)));
        let bar = ui.add(ProgressBar::new(share as f32).text(text));
        style::named(bar, "Progress of this alternative");
    }
    for edit in future.edits {
        let when = civil::short(model.catalog, edit.at);
        let line = RichText::new(format!("{when}  {}", knobs::words(&edit.change))).small();
        if ui.add(egui::Button::new(line).frame(false).wrap()).on_hover_text("Go there").clicked() {
            actions.push(Action::Seek(edit.at));
        }
    }
}

/// Undo and redo, with what they would do.
pub(crate) fn undo_redo(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    for (symbol, name, what, command, action) in [
        ("⟲", "Undo", model.can_undo, keys::Command::Undo, Action::Undo),
        ("⟳", "Redo", model.can_redo, keys::Command::Redo, Action::Redo),
    ] {
        let button = egui::Button::new(symbol).min_size(egui::vec2(26.0, 22.0));
        let response = style::named(ui.add_enabled(what.is_some(), button), name);
        let key = keys::label_of(command);
        let text = what.map_or(format!("Nothing to {}", name.to_lowercase()), |what| {
            format!("{name}: {what}  ({key})")
        });
        if response.on_hover_text(&text).on_disabled_hover_text(text).clicked() {
            actions.push(action);
        }
    }
}

fn pick(
    ui: &mut Ui,
    model: &Model,
    drafts: &mut Drafts,
    state: &mut WhatIfState,
    actions: &mut Vec<Action>,
) {
    let scenario = model.edited().scenario;
    let currency = &model.catalog.currency;
    let all = Thing::all(scenario);
    CollapsingHeader::new("Sizes, tariff, protocol").default_open(true).show(ui, |ui| {
        let turnable = |thing: &Thing| !knobs::of(*thing, scenario, currency).is_empty();
        let selected = model.desk.selection.filter(turnable);
        let chosen =
            state.sized.filter(turnable).or(selected).or(all.iter().copied().find(turnable));
        if let Some(thing) =
            choose(ui, model, "Component to change", chosen, all.iter().copied().filter(turnable))
        {
            state.sized = Some(thing);
        }
        if let Some(thing) = chosen {
            let knobs = knobs::of(thing, scenario, currency);
            actions.extend(controls::knobs(ui, &knobs, drafts, &model.name(thing)));
        }
    });
    CollapsingHeader::new("Policies").default_open(true).show(ui, |ui| {
        actions.extend(controls::dispatch(ui, scenario, drafts));
        let policies = knobs::policies(scenario);
        actions.extend(controls::knobs(ui, &policies, drafts, "policies"));
    });
    if model.catalog.has_grid {
        CollapsingHeader::new("Grid").default_open(true).show(ui, |ui| {
            actions.extend(controls::grid(ui, model));
        });
    }
    CollapsingHeader::new("Sky").default_open(true).show(ui, |ui| {
        actions.extend(controls::clouds(ui, drafts));
    });
    if !scenario.chargers.is_empty() {
        CollapsingHeader::new("Cars").default_open(true).show(ui, |ui| {
            if scenario.chargers.len() > 1 {
                let groups = (0..scenario.chargers.len() as u16).map(Thing::Chargers);
                let now = Some(Thing::Chargers(state.chargers));
                if let Some(Thing::Chargers(i)) =
                    choose(ui, model, "Chargers to send cars to", now, groups)
                {
                    state.chargers = i;
                }
            }
            actions.extend(controls::cars(ui, state.chargers, scenario, drafts));
        });
    }
    CollapsingHeader::new("Break or repair").default_open(true).show(ui, |ui| {
        let breakable = |thing: &Thing| knobs::fault(*thing, scenario).is_some();
        let selected = model.desk.selection.filter(breakable);
        let chosen =
            state.broken.filter(breakable).or(selected).or(all.iter().copied().find(breakable));
        if let Some(thing) =
            choose(ui, model, "Component to break", chosen, all.iter().copied().filter(breakable))
        {
            state.broken = Some(thing);
        }
        if let Some(thing) = chosen {
            actions.extend(controls::break_or_mend(ui, thing, model));
        }
    });
}

/// Chooses a thing; the one that was picked in this frame.
fn choose(
    ui: &mut Ui,
    model: &Model,
    name: &str,
    now: Option<Thing>,
    things: impl Iterator<Item = Thing>,
) -> Option<Thing> {
    let mut picked = None;
    let text = now.map_or(String::new(), |thing| model.name(thing));
    let combo = ComboBox::from_id_salt(name).selected_text(text).width(170.0).show_ui(ui, |ui| {
        for thing in things {
            let label = format!("{}, {}", model.name(thing), thing.kind());
            if ui.selectable_label(now == Some(thing), label).clicked() {
                picked = Some(thing);
            }
        }
    });
    style::named(combo.response, name);
    picked
}
