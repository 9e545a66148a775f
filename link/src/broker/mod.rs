//! The connection to an MQTT 3.1.1 broker: a thread that reconnects forever, bounded queues both
//! ways, and an understandable message for every failure. Not the meaning of the messages.
//!
//! While disconnected: the twin subscribes at QoS 1 with a constant client id and a persistent
//! session, so that the broker queues messages published at QoS 1 or 2, up to its own limit
//! (Mosquitto: 1000 messages), and sends them after reconnection. Messages published at QoS 0
//! meanwhile are lost; retained messages are sent again with every subscription. At QoS 1 a message
//! may arrive twice.

// This module uses the wall clock.
#![allow(clippy::disallowed_methods)]

mod address;
mod backoff;
mod client;
mod credentials;
pub mod demo;
pub mod filter;
mod inbox;
mod news;
mod options;
mod outbox;
mod tls;
mod trouble;
mod worker;

pub use address::{Address, AddressError};
pub use backoff::Backoff;
pub use client::{Broker, BrokerError};
pub use credentials::{Credentials, CredentialsError, PASSWORD_VARIABLE, USER_VARIABLE};
pub use news::{Batch, Counts, Incoming, News, Sent};
pub use options::{Availability, Limits, Options};
pub use tls::{Tls, TlsError};
pub use trouble::Trouble;
