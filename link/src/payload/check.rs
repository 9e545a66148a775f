//! Whether a meter as the scenario describes it can be read at all: found out before the first
//! message. What is wrong with messages is in `reason`.
use super::reader::How;
use super::sparkplug::place_of;
use gridtwin_twin::scenario::{Meter, Payload};

/// Why a meter can never be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Empty, with a wildcard or a zero in it, or longer than MQTT allows.
    #[error("the topic is empty, is too long, or contains `+` or `#`")]
    Topic,
    /// A path without a name, or with an empty one.
    #[error("the path is empty, or has an empty name between two dots")]
    Path,
    /// The topic's last part is not a component with meters.
    #[error(
        "the topic must end in a Shelly component and its number, as in em:0; components are em, \
         emdata, em1, em1data, switch, pm1, cover and light"
    )]
    NotShelly,
    /// One of three phases of a component that has one.
    #[error("this component measures one phase only: leave out `phase`")]
    NoPhases,
    /// The payload or component never has this quantity.
    #[error("this payload or component does not provide this quantity")]
    NotMeasured,
    /// Not a node's or device's topic.
    #[error("the topic must be spBv1.0/GROUP/NODE or spBv1.0/GROUP/NODE/DEVICE")]
    NotSparkplug,
}

/// Whether messages of this meter could be read.
///
/// # Errors
/// What is wrong with its description.
pub fn check(meter: &Meter) -> Result<(), Fault> {
    let topic = &meter.topic;
    // MQTT 3.1.1, 4.7.3: one character at least, no zero, at most 65,535 bytes.
    if topic.is_empty() || topic.len() > 65_535 || topic.contains(['+', '#', '\0']) {
        return Err(Fault::Topic);
    }
    match meter.payload {
        Payload::Sparkplug { .. } => place_of(topic).map(drop).ok_or(Fault::NotSparkplug),
        _ => How::new(meter).map(drop),
    }
}
