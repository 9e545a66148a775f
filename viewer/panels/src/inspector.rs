//! The inspector on the right: the selected thing's live values, its course, its parameters, what
//! can be changed about it and its events; the whole site where nothing is selected.

use crate::controls::{self, Drafts};
use crate::model::{FutureModel, Model};
use crate::sparkline::sparkline;
use crate::{Action, civil, knobs, marks, number, parameters, style, things};
use egui::{CollapsingHeader, RichText, ScrollArea, Ui};
use gridtwin_player::{History, Metric, Thing};
use gridtwin_twin::record::Event;

/// Shows the inspector.
pub(crate) fn inspector(ui: &mut Ui, model: &Model, drafts: &mut Drafts) -> Vec<Action> {
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| match model.desk.selection {
            Some(thing) => of_thing(ui, model, thing, drafts),
            None => site(ui, model, drafts),
        })
        .inner
}

fn of_thing(ui: &mut Ui, model: &Model, thing: Thing, drafts: &mut Drafts) -> Vec<Action> {
    let mut actions = Vec::new();
    let (_, symbol, hue) = things::kind(thing);
    ui.horizontal(|ui| {
        ui.label(RichText::new(symbol).size(18.0).color(style::ink(ui, hue)));
        ui.label(RichText::new(model.name(thing)).heading().strong());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if style::symbol(ui, "✖", "Deselect", "Esc").clicked() {
                actions.push(Action::Select(None));
            }
            if style::symbol(ui, "⛶", "Bring into view", "F").clicked() {
                actions.push(Action::Frame);
            }
        });
    });
    ui.label(RichText::new(thing.kind()).weak());
    ui.separator();
    for future in shown(model) {
        if model.shown_other().is_some() {
            ui.label(RichText::new(future.name).strong());
        }
        let reading = things::reading(thing, future, model.catalog);
        ui.horizontal(|ui| {
            let ink = style::ink(ui, reading.health.color());
            ui.label(RichText::new(reading.health.symbol()).color(ink));
            ui.label(&reading.word);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(RichText::new(&reading.value).size(18.0).strong());
            });
        });
        for (what, value) in parameters::live(thing, future, model.catalog) {
            style::row(ui, &what, value);
        }
    }
    if let Some((name, unit)) = History::of_thing(thing) {
        style::heading(ui, &capital(name));
        actions.extend(sparkline(ui, model, name, unit, |f| f.history.thing(thing)));
    }
    let scenario = model.edited().scenario;
    let turnable = knobs::of(thing, scenario, &model.catalog.currency);
    if !turnable.is_empty() || knobs::fault(thing, scenario).is_some() || thing == Thing::Grid {
        style::heading(ui, "What if, from now on");
        if !turnable.is_empty() {
            actions.extend(controls::knobs(ui, &turnable, drafts, ""));
        }
        actions.extend(match thing {
            Thing::Grid => controls::grid(ui, model),
            Thing::Chargers(i) => controls::cars(ui, i, scenario, drafts),
            Thing::Battery(i) => controls::state_of_charge(ui, i, scenario, drafts),
            _ => Vec::new(),
        });
        actions.extend(controls::break_or_mend(ui, thing, model));
    }
    CollapsingHeader::new("Parameters").default_open(true).show(ui, |ui| {
        for (what, value) in parameters::fixed(thing, scenario) {
            style::row(ui, &what, value);
        }
    });
    CollapsingHeader::new("Events").default_open(true).show(ui, |ui| {
        let about = |event: &&Event| marks::about(&event.kind, model.catalog) == Some(thing);
        actions.extend(events(ui, model, model.base().events.iter().filter(about)));
    });
    actions
}

fn shown<'a, 'm>(model: &'m Model<'a>) -> impl Iterator<Item = &'m FutureModel<'a>> {
    [Some(model.base()), model.shown_other().map(|(_, f)| f)].into_iter().flatten()
}

/// The events nearest the playhead: a click goes there.
fn events<'a>(ui: &mut Ui, model: &Model, all: impl Iterator<Item = &'a Event>) -> Vec<Action> {
    const BEFORE: usize = 4;
    const AFTER: usize = 6;
    let mut actions = Vec::new();
    let now = model.now();
    let mut near: Vec<&Event> = Vec::new();
    let mut later = 0;
    for event in all {
        if event.at <= now {
            if near.len() == BEFORE {
                near.remove(0);
            }
        } else {
            later += 1;
        }
        near.push(event);
        if later == AFTER {
            break;
        }
    }
    if near.is_empty() {
        ui.label(RichText::new("none yet").weak());
    }
    for event in near {
        let text = marks::words(&event.kind, model.catalog);
        let when = civil::short(model.catalog, event.at);
        let line = RichText::new(format!("{when}  {text}")).small();
        let line = if event.at <= now { line } else { line.weak() };
        let button = ui.add(egui::Button::new(line).frame(false).wrap());
        if button.on_hover_text("Go there").clicked() {
            actions.push(Action::Seek(event.at));
        }
    }
    actions
}

fn site(ui: &mut Ui, model: &Model, drafts: &mut Drafts) -> Vec<Action> {
    let mut actions = Vec::new();
    let catalog = model.catalog;
    ui.label(RichText::new(&catalog.name).heading().strong());
    if !catalog.description.is_empty() {
        ui.label(RichText::new(&catalog.description).weak());
    }
    for future in shown(model) {
        ui.separator();
        let title = if model.shown_other().is_some() { future.name } else { "Energy now" };
        ui.label(RichText::new(title).strong());
        energy_now(ui, future);
        style::heading(ui, "Weather and grid");
        let sample = &future.view.sample;
        style::row(ui, "Irradiance", number::with_unit(sample.ghi_w_m2, "W/m²"));
        style::row(ui, "Air temperature", number::with_unit(sample.temperature_c, "°C"));
        if catalog.has_grid {
            let grid = if future.view.state.grid_up { "✔ available" } else { "✖ failed" };
            style::row(ui, "Grid", grid);
            let price = format!("{}/kWh", catalog.currency);
            style::row(ui, "Price", number::with_unit(sample.money.price_per_kwh, &price));
            let carbon = number::with_unit(sample.grid_g_per_kwh, "g/kWh");
            style::row(ui, "Grid carbon intensity", carbon);
        }
        style::row(ui, "Site carbon intensity", number::with_unit(sample.mix_g_per_kwh, "g/kWh"));
        style::heading(ui, "Since the start");
        let last = |metric| {
            let values = future.history.metric(metric);
            let i = future.history.interval(model.now()).min(values.len().saturating_sub(1));
            values.get(i).map_or(f64::NAN, |v| f64::from(*v))
        };
        style::row(ui, "Carbon emitted", number::with_unit(last(Metric::Emitted), "kg"));
        let cost = number::with_unit(last(Metric::Cost), &catalog.currency);
        style::row(ui, "Cost without demand charges", cost);
    }
    style::heading(ui, "Demand");
    actions.extend(sparkline(ui, model, "demand", "kW", |f| Some(f.history.metric(Metric::Load))));
    style::heading(ui, "Policies");
    let scenario = model.edited().scenario;
    ui.label(format!("Batteries: {}", knobs::dispatch_words(&scenario.policies.dispatch)));
    let policies = knobs::policies(scenario);
    actions.extend(controls::knobs(ui, &policies, drafts, "policies"));
    CollapsingHeader::new("Events").default_open(true).show(ui, |ui| {
        let weighty = |event: &&Event| marks::Class::of(&event.kind) != marks::Class::Car;
        actions.extend(events(ui, model, model.base().events.iter().filter(weighty)));
    });
    actions
}

fn energy_now(ui: &mut Ui, future: &FutureModel) {
    let flows = &future.view.sample.flows;
    for (what, kw, always) in [
        ("PV", flows.pv_kw, true),
        ("Gensets", flows.genset_kw, false),
        ("Grid import", flows.import_kw, true),
        ("Grid export", flows.export_kw, false),
        ("From batteries", flows.discharge_kw, false),
        ("Into batteries", flows.charge_kw, false),
        ("Demand", flows.load_kw, true),
        ("Curtailed PV", flows.curtailed_kw, false),
    ] {
        if always || kw > 0.0005 {
            style::row(ui, what, number::power(kw));
        }
    }
    if flows.unserved_kw > 0.0005 {
        ui.horizontal(|ui| {
            let ink = ui.visuals().error_fg_color;
            ui.label(
                RichText::new(format!("⚠ Unserved {}", number::power(flows.unserved_kw)))
                    .color(ink),
            );
        });
    }
}

pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}
