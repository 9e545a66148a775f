//! Duration curves: for how long a power was at least so high. A curve is kept as a histogram of a
//! fixed number of bins, however long the run is: each bin has its hours and its kWh, so that the
//! area under the curve is the energy, and no value is off by more than a bin, which is at most one
//! part in a thousand of the greatest magnitude.

/// Bins on each side of zero.
const BINS: usize = 2048;

/// Hours and kWh of the powers in a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    hours: f64,
    kwh: f64,
}

impl Bin {
    fn mean_kw(self) -> f64 {
        self.kwh / self.hours
    }
}

/// One curve.
#[derive(Clone, Debug)]
pub(crate) struct Duration {
    width_kw: f64,
    /// From zero up.
    over: Vec<Bin>,
    /// Hours of zero itself, which is what many powers mostly are.
    zero_hours: f64,
    /// From zero down.
    under: Vec<Bin>,
    highest_kw: f64,
    lowest_kw: f64,
}

impl Default for Duration {
    fn default() -> Self {
        Self {
            width_kw: f64::powi(2.0, -20),
            over: Vec::new(),
            zero_hours: 0.0,
            under: Vec::new(),
            highest_kw: f64::NEG_INFINITY,
            lowest_kw: f64::INFINITY,
        }
    }
}

impl Duration {
    /// Adds a power that lasted so long; what is no finite power is left out.
    pub(crate) fn add(&mut self, kw: f64, hours: f64) {
        // A power that no site has would double the bins for ever.
        if kw.is_nan() || kw.abs() > 1e15 || hours.is_nan() || hours <= 0.0 {
            return;
        }
        while kw.abs() >= self.width_kw * BINS as f64 {
            self.width_kw *= 2.0;
            self.over = in_pairs(&self.over);
            self.under = in_pairs(&self.under);
        }
        self.highest_kw = self.highest_kw.max(kw);
        self.lowest_kw = self.lowest_kw.min(kw);
        if kw == 0.0 {
            self.zero_hours += hours;
            return;
        }
        let index = (kw.abs() / self.width_kw) as usize;
        let bins = if kw < 0.0 { &mut self.under } else { &mut self.over };
        if bins.len() <= index {
            bins.resize(index + 1, Bin::default());
        }
        bins[index].hours += hours;
        bins[index].kwh += kw * hours;
    }

    /// The bins that hold something, highest first.
    fn bins(&self) -> impl Iterator<Item = Bin> {
        let zero = Bin { hours: self.zero_hours, kwh: 0.0 };
        let all = self.over.iter().rev().copied().chain([zero]).chain(self.under.iter().copied());
        all.filter(|bin| bin.hours > 0.0)
    }

    /// All hours.
    pub(crate) fn hours(&self) -> f64 {
        self.bins().map(|bin| bin.hours).sum()
    }

    /// The energy, kWh: the area under the curve.
    pub(crate) fn energy_kwh(&self) -> f64 {
        self.bins().map(|bin| bin.kwh).sum()
    }

    /// The greatest and the least power, exact; `None` where nothing is known.
    pub(crate) fn range_kw(&self) -> Option<(f64, f64)> {
        (self.highest_kw >= self.lowest_kw).then_some((self.highest_kw, self.lowest_kw))
    }

    /// The power at these shares of the time (0 to 1, rising): it was at least so high so long.
    pub(crate) fn at(&self, wanted: impl Iterator<Item = f64>) -> Vec<f64> {
        let (Some((highest, lowest)), hours) = (self.range_kw(), self.hours()) else {
            return Vec::new();
        };
        let mut bins = self.bins();
        let (mut reached, mut kw) = (0.0, highest);
        let at = |share: f64| match share {
            s if s <= 0.0 => highest,
            s if s >= 1.0 => lowest,
            s => {
                while reached < s * hours * (1.0 - 1e-12) {
                    let Some(bin) = bins.next() else { return lowest };
                    reached += bin.hours;
                    kw = bin.mean_kw().clamp(lowest, highest);
                }
                kw
            }
        };
        wanted.map(at).collect()
    }
}

/// Half as many bins, each twice as wide.
fn in_pairs(bins: &[Bin]) -> Vec<Bin> {
    let sum = |pair: &[Bin]| {
        pair.iter().fold(Bin::default(), |sum, bin| Bin {
            hours: sum.hours + bin.hours,
            kwh: sum.kwh + bin.kwh,
        })
    };
    bins.chunks(2).map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn falls_holds_the_energy_and_is_right_to_a_thousandth(
            parts in prop::collection::vec((-50.0..2e3f64, 0.05..1.0f64), 1..300),
        ) {
            let mut curve = Duration::default();
            parts.iter().for_each(|(kw, hours)| curve.add(*kw, *hours));
            let kwh: f64 = parts.iter().map(|(kw, hours)| kw * hours).sum();
            let hours: f64 = parts.iter().map(|(_, hours)| hours).sum();
            prop_assert!((curve.energy_kwh() - kwh).abs() < 1e-9 * (1.0 + kwh.abs()) + 1e-6);
            prop_assert!((curve.hours() - hours).abs() < 1e-9);
            let shares = || (0..=200).map(|k| f64::from(k) / 200.0);
            let curve_kw = curve.at(shares());
            prop_assert!(curve_kw.windows(2).all(|w| w[0] >= w[1]), "{curve_kw:?}");
            // Against the sorted values themselves.
            let mut sorted = parts.clone();
            sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
            let most = sorted.iter().map(|(kw, _)| kw.abs()).fold(0.0, f64::max);
            let (mut reached, mut i) = (0.0, 0);
            for (share, kw) in shares().zip(&curve_kw) {
                while i < sorted.len() && reached + sorted[i].1 < share * hours - 1e-9 {
                    reached += sorted[i].1;
                    i += 1;
                }
                let exact = sorted[i.min(sorted.len() - 1)].0;
                prop_assert!((kw - exact).abs() <= most / 1000.0 + 1e-9, "{share}: {kw} for {exact}");
            }
        }
    }

    #[test]
    fn takes_no_more_room_for_a_longer_run() {
        let mut curve = Duration::default();
        for k in 0..500_000u32 {
            curve.add(f64::from(k % 7919) - 300.0, 1.0 / 12.0);
        }
        assert!(curve.over.len() <= BINS && curve.under.len() <= BINS);
        for foreign in [f64::NAN, f64::INFINITY, 1e300] {
            curve.add(foreign, 1.0);
        }
        assert_eq!(curve.range_kw(), Some((7618.0, -300.0)));
    }
}
