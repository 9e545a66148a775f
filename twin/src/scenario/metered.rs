//! What meters found over one interval, as data. Not how it is made of messages, and not what the
//! site makes of it.

use serde::{Deserialize, Serialize};

/// Mean powers over one interval as meters found them, in the scenario's order; what is `None`, or
/// beyond a vector's end, follows its model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metered {
    /// Each PV array's AC power, kW.
    pub pv_kw: Vec<Option<f64>>,
    /// Each load's demand, kW.
    pub loads_kw: Vec<Option<f64>>,
    /// Each battery's power at its terminals, kW; positive where it gives. It is heeded while the
    /// grid is there: on an island a battery that holds the bus up gives what the rest needs.
    pub batteries_kw: Vec<Option<f64>>,
    /// Each battery's state of charge when the interval begins.
    pub soc: Vec<Option<f64>>,
    /// Each charger group's power at the bus, kW.
    pub chargers_kw: Vec<Option<f64>>,
}

impl Metered {
    fn all(&self) -> impl Iterator<Item = f64> + '_ {
        let lists = [&self.pv_kw, &self.loads_kw, &self.batteries_kw, &self.soc, &self.chargers_kw];
        lists.into_iter().flat_map(|list| list.iter().flatten().copied())
    }

    /// Whether nothing is metered.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Whether every reading is a finite number.
    pub fn is_finite(&self) -> bool {
        self.all().all(f64::is_finite)
    }

    pub(crate) fn pv(&self, array: usize) -> Option<f64> {
        self.pv_kw.get(array).copied().flatten()
    }

    pub(crate) fn load(&self, load: usize) -> Option<f64> {
        self.loads_kw.get(load).copied().flatten()
    }
}
