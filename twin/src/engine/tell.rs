//! Telling: what happens becomes the record's events as it happens, and at the interval's end its
//! sample, all in order of time.

use super::Twin;
use crate::edge::{EdgeOut, ServerChange};
use crate::energy::ev::{CarNews, SessionRecord};
use crate::energy::genset::Genset;
use crate::record::{
    BatterySample, BusFlows, Event, EventKind, GroupSample, Observer, Sample, ServerSample,
};
use gridtwin_kernel::SimTime;

/// A battery that was full or empty is told so again only after its state of charge has moved away
/// from there by this much.
const TOLD_AGAIN_SOC: f64 = 0.02;

/// What a battery was last told to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Empty,
    Full,
}

impl Twin {
    pub(super) fn tell(&mut self, at: SimTime, kind: EventKind) {
        self.events.push(Event { at, kind });
    }

    /// Servers that stopped or run again, and with them voters.
    pub(super) fn tell_edge(&mut self) {
        let EdgeOut { servers } = &mut self.edge_out;
        for notice in servers.drain(..) {
            let (at, server) = (notice.at, notice.server);
            let (up, kind) = match notice.change {
                ServerChange::Up => (true, EventKind::ServerUp { server }),
                ServerChange::Down { lost, migrated } => {
                    (false, EventKind::ServerDown { server, lost, migrated })
                }
            };
            self.events.push(Event { at, kind });
            self.votes.set_server(usize::from(server), up, at, &mut self.events);
        }
    }

    /// The network has changed.
    pub(super) fn reroute(&mut self, at: SimTime) {
        self.votes.reroute(self.edge.network(), at, &mut self.events);
    }

    /// Batteries that have just become full or empty.
    pub(super) fn tell_batteries(&mut self, at: SimTime) {
        for (i, battery) in self.bank.batteries().iter().enumerate() {
            let (low, high) = battery.soc_window();
            let told = &mut self.told_limit[i];
            let away = match told {
                Some(Limit::Empty) => battery.soc() > low + TOLD_AGAIN_SOC,
                Some(Limit::Full) => battery.soc() < high - TOLD_AGAIN_SOC,
                None => false,
            };
            if away {
                *told = None;
            }
            let (limit, kind) = if battery.is_empty() {
                (Limit::Empty, EventKind::BatteryEmpty { battery: i as u16 })
            } else if battery.is_full() {
                (Limit::Full, EventKind::BatteryFull { battery: i as u16 })
            } else {
                continue;
            };
            if *told != Some(limit) {
                *told = Some(limit);
                self.events.push(Event { at, kind });
            }
        }
    }

    /// Cars that came and went.
    pub(super) fn tell_cars(&mut self) {
        for (i, garage) in self.garages.iter_mut().enumerate() {
            let chargers = i as u16;
            for news in garage.drain_news() {
                let (at, kind) = match news {
                    CarNews::Arrived { at, number, asked_kwh } => {
                        (at, EventKind::CarArrived { chargers, session: number, asked_kwh })
                    }
                    CarNews::Left { at, record } => (at, left(chargers, &record)),
                };
                self.events.push(Event { at, kind });
            }
        }
    }

    /// Cars that are there when the run ends: no session is dropped in silence.
    fn tell_cars_that_stay(&mut self) {
        for (i, garage) in self.garages.iter().enumerate() {
            let at = self.now;
            let stay = garage.still_there().map(|record| left(i as u16, &record));
            self.events.extend(stay.map(|kind| Event { at, kind }));
        }
    }

    /// Loads that were reduced and were not in this interval.
    fn tell_served(&mut self, start: SimTime) {
        for load in 0..self.told_reduced.len() {
            if self.told_reduced[load] && !self.interval.reduced[load] {
                self.told_reduced[load] = false;
                self.tell(start, EventKind::LoadServed { load: load as u16 });
            }
        }
    }

    /// An interval begins.
    pub(super) fn open(&mut self) {
        let step_s = self.fixed.step.0;
        let interval = &mut self.interval;
        interval.index = (self.now.0 / step_s) as usize;
        for sums in [
            &mut interval.pv_kwh,
            &mut interval.battery_kwh,
            &mut interval.gensets_kwh,
            &mut interval.fuel_l,
            &mut interval.chargers_kwh,
            &mut interval.server_j,
            &mut interval.server_core_s,
            &mut interval.group_j,
        ] {
            sums.fill(0.0);
        }
        interval.reduced.fill(false);
        interval.pulse_j = 0.0;
        interval.group_before.clear();
        interval.group_before.extend(self.votes.readings());
        self.book = Default::default();
    }

    /// An interval is over: tell all of it.
    pub(super) fn close(&mut self, start: SimTime, observer: &mut impl Observer) {
        let (step, k) = (self.fixed.step, self.interval.index);
        let hours = step.as_hours_f64();
        let book = &self.book;
        let mean = |kwh: f64| kwh / hours;
        let mix_g_per_kwh =
            if book.served_kwh > 0.0 { book.consumed_g / book.served_kwh } else { 0.0 };
        let traces = &self.fixed.traces;
        let kwh = &book.kwh;
        let flows = BusFlows {
            pv_kw: mean(kwh.pv_kw),
            genset_kw: mean(kwh.genset_kw),
            import_kw: mean(kwh.import_kw),
            discharge_kw: mean(kwh.discharge_kw),
            unserved_kw: mean(kwh.unserved_kw),
            load_kw: mean(kwh.load_kw),
            loads_kw: mean(kwh.loads_kw),
            ev_kw: mean(kwh.ev_kw),
            compute_kw: mean(kwh.compute_kw),
            network_kw: mean(kwh.network_kw),
            export_kw: mean(kwh.export_kw),
            charge_kw: mean(kwh.charge_kw),
            curtailed_kw: mean(kwh.curtailed_kw),
        };
        let sample: &mut Sample = &mut self.sample;
        sample.at = start;
        sample.step = step;
        sample.flows = flows;
        sample.residual_kwh = book.residual_kwh();
        sample.ghi_w_m2 = traces.ghi_w_m2[k];
        sample.temperature_c = traces.temperature_c[k];
        sample.grid_up = self.grid_up;
        sample.grid_g_per_kwh = traces.grid_g_per_kwh[k];
        sample.mix_g_per_kwh = mix_g_per_kwh;
        sample.consumed_from = book.consumed_from;
        sample.emitted_kg = book.emitted_kg;
        sample.exported_kg = book.exported_kg;
        let marginal = traces.marginal_g_per_kwh.as_ref();
        sample.marginal_kg = marginal.map(|_| book.marginal_g / 1000.0);
        sample.money = book.money;
        sample.money.charged += book.charged_pv_kwh * self.fixed.initial.pv_price_per_kwh;
        sample.money.price_per_kwh = traces.price_per_kwh[k];
        sample.money.export_price_per_kwh = traces.export_price_per_kwh[k];
        refill(&mut sample.pv_kw, &self.interval.pv_kwh, |&kwh| kwh / hours);
        let batteries = self.bank.batteries().iter().zip(&self.mixes);
        let batteries = batteries.zip(&self.interval.battery_kwh);
        refill(&mut sample.batteries, batteries, |((battery, mix), &kwh)| BatterySample {
            soc: battery.soc(),
            power_kw: kwh / hours,
            stored_g_per_kwh: mix.g_per_kwh(battery.stored_kwh()),
            deliverable_kwh: battery.deliverable_kwh(),
        });
        refill(&mut sample.gensets_kw, &self.interval.gensets_kwh, |&kwh| kwh / hours);
        refill(&mut sample.fuel_l, &self.interval.fuel_l, |&litres| litres);
        refill(&mut sample.tanks_l, &self.gensets, Genset::tank_l);
        let loads = self.fixed.traces.loads_kw.iter().enumerate();
        let metered = &self.metered;
        refill(&mut sample.loads_kw, loads, |(i, trace)| metered.load(i).unwrap_or(trace[k]));
        refill(&mut sample.chargers_kw, &self.interval.chargers_kwh, |&kwh| kwh / hours);
        let servers = self.interval.server_j.iter().zip(&self.interval.server_core_s);
        let edge = &self.edge;
        let cores = &self.fixed.server_cores;
        refill(&mut sample.servers, servers.enumerate(), |(i, (&joules, &core_s))| ServerSample {
            up: edge.server_running(i as u16),
            power_w: joules / step.as_secs_f64(),
            load: core_s / (step.as_secs_f64() * cores[i]),
            tasks: edge.tasks_at(i as u16),
        });
        let groups = self.votes.readings().zip(&self.interval.group_before);
        let groups = groups.zip(&self.interval.group_j);
        refill(&mut sample.groups, groups, |((now, before), &energy_j)| GroupSample {
            decided: now.decided - before.decided,
            messages: now.messages - before.messages,
            view_changes: now.view_changes - before.view_changes,
            members_up: now.members_up,
            energy_j,
            carbon_g: energy_j / 3.6e6 * mix_g_per_kwh,
        });
        sample.cars = self.garages.iter().map(|garage| garage.cars() as u32).sum();

        self.last_pv_kw = flows.pv_kw;
        self.last_demand_kw = flows.load_kw;
        self.last_pulse_kw = self.interval.pulse_j / 3.6e6 / hours;
        self.tasks.clear();
        let cloud_g_per_kwh = traces.cloud_g_per_kwh[k];
        self.edge.close_interval(self.now, mix_g_per_kwh, cloud_g_per_kwh, &mut self.tasks);

        self.tell_served(start);
        if self.now >= self.fixed.end {
            self.tell_cars_that_stay();
        }
        self.events.sort_by_key(|event| event.at);
        for event in self.events.drain(..) {
            observer.event(event.at, &event);
        }
        for task in &self.tasks {
            observer.task(task);
        }
        self.votes.take_messages(|message| observer.message(message));
        self.follow_models();
        observer.sample(&self.sample);
    }
}

/// A car's session as an event.
fn left(chargers: u16, record: &SessionRecord) -> EventKind {
    EventKind::CarLeft {
        chargers,
        session: record.number,
        asked_kwh: record.asked_kwh,
        delivered_kwh: record.delivered_kwh,
        waited_h: record.waited_h,
        stayed_h: record.stayed_h,
        carbon_kg: record.carbon_kg,
        still_there: !record.left,
    }
}

/// Fills a vector anew without giving up its room.
fn refill<T, S>(into: &mut Vec<T>, from: impl IntoIterator<Item = S>, make: impl FnMut(S) -> T) {
    into.clear();
    into.extend(from.into_iter().map(make));
}
