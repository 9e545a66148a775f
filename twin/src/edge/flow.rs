//! The life of a task: it arrives, is placed, sent, queued, computed and sent back. Not what power
//! does to it, which is in `outage`.

use super::task::{Stage, Task};
use super::{DEVICE_LIMIT, Edge, EdgeOut, Finished};
use crate::record::{self, Outcome, Place};
use crate::scenario::BrownOut;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_scheduler::offload::{
    self, CloudView, DeviceView, EdgeView, OffloadPolicy, Placement, Route, TaskView,
};

/// What an entry of the agenda is about; of two at the same instant the lower comes first.
pub(super) mod due {
    pub(in super::super) const BOOT: u64 = 0 << 32;
    pub(in super::super) const DONE: u64 = 1 << 32;
    pub(in super::super) const ARRIVAL: u64 = 2 << 32;
    pub(super) const KIND: u64 = !0 << 32;
}

/// Nanoseconds to the nearest whole one.
#[inline]
pub(super) fn ns(value: f64) -> Span {
    Span((value + 0.5) as u64)
}

#[inline]
fn transfer(route: &Route, bits: f64) -> Span {
    ns(route.transfer_s(bits) * 1e9)
}

impl Edge {
    /// The first entry of the agenda is due.
    #[inline]
    pub(super) fn handle_due(&mut self, now: SimTime, out: &mut EdgeOut) {
        let Some(tag) = self.agenda.pop() else { return };
        self.now = now;
        let index = tag as u32;
        if tag & due::KIND == due::BOOT {
            return self.booted(index as u16, now, out);
        }
        match self.tasks[index].stage {
            Stage::Uplink { .. } => self.reached(index, now),
            Stage::Local { starts } => self.done_locally(index, starts, now),
            Stage::Running { starts, settled, seat } => {
                self.done_at_server(index, starts, settled, seat, now)
            }
            Stage::InCloud { starts } => self.done_in_cloud(index, starts, now),
            Stage::Gone => self.tasks.free(index),
            Stage::Waiting | Stage::Free => {
                debug_assert!(false, "a waiting or free task has no event")
            }
        }
    }

    /// The next task of the workload comes.
    #[inline]
    pub(super) fn handle_arrival(&mut self) {
        let Some(made) = self.workload.next() else {
            return;
        };
        self.now = made.at;
        let rule = &mut self.streams[usize::from(made.stream)];
        rule.arrived += 1;
        let slot = self.tasks.insert(Task::new(self.made, &made, rule.fleet));
        self.made += 1;
        self.place(slot, made.at);
    }

    /// Asks the policy where the task is to run, and sends it there.
    pub(super) fn place(&mut self, slot: u32, now: SimTime) {
        let task = &mut self.tasks[slot];
        let (device, fleet_index) = (task.device as usize, task.fleet);
        let fleet = &self.fleets[usize::from(fleet_index)];
        task.since = now;
        if !fleet.up {
            task.place = Place::Local;
            return self.end(slot, Outcome::LostDeviceDark, now, Span::ZERO);
        }
        let deadline = self.streams[usize::from(task.stream)].deadline;
        let view = EdgeView {
            device: DeviceView {
                device: task.device,
                frequency_hz: fleet.frequency_hz,
                joules_per_cycle: fleet.joules_per_cycle,
                g_per_kwh: if fleet.own_supply { 0.0 } else { self.site_g_per_kwh },
                core_wait: self.devices.core_free[device].since(now),
                radio_wait: self.devices.radio_free[device].since(now),
            },
            servers: self.servers.view(),
            routes: self.routes.to_servers(fleet_index),
            nearest: self.routes.nearest(fleet_index),
            cloud: self.cloud.map(|cloud| CloudView {
                frequency_hz: cloud.frequency_hz,
                core_w: cloud.core_w,
                g_per_kwh: self.cloud_g_per_kwh,
            }),
            cloud_route: *self.routes.to_cloud(fleet_index),
            site_g_per_kwh: self.site_g_per_kwh,
        };
        let asked = TaskView {
            input_bits: task.input_bits,
            cycles: task.cycles,
            output_bits: task.output_bits,
            time_left: (task.arrived + deadline).since(now),
        };
        let placement = self.policy.decide(&asked, &view);
        task.place = match placement {
            Placement::Local => Place::Local,
            Placement::Server(server) => Place::Server(server),
            Placement::Cloud => Place::Cloud,
        };
        if self.devices.held[device] >= DEVICE_LIMIT {
            return self.end(slot, Outcome::LostQueueFull, now, Span::ZERO);
        }
        let route = match placement {
            Placement::Local => {
                self.devices.held[device] += 1;
                let core_free = &mut self.devices.core_free[device];
                let starts = now.max(*core_free);
                task.work = ns(task.cycles * fleet.ns_per_cycle);
                task.stage = Stage::Local { starts };
                *core_free = starts + task.work;
                self.agenda.push(*core_free, due::DONE | u64::from(slot));
                return;
            }
            Placement::Server(server) => self.routes.to_server(fleet_index, server),
            Placement::Cloud => self.routes.to_cloud(fleet_index),
        };
        if !route.exists() {
            return self.end(slot, Outcome::LostNoRoute, now, Span::ZERO);
        }
        self.devices.held[device] += 1;
        let radio_free = &mut self.devices.radio_free[device];
        let sends = now.max(*radio_free);
        let sent = sends + transfer(route, task.input_bits);
        *radio_free = sent;
        task.stage = Stage::Uplink { sends, sent };
        task.sending_site_j = task.input_bits * route.site_joules_per_bit;
        task.sending_own_j = task.input_bits * route.own_joules_per_bit;
        let at = sent + route.latency;
        self.agenda.push(at, due::ARRIVAL | u64::from(slot));
    }

    /// The task is where it is to run, if that still runs.
    fn reached(&mut self, slot: u32, now: SimTime) {
        let task = &mut self.tasks[slot];
        task.uplink += now - task.since;
        task.since = now;
        self.devices.held[task.device as usize] -= 1;
        let (place, fleet) = (task.place, task.fleet);
        let (site_j, own_j) = (task.sending_site_j, task.sending_own_j);
        self.spend_network(slot, site_j, own_j);
        match place {
            Place::Server(server) => {
                if !self.servers.running[usize::from(server)] {
                    self.send_back(slot, Outcome::LostBrownOut, now);
                } else if !self.routes.to_server(fleet, server).exists() {
                    self.send_back(slot, Outcome::LostNoRoute, now);
                } else {
                    self.join(slot, usize::from(server), now);
                }
            }
            Place::Cloud => match self.cloud {
                Some(cloud) if self.routes.to_cloud(fleet).exists() => {
                    let task = &mut self.tasks[slot];
                    task.work = Span::from_secs_f64(task.cycles / cloud.frequency_hz);
                    task.stage = Stage::InCloud { starts: now };
                    let at = now + task.work;
                    self.agenda.push(at, due::DONE | u64::from(slot));
                }
                _ => self.send_back(slot, Outcome::LostNoRoute, now),
            },
            Place::Local => debug_assert!(false, "a local task is not sent over the network"),
        }
    }

    /// The task came to nothing where it was sent: its device sends it again, or it is lost.
    fn send_back(&mut self, slot: u32, outcome: Outcome, now: SimTime) {
        match self.brown_out {
            BrownOut::Migrate => {
                let migrations = &mut self.tasks[slot].migrations;
                *migrations = migrations.saturating_add(1);
                self.place(slot, now);
            }
            BrownOut::Lose => self.end(slot, outcome, now, Span::ZERO),
        }
    }

    /// The task takes a core of its server, or waits for one.
    #[inline]
    fn join(&mut self, slot: u32, s: usize, now: SimTime) {
        let server = &mut self.servers.all[s];
        let task = &mut self.tasks[slot];
        task.work = ns(task.cycles * server.ns_per_cycle);
        let seat = server.seats.len();
        if seat < self.servers.cores[s] as usize {
            server.settle(now);
            server.seats.push(slot);
            self.servers.tasks[s] += 1;
            self.start(slot, seat as u32, now);
        } else if server.queue.len() < self.servers.queue_limit[s] as usize {
            task.stage = Stage::Waiting;
            server.queue.push_back(slot);
            self.servers.tasks[s] += 1;
            let waiting = &mut self.servers.waiting_ns[s];
            *waiting = waiting.saturating_add(task.work.0);
        } else {
            self.end(slot, Outcome::LostQueueFull, now, Span::ZERO);
        }
    }

    #[inline]
    pub(super) fn start(&mut self, slot: u32, seat: u32, now: SimTime) {
        let task = &mut self.tasks[slot];
        task.queue += now - task.since;
        task.stage = Stage::Running { starts: now, settled: now, seat };
        let at = now + task.work;
        self.agenda.push(at, due::DONE | u64::from(slot));
    }

    fn done_at_server(
        &mut self,
        slot: u32,
        starts: SimTime,
        settled: SimTime,
        seat: u32,
        now: SimTime,
    ) {
        let Place::Server(server_index) = self.tasks[slot].place else {
            return debug_assert!(false, "only a task on an edge server occupies a core");
        };
        let s = usize::from(server_index);
        self.tasks[slot].compute += now - starts;
        self.spend_server(slot, s, now - settled);
        let server = &mut self.servers.all[s];
        server.finished += 1;
        self.servers.tasks[s] -= 1;
        if let Some(next) = server.queue.pop_front() {
            // The core stays busy: nothing to settle.
            server.seats[seat as usize] = next;
            let waiting = &mut self.servers.waiting_ns[s];
            // The sum of works of centuries was cut to what fits.
            *waiting = waiting.saturating_sub(self.tasks[next].work.0);
            self.start(next, seat, now);
        } else {
            server.settle(now);
            server.seats.swap_remove(seat as usize);
            if let Some(&moved) = server.seats.get(seat as usize)
                && let Stage::Running { seat: its, .. } = &mut self.tasks[moved].stage
            {
                *its = seat;
            }
        }
        let route = *self.routes.to_server(self.tasks[slot].fleet, server_index);
        self.give_back(slot, &route, now);
    }

    fn done_in_cloud(&mut self, slot: u32, starts: SimTime, now: SimTime) {
        self.tasks[slot].compute += now - starts;
        self.spend_cloud(slot);
        let route = *self.routes.to_cloud(self.tasks[slot].fleet);
        self.give_back(slot, &route, now);
    }

    fn done_locally(&mut self, slot: u32, starts: SimTime, now: SimTime) {
        let task = &mut self.tasks[slot];
        task.queue += starts - task.since;
        task.compute += now - starts;
        self.devices.held[task.device as usize] -= 1;
        self.spend_device(slot, 1.0);
        self.end_in_time(slot, now, Span::ZERO);
    }

    /// The result leaves for its device.
    #[inline]
    fn give_back(&mut self, slot: u32, route: &Route, now: SimTime) {
        let task = &self.tasks[slot];
        if !self.fleets[usize::from(task.fleet)].up {
            return self.end(slot, Outcome::LostDeviceDark, now, Span::ZERO);
        }
        if !route.exists() {
            return self.end(slot, Outcome::LostNoRoute, now, Span::ZERO);
        }
        let bits = task.output_bits;
        let (site_j, own_j) = (bits * route.site_joules_per_bit, bits * route.own_joules_per_bit);
        self.spend_network(slot, site_j, own_j);
        let way_back = transfer(route, bits) + route.latency;
        self.end_in_time(slot, now + way_back, way_back);
    }

    /// The result is there, in time or late.
    fn end_in_time(&mut self, slot: u32, at: SimTime, way_back: Span) {
        let task = &self.tasks[slot];
        let deadline = self.streams[usize::from(task.stream)].deadline;
        let outcome =
            if at - task.arrived <= deadline { Outcome::Completed } else { Outcome::Missed };
        self.end(slot, outcome, at, way_back);
    }

    /// The task is over, and its slot free: no entry of the agenda names it.
    #[inline]
    pub(super) fn end(&mut self, slot: u32, outcome: Outcome, at: SimTime, way_back: Span) {
        self.tell(slot, outcome, at, way_back);
        self.tasks.free(slot);
    }

    /// The task is over, but an entry of the agenda still names its slot.
    pub(super) fn end_early(&mut self, slot: u32, outcome: Outcome, at: SimTime) {
        self.tell(slot, outcome, at, Span::ZERO);
        self.tasks[slot].stage = Stage::Gone;
    }

    #[inline]
    fn tell(&mut self, slot: u32, outcome: record::Outcome, at: SimTime, way_back: Span) {
        let task = &self.tasks[slot];
        let record = task.record(outcome, at, way_back);
        self.policy.observe(&offload::Outcome {
            device: task.device,
            placement: match task.place {
                Place::Local => Placement::Local,
                Place::Server(server) => Placement::Server(server),
                Place::Cloud => Placement::Cloud,
            },
            latency: at - task.arrived,
            in_time: outcome == Outcome::Completed,
            energy_j: task.energy.total_j(),
        });
        self.finished.push(Finished { record, site_j: task.site_j, cloud_j: task.cloud_j });
    }
}
