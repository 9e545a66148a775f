//! A small window.

use crate::bench::{campus, click, open};
use egui_kittest::kittest::Queryable as _;

#[test]
fn a_small_window_leaves_most_of_itself_to_the_scene() {
    let window = open(campus(), 640.0, 360.0);
    let scene = window.state().shown.as_ref().unwrap().scene;
    assert!(scene.width() > 600.0 && scene.height() > 200.0, "{scene:?}");
    assert!(window.query_by_label("Play").is_some());
    assert!(window.query_by_label("Time line").is_some());
}

#[test]
fn its_panes_open_one_at_a_time() {
    let mut window = open(campus(), 640.0, 360.0);
    click(&mut window, "Components");
    assert!(window.query_by_label("Search components").is_some());
    click(&mut window, "Inspector");
    assert!(window.query_by_label("Search components").is_none());
    assert!(window.query_by_label("Energy now").is_some());
    let scene = window.state().shown.as_ref().unwrap().scene;
    assert!(scene.width() > 280.0, "{scene:?}");
}

#[test]
fn a_large_window_has_them_all_and_a_scene_besides() {
    let window = open(campus(), 1280.0, 720.0);
    assert!(window.query_by_label("Search components").is_some());
    assert!(window.query_by_label("Chart of power").is_some());
    let scene = window.state().shown.as_ref().unwrap().scene;
    assert!(scene.width() > 600.0 && scene.height() > 250.0, "{scene:?}");
}

#[test]
fn panes_keep_their_size_while_nobody_drags_them() {
    let mut window = open(campus(), 1280.0, 720.0);
    let before = window.state().shown.as_ref().unwrap().scene;
    window.run_steps(30);
    assert_eq!(window.state().shown.as_ref().unwrap().scene, before);
}
