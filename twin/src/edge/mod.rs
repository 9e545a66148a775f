//! The edge: devices that make tasks, servers and a cloud that compute them, the network between
//! them, and the energy all of it takes, as one discrete-event component that the engine drives.
//!
//! It decides nothing about power: the engine reports when a server, a fleet, a switch or a link
//! goes down or comes back; the edge handles the tasks.
//!
//! Model, where the scenario's types do not say it already:
//! - A device has one core and one radio, both first come, first served, and may hold
//!   [`DEVICE_LIMIT`] tasks that wait for either. A task that is offloaded occupies the radio for
//!   its input's bits at the slowest rate on its way, and arrives after the way's latency.
//! - A server is a first-come-first-served queue before its cores. The result's way back takes its
//!   bits at the slowest rate plus the latency, and waits for no radio. It is looked up at the
//!   instant the result leaves; whether the device is powered too. The record is complete then, so
//!   a task's `finished` may lie a little after the interval in which it is told.
//! - Energy counts when it is spent: a server's exactly between events, a device's computing when
//!   it is done, a transfer when its last bit has left (the way back: when the result leaves).
//! - Carbon is energy times the intensity of the interval in which it was spent. What a device on
//!   its own cell spends, its link included, is harvested and counts 0 g.
//! - A fleet without power forgets what waits on its devices; what has left them goes on. A result
//!   that finds its device dark is lost.

mod accounts;
mod agenda;
mod build;
mod energy;
mod error;
mod flow;
mod network;
mod outage;
mod rebuild;
mod routes;
mod server;
mod task;
mod workload;

pub use energy::{EdgeEnergy, ServerEnergy};
pub use error::EdgeError;
pub use network::{Network, Node, Path};
pub use workload::{Made, Workload};

use crate::record::TaskRecord;
use crate::scenario::{BrownOut, Scenario};
use agenda::Agenda;
use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_scheduler::offload::Offload;
use routes::Routes;
use server::{Power, Servers};
use task::{Slab, Stage};

/// How many tasks a device holds at most, waiting for its core or its radio or using it; one more
/// is lost, as from a full queue.
pub const DEVICE_LIMIT: u32 = 1000;

/// The state of all tasks at one instant. A clone continues identically.
#[derive(Clone, Debug)]
pub struct Edge {
    workload: Workload,
    /// What is due to tasks and servers; what comes anew is in the workload.
    agenda: Agenda,
    tasks: Slab,
    /// Slots that may hold energy of the open interval, besides those that run on a server.
    touched: Vec<u32>,
    finished: Vec<Finished>,
    streams: Vec<StreamRule>,
    devices: Devices,
    fleets: Vec<Fleet>,
    servers: Servers,
    cloud: Option<CloudCores>,
    network: Network,
    routes: Routes,
    policy: Offload,
    brown_out: BrownOut,
    site_g_per_kwh: f64,
    cloud_g_per_kwh: f64,
    meter: Meter,
    now: SimTime,
    /// Tasks so far.
    made: u64,
}

/// What the engine must know of what happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgeOut {
    /// Servers that stopped or run again, in order of time.
    pub servers: Vec<ServerNotice>,
}

/// A server stopped, or runs (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerNotice {
    /// The time.
    pub at: SimTime,
    /// The server.
    pub server: u16,
    /// The change.
    pub change: ServerChange,
}

/// What happened to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerChange {
    /// It runs: it has power and has booted.
    Up,
    /// It stopped. A server that had not booted yet stops with nothing to lose.
    Down {
        /// Tasks that waited or ran on it and were lost.
        lost: u32,
        /// Tasks that waited or ran on it and were sent again.
        migrated: u32,
    },
}

/// A task that ended in the open interval, with what it spent in it.
#[derive(Clone, Copy, Debug)]
struct Finished {
    record: TaskRecord,
    site_j: f64,
    cloud_j: f64,
}

/// What holds for all tasks of a stream.
#[derive(Clone, Copy, Debug)]
struct StreamRule {
    fleet: u16,
    deadline: Span,
    arrived: u64,
}

/// A fleet of equal devices.
#[derive(Clone, Debug)]
struct Fleet {
    first: u32,
    count: u32,
    frequency_hz: f64,
    ns_per_cycle: f64,
    joules_per_cycle: f64,
    /// All devices together.
    idle_w: f64,
    own_supply: bool,
    up: bool,
    settled: SimTime,
    /// With power, since the last reading.
    powered_ns: u64,
}

/// The devices of all fleets, in columns.
#[derive(Clone, Debug)]
struct Devices {
    /// When the core has done what it was given.
    core_free: Vec<SimTime>,
    /// When the radio has sent what it was given.
    radio_free: Vec<SimTime>,
    /// Tasks that wait for either, or use it.
    held: Vec<u32>,
}

/// The cloud's cores.
#[derive(Clone, Copy, Debug)]
struct CloudCores {
    frequency_hz: f64,
    /// The building's share included.
    core_w: f64,
}

/// What was spent since the last reading, besides what servers and fleets count themselves; and the
/// last reading.
#[derive(Clone, Debug)]
struct Meter {
    pulses: EdgeEnergy,
    reading: EdgeEnergy,
}

impl Edge {
    /// The edge at the start: everything has power and runs. No task arrives at or after `end`;
    /// those on their way then can still be followed to their end.
    ///
    /// # Errors
    /// A name that does not exist, an impossible link, tasks that can never get where the policy
    /// sends them.
    pub fn new(scenario: &Scenario, streams: &Streams, end: SimTime) -> Result<Self, EdgeError> {
        build::build(scenario, streams, end)
    }

    /// When something happens next by itself; never where nothing does.
    #[inline]
    pub fn next_time(&self) -> SimTime {
        self.agenda.next_time().min(self.workload.next_time())
    }

    /// Simulates everything before `until`, in exact order, and settles all meters up to it.
    pub fn advance(&mut self, until: SimTime, out: &mut EdgeOut) {
        loop {
            let (due, arrival) = (self.agenda.next_time(), self.workload.next_time());
            if due.min(arrival) >= until {
                break;
            }
            if due <= arrival {
                self.handle_due(due, out);
            } else {
                self.handle_arrival();
            }
        }
        self.settle(until);
    }

    /// The network as it is now.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Whether a server runs: it has power and has booted.
    pub fn server_running(&self, server: u16) -> bool {
        self.servers.running[usize::from(server)]
    }

    /// Whether a server has power, booted or not.
    pub fn server_powered(&self, server: u16) -> bool {
        self.servers.all[usize::from(server)].power != Power::Off
    }

    /// Tasks that wait or run on a server.
    pub fn tasks_at(&self, server: u16) -> u32 {
        self.servers.tasks[usize::from(server)]
    }

    /// Tasks that a server has computed since the start; the difference of two askings is what
    /// came between them.
    pub fn finished(&self, server: u16) -> u64 {
        self.servers.all[usize::from(server)].finished
    }

    /// Whether a fleet has power.
    pub fn fleet_up(&self, fleet: u16) -> bool {
        self.fleets[usize::from(fleet)].up
    }

    /// Tasks of a stream that have come so far.
    pub fn arrived(&self, stream: u16) -> u64 {
        self.streams[usize::from(stream)].arrived
    }

    /// Tasks of a stream that are on their way. Looks at every task.
    pub fn in_flight(&self, stream: u16) -> u64 {
        let alive = |stage| !matches!(stage, Stage::Free | Stage::Gone);
        let tasks = self.tasks.iter().map(|(_, task)| task);
        tasks.filter(|t| t.stream == stream && alive(t.stage)).count() as u64
    }
}
