//! Readers of meters' formats: which topics to subscribe to, and each message's values in kW, kWh,
//! V or as a share.
//!
//! Not here: the connection to the broker, whether a reading can be believed (late, repeated,
//! frozen, absurd, a counter that was reset), and what the twin does with it.
//!
//! Everything that arrives is foreign. No message makes this panic, a message longer than
//! [`PAYLOAD_MAX`] is not looked at, and what is kept from message to message depends on the
//! meters that were asked for, never on what a broker sends.
mod alive;
mod check;
mod evcc;
mod fuzz;
mod intake;
mod json;
mod number;
mod reader;
mod reason;
mod shelly;
mod sml;
mod sparkplug;
mod tasmota;
mod zigbee2mqtt;

pub use check::{Fault, check};
pub use fuzz::{fuzz_any, fuzz_meters, fuzz_topics};
pub use intake::{Held, Intake};
pub use reason::Reason;
pub use sparkplug::Ask;

/// The longest payload that is read, bytes.
pub const PAYLOAD_MAX: usize = 1 << 20;

/// The maximum depth of nested arrays and objects in a JSON text.
pub const DEPTH_MAX: usize = 16;

/// The most values that one message may hold: elements of a JSON text, or metrics of Sparkplug.
pub const VALUES_MAX: usize = 1 << 16;

/// A message's value for one meter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// Which meter: its place in the list that [`Intake::new`] was given.
    pub meter: u32,
    /// The value.
    pub what: What,
    /// The meter's own time stamp, ms since 1970 UTC, where it writes one; as written, however
    /// unlikely. Only Sparkplug's metrics have one: Tasmota's `Time` is local time without a zone.
    pub stamped_ms: Option<i64>,
}

/// A reading, or word that there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// In the quantity's base unit (kW, kWh, share, V), with the meter's scale and sign; finite.
    Value(f64),
    /// It was erased, or its device went offline: the meter has no value until its next reading.
    Gone,
}

/// How a message was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It had values for every meter that it could have, or for some and none for the others.
    Said,
    /// It had values for some meters, and that for this one (the first, if there are several)
    /// cannot be read.
    Partly {
        /// The meter, as in [`Said::meter`].
        meter: u32,
        /// Why not.
        reason: Reason,
    },
    /// A proper message that holds nothing asked for.
    Nothing,
    /// The topic is not subscribed.
    Unknown,
    /// It cannot be read.
    Unreadable(Reason),
}
