//! All batteries of the site seen as one: what they can take and give together, how a power is
//! divided among them, and when one of them, or all together, reach a limit.

use super::battery::{Battery, BatteryStep, SAME_SOC, SOC_TOLERANCE};
use crate::scenario;

/// All batteries of the site. The slices of powers hold one entry a battery, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Bank {
    batteries: Vec<Battery>,
    capacity_kwh: f64,
    /// What each is bound to do, where it is; positive where it gives.
    bound_kw: Vec<Option<f64>>,
}

/// States of charge between which the batteries are to be used, besides each one's own limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SocWindow {
    /// They do not give below this.
    pub floor: f64,
    /// They do not take above this.
    pub target: f64,
}

impl SocWindow {
    /// Each battery's own limits alone.
    pub const WHOLE: Self = Self { floor: 0.0, target: 1.0 };
}

impl Bank {
    /// The scenario's batteries.
    pub fn new(batteries: &[scenario::Battery]) -> Self {
        let batteries: Vec<_> = batteries.iter().map(Battery::new).collect();
        let capacity_kwh = batteries.iter().map(Battery::capacity_kwh).sum();
        Self { bound_kw: vec![None; batteries.len()], batteries, capacity_kwh }
    }

    /// Each battery.
    pub fn batteries(&self) -> &[Battery] {
        &self.batteries
    }

    /// One battery, to break, mend or set it; `None` where there is no such.
    pub fn battery_mut(&mut self, index: usize) -> Option<&mut Battery> {
        self.batteries.get_mut(index)
    }

    /// [`Battery::rebuild`]s one battery; nothing where there is no such.
    pub fn rebuild(&mut self, index: usize, config: &scenario::Battery) -> f64 {
        let left_kwh = self.batteries.get_mut(index).map_or(0.0, |b| b.rebuild(config));
        self.capacity_kwh = self.batteries.iter().map(Battery::capacity_kwh).sum();
        left_kwh
    }

    /// Binds a battery to a power (positive: it gives), whatever is asked of the others; or lets it
    /// go. Beyond its limits it does what it can.
    pub fn impose(&mut self, index: usize, power_kw: Option<f64>) {
        if let Some(bound_kw) = self.bound_kw.get_mut(index) {
            *bound_kw = power_kw;
        }
    }

    /// Lets all go that were bound.
    pub fn release(&mut self) {
        self.bound_kw.fill(None);
    }

    /// What those that are bound do, all together.
    pub fn imposed_kw(&self) -> f64 {
        (0..self.len()).filter_map(|i| self.imposed_on(i)).sum()
    }

    /// What a battery that is bound can do of that.
    fn imposed_on(&self, index: usize) -> Option<f64> {
        let battery = &self.batteries[index];
        let held = |kw: f64| kw.min(battery.discharge_limit_kw()).max(-battery.charge_limit_kw());
        self.bound_kw[index].map(held)
    }

    /// The batteries that do what is asked of all together.
    fn free(&self) -> impl Iterator<Item = &Battery> {
        let all = self.batteries.iter().zip(&self.bound_kw);
        all.filter(|(_, bound_kw)| bound_kw.is_none()).map(|(battery, _)| battery)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.batteries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.batteries.is_empty()
    }

    /// Energy between empty and full of all together.
    pub fn capacity_kwh(&self) -> f64 {
        self.capacity_kwh
    }

    /// Energy in all cells.
    pub fn stored_kwh(&self) -> f64 {
        self.batteries.iter().map(Battery::stored_kwh).sum()
    }

    /// The batteries that work.
    fn working(&self) -> impl Iterator<Item = &Battery> {
        self.batteries.iter().filter(|battery| battery.in_order())
    }

    /// Whether any battery works.
    pub fn works(&self) -> bool {
        self.working().next().is_some()
    }

    /// Energy between empty and full of those that work.
    pub fn working_capacity_kwh(&self) -> f64 {
        self.working().map(Battery::capacity_kwh).sum()
    }

    /// State of charge of those that work, together: what is stored over what could be; 0 where
    /// none does.
    pub fn soc(&self) -> f64 {
        match self.batteries.as_slice() {
            [only] if only.in_order() => only.soc(),
            _ if !self.works() => 0.0,
            _ => {
                let stored_kwh: f64 = self.working().map(Battery::stored_kwh).sum();
                stored_kwh / self.working_capacity_kwh()
            }
        }
    }

    /// Whether any battery works and each that does is full.
    pub fn is_full(&self) -> bool {
        self.works() && self.working().all(Battery::is_full)
    }

    /// Power that those can give for a while that hold `margin_soc` above their lowest state of
    /// charge.
    pub fn lasting_discharge_kw(&self, margin_soc: f64) -> f64 {
        let lasts = |b: &&Battery| b.soc() >= b.soc_window().0 + margin_soc - SAME_SOC;
        self.free().filter(lasts).map(Battery::discharge_limit_kw).sum()
    }

    /// Hours until the first battery that holds less than `margin_soc` above its lowest state of
    /// charge holds as much, under these powers.
    pub fn hours_to_margin(&self, margin_soc: f64, powers_kw: &[f64]) -> f64 {
        let level = |b: &Battery| b.soc_window().0 + margin_soc;
        let below = self.batteries.iter().zip(powers_kw);
        let below = below.filter(|(b, _)| b.soc() < level(b) - SAME_SOC);
        below.map(|(b, &p)| b.hours_to_soc(level(b), p)).fold(f64::INFINITY, f64::min)
    }

    /// Power that they can take now.
    pub fn charge_limit_kw(&self) -> f64 {
        self.charge_limit_below_kw(1.0)
    }

    /// Power that they can take now if none shall be filled above `soc_target`.
    pub fn charge_limit_below_kw(&self, soc_target: f64) -> f64 {
        let limit = |b: &Battery| b.charge_limit_below_kw(soc_target);
        self.free().map(limit).sum()
    }

    /// Power that they can give now.
    pub fn discharge_limit_kw(&self) -> f64 {
        self.discharge_limit_above_kw(0.0)
    }

    /// Power that they can give now if none shall be emptied below `soc_floor`.
    pub fn discharge_limit_above_kw(&self, soc_floor: f64) -> f64 {
        let limit = |b: &Battery| b.discharge_limit_above_kw(soc_floor);
        self.free().map(limit).sum()
    }

    /// Divides a power (positive: they give) in proportion to what each can take or give now, into
    /// `powers_kw`, besides what those do that are bound to a power. What is beyond all limits is
    /// left out; the answer is the sum of what is in.
    pub fn split(&self, power_kw: f64, powers_kw: &mut [f64]) -> f64 {
        self.split_within(power_kw, SocWindow::WHOLE, powers_kw)
    }

    /// [`Bank::split`] among the batteries within a window of states of charge.
    pub fn split_within(&self, power_kw: f64, window: SocWindow, powers_kw: &mut [f64]) -> f64 {
        let (limit_kw, sign) = if power_kw < 0.0 {
            (self.charge_limit_below_kw(window.target), -1.0)
        } else {
            (self.discharge_limit_above_kw(window.floor), 1.0)
        };
        let share = if limit_kw > 0.0 { (power_kw.abs() / limit_kw).min(1.0) * sign } else { 0.0 };
        let mut sum_kw = 0.0;
        for (i, (battery, out)) in self.batteries.iter().zip(powers_kw).enumerate() {
            *out = match self.imposed_on(i) {
                Some(imposed_kw) => imposed_kw,
                None if power_kw < 0.0 => share * battery.charge_limit_below_kw(window.target),
                None => share * battery.discharge_limit_above_kw(window.floor),
            };
            sum_kw += *out;
        }
        sum_kw
    }

    /// Hours until the first battery reaches its limit under these powers.
    pub fn hours_to_limit(&self, powers_kw: &[f64]) -> f64 {
        self.hours_to_limit_within(powers_kw, SocWindow::WHOLE)
    }

    /// Hours until the first battery reaches its limit, or the window's, under these powers.
    pub fn hours_to_limit_within(&self, powers_kw: &[f64], window: SocWindow) -> f64 {
        let hours = |((b, &p), bound_kw): ((&Battery, &f64), &Option<f64>)| match bound_kw {
            Some(_) => b.hours_to_limit(p),
            None => b.hours_to_limit_within(p, window.floor, window.target),
        };
        let all = self.batteries.iter().zip(powers_kw).zip(&self.bound_kw);
        all.map(hours).fold(f64::INFINITY, f64::min)
    }

    /// Hours until the state of charge of all together first is `level` under these powers, the
    /// batteries' own limits not heeded: zero where it is there already, infinite where it never
    /// will be. To 1e-9 of the state of charge.
    pub fn hours_to_soc(&self, level: f64, powers_kw: &[f64]) -> f64 {
        match self.batteries.as_slice() {
            _ if !self.works() => f64::INFINITY,
            [only] => only.hours_to_soc(level, powers_kw[0]),
            _ => self.hours_to_joint_soc(level, powers_kw),
        }
    }

    /// Several batteries: a sum of decays, which has no closed form where they decay differently.
    /// While all take or all give the sum runs one way until it comes to rest, so that the first
    /// crossing lies between now and any time past it: bracketed by doubling, found by halving.
    fn hours_to_joint_soc(&self, level: f64, powers_kw: &[f64]) -> f64 {
        let capacity_kwh = self.working_capacity_kwh();
        let way_kwh = (level - self.soc()) * capacity_kwh;
        if way_kwh.abs() <= SOC_TOLERANCE * capacity_kwh {
            return 0.0;
        }
        let working = || self.batteries.iter().zip(powers_kw).filter(|(b, _)| b.in_order());
        // What is still lacking after some hours; below zero once the level is passed.
        let lacking_kwh = |hours: f64| {
            let change: f64 = working().map(|(b, &p)| b.change_kwh(p, hours)).sum();
            (way_kwh - change) * way_kwh.signum()
        };
        let drift_kw: f64 = working().map(|(b, &p)| b.drift_kw(p)).sum();
        if way_kwh * drift_kw <= 0.0 {
            return f64::INFINITY;
        }
        let mut low_h = 0.0;
        // Without decay the first guess is the answer.
        let mut high_h = way_kwh / drift_kw;
        let done = |lacking: f64| lacking.abs() <= 1e-3 * SOC_TOLERANCE * capacity_kwh;
        while lacking_kwh(high_h) > 0.0 && !done(lacking_kwh(high_h)) {
            low_h = high_h;
            high_h *= 2.0;
            if high_h > LONGEST_H {
                return f64::INFINITY;
            }
        }
        let mut guess_h = high_h;
        for _ in 0..200 {
            let lacking = lacking_kwh(guess_h);
            if done(lacking) {
                break;
            }
            if lacking > 0.0 {
                low_h = guess_h;
            } else {
                high_h = guess_h;
            }
            guess_h = 0.5 * (low_h + high_h);
        }
        guess_h
    }

    /// Lives through `hours` under these powers; what each did goes to `tell`, with its index.
    pub fn advance(
        &mut self,
        powers_kw: &[f64],
        hours: f64,
        mut tell: impl FnMut(usize, BatteryStep),
    ) {
        for (i, (battery, &power_kw)) in self.batteries.iter_mut().zip(powers_kw).enumerate() {
            tell(i, battery.advance(power_kw, hours));
        }
    }
}

/// A crossing farther away than a century is none.
const LONGEST_H: f64 = 876_600.0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bank() -> Bank {
        let of = |capacity: f64, kw: f64, leak: f64, soc: f64| -> scenario::Battery {
            ron::from_str(&format!(
                r#"(id: "b", capacity_kwh: {capacity}, charge_kw: {kw}, discharge_kw: {kw},
                self_discharge_per_day: {leak}, soc_start: {soc})"#
            ))
            .unwrap()
        };
        Bank::new(&[
            of(100.0, 50.0, 0.01, 0.5),
            of(20.0, 20.0, 0.0, 0.6),
            of(60.0, 10.0, 0.05, 0.3),
        ])
    }

    proptest! {
        #[test]
        fn a_split_adds_up_and_keeps_each_limit(power in -120.0..120.0f64) {
            let bank = bank();
            let mut powers = [0.0; 3];
            let sum = bank.split(power, &mut powers);
            prop_assert!((sum - power.clamp(-80.0, 80.0)).abs() < 1e-9);
            for (battery, power) in bank.batteries().iter().zip(powers) {
                prop_assert!(-power <= battery.charge_limit_kw() + 1e-9);
                prop_assert!(power <= battery.discharge_limit_kw() + 1e-9);
            }
        }

        #[test]
        fn a_joint_crossing_is_where_it_was_foretold(power in -80.0..80.0f64, level in 0.2..0.8f64) {
            let mut bank = bank();
            let mut powers = [0.0; 3];
            bank.split(power, &mut powers);
            let hours = bank.hours_to_soc(level, &powers);
            if hours < bank.hours_to_limit(&powers) {
                bank.advance(&powers, hours, |_, _| ());
                prop_assert!((bank.soc() - level).abs() < 2e-9, "{}", bank.soc());
            }
        }
    }

    #[test]
    fn an_empty_battery_leaves_the_power_to_the_others() {
        let mut bank = bank();
        bank.battery_mut(0).unwrap().set_soc(0.1);
        let mut powers = [0.0; 3];
        assert_eq!(bank.split(60.0, &mut powers), 30.0);
        assert_eq!(powers, [0.0, 20.0, 10.0]);
        let window = SocWindow { floor: 0.4, target: 1.0 };
        assert_eq!(bank.split_within(60.0, window, &mut powers), 20.0);
    }

    #[test]
    fn no_batteries_are_no_bank() {
        let bank = Bank::new(&[]);
        assert_eq!((bank.soc(), bank.charge_limit_kw()), (0.0, 0.0));
        assert_eq!(bank.hours_to_soc(0.5, &[]), f64::INFINITY);
        assert_eq!(bank.split(5.0, &mut []), 0.0);
    }
}
