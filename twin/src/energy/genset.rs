//! A genset: whether it runs, what it may give, what that burns, and what is left in its tank. Not
//! when it is needed, which the engine knows.

use super::battery::SAME_SOC;
use crate::scenario;
use gridtwin_kernel::{SimTime, Span};

/// A tank with less than this share in it is empty: the rest is rounding.
const DREGS: f64 = 1e-12;

/// A generator that burns fuel.
#[derive(Clone, Debug, PartialEq)]
pub struct Genset {
    capacity_kw: f64,
    minimum_kw: f64,
    fuel_l_per_kwh: f64,
    idle_l_per_h: f64,
    price_per_l: f64,
    carbon_kg_per_l: f64,
    start_below_soc: f64,
    stop_above_soc: f64,
    minimum_run: Span,
    /// Infinite where there is no tank.
    tank_l: f64,
    fuel_l: f64,
    running: bool,
    /// It does not stop before this.
    runs_until: SimTime,
    /// Whether a fault of the scenario or a change from outside holds it down.
    broken: bool,
    /// Whether it failed by itself.
    failed: bool,
}

/// What a stretch of running burned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Burned {
    /// Fuel.
    pub fuel_l: f64,
    /// Its carbon.
    pub carbon_kg: f64,
    /// Its price, in the scenario's currency.
    pub cost: f64,
}

impl Genset {
    /// The genset at rest.
    pub fn new(genset: &scenario::Genset) -> Self {
        let capacity_kw = genset.capacity_kw.get();
        Self {
            capacity_kw,
            minimum_kw: genset.minimum_load.get() * capacity_kw,
            fuel_l_per_kwh: genset.fuel_l_per_kwh.get(),
            idle_l_per_h: genset.fuel_l_per_h_per_kw.get() * capacity_kw,
            price_per_l: genset.fuel_price_per_l.get(),
            carbon_kg_per_l: genset.carbon_kg_per_l.get(),
            start_below_soc: genset.start_below_soc.get(),
            stop_above_soc: genset.stop_above_soc.get(),
            minimum_run: Span::from_secs_f64(genset.minimum_run_minutes.get() * 60.0),
            tank_l: genset.tank_l.map_or(f64::INFINITY, |litres| litres.get()),
            fuel_l: genset.tank_l.map_or(f64::INFINITY, |litres| litres.get()),
            running: false,
            runs_until: SimTime::ZERO,
            broken: false,
            failed: false,
        }
    }

    /// Makes another genset of it; it runs on if it runs, and keeps its fuel and its failures.
    pub fn rebuild(&mut self, genset: &scenario::Genset) {
        let new = Self::new(genset);
        *self = Self {
            fuel_l: self.fuel_l.min(new.tank_l),
            running: self.running,
            runs_until: self.runs_until,
            broken: self.broken,
            failed: self.failed,
            ..new
        };
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Whether it could run: it is in order and has fuel.
    pub fn can_run(&self) -> bool {
        !self.broken && !self.failed && self.fuel_l > 0.0
    }

    /// Starts it, unless it runs already.
    pub fn start(&mut self, now: SimTime) {
        if !self.running {
            self.running = true;
            self.runs_until = now + self.minimum_run;
        }
    }

    /// Stops it.
    pub fn stop(&mut self) {
        self.running = false;
    }

    /// Whether it has run for its shortest time.
    pub fn may_stop(&self, now: SimTime) -> bool {
        !self.running || now >= self.runs_until
    }

    /// Lets it stop before its shortest time is over.
    pub fn let_stop(&mut self) {
        self.runs_until = SimTime::ZERO;
    }

    /// Breaks or mends it from outside.
    pub fn set_broken(&mut self, broken: bool) {
        self.broken = broken;
    }

    /// It fails by itself, or is repaired after that.
    pub fn set_failed(&mut self, failed: bool) {
        self.failed = failed;
    }

    /// What is in its tank, litres; `None` where its fuel has no end.
    pub fn tank_l(&self) -> Option<f64> {
        self.fuel_l.is_finite().then_some(self.fuel_l)
    }

    /// Fills its tank up.
    pub fn fill_tank(&mut self) {
        self.fuel_l = self.tank_l;
    }

    /// Hours until its tank is empty at this power: infinite without a tank or while it rests.
    pub fn hours_of_fuel(&self, power_kw: f64) -> f64 {
        let l_per_h = self.fuel_l_per_h(power_kw);
        if self.running && l_per_h > 0.0 { self.fuel_l / l_per_h } else { f64::INFINITY }
    }

    /// Fuel in l/h is a P + b P_rated (HOMER's fuel curve).
    fn fuel_l_per_h(&self, power_kw: f64) -> f64 {
        self.fuel_l_per_kwh * power_kw + self.idle_l_per_h
    }

    /// Whether it shall run at this state of charge of the batteries: it starts at or below the
    /// lower threshold, stops at or above the upper one, and between the two stays as it is. Where
    /// the thresholds are the wrong way round, the lower one decides.
    pub fn shall_run(&self, soc: f64) -> bool {
        soc <= self.start_below_soc + SAME_SOC
            || (self.is_running() && soc < self.stop_above_soc - SAME_SOC)
    }

    /// The states of charge at which it starts and stops.
    pub fn thresholds(&self) -> (f64, f64) {
        (self.start_below_soc, self.stop_above_soc)
    }

    /// Rated power.
    pub fn capacity_kw(&self) -> f64 {
        self.capacity_kw
    }

    /// Lowest power at which it may run.
    pub fn minimum_kw(&self) -> f64 {
        self.minimum_kw
    }

    /// What it gives where `wanted_kw` is wanted: within its minimum and rated power while it runs,
    /// else nothing.
    pub fn power_kw(&self, wanted_kw: f64) -> f64 {
        if self.is_running() {
            // Not `clamp`, which panics where the minimum were above the capacity or NaN.
            wanted_kw.max(self.minimum_kw).min(self.capacity_kw)
        } else {
            0.0
        }
    }

    /// Burns what `hours` at this power need: nothing while it rests, and no more than there is.
    pub fn burn(&mut self, power_kw: f64, hours: f64) -> Burned {
        if !self.running {
            return Burned::default();
        }
        let fuel_l = (self.fuel_l_per_h(power_kw) * hours).min(self.fuel_l);
        self.fuel_l -= fuel_l;
        // Without a tank both sides are infinite, and nothing runs out.
        if self.tank_l.is_finite() && self.fuel_l <= DREGS * self.tank_l {
            self.fuel_l = 0.0;
        }
        Burned { fuel_l, carbon_kg: fuel_l * self.carbon_kg_per_l, cost: fuel_l * self.price_per_l }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genset() -> Genset {
        let text = r#"(id: "g", capacity_kw: 100, minimum_load: 0.3, fuel_l_per_kwh: 0.25,
            fuel_l_per_h_per_kw: 0.08, fuel_price_per_l: 1.5, carbon_kg_per_l: 2.5,
            start_below_soc: 0.2, stop_above_soc: 0.7)"#;
        Genset::new(&ron::from_str(text).unwrap())
    }

    #[test]
    fn starts_low_stops_high_and_stays_between() {
        let mut genset = genset();
        let mut course = Vec::new();
        for soc in [0.5, 0.2, 0.5, 0.69, 0.7, 0.5, 0.21, 0.19] {
            if genset.shall_run(soc) {
                genset.start(SimTime::ZERO);
            } else {
                genset.stop();
            }
            course.push(genset.is_running());
        }
        assert_eq!(course, [false, true, true, true, false, false, false, true]);
    }

    #[test]
    fn burns_by_its_curve_and_keeps_its_minimum() {
        let mut genset = genset();
        assert_eq!((genset.power_kw(50.0), genset.burn(50.0, 1.0)), (0.0, Burned::default()));
        genset.start(SimTime::ZERO);
        assert_eq!(
            [genset.power_kw(5.0), genset.power_kw(50.0), genset.power_kw(500.0)],
            [30.0, 50.0, 100.0]
        );
        let burned = genset.burn(50.0, 2.0);
        assert_eq!(burned.fuel_l, (0.25 * 50.0 + 8.0) * 2.0);
        assert_eq!((burned.carbon_kg, burned.cost), (burned.fuel_l * 2.5, burned.fuel_l * 1.5));
        assert_eq!((genset.tank_l(), genset.hours_of_fuel(50.0)), (None, f64::INFINITY));
    }

    #[test]
    fn a_tank_lasts_as_long_as_its_curve_says_and_can_be_filled() {
        let text = r#"(id: "g", capacity_kw: 100, fuel_l_per_kwh: 0.25, fuel_l_per_h_per_kw: 0.08,
            tank_l: Some(41))"#;
        let mut genset = Genset::new(&ron::from_str(text).unwrap());
        assert_eq!(genset.hours_of_fuel(50.0), f64::INFINITY, "it rests");
        genset.start(SimTime::ZERO);
        assert_eq!(genset.hours_of_fuel(50.0), 2.0);
        assert_eq!((genset.burn(50.0, 1.5).fuel_l, genset.tank_l()), (30.75, Some(10.25)));
        assert_eq!((genset.burn(50.0, 1.0).fuel_l, genset.can_run()), (10.25, false));
        genset.fill_tank();
        assert!(genset.can_run());
        genset.set_failed(true);
        genset.set_broken(true);
        genset.set_failed(false);
        assert!(!genset.can_run(), "it is still broken");
    }
}
