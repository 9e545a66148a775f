//! What the plots need of a run, in about a thousand blocks of time however long the run is: means
//! over each block, least and greatest where peaks matter.

use super::duration::Duration;
use crate::tally::energy::total;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{Catalog, Sample};

/// The powers that have a duration curve. Net load is demand less PV; PV is told before curtailment.
pub(crate) const CURVES: [&str; 5] = ["Demand", "Net load", "Grid import", "Gensets", "PV"];

/// A value over time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Track {
    sum: Vec<f64>,
    weight: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
}

impl Track {
    fn add(&mut self, block: usize, value: f64, weight: f64) {
        if !value.is_finite() || weight <= 0.0 {
            return;
        }
        if self.sum.len() <= block {
            self.sum.resize(block + 1, 0.0);
            self.weight.resize(block + 1, 0.0);
            self.min.resize(block + 1, f64::INFINITY);
            self.max.resize(block + 1, f64::NEG_INFINITY);
        }
        self.sum[block] += value * weight;
        self.weight[block] += weight;
        self.min[block] = self.min[block].min(value);
        self.max[block] = self.max[block].max(value);
    }

    /// The mean of a block; `None` where nothing is known.
    pub(crate) fn mean(&self, block: usize) -> Option<f64> {
        let weight = *self.weight.get(block)?;
        (weight > 0.0).then(|| self.sum[block] / weight)
    }

    /// The least and the greatest value of a block.
    pub(crate) fn range(&self, block: usize) -> Option<(f64, f64)> {
        let known = *self.weight.get(block)? > 0.0;
        known.then(|| (self.min[block], self.max[block]))
    }

    /// The greatest mean of all blocks, or 0.
    pub(crate) fn highest(&self) -> f64 {
        (0..self.sum.len()).filter_map(|b| self.mean(b)).fold(0.0, f64::max)
    }

    /// Whether it ever was above zero.
    pub(crate) fn ever(&self) -> bool {
        self.max.iter().any(|v| *v > 1e-9)
    }
}

/// All tracks of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// The length of a block.
    pub(crate) block: Span,
    /// How many blocks there are.
    pub(crate) blocks: usize,
    /// PV less what was curtailed.
    pub(crate) pv_used: Track,
    /// From the batteries.
    pub(crate) discharge: Track,
    /// From the grid.
    pub(crate) import: Track,
    /// From gensets, less what was curtailed beyond all PV.
    pub(crate) genset: Track,
    /// Demand that was not met.
    pub(crate) unserved: Track,
    /// All demand.
    pub(crate) load: Track,
    /// Into the batteries.
    pub(crate) charge: Track,
    /// To the grid.
    pub(crate) export: Track,
    /// State of charge of each battery.
    pub(crate) soc: Vec<Track>,
    /// Intensity of consumption.
    pub(crate) mix: Track,
    /// Intensity of imports.
    pub(crate) grid_mix: Track,
    /// Intensity of what is stored, all batteries.
    pub(crate) stored: Track,
    /// For how long each of [`CURVES`] was how high.
    pub(crate) durations: [Duration; 5],
    sizes_kwh: Vec<f64>,
}

/// The length of a block: as short as a thousand and a half of them allow, and a day where a run is
/// so long that the course of a day could not be read anyway.
pub(crate) fn block_of(step: Span, days: u32) -> Span {
    let minutes = match days {
        0..=2 => 5,
        3..=10 => 15,
        11..=21 => 30,
        22..=60 => 60,
        61..=1461 => 24 * 60,
        _ => 7 * 24 * 60,
    };
    Span::from_secs(minutes * 60).max(step)
}

impl History {
    /// Nothing known yet.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        Self {
            block: block_of(catalog.step, catalog.days),
            soc: vec![Track::default(); catalog.batteries.len()],
            sizes_kwh: catalog.batteries.iter().map(|(_, kwh)| *kwh).collect(),
            ..Self::default()
        }
    }

    /// The block of an instant.
    pub(crate) fn block_at(&self, at: SimTime) -> usize {
        (at.0 / self.block.0.max(1)) as usize
    }

    /// The middle of a block, in hours since the start.
    pub(crate) fn middle_h(&self, block: usize) -> f64 {
        (block as f64 + 0.5) * self.block.as_hours_f64()
    }

    /// Adds one interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let (b, hours) = (self.block_at(sample.at), sample.step.as_hours_f64());
        self.blocks = self.blocks.max(b + 1);
        let f = &sample.flows;
        self.pv_used.add(b, (f.pv_kw - f.curtailed_kw).max(0.0), hours);
        self.discharge.add(b, f.discharge_kw, hours);
        self.import.add(b, f.import_kw, hours);
        self.genset.add(b, f.genset_kw - (f.curtailed_kw - f.pv_kw).max(0.0), hours);
        self.unserved.add(b, f.unserved_kw, hours);
        self.load.add(b, f.load_kw, hours);
        self.charge.add(b, f.charge_kw, hours);
        self.export.add(b, f.export_kw, hours);
        self.mix.add(b, sample.mix_g_per_kwh, total(&sample.consumed_from));
        self.grid_mix.add(b, sample.grid_g_per_kwh, hours);
        for (track, battery) in self.soc.iter_mut().zip(&sample.batteries) {
            track.add(b, battery.soc, hours);
        }
        let held = sample.batteries.iter().zip(&self.sizes_kwh).map(|(x, kwh)| (x, x.soc * kwh));
        let (kwh, grams) = held
            .fold((0.0, 0.0), |(kwh, g), (x, held)| (kwh + held, g + held * x.stored_g_per_kwh));
        self.stored.add(b, grams / kwh, hours);
        let curves = [f.load_kw, f.load_kw - f.pv_kw, f.import_kw, f.genset_kw, f.pv_kw];
        for (curve, kw) in self.durations.iter_mut().zip(curves) {
            curve.add(kw, hours);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_fifteen_hundred_blocks() {
        for days in 1..4000 {
            let block = block_of(Span::from_secs(60), days);
            let blocks = (Span::DAY * u64::from(days)) / block;
            assert!((1..=1500).contains(&blocks), "{days} days: {blocks} blocks");
        }
    }

    #[test]
    fn means_weigh_and_peaks_stay() {
        let mut track = Track::default();
        track.add(2, 1.0, 3.0);
        track.add(2, 5.0, 1.0);
        track.add(2, f64::NAN, 1.0);
        assert_eq!(track.mean(2), Some(2.0));
        assert_eq!(track.range(2), Some((1.0, 5.0)));
        assert_eq!(track.mean(0), None);
        assert_eq!(track.mean(7), None);
    }
}
