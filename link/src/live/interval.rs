//! From meters to devices: each device's mean power over an interval that is over. Not what the
//! twin makes of it.

use super::track::Track;
use crate::site::{Meters, Site};
use gridtwin_kernel::SimTime;

/// Metered mean powers over an interval, in the scenario's order, kW; with each kind's own sign (a
/// battery's and the grid's may be negative).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Means {
    pub(crate) pv_kw: Vec<Option<f64>>,
    pub(crate) batteries_kw: Vec<Option<f64>>,
    pub(crate) loads_kw: Vec<Option<f64>>,
    pub(crate) chargers_kw: Vec<Option<f64>>,
    pub(crate) grid_kw: Option<f64>,
}

impl Means {
    /// Ends the interval for every meter. A device's power is that of its power meter, or without
    /// readings that of its counters.
    pub(crate) fn close(end: SimTime, site: &Site, tracks: &mut [Track]) -> Self {
        let means: Vec<Option<f64>> = tracks.iter_mut().map(|track| track.close(end)).collect();
        let of = |meters: &Meters| {
            let mean = |meter: Option<usize>| meter.and_then(|meter| means[meter]);
            mean(meters.power).or_else(|| {
                let counted_kw = mean(meters.energy)?;
                match meters.returned {
                    None => Some(counted_kw),
                    Some(_) => mean(meters.returned).map(|back_kw| counted_kw - back_kw),
                }
            })
        };
        let all = |devices: &[Meters]| devices.iter().map(of).collect();
        Self {
            pv_kw: all(&site.pv),
            batteries_kw: all(&site.batteries),
            loads_kw: all(&site.loads),
            chargers_kw: all(&site.chargers),
            grid_kw: of(&site.grid),
        }
    }
}
