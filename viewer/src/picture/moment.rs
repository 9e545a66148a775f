//! Runs a scenario to an instant and gathers what the scene shows of it.

use gridtwin_kernel::SimTime;
use gridtwin_player::{Detail, Snapshot, View};
use gridtwin_twin::record::{Catalog, Event, Message, Observer, Sample, TaskRecord};
use gridtwin_twin::scenario::Scenario;
use gridtwin_twin::{Twin, TwinError};
use std::sync::Arc;

/// A scenario at an instant.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Names behind indices.
    pub catalog: Catalog,
    /// What it looks like.
    pub view: View,
    /// The interval and its neighbours in every detail.
    pub detail: Arc<Detail>,
}

#[derive(Default)]
struct Notes {
    detail: Detail,
}

impl Observer for Notes {
    fn sample(&mut self, sample: &Sample) {
        self.detail.snapshots.push(Snapshot { sample: sample.clone(), ..Snapshot::default() });
    }
    fn event(&mut self, _at: SimTime, event: &Event) {
        self.detail.events.push(event.clone());
    }
    fn task(&mut self, task: &TaskRecord) {
        self.detail.tasks.push(*task);
    }
    fn wants_messages(&self) -> bool {
        true
    }
    fn message(&mut self, message: &Message) {
        self.detail.messages.push(*message);
    }
}

/// Lives through a scenario up to an instant.
///
/// # Errors
/// What the twin refuses.
pub fn moment(scenario: &Scenario, at: SimTime) -> Result<Moment, TwinError> {
    let mut twin = Twin::new(scenario)?;
    let catalog = twin.catalog().clone();
    let step = catalog.step;
    let last = SimTime(twin.end().0.saturating_sub(step.0));
    let at = at.min(last);
    let from = SimTime(at.0 / step.0 * step.0);
    let before = SimTime(from.0.saturating_sub(step.0));
    twin.advance(before, &mut ());
    let mut notes = Notes::default();
    twin.advance(from, &mut notes);
    let starting_soc = || scenario.batteries.iter().map(|b| b.soc_start.get());
    let soc: Vec<f64> = if from == SimTime::ZERO {
        starting_soc().collect()
    } else {
        twin.last_sample().batteries.iter().map(|b| b.soc).collect()
    };
    let state = twin.state();
    twin.advance(from + step, &mut notes);
    let sample = twin.last_sample().clone();
    let share = (at - from).as_secs_f64() / step.as_secs_f64();
    let soc = soc
        .iter()
        .zip(&sample.batteries)
        .map(|(before, after)| before + (after.soc - before) * share)
        .collect();
    twin.advance(from + step + step, &mut notes);
    notes.detail.from = before;
    notes.detail.until = twin.now();
    notes.detail.messages.sort_by_key(|message| message.sent);
    let view = View { at, sample, state, soc };
    Ok(Moment { catalog, view, detail: Arc::new(notes.detail) })
}
