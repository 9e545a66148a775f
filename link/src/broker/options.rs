//! All that a connection is told beforehand. Data only.

use std::time::Duration;

use super::{Address, Backoff, Credentials, Tls};

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the broker is.
    pub address: Address,
    /// Who we are; `None` for a broker that lets anybody in.
    pub credentials: Option<Credentials>,
    /// Whom we trust; only with an `mqtts://` address.
    pub tls: Tls,
    /// Our name at the broker: the same at every start, so that the broker keeps what comes at
    /// QoS 1 while we are away. Two connections with one name throw each other out. 1 to 64 of
    /// `A-Z a-z 0-9 - _ .`.
    pub client_id: String,
    /// What we want to read: topics, or filters with `+` and `#`.
    pub filters: Vec<String>,
    /// Where we say that we are there, if anywhere.
    pub availability: Option<Availability>,
    /// Whether an unreachable broker at the start is waited for. If not, the first failure is
    /// [`super::Broker::connect`]'s error. Refused credentials and TLS always are.
    pub patient: bool,
    /// How long [`super::Broker::connect`] waits for the first connection.
    pub first_wait: Duration,
    /// How long one attempt may take, in whole seconds, 1 at least.
    pub attempt_timeout: Duration,
    /// How long the line may be still before we ask whether the broker is there, in whole seconds.
    pub keep_alive: Duration,
    /// Waits between attempts.
    pub backoff: Backoff,
    /// How much of anything is taken.
    pub limits: Limits,
}

/// A topic that says whether we are there: `online` after every connection, `offline` at the end
/// and, by the broker's last will for us, when we are lost. All retained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// The topic.
    pub topic: String,
    /// What it says while we are there.
    pub online: Vec<u8>,
    /// What it says when we are not.
    pub offline: Vec<u8>,
}

/// How much is taken, so that no broker can fill the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Topics known at once. The filters without wildcards have their place in any case.
    pub topics: usize,
    /// Bytes in a topic's name.
    pub topic_bytes: usize,
    /// Messages of one topic that wait for the owner; the oldest goes first.
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

    /// What a careful owner tells the user beforehand: that a password goes over the wire for all
    /// to read.
    pub fn warning(&self) -> Option<String> {
        let bare = self.credentials.is_some() && !self.address.tls && !self.address.is_loopback();
        bare.then(|| {
            format!("the password goes to {} unencrypted: better mqtts://", self.address.place())
        })
    }
}
