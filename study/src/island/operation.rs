//! What a candidate did in its year, summed up. How it came about is `year`'s business.

use serde::Serialize;

/// Statistics of one run. Energies are sums over the traces, a year where the traces are a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Operation {
    /// Length of the traces, in h.
    pub duration_h: f64,

    /// Energy served to the load, in kWh.
    pub served_energy_kwh: f64,
    /// Energy the load asked for and did not get, in kWh.
    pub shed_energy_kwh: f64,
    /// Greatest power shed, in kW.
    pub shed_max_kw: f64,
    /// Time with some load shed, in h.
    pub shed_hours_h: f64,
    /// Longest time with load shed without a break, in h.
    pub shed_duration_max_h: f64,
    /// Shed energy over the energy asked for, between 0 and 1; 0 without load.
    pub shed_rate: f64,

    /// Energy made by the genset, in kWh.
    pub genset_energy_kwh: f64,
    /// Time the genset ran, in h.
    pub genset_hours_h: f64,
    /// Fuel burnt, in L.
    pub genset_fuel_l: f64,
    /// Carbon dioxide from that fuel, in kg.
    pub fuel_co2_kg: f64,
    /// Energy of the genset's least load that neither the load nor the battery could take, in kWh.
    pub genset_dumped_kwh: f64,

    /// Charged and discharged energy over twice the capacity; 0 without a battery.
    pub storage_cycles: f64,
    /// Energy taken in at the battery's terminals, in kWh.
    pub storage_charge_kwh: f64,
    /// Energy given at the battery's terminals, in kWh.
    pub storage_discharge_kwh: f64,
    /// Energy lost in the battery, in kWh.
    pub storage_loss_kwh: f64,
    /// Energy stored at the end, in kWh.
    pub storage_end_kwh: f64,

    /// Renewable energy that nothing could take, in kWh.
    pub spilled_energy_kwh: f64,
    /// Greatest renewable power spilled, in kW.
    pub spilled_max_kw: f64,
    /// Spilled energy over the renewable potential, between 0 and 1; 0 without potential.
    pub spilled_rate: f64,
    /// Energy PV and wind could give, in kWh.
    pub renewable_potential_kwh: f64,
    /// Renewable energy that was taken, in kWh: the potential less what was spilled.
    pub renewable_energy_kwh: f64,
    /// Share of the served energy that the genset did not make; 0 where nothing was served.
    ///
    /// Energy in the battery at the start counts as renewable, and dumped genset energy counts against.
    pub renewable_rate: f64,
}

impl Operation {
    /// How many runs of this length make a year of 8,760 h; 1 where the traces are a year.
    #[must_use]
    pub fn runs_per_year(&self) -> f64 {
        if self.duration_h > 0.0 { 8760.0 / self.duration_h } else { 0.0 }
    }
}
