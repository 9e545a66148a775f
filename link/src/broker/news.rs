//! What a connection gives its owner: messages, and news of itself. Not sentences on a screen: the
//! owner prints what it likes of them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Trouble;

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its topic, shared with every other message of that topic.
    pub topic: Arc<str>,
    /// Its bytes, at most [`super::Limits::payload_bytes`] of them.
    pub payload: Vec<u8>,
    /// Whether it is the broker's kept copy, sent because we subscribed: the last known, of
    /// whatever age, and sent again after every reconnection.
    pub retained: bool,
    /// When it came in here. It may have waited in the broker while we were away.
    pub at: Instant,
}

/// News of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The broker let us in, and we have asked for our topics.
    Connected {
        /// When.
        at: Instant,
        /// Whether the broker had kept our session, and so sends what came at QoS 1 while we were
        /// away. If not, what came then is lost.
        resumed: bool,
    },
    /// There is no connection: it was lost, or an attempt failed.
    Disconnected {
        /// When.
        at: Instant,
        /// Attempts that failed since the last connection; 0 when it was lost just now.
        attempts: u64,
        /// Why.
        why: Trouble,
        /// The wait before the next attempt.
        again_in: Duration,
    },
    /// The broker does not let us read what matches this filter.
    NotAllowed {
        /// When.
        at: Instant,
        /// The filter.
        filter: String,
    },
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { resumed: true, .. } => {
                f.write_str("connected; the broker had kept what came while we were away")
            }
            Self::Connected { .. } => f.write_str("connected"),
            Self::Disconnected { why, again_in, .. } => {
                write!(f, "{why}; next attempt in {} s", again_in.as_secs_f64())
            }
            Self::NotAllowed { filter, .. } => {
                write!(f, "the broker does not let us read {filter}")
            }
        }
    }
}

/// What came since the last time: either list may be empty, and both are when nothing came before
/// the deadline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Messages in the order in which they came, across all topics.
    pub messages: Vec<Incoming>,
    /// News, oldest first. When nobody listens for long, old ones are left out.
    pub news: Vec<News>,
}

impl Batch {
    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.news.is_empty()
    }
}

/// What was counted since the connection was made. Every message is in `received` and in one of
/// the others, or still waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that came.
    pub received: u64,
    /// Messages given to the owner.
    pub delivered: u64,
    /// Messages dropped because newer ones came before the owner took them.
    pub dropped: u64,
    /// Messages on topics that we never asked for.
    pub unasked: u64,
    /// Messages on new topics when there were too many topics already, or on topics with too long
    /// a name.
    pub too_many_topics: u64,
    /// Messages with more bytes than a payload may have.
    pub too_large: u64,
}

/// What was counted of what we published.
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
