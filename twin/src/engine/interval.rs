//! One interval of the engine's loop: foresee, decide, live, balance, tell, record. It is cut into
//! stretches of constant power where a limit is reached or something strikes, at the exact time, so
//! that what follows lives on what remains.
//!
//! Where no limit can be reached whatever the servers do, a stretch lives through all its tasks and
//! votes at once and is balanced on its mean power. Where one could, stretches go from event to
//! event, and the power in each is known before it is lived.

use super::balance::{Flows, Supply, balance};
use super::book::Stretch;
use super::consumers::{NOTHING_KW, Outlook};
use super::schedule::{Struck, Turn};
use super::Twin;
use crate::record::{ConsumerKind, EventKind, PowerCause};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_scheduler::dispatch::{DispatchPolicy, GridView, SiteView};

/// The shortest time: what is due now is due before this has passed.
const INSTANT: Span = Span(1);
/// Stretches shorter than this do not carry energy that came at an instant (a message sent, a
/// signature made): it waits for the next one, so that it never looks like a peak of power.
const SHORT: Span = Span::from_secs(1);
/// Over how long such energy is spread at least.
const SPREAD_H: f64 = 60.0 / 3600.0;
/// What messages and radios are assumed to draw at most when asking whether a limit could be
/// reached, above what they drew in the interval before, kW.
const PULSE_MARGIN_KW: f64 = 0.2;

impl Twin {
    /// Foresee and decide.
    pub(super) fn decide(&mut self) {
        let now = &self.interval;
        let traces = &self.traces;
        let bank = &self.bank;
        let grid = self.grid_up.then(|| GridView {
            price_per_kwh: traces.price_per_kwh[now.index],
            export_price_per_kwh: self.site.export_price_per_kwh,
            carbon_g_per_kwh: traces.grid_g_per_kwh[now.index],
            import_limit_kw: self.site.import_limit_kw,
        });
        self.order = self.dispatch.decide(&SiteView {
            soc: bank.soc(),
            capacity_kwh: bank.capacity_kwh(),
            charge_limit_kw: bank.rated_charge_kw(),
            discharge_limit_kw: bank.rated_discharge_kw(),
            step_h: traces.step.as_hours_f64(),
            pv_kw: self.last_pv_kw,
            demand_kw: self.last_demand_kw,
            grid,
        });
    }

    /// Lives one stretch from `from` on, at most until `end`, and returns where it ended.
    pub(super) fn stretch(&mut self, from: SimTime, end: SimTime) -> SimTime {
        let bound = self
            .garages
            .iter()
            .map(|garage| garage.next_change(from))
            .fold(end.min(self.schedule.next_time()), SimTime::min)
            .max(from + INSTANT);
        let supply = self.supply();
        let loads_kw = self.loads_kw();
        let ev_kw = self.ev_kw();
        let switches_kw = self.switches_kw();
        let steady_kw = loads_kw + ev_kw + switches_kw;
        let hours = (bound - from).as_hours_f64();

        let (least_w, most_w) = self.edge.power_bounds_w();
        let most_kw = steady_kw + most_w / 1000.0 + 2.0 * self.last_pulse_kw + PULSE_MARGIN_KW;
        let quiet = balance(&supply, &self.order, steady_kw + least_w / 1000.0);
        let busy = balance(&supply, &self.order, most_kw);
        let free = bound - from >= SHORT
            && busy.shortfall_kw <= NOTHING_KW
            && self.hours_to_limit(&quiet) >= hours
            && self.hours_to_limit(&busy) >= hours;

        let (until, compute_kw, network_kw, flows) = if free {
            self.live(bound);
            let (compute_j, network_j) = self.take_pulses();
            let compute_kw = (self.steady_j() + compute_j) / 3.6e6 / hours;
            let network_kw = switches_kw + network_j / 3.6e6 / hours;
            let flows = balance(&supply, &self.order, loads_kw + ev_kw + compute_kw + network_kw);
            (bound, compute_kw, network_kw, flows)
        } else {
            let spread_h = SPREAD_H.max((end - from).as_hours_f64());
            let compute_kw =
                self.edge.power_w() / 1000.0 + self.carried_compute_j / 3.6e6 / spread_h;
            let network_kw = switches_kw + self.carried_network_j / 3.6e6 / spread_h;
            let flows = balance(&supply, &self.order, loads_kw + ev_kw + compute_kw + network_kw);
            let limit_h = self.hours_to_limit(&flows);
            // Up to the nanosecond after: the limit has then been reached.
            let limit = Span(((limit_h * 3.6e12).ceil() as u64).saturating_add(1));
            let until = bound.min(self.edge.next_time()).min(from + limit).max(from + INSTANT);
            self.live(until);
            let lived_h = (until - from).as_hours_f64();
            self.carried_compute_j -= self.carried_compute_j * lived_h / spread_h;
            self.carried_network_j -= self.carried_network_j * lived_h / spread_h;
            self.steady_j();
            self.carry_pulses();
            (until, compute_kw, network_kw, flows)
        };
        let parts = Parts { loads_kw, ev_kw, compute_kw, network_kw };
        self.settle(from, until, &supply, &flows, parts);
        until
    }

    /// Lets time pass over batteries, cars and the books.
    fn settle(
        &mut self,
        from: SimTime,
        until: SimTime,
        supply: &Supply,
        flows: &Flows,
        parts: Parts,
    ) {
        let hours = (until - from).as_hours_f64();
        self.bank.split(flows.battery_kw, &mut self.battery_kw);
        self.bank.advance(&self.battery_kw, hours, &mut self.battery_steps);
        for i in 0..self.battery_steps.len() {
            let step = self.battery_steps[i];
            self.moved_kwh[i] = (step.charged_kwh, step.discharged_kwh);
            self.interval.battery_kwh[i] += step.discharged_kwh - step.charged_kwh;
        }
        let (shed, lost_load_per_h) = self.unserved();
        let (fuel_kg_per_h, fuel_cost_per_h) = self.fuel_per_h();
        let k = self.interval.index;
        let stretch = Stretch {
            hours,
            pv_kw: supply.pv_kw + self.unusable_pv_kw(),
            genset_kw: supply.genset_kw,
            import_kw: flows.import_kw,
            export_kw: flows.export_kw,
            curtailed_kw: flows.curtailed_kw + self.unusable_pv_kw(),
            loads_kw: parts.loads_kw + shed.loads_kw,
            ev_kw: parts.ev_kw,
            compute_kw: parts.compute_kw + shed.compute_kw,
            network_kw: parts.network_kw + shed.network_kw,
            unserved_kw: flows.shortfall_kw + shed.loads_kw + shed.compute_kw + shed.network_kw,
            lost_load_per_h,
            fuel_kg_per_h,
            fuel_cost_per_h,
            grid_g_per_kwh: self.traces.grid_g_per_kwh[k],
            price_per_kwh: self.traces.price_per_kwh[k],
            export_price_per_kwh: self.site.export_price_per_kwh,
        };
        let g_per_kwh =
            self.book.add(&stretch, &self.moved_kwh, &self.bank, &mut self.mixes);
        for (i, garage) in self.garages.iter_mut().enumerate() {
            self.interval.chargers_kwh[i] += garage.power_kw() * hours;
            garage.advance(from, until, g_per_kwh);
        }
        for (i, genset) in self.gensets.iter().enumerate() {
            self.interval.gensets_kwh[i] += genset.power_kw() * hours;
        }
        self.tell_batteries(until);
        self.tell_cars();
    }
}

/// Demand that is served, by kind, kW.
struct Parts {
    loads_kw: f64,
    ev_kw: f64,
    compute_kw: f64,
    network_kw: f64,
}
