//! What the window does with what a user wants, frame by frame, with neither window nor renderer.

use bevy::app::AppExit;
use bevy::prelude::*;
use gridtwin_kernel::SimTime;
use gridtwin_panels::{Action, Overlay};
use gridtwin_player::{Metric, Player, Thing};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::Change;
use gridtwin_viewer::scene::{Framing, Picked, ScenePlugin, SkyKind, Stage, Wish};
use gridtwin_viewer::window::{Session, WindowSystems};
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(name)
}

fn window(name: &str, days: u32) -> App {
    let scenario = Scenario::load_with(&file(name), &[], Some(days), None).unwrap();
    let player = Player::new(&scenario).unwrap();
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_plugins(ScenePlugin { drawn: false, sky: SkyKind::Gradient })
        .add_plugins(WindowSystems)
        .insert_resource(Session::new(player, Some(&file(name)), None));
    app.update();
    app
}

/// Wants something, and lets two frames pass.
fn want(app: &mut App, action: Action) {
    app.world_mut().resource_mut::<Session>().wants.push(action);
    app.update();
    app.update();
}

fn player(app: &mut App) -> &mut Player {
    &mut app.world_mut().resource_mut::<Session>().into_inner().player
}

/// Waits until all that is asked for is there, and shows it.
fn settle(app: &mut App) {
    player(app).finish();
    player(app).settle();
    app.update();
}

#[test]
fn play_pause_speed_seek_and_step_reach_the_scene() {
    let mut app = window("campus.ron", 1);
    settle(&mut app);
    want(&mut app, Action::SetSpeed(10_000.0));
    want(&mut app, Action::TogglePlay);
    assert!(player(&mut app).playhead().is_playing());
    assert_eq!(app.world().resource::<Wish>().speed, 10_000.0);
    let before = player(&mut app).playhead().at();
    std::thread::sleep(std::time::Duration::from_millis(5));
    app.update();
    assert!(player(&mut app).playhead().at() > before, "it plays");
    want(&mut app, Action::TogglePlay);
    let paused = player(&mut app).playhead().at();
    app.update();
    assert_eq!(player(&mut app).playhead().at(), paused, "it stands still");
    let noon = SimTime::from_secs_f64(12.0 * 3600.0 + 17.0);
    want(&mut app, Action::Seek(noon));
    settle(&mut app);
    let stage = app.world().resource::<Stage>();
    assert_eq!(stage.at(), noon);
    assert!(stage.sides[0].view.sample.flows.pv_kw > 10.0, "the sun shines");
    want(&mut app, Action::Step(-1));
    assert_eq!(player(&mut app).playhead().at(), SimTime::from_secs_f64(11.0 * 3600.0 + 3300.0));
    want(&mut app, Action::Loop(Some((SimTime::ZERO, noon))));
    assert_eq!(player(&mut app).playhead().looped(), Some((SimTime::ZERO, noon)));
}

#[test]
fn the_next_event_is_jumped_to() {
    let mut app = window("blackout.ron", 2);
    settle(&mut app);
    want(&mut app, Action::NextEvent);
    let first = player(&mut app).playhead().at();
    assert!(player(&mut app).base().events().iter().any(|event| event.at == first));
    want(&mut app, Action::NextEvent);
    assert!(player(&mut app).playhead().at() > first);
    want(&mut app, Action::PreviousEvent);
    assert_eq!(player(&mut app).playhead().at(), first);
}

#[test]
fn a_fork_stands_beside_the_base_case_and_undo_takes_it_away() {
    let mut app = window("campus.ron", 1);
    settle(&mut app);
    want(&mut app, Action::Seek(SimTime::from_secs_f64(6.0 * 3600.0)));
    let bigger = Change::set("batteries.container.capacity_kwh", "900");
    want(&mut app, Action::WhatIf(bigger.clone()));
    while player(&mut app).futures().len() < 2 {
        app.update();
    }
    want(&mut app, Action::Seek(SimTime::from_secs_f64(20.0 * 3600.0)));
    settle(&mut app);
    let stage = app.world().resource::<Stage>();
    assert_eq!(stage.sides.len(), 2);
    let capacity = |side: usize| stage.sides[side].scenario.batteries[0].capacity_kwh.get();
    assert_eq!((capacity(0), capacity(1)), (500.0, 900.0));
    assert_eq!(stage.sides[0].view.at, stage.sides[1].view.at, "both run on one clock");
    assert_ne!(stage.sides[0].view.soc, stage.sides[1].view.soc);
    want(&mut app, Action::Undo);
    assert_eq!(app.world().resource::<Stage>().sides.len(), 1);
    want(&mut app, Action::Redo);
    settle(&mut app);
    assert_eq!(app.world().resource::<Stage>().sides.len(), 2);
    assert_eq!(player(&mut app).futures()[1].edits()[0].change, bigger);
    want(&mut app, Action::ShowOther(None));
    assert_eq!(app.world().resource::<Stage>().sides.len(), 1);
}

#[test]
fn a_saved_alternative_opens_again_with_the_same_course() {
    let mut app = window("campus.ron", 1);
    settle(&mut app);
    want(&mut app, Action::Seek(SimTime::from_secs_f64(6.0 * 3600.0)));
    want(&mut app, Action::WhatIf(Change::Grid { up: false }));
    while player(&mut app).futures().len() < 2 {
        app.update();
    }
    settle(&mut app);
    let course = player(&mut app).futures()[1].history().metric(Metric::Soc).to_vec();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("without-grid.ron");
    want(&mut app, Action::Save { future: 1, path: path.clone() });
    assert!(path.is_file());
    want(&mut app, Action::Open(path));
    while player(&mut app).futures().len() > 1 {
        app.update();
    }
    settle(&mut app);
    assert_eq!(player(&mut app).base().history().metric(Metric::Soc), course);
}

#[test]
fn what_is_clicked_on_is_selected_and_framed_and_overlays_colour_the_stage() {
    let mut app = window("island.ron", 1);
    settle(&mut app);
    app.world_mut().write_message(Picked(Some(Thing::Battery(0))));
    app.update();
    app.update();
    assert_eq!(app.world().resource::<Session>().desk.selection, Some(Thing::Battery(0)));
    assert_eq!(app.world().resource::<Wish>().selected, Some(Thing::Battery(0)));
    want(&mut app, Action::Frame);
    assert_eq!(*app.world().resource::<Framing>(), Framing::Thing(Thing::Battery(0)));
    want(&mut app, Action::Overlay(Overlay::Carbon));
    assert_eq!(app.world().resource::<Wish>().overlay, Overlay::Carbon);
    want(&mut app, Action::ReducedMotion(true));
    assert!(app.world().resource::<Wish>().reduced_motion);
    want(&mut app, Action::Select(None));
    assert_eq!(app.world().resource::<Wish>().selected, None);
}

#[test]
fn quitting_in_the_middle_of_a_run_ends_it() {
    let mut app = window("campus.ron", 365);
    want(&mut app, Action::TogglePlay);
    want(&mut app, Action::Quit);
    assert_eq!(app.should_exit(), Some(AppExit::Success));
    assert!(player(&mut app).base().summary().is_none());
}
