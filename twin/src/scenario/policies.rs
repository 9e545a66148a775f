//! Who decides what: the policies by name.

use super::units::{Finite, Fraction, Positive};
use serde::{Deserialize, Serialize};

/// The scenario's policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// What the batteries do.
    #[serde(default)]
    pub dispatch: Dispatch,
    /// Where tasks run.
    #[serde(default)]
    pub offload: Offload,
    /// What becomes of a task when its server browns out.
    #[serde(default)]
    pub brown_out: BrownOut,
}

/// What the batteries do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Dispatch {
    /// Charge from the surplus of PV, and discharge when PV does not suffice. While the site is paid
    /// to import (a full price below zero), nothing is discharged; this holds for all policies.
    #[default]
    SelfConsumption,
    /// In addition, charge from the grid while prices are low or below zero, and discharge only while they
    /// are high. Prices are full ones: energy and additions of the tariff, with VAT. Thresholds are
    /// compared with them before the tariff's `price_factor` and `escalation_per_year`, as if they were
    /// set anew whenever all prices rise.
    TimeOfUse {
        /// Charge where a kWh costs this or less.
        charge_below_price: Finite,
        /// Discharge where a kWh costs this or more.
        discharge_above_price: Finite,
        /// Charge up to this state of charge.
        #[serde(default = "full")]
        target_soc: Fraction,
        /// Fill up from the grid with this much at most, so that cheap energy does not cost a new
        /// peak; with all that the batteries take by default.
        #[serde(default)]
        charge_kw: Option<Positive>,
    },
    /// Self-consumption that keeps a reserve for when the grid fails.
    BackupReserve {
        /// State of charge that is kept while the grid is there, and filled up from it.
        reserve_soc: Fraction,
        /// Fill up from the grid with this much at most; with all that the batteries take by
        /// default.
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
    /// On the device that made them.
    Local,
    /// On the server with the shortest way to it.
    Nearest,
    /// On the server with the least work for each of its cores.
    #[default]
    LeastLoaded,
    /// Where it emits least among the places that would meet its deadline.
    LeastCarbon,
    /// In the cloud.
    Cloud,
}

/// What becomes of a task when its server browns out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BrownOut {
    /// Its device sends it again, to wherever the policy then decides; its computation is lost.
    #[default]
    Migrate,
    /// It is lost.
    Lose,
}
