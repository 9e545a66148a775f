//! What all documents share: the message that carries one, and numbers fit to be read. Not any one
//! document.

use serde::{Serialize, Serializer};

/// A message to publish, at quality of service 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Whether the broker retains it for later subscribers.
    pub retain: bool,
}

impl Message {
    /// A message with a JSON document. What cannot be written, which no document here is, becomes
    /// an empty object.
    pub(super) fn json(topic: String, document: &impl Serialize, retain: bool) -> Self {
        let payload = serde_json::to_vec(document).unwrap_or_else(|_| b"{}".to_vec());
        Self { topic, payload, retain }
    }
}

/// A number to a thousandth; null where it is none.
pub(super) fn thousandths<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serialize(*value, 1e3, serializer)
}

/// A number to a thousandth; null where there is none.
pub(super) fn maybe<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    serialize(value.unwrap_or(f64::NAN), 1e3, serializer)
}

/// Numbers to a hundred-thousandth, for prices.
pub(super) fn fine<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    serialize(value.unwrap_or(f64::NAN), 1e5, serializer)
}

fn serialize<S: Serializer>(value: f64, scale: f64, serializer: S) -> Result<S::Ok, S::Error> {
    let rounded = round(value, scale);
    if rounded.is_finite() {
        serializer.serialize_f64(rounded)
    } else {
        serializer.serialize_none()
    }
}

/// To a part of one; never minus zero.
pub(super) fn round(value: f64, scale: f64) -> f64 {
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded + 0.0 } else { value }
}
