//! Where the site's power comes from and where it goes, as a matrix of sources and uses. Pure; the
//! drawing is `sankey`'s.

use crate::model::{FutureModel, Model};
use crate::{civil, palette::Rgb};
use gridtwin_player::Metric;
use gridtwin_twin::record::BusFlows;

/// Sources, in the order of [`Flow::of`]'s rows.
pub(crate) const SOURCES: [Metric; 5] =
    [Metric::Pv, Metric::Discharge, Metric::Import, Metric::Genset, Metric::Unserved];
/// Uses, in the order of [`Flow::of`]'s columns.
pub(crate) const USES: [Metric; 7] = [
    Metric::Loads,
    Metric::Cars,
    Metric::Compute,
    Metric::Network,
    Metric::Charge,
    Metric::Export,
    Metric::Curtailed,
];
/// How many of the uses are demand, which alone can go unserved.
const DEMAND: usize = 4;

/// From each source to each use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Flow {
    /// `of[source][use]`.
    pub(crate) of: [[f64; 7]; 5],
}

impl Flow {
    /// What leaves a source.
    pub(crate) fn given(&self, source: usize) -> f64 {
        self.of[source].iter().sum()
    }

    /// What reaches a use.
    pub(crate) fn taken(&self, used: usize) -> f64 {
        self.of.iter().map(|row| row[used]).sum()
    }

    /// All of it.
    pub(crate) fn total(&self) -> f64 {
        self.of.iter().flatten().sum()
    }
}

/// Who feeds whom, from what is made and what is used. On one bus everything mixes: each use takes
/// from each source in proportion; but what is curtailed is PV, and what is unserved is demand.
pub(crate) fn flow(sources: [f64; 5], uses: [f64; 7]) -> Flow {
    let mut flow = Flow::default();
    let (mut left, mut wanted) = (sources.map(|v| v.max(0.0)), uses.map(|v| v.max(0.0)));
    let curtailed = wanted[6].min(left[0]);
    flow.of[0][6] = curtailed;
    left[0] -= curtailed;
    wanted[6] -= curtailed;
    let demand: f64 = wanted[..DEMAND].iter().sum();
    let unserved = left[4].min(demand);
    if unserved > 0.0 {
        for (cell, wanted) in flow.of[4].iter_mut().zip(&mut wanted[..DEMAND]) {
            *cell = unserved * *wanted / demand;
            *wanted -= *cell;
        }
        left[4] -= unserved;
    }
    let all: f64 = left.iter().sum();
    if all > 0.0 {
        for (i, from) in left.iter().enumerate() {
            for (j, to) in wanted.iter().enumerate() {
                flow.of[i][j] += from * to / all;
            }
        }
    }
    flow
}

/// At the playhead, kW.
pub(crate) fn now(flows: &BusFlows) -> Flow {
    flow(
        [flows.pv_kw, flows.discharge_kw, flows.import_kw, flows.genset_kw, flows.unserved_kw],
        [
            flows.loads_kw,
            flows.ev_kw,
            flows.compute_kw,
            flows.network_kw,
            flows.charge_kw,
            flows.export_kw,
            flows.curtailed_kw,
        ],
    )
}

/// Over the site's day around the playhead as far as it is known, kWh: interval by interval, so that
/// the night's demand is not fed by noon's sun.
pub(crate) fn of_day(model: &Model, future: &FutureModel) -> Flow {
    let (from, until) = civil::day_of(model.catalog, model.now());
    let history = future.history;
    let hours = history.step().as_hours_f64();
    let mut sum = Flow::default();
    let courses = |metrics: &[Metric]| -> Vec<&[f32]> {
        metrics.iter().map(|m| history.metric(*m)).collect()
    };
    let (sources, uses) = (courses(&SOURCES), courses(&USES));
    for i in history.interval(from)..history.interval(until).min(history.len()) {
        let at = |course: &&[f32]| f64::from(course.get(i).copied().unwrap_or(0.0)) * hours;
        let one =
            flow(std::array::from_fn(|k| at(&sources[k])), std::array::from_fn(|k| at(&uses[k])));
        for (row, more) in sum.of.iter_mut().zip(&one.of) {
            for (cell, more) in row.iter_mut().zip(more) {
                *cell += more;
            }
        }
    }
    sum
}

/// The colour of a source's or a use's bar.
pub(crate) fn color(metric: Metric) -> Rgb {
    super::color(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_taken() {
        let sources = [120.0, 15.0, 30.0, 0.0, 5.0];
        let uses = [60.0, 40.0, 9.0, 1.0, 20.0, 10.0, 30.0];
        let flow = flow(sources, uses);
        for (i, given) in sources.iter().enumerate() {
            assert!((flow.given(i) - given).abs() < 1e-9, "source {i}");
        }
        for (j, taken) in uses.iter().enumerate() {
            assert!((flow.taken(j) - taken).abs() < 1e-9, "use {j}");
        }
    }

    #[test]
    fn only_the_sun_is_curtailed_and_only_demand_goes_unserved() {
        let flow = flow([50.0, 0.0, 20.0, 0.0, 10.0], [40.0, 10.0, 0.0, 0.0, 10.0, 0.0, 20.0]);
        assert_eq!(flow.of[0][6], 20.0);
        assert_eq!(flow.of[2][6], 0.0);
        assert_eq!(flow.of[4][4], 0.0);
        assert_eq!(flow.of[4][0] + flow.of[4][1], 10.0);
    }

    #[test]
    fn a_dark_site_has_no_flow() {
        assert_eq!(flow([0.0; 5], [0.0; 7]).total(), 0.0);
    }
}
