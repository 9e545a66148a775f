//! An alarm raised or lifted. Not what raises it.

use super::documents::{Message, maybe};
use super::topics::alarm_topic;
use serde::Serialize;

/// An anomaly, with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// The time of this message, ISO 8601 in UTC.
    pub at: String,
    /// The device that it is about.
    pub device: String,
    /// What it is, as in "stuck-meter", "wrong-sign", "theft" or "soiled-array".
    pub kind: String,
    /// Since when it looks so, ISO 8601 in UTC.
    pub since: String,
    /// What was measured, kW; null where the alarm is not about power.
    #[serde(serialize_with = "maybe")]
    pub measured_kw: Option<f64>,
    /// What was expected, kW.
    #[serde(serialize_with = "maybe")]
    pub expected_kw: Option<f64>,
    /// The evidence, in a sentence.
    pub evidence: String,
    /// Whether it still looks so: an alarm is lifted by the same message with false.
    pub active: bool,
}

/// The alarm as a message, not retained: how many are active is in the state.
pub fn alarm_message(site: &str, alarm: &Alarm) -> Message {
    Message::json(alarm_topic(site), alarm, false)
}
