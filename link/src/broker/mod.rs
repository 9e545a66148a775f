//! The connection with an MQTT 3.1.1 broker: a thread of its own that reconnects for ever, bounded
//! queues both ways, and every failure as a clear sentence. Not what the messages mean.
//!
//! What happens while we are away: we subscribe at QoS 1 under a client id that stays the same and
//! with a session that the broker keeps, so it queues what is published at QoS 1 or 2 for us, up to
//! its own limit (Mosquitto: 1000 messages), and sends it when we are back. What is published at
//! QoS 0 meanwhile is lost; its retained messages come again with every subscription. At QoS 1 a
//! message can come twice.

// The wall clock is the business of this module.
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
