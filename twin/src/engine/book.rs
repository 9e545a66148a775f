//! The books of one interval: energy over the bus, where each kWh and each gram came from, money.
//! It is told what flowed and adds it up; it decides nothing.

use crate::energy::battery::BatteryStep;
use crate::energy::stored_mix::StoredMix;
use crate::record::{BusFlows, Money, Sources};

/// What flowed in a stretch of constant power. Powers in kW, all magnitudes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stretch {
    pub(crate) hours: f64,
    pub(crate) pv_kw: f64,
    pub(crate) genset_kw: f64,
    pub(crate) import_kw: f64,
    pub(crate) export_kw: f64,
    pub(crate) curtailed_kw: f64,
    /// Demand by kind, met or not.
    pub(crate) loads_kw: f64,
    pub(crate) ev_kw: f64,
    pub(crate) compute_kw: f64,
    pub(crate) network_kw: f64,
    /// Of it, what was not met.
    pub(crate) unserved_kw: f64,
    /// What that costs.
    pub(crate) lost_load: f64,
    /// Fuel burnt: carbon and money.
    pub(crate) fuel_kg: f64,
    pub(crate) fuel_cost: f64,
    /// The grid's carbon.
    pub(crate) grid_g_per_kwh: f64,
    /// What one kWh more or less emits; zero where no source is named for it.
    pub(crate) marginal_g_per_kwh: f64,
    /// What the grid and carbon cost.
    pub(crate) rates: Rates,
}

/// Prices in an interval. Those for a kWh are without VAT but for the full one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// Full price of an imported kWh, and what it is made of.
    pub(crate) price_per_kwh: f64,
    pub(crate) energy_per_kwh: f64,
    pub(crate) grid_fee_per_kwh: f64,
    pub(crate) tax_per_kwh: f64,
    pub(crate) margin_per_kwh: f64,
    pub(crate) vat: f64,
    pub(crate) export_per_kwh: f64,
    pub(crate) carbon_per_kg: f64,
}

impl Rates {
    /// Adds what a stretch costs.
    fn charge(&self, money: &mut Money, import_kwh: f64, export_kwh: f64, emitted_kg: f64) {
        let energy = import_kwh * self.energy_per_kwh;
        let grid_fee = import_kwh * self.grid_fee_per_kwh;
        let tax = import_kwh * self.tax_per_kwh;
        let margin = import_kwh * self.margin_per_kwh;
        money.import += import_kwh * self.price_per_kwh;
        money.energy += energy;
        money.grid_fee += grid_fee;
        money.tax += tax;
        money.margin += margin;
        money.vat += self.vat * (energy + grid_fee + tax + margin);
        money.carbon += emitted_kg * self.carbon_per_kg;
        money.export += export_kwh * self.export_per_kwh;
    }
}

impl Stretch {
    fn load_kw(&self) -> f64 {
        self.loads_kw + self.ev_kw + self.compute_kw + self.network_kw
    }
}

/// Carbon and cost of a genset that ran while nobody took anything: it held the island up for
/// those who take next, and they bear it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unborne {
    pub(crate) carbon_g: f64,
    cost: f64,
}

/// A flow below this is rounding, kW.
const NOTHING_KW: f64 = 1e-9;

/// Sums over an interval; energies in kWh.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// kWh, under the names of the powers that they are the integrals of.
    pub(crate) kwh: BusFlows,
    pub(crate) consumed_from: Sources,
    /// Of what was consumed, grams.
    pub(crate) consumed_g: f64,
    /// Served, kWh.
    pub(crate) served_kwh: f64,
    pub(crate) emitted_kg: f64,
    pub(crate) exported_kg: f64,
    pub(crate) money: Money,
    /// PV that the batteries charged.
    pub(crate) charged_pv_kwh: f64,
    pub(crate) grid_g: f64,
    /// Imports less exports at the marginal rate.
    pub(crate) marginal_g: f64,
}

impl Book {
    /// Books a stretch and what it did to each battery; the batteries' mixes are kept up to date.
    /// Returns the carbon intensity of what was consumed, g/kWh.
    pub(crate) fn add(
        &mut self,
        stretch: &Stretch,
        batteries: &[BatteryStep],
        mixes: &mut [StoredMix],
        unborne: &mut Unborne,
    ) -> f64 {
        let s = stretch;
        let h = s.hours;
        let charge_kwh: f64 = batteries.iter().map(|b| b.charged_kwh).sum();
        let discharge_kwh: f64 = batteries.iter().map(|b| b.discharged_kwh).sum();
        let served_kwh = (s.load_kw() - s.unserved_kw) * h;

        let k = &mut self.kwh;
        k.pv_kw += s.pv_kw * h;
        k.genset_kw += s.genset_kw * h;
        k.import_kw += s.import_kw * h;
        k.discharge_kw += discharge_kwh;
        k.unserved_kw += s.unserved_kw * h;
        k.load_kw += s.load_kw() * h;
        k.loads_kw += s.loads_kw * h;
        k.ev_kw += s.ev_kw * h;
        k.compute_kw += s.compute_kw * h;
        k.network_kw += s.network_kw * h;
        k.export_kw += s.export_kw * h;
        k.charge_kw += charge_kwh;
        k.curtailed_kw += s.curtailed_kw * h;

        // What came onto the bus, by source: curtailment is PV's first, then the gensets'.
        let pv_kwh = (s.pv_kw - s.curtailed_kw).max(0.0) * h;
        let dumped_kwh = (s.curtailed_kw - s.pv_kw).max(0.0) * h;
        let mut on_bus = Sources {
            pv_kwh,
            grid_kwh: s.import_kw * h,
            genset_kwh: s.genset_kw * h - dumped_kwh,
            initial_kwh: 0.0,
        };
        let before = std::mem::take(unborne);
        let mut on_bus_g =
            s.import_kw * h * s.grid_g_per_kwh + s.fuel_kg * 1000.0 + before.carbon_g;
        let mut on_bus_cost = s.import_kw * h * s.rates.price_per_kwh + s.fuel_cost + before.cost;
        for (battery, mix) in batteries.iter().zip(mixes.iter_mut()) {
            if battery.discharged_kwh > 0.0 {
                let drawn = mix.draw(battery.kept);
                on_bus.add(&drawn.delivered(battery.discharged_kwh));
                on_bus_g += drawn.carbon_g;
                on_bus_cost += drawn.cost;
            }
        }
        let total_kwh = on_bus.total_kwh();
        let mut per_kwh = 0.0;
        if total_kwh > NOTHING_KW * h {
            per_kwh = 1.0 / total_kwh;
        } else {
            *unborne = Unborne { carbon_g: on_bus_g, cost: on_bus_cost };
            (on_bus_g, on_bus_cost) = (0.0, 0.0);
        }
        let g_per_kwh = on_bus_g * per_kwh;
        let cost_per_kwh = on_bus_cost * per_kwh;
        let shares = on_bus.scaled(per_kwh);

        for (battery, mix) in batteries.iter().zip(mixes.iter_mut()) {
            if battery.charged_kwh > 0.0 {
                let kwh = battery.charged_kwh;
                self.money.charged += cost_per_kwh * kwh;
                self.charged_pv_kwh += shares.pv_kwh * kwh;
                mix.charge(shares.scaled(kwh), g_per_kwh * kwh, cost_per_kwh * kwh);
            }
        }
        let export_kwh = s.export_kw * h;
        self.consumed_from.add(&shares.scaled(served_kwh));
        self.consumed_g += g_per_kwh * served_kwh;
        self.served_kwh += served_kwh;
        self.exported_kg += g_per_kwh * export_kwh / 1000.0;
        let emitted_kg = s.import_kw * h * s.grid_g_per_kwh / 1000.0 + s.fuel_kg;
        self.emitted_kg += emitted_kg;
        self.grid_g += s.import_kw * h * s.grid_g_per_kwh;
        self.marginal_g += (s.import_kw - s.export_kw) * h * s.marginal_g_per_kwh;
        s.rates.charge(&mut self.money, s.import_kw * h, export_kwh, emitted_kg);
        self.money.fuel += s.fuel_cost;
        self.money.lost_load += s.lost_load;
        g_per_kwh
    }

    /// What the flows leave unexplained, kWh.
    pub(crate) fn residual_kwh(&self) -> f64 {
        let k = &self.kwh;
        let kinds = k.loads_kw + k.ev_kw + k.compute_kw + k.network_kw;
        (k.pv_kw + k.genset_kw + k.import_kw + k.discharge_kw + k.unserved_kw)
            - (kinds + k.export_kw + k.charge_kw + k.curtailed_kw)
    }
}
