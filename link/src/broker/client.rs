//! The owner's end of a connection: receive, publish, close. The other end is `worker`.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::filter::{is_filter, is_topic};
use super::outbox::Outgoing;
use super::worker::{self, Shared};
use super::{Batch, Counts, Options, Sent, TlsError, Trouble};

/// How long [`Broker::close`] waits for the last acknowledgements.
const GOODBYE: Duration = Duration::from_secs(5);

/// A connection to a broker. Dropped without [`Broker::close`] it is cut off, and the broker
/// publishes the last will.
#[derive(Debug)]
pub struct Broker {
    shared: Arc<Shared>,
    options: Arc<Options>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no connection, or why something could not be published.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// There is no connection, and waiting is no use or not wanted.
    #[error("{0}")]
    Trouble(#[from] Trouble),
    /// The TLS files can't be used.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// TLS files for an unencrypted connection.
    #[error("certificates are given, but the connection to {0} is not encrypted: use mqtts://")]
    NotEncrypted(String),
    /// A filter that MQTT does not allow.
    #[error("{0:?} is not a valid MQTT topic filter")]
    Filter(String),
    /// A topic that MQTT does not allow.
    #[error("can't publish to {0:?}: it is not a valid MQTT topic")]
    Topic(String),
    /// A client id that not every broker takes.
    #[error("{0:?} is not a valid client id; expected 1 to 64 characters of A-Z a-z 0-9 - _ .")]
    ClientId(String),
    /// A payload larger than the limit.
    #[error("a payload of {bytes} bytes for {topic} is too large: at most {most} can be sent")]
    TooLarge {
        /// The topic.
        topic: String,
        /// The payload's size in bytes.
        bytes: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// The system cannot create a thread.
    #[error("can't start a thread for the connection to the broker: {0}")]
    Thread(std::io::Error),
    /// The connection ended before everything was acknowledged.
    #[error("the connection to the broker ended before {0} messages were acknowledged")]
    Unsent(usize),
}

impl Broker {
    /// Connects, and reconnects until closed. Waits up to `options.first_wait` for the first
    /// connection; a patient one then keeps trying in its thread.
    ///
    /// # Errors
    /// If the options are invalid; if the broker rejects the connection for a permanent reason
    /// ([`Trouble::is_permanent`]); and, unless patient, if it cannot be reached.
    pub fn connect(options: Options) -> Result<Self, BrokerError> {
        check(&options)?;
        let mqtt = worker::mqtt_options(&options)?;
        let runtime = worker::runtime().map_err(BrokerError::Thread)?;
        let options = Arc::new(options);
        let shared = Arc::new(Shared::new(&options));
        let thread = std::thread::Builder::new()
            .name("mqtt".to_owned())
            .spawn({
                let (shared, options) = (Arc::clone(&shared), Arc::clone(&options));
                move || worker::run(&shared, &options, &mqtt, &runtime)
            })
            .map_err(BrokerError::Thread)?;
        let broker = Self { shared, options, thread: Some(thread) };
        // On an error the broker is dropped, which ends the thread.
        broker.wait_for_first()?;
        Ok(broker)
    }

    fn wait_for_first(&self) -> Result<(), BrokerError> {
        let deadline = Instant::now() + self.options.first_wait;
        let mut state = self.shared.state();
        loop {
            if state.connected_once {
                return Ok(());
            }
            let patient = self.options.patient;
            if let Some(trouble) = &state.trouble
                && (trouble.is_permanent() || !patient)
            {
                return Err(trouble.clone().into());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let trouble = Trouble::NoAnswer(self.options.address.place());
                return if patient { Ok(()) } else { Err(trouble.into()) };
            }
            state = self.shared.wait(state, left);
        }
    }

    /// The messages received: immediately if there are any, otherwise by `deadline`. A batch has at
    /// most `limits.batch` messages; the rest follows with the next call.
    pub fn receive(&self, deadline: Instant) -> Batch {
        let mut state = self.shared.state();
        loop {
            let mut batch = Batch { messages: Vec::new(), news: state.news.drain(..).collect() };
            state.inbox.take(&mut batch.messages);
            let left = deadline.saturating_duration_since(Instant::now());
            if !batch.is_empty() || left.is_zero() {
                return batch;
            }
            state = self.shared.wait(state, left);
        }
    }

    /// Queues a message at QoS 1. A retained message is a state: while it waits, a newer one of its
    /// topic replaces it. Never blocks; without a connection the queue is bounded and the oldest
    /// message is dropped first ([`Sent::dropped`]).
    ///
    /// # Errors
    /// When the topic is no MQTT topic or the payload is too large.
    pub fn publish(&self, topic: &str, payload: &[u8], retain: bool) -> Result<(), BrokerError> {
        self.send(topic, payload, retain, None)
    }

    /// Like [`Broker::publish`], for messages that are wrong when late, such as set points: it is
    /// not sent after `expires`.
    ///
    /// # Errors
    /// As for [`Broker::publish`].
    pub fn publish_until(
        &self,
        topic: &str,
        payload: &[u8],
        retain: bool,
        expires: Instant,
    ) -> Result<(), BrokerError> {
        self.send(topic, payload, retain, Some(expires))
    }

    fn send(
        &self,
        topic: &str,
        payload: &[u8],
        retain: bool,
        expires: Option<Instant>,
    ) -> Result<(), BrokerError> {
        check_message(topic, payload, self.options.limits.payload_bytes)?;
        let mut out = self.shared.out();
        out.outbox.push(Outgoing {
            topic: topic.to_owned(),
            payload: payload.to_vec(),
            retain,
            expires,
        });
        out.pump(Instant::now());
        Ok(())
    }

    /// Whether the broker has accepted the connection.
    pub fn is_connected(&self) -> bool {
        self.shared.out().is_connected()
    }

    /// Counts of received messages.
    pub fn counts(&self) -> Counts {
        self.shared.state().inbox.counts()
    }

    /// The topics of messages dropped because newer ones came before they were read, with the
    /// number of each, in order of their names.
    pub fn dropped_by_topic(&self) -> Vec<(Arc<str>, u64)> {
        self.shared.state().inbox.dropped()
    }

    /// What was counted of what was published.
    pub fn sent(&self) -> Sent {
        self.shared.out().outbox.sent()
    }

    /// Publishes offline, waits a few seconds until all is acknowledged, and disconnects. The
    /// broker keeps the session, and messages at QoS 1 until the next connection.
    ///
    /// # Errors
    /// When something was left that the broker did not acknowledge.
    pub fn close(self) -> Result<(), BrokerError> {
        self.end(false)
    }

    /// Like [`Broker::close`], but permanent: the broker discards our session and keeps no messages
    /// for us.
    ///
    /// # Errors
    /// As for [`Broker::close`].
    pub fn close_and_forget(self) -> Result<(), BrokerError> {
        self.end(true)
    }

    fn end(mut self, forget: bool) -> Result<(), BrokerError> {
        let deadline = Instant::now() + GOODBYE;
        let connected = {
            let mut out = self.shared.out();
            let connected = out.is_connected();
            if connected && let Some(here) = &self.options.availability {
                out.outbox.push(Outgoing {
                    topic: here.topic.clone(),
                    payload: here.offline.clone(),
                    retain: true,
                    expires: None,
                });
            }
            out.close(forget, Instant::now());
            connected
        };
        if connected {
            let mut state = self.shared.state();
            while !state.ended {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                state = self.shared.wait(state, left);
            }
        }
        self.stop();
        match self.shared.out().outbox.unsent() {
            0 => Ok(()),
            left => Err(BrokerError::Unsent(left)),
        }
    }

    fn stop(&mut self) {
        self.shared.stop();
        if let Some(thread) = self.thread.take() {
            // It catches its own panics; there is nothing to learn from a second one.
            let _ = thread.join();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop();
    }
}

fn check(options: &Options) -> Result<(), BrokerError> {
    let id = options.client_id.as_str();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
        return Err(BrokerError::ClientId(id.to_owned()));
    }
    if options.tls.is_given() && !options.address.tls {
        return Err(BrokerError::NotEncrypted(options.address.to_string()));
    }
    if let Some(wrong) = options.filters.iter().find(|filter| !is_filter(filter)) {
        return Err(BrokerError::Filter(wrong.clone()));
    }
    if let Some(here) = &options.availability {
        // MQTT has room for 65535 bytes in a last will.
        let most = options.limits.payload_bytes.min(0xffff);
        check_message(&here.topic, &here.online, most)?;
        check_message(&here.topic, &here.offline, most)?;
    }
    Ok(())
}

fn check_message(topic: &str, payload: &[u8], most: usize) -> Result<(), BrokerError> {
    if !is_topic(topic) {
        return Err(BrokerError::Topic(topic.to_owned()));
    }
    if payload.len() > most {
        let (topic, bytes) = (topic.to_owned(), payload.len());
        return Err(BrokerError::TooLarge { topic, bytes, most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{Availability, Tls};

    #[test]
    fn options_that_can_t_work_are_refused_before_any_attempt() {
        let plain = || Options::new("mqtt://localhost:1".parse().unwrap(), "twin");
        let says = |options| Broker::connect(options).unwrap_err().to_string();
        let tls = Tls { ca: Some("ca.pem".into()), ..Tls::default() };
        assert!(says(Options { tls, ..plain() }).contains("use mqtts://"));
        let filters = vec!["a".to_owned(), "a/#/b".to_owned()];
        assert!(says(Options { filters, ..plain() }).contains("a/#/b"));
        for id in ["", "a b", "a/b", &"x".repeat(65)] {
            assert!(says(Options { client_id: id.to_owned(), ..plain() }).contains("client id"));
        }
        let here = Availability { topic: "a/+".into(), online: vec![], offline: vec![] };
        assert!(says(Options { availability: Some(here), ..plain() }).contains("a/+"));
    }
}
