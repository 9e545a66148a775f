//! What computes, and what carries data between: devices, edge servers, the cloud, switches, links.

use super::energy::Shedding;
use super::grid::Carbon;
use super::units::{DelayMs, Id, NonNegative, PositionM, Positive, PowerUsageEffectiveness};
use serde::{Deserialize, Serialize};

/// A fleet of equal devices, named `ID-0`, `ID-1` and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Devices {
    /// The fleet's name.
    pub id: Id,
    /// How many.
    pub count: u32,
    /// Clock of the one core that each has.
    #[serde(default = "Devices::default_frequency")]
    pub frequency_ghz: Positive,
    /// Energy of a cycle of computing, above idle (Raspberry Pi 4: 0.617 nJ).
    #[serde(default = "Devices::default_nj")]
    pub nj_per_cycle: NonNegative,
    /// What each draws while it waits.
    #[serde(default)]
    pub idle_w: NonNegative,
    /// Where that comes from.
    #[serde(default)]
    pub supply: Supply,
    /// When the fleet is switched off, if it hangs on the site.
    #[serde(default)]
    pub shedding: Shedding,
    /// Where the fleet's middle is.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

impl Devices {
    fn default_frequency() -> Positive {
        Positive::of(1.0)
    }
    fn default_nj() -> NonNegative {
        NonNegative::of(0.617)
    }
}

/// Where a device's power comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Supply {
    /// From the site's bus: it stops when the site has no power.
    #[default]
    Site,
    /// From its own small cell: outside the site's balance, but not outside the tasks' energy.
    Own,
}

/// An edge server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeServer {
    /// Its name.
    pub id: Id,
    /// The number of tasks it runs in parallel.
    pub cores: u32,
    /// Clock of a core.
    pub frequency_ghz: Positive,
    /// What it draws with nothing to do, cooling included.
    pub idle_w: NonNegative,
    /// What it draws with every core busy, cooling included.
    pub busy_w: NonNegative,
    /// How many tasks may wait; a task that finds the queue full is lost.
    #[serde(default = "EdgeServer::default_queue")]
    pub queue_limit: u32,
    /// How long it takes to come back when its power does.
    #[serde(default = "EdgeServer::default_boot")]
    pub boot_s: NonNegative,
    /// When it is switched off.
    #[serde(default)]
    pub shedding: Shedding,
    /// Its position.
    #[serde(default)]
    pub position_m: Option<PositionM>,
    /// Carbon of making it (about 320 kg for a small server without disks: Dell's PCF sheets).
    #[serde(default = "EdgeServer::default_embodied")]
    pub embodied_kg: NonNegative,
    /// Years over which that carbon is spread.
    #[serde(default = "EdgeServer::default_lifetime")]
    pub lifetime_years: Positive,
}

impl EdgeServer {
    fn default_queue() -> u32 {
        1000
    }
    fn default_boot() -> NonNegative {
        NonNegative::of(60.0)
    }
    fn default_embodied() -> NonNegative {
        NonNegative::of(320.0)
    }
    fn default_lifetime() -> Positive {
        Positive::of(5.0)
    }
}

/// The cloud: distant, with ample capacity, on its own power supply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// Its name.
    #[serde(default = "Cloud::default_id")]
    pub id: Id,
    /// Clock of a core; there is always a free one.
    pub frequency_ghz: Positive,
    /// What a busy core draws, its share of the machine included.
    #[serde(default = "Cloud::default_core_w")]
    pub core_w: NonNegative,
    /// Power usage effectiveness: what the building draws for each watt of the machines.
    #[serde(default = "Cloud::default_pue")]
    pub pue: PowerUsageEffectiveness,
    /// What its grid emits.
    #[serde(default)]
    pub carbon: Carbon,
}

impl Cloud {
    fn default_id() -> Id {
        Id::new("cloud").expect("a name")
    }
    fn default_core_w() -> NonNegative {
        NonNegative::of(8.0)
    }
    fn default_pue() -> PowerUsageEffectiveness {
        PowerUsageEffectiveness::of(1.2)
    }
}

/// A switch, router or access point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Its name.
    pub id: Id,
    /// What it draws, always.
    #[serde(default)]
    pub power_w: NonNegative,
    /// When it is switched off: what it connects is then cut off.
    #[serde(default)]
    pub shedding: Shedding,
    /// Its position.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

/// A link between two of: a device fleet, an edge server, a switch, the cloud. It works both ways;
/// a link of a fleet is one such link for each of its devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// One end.
    pub from: Id,
    /// The other end.
    pub to: Id,
    /// Time that a bit needs from end to end.
    pub latency_ms: DelayMs,
    /// Up to this much more, at random, for each message of a consensus group.
    #[serde(default)]
    pub jitter_ms: DelayMs,
    /// Rate.
    pub rate_mbit_s: Positive,
    /// Energy of carrying a bit. Ethernet about 1, Wi-Fi 5 to 100, 802.15.4 100 to 300.
    #[serde(default)]
    pub nj_per_bit: NonNegative,
}
