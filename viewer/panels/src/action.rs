//! What a user has asked for. Panels only say it; the window carries it out.

use crate::Overlay;
use gridtwin_kernel::SimTime;
use gridtwin_player::Thing;
use gridtwin_twin::scenario::Change;
use std::path::PathBuf;

/// Something that a user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Play or pause.
    TogglePlay,
    /// Go on, or back, by so many intervals.
    Step(i64),
    /// Simulated seconds in a second of the wall's.
    SetSpeed(f64),
    /// Go to an instant.
    Seek(SimTime),
    /// Go to the next event.
    NextEvent,
    /// Go to the event before.
    PreviousEvent,
    /// Play a range again and again, or no longer.
    Loop(Option<(SimTime, SimTime)>),
    /// Select a thing, or nothing.
    Select(Option<Thing>),
    /// Bring the selected thing, or the whole site, into view.
    Frame,
    /// Turn the camera around what it looks at: to the right and up, radians.
    Orbit(f32, f32),
    /// Move what the camera looks at: to the right and away, as a share of the distance.
    Pan(f32, f32),
    /// Go nearer or farther: the distance is multiplied by this.
    Zoom(f32),
    /// Whether names stand over things.
    Names(bool),
    /// Colour the world.
    Overlay(Overlay),
    /// Change the alternative from the playhead on.
    WhatIf(Change),
    /// Take the last edit back.
    Undo,
    /// Do it again.
    Redo,
    /// Begin another alternative.
    NewAlternative,
    /// Show this future beside the base case, or none.
    ShowOther(Option<usize>),
    /// Drop an alternative.
    DropFuture(usize),
    /// Open a scenario.
    Open(PathBuf),
    /// Save a future as a scenario.
    Save {
        /// Which.
        future: usize,
        /// Where.
        path: PathBuf,
    },
    /// Write a future's report.
    Export {
        /// Which.
        future: usize,
        /// Into which folder.
        folder: PathBuf,
    },
    /// Save what is seen as a picture.
    Screenshot(PathBuf),
    /// Remember where the camera is, as number 1 to 9.
    KeepBookmark(u8),
    /// Bring the camera back there.
    GoToBookmark(u8),
    /// Size of the panels, 1 as it comes.
    UiScale(f32),
    /// Whether things may move that need not.
    ReducedMotion(bool),
    /// Whether the command palette is open.
    Palette(bool),
    /// Whether the keys are shown.
    Keys(bool),
    /// Close the window.
    Quit,
}
