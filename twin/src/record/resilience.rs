//! What it takes to ask of a run how long its site would go on by itself. The answer is worked out
//! by [`crate::energy::autonomy`] from the samples.

use super::Sample;
use crate::energy::autonomy::Site;
use crate::scenario::{OutageFuel, Scenario, Shedding, Supply};

/// The site as an outage finds it, and what must go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resilience {
    /// What it has to live on, as at the run's start.
    pub site: Site,
    /// The longest outage that is looked at, h.
    pub longest_h: f64,
    /// What gensets may burn.
    pub fuel: OutageFuel,
    /// Whose demand must be met; all of it where there is none.
    pub critical: Option<Critical>,
}

/// Consumers of some priority and above.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Critical {
    /// The lowest priority that counts.
    pub priority: u8,
    loads: Vec<bool>,
    chargers: Vec<bool>,
    servers: Vec<bool>,
    /// Of the idle power of the devices on the site's bus, and of the power of its switches, the
    /// share that counts.
    devices: f64,
    switches: f64,
}

impl Resilience {
    /// What the scenario asks.
    pub fn new(scenario: &Scenario) -> Self {
        let asked = &scenario.resilience;
        Self {
            site: Site::new(scenario),
            longest_h: asked.longest_h.get(),
            fuel: asked.fuel,
            critical: asked.critical_priority.map(|priority| Critical::new(scenario, priority)),
        }
    }

    /// The demand of an interval that must be met in an outage, kW.
    pub fn demand_kw(&self, sample: &Sample) -> f64 {
        match &self.critical {
            Some(critical) => critical.demand_kw(sample),
            None => sample.flows.load_kw,
        }
    }
}

impl Critical {
    fn new(scenario: &Scenario, priority: u8) -> Self {
        let counts = |shedding: &Shedding| shedding.priority >= priority;
        let devices = scenario
            .devices
            .iter()
            .filter(|fleet| fleet.supply == Supply::Site)
            .map(|d| (f64::from(d.count) * d.idle_w.get(), counts(&d.shedding)));
        let switches = scenario.switches.iter().map(|s| (s.power_w.get(), counts(&s.shedding)));
        Self {
            priority,
            loads: scenario.loads.iter().map(|load| counts(&load.shedding)).collect(),
            chargers: scenario.chargers.iter().map(|group| counts(&group.shedding)).collect(),
            servers: scenario.edge_servers.iter().map(|server| counts(&server.shedding)).collect(),
            devices: share(devices),
            switches: share(switches),
        }
    }

    fn demand_kw(&self, sample: &Sample) -> f64 {
        let sum = |counts: &[bool], kw: &[f64]| -> f64 {
            counts.iter().zip(kw).filter(|(counts, _)| **counts).map(|(_, kw)| kw).sum()
        };
        let servers_kw = sample.servers.iter().map(|server| server.power_w / 1000.0);
        let (mut all_kw, mut critical_kw) = (0.0, 0.0);
        for (kw, &counts) in servers_kw.zip(&self.servers) {
            all_kw += kw;
            critical_kw += if counts { kw } else { 0.0 };
        }
        // What computing draws besides the servers: devices, and the machines' agreement.
        let devices_kw = (sample.flows.compute_kw - all_kw).max(0.0);
        sum(&self.loads, &sample.loads_kw)
            + sum(&self.chargers, &sample.chargers_kw)
            + critical_kw
            + self.devices * devices_kw
            + self.switches * sample.flows.network_kw
    }
}

/// The share of some powers that counts; all of it where there is no power.
fn share(parts: impl Iterator<Item = (f64, bool)>) -> f64 {
    let (mut all, mut counted, mut every) = (0.0, 0.0, true);
    for (power, counts) in parts {
        all += power;
        counted += if counts { power } else { 0.0 };
        every &= counts;
    }
    if all > 0.0 { counted / all } else { f64::from(u8::from(every)) }
}
