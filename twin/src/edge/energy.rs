//! The edge's energy meter: the energy drawn since the last reading, per consumer. Servers and idle
//! devices are integrated exactly; a device's computing is counted when it is done, a link's
//! transmission when the last bit has left.

/// Energy since the last reading. Servers, site devices and the site's network hang on the site's
/// bus; the rest does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgeEnergy {
    /// Each edge server.
    pub servers: Vec<ServerEnergy>,
    /// Devices on the site's power, idle and computing.
    pub site_devices_j: f64,
    /// Devices on their own cell, idle and computing.
    pub own_devices_j: f64,
    /// Links, those of devices on their own cell apart. Switches draw what they draw in any case,
    /// and are not in it.
    pub site_network_j: f64,
    /// Links of devices on their own cell, as far as that cell pays for them.
    pub own_network_j: f64,
    /// The cloud, its building included.
    pub cloud_j: f64,
}

/// Energy of one edge server since the last reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerEnergy {
    /// What it drew with nothing to do, booting included.
    pub idle_j: f64,
    /// What its tasks drew above that.
    pub busy_j: f64,
    /// How long its cores were busy, all together.
    pub busy_core_s: f64,
}

impl ServerEnergy {
    /// All of it.
    pub fn total_j(&self) -> f64 {
        self.idle_j + self.busy_j
    }
}

impl EdgeEnergy {
    /// All that the servers drew.
    pub fn servers_j(&self) -> f64 {
        self.servers.iter().map(ServerEnergy::total_j).sum()
    }

    /// All that hangs on the site's bus.
    pub fn site_j(&self) -> f64 {
        self.servers_j() + self.site_devices_j + self.site_network_j
    }

    /// Copies what comes in pulses.
    pub(super) fn clone_pulses(&mut self, from: &Self) {
        self.site_devices_j = from.site_devices_j;
        self.own_devices_j = from.own_devices_j;
        self.site_network_j = from.site_network_j;
        self.own_network_j = from.own_network_j;
        self.cloud_j = from.cloud_j;
    }

    /// Empties the counters of what comes in pulses.
    pub(super) fn clear_pulses(&mut self) {
        self.site_devices_j = 0.0;
        self.own_devices_j = 0.0;
        self.site_network_j = 0.0;
        self.own_network_j = 0.0;
        self.cloud_j = 0.0;
    }
}
