//! The tree and the inspector.

use crate::bench::{campus, click, find, of, open};
use egui::Event;
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::Action;
use gridtwin_player::Thing;
use gridtwin_twin::scenario::Scenario;

#[test]
fn a_click_in_the_tree_selects_and_another_lets_go() {
    let bench = campus();
    let container = find(&bench, "container");
    let mut window = open(bench, 1280.0, 720.0);
    assert_eq!(click(&mut window, "container"), [Action::Select(Some(container))]);
    assert!(window.query_by_label("Deselect").is_some(), "the inspector shows it");
    assert_eq!(click(&mut window, "Deselect"), [Action::Select(None)]);
}

#[test]
fn a_double_click_brings_into_view() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.get_by_label("carport").click();
    window.get_by_label("carport").click();
    window.run_steps(3);
    assert!(window.state().actions.contains(&Action::Frame));
}

#[test]
fn searching_leaves_what_is_called_so_or_is_of_that_kind() {
    let mut window = open(campus(), 1280.0, 720.0);
    click(&mut window, "Search components");
    window.event(Event::Text("batt".to_owned()));
    window.run_steps(3);
    assert!(window.query_by_label("container").is_some());
    assert!(window.query_by_label("library").is_none());
    click(&mut window, "Clear search");
    assert!(window.query_by_label("library").is_some());
}

#[test]
fn the_inspector_tells_the_value_at_the_playhead() {
    let mut bench = campus();
    bench.desk.selection = Some(find(&bench, "container"));
    let soc = bench.player.base().view().soc[0];
    let window = open(bench, 1280.0, 720.0);
    let text = format!("{:.1}\u{a0}%", soc * 100.0);
    assert!(window.query_all_by_label_contains(&text).count() > 0, "{text}");
}

#[test]
fn nothing_selected_shows_the_site() {
    let window = open(campus(), 1280.0, 720.0);
    for text in ["campus", "Energy now", "Weather and grid", "Since the start"] {
        assert!(window.query_by_label(text).is_some(), "{text}");
    }
}

#[test]
fn an_event_of_the_inspector_goes_to_its_instant() {
    let mut bench = campus();
    bench.desk.selection = Some(Thing::Battery(0));
    let events = bench.player.base().events();
    let full = events.iter().find(|e| e.kind.name() == "battery-empty").map(|e| e.at);
    let mut window = open(bench, 1280.0, 1400.0);
    let line = window.get_by_label_contains("container is empty");
    line.click();
    window.run_steps(3);
    assert_eq!(window.state().actions, [Action::Seek(full.unwrap())]);
}

#[test]
fn ten_thousand_things_cost_only_the_lines_that_are_seen() {
    let load = |i: usize| format!("(id: \"house-{i}\", profile: Constant(power_kw: 1)),");
    let loads: String = (0..10_000).map(load).collect();
    let text = format!(
        "(name: \"town\", site: (latitude_deg: 49, longitude_deg: 8, time_zone: \"UTC\"), \
         start: \"2024-06-17\", days: 1, step_s: 3600, grid: (import_limit_kw: 20000), \
         loads: [{loads}])"
    );
    let bench = of(&Scenario::parse(&text, "town").unwrap());
    let mut window = open(bench, 1280.0, 720.0);
    assert!(window.query_all_by_label_contains("house-").count() < 60);
    click(&mut window, "Search components");
    window.event(Event::Text("house-9876".to_owned()));
    window.run_steps(3);
    let thing = window.state().player.scenario().loads.len() as u16;
    assert_eq!(thing, 10_000);
    assert_eq!(click(&mut window, "house-9876"), [Action::Select(Some(Thing::Load(9876)))]);
}
