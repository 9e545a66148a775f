//! Means over intervals from irregular readings. Not the readings' quality: only what is used gets
//! here.

use super::counter::Increment;
use gridtwin_kernel::{SimTime, Span};

const NANOS_PER_HOUR: f64 = 3.6e12;

/// A mean power over an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// Mean over the time that is covered, kW.
    pub kw: f64,
    /// Which share of the interval is covered by readings, above 0 and up to 1.
    pub covered: f64,
}

/// The time-weighted mean of a power: a reading holds until the next one, or until the meter counts
/// as silent. Durations are whole nanoseconds; the mean is between the smallest and largest value
/// that held.
///
/// What is read at or after an interval's end is pushed after that interval was finished.
#[derive(Clone, Copy, Debug)]
pub struct PowerMean {
    from: SimTime,
    hold: Span,
    last: Option<(SimTime, f64)>,
    /// Up to here the last value has been added.
    added: SimTime,
    sum_kw_ns: f64,
    covered_ns: u64,
    least_kw: f64,
    most_kw: f64,
}

impl PowerMean {
    /// Intervals begin at `from`; a value holds for `hold` at most ([`super::Silence::limit`]).
    pub fn new(from: SimTime, hold: Span) -> Self {
        Self {
            from,
            hold,
            last: None,
            added: from,
            sum_kw_ns: 0.0,
            covered_ns: 0,
            least_kw: f64::INFINITY,
            most_kw: f64::NEG_INFINITY,
        }
    }

    /// A reading for the instant `at`. One earlier than the last replaces it; a value that is not a
    /// number is ignored.
    pub fn push(&mut self, at: SimTime, kw: f64) {
        if !kw.is_finite() {
            return;
        }
        let at = self.last.map_or(at, |(last, _)| at.max(last));
        self.hold_until(at);
        self.last = Some((at, kw));
    }

    /// The device is to follow its model from now on: the last value does not hold any longer.
    pub fn forget(&mut self, at: SimTime) {
        self.hold_until(at);
        self.last = None;
    }

    /// Ends the interval at `until`, where the next one begins. Nothing where nothing was covered.
    pub fn finish(&mut self, until: SimTime) -> Option<Mean> {
        self.hold_until(until);
        let whole_ns = until.since(self.from).0;
        let mean = (self.covered_ns > 0 && whole_ns > 0).then(|| Mean {
            // Rounding may leave the mean a hair outside of what held.
            kw: (self.sum_kw_ns / self.covered_ns as f64).clamp(self.least_kw, self.most_kw),
            covered: (self.covered_ns as f64 / whole_ns as f64).min(1.0),
        });
        *self = Self { last: self.last, ..Self::new(until.max(self.from), self.hold) };
        mean
    }

    fn hold_until(&mut self, until: SimTime) {
        if let Some((at, kw)) = self.last {
            let (begin, end) = (at.max(self.added), until.min(at + self.hold));
            let held_ns = end.since(begin).0;
            if held_ns > 0 {
                self.sum_kw_ns += kw * held_ns as f64;
                self.covered_ns += held_ns;
                self.least_kw = self.least_kw.min(kw);
                self.most_kw = self.most_kw.max(kw);
            }
        }
        self.added = self.added.max(until);
    }
}

/// The energy of intervals from a counter: between two readings the power is taken to be constant.
///
/// An interval ends before the first reading beyond its end arrives. Energy that this reading
/// assigns to past intervals is returned with the next one, as `late_kwh`, so that no energy is
/// lost: the sum of all equals the counter.
#[derive(Clone, Copy, Debug)]
pub struct EnergyMean {
    from: SimTime,
    /// The part within the present interval.
    energy_kwh: f64,
    covered_ns: u64,
    late_kwh: f64,
    /// An increment that reaches beyond what could be placed yet.
    ahead: Option<Ahead>,
}

#[derive(Clone, Copy, Debug)]
struct Ahead {
    from: SimTime,
    to: SimTime,
    energy_kwh: f64,
}

/// What was counted in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metered {
    /// Energy within the interval, as far as received, kWh.
    pub energy_kwh: f64,
    /// Energy of past intervals that was received since, kWh.
    pub late_kwh: f64,
    /// The share of the interval that is between readings, 0 to 1.
    pub covered: f64,
    covered_h: f64,
}

impl Metered {
    /// The mean power over the time that is covered, if any is.
    pub fn mean(&self) -> Option<Mean> {
        (self.covered_h > 0.0)
            .then(|| Mean { kw: self.energy_kwh / self.covered_h, covered: self.covered })
    }
}

impl EnergyMean {
    /// Intervals begin at `from`.
    pub fn new(from: SimTime) -> Self {
        Self { from, energy_kwh: 0.0, covered_ns: 0, late_kwh: 0.0, ahead: None }
    }

    /// An increment of a counter; only increments that counted cover any time.
    pub fn push(&mut self, increment: &Increment) {
        if !increment.step.is_counted() {
            return;
        }
        let Increment { from, to, energy_kwh, .. } = *increment;
        // What an earlier increment left over is before this one.
        if let Some(ahead) = self.ahead.take() {
            self.place(ahead, ahead.to);
        }
        self.ahead = Some(Ahead { from, to, energy_kwh });
    }

    /// Ends the interval at `until`, where the next one begins.
    pub fn finish(&mut self, until: SimTime) -> Metered {
        if let Some(ahead) = self.ahead.take() {
            self.ahead = self.place(ahead, until);
        }
        let whole_ns = until.since(self.from).0;
        let covered =
            if whole_ns > 0 { (self.covered_ns as f64 / whole_ns as f64).min(1.0) } else { 0.0 };
        let metered = Metered {
            energy_kwh: self.energy_kwh,
            late_kwh: self.late_kwh,
            covered,
            covered_h: self.covered_ns as f64 / NANOS_PER_HOUR,
        };
        *self = Self { ahead: self.ahead, ..Self::new(until.max(self.from)) };
        metered
    }

    /// Adds the part before `until`, and returns the rest.
    fn place(&mut self, all: Ahead, until: SimTime) -> Option<Ahead> {
        let whole_ns = all.to.since(all.from).0;
        if whole_ns == 0 {
            // Two readings at one instant: all of it belongs there.
            if all.to < self.from {
                self.late_kwh += all.energy_kwh;
            } else {
                self.energy_kwh += all.energy_kwh;
            }
            return None;
        }
        let share = |ns: u64| all.energy_kwh * (ns as f64 / whole_ns as f64);
        let late_ns = self.from.min(all.to).since(all.from).0;
        let within_ns = all.to.min(until).since(all.from.max(self.from)).0;
        let rest_ns = whole_ns - late_ns - within_ns.min(whole_ns - late_ns);
        self.covered_ns += within_ns;
        if rest_ns == 0 {
            let late_kwh = share(late_ns);
            self.late_kwh += late_kwh;
            self.energy_kwh += (all.energy_kwh - late_kwh).max(0.0);
            return None;
        }
        let rest_kwh = share(rest_ns);
        let placed_kwh = (all.energy_kwh - rest_kwh).max(0.0);
        let late_kwh = share(late_ns).min(placed_kwh);
        self.late_kwh += late_kwh;
        self.energy_kwh += placed_kwh - late_kwh;
        Some(Ahead { from: until.max(all.from), to: all.to, energy_kwh: rest_kwh })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::counter::{Counter, Step};
    use crate::quality::watch::tests_support::meter;
    use proptest::prelude::*;

    fn at(seconds: u64) -> SimTime {
        SimTime(Span::from_secs(seconds).0)
    }

    #[test]
    fn a_value_holds_until_the_next_one() {
        let mut mean = PowerMean::new(SimTime::ZERO, Span::from_secs(300));
        mean.push(at(0), 10.0);
        mean.push(at(15), 30.0);
        assert_eq!(mean.finish(at(60)), Some(Mean { kw: 25.0, covered: 1.0 }));
        // It continues to hold, but not forever.
        assert_eq!(mean.finish(at(120)), Some(Mean { kw: 30.0, covered: 1.0 }));
        assert_eq!(mean.finish(at(435)), Some(Mean { kw: 30.0, covered: 195.0 / 315.0 }));
        assert_eq!(mean.finish(at(500)), None);
    }

    #[test]
    fn a_first_reading_in_the_middle_covers_the_rest() {
        let mut mean = PowerMean::new(at(100), Span::from_secs(300));
        mean.push(at(130), 4.0);
        assert_eq!(mean.finish(at(160)), Some(Mean { kw: 4.0, covered: 0.5 }));
        mean.forget(at(175));
        assert_eq!(mean.finish(at(220)), Some(Mean { kw: 4.0, covered: 0.25 }));
        assert_eq!(mean.finish(at(280)), None);
    }

    #[test]
    fn energy_that_comes_in_after_an_interval_is_over_is_told_with_the_next() {
        let mut energy = EnergyMean::new(SimTime::ZERO);
        let step = |from, to, energy_kwh| Increment {
            energy_kwh,
            from: at(from),
            to: at(to),
            step: Step::Counted,
            gap: false,
        };
        energy.push(&step(0, 50, 0.5));
        let first = energy.finish(at(60));
        assert_eq!((first.energy_kwh, first.late_kwh), (0.5, 0.0));
        assert_eq!(first.mean().unwrap(), Mean { kw: 36.0, covered: 50.0 / 60.0 });
        energy.push(&step(50, 150, 1.0));
        let second = energy.finish(at(120));
        assert!((second.energy_kwh - 0.6).abs() < 1e-12, "{second:?}");
        assert!((second.late_kwh - 0.1).abs() < 1e-12);
        assert_eq!(second.covered, 1.0);
        let third = energy.finish(at(180));
        assert!((third.energy_kwh - 0.3).abs() < 1e-12);
        assert_eq!(third.covered, 0.5);
    }

    proptest! {
        #[test]
        fn a_mean_lies_between_the_least_and_the_greatest_value(
            readings in prop::collection::vec((0u64..200_000_000_000, -1e3f64..1e3), 1..100),
        ) {
            let mut mean = PowerMean::new(SimTime::ZERO, Span::from_secs(90));
            let (mut now, mut next) = (0u64, Span::from_secs(60).0);
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            for (wait, kw) in readings {
                now += wait;
                while now >= next {
                    if let Some(mean) = mean.finish(SimTime(next)) {
                        prop_assert!((least..=most).contains(&mean.kw));
                        prop_assert!(mean.covered > 0.0 && mean.covered <= 1.0);
                    }
                    next += Span::from_secs(60).0;
                }
                mean.push(SimTime(now), kw);
                (least, most) = (least.min(kw), most.max(kw));
            }
        }

        #[test]
        fn how_the_intervals_are_cut_does_not_change_the_energy(
            readings in prop::collection::vec((1u64..100, 0f64..1e3), 2..60),
            step in 1u64..500,
        ) {
            let total = |step: u64| {
                let mut mean = PowerMean::new(SimTime::ZERO, Span::from_secs(60));
                let (mut now, mut next, mut sum) = (0, step, 0.0);
                let mut add = |mean: Option<Mean>| {
                    sum += mean.map_or(0.0, |mean| mean.kw * mean.covered * step as f64);
                };
                for &(wait, kw) in &readings {
                    now += wait;
                    while now >= next {
                        add(mean.finish(at(next)));
                        next += step;
                    }
                    mean.push(at(now), kw);
                }
                while next < now + 100 + step {
                    add(mean.finish(at(next)));
                    next += step;
                }
                sum
            };
            let (cut, whole) = (total(step), total(1_000_000));
            prop_assert!((cut - whole).abs() <= 1e-9 * whole.max(1.0), "{} {}", cut, whole);
        }

        #[test]
        fn between_counter_and_means_no_energy_is_lost(
            powers in prop::collection::vec((0u64..400, 0.0f64..10.0), 1..150),
            step in 1u64..900,
        ) {
            let mut counter = Counter::new(&meter(), 10.0);
            let mut energy = EnergyMean::new(SimTime::ZERO);
            let (mut now, mut next, mut total, mut told) = (0, step, 77.0, 0.0);
            counter.read(at(0), total);
            let mut add = |metered: Metered| told += metered.energy_kwh + metered.late_kwh;
            for (wait, kw) in powers {
                now += wait;
                total += kw * wait as f64 / 3600.0;
                while now >= next {
                    add(energy.finish(at(next)));
                    next += step;
                }
                energy.push(&counter.read(at(now), total));
            }
            add(energy.finish(at(next)));
            add(energy.finish(at(next + step)));
            prop_assert!((told - (total - 77.0)).abs() < 1e-9, "{} {}", told, total - 77.0);
        }
    }
}
