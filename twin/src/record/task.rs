//! What became of one task.

use gridtwin_kernel::SimTime;

/// One task, from its arrival to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskRecord {
    /// Counts all tasks of the run in order of arrival.
    pub number: u64,
    /// Index of its stream in the [`super::Catalog`].
    pub stream: u16,
    /// Index of its device among all devices.
    pub device: u32,
    /// Where it ran, or was to run when it ended.
    pub place: Place,
    /// How it ended.
    pub outcome: Outcome,
    /// When its device made it.
    pub arrived: SimTime,
    /// When its result was back, or when it was lost.
    pub finished: SimTime,
    /// Seconds spent waiting for the device's radio and sending.
    pub uplink_s: f32,
    /// Seconds in the queue of its place.
    pub queue_s: f32,
    /// Seconds of computing.
    pub compute_s: f32,
    /// Seconds of the result's way back.
    pub return_s: f32,
    /// How often it was sent again because its server browned out.
    pub migrations: u16,
    /// Energy it took, above what the machines draw anyway.
    pub energy: TaskEnergy,
    /// Carbon of that energy, by the mix at the time and place.
    pub carbon_g: f64,
}

impl TaskRecord {
    /// From arrival to end, in milliseconds.
    pub fn latency_ms(&self) -> f64 {
        (self.finished - self.arrived).as_millis_f64()
    }
}

/// Where a task runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On its own device.
    Local,
    /// On the edge server of this index.
    Server(u16),
    /// In the cloud.
    Cloud,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Its result came back within the deadline.
    Completed,
    /// Its result came back late.
    Missed,
    /// Lost: its device had no power when it was due.
    LostDeviceDark,
    /// Lost: its server browned out while it waited or ran.
    LostBrownOut,
    /// Lost: the queue was full.
    LostQueueFull,
    /// Lost: no way led to where it was to run, or back.
    LostNoRoute,
}

impl Outcome {
    /// Whether it was lost.
    pub fn is_lost(self) -> bool {
        !matches!(self, Self::Completed | Self::Missed)
    }

    /// Its name in `tasks.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Missed => "missed",
            Self::LostDeviceDark => "lost-device-dark",
            Self::LostBrownOut => "lost-brown-out",
            Self::LostQueueFull => "lost-queue-full",
            Self::LostNoRoute => "lost-no-route",
        }
    }
}

/// Where a task's energy went, in joules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskEnergy {
    /// The device's computing.
    pub device_j: f64,
    /// Links, there and back.
    pub network_j: f64,
    /// The server's computing, above idle.
    pub server_j: f64,
    /// The cloud's computing, its building included.
    pub cloud_j: f64,
}

impl TaskEnergy {
    /// All of it.
    pub fn total_j(&self) -> f64 {
        self.device_j + self.network_j + self.server_j + self.cloud_j
    }
}
