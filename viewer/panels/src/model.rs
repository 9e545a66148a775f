//! What there is to show: plain references to what the player and the window hold. Not the player,
//! so that a test can lay one out by hand.

use crate::Overlay;
use gridtwin_kernel::SimTime;
use gridtwin_player::{Edit, Future, History, Job, Player, Playhead, Thing, View};
use gridtwin_reports::Summary;
use gridtwin_twin::record::{Catalog, Event};
use gridtwin_twin::scenario::Scenario;
use std::path::PathBuf;

/// What the window knows besides the player.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What is selected.
    pub selection: Option<Thing>,
    /// What colours the world.
    pub overlay: Overlay,
    /// Whether names stand over things.
    pub names: bool,
    /// Which bookmarks are kept, 1 to 9 in this order.
    pub bookmarks: [bool; 9],
    /// Size of the panels, 1 as it comes.
    pub ui_scale: f32,
    /// Whether nothing moves that need not.
    pub reduced_motion: bool,
    /// Scenarios that can be opened, if the window has looked for some.
    pub scenarios: Vec<PathBuf>,
    /// How long the last frame took, in milliseconds.
    pub frame_ms: f32,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            selection: None,
            overlay: Overlay::None,
            names: false,
            bookmarks: [false; 9],
            ui_scale: 1.0,
            reduced_motion: false,
            scenarios: Vec::new(),
            frame_ms: 0.0,
        }
    }
}

/// One future, as the panels read it.
#[derive(Clone, Copy, Debug)]
pub struct FutureModel<'a> {
    /// Its name.
    pub name: &'a str,
    /// What was changed in it.
    pub edits: &'a [Edit],
    /// Its scenario with all its edits.
    pub scenario: &'a Scenario,
    /// Its course as far as it is known.
    pub history: &'a History,
    /// What happened in it.
    pub events: &'a [Event],
    /// Its figures, once it is over.
    pub summary: Option<&'a Summary>,
    /// What it looks like at the playhead.
    pub view: &'a View,
    /// Up to where it has been lived through.
    pub known: SimTime,
    /// Why it could not be lived to its end.
    pub failed: Option<&'a str>,
}

impl<'a> FutureModel<'a> {
    fn of(future: &'a Future) -> Self {
        Self {
            name: future.name(),
            edits: future.edits(),
            scenario: future.scenario(),
            history: future.history(),
            events: future.events(),
            summary: future.summary(),
            view: future.view(),
            known: future.known(),
            failed: future.failed(),
        }
    }
}

/// All that the panels read in a frame.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    /// Names behind the indices.
    pub catalog: &'a Catalog,
    /// The place in time that is looked at.
    pub playhead: &'a Playhead,
    /// When the run is over.
    pub end: SimTime,
    /// All futures; the first is the base case, and there always is one.
    pub futures: Vec<FutureModel<'a>>,
    /// Index of the alternative that is shown beside the base case.
    pub other: Option<usize>,
    /// What goes on beside the play.
    pub jobs: &'a [Job],
    /// What undo would take back, in words.
    pub can_undo: Option<&'a str>,
    /// What redo would do again, in words.
    pub can_redo: Option<&'a str>,
    /// What the window knows.
    pub desk: &'a Desk,
}

impl<'a> Model<'a> {
    /// The model of a player and its window.
    pub fn of(player: &'a Player, desk: &'a Desk) -> Self {
        Self {
            catalog: player.catalog(),
            playhead: player.playhead(),
            end: player.end(),
            futures: player.futures().iter().map(FutureModel::of).collect(),
            other: player.other(),
            jobs: player.jobs(),
            can_undo: player.can_undo(),
            can_redo: player.can_redo(),
            desk,
        }
    }

    /// The base case.
    pub(crate) fn base(&self) -> &FutureModel<'a> {
        &self.futures[0]
    }

    /// The alternative that is shown, with its index.
    pub(crate) fn shown_other(&self) -> Option<(usize, &FutureModel<'a>)> {
        let index = self.other?;
        Some((index, self.futures.get(index)?))
    }

    /// The future that a change would touch: the alternative, if one is shown.
    pub(crate) fn edited(&self) -> &FutureModel<'a> {
        self.shown_other().map_or(self.base(), |(_, other)| other)
    }

    /// The playhead's instant.
    pub(crate) fn now(&self) -> SimTime {
        self.playhead.at()
    }

    /// The name of a thing.
    pub(crate) fn name(&self, thing: Thing) -> String {
        thing.name(self.base().scenario)
    }
}
