//! Switching: gensets, the grid, faults, and who has power at an instant. The rules of who goes and
//! who comes back are in `consumers`; this carries them out.

use super::Twin;
use super::balance::{Supply, balance};
use super::consumers::{GivesWay, NOTHING_KW, Outlook, SHORTAGE_MARGIN, SHORTAGE_MARGIN_SOC};
use super::schedule::{Struck, Turn};
use crate::energy::battery::SAME_SOC;
use crate::energy::genset::Genset;
use crate::record::{ConsumerKind, EventKind, PowerCause};
use gridtwin_kernel::SimTime;

/// Demand that supply fails, by kind, kW, and what that costs an hour.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unserved {
    pub(super) loads_kw: f64,
    pub(super) compute_kw: f64,
    pub(super) network_kw: f64,
    pub(super) lost_load_per_h: f64,
}

impl Twin {
    /// Whether nothing holds the bus up: no grid, no battery whose inverter can, and no genset that
    /// could run.
    fn is_dark(&self) -> bool {
        let forming =
            |(battery, &can): (&crate::energy::battery::Battery, &bool)| can && battery.in_order();
        !self.grid_up
            && !self.bank.batteries().iter().zip(&self.fixed.grid_forming).any(forming)
            && !self.gensets.iter().any(Genset::can_run)
    }

    /// What can be supplied and taken at this instant.
    pub(super) fn supply(&self) -> Supply {
        if self.is_dark() {
            return Supply::default();
        }
        let grid = |limit_kw| if self.grid_up { limit_kw } else { 0.0 };
        let floor = if self.grid_up { self.order.soc_floor } else { 0.0 };
        let k = self.interval.index;
        let export_price = self.fixed.traces.export_price_per_kwh[k];
        Supply {
            pv_kw: self.pv_kw(),
            imposed_kw: self.bank.imposed_kw(),
            genset_kw: self.gensets_kw.iter().sum(),
            genset_min_kw: self.running_gensets().map(Genset::minimum_kw).sum(),
            genset_max_kw: self.running_gensets().map(Genset::capacity_kw).sum(),
            discharge_limit_kw: self.bank.discharge_limit_kw(),
            discharge_above_floor_kw: self.bank.discharge_limit_above_kw(floor),
            charge_limit_kw: self.bank.charge_limit_kw(),
            charge_below_target_kw: self.bank.charge_limit_below_kw(self.order.soc_target),
            import_limit_kw: grid(self.fixed.import_limit_kw),
            // Nothing is exported while that costs money.
            export_limit_kw: if export_price < 0.0 {
                0.0
            } else {
                grid(self.fixed.export_limit_kw)
            },
            import_earns_per_kwh: (-self.fixed.marginal_price_per_kwh(k)).max(0.0),
            export_earns_per_kwh: export_price.max(0.0),
        }
    }

    /// What the arrays could give, kW.
    pub(super) fn pv_kw(&self) -> f64 {
        (0..self.pv_faulted.len()).map(|array| self.array_kw(array)).sum()
    }

    /// What the arrays could give but nobody can use, because the bus is dark, kW.
    pub(super) fn unusable_pv_kw(&self) -> f64 {
        if self.is_dark() { self.pv_kw() } else { 0.0 }
    }

    /// What a consumer draws, kW, if it is on: as it does now where it is, as it would at most
    /// where it is not.
    fn draws_kw(&self, consumer: usize) -> f64 {
        match self.consumers.kind(consumer) {
            ConsumerKind::Load(i) => self.load_kw(i.into()),
            // Chargers that come back take what is left.
            ConsumerKind::Chargers(i) => self.garages[i as usize].power_kw(),
            ConsumerKind::Devices(i) => self.fixed.fleet_idle_kw[i as usize],
            ConsumerKind::Server(i) if self.consumers.is_on(consumer) => {
                self.edge.server_power_w(i) / 1000.0
            }
            ConsumerKind::Server(i) => self.fixed.server_busy_kw[i as usize],
            ConsumerKind::Switch(i) => self.fixed.switch_kw[i as usize],
        }
    }

    /// The divisible load that gives up whatever supply falls short by at this instant: its index
    /// among the consumers and what it can give up, kW.
    pub(super) fn divisible(&self) -> Option<(usize, f64)> {
        let consumer = self.consumers.divisible(|c| self.draws_kw(c))?;
        Some((consumer, self.draws_kw(consumer)))
    }

    /// The loads that are on, kW.
    pub(super) fn loads_kw(&self) -> f64 {
        self.drawn_by(|kind| matches!(kind, ConsumerKind::Load(_)))
    }

    /// The switches that are on, kW.
    pub(super) fn switches_kw(&self) -> f64 {
        self.drawn_by(|kind| matches!(kind, ConsumerKind::Switch(_)))
    }

    fn drawn_by(&self, which: impl Fn(ConsumerKind) -> bool) -> f64 {
        (0..self.consumers.len())
            .filter(|&c| self.consumers.is_on(c) && which(self.consumers.kind(c)))
            .map(|c| self.draws_kw(c))
            .sum()
    }

    /// The cars, kW.
    pub(super) fn ev_kw(&self) -> f64 {
        self.garages.iter().map(|garage| garage.power_kw()).sum()
    }

    /// All that is drawn now, kW.
    fn demand_kw(&self) -> f64 {
        let computing_w = self.edge.power_w() + self.edge.devices_idle_w();
        self.loads_kw() + self.switches_kw() + self.ev_kw() + computing_w / 1000.0
    }

    /// What supply fails at this instant.
    pub(super) fn unserved(&self) -> Unserved {
        let mut unserved = Unserved::default();
        for c in (0..self.consumers.len()).filter(|&c| self.consumers.is_unserved(c)) {
            match self.consumers.kind(c) {
                ConsumerKind::Load(i) => {
                    let kw = self.draws_kw(c);
                    unserved.loads_kw += kw;
                    unserved.lost_load_per_h += kw * self.fixed.lost_load_price[i as usize];
                }
                // A car that is not charged leaves with less: its session tells.
                ConsumerKind::Chargers(_) => {}
                ConsumerKind::Devices(_) => unserved.compute_kw += self.draws_kw(c),
                ConsumerKind::Server(i) => {
                    unserved.compute_kw += self.fixed.server_idle_kw[i as usize];
                }
                ConsumerKind::Switch(_) => unserved.network_kw += self.draws_kw(c),
            }
        }
        unserved
    }

    fn outlook(&self, supply: &Supply) -> Outlook {
        // Those that stand still can be started.
        let ready = self.gensets.iter().filter(|genset| genset.can_run());
        let gensets_kw = ready.map(Genset::capacity_kw).sum::<f64>();
        Outlook {
            islanded: !self.grid_up,
            dark: self.is_dark(),
            soc: if self.bank.works() { self.bank.soc() } else { 1.0 },
            supply_kw: supply.pv_kw
                + gensets_kw
                + supply.import_limit_kw
                + supply.discharge_limit_kw,
            lasting_kw: supply.pv_kw / SHORTAGE_MARGIN
                + gensets_kw
                + supply.import_limit_kw
                + self.bank.lasting_discharge_kw(SHORTAGE_MARGIN_SOC),
        }
    }

    /// Carries out what the schedule brings at `at`. Whether anything was due.
    pub(super) fn turn(&mut self, at: SimTime) -> bool {
        let mut turned = false;
        while let Some(turn) = self.schedule.take_due(at) {
            turned = true;
            match turn {
                Turn::GridDown => self.set_outage(at, true),
                Turn::GridUp => self.set_outage(at, false),
                Turn::FaultBegins(fault) => self.strike(at, fault, true),
                Turn::FaultEnds(fault) => self.strike(at, fault, false),
                Turn::GensetFails(genset) => {
                    self.gensets[usize::from(genset)].set_failed(true);
                    self.tell(at, EventKind::GensetFailed { genset });
                }
                Turn::GensetMended(genset) => {
                    self.gensets[usize::from(genset)].set_failed(false);
                    self.tell(at, EventKind::GensetMended { genset });
                }
                Turn::TankFilled(genset) => {
                    self.gensets[usize::from(genset)].fill_tank();
                    self.tell(at, EventKind::TankFilled { genset });
                }
            }
        }
        turned
    }

    /// One of the scenario's outages begins or ends.
    fn set_outage(&mut self, at: SimTime, out: bool) {
        self.in_outage = out;
        self.set_grid(at, !out && !self.grid_cut);
    }

    /// The grid is cut by hand until it is brought back by hand, whatever outages come and go; it
    /// is brought back at once, until the next outage.
    pub(super) fn cut_grid(&mut self, at: SimTime, cut: bool) {
        self.grid_cut = cut;
        self.in_outage &= cut;
        self.set_grid(at, !cut);
    }

    fn set_grid(&mut self, at: SimTime, up: bool) {
        if std::mem::replace(&mut self.grid_up, up) != up {
            self.tell(at, if up { EventKind::GridUp } else { EventKind::GridDown });
            self.bank.release();
            // Back on the grid they stop at once.
            for genset in self.gensets.iter_mut().filter(|_| up) {
                genset.let_stop();
            }
            self.decide();
        }
    }

    /// A fault of the scenario begins or ends, unless it was mended by hand before.
    fn strike(&mut self, at: SimTime, fault: u16, broken: bool) {
        if std::mem::replace(&mut self.active_faults[fault as usize], broken) == broken {
            return;
        }
        let began = EventKind::FaultBegan { fault };
        self.tell(at, if broken { began } else { EventKind::FaultEnded { fault } });
        self.heed(at, self.fixed.struck[fault as usize]);
    }

    /// Something is broken by hand until it is mended by hand, whatever faults come and go.
    pub(super) fn break_by_hand(&mut self, at: SimTime, what: Struck) {
        if !self.broken.contains(&what) {
            self.broken.push(what);
            self.heed(at, what);
        }
    }

    /// Something is mended by hand: all faults that hold it down are over.
    pub(super) fn mend_by_hand(&mut self, at: SimTime, what: Struck) {
        self.broken.retain(|&other| other != what);
        for fault in 0..self.active_faults.len() {
            if self.fixed.struck[fault] == what {
                self.strike(at, fault as u16, false);
            }
        }
        self.heed(at, what);
    }

    /// What several faults hold down is mended when the last of them is over.
    fn heed(&mut self, at: SimTime, struck: Struck) {
        let mut all = self.fixed.struck.iter().zip(&self.active_faults);
        let broken =
            self.broken.contains(&struck) || all.any(|(other, &active)| active && *other == struck);
        match struck {
            Struck::Server(i) => {
                self.consumers.set_faulted(ConsumerKind::Server(i as u16), broken);
            }
            Struck::Switch(i) => {
                self.consumers.set_faulted(ConsumerKind::Switch(i as u16), broken);
            }
            Struck::Link(i) => {
                self.edge.set_link(i as u16, !broken, at, &mut self.edge_out);
                self.reroute(at);
            }
            Struck::Pv(i) => self.pv_faulted[i] = broken,
            Struck::Battery(i) => {
                if let Some(battery) = self.bank.battery_mut(i) {
                    battery.set_in_order(!broken);
                }
            }
            Struck::Genset(i) => self.gensets[i].set_broken(broken),
            Struck::Nothing => {}
        }
    }

    /// Decides who has power at `at`: gensets start and stop, consumers go by rule and by want, and
    /// come back where `may_return`.
    pub(super) fn switch(&mut self, at: SimTime, may_return: bool) {
        for garage in &mut self.garages {
            garage.set_cap_kw(None);
        }
        self.switch_gensets(at);
        self.let_go(at);
        if !may_return {
            return;
        }
        // Each comes back once at the most: what goes again at once stays away until the next time.
        for _ in 0..self.consumers.len() {
            if !self.consumers.any_off() {
                return;
            }
            let outlook = self.outlook(&self.supply());
            let idle_kw = self.idle_cores_kw();
            let back = self.consumers.may_return(&outlook, idle_kw, |c| self.draws_kw(c));
            let Some(consumer) = back else { return };
            self.set_consumer(at, consumer, None);
            self.set_genset_power();
            self.let_go(at);
        }
    }

    /// Switches off whoever must go by rule. Where supply then falls short, the order of sacrifice
    /// is: what the batteries take from the grid (which [`balance`] leaves out), charging of cars,
    /// a part of a divisible load, whole consumers by priority. On an island gensets start before
    /// that; beside a grid they start once no car charges any more on what the grid lacks, so that
    /// neither fuel nor a battery's reserve is spent on what can wait.
    fn let_go(&mut self, at: SimTime) {
        loop {
            let supply = self.supply();
            if let Some((consumer, cause)) = self.consumers.must_go(&self.outlook(&supply)) {
                self.set_consumer(at, consumer, Some(cause));
                continue;
            }
            let demand_kw = self.demand_kw();
            if self.grid_up && self.ev_kw() > NOTHING_KW {
                let for_cars = supply.without_reserve(&self.order);
                let lacking_kw = balance(&for_cars, &self.order, demand_kw).shortfall_kw;
                if lacking_kw > NOTHING_KW && self.hold_back(lacking_kw, false) {
                    continue;
                }
            }
            let lacking_kw = balance(&supply, &self.order, demand_kw).shortfall_kw;
            if lacking_kw <= NOTHING_KW {
                return;
            }
            if self.start_genset(at) || self.hold_back(lacking_kw, true) {
                continue;
            }
            match self.consumers.gives_way(lacking_kw, |c| self.draws_kw(c)) {
                Some(GivesWay::Whole(consumer)) => {
                    self.set_consumer(at, consumer, Some(PowerCause::Shortage));
                }
                // It gives up what is missing once that is known, at the stretch's end.
                Some(GivesWay::InPart(_)) | None => return,
            }
        }
    }

    /// Holds back the charger group that gives way first: it takes what is left, with room for
    /// whatever the servers may draw. Those that follow a meter are held back only where
    /// `metered_too`. Whether there was one that charged.
    fn hold_back(&mut self, lacking_kw: f64, metered_too: bool) -> bool {
        let charges_kw = |kind: ConsumerKind| match kind {
            ConsumerKind::Chargers(i) => {
                let garage = &self.garages[i as usize];
                if metered_too || !garage.is_imposed() { garage.power_kw() } else { 0.0 }
            }
            _ => 0.0,
        };
        let group = self.consumers.managed(|c| charges_kw(self.consumers.kind(c)));
        let Some(ConsumerKind::Chargers(i)) = group.map(|c| self.consumers.kind(c)) else {
            return false;
        };
        let room_kw = self.computing_bounds_kw().1 - self.edge.power_w() / 1000.0;
        let garage = &mut self.garages[i as usize];
        garage.set_cap_kw(Some((garage.power_kw() - lacking_kw - room_kw).max(0.0)));
        true
    }

    fn set_consumer(&mut self, at: SimTime, consumer: usize, off: Option<PowerCause>) {
        self.consumers.set_off(consumer, off);
        let index = consumer as u16;
        self.tell(
            at,
            match off {
                Some(cause) => EventKind::PowerLost { consumer: index, cause },
                None => EventKind::PowerRestored { consumer: index },
            },
        );
        let on = off.is_none();
        match self.consumers.kind(consumer) {
            ConsumerKind::Load(i) => self.told_reduced[i as usize] &= on,
            ConsumerKind::Chargers(i) => self.garages[i as usize].set_power(on),
            ConsumerKind::Devices(i) => {
                self.edge.set_fleet(i, on, at, &mut self.edge_out);
            }
            ConsumerKind::Server(i) => {
                self.edge.set_server(i, on, at, &mut self.edge_out);
                self.reroute(at);
            }
            ConsumerKind::Switch(i) => {
                self.edge.set_switch(i, on, at, &mut self.edge_out);
                self.reroute(at);
            }
        }
        self.tell_edge();
    }

    /// Gensets run on an island between the state of charge that starts and that which stops them,
    /// and while nothing else could meet the demand; beside a grid only for the latter. Once started
    /// they run for their shortest time at least. Without fuel, or out of order, they stop.
    fn switch_gensets(&mut self, at: SimTime) {
        if self.gensets.is_empty() {
            return;
        }
        let soc = if self.bank.works() { self.bank.soc() } else { 0.0 };
        for i in 0..self.gensets.len() {
            let genset = &self.gensets[i];
            if !genset.can_run() {
                if genset.is_running() && genset.tank_l() == Some(0.0) {
                    self.tell(at, EventKind::TankEmpty { genset: i as u16 });
                }
                self.set_genset(at, i, false);
                continue;
            }
            // Batteries that are full cannot get any fuller, whatever the upper threshold says.
            let low = soc <= genset.thresholds().0 + SAME_SOC;
            let wanted = !self.grid_up && genset.shall_run(soc) && (low || !self.bank.is_full());
            let run = wanted || !genset.may_stop(at) || self.is_needed(i);
            self.set_genset(at, i, run);
        }
        self.set_genset_power();
    }

    /// Whether demand could not be met if this genset, which runs, did not.
    fn is_needed(&self, genset: usize) -> bool {
        if !self.gensets[genset].is_running() {
            return false;
        }
        let others = self.running_gensets().map(Genset::capacity_kw).sum::<f64>();
        let without_kw = others - self.gensets[genset].capacity_kw();
        let without = Supply {
            genset_kw: 0.0,
            genset_min_kw: 0.0,
            genset_max_kw: without_kw,
            ..self.supply()
        };
        let demand_kw = self.demand_of_gensets_kw() + self.idle_cores_kw();
        balance(&without, &self.order, demand_kw).shortfall_kw > NOTHING_KW
    }

    /// The demand that gensets run for: beside a grid, cars wait.
    fn demand_of_gensets_kw(&self) -> f64 {
        self.demand_kw() - if self.grid_up { self.ev_kw() } else { 0.0 }
    }

    /// What the servers with power would draw more if every core were busy, kW.
    fn idle_cores_kw(&self) -> f64 {
        (self.edge.power_bounds_w().1 - self.edge.power_w()).max(0.0) / 1000.0
    }

    fn running_gensets(&self) -> impl Iterator<Item = &Genset> {
        self.gensets.iter().filter(|genset| genset.is_running())
    }

    /// Starts a genset that stands still, for want of supply. Whether there was one.
    fn start_genset(&mut self, at: SimTime) -> bool {
        let ready = |genset: &Genset| !genset.is_running() && genset.can_run();
        let Some(i) = self.gensets.iter().position(ready) else { return false };
        self.set_genset(at, i, true);
        self.set_genset_power();
        true
    }

    fn set_genset(&mut self, at: SimTime, i: usize, run: bool) {
        if self.gensets[i].is_running() == run {
            return;
        }
        let genset = i as u16;
        if run {
            self.gensets[i].start(at);
            self.tell(at, EventKind::GensetStarted { genset });
        } else {
            self.gensets[i].stop();
            self.tell(at, EventKind::GensetStopped { genset });
        }
    }

    /// Gensets that run are to meet what PV leaves of the demand, and to fill the batteries
    /// besides. Beside a grid they are to meet what it lacks: their least power takes the place of
    /// imports.
    fn set_genset_power(&mut self) {
        if self.gensets.is_empty() {
            return;
        }
        let wanted_kw = if self.grid_up {
            let without =
                Supply { genset_kw: 0.0, genset_min_kw: 0.0, genset_max_kw: 0.0, ..self.supply() };
            balance(&without, &self.order, self.demand_of_gensets_kw()).shortfall_kw
        } else {
            self.demand_kw() + self.bank.charge_limit_kw() - self.pv_kw()
        };
        self.share_among_gensets(wanted_kw);
    }

    /// Divides a power among the gensets that run: each has its least, and the first more, up to
    /// what it can.
    pub(super) fn share_among_gensets(&mut self, power_kw: f64) {
        let least_kw: f64 = self.running_gensets().map(Genset::minimum_kw).sum();
        let mut more_kw = (power_kw - least_kw).max(0.0);
        for (genset, kw) in self.gensets.iter().zip(&mut self.gensets_kw) {
            *kw = genset.power_kw(genset.minimum_kw() + more_kw);
            more_kw -= (*kw - genset.minimum_kw()).max(0.0);
        }
    }

    /// Hours until the first tank is empty where the gensets that run share this power.
    pub(super) fn hours_of_fuel(&mut self, power_kw: f64) -> f64 {
        if self.gensets.iter().all(|genset| genset.tank_l().is_none()) {
            return f64::INFINITY;
        }
        self.share_among_gensets(power_kw);
        let gensets = self.gensets.iter().zip(&self.gensets_kw);
        gensets.map(|(genset, &kw)| genset.hours_of_fuel(kw)).fold(f64::INFINITY, f64::min)
    }

    /// The next state of charge at which somebody goes, or a genset starts, on the way down.
    pub(super) fn level_below(&self, soc: f64) -> Option<f64> {
        let starts = self.gensets.iter().filter(|genset| !genset.is_running());
        let starts =
            starts.map(|genset| genset.thresholds().0).filter(|&level| level < soc - SAME_SOC);
        self.consumers.next_threshold_below(soc).into_iter().chain(starts).reduce(f64::max)
    }

    /// The next state of charge at which somebody may return, or a genset stops, on the way up.
    pub(super) fn level_above(&self, soc: f64) -> Option<f64> {
        let stops = self.gensets.iter().filter(|genset| genset.is_running());
        let stops =
            stops.map(|genset| genset.thresholds().1).filter(|&level| level > soc + SAME_SOC);
        self.consumers.next_threshold_above(soc).into_iter().chain(stops).reduce(f64::min)
    }
}
