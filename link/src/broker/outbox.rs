//! What waits to be published, and what the broker has not acknowledged yet. A retained message is
//! a state: only the newest of a topic is worth sending. The rest is sent in order. No thread, no
//! clock, no socket.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::{Limits, Sent};

/// A message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) retain: bool,
    /// When it is no longer worth sending.
    pub(crate) expires: Option<Instant>,
}

/// Messages that wait, in order, and those under way.
#[derive(Debug)]
pub(crate) struct Outbox {
    limits: Limits,
    /// By number, in order of publication.
    waiting: BTreeMap<u64, Outgoing>,
    /// The newest retained message of each topic that waits.
    newest: BTreeMap<String, u64>,
    /// Handed to the client, which has not written them yet, in order.
    handed: VecDeque<(u64, Outgoing)>,
    /// Written under a packet id, not yet acknowledged.
    written: BTreeMap<u16, (u64, Outgoing)>,
    next: u64,
    bytes: usize,
    sent: Sent,
}

/// The maximum number of messages handed to the client at a time. It bounds the client's queue.
pub(crate) const MOST_HANDED: usize = 64;

impl Outbox {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            waiting: BTreeMap::new(),
            newest: BTreeMap::new(),
            handed: VecDeque::new(),
            written: BTreeMap::new(),
            next: 0,
            bytes: 0,
            sent: Sent::default(),
        }
    }

    /// Puts a message in line; a retained one takes the place of an older one of its topic.
    pub(crate) fn push(&mut self, message: Outgoing) {
        self.sent.published += 1;
        let number = self.next;
        self.next += 1;
        self.put(number, message);
    }

    fn put(&mut self, mut number: u64, message: Outgoing) {
        if message.retain
            && let Some(&old) = self.newest.get(&message.topic)
        {
            self.sent.superseded += 1;
            if old > number {
                return;
            }
            self.remove(old);
            // In the old one's place in the line, so that a busy topic can't starve itself.
            number = old;
        }
        while !self.waiting.is_empty()
            && (self.waiting.len() >= self.limits.outgoing
                || self.bytes + message.payload.len() > self.limits.outgoing_bytes)
        {
            self.drop_oldest();
        }
        self.bytes += message.payload.len();
        if message.retain {
            self.newest.insert(message.topic.clone(), number);
        }
        self.waiting.insert(number, message);
    }

    /// Drops the oldest message that is no state, or else the oldest of all.
    fn drop_oldest(&mut self) {
        let passing = self.waiting.iter().find(|(_, message)| !message.retain);
        let Some((&number, _)) = passing.or_else(|| self.waiting.iter().next()) else { return };
        self.remove(number);
        self.sent.dropped += 1;
    }

    fn remove(&mut self, number: u64) -> Option<Outgoing> {
        let message = self.waiting.remove(&number)?;
        self.bytes -= message.payload.len();
        if message.retain {
            self.newest.remove(&message.topic);
        }
        Some(message)
    }

    /// The next message to hand to the client, or nothing while enough is with it. What has
    /// expired by `now` is left out.
    pub(crate) fn hand_over(&mut self, now: Instant) -> Option<&Outgoing> {
        if self.handed.len() >= MOST_HANDED {
            return None;
        }
        loop {
            let number = *self.waiting.keys().next()?;
            let message = self.remove(number)?;
            if message.expires.is_some_and(|end| end <= now) {
                self.sent.expired += 1;
                continue;
            }
            self.handed.push_back((number, message));
            return self.handed.back().map(|(_, message)| message);
        }
    }

    /// The client did not take what was just handed over: it waits again.
    pub(crate) fn take_back(&mut self) {
        if let Some((number, message)) = self.handed.pop_back() {
            self.put(number, message);
        }
    }

    /// The client wrote the oldest message that it was handed, under this packet id.
    pub(crate) fn wrote(&mut self, packet_id: u16) {
        if let Some(message) = self.handed.pop_front() {
            self.written.insert(packet_id, message);
        }
    }

    /// The broker acknowledged a packet.
    pub(crate) fn acknowledged(&mut self, packet_id: u16) {
        if self.written.remove(&packet_id).is_some() {
            self.sent.acknowledged += 1;
        }
    }

    /// The connection is lost: what was under way waits again, in its old order, unless it is a
    /// state that has changed since.
    pub(crate) fn lost(&mut self) {
        let mut under_way: Vec<_> = std::mem::take(&mut self.written).into_values().collect();
        under_way.extend(self.handed.drain(..));
        // The newest first, so that of two states of a topic the older one yields.
        under_way.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        for (number, message) in under_way {
            self.put(number, message);
        }
    }

    /// Messages that the broker has not acknowledged.
    pub(crate) fn unsent(&self) -> usize {
        self.waiting.len() + self.handed.len() + self.written.len()
    }

    pub(crate) fn sent(&self) -> Sent {
        self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn message(topic: &str, payload: &str, retain: bool) -> Outgoing {
        let payload = payload.as_bytes().to_vec();
        Outgoing { topic: topic.to_owned(), payload, retain, expires: None }
    }

    fn texts(outbox: &mut Outbox) -> Vec<String> {
        let now = Instant::now();
        let mut all = Vec::new();
        while let Some(m) = outbox.hand_over(now) {
            all.push(format!("{}={}", m.topic, String::from_utf8_lossy(&m.payload)));
        }
        all
    }

    #[test]
    fn a_state_is_superseded_by_its_newest_and_keeps_its_place() {
        let mut outbox = Outbox::new(Limits::default());
        for i in 0..1000 {
            outbox.push(message("state", &i.to_string(), true));
            if i == 0 {
                outbox.push(message("alarm", "!", false));
            }
        }
        assert_eq!(outbox.unsent(), 2);
        assert_eq!(texts(&mut outbox), ["state=999", "alarm=!"]);
        assert_eq!(outbox.sent().superseded, 999);
    }

    #[test]
    fn what_the_broker_never_acknowledged_is_sent_again_in_order_but_no_old_state() {
        let mut outbox = Outbox::new(Limits::default());
        outbox.push(message("alarm", "1", false));
        outbox.push(message("state", "old", true));
        outbox.push(message("alarm", "2", false));
        outbox.push(message("alarm", "3", false));
        texts(&mut outbox);
        outbox.wrote(1);
        outbox.wrote(2);
        outbox.wrote(3);
        outbox.acknowledged(1);
        outbox.acknowledged(9);
        outbox.push(message("state", "new", true));
        outbox.lost();
        assert_eq!(texts(&mut outbox), ["alarm=2", "alarm=3", "state=new"]);
        assert_eq!(outbox.sent().acknowledged, 1);
    }

    #[test]
    fn two_states_under_way_when_the_line_breaks_leave_the_newer() {
        let mut outbox = Outbox::new(Limits::default());
        outbox.push(message("state", "1", true));
        texts(&mut outbox);
        outbox.wrote(1);
        outbox.push(message("state", "2", true));
        texts(&mut outbox);
        outbox.lost();
        assert_eq!(texts(&mut outbox), ["state=2"]);
    }

    #[test]
    fn too_much_drops_the_oldest_that_is_no_state() {
        let limits = Limits { outgoing: 3, ..Limits::default() };
        let mut outbox = Outbox::new(limits);
        outbox.push(message("state", "s", true));
        for i in 0..5 {
            outbox.push(message("alarm", &i.to_string(), false));
        }
        assert_eq!(texts(&mut outbox), ["state=s", "alarm=3", "alarm=4"]);
        assert_eq!(outbox.sent().dropped, 3);
    }

    #[test]
    fn a_set_point_whose_time_has_passed_is_not_sent() {
        let mut outbox = Outbox::new(Limits::default());
        let now = Instant::now();
        let expires = Some(now + Duration::from_secs(1));
        outbox.push(Outgoing { expires, ..message("setpoint", "5", false) });
        assert_eq!(outbox.hand_over(now + Duration::from_secs(1)), None);
        assert_eq!((outbox.sent().expired, outbox.unsent()), (1, 0));
    }

    proptest! {
        #[test]
        fn memory_is_bounded_and_every_message_is_accounted_for(
            steps in prop::collection::vec((0..7u8, 0..4u16, 0..50usize), 0..300),
        ) {
            let limits = Limits { outgoing: 10, outgoing_bytes: 200, ..Limits::default() };
            let mut outbox = Outbox::new(limits);
            let now = Instant::now();
            let mut packet = 0;
            for (what, topic, size) in steps {
                match what {
                    0..=2 => {
                        let text = "x".repeat(size);
                        outbox.push(message(&topic.to_string(), &text, what == 0));
                    }
                    3 => drop(outbox.hand_over(now).cloned()),
                    4 => {
                        packet += 1;
                        outbox.wrote(packet);
                    }
                    5 => outbox.acknowledged(packet.saturating_sub(topic)),
                    _ => outbox.lost(),
                }
                prop_assert!(outbox.waiting.len() <= 10 && outbox.bytes <= 200);
                let s = outbox.sent();
                let gone = s.acknowledged + s.superseded + s.dropped + s.expired;
                prop_assert_eq!(s.published, gone + outbox.unsent() as u64);
                let states = outbox.waiting.values().filter(|m| m.retain).count();
                prop_assert_eq!(states, outbox.newest.len());
            }
        }
    }
}
