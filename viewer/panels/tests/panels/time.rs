//! The time bar.

use crate::bench::{campus, click, hours, open};
use egui::{Event, Key, Modifiers, PointerButton, pos2};
use egui_kittest::kittest::Queryable as _;
use gridtwin_panels::Action;

#[test]
fn the_transport_does_what_it_says() {
    let mut window = open(campus(), 1280.0, 720.0);
    assert_eq!(click(&mut window, "Play"), [Action::TogglePlay]);
    assert_eq!(click(&mut window, "Step"), [Action::Step(1)]);
    assert_eq!(click(&mut window, "Step back"), [Action::Step(-1)]);
    assert_eq!(click(&mut window, "Next event"), [Action::NextEvent]);
    assert_eq!(click(&mut window, "Previous event"), [Action::PreviousEvent]);
    window.state_mut().player.play();
    window.run_steps(2);
    assert_eq!(click(&mut window, "Pause"), [Action::TogglePlay]);
}

#[test]
fn a_speed_is_chosen_in_words() {
    let mut window = open(campus(), 1280.0, 720.0);
    assert_eq!(click(&mut window, "Speed"), []);
    assert_eq!(click(&mut window, "3600×, 1 h a second"), [Action::SetSpeed(3600.0)]);
}

#[test]
fn typing_a_time_of_the_site_goes_there() {
    for (text, expected) in [
        ("14:30", 14.5),
        ("noon", 12.0),
        ("Tue 9:00", 33.0),
        ("18 Jun 12:00", 36.0),
        ("2024-06-18T06:15", 30.25),
        ("day 2 3pm", 39.0),
        ("+2h", 14.0),
        ("-30min", 11.5),
        ("end", 48.0),
        ("30 Jun", 48.0),
    ] {
        let mut window = open(campus(), 1280.0, 720.0);
        click(&mut window, "Go to time");
        window.event(Event::Text(text.to_owned()));
        window.key_press(Key::Enter);
        window.run_steps(3);
        assert_eq!(window.state().actions, [Action::Seek(hours(expected))], "{text}");
    }
}

#[test]
fn what_is_no_time_goes_nowhere_and_is_said() {
    let mut window = open(campus(), 1280.0, 720.0);
    click(&mut window, "Go to time");
    window.event(Event::Text("soonish".to_owned()));
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(window.state().actions, []);
    assert!(window.query_by_label_contains("This is not a time").is_some());
}

#[test]
fn a_click_on_the_time_line_goes_there() {
    let mut window = open(campus(), 1280.0, 720.0);
    window.get_by_label("Time line").click();
    window.run_steps(3);
    let [Action::Seek(at)] = window.state().actions[..] else { panic!("one seek") };
    assert!((at.as_hours_f64() - 24.0).abs() < 0.1, "the middle of two days, not {at:?}");
}

#[test]
fn a_drag_with_shift_loops_a_range() {
    let mut window = open(campus(), 1280.0, 720.0);
    let rect = window.get_by_label("Time line").rect();
    let at = |share: f32| pos2(rect.left() + share * rect.width(), rect.center().y);
    window.event(Event::ModifiersChanged(Modifiers::SHIFT));
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::SHIFT,
    };
    window.event(Event::PointerMoved(at(0.25)));
    window.event(button(at(0.25), true));
    window.step();
    window.event(Event::PointerMoved(at(0.4)));
    window.step();
    window.event(Event::PointerMoved(at(0.5)));
    window.step();
    window.event(button(at(0.5), false));
    window.run_steps(2);
    let last = window.state().actions.last().cloned();
    let Some(Action::Loop(Some((from, until)))) = last else { panic!("a loop, not {last:?}") };
    assert!((from.as_hours_f64() - 12.0).abs() < 0.3, "{from:?}");
    assert!((until.as_hours_f64() - 24.0).abs() < 0.3, "{until:?}");
    assert!(window.state().actions.iter().all(|a| matches!(a, Action::Loop(_))));
}

#[test]
fn a_loop_is_set_at_the_playhead() {
    let mut window = open(campus(), 1280.0, 720.0);
    assert_eq!(click(&mut window, "Loop from here"), []);
    window.state_mut().player.seek(hours(15.0));
    window.run_steps(2);
    let range = (hours(12.0), hours(15.0));
    assert_eq!(click(&mut window, "Loop until here"), [Action::Loop(Some(range))]);
    window.state_mut().player.set_loop(Some(range));
    window.run_steps(2);
    assert_eq!(click(&mut window, "Stop looping"), [Action::Loop(None)]);
}
