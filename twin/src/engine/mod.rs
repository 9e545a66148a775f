//! The engine: a scenario's world, living on one clock. It keeps no history, reads no clock and
//! writes nothing; what happens is told to an [`Observer`].

mod balance;
mod book;
mod build;
mod change;
mod consumers;
mod courses;
mod cyclic;
mod error;
mod fixed;
mod interval;
mod metered;
mod power;
mod rebuild;
mod schedule;
mod state;
mod tell;
mod votes;

pub use change::ChangeError;
pub use error::TwinError;

use crate::edge::{Edge, EdgeOut};
use crate::energy::bank::Bank;
use crate::energy::battery::BatteryStep;
use crate::energy::ev::Garage;
use crate::energy::genset::Genset;
use crate::energy::stored_mix::StoredMix;
use crate::record::{Catalog, Event, Observer, Sample, TaskRecord};
use crate::scenario::{Metered, Scenario};
use book::{Book, Unborne};
use consumers::Consumers;
use fixed::Fixed;
use gridtwin_kernel::SimTime;
use gridtwin_scheduler::dispatch::{Dispatch, SetPoints};
use schedule::{Schedule, Struck};
use std::sync::Arc;
use votes::Votes;

/// A site that lives. Its clone is a fork: it continues exactly as the original would, and costs a
/// copy of the live state, never of what is constant.
#[derive(Clone, Debug)]
pub struct Twin {
    /// All that does not change by itself.
    fixed: Arc<Fixed>,
    /// The end of the last interval.
    now: SimTime,
    grid_up: bool,
    bank: Bank,
    mixes: Vec<StoredMix>,
    gensets: Vec<Genset>,
    /// What each genset gives in this stretch.
    gensets_kw: Vec<f64>,
    garages: Vec<Garage>,
    edge: Edge,
    votes: Votes,
    consumers: Consumers,
    schedule: Schedule,
    pv_faulted: Vec<bool>,
    /// Which of the scenario's faults hold now.
    active_faults: Vec<bool>,
    /// What was broken by hand.
    broken: Vec<Struck>,
    /// Whether one of the scenario's outages holds, and whether the grid was cut by hand.
    in_outage: bool,
    grid_cut: bool,
    /// How many of the planned changes were carried out.
    changed: usize,
    /// What meters say of the interval that is being lived.
    metered: Metered,
    /// Whether each battery was last told to be empty or full.
    told_limit: Vec<Option<tell::Limit>>,
    /// Whether each load was last told to be reduced.
    told_reduced: Vec<bool>,
    dispatch: Dispatch,
    order: SetPoints,
    /// Energy that came at instants and has not been drawn from the bus yet.
    carried_compute_j: f64,
    carried_network_j: f64,
    /// What the interval before was like: the forecast for the next.
    last_pv_kw: f64,
    last_demand_kw: f64,
    last_pulse_kw: f64,
    unborne: Unborne,
    book: Book,
    interval: Interval,
    events: Vec<Event>,
    /// The last interval's sample.
    sample: Sample,
    // Room that is used again and again.
    tasks: Vec<TaskRecord>,
    edge_out: EdgeOut,
    battery_kw: Vec<f64>,
    battery_steps: Vec<BatteryStep>,
}

/// Sums over the interval that is being lived, part by part.
#[derive(Clone, Debug, Default)]
struct Interval {
    /// Its number from the start.
    index: usize,
    pv_kwh: Vec<f64>,
    battery_kwh: Vec<f64>,
    gensets_kwh: Vec<f64>,
    /// Fuel that each genset burned.
    fuel_l: Vec<f64>,
    /// Whether each load was reduced.
    reduced: Vec<bool>,
    chargers_kwh: Vec<f64>,
    server_j: Vec<f64>,
    server_core_s: Vec<f64>,
    group_j: Vec<f64>,
    /// The groups' counters when it began.
    group_before: Vec<votes::Reading>,
    /// Energy that came at instants.
    pulse_j: f64,
}

impl Twin {
    /// The world of a scenario at its start: files are read, names resolved, and everything random
    /// that no decision can change is drawn.
    ///
    /// # Errors
    /// A data file that cannot be read or holds what it must not, or parts that do not fit.
    pub fn new(scenario: &Scenario) -> Result<Self, TwinError> {
        build::build(scenario)
    }

    /// Lives through whole intervals until `until` is reached or the run is over.
    pub fn advance(&mut self, until: SimTime, observer: &mut impl Observer) {
        let until = until.min(self.fixed.end);
        while self.now < until {
            self.carry_out_planned();
            self.live_interval(observer);
        }
    }

    /// The instant that has been reached: the start of the next interval.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// When the run is over.
    pub fn end(&self) -> SimTime {
        self.fixed.end
    }

    /// Names and sizes behind the record's indices.
    pub fn catalog(&self) -> &Catalog {
        &self.fixed.catalog
    }

    /// What the last interval was like; empty before the first.
    pub fn last_sample(&self) -> &Sample {
        &self.sample
    }

    /// Carbon of what the batteries hold, and of fuel that a genset burned while nobody took
    /// anything: what has been emitted and is to be consumed yet.
    pub fn stored_carbon_g(&self) -> f64 {
        self.mixes.iter().map(StoredMix::carbon_g).sum::<f64>() + self.unborne.carbon_g
    }
}
