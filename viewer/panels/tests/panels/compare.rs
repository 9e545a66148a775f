//! The comparison, and two futures side by side.

use crate::bench::{campus_and_larger_battery, click, open};
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::{Action, Tab};

#[test]
fn the_better_future_is_marked_in_words() {
    let mut bench = campus_and_larger_battery();
    bench.panels.tab = Tab::Compare;
    let figure = |i: usize| bench.player.futures()[i].summary().unwrap().get("cost.total").unwrap();
    let base_is_cheaper = figure(0) < figure(1);
    let window = open(bench, 1600.0, 900.0);
    let cost = window.get_by_label("Cost, EUR").rect().left();
    let best = window.get_all_by_label("★ best").map(|n| n.rect());
    let best: Vec<_> = best.filter(|r| (cost..cost + 90.0).contains(&r.left())).collect();
    let [best] = best[..] else { panic!("one is the cheapest, not {}", best.len()) };
    let best = best.center().y;
    let rows: Vec<f32> =
        window.get_all_by_label("alternative 1").map(|n| n.rect().center().y).collect();
    let alternative = rows.into_iter().fold(0.0f32, f32::max);
    // The base case stands above the alternative.
    assert_eq!(best < alternative - 15.0, base_is_cheaper);
    let violations = window.get_by_label("Violations").rect().left();
    let mut all = window.get_all_by_label("★ best");
    assert!(all.all(|n| n.rect().left() < violations), "none of them violated a guarantee");
}

#[test]
fn a_click_on_an_alternative_hides_and_shows_it() {
    let mut bench = campus_and_larger_battery();
    bench.panels.tab = Tab::Compare;
    bench.panels.what_if = false;
    bench.player.show_other(None);
    let mut window = open(bench, 1600.0, 900.0);
    assert_eq!(click(&mut window, "alternative 1"), [Action::ShowOther(Some(1))]);
}

#[test]
fn the_scene_is_halved_for_two_futures_and_whole_for_one() {
    let mut window = open(campus_and_larger_battery(), 1280.0, 720.0);
    let shown = window.state().shown.clone().unwrap();
    let (left, right) = (shown.views.0, shown.views.1.unwrap());
    assert!((left.width() - right.width()).abs() <= 2.0);
    assert_eq!((left.left(), right.right()), (shown.scene.left(), shown.scene.right()));
    assert!(window.query_all_by_label("base case").count() > 0);
    window.state_mut().player.show_other(None);
    window.run_steps(3);
    let shown = window.state().shown.clone().unwrap();
    assert_eq!(shown.views, (shown.scene, None));
}
