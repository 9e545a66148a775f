//! Dispatch: from a message's topic to the meters that read it.
use super::json::Once;
use super::reader::{How, Reader};
use super::sparkplug::{Ask, Nodes};
use super::{PAYLOAD_MAX, Reason, Said, Taken, What, alive, check};
use gridtwin_twin::scenario::{Meter, Payload};
use std::collections::BTreeMap;

/// All meters' readers, and what has to be known of Sparkplug's nodes to read theirs.
pub struct Intake {
    topics: BTreeMap<Box<str>, Vec<Reader>>,
    nodes: Nodes,
}

/// How much is kept from message to message. It depends on the meters alone: messages, however
/// many, only fill what was there for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Topics that are listened to, without Sparkplug's.
    pub topics: usize,
    /// Sparkplug nodes that are followed.
    pub nodes: usize,
    /// Their metrics that are asked for.
    pub metrics: usize,
    /// Aliases known: at most one for each of those metrics.
    pub aliases: usize,
    /// Requests not yet drained: at most one for each of those nodes.
    pub asks: usize,
}

impl Intake {
    /// Readers for these meters. A meter that [`check`] refuses is left out.
    pub fn new(meters: &[Meter]) -> Self {
        let mut topics: BTreeMap<Box<str>, Vec<Reader>> = BTreeMap::new();
        let mut nodes = Nodes::default();
        for (index, meter) in (0_u32..).zip(meters) {
            if check(meter).is_err() {
                continue;
            }
            let factor = meter.factor();
            if let Payload::Sparkplug { metric } = &meter.payload {
                nodes.add(&meter.topic, metric, index, factor);
                continue;
            }
            let mut listen = |topic: &str, how: How| {
                topics.entry(topic.into()).or_default().push(Reader::new(index, factor, how));
            };
            if let Ok(how) = How::new(meter) {
                listen(&meter.topic, how);
            }
            if let Some(topic) = alive::topic(&meter.payload, &meter.topic) {
                listen(&topic, How::Alive);
            }
        }
        Self { topics, nodes }
    }

    /// The topic filters to subscribe to, sorted and without duplicates: the meters' own topics,
    /// the availability topics of Shelly, Tasmota and Zigbee2MQTT devices, and for each Sparkplug
    /// node its births, data and deaths and those of all its devices. One sequence of numbers
    /// covers all of these, so that only a receiver of all of them can detect a lost one.
    pub fn subscriptions(&self) -> Vec<String> {
        let mut filters: Vec<String> = self.topics.keys().map(|topic| topic.to_string()).collect();
        self.nodes.subscriptions(&mut filters);
        filters.sort();
        filters.dedup();
        filters
    }

    /// Takes one message, and appends its values to `out`.
    pub fn take(&mut self, topic: &str, payload: &[u8], out: &mut Vec<Said>) -> Taken {
        if payload.len() > PAYLOAD_MAX {
            return Taken::Unreadable(Reason::TooLong);
        }
        match self.topics.get_mut(topic) {
            Some(readers) => take_text(readers, payload, out),
            None => self.nodes.take(topic, payload, out),
        }
    }

    /// The requests made since the last call, each to be published once, with QoS 0 and not
    /// retained (Sparkplug 3.0, chapter 6, "NCMD"). Time is `now_ms`, ms since 1970 UTC.
    pub fn asks(&mut self, now_ms: i64) -> Vec<Ask> {
        self.nodes.asks(now_ms)
    }

    /// How much is kept.
    pub fn held(&self) -> Held {
        let mut held = self.nodes.held();
        held.topics = self.topics.len();
        held
    }
}

fn take_text(readers: &mut [Reader], payload: &[u8], out: &mut Vec<Said>) -> Taken {
    let before = out.len();
    let mut say = |meter: u32, what: What| out.push(Said { meter, what, stamped_ms: None });
    if payload.is_empty() {
        for reader in readers {
            if let Some(what) = reader.erased() {
                say(reader.meter, what);
            }
        }
        return taken(out.len() > before, None);
    }
    let Ok(text) = std::str::from_utf8(payload) else {
        return Taken::Unreadable(Reason::NotText);
    };
    let mut message = Once::new(text);
    let mut unread = None;
    for reader in readers {
        match reader.read(&mut message) {
            Ok(Some(what)) => say(reader.meter, what),
            Ok(None) => {}
            Err(reason) => unread = unread.or(Some((reader.meter, reason))),
        }
    }
    taken(out.len() > before, unread)
}

/// The result for a message with or without values, whose first meter that could not read it is
/// this one.
pub(super) fn taken(said: bool, unread: Option<(u32, Reason)>) -> Taken {
    match (said, unread) {
        (true, None) => Taken::Said,
        (true, Some((meter, reason))) => Taken::Partly { meter, reason },
        (false, None) => Taken::Nothing,
        (false, Some((_, reason))) => Taken::Unreadable(reason),
    }
}
