//! One interval of the engine's loop: foresee, decide, live, balance, tell, record. It is cut into
//! stretches of constant power where a limit is reached or something strikes, at the exact time, so
//! that what follows lives on what remains.
//!
//! Where no limit can be reached whatever the servers do, a stretch lives through all its tasks and
//! votes at once and is balanced on its mean power. Where one could, stretches go from event to
//! event, and the power in each is known before it is lived.

use super::Twin;
use super::balance::{Flows, Supply, balance};
use super::book::Stretch;
use super::consumers::{NOTHING_KW, SHORTAGE_MARGIN_SOC};
use crate::energy::bank::SocWindow;
use crate::energy::genset::Burned;
use crate::record::{ConsumerKind, EventKind, Observer};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_scheduler::dispatch::{DispatchPolicy, GridView, SiteView};

/// The shortest time: what is due now is due before this has passed.
const INSTANT: Span = Span(1);
/// Stretches shorter than this do not carry energy that came at an instant (a message sent, a
/// signature made): it waits for the next one, so that it never looks like a peak of power.
const SHORT: Span = Span::from_secs(1);
/// Over how long such energy is spread at least, hours.
const SPREAD_H: f64 = 60.0 / 3600.0;
/// What messages and radios are taken to draw at most when asking whether a limit could be reached,
/// above twice what they drew in the interval before, kW.
const PULSE_MARGIN_KW: f64 = 0.2;
/// So many instants in a row are no chance: a limit is reached and nothing follows from it. Time
/// then goes on by a second.
const STANDSTILL: u32 = 1000;
const J_PER_KWH: f64 = 3.6e6;

/// Demand that is served, by kind, kW.
#[derive(Clone, Copy, Debug)]
struct Demand {
    loads_kw: f64,
    ev_kw: f64,
    compute_kw: f64,
    network_kw: f64,
}

impl Demand {
    fn total_kw(&self) -> f64 {
        self.loads_kw + self.ev_kw + self.compute_kw + self.network_kw
    }
}

impl Twin {
    /// Lives through the interval that begins now.
    pub(super) fn live_interval(&mut self, observer: &mut impl Observer) {
        let start = self.now;
        let end = start + self.fixed.step;
        self.votes.listen(observer.wants_messages());
        self.open();
        self.decide();
        let mut at = start;
        let mut anew = true;
        let mut instants = 0;
        while at < end {
            let before = at;
            self.edge.advance(at + INSTANT, &mut self.edge_out);
            self.tell_edge();
            anew |= self.turn(at);
            self.switch(at, anew);
            let least = if instants < STANDSTILL { INSTANT } else { SHORT };
            (at, anew) = self.stretch(at, end, least);
            instants = if at - before <= INSTANT + INSTANT { instants + 1 } else { 0 };
        }
        self.now = end;
        self.close(start, observer);
    }

    /// Foresee and decide: what was in the interval before is expected to go on.
    pub(super) fn decide(&mut self) {
        let k = self.interval.index;
        let (bank, traces) = (&self.bank, &self.fixed.traces);
        let grid = self.grid_up.then(|| GridView {
            price_per_kwh: traces.price_per_kwh[k],
            unscaled_price_per_kwh: traces.unscaled_price_per_kwh[k],
            export_price_per_kwh: traces.export_price_per_kwh[k],
            carbon_g_per_kwh: traces.grid_g_per_kwh[k],
            import_limit_kw: self.fixed.import_limit_kw,
        });
        self.order = self.dispatch.decide(&SiteView {
            soc: bank.soc(),
            capacity_kwh: bank.working_capacity_kwh(),
            charge_limit_kw: self.fixed.rated_charge_kw,
            discharge_limit_kw: self.fixed.rated_discharge_kw,
            step_h: self.fixed.step.as_hours_f64(),
            pv_kw: self.last_pv_kw,
            demand_kw: self.last_demand_kw,
            grid,
        });
    }

    /// Lives one stretch from `from` on, of `least` and at most until `end`. Returns where it ended, and whether
    /// it was a limit that ended it.
    fn stretch(&mut self, from: SimTime, end: SimTime, least: Span) -> (SimTime, bool) {
        let changes = self.garages.iter().map(|garage| garage.next_change());
        let bound = changes.fold(end.min(self.schedule.next_time()), SimTime::min);
        let bound = bound.max(from + INSTANT);
        let supply = self.supply();
        let steady = Demand {
            loads_kw: self.loads_kw(),
            ev_kw: self.ev_kw(),
            compute_kw: self.edge.devices_idle_w() / 1000.0,
            network_kw: self.switches_kw(),
        };
        let hours = (bound - from).as_hours_f64();

        let (least_kw, most_kw) = self.computing_bounds_kw();
        let carried_kw = (self.carried_compute_j + self.carried_network_j) / J_PER_KWH / hours;
        let most_kw = most_kw + carried_kw;
        let (least_kw, most_kw) = (steady.total_kw() + least_kw, steady.total_kw() + most_kw);
        let quiet = balance(&supply, &self.order, least_kw);
        let busy = balance(&supply, &self.order, most_kw);
        // What a divisible load gives up need not be known before.
        let slack_kw = || self.divisible().map_or(0.0, |(_, kw)| kw);
        let met = busy.shortfall_kw <= NOTHING_KW || busy.shortfall_kw <= slack_kw();
        let free = bound - from >= SHORT
            && met
            && self.hours_to_limit(&supply, &quiet) >= hours
            && self.hours_to_limit(&supply, &busy) >= hours;
        if free {
            self.live(bound);
            let mean = |joules: f64| joules / J_PER_KWH / hours;
            let steady_j = self.take_energy(bound - from);
            let demand = Demand {
                compute_kw: steady.compute_kw
                    + mean(steady_j + std::mem::take(&mut self.carried_compute_j)),
                network_kw: steady.network_kw + mean(std::mem::take(&mut self.carried_network_j)),
                ..steady
            };
            let flows = balance(&supply, &self.order, demand.total_kw());
            self.settle(from, bound, &supply, flows, demand);
            return (bound, false);
        }
        let spread_h = SPREAD_H.max((end - from).as_hours_f64());
        let demand = Demand {
            compute_kw: steady.compute_kw
                + self.edge.power_w() / 1000.0
                + self.carried_compute_j / J_PER_KWH / spread_h,
            network_kw: steady.network_kw + self.carried_network_j / J_PER_KWH / spread_h,
            ..steady
        };
        let flows = balance(&supply, &self.order, demand.total_kw());
        // Up to the nanosecond after: the limit has then been reached.
        let limit_ns = (self.hours_to_limit(&supply, &flows) * 3.6e12).ceil();
        let limit = from + Span(limit_ns as u64) + INSTANT;
        let until = bound.min(self.edge.next_time()).min(limit).max(from + least).min(end);
        let drawn = (until - from).as_hours_f64() / spread_h;
        self.carried_compute_j -= self.carried_compute_j * drawn;
        self.carried_network_j -= self.carried_network_j * drawn;
        self.live(until);
        self.take_energy(until - from);
        self.settle(from, until, &supply, flows, demand);
        (until, until == limit)
    }

    /// The least and the most that servers, messages and radios are taken to draw while nobody is
    /// switched on or off, idle devices apart.
    pub(super) fn computing_bounds_kw(&self) -> (f64, f64) {
        let (least_w, most_w) = self.edge.power_bounds_w();
        if !self.fixed.computes {
            return (0.0, 0.0);
        }
        let pulses_kw = 2.0 * self.last_pulse_kw + PULSE_MARGIN_KW;
        (least_w / 1000.0, most_w / 1000.0 + pulses_kw)
    }

    /// Hours until something changes by itself under these flows: a battery is full or empty, an
    /// order's floor or target is reached, a threshold of consumers or gensets, or a tank is empty.
    fn hours_to_limit(&mut self, supply: &Supply, flows: &Flows) -> f64 {
        let window = self.window(supply, flows);
        self.bank.split_within(flows.battery_kw, window, &mut self.battery_kw);
        let mut hours = self.bank.hours_to_limit_within(&self.battery_kw, window);
        if !self.grid_up && self.bank.works() {
            let soc = self.bank.soc();
            for level in [self.level_below(soc), self.level_above(soc)].into_iter().flatten() {
                hours = hours.min(self.bank.hours_to_soc(level, &self.battery_kw));
            }
        }
        if self.consumers.lacks_supply() {
            hours = hours.min(self.bank.hours_to_margin(SHORTAGE_MARGIN_SOC, &self.battery_kw));
        }
        hours.min(self.hours_of_fuel(flows.genset_kw))
    }

    /// The states of charge within which the batteries carry these flows: the policy's where it is
    /// heeded, else their own.
    fn window(&self, supply: &Supply, flows: &Flows) -> SocWindow {
        let heeded =
            self.grid_up && flows.battery_kw <= supply.discharge_above_floor_kw + NOTHING_KW;
        // What PV left to the grid would have come from a surplus.
        let from_grid = flows.battery_kw < 0.0 && flows.import_kw > flows.yielded_kw;
        SocWindow {
            floor: if heeded { self.order.soc_floor } else { 0.0 },
            target: if from_grid { self.order.soc_target } else { 1.0 },
        }
    }

    /// Lives through tasks and votes until `until`, block by block.
    fn live(&mut self, until: SimTime) {
        loop {
            let tick = self.votes.next_block();
            let stop = tick.min(until);
            self.edge.advance(stop, &mut self.edge_out);
            self.tell_edge();
            self.votes.advance(stop, &mut self.events);
            if tick >= until {
                break;
            }
            let (votes, edge) = (&mut self.votes, &self.edge);
            votes.count(edge);
            votes.propose(tick);
        }
    }

    /// Takes what was metered over the last stretch. What servers drew is the answer, in joules;
    /// what came at instants is carried. What devices draw idle is in neither.
    fn take_energy(&mut self, stretch: Span) -> f64 {
        let idle_j = self.edge.devices_idle_w() * stretch.as_secs_f64();
        let drawn = self.edge.take_energy();
        let mut servers_j = 0.0;
        for (i, server) in drawn.servers.iter().enumerate() {
            servers_j += server.total_j();
            self.interval.server_j[i] += server.total_j();
            self.interval.server_core_s[i] += server.busy_core_s;
        }
        let devices_j = drawn.site_devices_j - idle_j;
        let links_j = drawn.site_network_j;
        let (compute_j, network_j) =
            self.votes.take_energy(&mut self.interval.group_j, &mut self.interval.server_j);
        self.carried_compute_j += devices_j + compute_j;
        self.carried_network_j += links_j + network_j;
        self.interval.pulse_j += devices_j + links_j + compute_j + network_j;
        servers_j
    }

    /// Lets a stretch pass over batteries, cars and the books.
    fn settle(
        &mut self,
        from: SimTime,
        until: SimTime,
        supply: &Supply,
        mut flows: Flows,
        demand: Demand,
    ) {
        let hours = (until - from).as_hours_f64();
        let window = self.window(supply, &flows);
        self.bank.split_within(flows.battery_kw, window, &mut self.battery_kw);
        let steps = &mut self.battery_steps;
        self.bank.advance(&self.battery_kw, hours, |i, step| steps[i] = step);
        let mut moved_kwh = 0.0;
        for (step, kwh) in steps.iter().zip(&mut self.interval.battery_kwh) {
            *kwh += step.discharged_kwh - step.charged_kwh;
            moved_kwh += step.discharged_kwh - step.charged_kwh;
        }
        flows.make_up(supply, moved_kwh / hours);

        let mut unserved = self.unserved();
        unserved.lost_load_per_h += self.reduce_load(from, flows.shortfall_kw);
        let unusable_kw = self.unusable_pv_kw();
        self.share_among_gensets(flows.genset_kw);
        let burned = self.burn(hours);
        let k = self.interval.index;
        let traces = &self.fixed.traces;
        let stretch = Stretch {
            hours,
            pv_kw: supply.pv_kw + unusable_kw,
            genset_kw: flows.genset_kw,
            import_kw: flows.import_kw,
            export_kw: flows.export_kw,
            curtailed_kw: flows.curtailed_kw + unusable_kw,
            loads_kw: demand.loads_kw + unserved.loads_kw,
            ev_kw: demand.ev_kw,
            compute_kw: demand.compute_kw + unserved.compute_kw,
            network_kw: demand.network_kw + unserved.network_kw,
            unserved_kw: flows.shortfall_kw
                + unserved.loads_kw
                + unserved.compute_kw
                + unserved.network_kw,
            lost_load: unserved.lost_load_per_h * hours,
            fuel_kg: burned.carbon_kg,
            fuel_cost: burned.cost,
            grid_g_per_kwh: traces.grid_g_per_kwh[k],
            marginal_g_per_kwh: traces.marginal_g_per_kwh.as_ref().map_or(0.0, |rate| rate[k]),
            rates: self.fixed.rates(k),
        };
        let g_per_kwh =
            self.book.add(&stretch, &self.battery_steps, &mut self.mixes, &mut self.unborne);
        for (i, garage) in self.garages.iter_mut().enumerate() {
            self.interval.chargers_kwh[i] += garage.power_kw() * hours;
            garage.advance(until, g_per_kwh);
        }
        for i in 0..self.interval.pv_kwh.len() {
            self.interval.pv_kwh[i] += self.array_kw(i) * hours;
        }
        for (kwh, kw) in self.interval.gensets_kwh.iter_mut().zip(&self.gensets_kw) {
            *kwh += kw * hours;
        }
        self.tell_batteries(until);
        self.tell_cars();
    }

    /// The divisible load whose turn it is gives up what supply falls short by. What that costs an
    /// hour is the answer.
    fn reduce_load(&mut self, from: SimTime, shortfall_kw: f64) -> f64 {
        if shortfall_kw <= 0.0 {
            return 0.0;
        }
        let Some((consumer, draws_kw)) = self.divisible() else { return 0.0 };
        let ConsumerKind::Load(load) = self.consumers.kind(consumer) else { return 0.0 };
        let missing_kw = shortfall_kw.min(draws_kw);
        if missing_kw > NOTHING_KW {
            self.interval.reduced[usize::from(load)] = true;
            if !std::mem::replace(&mut self.told_reduced[usize::from(load)], true) {
                self.tell(from, EventKind::LoadReduced { load, missing_kw });
            }
        }
        missing_kw * self.fixed.lost_load_price[usize::from(load)]
    }

    /// Fuel that the gensets burn in a stretch.
    fn burn(&mut self, hours: f64) -> Burned {
        let mut all = Burned::default();
        for (i, genset) in self.gensets.iter_mut().enumerate() {
            let burned = genset.burn(self.gensets_kw[i], hours);
            self.interval.fuel_l[i] += burned.fuel_l;
            all.fuel_l += burned.fuel_l;
            all.carbon_kg += burned.carbon_kg;
            all.cost += burned.cost;
        }
        all
    }
}
