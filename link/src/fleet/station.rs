//! Everything published by one topic: its meters and the state of the publishing device. Not the
//! timing, nor transport faults.

use super::document::{Document, pick};
use super::fault::{Fault, FaultKind};
use super::options::WallClock;
use super::sensor::{Reading, Sensor, Snapshot, share};
use super::truth::Truth;
use super::{flat, shelly, tasmota};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use gridtwin_twin::scenario::{Meter, Payload, Quantity};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;

/// One topic of the fleet.
#[derive(Debug)]
pub(super) struct Station {
    /// The topic, as the scenario writes it.
    pub(super) topic: String,
    /// What is written.
    pub(super) form: Form,
    /// The meters behind it, in the order of the list.
    pub(super) sensors: Vec<Sensor>,
    /// How often.
    pub(super) period: Span,
    /// What happens to its messages on the way.
    pub(super) delivery: Vec<Fault>,
    /// Chance for all that is not a meter's own.
    pub(super) stream: Stream,
    /// Chance for nonsense, apart, so that it changes nothing else.
    pub(super) spoiler: Stream,
    /// Whether the next message is an odd one.
    pub(super) odd: bool,
    /// Sparkplug: the alias of its first metric, and whether it has been born.
    pub(super) first_alias: u64,
    /// See above.
    pub(super) born: bool,
    minutes: [shelly::Minutes; 2],
    days: tasmota::Days,
    line_v: f64,
    link_quality: u8,
}

/// What is written by a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A number.
    Plain,
    /// A number of evcc's.
    Evcc,
    /// A JSON document to which all its meters contribute.
    Document,
    /// Messages of the Sparkplug node at this place.
    Sparkplug {
        /// Which node.
        node: usize,
    },
}

/// A span of time and what is true in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) truth: &'a Truth,
}

impl Station {
    pub(super) fn new(topic: String, form: Form, period: Span, streams: &Streams) -> Self {
        Self {
            stream: streams.stream(&format!("station/{topic}")),
            spoiler: streams.stream(&format!("garbage/{topic}")),
            topic,
            form,
            sensors: Vec::new(),
            period: period.max(Span::from_millis(1)),
            delivery: Vec::new(),
            odd: false,
            first_alias: 0,
            born: false,
            minutes: Default::default(),
            days: tasmota::Days::default(),
            line_v: 230.0,
            link_quality: 0,
        }
    }

    /// Whether every meter behind it is dead.
    pub(super) fn is_dead(&self, at: SimTime) -> bool {
        self.sensors.iter().all(|sensor| sensor.is_dead(at))
    }

    /// Adds its counters up until `at`.
    pub(super) fn count(&mut self, at: SimTime, stretch: Stretch<'_>) {
        for sensor in &mut self.sensors {
            let course = stretch.truth.course(sensor.place);
            sensor.count(at, course, stretch.from, stretch.until);
        }
    }

    /// Reads all its meters; nothing of those that are dead.
    pub(super) fn read(&mut self, at: SimTime, stretch: Stretch<'_>) -> Vec<Option<Snapshot>> {
        self.count(at, stretch);
        let z: f64 = StandardNormal.sample(&mut self.stream);
        self.line_v = ((230.0 + z.clamp(-4.0, 4.0)) * 10.0).round() / 10.0;
        self.link_quality = self.stream.random_range(60..=180);
        let share = share(at, stretch.from, stretch.until);
        let read = |sensor: &mut Sensor| {
            let snapshot = sensor.read(at, stretch.truth.course(sensor.place).at(share));
            (!sensor.is_dead(at)).then_some(snapshot)
        };
        self.sensors.iter_mut().map(read).collect()
    }

    /// The meters with what they read.
    pub(super) fn readings<'a>(&'a self, snapshots: &[Option<Snapshot>]) -> Vec<Reading<'a>> {
        let sensors = self.sensors.iter().map(|sensor| &sensor.meter);
        sensors.zip(snapshots).map(|(meter, &snapshot)| Reading { meter, snapshot }).collect()
    }

    /// The message for these snapshots, if there is a value. Not for Sparkplug.
    pub(super) fn write(
        &mut self,
        at: SimTime,
        clock: WallClock,
        snapshots: &[Option<Snapshot>],
    ) -> Option<Vec<u8>> {
        let mut minutes = self.minutes;
        let mut days = std::mem::take(&mut self.days);
        let readings = self.readings(snapshots);
        let payload = match self.form {
            Form::Plain => readings.first().and_then(flat::plain),
            Form::Evcc => readings.first().and_then(flat::evcc),
            Form::Sparkplug { .. } => None,
            Form::Document => {
                Some(self.document(at, clock, &readings, &mut minutes, &mut days).into_bytes())
            }
        };
        self.minutes = minutes;
        self.days = days;
        payload
    }

    fn document(
        &self,
        at: SimTime,
        clock: WallClock,
        readings: &[Reading<'_>],
        minutes: &mut [shelly::Minutes; 2],
        days: &mut tasmota::Days,
    ) -> String {
        let unix_s = clock.unix_ms(at).div_euclid(1000);
        let mut document = Document::new();
        let shellies = pick(readings, |m| matches!(m.payload, Payload::Shelly { .. }));
        if !shellies.is_empty() {
            let (topic, line_v) = (&self.topic, self.line_v);
            shelly::write(&mut document, topic, &shellies, unix_s, line_v, minutes);
        }
        let tasmotas = pick(readings, |m| matches!(m.payload, Payload::Tasmota { .. }));
        let readers = pick(readings, |m| matches!(m.payload, Payload::TasmotaSml { .. }));
        if !(tasmotas.is_empty() && readers.is_empty()) {
            document.insert("Time".into(), clock.local(at).into());
        }
        if !tasmotas.is_empty() {
            let (day, start) = (clock.local_day(at), clock.local(SimTime::ZERO));
            tasmota::write(&mut document, &tasmotas, day, &start, self.line_v, days);
        }
        tasmota::write_sml(&mut document, &readers);
        let zigbees = pick(readings, |m| m.payload == Payload::Zigbee2mqtt);
        if !zigbees.is_empty() {
            flat::zigbee2mqtt(&mut document, &zigbees, self.line_v, self.link_quality);
        }
        flat::json(&mut document, readings);
        Value::Object(document).to_string()
    }
}

/// Whether a kind of payload has a place for the meter's quantity at all.
pub(super) fn carries(meter: &Meter) -> bool {
    let wild = |c: char| matches!(c, '+' | '#' | '\0');
    if meter.topic.is_empty() || meter.topic.contains(wild) {
        return false;
    }
    let power = meter.quantity == Quantity::Power;
    let energy = matches!(meter.quantity, Quantity::Energy | Quantity::EnergyReturned);
    match &meter.payload {
        Payload::Shelly { .. } => {
            let component = meter.topic.rsplit('/').next().unwrap_or_default();
            match component.split(':').next().unwrap_or_default() {
                "em" | "em1" => power || meter.quantity == Quantity::Voltage,
                "emdata" | "em1data" => energy,
                _ => meter.quantity != Quantity::Soc,
            }
        }
        Payload::Tasmota { .. } | Payload::TasmotaSml { .. } => meter.quantity != Quantity::Soc,
        Payload::Sparkplug { .. } => super::sparkplug::Address::parse(&meter.topic).is_some(),
        Payload::Plain | Payload::Json { .. } | Payload::Zigbee2mqtt | Payload::Evcc => true,
    }
}

/// Whether a fault is one of the way, not of a meter.
pub(super) fn is_of_delivery(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Late { .. } | FaultKind::Duplicates | FaultKind::OutOfOrder | FaultKind::Garbage
    )
}
