//! The year of one candidate: one pure dispatch of one step, and one plain loop over all of them.
//!
//! Order: renewables serve the load, then the battery, then the genset; what remains of the load is
//! shed, what remains of the renewables is stored, then spilled. The genset never charges the battery,
//! but with what its own least load forces it to make.
//!
//! Why it is fast: the next stored energy waits only for an addition and two limits, for what the battery
//! is *asked* to take or give does not depend on what it holds. Everything else hangs off that chain, in
//! comparisons that need no branch, so a processor works on several steps at once. Shedding alone
//! branches: it is rare, or comes in spells, and is guessed well.

use super::operation::Operation;
use super::site::{Mix, Site};
use super::traces::Traces;
use serde::Serialize;

/// One step of a year, for plots and tables. Powers are means over the step, none of them negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Hour {
    /// Power the load asks for, in kW.
    pub load_kw: f64,
    /// Power PV and wind could give, in kW.
    pub renewable_kw: f64,
    /// Power of the genset, in kW.
    pub genset_kw: f64,
    /// Power into the battery's terminals, in kW.
    pub charge_kw: f64,
    /// Power out of the battery's terminals, in kW.
    pub discharge_kw: f64,
    /// Load not served, in kW.
    pub shed_kw: f64,
    /// Renewable power that nothing could take, in kW.
    pub spilled_kw: f64,
    /// Genset power that nothing could take, in kW.
    pub dumped_kw: f64,
    /// Energy in the battery when the step ends, in kWh.
    pub stored_kwh: f64,
}

/// Runs `mix` through the traces and sums up what it did.
///
/// Deterministic, allocates nothing. The site and the mix are taken as checked ([`Site::check`],
/// [`Mix::check`]); others give numbers without meaning, but never a panic.
#[must_use]
pub fn operate(site: &Site, traces: &Traces, mix: &Mix) -> Operation {
    let plant = Plant::new(site, traces.step_h(), mix);
    // Two copies of the loop: the usual one need not ask for a least load at every step.
    if plant.genset_min_kw > 0.0 {
        run(&plant, traces, Plant::step_with_least_load).sum_up(site, traces, mix)
    } else {
        run(&plant, traces, Plant::step).sum_up(site, traces, mix)
    }
}

/// The year.
#[inline(always)]
fn run(plant: &Plant, traces: &Traces, step: impl Fn(&Plant, f64, f64, f64, f64) -> Hour) -> Tally {
    let mut tally = Tally { stored_kwh: plant.start_kwh, ..Tally::default() };
    for ((load, pv), wind) in
        traces.load_kw().iter().zip(traces.pv_per_kw()).zip(traces.wind_per_kw())
    {
        tally.add(&step(plant, tally.stored_kwh, *load, *pv, *wind));
    }
    tally
}

/// The same year step by step, for plots: the sums of these hours are [`operate`]'s.
pub fn hours(site: &Site, traces: &Traces, mix: &Mix) -> impl Iterator<Item = Hour> {
    let plant = Plant::new(site, traces.step_h(), mix);
    let mut stored_kwh = plant.start_kwh;
    traces.load_kw().iter().zip(traces.pv_per_kw()).zip(traces.wind_per_kw()).map(
        move |((load, pv), wind)| {
            let hour = plant.step_with_least_load(stored_kwh, *load, *pv, *wind);
            stored_kwh = hour.stored_kwh;
            hour
        },
    )
}

/// A candidate's limits, worked out once so that a step only compares, multiplies and adds.
struct Plant {
    pv_kw: f64,
    wind_kw: f64,
    genset_max_kw: f64,
    genset_min_kw: f64,
    charge_max_kw: f64,
    discharge_max_kw: f64,
    stored_min_kwh: f64,
    stored_max_kwh: f64,
    start_kwh: f64,
    /// Energy stored for each kW of charging over a step, and its inverse.
    stored_kwh_per_kw: f64,
    charge_kw_per_kwh: f64,
    /// Energy drained for each kW of discharging over a step, and its inverse.
    drained_kwh_per_kw: f64,
    discharge_kw_per_kwh: f64,
}

/// What the battery does in a step.
struct Exchange {
    charge_kw: f64,
    discharge_kw: f64,
    stored_kwh: f64,
}

impl Plant {
    fn new(site: &Site, step_h: f64, mix: &Mix) -> Self {
        let battery = &site.battery;
        let stored_kwh_per_kw = (1.0 - battery.loss_factor) * step_h;
        let drained_kwh_per_kw = (1.0 + battery.loss_factor) * step_h;
        Self {
            pv_kw: mix.pv_kw * site.pv_derating,
            wind_kw: mix.wind_kw,
            genset_max_kw: mix.genset_kw,
            genset_min_kw: mix.genset_kw * site.genset.min_load_ratio,
            charge_max_kw: battery.charge_rate_per_h * mix.battery_kwh,
            discharge_max_kw: battery.discharge_rate_per_h * mix.battery_kwh,
            stored_min_kwh: battery.soc_min * mix.battery_kwh,
            stored_max_kwh: mix.battery_kwh,
            start_kwh: battery.soc_start * mix.battery_kwh,
            stored_kwh_per_kw,
            charge_kw_per_kwh: 1.0 / stored_kwh_per_kw,
            drained_kwh_per_kw,
            discharge_kw_per_kwh: 1.0 / drained_kwh_per_kw,
        }
    }

    /// The dispatch of one step, the genset free to run at any power.
    #[inline(always)]
    fn step(&self, stored_kwh: f64, load_kw: f64, pv_per_kw: f64, wind_per_kw: f64) -> Hour {
        let renewable_kw = pv_per_kw * self.pv_kw + wind_per_kw * self.wind_kw;
        let net_kw = load_kw - renewable_kw;
        let (lack_kw, excess_kw) = sides(net_kw);
        let battery = self.exchange(stored_kwh, lack_kw, excess_kw);
        let missing_kw = lack_kw - battery.discharge_kw;
        let genset_kw = below(missing_kw, self.genset_max_kw);
        Hour {
            load_kw,
            renewable_kw,
            genset_kw,
            charge_kw: battery.charge_kw,
            discharge_kw: battery.discharge_kw,
            shed_kw: missing_kw - genset_kw,
            spilled_kw: excess_kw - battery.charge_kw,
            dumped_kw: 0.0,
            stored_kwh: battery.stored_kwh,
        }
    }

    /// The dispatch of one step, the genset off or at its least load or more.
    ///
    /// Where it must make more than is missing, the battery gives less or takes the rest, and what it
    /// cannot take is dumped. No renewable power is spilled then, for the load exceeds it.
    #[inline(always)]
    fn step_with_least_load(&self, stored_kwh: f64, load: f64, pv: f64, wind: f64) -> Hour {
        let free = self.step(stored_kwh, load, pv, wind);
        if free.genset_kw <= 0.0 || free.genset_kw >= self.genset_min_kw {
            return free;
        }
        let (lack_kw, excess_kw) = sides(load - free.renewable_kw - self.genset_min_kw);
        let battery = self.exchange(stored_kwh, lack_kw, excess_kw);
        Hour {
            genset_kw: self.genset_min_kw,
            charge_kw: battery.charge_kw,
            discharge_kw: battery.discharge_kw,
            shed_kw: lack_kw - battery.discharge_kw,
            dumped_kw: excess_kw - battery.charge_kw,
            stored_kwh: battery.stored_kwh,
            ..free
        }
    }

    /// What a battery holding `stored_kwh` does about a lack or an excess of power.
    #[inline(always)]
    fn exchange(&self, stored_kwh: f64, lack_kw: f64, excess_kw: f64) -> Exchange {
        let asked_kw = below(lack_kw, self.discharge_max_kw);
        let offered_kw = below(excess_kw, self.charge_max_kw);
        let left_kwh = stored_kwh - self.stored_min_kwh;
        let room_kwh = self.stored_max_kwh - stored_kwh;
        let change_kwh = offered_kw * self.stored_kwh_per_kw - asked_kw * self.drained_kwh_per_kw;
        Exchange {
            charge_kw: below(offered_kw, room_kwh * self.charge_kw_per_kwh),
            discharge_kw: below(asked_kw, left_kwh * self.discharge_kw_per_kwh),
            stored_kwh: below(
                above(stored_kwh + change_kwh, self.stored_min_kwh),
                self.stored_max_kwh,
            ),
        }
    }
}

/// A net load as what is lacking and what is in excess: one of the two is zero.
#[inline(always)]
fn sides(net_kw: f64) -> (f64, f64) {
    let lack_kw = above(net_kw, 0.0);
    (lack_kw, lack_kw - net_kw)
}

/// Running sums, in kW and steps: the step's length multiplies them once, at the end.
#[derive(Default)]
struct Tally {
    shed_kw: f64,
    shed_max_kw: f64,
    shed_steps: u32,
    shed_streak: u32,
    shed_streak_max: u32,
    genset_kw: f64,
    genset_steps: u32,
    charge_kw: f64,
    discharge_kw: f64,
    spilled_kw: f64,
    spilled_max_kw: f64,
    dumped_kw: f64,
    stored_kwh: f64,
}

impl Tally {
    #[inline(always)]
    fn add(&mut self, hour: &Hour) {
        if hour.shed_kw > 0.0 {
            self.shed_kw += hour.shed_kw;
            self.shed_max_kw = above(hour.shed_kw, self.shed_max_kw);
            self.shed_steps += 1;
            self.shed_streak += 1;
            self.shed_streak_max = self.shed_streak_max.max(self.shed_streak);
        } else {
            self.shed_streak = 0;
        }
        self.genset_kw += hour.genset_kw;
        self.genset_steps += u32::from(hour.genset_kw > 0.0);
        self.charge_kw += hour.charge_kw;
        self.discharge_kw += hour.discharge_kw;
        self.spilled_kw += hour.spilled_kw;
        self.spilled_max_kw = above(hour.spilled_kw, self.spilled_max_kw);
        self.dumped_kw += hour.dumped_kw;
        self.stored_kwh = hour.stored_kwh;
    }

    fn sum_up(self, site: &Site, traces: &Traces, mix: &Mix) -> Operation {
        let step_h = traces.step_h();
        let load_kwh = traces.load_kwh();
        let shed_energy_kwh = self.shed_kw * step_h;
        let served_energy_kwh = load_kwh - shed_energy_kwh;
        let genset_energy_kwh = self.genset_kw * step_h;
        let genset_hours_h = f64::from(self.genset_steps) * step_h;
        let genset_fuel_l = site.genset.fuel_intercept_l_per_kw_h * mix.genset_kw * genset_hours_h
            + site.genset.fuel_slope_l_per_kwh * genset_energy_kwh;
        let storage_charge_kwh = self.charge_kw * step_h;
        let storage_discharge_kwh = self.discharge_kw * step_h;
        let through_kwh = storage_charge_kwh + storage_discharge_kwh;
        let spilled_energy_kwh = self.spilled_kw * step_h;
        let renewable_potential_kwh = mix.pv_kw * site.pv_derating * traces.pv_kwh_per_kw()
            + mix.wind_kw * traces.wind_kwh_per_kw();
        Operation {
            duration_h: traces.duration_h(),
            served_energy_kwh,
            shed_energy_kwh,
            shed_max_kw: self.shed_max_kw,
            shed_hours_h: f64::from(self.shed_steps) * step_h,
            shed_duration_max_h: f64::from(self.shed_streak_max) * step_h,
            shed_rate: ratio(shed_energy_kwh, load_kwh),
            genset_energy_kwh,
            genset_hours_h,
            genset_fuel_l,
            fuel_co2_kg: genset_fuel_l * site.genset.co2_kg_per_l,
            genset_dumped_kwh: self.dumped_kw * step_h,
            storage_cycles: ratio(through_kwh, 2.0 * mix.battery_kwh),
            storage_charge_kwh,
            storage_discharge_kwh,
            storage_loss_kwh: site.battery.loss_factor * through_kwh,
            storage_end_kwh: self.stored_kwh,
            spilled_energy_kwh,
            spilled_max_kw: self.spilled_max_kw,
            spilled_rate: ratio(spilled_energy_kwh, renewable_potential_kwh),
            renewable_potential_kwh,
            renewable_energy_kwh: renewable_potential_kwh - spilled_energy_kwh,
            renewable_rate: if served_energy_kwh > 0.0 {
                1.0 - genset_energy_kwh / served_energy_kwh
            } else {
                0.0
            },
        }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The greater of two numbers: one instruction, where `f64::max` spends three on NaN.
#[inline(always)]
fn above(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The lesser of two numbers.
#[inline(always)]
fn below(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}
