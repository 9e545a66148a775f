//! The book of what a battery holds: where its energy was made, what that emitted and what it cost.
//! Not how much energy there is, which [`super::battery::Battery`] knows.
//!
//! All that is charged at the bus enters; energy leaves with the average of what is in. What the
//! battery loses on the way takes nothing out of the book: it raises the intensity of what is left.

use crate::record::Sources;

/// What a battery holds, by source, with its carbon and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StoredMix {
    sources: Sources,
    carbon_g: f64,
    cost: f64,
}

/// What left a battery with the energy that it gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Energy that had been charged at the bus for it, by source: more than was given, by what the
    /// battery lost.
    pub sources: Sources,
    /// Carbon of that energy.
    pub carbon_g: f64,
    /// Cost of that energy, in the scenario's currency.
    pub cost: f64,
}

impl StoredMix {
    /// A battery that holds `stored_kwh` from before the run.
    pub fn new(stored_kwh: f64, g_per_kwh: f64) -> Self {
        Self {
            sources: Sources { initial_kwh: stored_kwh, ..Sources::default() },
            carbon_g: stored_kwh * g_per_kwh,
            cost: 0.0,
        }
    }

    /// A battery that holds `stored_kwh` of the grid's energy from before the run.
    pub fn of_grid(stored_kwh: f64, g_per_kwh: f64, price_per_kwh: f64) -> Self {
        Self {
            sources: Sources { grid_kwh: stored_kwh, ..Sources::default() },
            carbon_g: stored_kwh * g_per_kwh,
            cost: stored_kwh * price_per_kwh,
        }
    }

    /// Puts in what was charged at the bus, with its carbon and cost.
    pub fn charge(&mut self, charged: Sources, carbon_g: f64, cost: f64) {
        self.sources.add(&charged);
        self.carbon_g += carbon_g;
        self.cost += cost;
    }

    /// Takes out what left with a discharge that kept the share `kept` of what was stored (see
    /// [`super::battery::BatteryStep::kept`]).
    pub fn draw(&mut self, kept: f64) -> Drawn {
        let kept = kept.clamp(0.0, 1.0);
        let left = Self {
            sources: self.sources.scaled(kept),
            carbon_g: self.carbon_g * kept,
            cost: self.cost * kept,
        };
        let drawn = Drawn {
            sources: self.sources.scaled(1.0 - kept),
            carbon_g: self.carbon_g - left.carbon_g,
            cost: self.cost - left.cost,
        };
        *self = left;
        drawn
    }

    /// Energy that was charged at the bus for what is still held, by source.
    pub fn sources(&self) -> Sources {
        self.sources
    }

    /// Carbon of what is held.
    pub fn carbon_g(&self) -> f64 {
        self.carbon_g
    }

    /// Cost of what is held.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// Carbon intensity of what is held, for `stored_kwh` in the cells; 0 where there is nothing.
    pub fn g_per_kwh(&self, stored_kwh: f64) -> f64 {
        if stored_kwh > 0.0 { self.carbon_g / stored_kwh } else { 0.0 }
    }
}

impl Drawn {
    /// The `discharged_kwh` that arrived at the bus, by the sources they were made from.
    pub fn delivered(&self, discharged_kwh: f64) -> Sources {
        let total = self.sources.total_kwh();
        if total > 0.0 {
            self.sources.scaled(discharged_kwh / total)
        } else {
            // Nothing ever entered the book, yet energy came out: it was there from the beginning.
            Sources { initial_kwh: discharged_kwh, ..Sources::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::battery::tests::battery;
    use proptest::prelude::*;

    const BATTERY: &str = r#"(id: "b", capacity_kwh: 20, charge_kw: 10, discharge_kw: 10,
        self_discharge_per_day: 0.05, soc_min: 0)"#;

    proptest! {
        #[test]
        fn carbon_energy_and_cost_are_conserved(
            steps in prop::collection::vec((-10.0..10.0f64, 0.0..900.0f64, 0.0..1.0f64), 1..200),
        ) {
            let mut battery = battery(BATTERY);
            let mut book = StoredMix::new(battery.stored_kwh(), 250.0);
            let (mut carbon_in, mut carbon_out) = (book.carbon_g(), 0.0);
            let (mut energy_in, mut energy_out) = (battery.stored_kwh(), 0.0);
            let (mut cost_in, mut cost_out) = (0.0, 0.0);
            for (power, g_per_kwh, price) in steps {
                let step = battery.advance(power, 0.5);
                let kwh = step.charged_kwh;
                let from = Sources { pv_kwh: 0.3 * kwh, grid_kwh: 0.7 * kwh, ..Sources::default() };
                book.charge(from, kwh * g_per_kwh, kwh * price);
                let drawn = book.draw(step.kept);
                carbon_in += kwh * g_per_kwh;
                carbon_out += drawn.carbon_g;
                energy_in += kwh;
                energy_out += drawn.sources.total_kwh();
                cost_in += kwh * price;
                cost_out += drawn.cost;
                let arrived = drawn.delivered(step.discharged_kwh).total_kwh();
                prop_assert!((arrived - step.discharged_kwh).abs() < 1e-9);
                prop_assert!(drawn.sources.total_kwh() >= step.discharged_kwh - 1e-7);
            }
            prop_assert!((carbon_in - carbon_out - book.carbon_g()).abs() < 1e-6);
            prop_assert!((energy_in - energy_out - book.sources().total_kwh()).abs() < 1e-9);
            prop_assert!((cost_in - cost_out - book.cost()).abs() < 1e-9);
        }

        #[test]
        fn an_emptied_battery_has_an_empty_book(soc in 0.1..0.9f64) {
            let mut battery = battery(BATTERY);
            battery.set_soc(soc);
            let mut book = StoredMix::new(battery.stored_kwh(), 100.0);
            let step = battery.advance(10.0, 10.0);
            let drawn = book.draw(step.kept);
            prop_assert_eq!((battery.stored_kwh(), book.carbon_g()), (0.0, 0.0));
            prop_assert!((drawn.carbon_g - 100.0 * 20.0 * soc).abs() < 1e-9);
        }
    }

    #[test]
    fn losses_raise_the_intensity_of_what_is_left() {
        let mut battery = battery(BATTERY);
        let mut book = StoredMix::new(battery.stored_kwh(), 100.0);
        battery.advance(0.0, 24.0);
        assert!((book.g_per_kwh(battery.stored_kwh()) - 100.0 / 0.95).abs() < 1e-9);
        let before = book.g_per_kwh(battery.stored_kwh());
        let step = battery.advance(5.0, 0.25);
        book.draw(step.kept);
        let after = book.g_per_kwh(battery.stored_kwh());
        assert!(after > before && after < before * 1.001, "{before} {after}");
    }
}
