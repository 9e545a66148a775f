//! What one interval was like.

use gridtwin_kernel::{SimTime, Span};

/// One interval `[at, at + step)`: means over it, and states at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Its start.
    pub at: SimTime,
    /// Its length.
    pub step: Span,
    /// Mean powers over the bus.
    pub flows: BusFlows,
    /// What those flows leave unexplained, in kWh; under 1e-9 or the twin is wrong.
    pub residual_kwh: f64,
    /// Global horizontal irradiance.
    pub ghi_w_m2: f64,
    /// Air temperature.
    pub temperature_c: f64,
    /// Whether the grid was there at the end.
    pub grid_up: bool,
    /// Mean intensity of what was imported.
    pub grid_g_per_kwh: f64,
    /// Mean intensity of what the site consumed, storage traced.
    pub mix_g_per_kwh: f64,
    /// Where the interval's consumption came from, kWh by source, storage traced back to it.
    pub consumed_from: Sources,
    /// Carbon emitted for the site in the interval: imports and fuel, kg.
    pub emitted_kg: f64,
    /// Carbon that left with exports, kg.
    pub exported_kg: f64,
    /// Imports less exports at the marginal rate, kg: what the site adds to or takes from what the
    /// grid emits. None where the scenario names no source of marginal rates.
    pub marginal_kg: Option<f64>,
    /// Money of the interval.
    pub money: Money,
    /// Each PV array's mean AC power before curtailment, kW.
    pub pv_kw: Vec<f64>,
    /// Each battery.
    pub batteries: Vec<BatterySample>,
    /// Each genset's mean power, kW.
    pub gensets_kw: Vec<f64>,
    /// Fuel that each genset burned in the interval, litres.
    pub fuel_l: Vec<f64>,
    /// What each genset's tank holds at the end, litres; `None` where its fuel has no end.
    pub tanks_l: Vec<Option<f64>>,
    /// Each load's mean demand, kW, served or not.
    pub loads_kw: Vec<f64>,
    /// Each charger group's mean power at the bus, kW.
    pub chargers_kw: Vec<f64>,
    /// Each edge server.
    pub servers: Vec<ServerSample>,
    /// Each consensus group.
    pub groups: Vec<GroupSample>,
    /// Cars plugged in at the end.
    pub cars: u32,
}

/// kWh by where they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sources {
    /// The site's PV.
    pub pv_kwh: f64,
    /// The grid.
    pub grid_kwh: f64,
    /// Gensets.
    pub genset_kwh: f64,
    /// What was in the batteries when the run began.
    pub initial_kwh: f64,
}

impl Sources {
    /// All of it.
    pub fn total_kwh(&self) -> f64 {
        self.pv_kwh + self.grid_kwh + self.genset_kwh + self.initial_kwh
    }

    /// What the site's own renewables made: the PV, directly or through the batteries. Fuel and the
    /// grid are not the site's renewables, and neither is what the batteries held when the run
    /// began, because the run does not know what made it. Self-sufficiency is this over all that was
    /// consumed, or over all demand.
    pub fn own_renewable_kwh(&self) -> f64 {
        self.pv_kwh
    }

    /// What renewables made, here or elsewhere, where this share of the grid's energy is renewable.
    pub fn renewable_kwh(&self, grid_renewable_share: f64) -> f64 {
        self.own_renewable_kwh() + grid_renewable_share * self.grid_kwh
    }

    /// Adds `other`, source by source.
    pub fn add(&mut self, other: &Self) {
        self.pv_kwh += other.pv_kwh;
        self.grid_kwh += other.grid_kwh;
        self.genset_kwh += other.genset_kwh;
        self.initial_kwh += other.initial_kwh;
    }

    /// `factor` times each.
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            pv_kwh: self.pv_kwh * factor,
            grid_kwh: self.grid_kwh * factor,
            genset_kwh: self.genset_kwh * factor,
            initial_kwh: self.initial_kwh * factor,
        }
    }
}

/// Mean powers over the bus in an interval, kW. All are magnitudes, and
/// `pv + genset + import + discharge + unserved = load + export + charge + curtailed`, with
/// `load = loads + ev + compute + network`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BusFlows {
    /// PV, before curtailment.
    pub pv_kw: f64,
    /// Gensets.
    pub genset_kw: f64,
    /// From the grid.
    pub import_kw: f64,
    /// From the batteries.
    pub discharge_kw: f64,
    /// Demand that was not met.
    pub unserved_kw: f64,
    /// All demand, met or not.
    pub load_kw: f64,
    /// Of it: loads of the scenario.
    pub loads_kw: f64,
    /// Of it: cars.
    pub ev_kw: f64,
    /// Of it: servers and devices, idle and busy, consensus included.
    pub compute_kw: f64,
    /// Of it: switches and links.
    pub network_kw: f64,
    /// To the grid.
    pub export_kw: f64,
    /// Into the batteries.
    pub charge_kw: f64,
    /// Output that was not used: more than the site could take, or held back because exporting it,
    /// or not importing instead, would have cost money.
    pub curtailed_kw: f64,
}

/// Money of an interval, in the scenario's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Money {
    /// Full price of an imported kWh in the interval: energy and additions, with VAT.
    pub price_per_kwh: f64,
    /// What an exported kWh brings in the interval; below zero, exporting costs money.
    pub export_price_per_kwh: f64,
    /// Imports at their full price: the sum of the five lines below.
    pub import: f64,
    /// Of it: at the energy price.
    pub energy: f64,
    /// Of it: the grid fee.
    pub grid_fee: f64,
    /// Of it: taxes and levies.
    pub tax: f64,
    /// Of it: the supplier's margin.
    pub margin: f64,
    /// Of it: VAT.
    pub vat: f64,
    /// The carbon price of imports and fuel.
    pub carbon: f64,
    /// What exports brought.
    pub export: f64,
    /// Fuel.
    pub fuel: f64,
    /// What the energy cost that the batteries charged: imports and fuel at their price, PV at the
    /// mean export price of the run. Not paid again: what is stored is valued by it.
    pub charged: f64,
    /// Demand that was not met, at its price.
    pub lost_load: f64,
}

/// One battery.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatterySample {
    /// State of charge at the end, 0 to 1.
    pub soc: f64,
    /// Mean power: positive where it discharges.
    pub power_kw: f64,
    /// Carbon intensity of what it holds at the end.
    pub stored_g_per_kwh: f64,
    /// Energy that it could give at its terminals at the end, kWh: what it holds above its lowest
    /// state of charge, less the losses of discharging.
    pub deliverable_kwh: f64,
}

/// One edge server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerSample {
    /// Whether it ran at the end.
    pub up: bool,
    /// Mean power.
    pub power_w: f64,
    /// Share of its cores that was busy, on average.
    pub load: f64,
    /// Tasks that wait or run at the end.
    pub tasks: u32,
}

/// One consensus group; counts are of the interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupSample {
    /// Decisions.
    pub decided: u64,
    /// Messages sent.
    pub messages: u64,
    /// Views or terms that began, the first one apart.
    pub view_changes: u64,
    /// Members that run at the end.
    pub members_up: u32,
    /// Energy of its computing and its messages.
    pub energy_j: f64,
    /// Carbon of that energy.
    pub carbon_g: f64,
}
