//! The queue between the broker's thread and the owner. It never blocks the thread: when it is
//! full, the oldest message of a topic is dropped, and counted. No thread, no clock, no socket.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::filter::{has_wildcard, matches};
use super::{Counts, Incoming, Limits};

/// Messages in the order of their arrival, with a ring a topic.
#[derive(Debug)]
pub(crate) struct Inbox {
    limits: Limits,
    /// Filters with wildcards; those without are in `known` from the start.
    wild: Vec<String>,
    /// Place in `topics` by name. Only ever looked up.
    known: HashMap<Arc<str>, usize>,
    topics: Vec<Topic>,
    /// By arrival number.
    waiting: BTreeMap<u64, (usize, Incoming)>,
    next: u64,
    bytes: usize,
    counts: Counts,
}

#[derive(Debug)]
struct Topic {
    name: Arc<str>,
    /// Arrival numbers of what waits, oldest first.
    queued: VecDeque<u64>,
    dropped: u64,
}

impl Inbox {
    /// An empty one for messages that `filters` ask for.
    pub(crate) fn new(limits: Limits, filters: &[String]) -> Self {
        let mut inbox = Self {
            limits,
            wild: filters.iter().filter(|f| has_wildcard(f)).cloned().collect(),
            known: HashMap::new(),
            topics: Vec::new(),
            waiting: BTreeMap::new(),
            next: 0,
            bytes: 0,
            counts: Counts::default(),
        };
        for topic in filters.iter().filter(|f| !has_wildcard(f)) {
            if !inbox.known.contains_key(topic.as_str()) {
                inbox.learn(topic);
            }
        }
        inbox
    }

    /// Takes in a message, or refuses it and counts why.
    pub(crate) fn push(&mut self, topic: &str, payload: &[u8], retained: bool, at: Instant) {
        self.counts.received += 1;
        if payload.len() > self.limits.payload_bytes {
            self.counts.too_large += 1;
            return;
        }
        let place = match self.known.get(topic) {
            Some(&place) => place,
            None if !self.wild.iter().any(|filter| matches(filter, topic)) => {
                self.counts.unasked += 1;
                return;
            }
            None if topic.len() > self.limits.topic_bytes
                || self.topics.len() >= self.limits.topics =>
            {
                self.counts.too_many_topics += 1;
                return;
            }
            None => self.learn(topic),
        };
        self.make_room(place, payload.len());
        let Some(ring) = self.topics.get_mut(place) else { return };
        ring.queued.push_back(self.next);
        let topic = Arc::clone(&ring.name);
        // A copy, because the original would keep the whole read buffer alive.
        let message = Incoming { topic, payload: payload.to_vec(), retained, at };
        self.bytes += payload.len();
        self.waiting.insert(self.next, (place, message));
        self.next += 1;
    }

    fn learn(&mut self, topic: &str) -> usize {
        let name: Arc<str> = topic.into();
        let place = self.topics.len();
        self.known.insert(Arc::clone(&name), place);
        self.topics.push(Topic { name, queued: VecDeque::new(), dropped: 0 });
        place
    }

    /// Drops old messages until one of `bytes` fits: first from its own topic, so that a flooding
    /// topic loses its own messages, then the oldest of all.
    fn make_room(&mut self, place: usize, bytes: usize) {
        loop {
            let own = self.topics.get(place).and_then(|ring| ring.queued.front().copied());
            let own_full =
                self.topics.get(place).is_some_and(|r| r.queued.len() >= self.limits.per_topic);
            let full = self.waiting.len() >= self.limits.messages
                || self.bytes + bytes > self.limits.bytes;
            if !own_full && !full {
                return;
            }
            let oldest = || self.waiting.keys().next().copied();
            let Some(number) = own.or_else(oldest) else { return };
            self.drop_one(number);
        }
    }

    fn drop_one(&mut self, number: u64) {
        let Some((place, message)) = self.waiting.remove(&number) else { return };
        self.bytes -= message.payload.len();
        self.counts.dropped += 1;
        if let Some(ring) = self.topics.get_mut(place) {
            // Every ring is in order of arrival, so the oldest of all is at the front of its own.
            ring.queued.pop_front();
            ring.dropped += 1;
        }
    }

    /// Moves what waits to `batch`, oldest first, no more than fits a batch.
    pub(crate) fn take(&mut self, batch: &mut Vec<Incoming>) {
        while batch.len() < self.limits.batch {
            let Some((_, (place, message))) = self.waiting.pop_first() else { break };
            self.bytes -= message.payload.len();
            self.counts.delivered += 1;
            if let Some(ring) = self.topics.get_mut(place) {
                ring.queued.pop_front();
            }
            batch.push(message);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Topics of which messages were dropped, and how many of each, in order of their names.
    pub(crate) fn dropped(&self) -> Vec<(Arc<str>, u64)> {
        let lossy = self.topics.iter().filter(|topic| topic.dropped > 0);
        let mut all: Vec<_> = lossy.map(|t| (Arc::clone(&t.name), t.dropped)).collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inbox(limits: Limits, filters: &[&str]) -> Inbox {
        let filters: Vec<String> = filters.iter().map(|&f| f.to_owned()).collect();
        Inbox::new(limits, &filters)
    }

    fn all(inbox: &mut Inbox) -> Vec<(String, Vec<u8>)> {
        let mut batch = Vec::new();
        inbox.take(&mut batch);
        batch.into_iter().map(|m| (m.topic.to_string(), m.payload)).collect()
    }

    fn texts(inbox: &mut Inbox) -> Vec<String> {
        let text = |(topic, payload)| format!("{topic}={}", String::from_utf8(payload).unwrap());
        all(inbox).into_iter().map(text).collect()
    }

    #[test]
    fn messages_come_out_in_the_order_they_came_across_topics() {
        let now = Instant::now();
        let mut inbox = inbox(Limits::default(), &["#"]);
        for (topic, payload) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")] {
            inbox.push(topic, payload.as_bytes(), false, now);
        }
        assert_eq!(texts(&mut inbox), ["a=1", "b=2", "a=3", "c=4"]);
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_flood_on_one_topic_loses_its_own_oldest_and_nothing_of_others() {
        let now = Instant::now();
        let limits = Limits { per_topic: 3, ..Limits::default() };
        let mut inbox = inbox(limits, &["quiet", "loud"]);
        inbox.push("quiet", b"q", false, now);
        for i in 0..100 {
            inbox.push("loud", i.to_string().as_bytes(), false, now);
        }
        assert_eq!(texts(&mut inbox), ["quiet=q", "loud=97", "loud=98", "loud=99"]);
        assert_eq!(inbox.counts().dropped, 97);
        assert_eq!(inbox.dropped(), [("loud".into(), 97)]);
    }

    #[test]
    fn when_all_is_full_a_new_topic_drops_the_oldest_of_all() {
        let now = Instant::now();
        let limits = Limits { messages: 2, ..Limits::default() };
        let mut inbox = inbox(limits, &["#"]);
        for topic in ["a", "b", "c"] {
            inbox.push(topic, b"1", false, now);
        }
        inbox.push("b", b"2", false, now);
        assert_eq!(texts(&mut inbox), ["c=1", "b=2"]);
    }

    #[test]
    fn a_topic_that_was_asked_for_by_name_always_has_its_place() {
        let now = Instant::now();
        let limits = Limits { topics: 3, ..Limits::default() };
        let mut inbox = inbox(limits, &["mine", "all/+"]);
        for i in 0..10 {
            inbox.push(&format!("all/{i}"), b"", false, now);
        }
        inbox.push("mine", b"!", false, now);
        assert_eq!(all(&mut inbox).len(), 3);
        assert_eq!(inbox.counts().too_many_topics, 8);
    }

    #[test]
    fn what_nobody_asked_for_or_is_too_large_or_named_too_long_is_refused_and_counted() {
        let now = Instant::now();
        let limits = Limits { payload_bytes: 4, topic_bytes: 8, ..Limits::default() };
        let mut inbox = inbox(limits, &["a/#"]);
        inbox.push("b", b"", false, now);
        inbox.push("é/x", b"", false, now);
        inbox.push("a/1", b"12345", false, now);
        inbox.push("a/23456789", b"", false, now);
        inbox.push("a/1", b"1234", true, now);
        let counts = inbox.counts();
        assert_eq!((counts.unasked, counts.too_large, counts.too_many_topics), (2, 1, 1));
        assert_eq!(all(&mut inbox).len(), 1);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_limits_in_order_and_loses_nothing_uncounted(
            steps in prop::collection::vec((0..6usize, 0..40usize, prop::bool::weighted(0.1)), 0..300),
        ) {
            let now = Instant::now();
            let limits = Limits {
                topics: 4, per_topic: 5, messages: 12, bytes: 150, payload_bytes: 30, batch: 7,
                ..Limits::default()
            };
            let mut inbox = inbox(limits, &["t/+", "x"]);
            let mut last: Option<u64> = None;
            for (number, (topic, size, take)) in steps.into_iter().enumerate() {
                let mut payload = vec![0; size.max(8)];
                payload[..8].copy_from_slice(&(number as u64).to_be_bytes());
                let name = if topic == 5 { "other".to_owned() } else { format!("t/{topic}") };
                inbox.push(&name, &payload, false, now);
                prop_assert!(inbox.waiting.len() <= 12 && inbox.bytes <= 150);
                let sum: usize = inbox.waiting.values().map(|(_, m)| m.payload.len()).sum();
                prop_assert_eq!(sum, inbox.bytes);
                for ring in &inbox.topics {
                    prop_assert!(ring.queued.len() <= 5);
                    prop_assert!(ring.queued.iter().all(|n| inbox.waiting.contains_key(n)));
                }
                if take {
                    let got = all(&mut inbox);
                    prop_assert!(got.len() <= 7);
                    for (_, payload) in got {
                        let at = u64::from_be_bytes(payload[..8].try_into().unwrap());
                        prop_assert!(last < Some(at));
                        last = Some(at);
                    }
                }
                let c = inbox.counts();
                let told = c.delivered + c.dropped + c.unasked + c.too_many_topics + c.too_large;
                prop_assert_eq!(c.received, told + inbox.waiting.len() as u64);
            }
        }
    }
}
