//! What is asked about outages: how long the site would go on by itself.

use super::units::OutageHours;
use serde::{Deserialize, Serialize};

/// Outages that are begun at every hour of the run, on paper: without the grid, and without
/// deliveries of fuel, how long would demand be met? The run itself does not change by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resilience {
    /// Only what has at least this shedding priority must be met; by default all demand.
    #[serde(default)]
    pub critical_priority: Option<u8>,
    /// The longest outage that is looked at, hours.
    #[serde(default = "Resilience::default_longest")]
    pub longest_h: OutageHours,
    /// What the gensets may burn.
    #[serde(default)]
    pub fuel: OutageFuel,
}

impl Resilience {
    fn default_longest() -> OutageHours {
        OutageHours::of(168.0)
    }
}

impl Default for Resilience {
    fn default() -> Self {
        Self {
            critical_priority: None,
            longest_h: Self::default_longest(),
            fuel: OutageFuel::default(),
        }
    }
}

/// What gensets may burn in an outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutageFuel {
    /// What their tanks hold when it begins. A genset without a tank in the scenario has none:
    /// nothing says how much there is.
    #[default]
    Tanks,
    /// Nothing: all gensets stand still.
    Nothing,
    /// As much as they like.
    Unlimited,
}
