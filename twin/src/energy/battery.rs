//! One battery: how much it holds, what it can take and give, and when it is full or empty. Not
//! where its energy came from, which is [`super::stored_mix`].
//!
//! Within a stretch of constant power the stored energy obeys `dE/dt = c - k E`, where `c` is what
//! the terminals' power puts into the cells and `k` is self-discharge. It is solved in closed form,
//! so that the result does not depend on how the stretch is cut.

use crate::scenario;

/// States of charge nearer to each other than this are the same.
pub const SOC_TOLERANCE: f64 = 1e-9;
/// States of charge closer than this are equal where something is switched by them: wider than the
/// tolerance to which a crossing is found, so that time cannot stand still between a crossing that
/// is there already and a switch that is not due yet.
pub const SAME_SOC: f64 = 1e-8;
/// A full battery that merely rests is charged again only once it has lost this much: else
/// self-discharge would make it full again in every interval.
const RECHARGE_BELOW: f64 = 1e-3;

/// A battery with its inverter. Powers are at the AC terminals.
#[derive(Clone, Debug, PartialEq)]
pub struct Battery {
    capacity_kwh: f64,
    charge_kw: f64,
    discharge_kw: f64,
    charge_efficiency: f64,
    discharge_efficiency: f64,
    /// Self-discharge: the share of the stored energy that is lost in an hour, at the instant.
    decay_per_h: f64,
    soc_min: f64,
    soc_max: f64,
    stored_kwh: f64,
    in_order: bool,
    /// Was charged to its highest state of charge and has not given anything since.
    full: bool,
}

/// What a stretch of time did to a battery.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatteryStep {
    /// Energy taken at the terminals.
    pub charged_kwh: f64,
    /// Energy given at the terminals.
    pub discharged_kwh: f64,
    /// What conversion and self-discharge took:
    /// `charged_kwh - discharged_kwh - losses_kwh` is the change of what is stored.
    pub losses_kwh: f64,
    /// The share of what was stored before that was not given away: what
    /// [`super::stored_mix::StoredMix`] needs. 1 unless the battery gave; self-discharge does not
    /// count, because nobody received it.
    pub kept: f64,
}

impl Battery {
    /// The battery at its state of charge of the start; in the middle of its window where that is
    /// the one of the run's end, which is not known yet.
    pub fn new(battery: &scenario::Battery) -> Self {
        // A share of 1 a day would be a decay without end; the largest share below it stands in.
        let share = battery.self_discharge_per_day.get().min(1.0 - f64::EPSILON);
        let capacity_kwh = battery.capacity_kwh.get();
        let middle = 0.5 * (battery.soc_min.get() + battery.soc_max.get());
        let soc = battery.soc_start.share().map_or(middle, |share| share.get());
        Self {
            capacity_kwh,
            charge_kw: battery.charge_kw.get(),
            discharge_kw: battery.discharge_kw.get(),
            charge_efficiency: battery.charge_efficiency.get(),
            discharge_efficiency: battery.discharge_efficiency.get(),
            decay_per_h: -(-share).ln_1p() / 24.0,
            soc_min: battery.soc_min.get(),
            soc_max: battery.soc_max.get(),
            stored_kwh: soc * capacity_kwh,
            in_order: true,
            full: false,
        }
    }

    /// Makes another battery of it that holds what it holds, up to the new one's highest state of
    /// charge in use; whether it works stays too. What does not fit any more is the answer, kWh.
    pub fn rebuild(&mut self, battery: &scenario::Battery) -> f64 {
        let new = Self::new(battery);
        let top_kwh = new.at_soc(new.soc_max);
        let stored_kwh = self.stored_kwh.min(top_kwh);
        let full = self.full && stored_kwh >= new.at_soc(new.soc_max - RECHARGE_BELOW);
        let left_kwh = self.stored_kwh - stored_kwh;
        *self = Self { stored_kwh, full, in_order: self.in_order, ..new };
        left_kwh
    }

    /// State of charge, 0 to 1.
    pub fn soc(&self) -> f64 {
        self.stored_kwh / self.capacity_kwh
    }

    /// Energy in the cells.
    pub fn stored_kwh(&self) -> f64 {
        self.stored_kwh
    }

    /// Energy that it could give at its terminals before it is at its lowest state of charge in use:
    /// `(stored - soc_min * capacity) * discharge efficiency`, 0 below that state of charge.
    pub fn deliverable_kwh(&self) -> f64 {
        (self.stored_kwh - self.at_soc(self.soc_min)).max(0.0) * self.discharge_efficiency
    }

    /// Energy between empty and full.
    pub fn capacity_kwh(&self) -> f64 {
        self.capacity_kwh
    }

    /// Lowest and highest state of charge in use.
    pub fn soc_window(&self) -> (f64, f64) {
        (self.soc_min, self.soc_max)
    }

    /// Whether it works.
    pub fn in_order(&self) -> bool {
        self.in_order
    }

    /// Breaks or mends it: out of order it neither takes nor gives, but still loses by itself.
    pub fn set_in_order(&mut self, in_order: bool) {
        self.in_order = in_order;
    }

    /// Sets the state of charge, as a meter reads it; held between 0 and 1.
    pub fn set_soc(&mut self, soc: f64) {
        self.full = false;
        self.stored_kwh = soc.clamp(0.0, 1.0) * self.capacity_kwh;
    }

    /// Whether it is at its lowest state of charge in use, or below.
    pub fn is_empty(&self) -> bool {
        self.stored_kwh <= self.at_soc(self.soc_min + SOC_TOLERANCE)
    }

    /// Whether it is at its highest state of charge in use, or has been and has only rested since.
    pub fn is_full(&self) -> bool {
        self.full || self.stored_kwh >= self.at_soc(self.soc_max - SOC_TOLERANCE)
    }

    /// Power that it can take now: nothing where it is full or out of order.
    pub fn charge_limit_kw(&self) -> f64 {
        self.charge_limit_below_kw(1.0)
    }

    /// Power that it can take now if it shall not be filled above `soc_target`.
    pub fn charge_limit_below_kw(&self, soc_target: f64) -> f64 {
        let below_kwh = self.at_soc(soc_target - SOC_TOLERANCE);
        let ready = self.in_order && !self.is_full() && self.stored_kwh < below_kwh;
        if ready { self.charge_kw } else { 0.0 }
    }

    /// Power that it can give now: nothing where it is empty or out of order.
    pub fn discharge_limit_kw(&self) -> f64 {
        self.discharge_limit_above_kw(0.0)
    }

    /// Power that it can give now if it shall not be emptied below `soc_floor`.
    pub fn discharge_limit_above_kw(&self, soc_floor: f64) -> f64 {
        let above_kwh = self.at_soc(self.soc_min.max(soc_floor) + SOC_TOLERANCE);
        let ready = self.in_order && self.stored_kwh > above_kwh;
        if ready { self.discharge_kw } else { 0.0 }
    }

    /// Hours until the state of charge is `level` under a constant power at the terminals, the
    /// battery's own limits not heeded: zero where it is there already, infinite where it never
    /// will be.
    pub fn hours_to_soc(&self, level: f64, power_kw: f64) -> f64 {
        let way_kwh = self.at_soc(level) - self.stored_kwh;
        if way_kwh.abs() <= self.at_soc(SOC_TOLERANCE) {
            return 0.0;
        }
        let drift_kw = self.drift_kw(power_kw);
        if way_kwh * drift_kw > 0.0 {
            time_of_reach(self.decay_per_h, way_kwh / drift_kw)
        } else {
            f64::INFINITY
        }
    }

    /// Hours until its own limits end a constant power at the terminals: infinite for no power.
    pub fn hours_to_limit(&self, power_kw: f64) -> f64 {
        self.hours_to_limit_within(power_kw, 0.0, 1.0)
    }

    /// Hours until its own limits, or `soc_floor` where it gives and `soc_target` where it takes,
    /// end a constant power at the terminals: infinite for no power.
    pub fn hours_to_limit_within(&self, power_kw: f64, soc_floor: f64, soc_target: f64) -> f64 {
        if power_kw < 0.0 {
            if self.charge_limit_below_kw(soc_target) == 0.0 {
                return 0.0;
            }
            self.hours_to_soc(self.soc_max.min(soc_target), power_kw)
        } else if power_kw > 0.0 {
            if self.discharge_limit_above_kw(soc_floor) == 0.0 {
                return 0.0;
            }
            self.hours_to_soc(self.soc_min.max(soc_floor), power_kw)
        } else {
            f64::INFINITY
        }
    }

    /// Lives through `hours` under a constant power at the terminals (positive: it gives). A power
    /// beyond its limits is cut to them, and ends where it is full or empty, after which it rests:
    /// what really flowed is in the answer.
    pub fn advance(&mut self, power_kw: f64, hours: f64) -> BatteryStep {
        let power_kw = if power_kw < 0.0 {
            power_kw.max(-self.charge_limit_kw())
        } else if power_kw > 0.0 {
            power_kw.min(self.discharge_limit_kw())
        } else {
            0.0
        };
        let before_kwh = self.stored_kwh;
        let drift_kw = self.drift_kw(power_kw);
        let reach_h = reach(self.decay_per_h, hours);
        let mut after_kwh = before_kwh + drift_kw * reach_h;
        let mut flowed_h = hours;
        let tolerance_kwh = self.at_soc(SOC_TOLERANCE);
        if power_kw < 0.0 {
            let top_kwh = self.at_soc(self.soc_max);
            if after_kwh >= top_kwh - tolerance_kwh {
                if after_kwh > top_kwh + tolerance_kwh {
                    flowed_h = self.hours_to_soc(self.soc_max, power_kw);
                }
                after_kwh = self.rested(top_kwh, hours - flowed_h);
                self.full = true;
            }
        } else if power_kw > 0.0 {
            self.full = false;
            let bottom_kwh = self.at_soc(self.soc_min);
            if after_kwh <= bottom_kwh + tolerance_kwh {
                if after_kwh < bottom_kwh - tolerance_kwh {
                    flowed_h = self.hours_to_soc(self.soc_min, power_kw);
                }
                after_kwh = self.rested(bottom_kwh, hours - flowed_h);
            }
        }
        self.stored_kwh = after_kwh;
        if self.full && after_kwh < self.at_soc(self.soc_max - RECHARGE_BELOW) {
            self.full = false;
        }
        let flowed_kwh = power_kw * flowed_h;
        let (charged_kwh, discharged_kwh) = ((-flowed_kwh).max(0.0), flowed_kwh.max(0.0));
        BatteryStep {
            charged_kwh,
            discharged_kwh,
            losses_kwh: charged_kwh - discharged_kwh - (after_kwh - before_kwh),
            // d(book)/dt = -book w/E and dE/dt = -k E - w give
            // book(t) = book(0) E(t) / (E(0) exp(-k t)); exp(-k t) is 1 - k reach.
            kept: if discharged_kwh > 0.0 {
                let rested_kwh = before_kwh * (1.0 - self.decay_per_h * reach_h);
                if rested_kwh > 0.0 { (after_kwh / rested_kwh).clamp(0.0, 1.0) } else { 0.0 }
            } else {
                1.0
            },
        }
    }

    /// What flows into the cells now, self-discharge taken off.
    pub(super) fn drift_kw(&self, power_kw: f64) -> f64 {
        let into_cells_kw = if power_kw < 0.0 {
            -power_kw * self.charge_efficiency
        } else {
            -power_kw / self.discharge_efficiency
        };
        into_cells_kw - self.decay_per_h * self.stored_kwh
    }

    /// How much more it would hold after `hours`, its own limits not heeded.
    pub(super) fn change_kwh(&self, power_kw: f64, hours: f64) -> f64 {
        self.drift_kw(power_kw) * reach(self.decay_per_h, hours)
    }

    fn at_soc(&self, soc: f64) -> f64 {
        soc * self.capacity_kwh
    }

    fn rested(&self, stored_kwh: f64, hours: f64) -> f64 {
        stored_kwh - self.decay_per_h * stored_kwh * reach(self.decay_per_h, hours)
    }
}

/// The time that a drift of now would need to go as far as it goes in `hours` while it decays:
/// `(1 - exp(-k t)) / k`.
fn reach(decay_per_h: f64, hours: f64) -> f64 {
    let x = decay_per_h * hours;
    if x < 1e-3 {
        hours * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0))))
    } else {
        -(-x).exp_m1() / decay_per_h
    }
}

/// The inverse of [`reach`]: infinite for what is never reached.
fn time_of_reach(decay_per_h: f64, reached_h: f64) -> f64 {
    let x = decay_per_h * reached_h;
    if x >= 1.0 {
        f64::INFINITY
    } else if x < 1e-3 {
        let tail = x * (1.0 / 4.0 + x * (1.0 / 5.0 + x * (1.0 / 6.0)));
        reached_h * (1.0 + x * (0.5 + x * (1.0 / 3.0 + tail)))
    } else {
        -(-x).ln_1p() / decay_per_h
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn battery(text: &str) -> Battery {
        Battery::new(&ron::from_str(text).unwrap())
    }

    const PLAIN: &str = r#"(id: "b", capacity_kwh: 100, charge_kw: 50, discharge_kw: 40,
        charge_efficiency: 0.9, discharge_efficiency: 0.8, self_discharge_per_day: 0.02,
        soc_min: 0.1, soc_max: 0.9, soc_start: 0.5)"#;

    proptest! {
        #[test]
        fn a_cut_changes_nothing(power in -50.0..40.0f64, hours in 0.01..3.0f64, share in 0.0..1.0f64) {
            let mut whole = battery(PLAIN);
            let mut cut = whole.clone();
            // Past a limit it rests, and a battery that has rested long enough may be charged anew.
            let hours = hours.min(whole.hours_to_limit(power));
            let all = whole.advance(power, hours);
            let a = cut.advance(power, hours * share);
            let b = cut.advance(power, hours * (1.0 - share));
            prop_assert!((whole.soc() - cut.soc()).abs() < 2.0 * SOC_TOLERANCE);
            prop_assert!((all.charged_kwh - a.charged_kwh - b.charged_kwh).abs() < 3e-7);
            prop_assert!((all.discharged_kwh - a.discharged_kwh - b.discharged_kwh).abs() < 3e-7);
            prop_assert!((all.kept - a.kept * b.kept).abs() < 1e-8);
        }

        #[test]
        fn energy_is_kept_and_losses_are_none_too_few(powers in prop::collection::vec(-80.0..80.0f64, 1..50)) {
            let mut battery = battery(PLAIN);
            for power in powers {
                let before = battery.stored_kwh();
                let step = battery.advance(power, 0.25);
                let change = battery.stored_kwh() - before;
                prop_assert!((step.charged_kwh - step.discharged_kwh - step.losses_kwh - change).abs() < 1e-9);
                prop_assert!(step.losses_kwh >= -1e-7, "{step:?}");
                prop_assert!(battery.soc() <= 0.9 && battery.soc() > 0.09);
            }
        }

        #[test]
        fn a_crossing_is_where_it_was_foretold(power in -50.0..40.0f64, level in 0.1..0.9f64) {
            let mut battery = battery(PLAIN);
            let hours = battery.hours_to_soc(level, power);
            if hours.is_finite() {
                battery.advance(power, hours);
                prop_assert!((battery.soc() - level).abs() < 2.0 * SOC_TOLERANCE, "{}", battery.soc());
            }
        }
    }

    #[test]
    fn full_and_empty_are_exact() {
        let mut battery = battery(PLAIN);
        let hours = battery.hours_to_limit(-50.0);
        battery.advance(-50.0, hours);
        assert_eq!((battery.soc(), battery.charge_limit_kw()), (0.9, 0.0));
        let hours = battery.hours_to_limit(40.0);
        battery.advance(40.0, hours);
        assert_eq!((battery.soc(), battery.discharge_limit_kw()), (0.1, 0.0));
        assert_eq!(battery.charge_limit_kw(), 50.0);
    }

    #[test]
    fn without_self_discharge_the_crossing_is_linear() {
        let battery = battery(
            r#"(id: "b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5, charge_efficiency: 1,
            discharge_efficiency: 0.5, self_discharge_per_day: 0, soc_min: 0, soc_start: 0.5)"#,
        );
        assert_eq!(battery.hours_to_soc(0.0, 2.5), 1.0);
        assert_eq!(battery.hours_to_soc(0.0, 0.0), f64::INFINITY);
        assert_eq!(battery.hours_to_soc(0.75, 2.5), f64::INFINITY);
    }

    #[test]
    fn rest_loses_the_days_share_and_a_charge_too_weak_never_arrives() {
        let mut battery = battery(PLAIN);
        assert_eq!(battery.hours_to_soc(0.8, -0.01), f64::INFINITY);
        battery.advance(0.0, 24.0);
        assert!((battery.soc() - 0.49).abs() < 1e-12);
    }

    #[test]
    fn a_full_battery_that_rests_is_not_recharged_at_once() {
        let mut battery = battery(PLAIN);
        battery.advance(-50.0, 1.0);
        assert!(battery.is_full() && battery.charge_limit_kw() == 0.0);
        battery.advance(0.0, 0.25);
        assert_eq!(battery.charge_limit_kw(), 0.0);
        battery.advance(1.0, 0.01);
        assert_eq!(battery.charge_limit_kw(), 50.0);
    }

    #[test]
    fn out_of_order_it_neither_takes_nor_gives() {
        let mut battery = battery(PLAIN);
        battery.set_in_order(false);
        assert_eq!(battery.charge_limit_kw() + battery.discharge_limit_kw(), 0.0);
        assert_eq!(battery.advance(10.0, 1.0).discharged_kwh, 0.0);
        battery.set_in_order(true);
        assert_eq!(battery.advance(10.0, 1.0).discharged_kwh, 10.0);
    }

    #[test]
    fn a_floor_keeps_a_reserve() {
        let mut battery = battery(PLAIN);
        let hours = battery.hours_to_limit_within(20.0, 0.4, 1.0);
        battery.advance(20.0, hours);
        assert!((battery.soc() - 0.4).abs() <= SOC_TOLERANCE);
        assert_eq!(battery.discharge_limit_above_kw(0.4), 0.0);
        assert_eq!(battery.discharge_limit_kw(), 40.0);
    }

    #[test]
    fn a_battery_that_loses_all_in_a_day_still_has_numbers() {
        let mut battery = battery(
            r#"(id: "b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5,
            self_discharge_per_day: 1, soc_min: 0)"#,
        );
        battery.advance(0.0, 24.0);
        assert!(battery.soc().is_finite() && battery.soc() < 1e-12);
    }
}
