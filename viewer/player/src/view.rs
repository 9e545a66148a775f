//! What one future looks like at the playhead: what the scene and the panels read.

use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Event, Message, Sample, State, TaskRecord};

/// One interval of a future in full: its sample, and what stood where as it began.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The interval.
    pub sample: Sample,
    /// As it began.
    pub state: State,
    /// Each battery's state of charge as it began.
    pub soc: Vec<f64>,
}

/// Some intervals of a future in every detail.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// When the first interval begins.
    pub from: SimTime,
    /// When the last one ends.
    pub until: SimTime,
    /// Each interval.
    pub snapshots: Vec<Snapshot>,
    /// What happened, in order of time.
    pub events: Vec<Event>,
    /// Tasks that ended, in order of their end.
    pub tasks: Vec<TaskRecord>,
    /// Messages that were sent, in order of sending.
    pub messages: Vec<Message>,
}

/// A future at the playhead. Its buffers are used again from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The playhead.
    pub at: SimTime,
    /// The interval it is in: means over the interval.
    pub sample: Sample,
    /// What stands where at exactly this instant.
    pub state: State,
    /// Each battery's state of charge at exactly this instant, 0 to 1.
    pub soc: Vec<f64>,
}
