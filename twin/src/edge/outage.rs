//! Power and faults, as reported by the engine: what stops, what happens to the tasks there, and
//! what comes back.

use super::flow::due;
use super::network::Node;
use super::server::Power;
use super::task::Stage;
use super::{Edge, EdgeOut, ServerChange, ServerNotice};
use crate::record::{Outcome, Place};
use crate::scenario::BrownOut;
use gridtwin_kernel::SimTime;

impl Edge {
    /// A server loses its power, or regains it and boots. Everything before `now` must have been
    /// simulated ([`Edge::advance`]); also for the other three below. Without a change it has no
    /// effect.
    pub fn set_server(&mut self, server: u16, up: bool, now: SimTime, out: &mut EdgeOut) {
        let state = &mut self.servers.all[usize::from(server)];
        if up == (state.power != Power::Off) {
            return;
        }
        state.settle(now);
        self.now = self.now.max(now);
        if up {
            let ready = now + state.boot;
            state.power = Power::Booting { ready };
            self.follow_node(Node::Server(server), true);
            if ready == now {
                self.booted(server, now, out);
            } else {
                self.agenda.push(ready, due::BOOT | u64::from(server));
            }
        } else {
            self.stop_server(server, now, out);
        }
    }

    /// A fleet loses its power, or gets it back.
    pub fn set_fleet(&mut self, fleet: u16, up: bool, now: SimTime, _out: &mut EdgeOut) {
        let state = &mut self.fleets[usize::from(fleet)];
        if state.up == up {
            return;
        }
        state.settle(now);
        state.up = up;
        self.now = self.now.max(now);
        if up {
            return;
        }
        let devices = state.first as usize..(state.first + state.count) as usize;
        self.devices.core_free[devices.clone()].fill(now);
        self.devices.radio_free[devices].fill(now);
        let held = self.tasks.iter().filter(|(_, task)| {
            task.fleet == fleet
                && match task.stage {
                    Stage::Local { .. } => true,
                    Stage::Uplink { sent, .. } => now < sent,
                    _ => false,
                }
        });
        let mut held: Vec<(u64, u32)> = held.map(|(slot, task)| (task.number, slot)).collect();
        held.sort_unstable();
        for (_, slot) in held {
            self.forget(slot, now);
        }
    }

    /// A switch loses its power, or gets it back.
    pub fn set_switch(&mut self, switch: u16, up: bool, now: SimTime, _out: &mut EdgeOut) {
        self.now = self.now.max(now);
        self.follow_node(Node::Switch(switch), up);
    }

    /// A link, by its index in the scenario's list, breaks or is mended.
    pub fn set_link(&mut self, link: u16, up: bool, now: SimTime, _out: &mut EdgeOut) {
        self.now = self.now.max(now);
        if self.network.set_link(link, up) {
            self.routes.update(&self.network);
        }
    }

    /// A server may have booted: unless it lost its power meanwhile.
    pub(super) fn booted(&mut self, server: u16, now: SimTime, out: &mut EdgeOut) {
        let state = &mut self.servers.all[usize::from(server)];
        if state.power != (Power::Booting { ready: now }) {
            return;
        }
        state.power = Power::Running;
        self.servers.running[usize::from(server)] = true;
        out.servers.push(ServerNotice { at: now, server, change: ServerChange::Up });
    }

    fn follow_node(&mut self, node: Node, up: bool) {
        if self.network.set_node(node, up) {
            self.routes.update(&self.network);
        }
    }

    /// The server is settled and stops.
    fn stop_server(&mut self, server: u16, now: SimTime, out: &mut EdgeOut) {
        let s = usize::from(server);
        let state = &mut self.servers.all[s];
        state.power = Power::Off;
        let tasks = &self.tasks;
        let mut victims: Vec<(u64, u32)> = state
            .seats
            .drain(..)
            .chain(state.queue.drain(..))
            .map(|slot| (tasks[slot].number, slot))
            .collect();
        victims.sort_unstable();
        self.servers.running[s] = false;
        self.servers.tasks[s] = 0;
        self.servers.waiting_ns[s] = 0;
        self.follow_node(Node::Server(server), false);
        let (mut lost, mut migrated) = (0, 0);
        for (_, slot) in victims {
            if self.evict(slot, s, now) {
                migrated += 1;
            } else {
                lost += 1;
            }
        }
        out.servers.push(ServerNotice {
            at: now,
            server,
            change: ServerChange::Down { lost, migrated },
        });
    }

    /// A task's server is gone. Returns whether its device could send it again.
    fn evict(&mut self, slot: u32, server: usize, now: SimTime) -> bool {
        // A task that ran is still named by the agenda's entry for its end.
        let named = match self.tasks[slot].stage {
            Stage::Running { starts, settled, .. } => {
                self.tasks[slot].compute += now - starts;
                self.spend_server(slot, server, now - settled);
                true
            }
            _ => {
                let task = &mut self.tasks[slot];
                task.queue += now - task.since;
                false
            }
        };
        let outcome = match self.brown_out {
            BrownOut::Lose => Some(Outcome::LostBrownOut),
            BrownOut::Migrate => {
                let fleet = self.tasks[slot].fleet;
                (!self.fleets[usize::from(fleet)].up).then_some(Outcome::LostDeviceDark)
            }
        };
        match (outcome, named) {
            (Some(outcome), true) => self.end_early(slot, outcome, now),
            (Some(outcome), false) => self.end(slot, outcome, now, gridtwin_kernel::Span::ZERO),
            (None, _) => {
                let again = if named {
                    let task = self.tasks[slot];
                    self.tasks[slot].stage = Stage::Gone;
                    self.tasks.insert(task)
                } else {
                    slot
                };
                self.touched.push(again);
                let migrations = &mut self.tasks[again].migrations;
                *migrations = migrations.saturating_add(1);
                self.place(again, now);
            }
        }
        outcome.is_none()
    }

    /// A device without power forgets a task that it computes, or has not sent yet.
    fn forget(&mut self, slot: u32, now: SimTime) {
        let task = &mut self.tasks[slot];
        self.devices.held[task.device as usize] -= 1;
        match task.stage {
            Stage::Local { starts } => {
                task.queue += starts.min(now) - task.since;
                let computed = now - starts;
                task.compute += computed;
                let share = share(computed.0, task.work.0);
                self.spend_device(slot, share);
            }
            Stage::Uplink { sends, sent } => {
                task.uplink += now - task.since;
                let share = share((now - sends).0, (sent - sends).0);
                let (site_j, own_j) = (task.sending_site_j * share, task.sending_own_j * share);
                self.spend_network(slot, site_j, own_j);
            }
            _ => debug_assert!(matches!(task.place, Place::Local), "the task has left its device"),
        }
        self.end_early(slot, Outcome::LostDeviceDark, now);
    }
}

/// The part of a whole, which may be nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
