//! What of the edge may change during a run. Work in progress is not affected: a task that is being
//! computed or sent finishes as it began; the new figures apply from the next one on.

use super::build;
use super::server::Servers;
use super::task::Stage;
use super::{Edge, EdgeError};
use crate::scenario::{Policies, Scenario};
use gridtwin_kernel::SimTime;

impl Edge {
    /// Decides by other policies from now on.
    pub(crate) fn set_policies(&mut self, old: &Policies, new: &Policies) {
        if new.offload != old.offload {
            self.policy = build::policy_of(new.offload);
        }
        self.brown_out = new.brown_out;
    }

    /// Takes the figures of another scenario in which the same things have the same order. All
    /// meters must have been read up to `now`. Returns whether ways through the network changed.
    ///
    /// # Errors
    /// Figures that no edge can have.
    pub(crate) fn rebuild(&mut self, scenario: &Scenario, now: SimTime) -> Result<bool, EdgeError> {
        let servers = build::servers(scenario)?;
        let fleets = build::fleets(scenario)?;
        let network = build::network(scenario)?;
        for (fleet, new) in self.fleets.iter_mut().zip(fleets) {
            fleet.frequency_hz = new.frequency_hz;
            fleet.ns_per_cycle = new.ns_per_cycle;
            fleet.joules_per_cycle = new.joules_per_cycle;
            fleet.idle_w = new.idle_w;
        }
        self.cloud = build::cloud(scenario);
        self.rebuild_servers(&servers, now);
        let rerouted = self.network.set_edges(&network);
        self.routes.set_distances(build::distances_m(scenario));
        self.routes.update(&self.network);
        Ok(rerouted)
    }

    fn rebuild_servers(&mut self, new: &Servers, now: SimTime) {
        self.servers.frequency_hz.clone_from(&new.frequency_hz);
        self.servers.core_w.clone_from(&new.core_w);
        self.servers.queue_limit.clone_from(&new.queue_limit);
        for (s, figures) in new.all.iter().enumerate() {
            let server = &mut self.servers.all[s];
            server.idle_w = figures.idle_w;
            server.boot = figures.boot;
            if server.ns_per_cycle != figures.ns_per_cycle {
                server.ns_per_cycle = figures.ns_per_cycle;
                let mut waiting_ns = 0u64;
                for &slot in &server.queue {
                    let task = &mut self.tasks[slot];
                    task.work = super::flow::ns(task.cycles * figures.ns_per_cycle);
                    waiting_ns = waiting_ns.saturating_add(task.work.0);
                }
                self.servers.waiting_ns[s] = waiting_ns;
            }
            let cores = new.cores[s];
            if self.servers.cores[s] != cores {
                self.servers.cores[s] = cores;
                self.set_cores(s, cores as usize, now);
            }
        }
    }

    /// With fewer cores, those tasks that came to a core last wait again and begin anew; with more,
    /// the next in the queue begin.
    fn set_cores(&mut self, s: usize, cores: usize, now: SimTime) {
        self.servers.all[s].settle(now);
        while self.servers.all[s].seats.len() > cores {
            let Some(slot) = self.servers.all[s].seats.pop() else { return };
            if let Stage::Running { starts, settled, .. } = self.tasks[slot].stage {
                self.tasks[slot].compute += now - starts;
                self.spend_server(slot, s, now - settled);
            }
            // The agenda still names the slot for the task's end.
            let mut task = self.tasks[slot];
            self.tasks[slot].stage = Stage::Gone;
            (task.stage, task.since) = (Stage::Waiting, now);
            let waiting = &mut self.servers.waiting_ns[s];
            *waiting = waiting.saturating_add(task.work.0);
            let again = self.tasks.insert(task);
            self.touched.push(again);
            self.servers.all[s].queue.push_front(again);
        }
        while self.servers.all[s].seats.len() < cores {
            let server = &mut self.servers.all[s];
            let Some(slot) = server.queue.pop_front() else { return };
            let seat = server.seats.len() as u32;
            server.seats.push(slot);
            let waiting = &mut self.servers.waiting_ns[s];
            *waiting = waiting.saturating_sub(self.tasks[slot].work.0);
            self.start(slot, seat, now);
        }
    }
}
