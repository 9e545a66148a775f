//! A connection's output: messages, and connection events. The owner decides what is printed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Trouble;

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its topic, shared with every other message of that topic.
    pub topic: Arc<str>,
    /// Its bytes, at most [`super::Limits::payload_bytes`] of them.
    pub payload: Vec<u8>,
    /// Whether it is the broker's retained copy, sent because we subscribed: the last known value,
    /// of unknown age, repeated after every reconnection.
    pub retained: bool,
    /// The time of reception. It may have waited in the broker before.
    pub at: Instant,
}

/// News of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The broker accepted the connection, and the topics are subscribed.
    Connected {
        /// The time.
        at: Instant,
        /// Whether the broker had kept the session, and so sends the messages of the meantime at
        /// QoS 1. If not, they are lost.
        resumed: bool,
    },
    /// There is no connection: it was lost, or an attempt failed.
    Disconnected {
        /// The time.
        at: Instant,
        /// Attempts that failed since the last connection; 0 when it was lost just now.
        attempts: u64,
        /// The reason.
        why: Trouble,
        /// The wait before the next attempt.
        again_in: Duration,
    },
    /// The broker does not allow this subscription.
    NotAllowed {
        /// The time.
        at: Instant,
        /// The filter.
        filter: String,
    },
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { resumed: true, .. } => {
                f.write_str("connected; the broker had kept the messages sent in the meantime")
            }
            Self::Connected { .. } => f.write_str("connected"),
            Self::Disconnected { why, again_in, .. } => {
                write!(f, "{why}; next attempt in {} s", again_in.as_secs_f64())
            }
            Self::NotAllowed { filter, .. } => {
                write!(f, "the broker does not allow a subscription to {filter}")
            }
        }
    }
}

/// What arrived since the last call: either list may be empty, and both are if nothing arrived
/// before the deadline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Messages in the order of arrival, across all topics.
    pub messages: Vec<Incoming>,
    /// Connection events, oldest first. Old ones are dropped if they are not read for long.
    pub news: Vec<News>,
}

impl Batch {
    /// Whether nothing arrived.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.news.is_empty()
    }
}

/// What was counted since the connection was made. Every message is in `received` and in one of
/// the others, or still waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages received.
    pub received: u64,
    /// Messages given to the owner.
    pub delivered: u64,
    /// Messages dropped because newer ones arrived before the owner read them.
    pub dropped: u64,
    /// Messages on topics without a subscription.
    pub unasked: u64,
    /// Messages on new topics when there were too many topics already, or on topics with too long
    /// a name.
    pub too_many_topics: u64,
    /// Messages with more bytes than a payload may have.
    pub too_large: u64,
}

/// Counts of published messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages given to [`super::Broker::publish`] and its like.
    pub published: u64,
    /// Messages that the broker acknowledged.
    pub acknowledged: u64,
    /// Retained messages that a newer one of the same topic replaced before they left.
    pub superseded: u64,
    /// Messages dropped because too many waited.
    pub dropped: u64,
    /// Messages that were not sent because their time had passed.
    pub expired: u64,
}
