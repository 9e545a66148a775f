//! Every key does what the window of keys says.

use crate::bench::{campus, click, hours, open};
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::{Action, Overlay};

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;

#[test]
fn keys_ask_for_what_they_say() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.state_mut().player.what_if(gridtwin_twin::scenario::Change::Grid { up: false }).unwrap();
    let range = (hours(0.0), hours(12.0));
    let mut expected = vec![
        (NONE, Key::Space, Action::TogglePlay),
        (NONE, Key::ArrowRight, Action::Step(1)),
        (NONE, Key::ArrowLeft, Action::Step(-1)),
        (SHIFT, Key::ArrowRight, Action::NextEvent),
        (SHIFT, Key::ArrowLeft, Action::PreviousEvent),
        (NONE, Key::Home, Action::Seek(hours(0.0))),
        (NONE, Key::End, Action::Seek(hours(48.0))),
        (NONE, Key::Comma, Action::SetSpeed(60.0)),
        (NONE, Key::Period, Action::SetSpeed(900.0)),
        (NONE, Key::CloseBracket, Action::Loop(Some(range))),
        (NONE, Key::Backslash, Action::Loop(None)),
        (NONE, Key::F, Action::Frame),
        (CTRL, Key::ArrowRight, Action::Orbit(0.12, 0.0)),
        (CTRL, Key::ArrowDown, Action::Orbit(0.0, -0.12)),
        (CTRL | SHIFT, Key::ArrowLeft, Action::Pan(-0.08, 0.0)),
        (CTRL | SHIFT, Key::ArrowUp, Action::Pan(0.0, 0.08)),
        (NONE, Key::PageUp, Action::Zoom(1.0 / 1.15)),
        (NONE, Key::PageDown, Action::Zoom(1.15)),
        (NONE, Key::N, Action::Names(true)),
        (NONE, Key::Escape, Action::Select(None)),
        (CTRL, Key::Z, Action::Undo),
        (CTRL, Key::N, Action::NewAlternative),
        (CTRL, Key::Q, Action::Quit),
        (NONE, Key::Num0, Action::Overlay(Overlay::None)),
        (NONE, Key::Num3, Action::Overlay(Overlay::Carbon)),
        (NONE, Key::Num6, Action::Overlay(Overlay::Consensus)),
        (CTRL, Key::Num1, Action::KeepBookmark(1)),
        (CTRL, Key::Num9, Action::KeepBookmark(9)),
        (Modifiers::ALT, Key::Num1, Action::GoToBookmark(1)),
        (Modifiers::ALT, Key::Num9, Action::GoToBookmark(9)),
    ];
    window.run_steps(2);
    for (modifiers, key, action) in expected.drain(..) {
        window.state_mut().actions.clear();
        window.key_press_modifiers(modifiers, key);
        window.run_steps(2);
        assert_eq!(window.state().actions, [action], "{modifiers:?} {key:?}");
    }
    window.state_mut().player.undo();
    window.run_steps(2);
    window.state_mut().actions.clear();
    for (modifiers, key) in [(CTRL | SHIFT, Key::Z), (CTRL, Key::Y)] {
        window.key_press_modifiers(modifiers, key);
        window.run_steps(2);
        assert_eq!(std::mem::take(&mut window.state_mut().actions), [Action::Redo]);
    }
}

#[test]
fn keys_open_and_close_the_panels() {
    let mut window = open(campus(), 1280.0, 720.0);
    let press = |window: &mut egui_kittest::Harness<'static, crate::bench::Bench>, key| {
        window.key_press(key);
        window.run_steps(3);
    };
    assert!(window.state().panels.tree_open);
    press(&mut window, Key::T);
    assert!(!window.state().panels.tree_open);
    press(&mut window, Key::W);
    assert!(window.state().panels.side_open && window.state().panels.what_if);
    press(&mut window, Key::I);
    assert!(window.state().panels.side_open && !window.state().panels.what_if);
    press(&mut window, Key::I);
    assert!(!window.state().panels.side_open);
    press(&mut window, Key::C);
    assert!(!window.state().panels.lower_open);
    press(&mut window, Key::V);
    assert!(window.state().panels.lower_open);
    assert_eq!(window.state().panels.tab, gridtwin_panels::Tab::Compare);
    for key in [Key::Questionmark, Key::F1] {
        press(&mut window, key);
        assert!(window.query_by_label("Play or pause").is_some(), "{key:?}");
        press(&mut window, Key::Escape);
        assert!(window.query_by_label("Play or pause").is_none(), "{key:?}");
    }
    assert_eq!(window.state().actions, [], "none of this concerns the window");
}

#[test]
fn keys_ask_for_files() {
    for (modifiers, key, title) in [
        (CTRL, Key::O, "Open a scenario"),
        (CTRL, Key::S, "Save as a scenario"),
        (CTRL, Key::E, "Export the report"),
        (CTRL | SHIFT, Key::S, "Save a picture"),
        (NONE, Key::F12, "Save a picture"),
    ] {
        let mut window = open(campus(), 1280.0, 720.0);
        window.key_press_modifiers(modifiers, key);
        window.run_steps(3);
        assert!(window.query_by_label(title).is_some(), "{title}");
    }
}

#[test]
fn who_types_does_not_play() {
    let mut window = open(campus(), 1280.0, 720.0);
    click(&mut window, "Search components");
    for key in [Key::Space, Key::F, Key::Num3, Key::ArrowLeft, Key::T, Key::Home] {
        window.key_press(key);
        window.run_steps(2);
    }
    assert_eq!(window.state().actions, []);
    assert!(window.state().panels.tree_open);
}

#[test]
fn the_keyboard_alone_reaches_and_presses_a_button() {
    let mut window = open(campus(), 1280.0, 720.0);
    for _ in 0..200 {
        window.key_press(Key::Tab);
        window.run_steps(1);
        if window.get_by_label("Next event").is_focused() {
            break;
        }
    }
    assert!(window.get_by_label("Next event").is_focused());
    window.key_press(Key::Space);
    window.run_steps(2);
    assert_eq!(window.state().actions, [Action::NextEvent], "and Space does not play as well");
}

#[test]
fn the_window_of_keys_lists_them() {
    let mut window = open(campus(), 1280.0, 1400.0);
    window.event(Event::Key {
        key: Key::Questionmark,
        physical_key: Some(Key::Slash),
        pressed: true,
        repeat: false,
        modifiers: SHIFT,
    });
    window.run_steps(3);
    for key in
        ["Space", "Shift+Right", "Ctrl+Z", "Ctrl+Shift+Z  Ctrl+Y", "0 to 6", "Alt+1 to 9", "?  F1"]
    {
        assert!(window.query_by_label(key).is_some(), "{key}");
    }
}
