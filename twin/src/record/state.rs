//! The state at one instant, as plain data for scenes and panels. Not the mean over an interval,
//! which is the [`super::Sample`].

use gridtwin_kernel::SimTime;

/// The site at one instant, in the order of the [`super::Catalog`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The time.
    pub at: SimTime,
    /// Whether the grid is there; never on an island.
    pub grid_up: bool,
    /// Whether each of the catalogue's consumers has power.
    pub consumers_on: Vec<bool>,
    /// Each edge server.
    pub servers: Vec<ServerState>,
    /// Whether each switch has power.
    pub switches_up: Vec<bool>,
    /// Whether each link carries data.
    pub links_up: Vec<bool>,
    /// Whether each PV array is in order.
    pub pv_in_order: Vec<bool>,
    /// Each battery's state of charge, 0 to 1.
    pub soc: Vec<f64>,
    /// Whether each battery is in order.
    pub batteries_in_order: Vec<bool>,
    /// Whether each genset runs.
    pub gensets_running: Vec<bool>,
    /// The cars at each charger group: those that are plugged in first, then those that wait.
    pub cars: Vec<Vec<CarState>>,
    /// Each consensus group.
    pub groups: Vec<GroupState>,
}

/// What an edge server is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerState {
    /// It has no power.
    #[default]
    Dark,
    /// It has power and is not ready yet.
    Booting,
    /// It runs.
    Running,
}

/// A car that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CarState {
    /// Number of its session in its group.
    pub session: u32,
    /// Whether it has a charger; else it waits for one.
    pub plugged: bool,
    /// What it draws from the bus.
    pub power_kw: f64,
    /// What it asked for, in the car.
    pub asked_kwh: f64,
    /// What it has got.
    pub delivered_kwh: f64,
}

/// What a consensus group is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupState {
    /// Index among its members of the leader of the latest view, if there is one with power.
    pub leader: Option<u16>,
    /// The view or term of each member.
    pub views: Vec<u64>,
    /// Whether each member has power.
    pub up: Vec<bool>,
    /// The latest view or term of any member.
    pub view: u64,
}
