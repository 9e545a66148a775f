//! A simulated fleet of meters: what real devices would publish, from what is true, with the
//! shapes, steps and quirks of each kind, and with faults where they are asked for. Not a client of
//! any broker, and not a reader of what it writes.
//!
//! Every topic and every meter draws from a random stream named after itself, so that another meter
//! changes none of them; only meters that share a topic, or a Sparkplug node, share messages.

mod battery;
mod document;
mod fault;
mod flat;
mod garbage;
mod node;
mod options;
mod sensor;
mod shelly;
mod sparkplug;
mod station;
mod tasmota;
mod truth;

pub use battery::{Battery, BatterySpec, Safety};
pub use fault::{Fault, FaultKind, Target};
pub use options::FleetOptions;
pub use truth::{Course, Publication, Truth};

use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_twin::scenario::{Meter, Payload};
use node::Node;
use options::WallClock;
use rand::RngExt;
use sensor::Sensor;
use sparkplug::Address;
use station::{Form, Station, Stretch, carries, is_of_delivery};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The device id of a grid connection's meters.
const GRID: &str = "grid";

/// Simulated meters.
#[derive(Debug)]
pub struct Fleet {
    clock: WallClock,
    faults: Vec<Fault>,
    /// Each meter, and whether it is the grid's.
    meters: Vec<(Meter, bool)>,
    stations: Vec<Station>,
    nodes: Vec<Node>,
    /// When each station is read next.
    due: BinaryHeap<Reverse<(SimTime, usize)>>,
    /// What is under way, by when it arrives and when it was written.
    pending: BTreeMap<(SimTime, u64), Publication>,
    written: u64,
    unwritten: Vec<usize>,
}

impl Fleet {
    /// A fleet for these meters. Each topic is read once a period, at a moment within it that is
    /// the topic's own.
    pub fn new(meters: &[Meter], seed: u64, options: FleetOptions) -> Self {
        let streams = Streams::new(seed);
        let mut fleet = Self {
            clock: WallClock::new(&options),
            faults: options.faults.clone(),
            meters: meters.iter().map(|m| (m.clone(), m.device.as_str() == GRID)).collect(),
            stations: Vec::new(),
            nodes: Vec::new(),
            due: BinaryHeap::new(),
            pending: BTreeMap::new(),
            written: 0,
            unwritten: Vec::new(),
        };
        // Where the station of a topic and form stands, and the node of an address.
        let mut stations: BTreeMap<(String, Form), usize> = BTreeMap::new();
        let mut nodes: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (place, meter) in meters.iter().enumerate() {
            if !carries(meter) {
                fleet.unwritten.push(place);
                continue;
            }
            let form = match &meter.payload {
                Payload::Plain => Form::Plain,
                Payload::Evcc => Form::Evcc,
                Payload::Sparkplug { .. } => {
                    let Some(address) = Address::parse(&meter.topic) else { continue };
                    let key = (address.group.clone(), address.node.clone());
                    let node = *nodes.entry(key).or_insert_with(|| {
                        fleet.nodes.push(Node::new(Address { device: None, ..address }));
                        fleet.nodes.len() - 1
                    });
                    Form::Sparkplug { node }
                }
                _ => Form::Document,
            };
            let at = *stations.entry((meter.topic.clone(), form)).or_insert_with(|| {
                let period = options.periods.get(&meter.topic).copied().unwrap_or(options.period);
                fleet.stations.push(Station::new(meter.topic.clone(), form, period, &streams));
                fleet.stations.len() - 1
            });
            let Some(station) = fleet.stations.get_mut(at) else { continue };
            if !station.sensors.is_empty() && matches!(form, Form::Plain | Form::Evcc) {
                // There is room for one number.
                fleet.unwritten.push(place);
                continue;
            }
            let of_way = |f: &&Fault| f.concerns(place, meter) && is_of_delivery(f.kind);
            for fault in options.faults.iter().filter(of_way) {
                if !station.delivery.contains(fault) {
                    station.delivery.push(fault.clone());
                }
            }
            station.sensors.push(Sensor::new(meter, place, &streams, &options));
        }
        let mut aliases = vec![1u64; fleet.nodes.len()];
        for (at, station) in fleet.stations.iter_mut().enumerate() {
            if let Form::Sparkplug { node } = station.form
                && let (Some(alias), Some(node)) =
                    (aliases.get_mut(node), fleet.nodes.get_mut(node))
            {
                station.first_alias = *alias;
                *alias += station.sensors.len() as u64;
                node.stations.push(at);
            }
            let phase = Span(station.stream.random_range(0..station.period.0));
            fleet.due.push(Reverse((SimTime::ZERO + phase, at)));
        }
        fleet
    }

    /// The indices of meters without messages: their payload cannot carry their quantity, another
    /// meter has their topic's only number, or their topic is invalid.
    pub fn unwritten(&self) -> &[usize] {
        &self.unwritten
    }

    /// Appends what arrives at the broker from `from` until just before `until`, in order of time,
    /// while the truth is as given. Spans follow each other without gaps: in a gap no meter reads
    /// and no counter counts.
    pub fn publish(
        &mut self,
        from: SimTime,
        until: SimTime,
        truth: &Truth,
        out: &mut Vec<Publication>,
    ) {
        if until <= from {
            return;
        }
        let disturbed = fault::disturbed(&self.meters, &self.faults, truth, from, until);
        let stretch = Stretch { from, until, truth: disturbed.as_ref().unwrap_or(truth) };
        for node in 0..self.nodes.len() {
            if self.nodes.get(node).is_some_and(|node| node.asked && node.alive) {
                self.births(node, from, stretch);
            }
        }
        while let Some(&Reverse((at, place))) = self.due.peek()
            && at < until
        {
            self.due.pop();
            let Some(station) = self.stations.get(place) else { continue };
            let period = station.period;
            let missed = (from - at) / period + u64::from(!((from - at) % period).is_zero());
            if at < from {
                self.due.push(Reverse((at + period * missed, place)));
                continue;
            }
            self.due.push(Reverse((at + period, place)));
            self.read(place, at, stretch);
        }
        for station in &mut self.stations {
            station.count(until, stretch);
        }
        while let Some(first) = self.pending.first_entry()
            && first.key().0 < until
        {
            out.push(first.remove());
        }
    }

    /// Receives a message: a Sparkplug host's command to a node that asks for its births. Returns
    /// whether it was one.
    pub fn on_message(&mut self, topic: &str, payload: &[u8]) -> bool {
        let asked = self.nodes.iter_mut().find(|node| node.address.topic("CMD") == topic);
        match asked {
            Some(node) if sparkplug::asks_for_rebirth(payload) => {
                node.asked = true;
                true
            }
            _ => false,
        }
    }

    /// The topics that [`Fleet::on_message`] subscribes to.
    pub fn subscriptions(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.address.topic("CMD")).collect()
    }

    /// The wills of the Sparkplug nodes as their sessions stand: what a broker publishes for each
    /// when its connection breaks. A client has one will, so a fleet on one connection leaves the
    /// others to [`Fleet::stop`].
    pub fn wills(&self, at: SimTime) -> Vec<Publication> {
        self.nodes.iter().map(|node| will(node, at)).collect()
    }

    /// Ends in an orderly way: appends the deaths of all online Sparkplug nodes. Messages in flight
    /// are lost.
    pub fn stop(&mut self, at: SimTime, out: &mut Vec<Publication>) {
        self.pending.clear();
        for node in self.nodes.iter_mut().filter(|node| node.alive) {
            out.push(will(node, at));
            node.die();
        }
    }

    /// Reads one station and sends what it writes.
    fn read(&mut self, place: usize, at: SimTime, stretch: Stretch<'_>) {
        let Some(station) = self.stations.get_mut(place) else { return };
        if let Form::Sparkplug { node } = station.form {
            return self.read_sparkplug(node, place, at, stretch);
        }
        let snapshots = station.read(at, stretch);
        if station.is_dead(at) {
            return;
        }
        if let Some(payload) = station.write(at, self.clock, &snapshots) {
            let retain = station.form == Form::Evcc;
            let topic = station.topic.clone();
            self.send(place, at, topic, payload, retain);
        }
    }

    fn read_sparkplug(&mut self, node: usize, place: usize, at: SimTime, stretch: Stretch<'_>) {
        let ms = self.ms(at);
        let Some(session) = self.nodes.get_mut(node) else { return };
        let dead = |s: &usize| self.stations.get(*s).is_none_or(|s| s.is_dead(at));
        if session.stations.iter().all(dead) {
            if session.alive {
                // The broker has missed the node for long enough, and publishes its will.
                let will = will(session, at);
                session.die();
                self.pend(will);
            }
            return;
        }
        if !session.alive {
            return self.births(node, at, stretch);
        }
        let Some(station) = self.stations.get_mut(place) else { return };
        let Some(address) = Address::parse(&station.topic) else { return };
        let is_device = address.device.is_some();
        let snapshots = station.read(at, stretch);
        let (what, payload) = match (station.is_dead(at), station.born) {
            (true, true) if is_device => {
                station.born = false;
                ("DEATH", Some(session.device_death(ms)))
            }
            (true, _) => return,
            (false, false) if is_device => {
                let readings = station.readings(&snapshots);
                let payload = session.device_birth(&readings, station.first_alias, ms);
                station.born = true;
                ("BIRTH", Some(payload))
            }
            (false, _) => {
                let readings = station.readings(&snapshots);
                ("DATA", session.data(&readings, station.first_alias, ms))
            }
        };
        if let Some(payload) = payload {
            self.send(place, at, address.topic(what), payload, false);
        }
    }

    /// A node's birth and those of all its online devices.
    fn births(&mut self, node: usize, at: SimTime, stretch: Stretch<'_>) {
        let ms = self.ms(at);
        let Some(places) = self.nodes.get(node).map(|node| node.stations.clone()) else { return };
        let mut messages = Vec::new();
        let mut own = None;
        for &place in &places {
            let Some(station) = self.stations.get_mut(place) else { continue };
            let Some(address) = Address::parse(&station.topic) else { continue };
            let snapshots = station.read(at, stretch);
            station.born = !station.is_dead(at);
            if address.device.is_none() {
                own = Some((place, snapshots));
            } else if station.born {
                messages.push((place, address, snapshots));
            }
        }
        let Some(session) = self.nodes.get_mut(node) else { return };
        let birth = match own.as_ref().and_then(|(at, s)| Some((self.stations.get(*at)?, s))) {
            Some((station, snapshots)) => {
                session.birth(&station.readings(snapshots), station.first_alias, ms)
            }
            None => session.birth(&[], 0, ms),
        };
        let topic = session.address.topic("BIRTH");
        let mut births = Vec::new();
        for (place, address, snapshots) in messages {
            let Some(station) = self.stations.get(place) else { continue };
            let readings = station.readings(&snapshots);
            let payload = session.device_birth(&readings, station.first_alias, ms);
            births.push((place, address.topic("BIRTH"), payload));
        }
        // What befalls the node's own metrics, or else its first device, befalls its birth.
        if let Some(place) = own.map(|(place, _)| place).or(places.first().copied()) {
            self.send(place, at, topic, birth, false);
        }
        for (place, topic, payload) in births {
            self.send(place, at, topic, payload, false);
        }
    }

    /// Sends a message of a station, through what happens on the way.
    fn send(&mut self, place: usize, at: SimTime, topic: String, payload: Vec<u8>, retain: bool) {
        let Some(station) = self.stations.get_mut(place) else { return };
        station.odd = !station.odd;
        let (mut payload, mut arrives, mut twice) = (payload, at, false);
        for fault in station.delivery.iter().filter(|fault| fault.holds(at)) {
            match fault.kind {
                FaultKind::Garbage => payload = garbage::spoil(&payload, &mut station.spoiler),
                FaultKind::Late { seconds } => arrives += Span::from_secs_f64(seconds),
                FaultKind::OutOfOrder if station.odd => {
                    arrives += Span(station.period.0 / 2 * 3);
                }
                FaultKind::Duplicates => twice = true,
                _ => {}
            }
        }
        let publication = Publication { at: arrives, topic, payload, retain };
        if twice {
            self.pend(publication.clone());
        }
        self.pend(publication);
    }

    fn pend(&mut self, publication: Publication) {
        self.pending.insert((publication.at, self.written), publication);
        self.written += 1;
    }

    fn ms(&self, at: SimTime) -> u64 {
        u64::try_from(self.clock.unix_ms(at)).unwrap_or(0)
    }
}

fn will(node: &Node, at: SimTime) -> Publication {
    Publication { at, topic: node.address.topic("DEATH"), payload: node.will(), retain: false }
}
