//! A set point on the wire: how the twin writes it and how a device reads it. Not whether it may be
//! sent, nor whether it is obeyed.

use super::documents::Message;
use super::setpoint::SetPoint;
use super::topics::setpoint_topic;
use gridtwin_kernel::{SimTime, Span};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest set point that a device reads, bytes.
const LONGEST: usize = 4096;

#[derive(Serialize, Deserialize)]
struct Document {
    at: String,
    device: String,
    power_kw: f64,
    valid_until: String,
    valid_s: f64,
    limits_kw: LimitsKw,
}

#[derive(Serialize, Deserialize)]
struct LimitsKw {
    min: f64,
    max: f64,
}

/// A set point as a device reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Which device it is for.
    pub device: String,
    /// The power, kW.
    pub power_kw: f64,
    /// When it was sent, by the twin's clock.
    pub at: SimTime,
    /// When it ends, by the twin's clock.
    pub valid_until: SimTime,
    /// How long it holds, for a device that would rather not trust in clocks that agree.
    pub valid: Span,
}

/// The set point as a message, for a twin whose clock shows `start` at [`SimTime::ZERO`]. Never
/// retained: a later subscriber waits for the next.
pub fn setpoint_message(site: &str, setpoint: &SetPoint, start: Timestamp) -> Message {
    let document = Document {
        at: iso8601(start, setpoint.at),
        device: setpoint.device.clone(),
        power_kw: setpoint.power_kw,
        valid_until: iso8601(start, setpoint.valid_until),
        valid_s: (setpoint.valid_until - setpoint.at).as_secs_f64(),
        limits_kw: LimitsKw { min: setpoint.limits.min_kw, max: setpoint.limits.max_kw },
    };
    Message::json(setpoint_topic(site, &setpoint.device), &document, false)
}

impl Order {
    /// Reads a set point by a clock that shows `start` at [`SimTime::ZERO`]. Foreign bytes: what is
    /// not a set point is none.
    pub fn parse(payload: &[u8], start: Timestamp) -> Option<Self> {
        if payload.len() > LONGEST {
            return None;
        }
        let document: Document = serde_json::from_slice(payload).ok()?;
        let order = Self {
            at: sim_time(start, &document.at)?,
            valid_until: sim_time(start, &document.valid_until)?,
            valid: Span::from_secs_f64(document.valid_s),
            device: document.device,
            power_kw: document.power_kw,
        };
        order.power_kw.is_finite().then_some(order)
    }
}

/// An instant as ISO 8601 in UTC, to the millisecond.
fn iso8601(start: Timestamp, at: SimTime) -> String {
    let since = SignedDuration::from_millis(i64::try_from(at.0 / 1_000_000).unwrap_or(i64::MAX));
    let stamp = start.checked_add(since).unwrap_or(Timestamp::MAX);
    format!("{stamp:.3}")
}

/// The instant of an ISO 8601 time, or the start for an earlier one.
fn sim_time(start: Timestamp, text: &str) -> Option<SimTime> {
    let stamp: Timestamp = text.parse().ok()?;
    let nanos = stamp.as_nanosecond().saturating_sub(start.as_nanosecond());
    Some(SimTime(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX)))
}
