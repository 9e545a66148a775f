//! Names behind the record's indices.

use jiff::Timestamp;

/// What a run is about: names and sizes, in the order of the record's indices. Constant over a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalog {
    /// The scenario's name.
    pub name: String,
    /// What the scenario is about.
    pub description: String,
    /// The instant of [`gridtwin_kernel::SimTime::ZERO`].
    pub start: Timestamp,
    /// The site's time zone.
    pub time_zone: jiff::tz::TimeZone,
    /// The seed.
    pub seed: u64,
    /// Intervals of this length.
    pub step: gridtwin_kernel::Span,
    /// How many days it lasts.
    pub days: u32,
    /// The currency.
    pub currency: String,
    /// PV arrays: name, kW DC.
    pub pv: Vec<(String, f64)>,
    /// Batteries: name, kWh.
    pub batteries: Vec<(String, f64)>,
    /// Energy that all batteries together could give at their terminals when the run begins, kWh.
    pub deliverable_start_kwh: f64,
    /// Gensets: name, kW.
    pub gensets: Vec<(String, f64)>,
    /// Fuel for a kWh of the cheapest genset at its rated power, in the currency; 0 without a genset.
    pub fuel_cost_per_kwh: f64,
    /// Loads.
    pub loads: Vec<String>,
    /// Charger groups: name, how many.
    pub chargers: Vec<(String, u32)>,
    /// What the run's ends did to each group's sessions.
    pub sessions: Vec<super::SessionCounts>,
    /// Device fleets: name, index of its first device, how many.
    pub fleets: Vec<(String, u32, u32)>,
    /// Edge servers.
    pub servers: Vec<String>,
    /// The cloud, if there is one.
    pub cloud: Option<String>,
    /// Task streams.
    pub streams: Vec<StreamInfo>,
    /// Consensus groups.
    pub groups: Vec<GroupInfo>,
    /// All that can lose power on its own.
    pub consumers: Vec<Consumer>,
    /// Faults, in words.
    pub faults: Vec<String>,
    /// Whether there is a grid connection.
    pub has_grid: bool,
    /// Share of renewable energy in what is imported.
    pub grid_renewable_share: f64,
    /// Embodied carbon of a year: PV, batteries, servers, kg.
    pub embodied_kg_per_year: (f64, f64, f64),
    /// Price of each kW of a month's highest 15-minute import, without VAT.
    pub demand_price_per_kw: f64,
    /// Price of a month, without VAT.
    pub fixed_per_month: f64,
    /// Whether monthly charges of months of which the run covers only a part are billed in
    /// proportion to the days covered; in full where not.
    pub part_months_by_day: bool,
    /// Grid fee, tax and margin for an imported kWh, without VAT.
    pub additions_per_kwh: [f64; 3],
    /// Value-added tax, as a share.
    pub vat: f64,
    /// Price of a tonne of operational CO2.
    pub carbon_price_per_t: f64,
    /// By which share prices rise from year to year.
    pub escalation_per_year: f64,
    /// The files of values over time that the run is made from, as they were understood.
    pub inputs: Vec<super::Input>,
    /// The files of charging sessions, as they were understood.
    pub session_files: Vec<super::SessionFile>,
    /// How outages are looked at.
    pub resilience: super::Resilience,
    /// Policies, by name: dispatch, offload, brown-out.
    pub policies: [(&'static str, String); 3],
}

impl Catalog {
    /// The name of a device: its fleet's and its number in it.
    pub fn device_name(&self, device: u32) -> String {
        let fleet = self.fleets.iter().find(|(_, first, n)| (*first..first + n).contains(&device));
        match fleet {
            Some((name, first, _)) => format!("{name}-{}", device - first),
            None => format!("device-{device}"),
        }
    }

    /// The civil time at the site of an instant of the run.
    pub fn local_time(&self, at: gridtwin_kernel::SimTime) -> jiff::Zoned {
        let since = jiff::SignedDuration::from_nanos(at.0.min(i64::MAX as u64) as i64);
        let instant = self.start.checked_add(since).unwrap_or(Timestamp::MAX);
        instant.to_zoned(self.time_zone.clone())
    }
}

/// A stream of tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// Its name: the class of its tasks.
    pub name: String,
    /// Index of the fleet that makes them.
    pub fleet: u16,
    /// Deadline in seconds.
    pub deadline_s: f64,
}

/// A consensus group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupInfo {
    /// Its name.
    pub name: String,
    /// The protocol's name.
    pub protocol: String,
    /// Its members: indices of servers.
    pub members: Vec<u16>,
    /// How many of them must run for decisions.
    pub needed: u16,
    /// Where the protocol was published, and what it survives, in one sentence.
    pub about: String,
}

/// Something that can lose power on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ConsumerKind,
}

/// What a consumer is, with its index among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerKind {
    /// A load.
    Load(u16),
    /// A charger group.
    Chargers(u16),
    /// A device fleet on the site's bus.
    Devices(u16),
    /// An edge server.
    Server(u16),
    /// A switch.
    Switch(u16),
}
