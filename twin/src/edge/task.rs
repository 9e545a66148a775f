//! The tasks on their way, in a slab: slots are used again, nothing is allocated for a task. Each
//! slot has at most one entry in the agenda; a task that ends before its entry is due leaves its
//! slot [`Stage::Gone`], and the entry frees it.

use super::workload::Made;
use crate::record::{Outcome, Place, TaskEnergy, TaskRecord};
use gridtwin_kernel::{SimTime, Span};

/// Where a task is in its life, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits for its device's radio and is sent from `sends` to `sent`; due where it arrives.
    Uplink { sends: SimTime, sent: SimTime },
    /// It waits for its device's core and is computed from `starts` on; due when it is done.
    Local { starts: SimTime },
    /// It waits in the queue of its server; nothing is due.
    Waiting,
    /// It is computed on its server from `starts` on; due when it is done. Its energy is accounted
    /// for up to `settled`; it is the server's `seat`-th running task.
    Running { starts: SimTime, settled: SimTime, seat: u32 },
    /// It is computed in the cloud from `starts` on; due when it is done.
    InCloud { starts: SimTime },
    /// It has ended or moved to another slot; this one is free as soon as its entry is due.
    Gone,
    /// A free slot.
    Free,
}

/// One task on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) number: u64,
    pub(super) arrived: SimTime,
    /// When its present stage began: sent, queued, started.
    pub(super) since: SimTime,
    pub(super) input_bits: f64,
    pub(super) cycles: f64,
    pub(super) output_bits: f64,
    /// Energy of the transfer under way that the site pays...
    pub(super) sending_site_j: f64,
    /// ...and that the device's own cell pays.
    pub(super) sending_own_j: f64,
    /// Time that its computing takes where it is.
    pub(super) work: Span,
    pub(super) stage: Stage,
    pub(super) device: u32,
    pub(super) stream: u16,
    pub(super) fleet: u16,
    pub(super) migrations: u16,
    pub(super) place: Place,
    pub(super) uplink: Span,
    pub(super) queue: Span,
    pub(super) compute: Span,
    pub(super) energy: TaskEnergy,
    /// Carbon of what was spent in intervals that are closed.
    pub(super) carbon_g: f64,
    /// Energy spent in the open interval on the site's power...
    pub(super) site_j: f64,
    /// ...and in the cloud.
    pub(super) cloud_j: f64,
}

impl Task {
    pub(super) fn new(number: u64, made: &Made, fleet: u16) -> Self {
        Self {
            number,
            arrived: made.at,
            since: made.at,
            input_bits: made.input_bits,
            cycles: made.cycles,
            output_bits: made.output_bits,
            sending_site_j: 0.0,
            sending_own_j: 0.0,
            work: Span::ZERO,
            stage: Stage::Free,
            device: made.device,
            stream: made.stream,
            fleet,
            migrations: 0,
            place: Place::Local,
            uplink: Span::ZERO,
            queue: Span::ZERO,
            compute: Span::ZERO,
            energy: TaskEnergy::default(),
            carbon_g: 0.0,
            site_j: 0.0,
            cloud_j: 0.0,
        }
    }

    /// What became of it.
    pub(super) fn record(&self, outcome: Outcome, finished: SimTime, way_back: Span) -> TaskRecord {
        TaskRecord {
            number: self.number,
            stream: self.stream,
            device: self.device,
            place: self.place,
            outcome,
            arrived: self.arrived,
            finished,
            uplink_s: self.uplink.as_secs_f64() as f32,
            queue_s: self.queue.as_secs_f64() as f32,
            compute_s: self.compute.as_secs_f64() as f32,
            return_s: way_back.as_secs_f64() as f32,
            migrations: self.migrations,
            energy: self.energy,
            carbon_g: self.carbon_g,
        }
    }

    /// Gives what was spent in the interval that closes its carbon.
    pub(super) fn settle_carbon(&mut self, site_g_per_j: f64, cloud_g_per_j: f64) {
        self.carbon_g += self.site_j * site_g_per_j + self.cloud_j * cloud_g_per_j;
        (self.site_j, self.cloud_j) = (0.0, 0.0);
    }
}

/// Tasks by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Slab {
    tasks: Vec<Task>,
    free: Vec<u32>,
}

impl Slab {
    /// Puts a task in a free slot.
    #[inline]
    pub(super) fn insert(&mut self, task: Task) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.tasks[slot as usize] = task;
                slot
            }
            None => {
                self.tasks.push(task);
                (self.tasks.len() - 1) as u32
            }
        }
    }

    /// Frees a slot that no agenda's entry names.
    #[inline]
    pub(super) fn free(&mut self, slot: u32) {
        self.tasks[slot as usize].stage = Stage::Free;
        self.free.push(slot);
    }

    /// All slots with their tasks, free and gone ones included.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Task)> {
        self.tasks.iter().enumerate().map(|(i, t)| (i as u32, t))
    }
}

impl std::ops::Index<u32> for Slab {
    type Output = Task;
    #[inline]
    fn index(&self, slot: u32) -> &Task {
        &self.tasks[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Slab {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Task {
        &mut self.tasks[slot as usize]
    }
}
