//! Who pays for what: energy on the meters and on the tasks, carbon at the interval's end.

use super::server::Power;
use super::task::Stage;
use super::{Edge, EdgeEnergy};
use crate::record::TaskRecord;
use gridtwin_kernel::{SimTime, Span};

/// Joules in a kWh.
const JOULES_PER_KWH: f64 = 3.6e6;

impl Edge {
    /// Brings all meters up to `now`. How often does not matter: time is counted in whole
    /// nanoseconds.
    pub fn settle(&mut self, now: SimTime) {
        for server in &mut self.servers.all {
            server.settle(now);
        }
        for fleet in &mut self.fleets {
            fleet.settle(now);
        }
        self.now = self.now.max(now);
    }

    /// The energy since the last reading, as far as the meters are settled; they start anew.
    pub fn take_energy(&mut self) -> &EdgeEnergy {
        let reading = &mut self.meter.reading;
        reading.clone_pulses(&self.meter.pulses);
        self.meter.pulses.clear_pulses();
        for (i, server) in self.servers.all.iter_mut().enumerate() {
            let powered_ns = std::mem::take(&mut server.powered_ns);
            let busy_core_s = Span(std::mem::take(&mut server.busy_core_ns)).as_secs_f64();
            let told = &mut reading.servers[i];
            told.idle_j = server.idle_w * Span(powered_ns).as_secs_f64();
            told.busy_j = self.servers.core_w[i] * busy_core_s;
            told.busy_core_s = busy_core_s;
        }
        for fleet in &mut self.fleets {
            let powered_s = Span(std::mem::take(&mut fleet.powered_ns)).as_secs_f64();
            let idle_j = fleet.idle_w * powered_s;
            if fleet.own_supply {
                reading.own_devices_j += idle_j;
            } else {
                reading.site_devices_j += idle_j;
            }
        }
        reading
    }

    /// Assigns carbon to the energy that tasks used since the last such call, and appends the tasks
    /// that ended since then, complete and in order of their end, to `records`. Tasks in progress
    /// keep their energy so far. The intensities also become what policies expect from now on,
    /// until [`Edge::expect_carbon`] sets better ones.
    pub fn close_interval(
        &mut self,
        end: SimTime,
        site_g_per_kwh: f64,
        cloud_g_per_kwh: f64,
        records: &mut Vec<TaskRecord>,
    ) {
        let site_g_per_j = site_g_per_kwh / JOULES_PER_KWH;
        let cloud_g_per_j = cloud_g_per_kwh / JOULES_PER_KWH;
        records.reserve(self.finished.len());
        for ended in self.finished.drain(..) {
            let mut record = ended.record;
            record.carbon_g += ended.site_j * site_g_per_j + ended.cloud_j * cloud_g_per_j;
            records.push(record);
        }
        for (server, core_w) in self.servers.all.iter().zip(&self.servers.core_w) {
            for &slot in &server.seats {
                let task = &mut self.tasks[slot];
                if let Stage::Running { settled, .. } = &mut task.stage {
                    let joules = core_w * (end - *settled).as_secs_f64();
                    *settled = (*settled).max(end);
                    task.energy.server_j += joules;
                    task.site_j += joules;
                }
                task.settle_carbon(site_g_per_j, cloud_g_per_j);
            }
        }
        for slot in self.touched.drain(..) {
            self.tasks[slot].settle_carbon(site_g_per_j, cloud_g_per_j);
        }
        self.expect_carbon(site_g_per_kwh, cloud_g_per_kwh);
    }

    /// The carbon intensities that policies expect: a forecast, never more than is known. Initially
    /// 0 g.
    pub fn expect_carbon(&mut self, site_g_per_kwh: f64, cloud_g_per_kwh: f64) {
        self.site_g_per_kwh = site_g_per_kwh;
        self.cloud_g_per_kwh = cloud_g_per_kwh;
    }

    /// What one server draws now.
    pub fn server_power_w(&self, server: u16) -> f64 {
        self.servers.power_w(usize::from(server))
    }

    /// What all servers draw now.
    pub fn power_w(&self) -> f64 {
        (0..self.servers.all.len()).map(|s| self.servers.power_w(s)).sum()
    }

    /// The least and the most that all servers may draw until the engine turns one on or off: those
    /// with power idle, or busy with every core.
    pub fn power_bounds_w(&self) -> (f64, f64) {
        let mut bounds = (0.0, 0.0);
        for (i, server) in self.servers.all.iter().enumerate() {
            if server.power != Power::Off {
                bounds.0 += server.idle_w;
                bounds.1 +=
                    server.idle_w + self.servers.core_w[i] * f64::from(self.servers.cores[i]);
            }
        }
        bounds
    }

    /// What the devices with power on the site's bus draw when idle.
    pub fn devices_idle_w(&self) -> f64 {
        let fleets = self.fleets.iter().filter(|f| f.up && !f.own_supply);
        fleets.map(|f| f.idle_w).sum()
    }

    pub(super) fn spend_network(&mut self, slot: u32, site_j: f64, own_j: f64) {
        let task = &mut self.tasks[slot];
        task.energy.network_j += site_j + own_j;
        task.site_j += site_j;
        self.meter.pulses.site_network_j += site_j;
        self.meter.pulses.own_network_j += own_j;
        self.touched.push(slot);
    }

    pub(super) fn spend_server(&mut self, slot: u32, server: usize, time: Span) {
        // The meter is the server's own; it counts cores, not tasks.
        let joules = self.servers.core_w[server] * time.as_secs_f64();
        let task = &mut self.tasks[slot];
        task.energy.server_j += joules;
        task.site_j += joules;
    }

    pub(super) fn spend_cloud(&mut self, slot: u32) {
        let Some(cloud) = self.cloud else { return };
        let task = &mut self.tasks[slot];
        let joules = cloud.core_w * task.cycles / cloud.frequency_hz;
        task.energy.cloud_j += joules;
        task.cloud_j += joules;
        self.meter.pulses.cloud_j += joules;
    }

    /// A device computed this share of a task.
    pub(super) fn spend_device(&mut self, slot: u32, share: f64) {
        let task = &mut self.tasks[slot];
        let fleet = &self.fleets[usize::from(task.fleet)];
        let joules = task.cycles * fleet.joules_per_cycle * share;
        task.energy.device_j += joules;
        if fleet.own_supply {
            self.meter.pulses.own_devices_j += joules;
        } else {
            task.site_j += joules;
            self.meter.pulses.site_devices_j += joules;
        }
    }
}

impl super::Fleet {
    pub(super) fn settle(&mut self, now: SimTime) {
        if self.up {
            self.powered_ns += now.since(self.settled).0;
        }
        self.settled = self.settled.max(now);
    }
}
