//! The session of a Sparkplug edge node: births, data by alias, deaths, and the count of its
//! messages. Not the meters behind it.

use super::sensor::Reading;
use super::sparkplug::{Address, BOOLEAN, DOUBLE, Envelope, FLOAT, INT64, Metric, REBIRTH, Value};
use gridtwin_twin::scenario::{Payload, Quantity};
use prost::Message;

/// An edge node.
#[derive(Debug)]
pub(super) struct Node {
    /// Its address, without a device.
    pub(super) address: Address,
    /// Where its own station and those of its devices stand.
    pub(super) stations: Vec<usize>,
    /// Whether it has been born and has not died.
    pub(super) alive: bool,
    /// Whether its births were requested.
    pub(super) asked: bool,
    /// The next message's number.
    seq: u8,
    /// The number of the session, which births and deaths share.
    session: u64,
}

impl Node {
    pub(super) fn new(address: Address) -> Self {
        Self { address, stations: Vec::new(), alive: false, asked: false, seq: 0, session: 0 }
    }

    /// The node's birth, which restarts the sequence numbers. `readings` are of its own metrics.
    pub(super) fn birth(&mut self, readings: &[Reading<'_>], first_alias: u64, ms: u64) -> Vec<u8> {
        self.seq = 0;
        self.alive = true;
        self.asked = false;
        let mut metrics = vec![
            self.session_metric(ms),
            Metric {
                name: Some(REBIRTH.to_owned()),
                timestamp: Some(ms),
                datatype: Some(BOOLEAN),
                value: Some(Value::Boolean(false)),
                ..Metric::default()
            },
        ];
        metrics.extend(born(readings, first_alias, ms));
        self.message(metrics, ms)
    }

    /// The birth of a device.
    pub(super) fn device_birth(
        &mut self,
        readings: &[Reading<'_>],
        first_alias: u64,
        ms: u64,
    ) -> Vec<u8> {
        self.message(born(readings, first_alias, ms), ms)
    }

    /// Data of the node or of a device, by alias alone; nothing where there is none.
    pub(super) fn data(
        &mut self,
        readings: &[Reading<'_>],
        first_alias: u64,
        ms: u64,
    ) -> Option<Vec<u8>> {
        let metrics: Vec<Metric> = metrics(readings, first_alias, ms)
            .map(|(_, metric)| Metric { name: None, datatype: None, ..metric })
            .collect();
        (!metrics.is_empty()).then(|| self.message(metrics, ms))
    }

    /// The death of a device.
    pub(super) fn device_death(&mut self, ms: u64) -> Vec<u8> {
        self.message(Vec::new(), ms)
    }

    /// The node's death as the broker sends it: its last will, which has the session's number and
    /// no sequence number.
    pub(super) fn will(&self) -> Vec<u8> {
        let mut metric = self.session_metric(0);
        metric.timestamp = None;
        Envelope { timestamp: None, metrics: vec![metric], seq: None }.encode_to_vec()
    }

    /// Ends the session: the next birth begins another.
    pub(super) fn die(&mut self) {
        self.alive = false;
        self.session = (self.session + 1) % 256;
    }

    fn session_metric(&self, ms: u64) -> Metric {
        Metric {
            name: Some("bdSeq".to_owned()),
            timestamp: Some(ms),
            datatype: Some(INT64),
            value: Some(Value::Long(self.session)),
            ..Metric::default()
        }
    }

    fn message(&mut self, metrics: Vec<Metric>, ms: u64) -> Vec<u8> {
        let seq = u64::from(self.seq);
        self.seq = self.seq.wrapping_add(1);
        Envelope { timestamp: Some(ms), metrics, seq: Some(seq) }.encode_to_vec()
    }
}

/// Metrics as a birth has them: every one, dead or alive, with its name and type.
fn born(readings: &[Reading<'_>], first_alias: u64, ms: u64) -> Vec<Metric> {
    metrics(readings, first_alias, ms).map(|(_, metric)| metric).collect()
}

/// The metrics of these meters, each with its alias. Each name occurs once.
fn metrics<'a>(
    readings: &'a [Reading<'a>],
    first_alias: u64,
    ms: u64,
) -> impl Iterator<Item = (&'a Reading<'a>, Metric)> {
    let name = |reading: &Reading<'a>| match &reading.meter.payload {
        Payload::Sparkplug { metric } => Some(metric.as_str()),
        _ => None,
    };
    readings.iter().enumerate().filter_map(move |(at, reading)| {
        let own = name(reading)?;
        if readings.iter().take(at).any(|earlier| name(earlier) == Some(own)) {
            return None;
        }
        let snapshot = reading.snapshot?;
        let float = reading.meter.quantity == Quantity::Voltage;
        let value = snapshot
            .own
            .map(|value| if float { Value::Float(value as f32) } else { Value::Double(value) });
        let metric = Metric {
            name: Some(own.to_owned()),
            alias: Some(first_alias + at as u64),
            timestamp: Some(ms),
            datatype: Some(if float { FLOAT } else { DOUBLE }),
            is_null: value.is_none().then_some(true),
            value,
        };
        Some((reading, metric))
    })
}
