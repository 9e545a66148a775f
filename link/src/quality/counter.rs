//! An energy counter: what was counted from one reading to the next. Not how that spreads over
//! intervals, which is [`super::EnergyMean`].
//!
//! Counters are reset when a meter is restarted or replaced, roll over after their last digit, step
//! back a little by rounding, and occasionally have absurd values. The counted energy is never
//! below zero, and never more than the device can transfer in the time.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Meter, Sign};

/// A device may do this many times its rated power.
const MARGIN: f64 = 1.25;
/// The coarsest step assumed of a counter before it has been seen to count, kWh.
const COARSEST_KWH: f64 = 1.0;
/// A step back by this share of the count, or by twice its resolution, is rounding (a 32-bit float
/// has 24 bits).
const ROUNDING: f64 = 1e-6;
/// This many consecutive refused readings that agree with each other are accepted as the counter's
/// new count.
const AGREEING: u32 = 3;

/// What a reading of a counter was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first one: nothing to count from.
    First,
    /// It went on.
    Counted,
    /// It fell to near zero: its value was counted since the reset; energy between the last reading
    /// and the reset is lost.
    Reset,
    /// It passed its last digit and began again.
    RolledOver,
    /// It stepped back a little: rounding, and nothing was counted.
    StepBack,
    /// It is impossible: not a number, below zero, or higher than the device could have reached.
    /// Nothing was counted, and the next reading is compared with the last accepted one.
    Refused,
    /// Some refused readings agreed with each other, and the count continues from there: another
    /// meter, or a reset. Nothing was counted.
    Rebased,
}

impl Step {
    /// Whether energy was counted by it.
    pub fn is_counted(self) -> bool {
        matches!(self, Self::Counted | Self::Reset | Self::RolledOver)
    }
}

/// What was counted between two readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Increment {
    /// Energy, kWh; never below zero.
    pub energy_kwh: f64,
    /// When the last reading that was believed was taken.
    pub from: SimTime,
    /// When this one was taken.
    pub to: SimTime,
    /// What kind of step it was.
    pub step: Step,
    /// The distribution of the energy over the time is unknown: there was no reading for longer
    /// than the meter's time-out.
    pub gap: bool,
}

/// One energy counter.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    most_kw: f64,
    limit: Span,
    rolls_over_kwh: Option<f64>,
    /// A counter counts up, whichever way the quantity is reckoned.
    sign: f64,
    last: Option<Reading>,
    /// When the count changed last, which a coarse counter does seldom.
    changed: SimTime,
    /// The smallest step that was seen.
    resolution_kwh: f64,
    refused: Option<(Reading, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    at: SimTime,
    kwh: f64,
}

impl Counter {
    /// Nothing has been read yet; the device does `most_kw` at most, in size.
    pub fn new(meter: &Meter, most_kw: f64) -> Self {
        let kwh_per_unit = meter.factor().abs();
        Self {
            most_kw: most_kw.abs(),
            limit: Span::from_secs_f64(meter.silent_s.get()),
            rolls_over_kwh: meter.rolls_over_at.map(|at| at.get() * kwh_per_unit),
            sign: match meter.sign {
                Sign::Same => 1.0,
                Sign::Reversed => -1.0,
            },
            last: None,
            changed: SimTime::ZERO,
            resolution_kwh: COARSEST_KWH,
            refused: None,
        }
    }

    /// Takes a reading in kWh (after [`Meter::factor`]) for the instant `at`. One that is earlier
    /// than the last counts at the last one's instant.
    pub fn read(&mut self, at: SimTime, value_kwh: f64) -> Increment {
        let kwh = value_kwh * self.sign;
        let Some(last) = self.last else {
            if !kwh.is_finite() || kwh < 0.0 {
                return self.nothing(at, at, Step::Refused);
            }
            self.believe(Reading { at, kwh });
            return self.nothing(at, at, Step::First);
        };
        let at = at.max(last.at);
        if !kwh.is_finite() || kwh < 0.0 {
            return self.nothing(last.at, at, Step::Refused);
        }
        match self.judge(last, at, kwh) {
            Some((step, energy_kwh)) => {
                if energy_kwh > 0.0 && step == Step::Counted {
                    self.resolution_kwh = self.resolution_kwh.min(energy_kwh);
                }
                // Where it steps back, the higher count stays, or the way up would count twice.
                let kwh = if step == Step::StepBack { last.kwh } else { kwh };
                self.believe(Reading { at, kwh });
                let gap = at.since(last.at) > self.limit;
                Increment { energy_kwh, from: last.at, to: at, step, gap }
            }
            None => self.refuse(last, Reading { at, kwh }),
        }
    }

    /// What kind of step it is and what was counted, if it can be at all.
    fn judge(&self, last: Reading, at: SimTime, kwh: f64) -> Option<(Step, f64)> {
        // A coarse counter stands still for long and then counts a whole step.
        let most_kwh = self.most_kwh(at.since(self.changed.min(last.at)));
        let step_kwh = kwh - last.kwh;
        if step_kwh >= 0.0 {
            return (step_kwh <= most_kwh).then_some((Step::Counted, step_kwh));
        }
        if let Some(end_kwh) = self.rolls_over_kwh {
            let over_kwh = end_kwh - last.kwh + kwh;
            if (0.0..=most_kwh).contains(&over_kwh) {
                return Some((Step::RolledOver, over_kwh));
            }
        }
        let zero = kwh == 0.0 && last.kwh > 0.0;
        let rounding_kwh = (2.0 * self.resolution_kwh).max(ROUNDING * last.kwh);
        if -step_kwh <= rounding_kwh && !zero {
            return Some((Step::StepBack, 0.0));
        }
        (kwh <= most_kwh && kwh <= last.kwh / 2.0).then_some((Step::Reset, kwh))
    }

    fn refuse(&mut self, last: Reading, reading: Reading) -> Increment {
        let count = match self.refused {
            Some((before, count)) => {
                let step_kwh = reading.kwh - before.kwh;
                let fits = (0.0..=self.most_kwh(reading.at.since(before.at))).contains(&step_kwh);
                if fits { count + 1 } else { 1 }
            }
            None => 1,
        };
        if count >= AGREEING {
            self.believe(reading);
            return self.nothing(last.at, reading.at, Step::Rebased);
        }
        self.refused = Some((reading, count));
        self.nothing(last.at, reading.at, Step::Refused)
    }

    fn most_kwh(&self, elapsed: Span) -> f64 {
        self.most_kw * MARGIN * elapsed.as_hours_f64() + self.resolution_kwh
    }

    fn believe(&mut self, reading: Reading) {
        if self.last.is_none_or(|last| last.kwh != reading.kwh) {
            self.changed = reading.at;
        }
        self.last = Some(reading);
        self.refused = None;
    }

    fn nothing(&self, from: SimTime, to: SimTime, step: Step) -> Increment {
        Increment { energy_kwh: 0.0, from, to, step, gap: to.since(from) > self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::watch::tests_support::meter;
    use gridtwin_twin::scenario::{Positive, Quantity, Unit};
    use proptest::prelude::*;

    fn at(seconds: u64) -> SimTime {
        SimTime(Span::from_secs(seconds).0)
    }

    fn energy() -> Meter {
        Meter { quantity: Quantity::Energy, ..meter() }
    }

    fn steps(counter: &mut Counter, readings: &[(u64, f64)]) -> Vec<(Step, f64)> {
        let mut told = Vec::new();
        for &(seconds, kwh) in readings {
            let increment = counter.read(at(seconds), kwh);
            told.push((increment.step, (increment.energy_kwh * 1e9).round() / 1e9));
        }
        told
    }

    #[test]
    fn a_counter_that_falls_to_near_zero_was_reset() {
        let mut counter = Counter::new(&energy(), 10.0);
        let told = steps(&mut counter, &[(0, 500.0), (60, 500.1), (120, 0.05), (180, 0.15)]);
        let expected =
            [(Step::First, 0.0), (Step::Counted, 0.1), (Step::Reset, 0.05), (Step::Counted, 0.1)];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_counter_at_its_last_digit_rolls_over() {
        let meter = Meter {
            rolls_over_at: Some(Positive::new(100_000.0).unwrap()),
            unit: Some(Unit::Wh),
            ..energy()
        };
        let mut counter = Counter::new(&meter, 10.0);
        let told = steps(&mut counter, &[(0, 99.98), (60, 0.03), (120, 0.08)]);
        assert_eq!(told, [(Step::First, 0.0), (Step::RolledOver, 0.05), (Step::Counted, 0.05)]);
    }

    #[test]
    fn a_small_step_back_is_rounding_and_is_not_counted_twice() {
        let mut counter = Counter::new(&energy(), 10.0);
        let told = steps(&mut counter, &[(0, 500.0), (60, 500.1), (120, 500.05), (180, 500.2)]);
        let expected =
            [(Step::First, 0.0), (Step::Counted, 0.1), (Step::StepBack, 0.0), (Step::Counted, 0.1)];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_absurd_jump_is_refused_and_costs_nothing() {
        let mut counter = Counter::new(&energy(), 10.0);
        let told = steps(
            &mut counter,
            &[(0, 500.0), (60, 500.1), (120, 9_000.0), (180, f64::NAN), (240, -3.0), (300, 500.6)],
        );
        assert_eq!(told[2].0, Step::Refused);
        assert_eq!(told[3].0, Step::Refused);
        assert_eq!(told[4].0, Step::Refused);
        assert_eq!(told[5], (Step::Counted, 0.5));
    }

    #[test]
    fn an_exchanged_meter_is_believed_once_its_readings_agree() {
        let mut counter = Counter::new(&energy(), 10.0);
        let told = steps(
            &mut counter,
            &[(0, 500.0), (60, 7_000.0), (120, 7_000.1), (180, 7_000.2), (240, 7_000.3)],
        );
        let steps: Vec<Step> = told.iter().map(|told| told.0).collect();
        assert_eq!(
            steps,
            [Step::First, Step::Refused, Step::Refused, Step::Rebased, Step::Counted]
        );
        assert_eq!(told[4].1, 0.1);
    }

    #[test]
    fn a_counter_in_whole_kilowatt_hours_may_count_one_at_once() {
        let mut counter = Counter::new(&energy(), 3.0);
        let readings: Vec<(u64, f64)> =
            (0..720).map(|i| (10 * i, (100.0 + 3.0 * (10 * i) as f64 / 3600.0).floor())).collect();
        let told = steps(&mut counter, &readings);
        assert!(told.iter().skip(1).all(|told| told.0 == Step::Counted), "{told:?}");
        assert_eq!(told.iter().map(|told| told.1).sum::<f64>(), 5.0);
    }

    #[test]
    fn a_long_gap_is_told_and_its_energy_counts() {
        let mut counter = Counter::new(&energy(), 10.0);
        counter.read(at(0), 100.0);
        let increment = counter.read(at(36_000), 180.0);
        assert_eq!(
            (increment.step, increment.energy_kwh, increment.gap),
            (Step::Counted, 80.0, true)
        );
        assert_eq!((increment.from, increment.to), (at(0), at(36_000)));
    }

    #[test]
    fn a_counter_of_what_flows_the_other_way_counts_up_too() {
        let mut counter = Counter::new(&Meter { sign: Sign::Reversed, ..energy() }, 10.0);
        let told = steps(&mut counter, &[(0, -5.0), (60, -5.1)]);
        assert_eq!(told, [(Step::First, 0.0), (Step::Counted, 0.1)]);
    }

    proptest! {
        #[test]
        fn what_is_counted_is_never_below_zero_nor_more_than_the_device_can_do(
            readings in prop::collection::vec((0u64..3_000, prop_oneof![
                0.0f64..2.0, 100.0f64..101.0, any::<f64>(),
            ]), 1..80),
        ) {
            let mut counter = Counter::new(&energy(), 10.0);
            let (mut now, mut counted) = (0, 0.0);
            for (wait, kwh) in readings {
                now += wait;
                let increment = counter.read(at(now), kwh);
                prop_assert!(increment.energy_kwh >= 0.0);
                prop_assert!(increment.from <= increment.to);
                prop_assert!(increment.step.is_counted() || increment.energy_kwh == 0.0);
                counted += increment.energy_kwh;
            }
            prop_assert!(counted.is_finite());
        }

        #[test]
        fn a_sound_counter_is_counted_to_the_last_digit(
            powers in prop::collection::vec((1u64..600, 0.0f64..10.0), 1..200),
        ) {
            let mut counter = Counter::new(&energy(), 10.0);
            let (mut now, mut total, mut counted) = (0, 250.0, 0.0);
            counter.read(at(0), total);
            for (wait, kw) in powers {
                now += wait;
                total += kw * wait as f64 / 3600.0;
                let increment = counter.read(at(now), total);
                prop_assert_eq!(increment.step, Step::Counted);
                counted += increment.energy_kwh;
            }
            prop_assert!((counted - (total - 250.0)).abs() < 1e-9);
        }
    }
}
