//! What if: changes from the playhead on.

use crate::bench::{Bench, campus, campus_and_larger_battery, click, control, find, open};
use egui::{Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use gridtwin_panels::Action;
use gridtwin_twin::scenario::{Change, FaultKind, Id};

fn set(path: &str, value: &str) -> Action {
    Action::WhatIf(Change::Set { path: path.to_owned(), value: value.to_owned() })
}

/// Types a number into a field.
fn turn(window: &mut Harness<'static, Bench>, name: &str, value: &str) {
    control(window, name).click();
    window.run_steps(3);
    window.event(Event::Text(value.to_owned()));
    window.key_press(Key::Enter);
    window.run_steps(3);
}

#[test]
fn a_larger_battery_is_asked_for_as_the_scenario_would_say_it() {
    let mut bench = campus();
    bench.desk.selection = Some(find(&bench, "container"));
    let mut window = open(bench, 1280.0, 720.0);
    assert!(window.get_by_label("Apply from now on").accesskit_node().is_disabled());
    turn(&mut window, "Capacity", "800");
    let actions = click(&mut window, "Apply from now on");
    assert_eq!(actions, [set("batteries.container.capacity_kwh", "800")]);
    let Action::WhatIf(change) = actions[0].clone() else { unreachable!() };
    window.state_mut().player.what_if(change).unwrap();
}

#[test]
fn every_knob_is_one_that_the_twin_obeys() {
    for (name, field, value) in [
        ("roof-labs", "Rated power", "90"),
        ("roof-labs", "Tilt", "30"),
        ("container", "Charging power", "100"),
        ("container", "Discharging power", "100"),
        ("grid", "Import limit", "300"),
        ("grid", "Price", "0.5"),
        ("grid", "Export price", "0.01"),
        ("grid", "Price, peak", "0.9"),
        ("car-park", "Chargers", "20"),
        ("car-park", "Power per charger", "22"),
        ("car-park", "Total power limit", "60"),
        ("receipts", "A block every", "30"),
    ] {
        let mut bench = campus();
        bench.desk.selection = Some(find(&bench, name));
        let mut window = open(bench, 1280.0, 900.0);
        turn(&mut window, field, value);
        let actions = click(&mut window, "Apply from now on");
        let [Action::WhatIf(change)] = &actions[..] else { panic!("{name}, {field}: {actions:?}") };
        let change = change.clone();
        let done = window.state_mut().player.what_if(change.clone());
        assert!(done.is_ok(), "{change:?}: {done:?}");
    }
}

#[test]
fn a_protocol_and_a_policy_are_chosen_in_words() {
    let mut bench = campus();
    bench.desk.selection = Some(find(&bench, "receipts"));
    let mut window = open(bench, 1280.0, 900.0);
    click(&mut window, "Protocol");
    click(&mut window, "Raft");
    let actions = click(&mut window, "Apply from now on");
    assert_eq!(actions, [set("consensus.receipts.protocol", "Raft")]);

    let mut window = open(campus(), 1280.0, 1200.0);
    click(&mut window, "Tasks run");
    click(&mut window, "least carbon");
    let actions = click(&mut window, "Apply policies from now on");
    assert_eq!(actions, [set("policies.offload", "LeastCarbon")]);
}

#[test]
fn the_panel_asks_for_what_it_names() {
    let mut bench = campus();
    bench.panels.what_if = true;
    let mut window = open(bench, 1280.0, 1400.0);
    let grid = |up| Action::WhatIf(Change::Grid { up });
    assert_eq!(click(&mut window, "⚡ Grid fails"), [grid(false)]);
    let back = window.get_by_label("⚡ Grid comes back");
    assert!(back.accesskit_node().is_disabled(), "the grid is there");
    let actions = click(&mut window, "Apply clouds from now on");
    assert!(matches!(&actions[..], [Action::WhatIf(Change::Clouds { .. })]));
    let actions = click(&mut window, "Send cars to car-park");
    assert!(matches!(&actions[..], [Action::WhatIf(Change::Cars { count: 50, .. })]));
    let broken = FaultKind::Pv(Id::new("roof-library").unwrap());
    let actions = click(&mut window, "Break roof-library");
    assert_eq!(actions, [Action::WhatIf(Change::Break { what: broken.clone() })]);
    let actions = click(&mut window, "Repair roof-library");
    assert_eq!(actions, [Action::WhatIf(Change::Mend { what: broken })]);
    assert_eq!(click(&mut window, "✚ New alternative"), [Action::NewAlternative]);
    click(&mut window, "Dispatch policy");
    click(&mut window, "self-consumption");
    let actions = click(&mut window, "Apply dispatch from now on");
    assert_eq!(actions, [set("policies.dispatch", "SelfConsumption")]);
}

#[test]
fn a_policy_keeps_what_cannot_be_chosen_here() {
    let mut bench = campus();
    bench.panels.what_if = true;
    let mut window = open(bench, 1280.0, 1400.0);
    let apply = window.get_by_label("Apply dispatch from now on");
    assert!(apply.accesskit_node().is_disabled(), "nothing was turned");
    turn(&mut window, "Discharge above price", "0.3");
    let actions = click(&mut window, "Apply dispatch from now on");
    let [Action::WhatIf(change @ Change::Set { value, .. })] = &actions[..] else { panic!() };
    assert!(value.contains("target_soc: 0.5") && value.contains("charge_kw: 40"), "{value}");
    window.state_mut().player.what_if(change.clone()).unwrap();
}

#[test]
fn undo_and_redo_are_there_when_there_is_something() {
    let mut window = open(campus(), 1280.0, 720.0);
    for name in ["Undo", "Redo"] {
        assert!(window.get_by_label(name).accesskit_node().is_disabled(), "{name}");
    }
    let change = Change::Grid { up: false };
    window.state_mut().player.what_if(change).unwrap();
    window.run_steps(2);
    assert_eq!(click(&mut window, "Undo"), [Action::Undo]);
    window.state_mut().player.undo();
    window.run_steps(2);
    assert!(window.get_by_label("Undo").accesskit_node().is_disabled());
    assert_eq!(click(&mut window, "Redo"), [Action::Redo]);
}

#[test]
fn the_edits_are_listed_and_lead_to_their_instant() {
    let mut bench = campus_and_larger_battery();
    bench.panels.what_if = true;
    let at = bench.player.futures()[1].edits()[0].at;
    let mut window = open(bench, 1280.0, 1400.0);
    window.get_by_label_contains("container: capacity 1000 kWh").click();
    window.run_steps(3);
    assert_eq!(window.state().actions, [Action::Seek(at)]);
    assert_eq!(click(&mut window, "Drop this alternative"), [Action::DropFuture(1)]);
    click(&mut window, "Alternative shown");
    assert_eq!(click(&mut window, "nothing"), [Action::ShowOther(None)]);
}
