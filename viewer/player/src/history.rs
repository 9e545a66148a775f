//! The course of a future, one value an interval, in columns: what charts and sparklines draw. Not
//! the full samples, which are lived through again where somebody looks.

use crate::Thing;
use gridtwin_kernel::{SimTime, Span};

/// A quantity of the whole site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// PV before curtailment.
    Pv,
    /// Gensets.
    Genset,
    /// From the grid.
    Import,
    /// From the batteries.
    Discharge,
    /// Demand that was not met.
    Unserved,
    /// All demand.
    Load,
    /// Of it: loads of the scenario.
    Loads,
    /// Of it: cars.
    Cars,
    /// Of it: computing.
    Compute,
    /// Of it: the network.
    Network,
    /// To the grid.
    Export,
    /// Into the batteries.
    Charge,
    /// PV that nobody could take.
    Curtailed,
    /// All batteries' state of charge, by capacity.
    Soc,
    /// Price of an imported kWh.
    Price,
    /// Intensity of the grid.
    GridCarbon,
    /// Intensity of what the site consumes.
    MixCarbon,
    /// Carbon emitted since the start.
    Emitted,
    /// Money spent since the start, demand charges apart.
    Cost,
    /// Median latency of the tasks that ended in the interval; no number where none did.
    LatencyP50,
    /// 95th percentile.
    LatencyP95,
    /// 99th percentile.
    LatencyP99,
    /// Tasks that ended well.
    TasksCompleted,
    /// Tasks that came late.
    TasksMissed,
    /// Tasks that were lost.
    TasksLost,
    /// Decisions of all groups.
    Decided,
    /// Views or terms that began, in all groups.
    ViewChanges,
    /// Global horizontal irradiance.
    Ghi,
    /// Air temperature.
    Temperature,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::Pv,
        Self::Genset,
        Self::Import,
        Self::Discharge,
        Self::Unserved,
        Self::Load,
        Self::Loads,
        Self::Cars,
        Self::Compute,
        Self::Network,
        Self::Export,
        Self::Charge,
        Self::Curtailed,
        Self::Soc,
        Self::Price,
        Self::GridCarbon,
        Self::MixCarbon,
        Self::Emitted,
        Self::Cost,
        Self::LatencyP50,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::TasksCompleted,
        Self::TasksMissed,
        Self::TasksLost,
        Self::Decided,
        Self::ViewChanges,
        Self::Ghi,
        Self::Temperature,
    ];

    /// What it is called on a chart.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pv => "PV",
            Self::Genset => "genset",
            Self::Import => "grid import",
            Self::Discharge => "battery discharge",
            Self::Unserved => "unserved",
            Self::Load => "demand",
            Self::Loads => "loads",
            Self::Cars => "cars",
            Self::Compute => "computing",
            Self::Network => "network",
            Self::Export => "grid export",
            Self::Charge => "battery charge",
            Self::Curtailed => "curtailed PV",
            Self::Soc => "state of charge",
            Self::Price => "price",
            Self::GridCarbon => "grid carbon",
            Self::MixCarbon => "site carbon",
            Self::Emitted => "emitted carbon",
            Self::Cost => "cost",
            Self::LatencyP50 => "latency, median",
            Self::LatencyP95 => "latency, 95 %",
            Self::LatencyP99 => "latency, 99 %",
            Self::TasksCompleted => "tasks on time",
            Self::TasksMissed => "tasks late",
            Self::TasksLost => "tasks lost",
            Self::Decided => "decisions",
            Self::ViewChanges => "view changes",
            Self::Ghi => "irradiance",
            Self::Temperature => "air temperature",
        }
    }

    /// Its unit; the scenario's currency stands as `$`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Soc => "%",
            Self::Price => "$/kWh",
            Self::GridCarbon | Self::MixCarbon => "g/kWh",
            Self::Emitted => "kg",
            Self::Cost => "$",
            Self::LatencyP50 | Self::LatencyP95 | Self::LatencyP99 => "ms",
            Self::TasksCompleted | Self::TasksMissed | Self::TasksLost => "tasks",
            Self::Decided => "decisions",
            Self::ViewChanges => "view changes",
            Self::Ghi => "W/m²",
            Self::Temperature => "°C",
            _ => "kW",
        }
    }
}

/// Columns of values, one an interval.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(crate) step: Span,
    pub(crate) site: Vec<Vec<f32>>,
    pub(crate) things: Vec<(Thing, Vec<f32>)>,
}

impl History {
    /// How many intervals are known, from the start on.
    pub fn len(&self) -> usize {
        self.site.first().map_or(0, Vec::len)
    }

    /// Whether nothing is known yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length of an interval.
    pub fn step(&self) -> Span {
        self.step
    }

    /// When an interval begins.
    pub fn time(&self, interval: usize) -> SimTime {
        SimTime(self.step.0.saturating_mul(interval as u64))
    }

    /// The interval in which an instant lies.
    pub fn interval(&self, at: SimTime) -> usize {
        (at.0 / self.step.0.max(1)) as usize
    }

    /// The course of a quantity of the site.
    pub fn metric(&self, metric: Metric) -> &[f32] {
        self.site.get(metric as usize).map_or(&[], Vec::as_slice)
    }

    /// The course of a thing's own quantity: kW of PV, gensets, loads and chargers and of the grid
    /// (import positive), state of charge in % of batteries, load in % of servers, decisions of
    /// groups. Nothing where it has none.
    pub fn thing(&self, thing: Thing) -> Option<&[f32]> {
        let index = self.things.binary_search_by_key(&thing, |(thing, _)| *thing).ok()?;
        Some(&self.things[index].1)
    }

    /// What [`History::thing`] is called and its unit.
    pub fn of_thing(thing: Thing) -> Option<(&'static str, &'static str)> {
        Some(match thing {
            Thing::Battery(_) => ("state of charge", "%"),
            Thing::Server(_) => ("load", "%"),
            Thing::Group(_) => ("decisions", "an interval"),
            Thing::Pv(_) | Thing::Genset(_) | Thing::Load(_) | Thing::Chargers(_) => {
                ("power", "kW")
            }
            Thing::Grid => ("import", "kW"),
            Thing::Fleet(_) | Thing::Switch(_) | Thing::Link(_) | Thing::Cloud => return None,
        })
    }
}
