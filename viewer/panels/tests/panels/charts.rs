//! The charts.

use crate::bench::{campus, campus_and_larger_battery, click, open};
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::{Action, Tab};

#[test]
fn every_chart_is_there_with_one_future_and_with_two() {
    for (tab, name) in [
        (Tab::Power, "Chart of power"),
        (Tab::Charge, "Chart of state of charge"),
        (Tab::Money, "Chart of price"),
        (Tab::Latency, "Chart of latency"),
        (Tab::Decisions, "Chart of decisions"),
        (Tab::Difference, "Chart of difference"),
        (Tab::Heat, "Heat map of demand"),
        (Tab::Flow, "Energy flow"),
    ] {
        let mut bench = campus_and_larger_battery();
        bench.panels.tab = tab;
        let mut window = open(bench, 1280.0, 720.0);
        assert!(window.query_all_by_label_contains(name).count() > 0, "{name}");
        window.state_mut().player.show_other(None);
        window.run_steps(3);
        let alone = window.query_all_by_label_contains(name).count() > 0;
        assert_eq!(alone, tab != Tab::Difference, "{name}, alone");
    }
}

#[test]
fn a_click_in_a_chart_moves_the_playhead() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.get_by_label("Chart of power").click();
    window.run_steps(3);
    let [Action::Seek(at)] = window.state().actions[..] else {
        panic!("one seek, not {:?}", window.state().actions)
    };
    assert!((at.as_hours_f64() - 24.0).abs() < 0.5, "the middle of two days, not {at:?}");
}

#[test]
fn the_range_is_the_same_in_every_chart() {
    let mut window = open(campus(), 1280.0, 720.0);
    click(&mut window, "Show day");
    window.state_mut().panels.tab = Tab::Charge;
    window.run_steps(2);
    window.get_by_label("Chart of state of charge").click();
    window.run_steps(3);
    let [Action::Seek(at)] = window.state().actions[..] else { panic!("one seek") };
    assert!((at.as_hours_f64() - 12.0).abs() < 0.5, "the middle of the first day, not {at:?}");
}

#[test]
fn a_cell_of_the_heat_map_leads_to_its_hour() {
    let mut bench = campus();
    bench.panels.tab = Tab::Heat;
    let mut window = open(bench, 1280.0, 720.0);
    window.get_by_label("Heat map of demand").click();
    window.run_steps(3);
    let [Action::Seek(at)] = window.state().actions[..] else { panic!("one seek") };
    assert_eq!(at.0 % 3_600_000_000_000, 0, "a full hour, not {at:?}");
}

#[test]
fn a_quantity_can_be_hidden() {
    let mut window = open(campus(), 1280.0, 720.0);
    assert_eq!(click(&mut window, "Show cars"), []);
    assert_eq!(click(&mut window, "Show cars"), []);
}
