//! One course of the site as it is being lived through: its columns, its marks, and a keyframe
//! every so often from which any instant can be lived through again. Not who lives it.

use crate::recorder::Carried;
use crate::{Edit, History};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_reports::{Summary, Tally};
use gridtwin_twin::Twin;
use gridtwin_twin::record::Event;
use gridtwin_twin::scenario::Scenario;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// At least so many intervals from keyframe to keyframe, and at most about so many keyframes in a
/// run: a site's clone takes a megabyte or so, and a day of it is lived through in some 30 ms.
const LEAST_SPACING: u64 = 24;
const MOST_KEYFRAMES: u64 = 128;

/// The twin at the start of an interval, before what is changed then.
#[derive(Debug)]
pub(crate) struct Keyframe {
    pub(crate) twin: Twin,
    pub(crate) carried: Carried,
}

/// A course of the site, as far as it is known.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) edits: Vec<Edit>,
    /// In order of time; never empty.
    pub(crate) keyframes: Vec<Arc<Keyframe>>,
    pub(crate) history: History,
    pub(crate) events: Vec<Event>,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) summary: Option<Summary>,
    /// Why it could not be lived to its end.
    pub(crate) failed: Option<String>,
    /// Tells whoever lives it that nobody wants it any more.
    pub(crate) dropped: Arc<AtomicBool>,
}

impl Run {
    /// A run from the start.
    pub(crate) fn new(id: u64, twin: Twin) -> Self {
        let carried = Carried { tally: Tally::new(twin.catalog()), emitted_kg: 0.0, cost: 0.0 };
        Self {
            id,
            edits: Vec::new(),
            history: History::of(twin.scenario(), twin.catalog().step),
            events: Vec::new(),
            scenario: Arc::new(twin.scenario().clone()),
            keyframes: vec![Arc::new(Keyframe { twin, carried })],
            summary: None,
            failed: None,
            dropped: Arc::default(),
        }
    }

    /// Another run, with other edits, that shares the past up to the first that differs.
    pub(crate) fn fork(&self, id: u64, edits: Vec<Edit>) -> Self {
        let same = self.edits.iter().zip(&edits).take_while(|(a, b)| a == b).count();
        let differs = |edits: &[Edit]| edits.get(same).map_or(SimTime::MAX, |edit| edit.at);
        let at = differs(&self.edits).min(differs(&edits));
        let last = self.keyframe_index(at);
        let from = self.keyframes[last].twin.now();
        let events = self.events.partition_point(|event| event.at < from);
        Self {
            id,
            edits,
            keyframes: self.keyframes[..=last].to_vec(),
            history: self.history.up_to(self.history.interval(from)),
            events: self.events[..events].to_vec(),
            scenario: Arc::new(self.keyframes[last].twin.scenario().clone()),
            summary: None,
            failed: None,
            dropped: Arc::default(),
        }
    }

    /// Up to where it is known.
    pub(crate) fn known(&self) -> SimTime {
        self.history.time(self.history.len())
    }

    /// The last keyframe at `at` or before.
    pub(crate) fn keyframe(&self, at: SimTime) -> &Arc<Keyframe> {
        &self.keyframes[self.keyframe_index(at)]
    }

    fn keyframe_index(&self, at: SimTime) -> usize {
        self.keyframes.partition_point(|frame| frame.twin.now() <= at).saturating_sub(1)
    }

    /// Intervals from keyframe to keyframe.
    pub(crate) fn spacing(twin: &Twin) -> u64 {
        let intervals = twin.end().0 / twin.catalog().step.0.max(1);
        (intervals / MOST_KEYFRAMES).max(LEAST_SPACING)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
    }
}

/// Makes the edits that are due before the interval that begins now. `done` counts those made.
///
/// # Errors
/// The edit that the twin refuses, and why.
pub(crate) fn edit_due(twin: &mut Twin, edits: &[Edit], done: &mut usize) -> Result<(), String> {
    while let Some(edit) = edits.get(*done).filter(|edit| edit.at <= twin.now()) {
        twin.apply(&edit.change).map_err(|error| format!("{}: {error}", edit.change))?;
        *done += 1;
    }
    Ok(())
}

/// How many edits were made before a keyframe at `at`.
pub(crate) fn made_before(edits: &[Edit], at: SimTime) -> usize {
    edits.partition_point(|edit| edit.at < at)
}

/// The start of the first interval at `at` or after.
pub(crate) fn next_start(at: SimTime, step: Span) -> SimTime {
    SimTime(at.0.div_ceil(step.0.max(1)) * step.0)
}
