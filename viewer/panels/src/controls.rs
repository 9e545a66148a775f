//! Widgets that change something about the site from the playhead on: knobs with a button that
//! applies them, breaking and mending, cars, clouds. Used by the inspector and by the what-if panel.

use crate::knobs::{self, Knob, Value};
use crate::model::Model;
use crate::{Action, style};
use egui::{ComboBox, DragValue, Ui};
use gridtwin_player::Thing;
use gridtwin_twin::scenario::{Change, Dispatch, Fraction, Positive, Scenario};
use std::collections::BTreeMap;

/// What has been set and not yet applied.
#[derive(Debug)]
pub(crate) struct Drafts {
    numbers: BTreeMap<String, f64>,
    choices: BTreeMap<String, String>,
    cover_percent: f64,
    cloud_h: f64,
    cars: u32,
    car_kwh: f64,
    car_h: f64,
    soc_percent: f64,
    dispatch: Option<usize>,
    /// The policy that these drafts began with, and as a scenario says it.
    dispatch_seen: Option<Dispatch>,
    dispatch_now: Option<String>,
    charge_below: f64,
    discharge_above: f64,
    reserve_percent: f64,
}

impl Default for Drafts {
    fn default() -> Self {
        Self {
            numbers: BTreeMap::new(),
            choices: BTreeMap::new(),
            cover_percent: 90.0,
            cloud_h: 3.0,
            cars: 50,
            car_kwh: 30.0,
            car_h: 4.0,
            soc_percent: 50.0,
            dispatch: None,
            dispatch_seen: None,
            dispatch_now: None,
            charge_below: 0.2,
            discharge_above: 0.3,
            reserve_percent: 50.0,
        }
    }
}

fn apply_button(ui: &mut Ui, enabled: bool, what: &str) -> bool {
    let fill = ui.visuals().selection.bg_fill;
    let mut button = egui::Button::new("Apply from now on");
    if enabled {
        button = button.fill(fill);
    }
    let name = if what.is_empty() {
        "Apply from now on".to_owned()
    } else {
        format!("Apply {what} from now on")
    };
    style::named(ui.add_enabled(enabled, button), &name).clicked()
}

/// Shows knobs, and one button that applies all that were turned.
pub(crate) fn knobs(ui: &mut Ui, knobs: &[Knob], drafts: &mut Drafts, what: &str) -> Vec<Action> {
    let mut changes = Vec::new();
    for knob in knobs {
        ui.horizontal(|ui| {
            ui.label(&knob.label);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                changes.extend(turn(ui, knob, drafts));
            });
        });
    }
    if apply_button(ui, !changes.is_empty(), what) {
        for knob in knobs {
            drafts.numbers.remove(&knob.path);
            drafts.choices.remove(&knob.path);
        }
        return changes.into_iter().map(Action::WhatIf).collect();
    }
    Vec::new()
}

/// One knob; the change that it stands for, where it was turned.
fn turn(ui: &mut Ui, knob: &Knob, drafts: &mut Drafts) -> Option<Change> {
    let set = |value: String| Some(Change::Set { path: knob.path.clone(), value });
    match &knob.value {
        Value::Number { now, unit, from, to, whole } => {
            let draft = drafts.numbers.entry(knob.path.clone()).or_insert(*now);
            let speed = if *whole { 0.2 } else { (now.abs() * 0.01).max(0.005) };
            let suffix = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            let mut drag = DragValue::new(draft).range(*from..=*to).speed(speed).suffix(suffix);
            drag = if *whole { drag.max_decimals(0) } else { drag.max_decimals(3) };
            style::named(ui.add(drag), &knob.label);
            let turned = (*draft - now).abs() > 1e-9;
            if !turned {
                // So that a knob that nobody turns follows its value.
                drafts.numbers.remove(&knob.path);
                return None;
            }
            set(knobs::plain(drafts.numbers[&knob.path], *whole))
        }
        Value::Choice { now, options } => {
            let mut chosen = drafts.choices.get(&knob.path).unwrap_or(now).clone();
            let say =
                |value: &str| options.iter().find(|(v, _)| *v == value).map_or("other", |o| o.1);
            let response =
                ComboBox::from_id_salt(&knob.path).selected_text(say(&chosen)).show_ui(ui, |ui| {
                    for (value, words) in *options {
                        ui.selectable_value(&mut chosen, (*value).to_owned(), *words);
                    }
                });
            style::named(response.response, &knob.label);
            if chosen == *now {
                drafts.choices.remove(&knob.path);
                return None;
            }
            drafts.choices.insert(knob.path.clone(), chosen.clone());
            set(chosen)
        }
    }
}

/// Breaks or mends a thing.
pub(crate) fn break_or_mend(ui: &mut Ui, thing: Thing, model: &Model) -> Vec<Action> {
    let Some(what) = knobs::fault(thing, model.edited().scenario) else { return Vec::new() };
    let mut actions = Vec::new();
    let name = model.name(thing);
    ui.horizontal(|ui| {
        if style::named(ui.button("✖ Break"), &format!("Break {name}")).clicked() {
            actions.push(Action::WhatIf(Change::Break { what: what.clone() }));
        }
        if style::named(ui.button("✔ Repair"), &format!("Repair {name}")).clicked() {
            actions.push(Action::WhatIf(Change::Mend { what: what.clone() }));
        }
    });
    actions
}

/// The grid fails or comes back.
pub(crate) fn grid(ui: &mut Ui, model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    let up = model.edited().view.state.grid_up;
    ui.horizontal(|ui| {
        if ui.add_enabled(up, egui::Button::new("⚡ Grid fails")).clicked() {
            actions.push(Action::WhatIf(Change::Grid { up: false }));
        }
        if ui.add_enabled(!up, egui::Button::new("⚡ Grid comes back")).clicked() {
            actions.push(Action::WhatIf(Change::Grid { up: true }));
        }
    });
    actions
}

/// Clouds come up.
pub(crate) fn clouds(ui: &mut Ui, drafts: &mut Drafts) -> Vec<Action> {
    ui.horizontal(|ui| {
        ui.label("☁");
        let cover = DragValue::new(&mut drafts.cover_percent).range(0.0..=100.0).suffix(" %");
        style::named(ui.add(cover), "Cloud cover");
        ui.label("for");
        let hours = DragValue::new(&mut drafts.cloud_h).range(0.25..=240.0).speed(0.1).suffix(" h");
        style::named(ui.add(hours), "Hours of clouds");
    });
    let change = Fraction::new(drafts.cover_percent / 100.0)
        .zip(Positive::new(drafts.cloud_h))
        .map(|(cover, hours)| Change::Clouds { cover, hours });
    let clicked = apply_button(ui, change.is_some(), "clouds");
    change.filter(|_| clicked).map(Action::WhatIf).into_iter().collect()
}

/// Cars come to a group of chargers.
pub(crate) fn cars(
    ui: &mut Ui,
    index: u16,
    scenario: &Scenario,
    drafts: &mut Drafts,
) -> Vec<Action> {
    let Some(group) = scenario.chargers.get(usize::from(index)) else { return Vec::new() };
    ui.horizontal_wrapped(|ui| {
        ui.label("🚗");
        let count = DragValue::new(&mut drafts.cars).range(1..=10_000).speed(0.2).suffix(" cars");
        style::named(ui.add(count), "Number of cars");
        let kwh = DragValue::new(&mut drafts.car_kwh).range(0.1..=1000.0).speed(0.2).suffix(" kWh");
        style::named(ui.add(kwh), "Energy for each car");
        let hours = DragValue::new(&mut drafts.car_h).range(0.1..=240.0).speed(0.1).suffix(" h");
        style::named(ui.add(hours), "Stay of each car");
    });
    let change = Positive::new(drafts.car_kwh).zip(Positive::new(drafts.car_h)).map(
        |(asked_kwh, stay_h)| Change::Cars {
            chargers: group.id.clone(),
            count: drafts.cars,
            asked_kwh,
            stay_h,
        },
    );
    let send = style::named(ui.button("Send cars now"), &format!("Send cars to {}", group.id));
    change.filter(|_| send.clicked()).map(Action::WhatIf).into_iter().collect()
}

/// A battery's state of charge is set.
pub(crate) fn state_of_charge(
    ui: &mut Ui,
    index: u16,
    scenario: &Scenario,
    drafts: &mut Drafts,
) -> Vec<Action> {
    let Some(battery) = scenario.batteries.get(usize::from(index)) else { return Vec::new() };
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        ui.label("State of charge");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let set = style::named(ui.button("Set"), "Set state of charge");
            let drag = DragValue::new(&mut drafts.soc_percent).range(0.0..=100.0).suffix(" %");
            style::named(ui.add(drag), "New state of charge");
            if let Some(soc) = Fraction::new(drafts.soc_percent / 100.0).filter(|_| set.clicked()) {
                let battery = battery.id.clone();
                actions.push(Action::WhatIf(Change::StateOfCharge { battery, soc }));
            }
        });
    });
    actions
}

/// What the batteries do.
pub(crate) fn dispatch(ui: &mut Ui, scenario: &Scenario, drafts: &mut Drafts) -> Vec<Action> {
    let now = match &scenario.policies.dispatch {
        Dispatch::SelfConsumption => 0,
        Dispatch::TimeOfUse { .. } => 1,
        Dispatch::BackupReserve { .. } => 2,
    };
    if drafts.dispatch_seen.as_ref() != Some(&scenario.policies.dispatch) {
        drafts.follow(&scenario.policies.dispatch);
    }
    let names = ["self-consumption", "time of use", "backup reserve"];
    let mut chosen = drafts.dispatch.unwrap_or(now);
    ui.horizontal(|ui| {
        ui.label("Batteries");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let combo = ComboBox::from_id_salt("dispatch").selected_text(names[chosen]);
            let combo = combo.show_ui(ui, |ui| {
                for (i, name) in names.into_iter().enumerate() {
                    ui.selectable_value(&mut chosen, i, name);
                }
            });
            style::named(combo.response, "Dispatch policy");
        });
    });
    drafts.dispatch = Some(chosen).filter(|c| *c != now);
    match chosen {
        1 => {
            ui.horizontal_wrapped(|ui| {
                let below = DragValue::new(&mut drafts.charge_below).speed(0.01);
                style::named(ui.add(below.prefix("charge below ")), "Charge below price");
                let above = DragValue::new(&mut drafts.discharge_above).speed(0.01);
                style::named(ui.add(above.prefix("discharge above ")), "Discharge above price");
            });
        }
        2 => {
            let keep = DragValue::new(&mut drafts.reserve_percent).range(0.0..=100.0);
            style::named(ui.add(keep.prefix("reserve ").suffix(" %")), "Reserve");
        }
        _ => {}
    }
    let value = drafts.dispatch_value(chosen);
    let turned = chosen != now || drafts.dispatch_now.as_ref() != Some(&value);
    if apply_button(ui, turned, "dispatch") {
        drafts.dispatch = None;
        drafts.dispatch_seen = None;
        return vec![Action::WhatIf(Change::Set { path: "policies.dispatch".to_owned(), value })];
    }
    Vec::new()
}

impl Drafts {
    /// Begins with the policy as it is.
    fn follow(&mut self, policy: &Dispatch) {
        match policy {
            Dispatch::SelfConsumption => {}
            Dispatch::TimeOfUse { charge_below_price, discharge_above_price, .. } => {
                self.charge_below = charge_below_price.get();
                self.discharge_above = discharge_above_price.get();
            }
            Dispatch::BackupReserve { reserve_soc, .. } => {
                self.reserve_percent = reserve_soc.get() * 100.0;
            }
        }
        self.dispatch = None;
        self.dispatch_seen = Some(policy.clone());
        self.dispatch_now = Some(self.dispatch_value(match policy {
            Dispatch::SelfConsumption => 0,
            Dispatch::TimeOfUse { .. } => 1,
            Dispatch::BackupReserve { .. } => 2,
        }));
    }

    /// The policy as a scenario would say it. What cannot be chosen here stays as it is.
    fn dispatch_value(&self, chosen: usize) -> String {
        let (mut target, mut charge_kw) = (String::new(), None);
        match &self.dispatch_seen {
            Some(Dispatch::TimeOfUse { target_soc, charge_kw: kw, .. }) => {
                target = format!(", target_soc: {target_soc}");
                charge_kw = *kw;
            }
            Some(Dispatch::BackupReserve { charge_kw: kw, .. }) => charge_kw = *kw,
            Some(Dispatch::SelfConsumption) | None => {}
        }
        let limit = charge_kw.map_or(String::new(), |kw| format!(", charge_kw: {kw}"));
        match chosen {
            1 => format!(
                "TimeOfUse(charge_below_price: {}, discharge_above_price: {}{target}{limit})",
                knobs::plain(self.charge_below, false),
                knobs::plain(self.discharge_above, false)
            ),
            2 => {
                let reserve = knobs::plain(self.reserve_percent / 100.0, false);
                format!("BackupReserve(reserve_soc: {reserve}{limit})")
            }
            _ => "SelfConsumption".to_owned(),
        }
    }
}
