//! The scenario: what the user writes, as it stands in the file. Not the world that runs, which is
//! built from it with every name resolved to an index.

mod brackets;
mod change;
mod check;
mod consensus;
mod edge;
mod energy;
mod error;
mod ev;
mod explain;
mod faults;
mod grid;
mod live;
mod load;
mod metered;
mod meters;
mod moved;
mod nameless;
mod nearest;
mod overrides;
mod planned;
mod policies;
mod positions;
mod resilience;
mod scan;
mod series;
mod site;
mod slips;
mod soc_start;
mod source;
mod tariff;
mod tasks;
mod text;
mod understand;
mod units;
mod unquoted;
mod warnings;
mod zone;

#[cfg(test)]
mod load_tests;

pub use crate::pv::{Mount, SkyModel};
pub use change::{Change, PlannedChange};
pub use consensus::{ConsensusGroup, Matter, Protocol};
pub use edge::{Cloud, Devices, EdgeServer, Link, Supply, Switch};
pub use energy::{Battery, Cells, Chemistry, Genset, Load, LoadProfile, PvArray, Shape, Shedding};
pub use error::{Problems, ScenarioError};
pub use ev::{Chargers, ChargingStrategy, Place, Sessions};
pub use faults::{Fault, FaultKind};
pub use grid::{Carbon, Grid, Outage, RandomOutages};
pub(crate) use live::Refusal;
pub use load::{Base, read_ron};
pub use metered::Metered;
pub use meters::{Meter, Payload, Phase, Quantity, Sign, Unit};
pub use nearest::suggest;
pub use overrides::Override;
pub use policies::{BrownOut, Dispatch, Offload, Policies};
pub use resilience::{OutageFuel, Resilience};
pub use series::{
    Column, DateOrder, Gaps, OtherYear, SeriesFile, SeriesUnit, SeriesZone, Stamps, TimeColumns,
};
pub use site::{MonthlyTurbidity, Site, Weather};
pub use soc_start::SocStart;
pub use source::{Location, Source};
pub use tariff::{Additions, Days, PartMonths, PriceSeries, Tariff, TariffPeriod};
pub use tasks::{Arrivals, Distribution, TaskStream};
pub use units::{
    Altitude, Azimuth, BlockS, CarsPerDay, Clearness, DelayMs, Efficiency, Finite, Fraction, Id,
    Latitude, Longitude, NonNegative, OutageHours, OutagesPerYear, PositionM, Positive,
    PowerUsageEffectiveness, RefillDays, Temperature, TemperatureCoefficient, TemperatureSwing,
    Tilt, Turbidity, WindSpeed, YearlyChange,
};

pub use warnings::Warning;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// A scenario: a site, what stands on it, what happens there, who decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A short name: the run's directory is named after it.
    pub name: Id,
    /// What it is about, for the report.
    #[serde(default)]
    pub description: String,
    /// Where it is.
    pub site: Site,
    /// When it begins, in local time.
    pub start: DateTime,
    /// How many days of 24 hours it lasts.
    #[serde(default = "default_days")]
    pub days: u32,
    /// Seconds of an interval: a divisor of 3600.
    #[serde(default = "default_step")]
    pub step_s: u32,
    /// What all randomness comes from.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The sky.
    #[serde(default)]
    pub weather: Weather,
    /// PV arrays.
    #[serde(default)]
    pub pv: Vec<PvArray>,
    /// Batteries.
    #[serde(default)]
    pub batteries: Vec<Battery>,
    /// Gensets.
    #[serde(default)]
    pub gensets: Vec<Genset>,
    /// Loads.
    #[serde(default)]
    pub loads: Vec<Load>,
    /// Groups of EV chargers.
    #[serde(default)]
    pub chargers: Vec<Chargers>,
    /// The grid connection; an island has none.
    #[serde(default)]
    pub grid: Option<Grid>,
    /// Device fleets.
    #[serde(default)]
    pub devices: Vec<Devices>,
    /// Edge servers: with the switches 2,000 at most, as the ways between all of them are kept.
    #[serde(default)]
    pub edge_servers: Vec<EdgeServer>,
    /// The cloud.
    #[serde(default)]
    pub cloud: Option<Cloud>,
    /// Switches: with the edge servers 2,000 at most.
    #[serde(default)]
    pub switches: Vec<Switch>,
    /// Links between devices, servers, switches and the cloud.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Streams of tasks.
    #[serde(default)]
    pub tasks: Vec<TaskStream>,
    /// Groups that agree.
    #[serde(default)]
    pub consensus: Vec<ConsensusGroup>,
    /// Who decides what.
    #[serde(default)]
    pub policies: Policies,
    /// What breaks.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What is changed while the run goes on.
    #[serde(default)]
    pub changes: Vec<PlannedChange>,
    /// What is asked about outages: how long the site would go on by itself.
    #[serde(default)]
    pub resilience: Resilience,
    /// What is measured of the site: a live twin follows it.
    #[serde(default)]
    pub meters: Vec<Meter>,
    /// Where all this was written, for errors that turn up later.
    #[serde(skip)]
    pub source: Source,
}

impl Scenario {
    /// No run lasts more days than this: a century.
    pub const MOST_DAYS: u32 = 36_500;
}

fn default_days() -> u32 {
    7
}
fn default_step() -> u32 {
    300
}
fn default_seed() -> u64 {
    1
}
