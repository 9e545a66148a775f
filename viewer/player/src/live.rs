//! The thread that lives runs through to their ends, the one that was asked for last first, and
//! sends what it saw in slices. It ends within an interval when it is told to.

use crate::Edit;
use crate::History;
use crate::recorder::Recorder;
use crate::run::{Keyframe, Run, edit_due, made_before};
use gridtwin_kernel::SimTime;
use gridtwin_reports::Summary;
use gridtwin_twin::Twin;
use gridtwin_twin::record::{Event, EventKind};
use gridtwin_twin::scenario::Scenario;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};

/// A run to be lived through, from its last keyframe on.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) run: u64,
    pub(crate) edits: Vec<Edit>,
    pub(crate) from: Arc<Keyframe>,
    /// It is lived through up to here, or to its end if that comes first.
    pub(crate) until: SimTime,
    pub(crate) dropped: Arc<AtomicBool>,
}

/// What has been lived through.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) run: u64,
    pub(crate) rows: History,
    pub(crate) events: Vec<Event>,
    /// Where the slice ends, if the run goes on from there.
    pub(crate) keyframe: Option<Arc<Keyframe>>,
    /// The scenario, where it was changed in the slice.
    pub(crate) scenario: Option<Arc<Scenario>>,
    /// How it ended, if it did.
    pub(crate) ended: Option<Result<Summary, String>>,
}

struct Life {
    order: Order,
    twin: Twin,
    recorder: Recorder,
    /// Edits made.
    done: usize,
}

/// Lives through what is ordered until `stop`, or until nobody orders any more.
pub(crate) fn live(orders: &Receiver<Order>, news: &Sender<News>, stop: &AtomicBool) {
    let mut lives: Vec<Life> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let order = match lives.is_empty() {
            true => orders.recv().map_err(|_| TryRecvError::Disconnected),
            false => orders.try_recv(),
        };
        match order {
            Ok(order) => lives.push(Life::new(order)),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return,
        }
        lives.retain(|life| !life.order.dropped.load(Ordering::Relaxed));
        let Some(life) = lives.last_mut() else { continue };
        let told = life.slice(stop);
        let ended = told.ended.is_some() || life.twin.now() >= life.order.until;
        if news.send(told).is_err() {
            return;
        }
        if ended {
            lives.pop();
        }
    }
}

impl Life {
    fn new(order: Order) -> Self {
        let twin = order.from.twin.clone();
        Self {
            recorder: Recorder::new(&twin, order.from.carried.clone()),
            done: made_before(&order.edits, twin.now()),
            twin,
            order,
        }
    }

    /// Lives up to the next keyframe, or to the end.
    fn slice(&mut self, stop: &AtomicBool) -> News {
        let mut failed = None;
        for _ in 0..Run::spacing(&self.twin) {
            let unwanted =
                stop.load(Ordering::Relaxed) || self.order.dropped.load(Ordering::Relaxed);
            if unwanted || self.twin.now() >= self.twin.end().min(self.order.until) {
                break;
            }
            failed = edit_due(&mut self.twin, &self.order.edits, &mut self.done).err();
            if failed.is_some() {
                break;
            }
            self.recorder.look_at(&self.twin);
            let next = self.twin.now() + self.twin.catalog().step;
            self.twin.advance(next, &mut self.recorder);
        }
        let over = self.twin.now() >= self.twin.end();
        let ended = match failed {
            Some(why) => Some(Err(why)),
            None => over.then(|| Ok(self.recorder.carried.tally.summary())),
        };
        let changed = |event: &Event| matches!(event.kind, EventKind::Changed { .. });
        let changed = self.recorder.events.iter().any(changed);
        let rows = History::of(self.twin.scenario(), self.twin.catalog().step);
        News {
            run: self.order.run,
            rows: std::mem::replace(&mut self.recorder.rows, rows),
            events: std::mem::take(&mut self.recorder.events),
            keyframe: ended.is_none().then(|| {
                let carried = self.recorder.carried.clone();
                Arc::new(Keyframe { twin: self.twin.clone(), carried })
            }),
            scenario: changed.then(|| Arc::new(self.twin.scenario().clone())),
            ended,
        }
    }
}
