//! The policies by name: dispatch of batteries, offloading of tasks, tasks of servers that lose power.

use super::units::{Finite, Fraction, Positive};
use serde::{Deserialize, Serialize};

/// The scenario's policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// How the batteries are dispatched.
    #[serde(default)]
    pub dispatch: Dispatch,
    /// Where tasks run.
    #[serde(default)]
    pub offload: Offload,
    /// What happens to a task when its server loses power.
    #[serde(default)]
    pub brown_out: BrownOut,
}

/// How the batteries are dispatched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Dispatch {
    /// Charge from surplus PV, discharge where PV does not meet the demand.
    #[default]
    SelfConsumption,
    /// Self-consumption that also charges from the grid at low prices, and discharges only at high
    /// ones.
    TimeOfUse {
        /// Charge from the grid while an imported kWh costs this or less.
        charge_below_price: Finite,
        /// Discharge while an imported kWh costs this or more.
        discharge_above_price: Finite,
        /// Charge from the grid up to this state of charge.
        #[serde(default = "full")]
        target_soc: Fraction,
        /// Highest charging power from the grid, so that charging at a low price does not set a new
        /// monthly peak; by default the batteries' charging power.
        #[serde(default)]
        charge_kw: Option<Positive>,
    },
    /// Self-consumption that keeps a reserve for outages.
    BackupReserve {
        /// State of charge that is kept while the grid is available, charged from it where necessary.
        reserve_soc: Fraction,
        /// Highest charging power from the grid; by default the batteries' charging power.
        #[serde(default)]
        charge_kw: Option<Positive>,
    },
}

fn full() -> Fraction {
    Fraction::of(0.95)
}

/// Where tasks run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offload {
    /// On the device that created them.
    Local,
    /// On the server with the lowest network delay.
    Nearest,
    /// On the server with the least work per core.
    #[default]
    LeastLoaded,
    /// Where the task emits least CO2, among the places that would meet its deadline.
    LeastCarbon,
    /// In the cloud.
    Cloud,
}

/// What happens to a task when its server loses power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BrownOut {
    /// Its device sends it again, to a place that the offloading policy chooses then; what was computed is
    /// lost.
    #[default]
    Migrate,
    /// It is lost.
    Lose,
}
