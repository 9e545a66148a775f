//! The keys: one table, which the key handler obeys and the window of keys shows.

use crate::model::Model;
use crate::state::{PanelState, Tab};
use crate::{Action, Overlay, files, time_bar};
use egui::{Key, Modifiers, Ui};
use gridtwin_kernel::SimTime;
use gridtwin_player::SPEEDS;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Command {
    TogglePlay,
    Step(i64),
    PreviousEvent,
    NextEvent,
    Start,
    End,
    Slower,
    Faster,
    LoopFrom,
    LoopUntil,
    LoopOff,
    Frame,
    Orbit(i8, i8),
    Pan(i8, i8),
    Zoom(i8),
    Names,
    Escape,
    Undo,
    Redo,
    NewAlternative,
    Palette,
    Keys,
    Open,
    Save,
    Export,
    Screenshot,
    Quit,
    Tree,
    Inspector,
    WhatIf,
    Charts,
    Compare,
    Overlay(u8),
    KeepBookmark(u8),
    GoToBookmark(u8),
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) modifiers: Modifiers,
    pub(crate) key: Key,
    pub(crate) command: Command,
    /// What it does, in words.
    pub(crate) words: &'static str,
    /// The heading that it stands under.
    pub(crate) about: &'static str,
}

const CTRL_SHIFT: Modifiers = Modifiers { command: true, ..Modifiers::SHIFT };

const fn bind(
    modifiers: Modifiers,
    key: Key,
    command: Command,
    words: &'static str,
    about: &'static str,
) -> Binding {
    Binding { modifiers, key, command, words, about }
}

const TIME: &str = "Time";
const LOOK: &str = "Looking";
const CHANGE: &str = "What if";
const PANES: &str = "Panels";
const FILES: &str = "Files";

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

/// How far the camera goes with a press of a key: radians, and shares of its distance.
const TURN: f32 = 0.12;
const SHIFT: f32 = 0.08;
const ZOOM: f32 = 1.15;

/// All keys but the digits, which [`digits`] adds.
const KEYS: [Binding; 44] = [
    bind(NONE, Key::Space, Command::TogglePlay, "Play or pause", TIME),
    bind(NONE, Key::ArrowRight, Command::Step(1), "Step forward by one interval", TIME),
    bind(NONE, Key::ArrowLeft, Command::Step(-1), "Step back by one interval", TIME),
    bind(Modifiers::SHIFT, Key::ArrowRight, Command::NextEvent, "Next event", TIME),
    bind(Modifiers::SHIFT, Key::ArrowLeft, Command::PreviousEvent, "Previous event", TIME),
    bind(NONE, Key::Home, Command::Start, "Go to the start", TIME),
    bind(NONE, Key::End, Command::End, "Go to the end", TIME),
    bind(NONE, Key::Comma, Command::Slower, "Slower", TIME),
    bind(NONE, Key::Period, Command::Faster, "Faster", TIME),
    bind(NONE, Key::OpenBracket, Command::LoopFrom, "Loop from here", TIME),
    bind(NONE, Key::CloseBracket, Command::LoopUntil, "Loop until here", TIME),
    bind(NONE, Key::Backslash, Command::LoopOff, "Stop looping", TIME),
    bind(NONE, Key::F, Command::Frame, "Bring the selection or the site into view", LOOK),
    bind(CTRL, Key::ArrowRight, Command::Orbit(1, 0), "Turn the camera to the right", LOOK),
    bind(CTRL, Key::ArrowLeft, Command::Orbit(-1, 0), "Turn the camera to the left", LOOK),
    bind(CTRL, Key::ArrowUp, Command::Orbit(0, 1), "Raise the camera", LOOK),
    bind(CTRL, Key::ArrowDown, Command::Orbit(0, -1), "Lower the camera", LOOK),
    bind(CTRL_SHIFT, Key::ArrowRight, Command::Pan(1, 0), "Move to the right", LOOK),
    bind(CTRL_SHIFT, Key::ArrowLeft, Command::Pan(-1, 0), "Move to the left", LOOK),
    bind(CTRL_SHIFT, Key::ArrowUp, Command::Pan(0, 1), "Move forward", LOOK),
    bind(CTRL_SHIFT, Key::ArrowDown, Command::Pan(0, -1), "Move back", LOOK),
    bind(NONE, Key::PageUp, Command::Zoom(1), "Zoom in", LOOK),
    bind(NONE, Key::PageDown, Command::Zoom(-1), "Zoom out", LOOK),
    bind(NONE, Key::N, Command::Names, "Show or hide names", LOOK),
    bind(NONE, Key::Escape, Command::Escape, "Close a window or menu, or deselect", LOOK),
    bind(CTRL, Key::Z, Command::Undo, "Undo", CHANGE),
    bind(CTRL_SHIFT, Key::Z, Command::Redo, "Redo", CHANGE),
    bind(CTRL, Key::Y, Command::Redo, "Redo", CHANGE),
    bind(CTRL, Key::N, Command::NewAlternative, "New alternative", CHANGE),
    bind(CTRL, Key::P, Command::Palette, "Command palette: find anything", PANES),
    bind(CTRL, Key::K, Command::Palette, "Command palette: find anything", PANES),
    bind(NONE, Key::Questionmark, Command::Keys, "Show the keyboard shortcuts", PANES),
    bind(NONE, Key::F1, Command::Keys, "Show the keyboard shortcuts", PANES),
    bind(NONE, Key::T, Command::Tree, "List of components", PANES),
    bind(NONE, Key::I, Command::Inspector, "Inspector", PANES),
    bind(NONE, Key::W, Command::WhatIf, "What if", PANES),
    bind(NONE, Key::C, Command::Charts, "Charts", PANES),
    bind(NONE, Key::V, Command::Compare, "Compare", PANES),
    bind(CTRL, Key::O, Command::Open, "Open a scenario", FILES),
    bind(CTRL, Key::S, Command::Save, "Save as a scenario", FILES),
    bind(CTRL, Key::E, Command::Export, "Export the report", FILES),
    bind(CTRL_SHIFT, Key::S, Command::Screenshot, "Save a picture", FILES),
    bind(NONE, Key::F12, Command::Screenshot, "Save a picture", FILES),
    bind(CTRL, Key::Q, Command::Quit, "Quit", FILES),
];

const DIGITS: [Key; 10] = [
    Key::Num0,
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// The digits: overlays alone, bookmarks with Ctrl (keep) and Alt (go there).
fn digits() -> impl Iterator<Item = Binding> {
    let overlays = (0..Overlay::ALL.len()).map(|i| {
        let words = "Overlay";
        bind(NONE, DIGITS[i], Command::Overlay(i as u8), words, LOOK)
    });
    let bookmarks = (1..=9u8).flat_map(|i| {
        let key = DIGITS[usize::from(i)];
        [
            bind(CTRL, key, Command::KeepBookmark(i), "Save the camera as a bookmark", LOOK),
            bind(Modifiers::ALT, key, Command::GoToBookmark(i), "Go to a bookmark", LOOK),
        ]
    });
    overlays.chain(bookmarks)
}

/// The whole table.
pub(crate) fn all() -> impl Iterator<Item = Binding> {
    KEYS.into_iter().chain(digits())
}

/// The keys of a binding as a reader knows them.
pub(crate) fn label(binding: &Binding) -> String {
    let mut text = String::new();
    for (on, name) in [
        (binding.modifiers.command, "Ctrl+"),
        (binding.modifiers.alt, "Alt+"),
        (binding.modifiers.shift, "Shift+"),
    ] {
        if on {
            text += name;
        }
    }
    text + match binding.key {
        Key::ArrowRight => "Right",
        Key::ArrowLeft => "Left",
        Key::Questionmark => "?",
        Key::Comma => ",",
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Backslash => "\\",
        Key::Escape => "Esc",
        key => key.name(),
    }
}

/// The first binding of a command, as a reader knows it; empty where it has none.
pub(crate) fn label_of(command: Command) -> String {
    all().find(|b| b.command == command).map_or(String::new(), |b| label(&b))
}

/// What the keys that were pressed in this frame ask for. Keys without Ctrl or Alt are left to a
/// widget that has the focus, and all but Escape to a text field.
pub(crate) fn handle(ui: &Ui, model: &Model, state: &mut PanelState) -> Vec<Action> {
    let ctx = ui.ctx();
    let focused = ctx.memory(|m| m.focused()).is_some();
    let typing = ctx.text_edit_focused();
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let egui::Event::Key { key, physical_key, pressed: true, repeat, modifiers } = event
            else {
                return true;
            };
            let found = all().find(|b| pressed(b, *key, *physical_key, *modifiers));
            let Some(found) = found else { return true };
            let step = matches!(
                found.command,
                Command::Step(_) | Command::Orbit(..) | Command::Pan(..) | Command::Zoom(_)
            );
            let plain = !modifiers.command && !modifiers.alt;
            let palette = found.command == Command::Palette;
            let function = matches!(found.key, Key::F1 | Key::F12 | Key::Escape);
            // Escape also takes the focus away, so that the next one reaches the panels.
            if found.command == Command::Escape && focused && !state.has_open_window() {
                return true;
            }
            if (*repeat && !step)
                || (plain && focused && !function)
                || (typing && !palette && !function)
            {
                return true;
            }
            commands.push(found.command);
            false
        });
    });
    commands.into_iter().flat_map(|command| carry_out(command, model, state)).collect()
}

fn pressed(binding: &Binding, key: Key, physical: Option<Key>, modifiers: Modifiers) -> bool {
    let digit = DIGITS.contains(&binding.key);
    let same = key == binding.key || (digit && physical == Some(binding.key));
    // A question mark needs Shift on most keyboards, and so do digits on some.
    let shift = matches!(binding.key, Key::Questionmark)
        || (digit && key != binding.key)
        || modifiers.shift == binding.modifiers.shift;
    let control = modifiers.command || modifiers.ctrl;
    same && shift && control == binding.modifiers.command && modifiers.alt == binding.modifiers.alt
}

/// What a command asks of the window; what concerns the panels alone is done at once.
pub(crate) fn carry_out(command: Command, model: &Model, state: &mut PanelState) -> Vec<Action> {
    let action = match command {
        Command::TogglePlay => Action::TogglePlay,
        Command::Step(n) => Action::Step(n),
        Command::PreviousEvent => Action::PreviousEvent,
        Command::NextEvent => Action::NextEvent,
        Command::Start => Action::Seek(SimTime::ZERO),
        Command::End => Action::Seek(model.end),
        Command::Slower => return speed(model, false),
        Command::Faster => return speed(model, true),
        Command::LoopFrom => {
            return time_bar::loop_from(model, &mut state.time).into_iter().collect();
        }
        Command::LoopUntil => {
            return time_bar::loop_until(model, &mut state.time).into_iter().collect();
        }
        Command::LoopOff => {
            state.time.loop_from = None;
            Action::Loop(None)
        }
        Command::Frame => Action::Frame,
        Command::Orbit(x, y) => Action::Orbit(TURN * f32::from(x), TURN * f32::from(y)),
        Command::Pan(x, y) => Action::Pan(SHIFT * f32::from(x), SHIFT * f32::from(y)),
        Command::Zoom(nearer) => Action::Zoom(if nearer > 0 { 1.0 / ZOOM } else { ZOOM }),
        Command::Names => Action::Names(!model.desk.names),
        Command::Escape if state.close_top() => return Vec::new(),
        Command::Escape => Action::Select(None),
        Command::Undo if model.can_undo.is_some() => Action::Undo,
        Command::Redo if model.can_redo.is_some() => Action::Redo,
        Command::Undo | Command::Redo => return Vec::new(),
        Command::NewAlternative => Action::NewAlternative,
        Command::Palette => Action::Palette(!state.palette.is_open()),
        Command::Keys => Action::Keys(!state.keys_open),
        Command::Open => return state.ask(files::Ask::Open, model),
        Command::Save => return state.ask(files::Ask::Save, model),
        Command::Export => return state.ask(files::Ask::Export, model),
        Command::Screenshot => return state.ask(files::Ask::Screenshot, model),
        Command::Quit => Action::Quit,
        Command::Tree => return state.toggle_tree(),
        Command::Inspector => return state.toggle_side(false),
        Command::WhatIf => return state.toggle_side(true),
        Command::Charts => return state.toggle_lower(None),
        Command::Compare => return state.toggle_lower(Some(Tab::Compare)),
        Command::Overlay(i) => Action::Overlay(Overlay::ALL[usize::from(i)]),
        Command::KeepBookmark(i) => Action::KeepBookmark(i),
        Command::GoToBookmark(i) => Action::GoToBookmark(i),
    };
    vec![action]
}

fn speed(model: &Model, faster: bool) -> Vec<Action> {
    let now = model.playhead.speed();
    let next = if faster {
        SPEEDS.into_iter().find(|s| *s > now)
    } else {
        SPEEDS.into_iter().rev().find(|s| *s < now)
    };
    next.map(Action::SetSpeed).into_iter().collect()
}
