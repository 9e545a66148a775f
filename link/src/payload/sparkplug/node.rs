//! A Sparkplug node and its devices: births, data and deaths in their order.
//!
//! Source: Eclipse Sparkplug 3.0, chapter 5. A gap in the sequence is a reason to request a new
//! birth; until it comes, the known aliases are still used. Messages out of order are not waited
//! for (no "reorder timeout"): a broker that swaps them costs one request.
use super::super::{Reason, Said, Taken};
use super::ask::Patience;
use super::message::Message;
use super::place::Place;
use super::topic::Kind;
use std::collections::BTreeMap;

/// A node that meters ask for.
pub(super) struct Node {
    pub(super) group: Box<str>,
    pub(super) name: Box<str>,
    /// Whether a request waits to be published.
    pub(super) asking: bool,
    own: Place,
    devices: BTreeMap<Box<str>, Place>,
    /// The sequence number of its last message, if it gave one.
    seq: Option<u8>,
    /// The number of its birth that its death must have too.
    bd_seq: Option<u64>,
    patience: Patience,
}

impl Node {
    /// A node of which nothing is known yet.
    pub(super) fn new(group: &str, name: &str) -> Self {
        Self {
            group: group.into(),
            name: name.into(),
            asking: false,
            own: Place::default(),
            devices: BTreeMap::new(),
            seq: None,
            bd_seq: None,
            patience: Patience::default(),
        }
    }

    /// Subscribes a meter to a metric of the node or of one of its devices.
    pub(super) fn add(&mut self, device: Option<&str>, metric: &str, meter: u32, factor: f64) {
        let place = match device {
            None => &mut self.own,
            Some(device) => self.devices.entry(device.into()).or_default(),
        };
        place.add(metric, meter, factor);
    }

    /// How many metrics are asked for, and how many of their aliases are known.
    pub(super) fn held(&self) -> (usize, usize) {
        let places = std::iter::once(&self.own).chain(self.devices.values());
        places.map(Place::held).fold((0, 0), |sum, held| (sum.0 + held.0, sum.1 + held.1))
    }

    /// Takes a message of the node or of one of its devices.
    pub(super) fn take(
        &mut self,
        kind: Kind,
        device: Option<&str>,
        message: Message<'_>,
        out: &mut Vec<Said>,
    ) -> Taken {
        self.patience.pass();
        match (kind, device) {
            (Kind::Birth, None) => self.birth(message, out),
            (Kind::Death, None) => self.death(message, out),
            _ if !self.own.born => self.unborn(),
            _ => {
                self.follow(message.seq);
                self.take_in_order(kind, device, message, out)
            }
        }
    }

    fn birth(&mut self, message: Message<'_>, out: &mut Vec<Said>) -> Taken {
        self.seq = message.seq.map(|seq| seq as u8);
        self.bd_seq = message.bd_seq();
        for device in self.devices.values_mut() {
            device.forget();
        }
        self.own.birth(message, out)
    }

    /// A death that does not belong to the last birth is late, and ignored.
    fn death(&mut self, message: Message<'_>, out: &mut Vec<Said>) -> Taken {
        if !self.own.born || message.bd_seq() != self.bd_seq {
            return Taken::Nothing;
        }
        for place in std::iter::once(&mut self.own).chain(self.devices.values_mut()) {
            place.forget();
            place.gone(out);
        }
        Taken::Said
    }

    fn take_in_order(
        &mut self,
        kind: Kind,
        device: Option<&str>,
        message: Message<'_>,
        out: &mut Vec<Said>,
    ) -> Taken {
        let place = match device {
            None => &mut self.own,
            Some(device) => match self.devices.get_mut(device) {
                Some(place) => place,
                // A device without subscribed metrics: received only for its sequence number.
                None => return Taken::Nothing,
            },
        };
        match kind {
            Kind::Birth => place.birth(message, out),
            Kind::Data if place.born => place.data(message, out),
            Kind::Data => self.unborn(),
            Kind::Death => {
                place.forget();
                place.gone(out);
                Taken::Said
            }
        }
    }

    /// Notes a sequence number, which should be one more than the last, and 0 after 255.
    fn follow(&mut self, seq: Option<u64>) {
        let Some(seq) = seq else {
            return;
        };
        if self.seq.is_some_and(|last| u64::from(last.wrapping_add(1)) != seq) {
            self.ask();
        }
        self.seq = Some(seq as u8);
    }

    fn unborn(&mut self) -> Taken {
        self.ask();
        Taken::Unreadable(Reason::NotBorn)
    }

    fn ask(&mut self) {
        if self.patience.ask() {
            self.asking = true;
        }
    }
}
