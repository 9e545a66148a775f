//! Which way each kWh and each gram took: from where it was made to where it was used, straight over
//! the bus or through the batteries. Sums over the record's intervals in a fixed amount of memory;
//! not the drawing, which is [`super::sankey`].
//!
//! What consumption came from is the record's own word (`consumed_from`, the mix's intensity), so
//! that all sums here are those of the summary. Which part of it went through the batteries follows
//! from what was made and discharged in the same interval. The batteries count as one store here:
//! what one of them gives another is neither out nor in.

use crate::tally::energy::{Imported, sources, total};
use gridtwin_twin::record::{Catalog, Sample};

/// Where things come from, in the record's order.
pub(crate) const SOURCES: [&str; 4] = ["PV", "Grid", "Gensets", "Stored at the start"];
/// Where they go to.
pub(crate) const USES: [&str; 5] =
    ["Loads", "Electric cars", "Computing", "Network", "Grid export"];

const GRID: usize = 1;
const INITIAL: usize = 3;
const EXPORT: usize = 4;

/// Flows of a run, in kWh or in grams.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Paths {
    /// From each source to each use, over the bus alone.
    pub(crate) direct: [[f64; 5]; 4],
    /// From each source to each use, through the batteries.
    pub(crate) through: [[f64; 5]; 4],
    /// From each source into the batteries, with what they held at the start.
    pub(crate) charged: [f64; 4],
    /// What the batteries held at the start: the grid's where there is one, since it has to be put
    /// back from there, and of unknown origin on an island.
    pub(crate) at_start: f64,
    /// From each source to nowhere: curtailed.
    pub(crate) curtailed: [f64; 4],
    /// What the batteries hold at the end.
    pub(crate) held: f64,
}

impl Paths {
    /// What a source gave in all.
    pub(crate) fn given(&self, source: usize) -> f64 {
        let direct: f64 = self.direct[source].iter().sum();
        direct + self.charged[source] + self.curtailed[source]
    }

    /// What a use took in all.
    pub(crate) fn taken(&self, to: usize) -> f64 {
        self.direct.iter().chain(&self.through).map(|row| row[to]).sum()
    }

    /// What went into the batteries and neither came out nor is in them.
    pub(crate) fn lost(&self) -> f64 {
        let charged: f64 = self.charged.iter().sum();
        let lost = charged - self.through.as_flattened().iter().sum::<f64>() - self.held;
        // Rounding is no loss.
        if lost > 1e-6 * charged { lost } else { 0.0 }
    }

    /// `factor` times all of it: another unit.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self {
            direct: self.direct.map(|row| row.map(|v| v * factor)),
            through: self.through.map(|row| row.map(|v| v * factor)),
            charged: self.charged.map(|v| v * factor),
            at_start: self.at_start * factor,
            curtailed: self.curtailed.map(|v| v * factor),
            held: self.held * factor,
        }
    }

    /// What of each source is in the batteries, 0 to 1, from what went in and out.
    fn mix_held(&self) -> [f64; 4] {
        let mut held = self.charged;
        for (kwh, out) in held.iter_mut().zip(&self.through) {
            *kwh = (*kwh - out.iter().sum::<f64>()).max(0.0);
        }
        shares(held)
    }
}

/// Each one's share of the sum; all of it the last one's where there is none.
fn shares(parts: [f64; 4]) -> [f64; 4] {
    let all: f64 = parts.iter().sum();
    if all > 0.0 { parts.map(|part| part / all) } else { [0.0, 0.0, 0.0, 1.0] }
}

/// How much of consumption came from each source through the batteries, kWh: of `from` in all, while
/// `made` and `discharged` came onto the bus.
fn through_batteries(from: [f64; 4], made: [f64; 4], discharged: f64) -> [f64; 4] {
    let (consumed, on_bus) = (from.iter().sum::<f64>(), made.iter().sum::<f64>() + discharged);
    // What is consumed of a source beyond what was made of it was stored before.
    let surely: [f64; 4] = std::array::from_fn(|i| (from[i] - made[i]).max(0.0));
    let surely_all: f64 = surely.iter().sum();
    // All that leaves the bus has one mix, so consumption gets its share of what was discharged.
    let wanted = if on_bus > 0.0 { consumed * discharged / on_bus } else { 0.0 };
    let rest = (wanted - surely_all).max(0.0);
    // The others' part is what is consumed of a source beyond its share of what was made.
    let beyond: [f64; 4] = std::array::from_fn(|i| {
        let straight = if on_bus > 0.0 { consumed * made[i] / on_bus } else { 0.0 };
        (from[i] - straight - surely[i]).max(0.0)
    });
    let beyond_all: f64 = beyond.iter().sum();
    if rest <= 0.0 || beyond_all <= 0.0 {
        return surely;
    }
    let part = (rest / beyond_all).min(1.0);
    std::array::from_fn(|i| surely[i] + beyond[i] * part)
}

/// Follows a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// Energy, kWh.
    pub(crate) energy: Paths,
    /// Operational carbon, g.
    pub(crate) carbon: Paths,
    sizes_kwh: Vec<f64>,
    /// Grams in the batteries, by source.
    stored_g: [f64; 4],
    begun: bool,
    /// Whose the batteries' charge at the start is.
    first: usize,
}

/// Sources of consumption, where the charge at the start counts as that of the source `first`.
fn counted(mut from: [f64; 4], first: usize) -> [f64; 4] {
    let initial = std::mem::take(&mut from[INITIAL]);
    from[first] += initial;
    from
}

impl Trace {
    /// Nothing followed yet.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let sizes_kwh = catalog.batteries.iter().map(|(_, kwh)| *kwh).collect();
        let first = if catalog.has_grid { GRID } else { INITIAL };
        Self { sizes_kwh, first, ..Self::default() }
    }

    /// Adds one interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let f = &sample.flows;
        // What was not served is shared out alike among the uses.
        let served = total(&sample.consumed_from);
        let uses = [f.loads_kw, f.ev_kw, f.compute_kw, f.network_kw];
        let uses = uses.map(|kw| if f.load_kw > 0.0 { kw / f.load_kw } else { 0.0 });
        self.energy(sample, uses);
        self.carbon(sample, served, uses);
        self.begun = true;
    }

    fn energy(&mut self, sample: &Sample, uses: [f64; 4]) {
        let (f, hours) = (&sample.flows, sample.step.as_hours_f64());
        let dumped = (f.curtailed_kw - f.pv_kw).max(0.0);
        let pv_used = (f.pv_kw - f.curtailed_kw).max(0.0);
        let made = [pv_used, f.import_kw, f.genset_kw - dumped, 0.0].map(|kw| kw.max(0.0) * hours);
        let (charge, discharge) = (f.charge_kw * hours, f.discharge_kw * hours);
        let held = sample.batteries.iter().zip(&self.sizes_kwh).map(|(b, kwh)| b.soc * kwh);
        let paths = &mut self.energy;
        paths.held = held.sum();
        if !self.begun {
            // What the batteries lost in the very first interval is not known, and left out.
            paths.at_start = (paths.held - charge + discharge).max(0.0);
            paths.charged[self.first] = paths.at_start;
        }
        paths.curtailed[0] += (f.curtailed_kw - dumped) * hours;
        paths.curtailed[2] += dumped * hours;
        let from = counted(sources(&sample.consumed_from), self.first);
        let through = through_batteries(from, made, discharge);
        let mix = match through.iter().sum::<f64>() > 0.0 {
            true => shares(through),
            false => paths.mix_held(),
        };
        // What is left after consumption is exported or stored.
        let out = (f.export_kw + f.charge_kw).max(f64::MIN_POSITIVE);
        let (exported, stored) = (f.export_kw / out, f.charge_kw / out);
        let given = (discharge - through.iter().sum::<f64>()).max(0.0);
        for i in 0..4 {
            let direct = from[i] - through[i];
            for (j, part) in uses.iter().enumerate() {
                paths.direct[i][j] += part * direct;
                paths.through[i][j] += part * through[i];
            }
            let left = (made[i] - direct).max(0.0);
            paths.direct[i][EXPORT] += left * exported;
            paths.charged[i] += left * stored;
            paths.through[i][EXPORT] += given * exported * mix[i];
        }
    }

    fn carbon(&mut self, sample: &Sample, served: f64, uses: [f64; 4]) {
        let emitted = sample.emitted_kg * 1000.0;
        let imported = (sample.imported_kg() * 1000.0).min(emitted);
        // Where nothing was burnt, rounding is no fuel.
        let burnt = emitted - imported;
        let burnt = if burnt > 1e-9 * emitted { burnt } else { 0.0 };
        let imported = emitted - burnt;
        let consumed = if served > 0.0 { sample.mix_g_per_kwh * served } else { 0.0 };
        let exported = sample.exported_kg * 1000.0;
        // What was emitted and neither consumed nor exported is in the batteries.
        let net = emitted - consumed - exported;
        if !self.begun {
            let cells = sample.batteries.iter().zip(&self.sizes_kwh);
            let grams = cells.map(|(b, kwh)| b.soc * kwh * b.stored_g_per_kwh);
            self.carbon.at_start = (grams.sum::<f64>() - net).max(0.0);
            self.stored_g[self.first] = self.carbon.at_start;
            self.carbon.charged[self.first] = self.carbon.at_start;
        }
        let (made, drawn) = ([0.0, imported, burnt, 0.0], (-net).max(0.0));
        let mix = shares(self.stored_g);
        let bus = emitted + drawn;
        if bus > 0.0 {
            let paths = &mut self.carbon;
            for i in 0..4 {
                let (direct, through) = (made[i] / bus, drawn * mix[i] / bus);
                for (j, part) in uses.iter().enumerate() {
                    paths.direct[i][j] += consumed * part * direct;
                    paths.through[i][j] += consumed * part * through;
                }
                paths.direct[i][EXPORT] += exported * direct;
                paths.through[i][EXPORT] += exported * through;
                let stored = net.max(0.0) * direct;
                paths.charged[i] += stored;
                self.stored_g[i] = (self.stored_g[i] + stored - drawn * mix[i]).max(0.0);
            }
        }
        self.carbon.held = self.stored_g.iter().sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tally;
    use crate::synthetic::{catalog, play};
    use gridtwin_twin::Twin;
    use gridtwin_twin::record::Observer;
    use gridtwin_twin::scenario::Scenario;

    struct Both(Trace, Tally, Sample);
    impl Observer for Both {
        fn sample(&mut self, sample: &Sample) {
            self.0.sample(sample);
            self.1.sample(sample);
            self.2.clone_from(sample);
        }
    }

    #[track_caller]
    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6 * b.abs().max(1.0), "{a} for {b}");
    }

    #[track_caller]
    fn all_energy_is_there(both: &Both, sizes_kwh: &[f64]) {
        let (paths, energy, kwh) = (both.0.energy, &both.1.energy, &both.1.energy.kwh);
        let first = both.0.first;
        near(paths.given(0), kwh.pv_kw);
        near(paths.given(1), kwh.import_kw + if first == GRID { paths.at_start } else { 0.0 });
        near(paths.given(2), kwh.genset_kw);
        near((0..4).map(|j| paths.taken(j)).sum(), kwh.load_kw - kwh.unserved_kw);
        near(paths.taken(EXPORT), kwh.export_kw);
        near(paths.curtailed.iter().sum(), kwh.curtailed_kw);
        for (i, kwh) in counted(sources(&energy.consumed), first).into_iter().enumerate() {
            near((0..4).map(|j| paths.direct[i][j] + paths.through[i][j]).sum(), kwh);
        }
        let held = both.2.batteries.iter().zip(sizes_kwh).map(|(b, kwh)| b.soc * kwh);
        near(paths.held, held.sum());
        let came: f64 = (0..4).map(|i| paths.given(i)).sum();
        let went: f64 = (0..5).map(|j| paths.taken(j)).sum();
        near(went + kwh.curtailed_kw + paths.lost() + paths.held, came);
        // What the record says of charge and discharge, and what was held before and after.
        near(paths.lost(), kwh.charge_kw - kwh.discharge_kw + paths.at_start - paths.held);
        assert!(paths.lost() > 0.0, "a battery without losses");
        assert_eq!(paths.direct[INITIAL], [0.0; 5], "stored at the start, but past the batteries");
    }

    #[test]
    fn every_kwh_that_came_went_somewhere() {
        let catalog = catalog();
        let mut both = Both(Trace::new(&catalog), Tally::new(&catalog), Sample::default());
        play(&catalog, 0, &mut both);
        all_energy_is_there(&both, &[120.0]);
    }

    /// Of real twins: one whose grid fails, and one that has only gensets.
    #[test]
    fn every_gram_that_was_emitted_is_accounted_for() {
        for name in ["campus", "blackout", "island"] {
            let path = format!("{}/../scenarios/{name}.ron", env!("CARGO_MANIFEST_DIR"));
            let mut scenario = Scenario::load(path.as_ref()).unwrap();
            scenario.days = scenario.days.min(3);
            let mut twin = Twin::new(&scenario).unwrap();
            let catalog = twin.catalog().clone();
            let mut both = Both(Trace::new(&catalog), Tally::new(&catalog), Sample::default());
            twin.advance(twin.end(), &mut both);
            let sizes_kwh: Vec<f64> = catalog.batteries.iter().map(|(_, kwh)| *kwh).collect();
            all_energy_is_there(&both, &sizes_kwh);
            let (paths, energy) = (both.0.carbon, &both.1.energy);
            let of_grid = if both.0.first == GRID { paths.at_start } else { 0.0 };
            near(paths.given(1), energy.imported_kg * 1000.0 + of_grid);
            near(paths.given(1) + paths.given(2), energy.emitted_kg * 1000.0 + of_grid);
            near((0..4).map(|j| paths.taken(j)).sum(), energy.consumed_g);
            near(paths.taken(EXPORT), energy.exported_kg * 1000.0);
            near(paths.held - paths.at_start, energy.stored_kg() * 1000.0);
            let cells = both.2.batteries.iter().zip(&sizes_kwh);
            near(paths.held, cells.map(|(b, kwh)| b.soc * kwh * b.stored_g_per_kwh).sum());
            assert_eq!((paths.given(0), paths.lost()), (0.0, 0.0));
            assert!(paths.given(1) + paths.given(2) > 0.0, "{name}: nothing was emitted");
        }
    }

    #[test]
    fn what_was_not_just_made_was_stored() {
        // Of 40 kWh on the bus, 20 are discharged: half of each kWh consumed.
        let through = through_batteries([8.0, 4.0, 0.0, 4.0], [10.0, 10.0, 0.0, 0.0], 20.0);
        assert_eq!(through, [4.0, 0.0, 0.0, 4.0]);
        // Nothing discharged, nothing through the batteries.
        assert_eq!(through_batteries([5.0, 3.0, 0.0, 0.0], [7.0, 3.0, 0.0, 0.0], 0.0), [0.0; 4]);
        // More consumed of a source than was made of it.
        assert_eq!(through_batteries([5.0, 3.0, 0.0, 0.0], [1.0, 4.0, 0.0, 0.0], 4.0)[0], 4.0);
    }
}
