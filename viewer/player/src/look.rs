//! The thread that lives some intervals through again, from the nearest keyframe, in every detail:
//! what is seen around the playhead. What is wanted is replaced as a whole from frame to frame, so
//! that nothing is lived through that nobody looks at any more.

use crate::run::{Keyframe, edit_due, made_before};
use crate::{Detail, Edit, Snapshot};
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Event, Message, Observer, Sample, TaskRecord};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Some intervals of a run.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) run: u64,
    pub(crate) edits: Vec<Edit>,
    pub(crate) keyframe: Arc<Keyframe>,
    pub(crate) from: SimTime,
    pub(crate) until: SimTime,
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) run: u64,
    pub(crate) detail: Arc<Detail>,
}

/// What is wanted, the most urgent first.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    looks: Vec<Look>,
    /// What is being looked at.
    busy: Option<(u64, SimTime, SimTime)>,
    closed: bool,
}

impl Wanted {
    /// Replaces what is wanted; what is being looked at already is left out.
    pub(crate) fn replace(&self, looks: Vec<Look>) {
        let mut inner = self.lock();
        let busy = inner.busy;
        inner.looks = looks;
        inner.looks.retain(|look| busy != Some((look.run, look.from, look.until)));
        self.changed.notify_one();
    }

    /// Nothing is wanted any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// The next look; none when all is over.
    fn take(&self) -> Option<Look> {
        let mut inner = self.lock();
        inner.busy = None;
        loop {
            if inner.closed {
                return None;
            }
            if !inner.looks.is_empty() {
                let look = inner.looks.remove(0);
                inner.busy = Some((look.run, look.from, look.until));
                return Some(look);
            }
            inner = self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks until nothing is wanted any more.
pub(crate) fn look(wanted: &Wanted, seen: &Sender<Seen>) {
    while let Some(look) = wanted.take() {
        let Ok(detail) = see(&look) else { continue };
        if seen.send(Seen { run: look.run, detail: Arc::new(detail) }).is_err() {
            return;
        }
    }
}

/// Lives through what a look asks for.
///
/// # Errors
/// Where an edit is refused.
pub(crate) fn see(look: &Look) -> Result<Detail, String> {
    let mut twin = look.keyframe.twin.clone();
    let mut done = made_before(&look.edits, twin.now());
    let step = twin.catalog().step;
    let mut eye =
        Eye(Detail { from: look.from, until: look.until.min(twin.end()), ..Detail::default() });
    let until = eye.0.until;
    while twin.now() < until {
        edit_due(&mut twin, &look.edits, &mut done)?;
        let next = twin.now() + step;
        if twin.now() < look.from {
            twin.advance(next, &mut ());
            continue;
        }
        let state = twin.state();
        twin.advance(next, &mut eye);
        eye.0.snapshots.push(Snapshot { sample: twin.last_sample().clone(), state });
    }
    Ok(eye.0)
}

struct Eye(Detail);

impl Observer for Eye {
    fn sample(&mut self, _: &Sample) {}

    fn event(&mut self, _: SimTime, event: &Event) {
        self.0.events.push(event.clone());
    }

    fn task(&mut self, task: &TaskRecord) {
        self.0.tasks.push(*task);
    }

    fn wants_messages(&self) -> bool {
        true
    }

    fn message(&mut self, message: &Message) {
        self.0.messages.push(*message);
    }
}
