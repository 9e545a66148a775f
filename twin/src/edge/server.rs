//! The edge servers: power, cores, queues. What policies read is in columns, the rest in one struct
//! per server. Time is counted in whole nanoseconds, so that a server's energy does not depend on
//! how often it is settled.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_scheduler::offload::ServersView;
use std::collections::VecDeque;

/// Whether a server works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// It has no power.
    Off,
    /// It has power and runs from `ready` on; until then it draws what it draws when idle.
    Booting { ready: SimTime },
    /// It runs.
    Running,
}

/// What a server is and does, besides the columns.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) power: Power,
    pub(super) idle_w: f64,
    pub(super) ns_per_cycle: f64,
    pub(super) boot: Span,
    /// Tasks that wait, the next one first.
    pub(super) queue: VecDeque<u32>,
    /// Tasks that run, in no order.
    pub(super) seats: Vec<u32>,
    /// Up to when the two counters below are right.
    pub(super) settled: SimTime,
    /// With power, since the last reading.
    pub(super) powered_ns: u64,
    /// Cores busy, since the last reading.
    pub(super) busy_core_ns: u64,
    /// Tasks computed since the start.
    pub(super) finished: u64,
}

impl Server {
    /// Counts up to `now`.
    #[inline]
    pub(super) fn settle(&mut self, now: SimTime) {
        let passed = now.since(self.settled).0;
        if self.power != Power::Off {
            self.powered_ns += passed;
            self.busy_core_ns += passed * self.seats.len() as u64;
        }
        self.settled = self.settled.max(now);
    }
}

/// All servers.
#[derive(Clone, Debug, Default)]
pub(super) struct Servers {
    pub(super) all: Vec<Server>,
    pub(super) running: Vec<bool>,
    pub(super) cores: Vec<u32>,
    pub(super) frequency_hz: Vec<f64>,
    pub(super) core_w: Vec<f64>,
    pub(super) tasks: Vec<u32>,
    pub(super) waiting_ns: Vec<u64>,
    pub(super) queue_limit: Vec<u32>,
}

impl Servers {
    pub(super) fn view(&self) -> ServersView<'_> {
        ServersView {
            running: &self.running,
            cores: &self.cores,
            frequency_hz: &self.frequency_hz,
            core_w: &self.core_w,
            tasks: &self.tasks,
            waiting_ns: &self.waiting_ns,
            queue_limit: &self.queue_limit,
        }
    }

    /// What a server draws now, W.
    pub(super) fn power_w(&self, server: usize) -> f64 {
        let s = &self.all[server];
        match s.power {
            Power::Off => 0.0,
            Power::Booting { .. } | Power::Running => {
                s.idle_w + self.core_w[server] * s.seats.len() as f64
            }
        }
    }
}
