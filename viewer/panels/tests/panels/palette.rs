//! The command palette, menus, files and messages.

use crate::bench::{Bench, campus, click, find, hours, open};
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::{Action, Overlay, Tab};
use std::path::PathBuf;

fn ask(window: &mut Harness<'static, Bench>, text: &str) -> Vec<Action> {
    window.state_mut().actions.clear();
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run_steps(3);
    window.event(Event::Text(text.to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    std::mem::take(&mut window.state_mut().actions)
}

#[test]
fn some_letters_find_what_is_meant() {
    let bench = campus();
    let container = find(&bench, "container");
    let mut window = open(bench, 1280.0, 720.0);
    assert_eq!(ask(&mut window, "seek noon"), [Action::Seek(hours(12.0))]);
    assert_eq!(ask(&mut window, "go to tue 6:00"), [Action::Seek(hours(30.0))]);
    assert_eq!(ask(&mut window, "contain"), [Action::Select(Some(container)), Action::Frame]);
    assert_eq!(ask(&mut window, "overlay carb"), [Action::Overlay(Overlay::Carbon)]);
    assert_eq!(ask(&mut window, "play pause"), [Action::TogglePlay]);
    assert_eq!(ask(&mut window, "speed 3600"), [Action::SetSpeed(3600.0)]);
    assert_eq!(ask(&mut window, "chart heat"), []);
    assert_eq!(window.state().panels.tab, Tab::Heat);
    let found = ask(&mut window, "container is empty");
    assert!(matches!(found[..], [Action::Seek(_)]), "{found:?}");
}

#[test]
fn arrows_choose_and_escape_closes() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window.event(Event::Text("overlay".to_owned()));
    window.run_steps(2);
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert!(matches!(window.state().actions[..], [Action::Overlay(_)]));
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    assert!(window.query_by_label("Search everything").is_some());
    window.state_mut().actions.clear();
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert_eq!(window.state().actions, []);
    assert!(window.query_by_label("Search everything").is_none());
}

#[test]
fn files_are_asked_for_and_named() {
    let mut bench = campus();
    bench.desk.scenarios = vec![PathBuf::from("scenarios/island.ron")];
    let mut window = open(bench, 1280.0, 720.0);
    click(&mut window, "File");
    click(&mut window, "Open a scenario…");
    let open_it = click(&mut window, "Open");
    assert_eq!(open_it, [Action::Open(PathBuf::from("scenarios/island.ron"))]);
    click(&mut window, "File");
    click(&mut window, "Export the report…");
    let folder = PathBuf::from("reports/out/campus");
    assert_eq!(click(&mut window, "Export"), [Action::Export { future: 0, folder }]);
    click(&mut window, "File");
    click(&mut window, "Save as a scenario…");
    let path = PathBuf::from("campus.ron");
    assert_eq!(click(&mut window, "Save"), [Action::Save { future: 0, path }]);
}

#[test]
fn the_overlay_is_chosen_and_its_legend_has_units() {
    let mut window = open(campus(), 1280.0, 720.0);
    click(&mut window, "Overlay");
    assert_eq!(click(&mut window, "Carbon"), [Action::Overlay(Overlay::Carbon)]);
    window.state_mut().desk.overlay = Overlay::Carbon;
    window.run_steps(3);
    assert!(window.query_by_label("Carbon intensity, g CO₂/kWh").is_some());
}

#[test]
fn an_error_stays_until_it_is_dismissed() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.state_mut().panels.tell_error("There is no battery `x`");
    window.run_steps(3);
    assert!(window.query_by_label("There is no battery `x`").is_some());
    click(&mut window, "Dismiss");
    assert!(window.query_by_label("There is no battery `x`").is_none());
}
