//! A group of chargers at work: cars that charge, cars that wait for a free charger, and what
//! became of those that left. Not the sessions themselves, which are given.
//!
//! Powers are constant between changes: an arrival, a departure, a car that is full, an order from
//! outside. Charger and car powers are taken at the socket, from the site's bus; energy asked and
//! delivered is in the car, `efficiency` of it.

use super::sessions::Session;
use crate::scenario::{Chargers, ChargingStrategy};
use gridtwin_kernel::{SimTime, Span};
use std::collections::VecDeque;
use std::sync::Arc;

/// What is left of a limit is nothing below this: rounding, not power.
const NO_POWER_KW: f64 = 1e-9;

/// The chargers of a group and the cars that are there.
#[derive(Clone, Debug)]
pub struct Garage {
    sessions: Arc<[Session]>,
    /// Index of the next session to come.
    next: usize,
    count: usize,
    charger_kw: f64,
    efficiency: f64,
    limit_kw: f64,
    strategy: ChargingStrategy,
    /// The number of the next session that nobody has foreseen.
    next_number: u32,
    on: bool,
    cap_kw: Option<f64>,
    /// What the group draws, as its meter says, whatever its cars would.
    imposed_kw: Option<f64>,
    /// What it draws beyond what its cars do: others are there that nobody has foreseen.
    unknown_kw: f64,
    now: SimTime,
    /// In the order in which they are served.
    plugged: Vec<Car>,
    /// In order of arrival.
    waiting: VecDeque<Car>,
    power_kw: f64,
    wanted_kw: f64,
    next_change: SimTime,
    news: Vec<CarNews>,
}

/// A car that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Car {
    /// Its session.
    pub session: Session,
    /// What it has got so far.
    pub delivered_kwh: f64,
    /// What it draws from the bus now.
    pub power_kw: f64,
    /// When it got a charger; never for one that waits.
    pub plugged_at: Option<SimTime>,
    /// Carbon of what it took from the bus so far.
    pub carbon_g: f64,
    /// Since when it waits, if it does, and how long it waited before.
    waits_since: SimTime,
    waited: Span,
}

/// Something that happened to a car.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CarNews {
    /// It came.
    Arrived {
        /// When.
        at: SimTime,
        /// Number of the session.
        number: u32,
        /// What it asks for.
        asked_kwh: f64,
    },
    /// It left.
    Left {
        /// When.
        at: SimTime,
        /// What became of it.
        record: SessionRecord,
    },
}

/// What became of a session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionRecord {
    /// Number of the session.
    pub number: u32,
    /// What it asked for.
    pub asked_kwh: f64,
    /// What it got.
    pub delivered_kwh: f64,
    /// How long it waited for a free charger.
    pub waited_h: f64,
    /// How long it stayed.
    pub stayed_h: f64,
    /// Carbon of what it took from the bus.
    pub carbon_kg: f64,
    /// Whether it has left; else it was still there when the run ended.
    pub left: bool,
}

impl Garage {
    /// The garage at the run's start; `sessions` in order of arrival.
    pub fn new(chargers: &Chargers, sessions: Vec<Session>) -> Self {
        let limit_kw = chargers.site_limit_kw.map_or(f64::INFINITY, |kw| kw.get());
        let last = sessions.iter().map(|session| session.number).max();
        let mut garage = Self {
            next_number: last.map_or(0, |number| number.saturating_add(1)),
            sessions: sessions.into(),
            next: 0,
            count: chargers.count as usize,
            charger_kw: chargers.power_kw.get(),
            efficiency: chargers.efficiency.get(),
            limit_kw,
            strategy: chargers.strategy,
            on: true,
            cap_kw: None,
            imposed_kw: None,
            unknown_kw: 0.0,
            now: SimTime::ZERO,
            plugged: Vec::new(),
            waiting: VecDeque::new(),
            power_kw: 0.0,
            wanted_kw: 0.0,
            next_change: SimTime::ZERO,
            news: Vec::new(),
        };
        garage.settle();
        garage
    }

    /// What the group draws from the bus now: constant until [`Garage::next_change`].
    pub fn power_kw(&self) -> f64 {
        self.power_kw
    }

    /// What it would draw now if it were on and had no cap.
    pub fn wanted_kw(&self) -> f64 {
        self.wanted_kw
    }

    /// When its power changes by itself: the next arrival, departure or full car.
    pub fn next_change(&self) -> SimTime {
        self.next_change
    }

    /// The instant up to which it has lived.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Makes other chargers of them; the cars stay. Where there are fewer chargers, those that are
    /// served last wait again, before those that have waited so far; where there are more, the
    /// first in the queue take them.
    pub fn rebuild(&mut self, chargers: &Chargers) {
        self.count = chargers.count as usize;
        self.charger_kw = chargers.power_kw.get();
        self.efficiency = chargers.efficiency.get();
        self.limit_kw = chargers.site_limit_kw.map_or(f64::INFINITY, |kw| kw.get());
        self.strategy = chargers.strategy;
        let strategy = self.strategy;
        self.plugged.sort_by_key(|car| car.place(strategy));
        while self.plugged.len() > self.count
            && let Some(mut car) = self.plugged.pop()
        {
            car.unplug(self.now);
            self.waiting.push_front(car);
        }
        self.settle();
    }

    /// Cars that nobody has foreseen come now: `count` of them, each asking for `asked_kwh` and
    /// staying for `stay`. Their sessions are numbered on from the foreseen ones.
    pub fn come(&mut self, count: u32, asked_kwh: f64, stay: Span, vehicle_kw: f64) {
        for _ in 0..count {
            let session = Session {
                number: self.next_number,
                arrival: self.now,
                departure: self.now + stay,
                asked_kwh,
                vehicle_kw,
            };
            self.next_number = self.next_number.saturating_add(1);
            self.arrive(session);
        }
        self.settle();
    }

    /// Switches the whole group on or off. Cars come and go either way.
    pub fn set_power(&mut self, on: bool) {
        if self.on != on {
            self.on = on;
            self.plan();
        }
    }

    /// Holds the group's power below a cap, besides its own limit.
    pub fn set_cap_kw(&mut self, cap_kw: Option<f64>) {
        if self.cap_kw != cap_kw {
            self.cap_kw = cap_kw;
            self.plan();
        }
    }

    /// Binds the group to a power, as its meter says, or lets it go. Its cars share in that as they
    /// are served; what they do not take goes into cars that nobody has foreseen.
    pub fn impose(&mut self, power_kw: Option<f64>) {
        let most_kw = self.limit_kw.min(self.count as f64 * self.charger_kw);
        let imposed_kw = power_kw.map(|kw| kw.clamp(0.0, most_kw));
        if self.imposed_kw != imposed_kw {
            self.imposed_kw = imposed_kw;
            self.plan();
        }
    }

    /// Whether the group is bound to a power, as its meter says.
    pub fn is_imposed(&self) -> bool {
        self.imposed_kw.is_some()
    }

    /// Cars at a charger, in the order in which they are served.
    pub fn plugged(&self) -> &[Car] {
        &self.plugged
    }

    /// Cars that wait for a charger, the first in the queue first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Car> {
        self.waiting.iter()
    }

    /// Cars that are there, at a charger or waiting.
    pub fn cars(&self) -> usize {
        self.plugged.len() + self.waiting.len()
    }

    /// Lives until `to`, where a kWh at the bus carries `g_per_kwh`, and answers with the energy
    /// drawn from the bus, kWh. Changes on the way take place at their instants; those at `to`
    /// too, so that [`Garage::power_kw`] is then what holds from `to` on.
    pub fn advance(&mut self, to: SimTime, g_per_kwh: f64) -> f64 {
        let mut drawn_kwh = 0.0;
        loop {
            let until = self.next_change.min(to);
            drawn_kwh += self.live(until, g_per_kwh);
            if self.next_change > self.now {
                return drawn_kwh;
            }
            self.settle();
            if self.now >= to {
                return drawn_kwh;
            }
        }
    }

    /// What has happened since it was last asked, in order of time.
    pub fn drain_news(&mut self) -> std::vec::Drain<'_, CarNews> {
        self.news.drain(..)
    }

    /// The cars that are still there, as records: what is to be told of them when a run ends.
    pub fn still_there(&self) -> impl Iterator<Item = SessionRecord> + '_ {
        let cars = self.plugged.iter().chain(&self.waiting);
        cars.map(|car| car.record(self.now, false))
    }

    /// Charges under the present powers until `until`.
    fn live(&mut self, until: SimTime, g_per_kwh: f64) -> f64 {
        let hours = (until - self.now).as_hours_f64();
        self.now = self.now.max(until);
        if self.power_kw <= 0.0 || hours <= 0.0 {
            return 0.0;
        }
        let mut drawn_kwh = self.unknown_kw * hours;
        for car in self.plugged.iter_mut().filter(|car| car.power_kw > 0.0) {
            // The instant of a full car is rounded up to a nanosecond: not beyond what it asked.
            let kwh = (car.power_kw * hours * self.efficiency).min(car.lacking_kwh());
            if kwh == car.lacking_kwh() {
                car.delivered_kwh = car.session.asked_kwh;
            } else {
                car.delivered_kwh += kwh;
            }
            let bus_kwh = kwh / self.efficiency;
            car.carbon_g += bus_kwh * g_per_kwh;
            drawn_kwh += bus_kwh;
        }
        drawn_kwh
    }

    /// Lets those go whose time has come, those come whose time it is, and the first in the queue
    /// take the free chargers.
    fn settle(&mut self) {
        let now = self.now;
        let news = &mut self.news;
        let mut stays = |car: &Car| {
            let stays = car.session.departure > now;
            if !stays {
                let record = car.record(now, true);
                news.push(CarNews::Left { at: now, record });
            }
            stays
        };
        self.plugged.retain(&mut stays);
        self.waiting.retain(&mut stays);
        while let Some(session) = self.sessions.get(self.next).filter(|s| s.arrival <= now) {
            let session = *session;
            self.next += 1;
            self.arrive(session);
        }
        while self.plugged.len() < self.count
            && let Some(mut car) = self.waiting.pop_front()
        {
            car.plugged_at = Some(now);
            let strategy = self.strategy;
            let own = car.place(strategy);
            let place = self.plugged.partition_point(|other| other.place(strategy) < own);
            self.plugged.insert(place, car);
        }
        self.plan();
    }

    fn arrive(&mut self, session: Session) {
        self.waiting.push_back(Car::new(session));
        let (number, asked_kwh) = (session.number, session.asked_kwh);
        self.news.push(CarNews::Arrived { at: self.now, number, asked_kwh });
    }

    /// Gives each car its power, first come or first to leave first served, and finds the next
    /// change.
    fn plan(&mut self) {
        let allowed_kw = match (self.on, self.cap_kw) {
            (false, _) => 0.0,
            (true, None) => self.limit_kw,
            (true, Some(cap_kw)) => self.limit_kw.min(cap_kw.max(0.0)),
        };
        let allowed_kw = self.imposed_kw.map_or(allowed_kw, |kw| kw.min(allowed_kw));
        let mut next = self.sessions.get(self.next).map_or(SimTime::MAX, |s| s.arrival);
        let (mut power_kw, mut wanted_kw) = (0.0, 0.0);
        for car in &mut self.plugged {
            let lacking_kwh = car.lacking_kwh();
            let most_kw =
                if lacking_kwh > 0.0 { self.charger_kw.min(car.session.vehicle_kw) } else { 0.0 };
            wanted_kw += most_kw;
            let left_kw = allowed_kw - power_kw;
            car.power_kw = if left_kw > NO_POWER_KW { most_kw.min(left_kw) } else { 0.0 };
            power_kw += car.power_kw;
            next = next.min(car.session.departure);
            if car.power_kw > 0.0 {
                let hours = lacking_kwh / (car.power_kw * self.efficiency);
                let nanos = (hours * Span::HOUR.0 as f64).ceil().max(1.0) as u64;
                next = next.min(self.now + Span(nanos));
            }
        }
        for car in &self.waiting {
            next = next.min(car.session.departure);
        }
        self.unknown_kw =
            if self.imposed_kw.is_some() { (allowed_kw - power_kw).max(0.0) } else { 0.0 };
        self.power_kw = power_kw + self.unknown_kw;
        self.wanted_kw = wanted_kw.min(self.limit_kw);
        self.next_change = next;
    }
}

impl Car {
    fn new(session: Session) -> Self {
        Self {
            session,
            delivered_kwh: 0.0,
            power_kw: 0.0,
            plugged_at: None,
            carbon_g: 0.0,
            waits_since: session.arrival,
            waited: Span::ZERO,
        }
    }

    /// Its place among those that charge: the lowest is served first.
    fn place(&self, strategy: ChargingStrategy) -> (SimTime, SimTime, u32) {
        let first = match strategy {
            ChargingStrategy::Immediate => SimTime::ZERO,
            ChargingStrategy::EarliestDeadlineFirst => self.session.departure,
        };
        (first, self.session.arrival, self.session.number)
    }

    /// It must give its charger up, and waits again.
    fn unplug(&mut self, now: SimTime) {
        self.waited = self.waited_until(now);
        self.waits_since = now;
        self.plugged_at = None;
        self.power_kw = 0.0;
    }

    /// How long it has waited for a charger in all.
    fn waited_until(&self, now: SimTime) -> Span {
        self.waited + (self.plugged_at.unwrap_or(now) - self.waits_since)
    }

    /// What it still lacks.
    pub fn lacking_kwh(&self) -> f64 {
        self.session.asked_kwh - self.delivered_kwh
    }

    fn record(&self, now: SimTime, left: bool) -> SessionRecord {
        let arrival = self.session.arrival;
        SessionRecord {
            number: self.session.number,
            asked_kwh: self.session.asked_kwh,
            delivered_kwh: self.delivered_kwh,
            waited_h: self.waited_until(now).as_hours_f64(),
            stayed_h: (now - arrival).as_hours_f64(),
            carbon_kg: self.carbon_g / 1000.0,
            left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours(h: f64) -> SimTime {
        SimTime::from_secs_f64(h * 3600.0)
    }

    /// Sessions as (arrival, departure, asked, vehicle) in hours, kWh, kW.
    fn garage(settings: &str, sessions: &[(f64, f64, f64, f64)]) -> Garage {
        let chargers = ron::from_str(&format!(
            r#"#![enable(implicit_some)]
            (id: "g", power_kw: 10, sessions: Csv(path: "none"), {settings})"#
        ))
        .unwrap();
        let session = |(i, s): (usize, &(f64, f64, f64, f64))| Session {
            number: i as u32,
            arrival: hours(s.0),
            departure: hours(s.1),
            asked_kwh: s.2,
            vehicle_kw: s.3,
        };
        Garage::new(&chargers, sessions.iter().enumerate().map(session).collect())
    }

    fn left(garage: &mut Garage) -> Vec<SessionRecord> {
        let left = |news| match news {
            CarNews::Left { record, .. } => Some(record),
            CarNews::Arrived { .. } => None,
        };
        garage.drain_news().filter_map(left).collect()
    }

    #[test]
    fn a_car_charges_at_the_weaker_of_socket_and_car_until_it_is_full() {
        let mut garage =
            garage("count: 2, efficiency: 0.8", &[(1.0, 9.0, 16.0, 5.0), (1.0, 9.0, 16.0, 50.0)]);
        assert_eq!((garage.power_kw(), garage.next_change()), (0.0, hours(1.0)));
        garage.advance(hours(1.0), 0.0);
        assert_eq!((garage.power_kw(), garage.next_change()), (15.0, hours(3.0)));
        let kwh = garage.advance(hours(3.0), 100.0);
        assert!((kwh - 30.0).abs() < 1e-9);
        assert_eq!((garage.power_kw(), garage.next_change()), (5.0, hours(5.0)));
        assert!((garage.advance(hours(20.0), 400.0) - 10.0).abs() < 1e-9);
        let records = left(&mut garage);
        assert_eq!(records[0].delivered_kwh, 16.0);
        assert!((records[0].carbon_kg - (10.0 * 0.1 + 10.0 * 0.4)).abs() < 1e-9);
        assert!((records[1].carbon_kg - 2.0).abs() < 1e-9);
        assert_eq!((records[0].waited_h, records[0].stayed_h), (0.0, 8.0));
    }

    #[test]
    fn the_queue_is_first_come_first_served_and_reports_who_gave_up() {
        let mut garage = garage(
            "count: 1, efficiency: 1",
            &[
                (0.0, 4.0, 10.0, 10.0),
                (1.0, 2.0, 5.0, 10.0),
                (1.0, 9.0, 5.0, 10.0),
                (1.5, 6.0, 5.0, 10.0),
            ],
        );
        garage.advance(hours(1.0), 0.0);
        assert_eq!((garage.plugged().len(), garage.waiting().len()), (1, 2));
        garage.advance(hours(20.0), 0.0);
        let records = left(&mut garage);
        let told: Vec<_> =
            records.iter().map(|r| (r.number, r.delivered_kwh, r.waited_h)).collect();
        // The third holds the charger until nine: the fourth leaves at six, unserved.
        assert_eq!(told, [(1, 0.0, 1.0), (0, 10.0, 0.0), (3, 0.0, 4.5), (2, 5.0, 3.0)]);
        assert_eq!(garage.cars(), 0);
    }

    #[test]
    fn under_a_limit_who_leaves_first_is_served_first() {
        let cars = [(0.0, 10.0, 30.0, 10.0), (0.0, 4.0, 30.0, 10.0), (0.0, 6.0, 20.0, 10.0)];
        let delivered = |strategy: &str| {
            let settings =
                format!("count: 3, efficiency: 1, site_limit_kw: 10, strategy: {strategy}");
            let mut garage = garage(&settings, &cars);
            garage.advance(hours(20.0), 0.0);
            let mut records = left(&mut garage);
            records.sort_by_key(|r| r.number);
            records.iter().map(|r| r.delivered_kwh).collect::<Vec<_>>()
        };
        // In order of arrival the patient car comes first, and the others leave short.
        assert_eq!(delivered("Immediate"), [30.0, 10.0, 20.0]);
        assert_eq!(delivered("EarliestDeadlineFirst"), [30.0, 30.0, 20.0]);
    }

    #[test]
    fn off_means_off_and_a_cap_holds() {
        let mut garage =
            garage("count: 2, efficiency: 1", &[(0.0, 9.0, 20.0, 10.0), (0.0, 9.0, 20.0, 10.0)]);
        garage.set_cap_kw(Some(12.0));
        assert_eq!((garage.power_kw(), garage.wanted_kw()), (12.0, 20.0));
        garage.set_power(false);
        assert_eq!((garage.power_kw(), garage.advance(hours(1.0), 0.0)), (0.0, 0.0));
        garage.set_power(true);
        garage.set_cap_kw(None);
        assert_eq!(garage.next_change(), hours(3.0));
        garage.set_cap_kw(Some(-1.0));
        assert_eq!(garage.power_kw(), 0.0);
    }

    #[test]
    fn who_is_still_there_is_told() {
        let mut garage =
            garage("count: 1, efficiency: 1", &[(0.0, 9.0, 20.0, 10.0), (0.5, 9.0, 20.0, 10.0)]);
        garage.advance(hours(1.0), 0.0);
        let records: Vec<_> = garage.still_there().collect();
        assert_eq!(records.len(), 2);
        assert!((records[0].delivered_kwh - 10.0).abs() < 1e-9 && !records[0].left);
        assert_eq!((records[1].delivered_kwh, records[1].waited_h), (0.0, 0.5));
    }

    prop_compose! {
        fn visits()(mut all in prop::collection::vec((0.0..48.0f64, 0.1..20.0f64, 0.0..60.0f64, 1.0..22.0f64), 0..40)) -> Vec<(f64, f64, f64, f64)> {
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            all.into_iter().map(|(a, d, e, p)| (a, a + d, e, p)).collect()
        }
    }

    proptest! {
        #[test]
        fn what_the_bus_gives_is_what_cars_get(visits in visits(), edf in any::<bool>(), cuts in prop::collection::vec(0.0..80.0f64, 0..30)) {
            let strategy = if edf { "EarliestDeadlineFirst" } else { "Immediate" };
            let settings = format!("count: 4, efficiency: 0.9, site_limit_kw: 25, strategy: {strategy}");
            let mut whole = garage(&settings, &visits);
            let all_kwh = whole.advance(hours(80.0), 300.0);
            let mut cut = garage(&settings, &visits);
            let mut cuts = cuts;
            cuts.sort_by(f64::total_cmp);
            let mut sum_kwh = 0.0;
            for at in cuts.into_iter().chain([80.0]) {
                prop_assert!(cut.power_kw() <= 25.0 + 1e-9);
                sum_kwh += cut.advance(hours(at), 300.0);
            }
            prop_assert!((all_kwh - sum_kwh).abs() < 1e-7);
            let records = left(&mut whole);
            prop_assert_eq!(records.len(), visits.len());
            let delivered: f64 = records.iter().map(|r| r.delivered_kwh).sum();
            let carbon: f64 = records.iter().map(|r| r.carbon_kg).sum();
            prop_assert!((delivered / 0.9 - all_kwh).abs() < 1e-7);
            prop_assert!((carbon - all_kwh * 0.3).abs() < 1e-7);
            for record in &records {
                prop_assert!(record.delivered_kwh <= record.asked_kwh);
            }
            for (a, b) in records.iter().zip(left(&mut cut)) {
                prop_assert_eq!(a.number, b.number);
                prop_assert!((a.delivered_kwh - b.delivered_kwh).abs() < 1e-7);
            }
        }
    }
}
