//! All options of a connection. Data only.

use std::time::Duration;

use super::{Address, Backoff, Credentials, Tls};

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the broker is.
    pub address: Address,
    /// User name and password; `None` for a broker without authentication.
    pub credentials: Option<Credentials>,
    /// Certificates; only with an `mqtts://` address.
    pub tls: Tls,
    /// The MQTT client id: the same at every start, so that the broker keeps messages at QoS 1
    /// while disconnected. Two connections with one id disconnect each other. 1 to 64 of `A-Z a-z
    /// 0-9 - _ .`.
    pub client_id: String,
    /// The subscriptions: topics, or filters with `+` and `#`.
    pub filters: Vec<String>,
    /// The availability topic, if any.
    pub availability: Option<Availability>,
    /// Whether an unreachable broker at the start is waited for. If not, the first failure is
    /// [`super::Broker::connect`]'s error. Refused credentials and TLS always are.
    pub patient: bool,
    /// How long [`super::Broker::connect`] waits for the first connection.
    pub first_wait: Duration,
    /// How long one attempt may take, in whole seconds, 1 at least.
    pub attempt_timeout: Duration,
    /// The idle time after which the broker is pinged, in whole seconds.
    pub keep_alive: Duration,
    /// Waits between attempts.
    pub backoff: Backoff,
    /// How much of anything is taken.
    pub limits: Limits,
}

/// The availability topic: `online` after every connection, `offline` at the end and as last will.
/// All retained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// The topic.
    pub topic: String,
    /// Its content while connected.
    pub online: Vec<u8>,
    /// Its content otherwise.
    pub offline: Vec<u8>,
}

/// How much is taken, so that no broker can fill the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of known topics. Filters without wildcards always have a place.
    pub topics: usize,
    /// Bytes in a topic's name.
    pub topic_bytes: usize,
    /// The maximum number of unread messages per topic; the oldest is dropped first.
    pub per_topic: usize,
    /// Messages that wait for the owner.
    pub messages: usize,
    /// Bytes of payload that wait for the owner.
    pub bytes: usize,
    /// Bytes in one payload, in or out.
    pub payload_bytes: usize,
    /// Messages in one [`super::Batch`].
    pub batch: usize,
    /// Messages that wait to be sent.
    pub outgoing: usize,
    /// Bytes of payload that wait to be sent.
    pub outgoing_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            topics: 20_000,
            topic_bytes: 1024,
            per_topic: 256,
            messages: 100_000,
            bytes: 64 << 20,
            payload_bytes: 1 << 20,
            batch: 10_000,
            outgoing: 20_000,
            outgoing_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// The largest packet that is read: the largest payload with the longest topic that MQTT has
    /// room for, its length and a packet id. A longer one is not read, and cuts the connection.
    pub(crate) fn packet_bytes(&self) -> usize {
        self.payload_bytes.saturating_add(0xffff + 4)
    }
}

impl Options {
    /// An impatient connection with `address` under the name `client_id`, without credentials,
    /// filters and availability, and with the usual times and limits.
    pub fn new(address: Address, client_id: &str) -> Self {
        Self {
            address,
            credentials: None,
            tls: Tls::default(),
            client_id: client_id.to_owned(),
            filters: Vec::new(),
            availability: None,
            patient: false,
            first_wait: Duration::from_secs(15),
            attempt_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(30),
            backoff: Backoff::default(),
            limits: Limits::default(),
        }
    }

    /// A warning for the user before connecting: a password would be sent unencrypted.
    pub fn warning(&self) -> Option<String> {
        let bare = self.credentials.is_some() && !self.address.tls && !self.address.is_loopback();
        bare.then(|| {
            let place = self.address.place();
            format!("the password is sent to {place} unencrypted: use mqtts:// instead, usually on port 8883")
        })
    }
}
