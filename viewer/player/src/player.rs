//! The player: what a window holds.

use crate::{Detail, Edit, History, Planned, Playhead, View};
use gridtwin_kernel::SimTime;
use gridtwin_reports::Summary;
use gridtwin_twin::record::{Catalog, Event};
use gridtwin_twin::scenario::{Change, Scenario};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Why something could not be done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PlayerError(pub String);

/// Something that goes on beside the play, as writing a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What, in words.
    pub what: String,
    /// From 0 to 1.
    pub progress: f32,
    /// How it ended, if it has: what was written, or what went wrong.
    pub done: Option<Result<String, String>>,
}

/// One course that the site can take.
#[derive(Debug)]
pub struct Future {
    pub(crate) planned: Planned,
    pub(crate) history: History,
    pub(crate) events: Vec<Event>,
    pub(crate) summary: Option<Summary>,
    pub(crate) view: View,
    pub(crate) detail: Option<Arc<Detail>>,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) known: SimTime,
}

impl Future {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.planned.name
    }
    /// What was changed in it.
    pub fn edits(&self) -> &[Edit] {
        &self.planned.edits
    }
    /// Its scenario with all its edits.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
    /// Its course as far as it is known.
    pub fn history(&self) -> &History {
        &self.history
    }
    /// What happened in it, single tasks and decisions apart, in order of time.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
    /// The report's figures, once it has been lived through to its end.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }
    /// What it looks like at the playhead, or what was last seen of it.
    pub fn view(&self) -> &View {
        &self.view
    }
    /// The intervals around the playhead in every detail, once they are there.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }
    /// Up to where it has been lived through.
    pub fn known(&self) -> SimTime {
        self.known
    }
}

/// Plays a scenario and its alternatives.
#[derive(Debug)]
pub struct Player {
    catalog: Catalog,
    end: SimTime,
    playhead: Playhead,
    futures: Vec<Future>,
    other: Option<usize>,
}

impl Player {
    /// Starts to live through a scenario, off this thread.
    ///
    /// # Errors
    /// What the twin refuses.
    pub fn new(_scenario: &Scenario) -> Result<Self, PlayerError> {
        Err(PlayerError("not built".to_owned()))
    }
    /// Takes what has been lived through meanwhile, and moves the playhead by what `wall` is worth.
    /// Never waits.
    pub fn tick(&mut self, _wall: Duration) {}
    /// Waits until everything at the playhead is there: for pictures and tests, not for frames.
    pub fn settle(&mut self) {}
    /// Waits until every future has been lived through to its end.
    pub fn finish(&mut self) {}
    /// Names behind the indices.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
    /// When the run is over.
    pub fn end(&self) -> SimTime {
        self.end
    }
    /// The place in time that is looked at.
    pub fn playhead(&self) -> &Playhead {
        &self.playhead
    }
    /// All futures; the first is the base case.
    pub fn futures(&self) -> &[Future] {
        &self.futures
    }
    /// The base case.
    pub fn base(&self) -> &Future {
        &self.futures[0]
    }
    /// Index of the alternative that is shown beside the base case.
    pub fn other(&self) -> Option<usize> {
        self.other
    }
    /// Shows another alternative beside the base case, or none.
    pub fn show_other(&mut self, _future: Option<usize>) {}
    /// Goes on.
    pub fn play(&mut self) {}
    /// Stands still.
    pub fn pause(&mut self) {}
    /// Another speed: simulated seconds in a second of the wall's, from 1 to 10,000.
    pub fn set_speed(&mut self, _speed: f64) {}
    /// Goes to an instant.
    pub fn seek(&mut self, _at: SimTime) {}
    /// Goes on, or back, by so many intervals.
    pub fn step(&mut self, _intervals: i64) {}
    /// Plays a range again and again, or no longer.
    pub fn set_loop(&mut self, _range: Option<(SimTime, SimTime)>) {}
    /// Goes to the next event of the base case or of the alternative.
    pub fn next_event(&mut self) {}
    /// Goes to the event before.
    pub fn previous_event(&mut self) {}
    /// Changes the alternative from the playhead on; where there is none, the base case is forked
    /// there.
    ///
    /// # Errors
    /// What the twin refuses; nothing is changed then.
    pub fn what_if(&mut self, _change: Change) -> Result<(), PlayerError> {
        Ok(())
    }
    /// Starts another alternative beside those there are: the next change forks the base case.
    pub fn new_alternative(&mut self) {}
    /// Drops an alternative.
    pub fn drop_future(&mut self, _future: usize) {}
    /// Takes the last edit back. Whether there was one.
    pub fn undo(&mut self) -> bool {
        false
    }
    /// Does again what was taken back. Whether there was something.
    pub fn redo(&mut self) -> bool {
        false
    }
    /// What [`Player::undo`] would take back, in words.
    pub fn can_undo(&self) -> Option<&str> {
        None
    }
    /// What [`Player::redo`] would do again, in words.
    pub fn can_redo(&self) -> Option<&str> {
        None
    }
    /// Writes a future as a scenario that runs to the same figures: the user's own text with its
    /// edits in `changes`.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn save(&self, _future: usize, _path: &Path) -> Result<(), PlayerError> {
        Ok(())
    }
    /// Writes a future's report into a folder, beside the play.
    pub fn export(&mut self, _future: usize, _folder: &Path) {}
    /// What goes on beside the play.
    pub fn jobs(&self) -> &[Job] {
        &[]
    }
}
