//! The protobuf messages of Eclipse Sparkplug B, as far as meters need them, and their topics. Not
//! the session of a node, which decides what is sent when.
//!
//! Field numbers after `sparkplug_b.proto` (Sparkplug 3.0.0, chapter 6).

use prost::Message;

/// A payload of any kind of message.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Envelope {
    /// When it was sent, ms since the Unix epoch.
    #[prost(uint64, optional, tag = "1")]
    pub(super) timestamp: Option<u64>,
    /// Its metrics.
    #[prost(message, repeated, tag = "2")]
    pub(super) metrics: Vec<Metric>,
    /// 0 in the birth of a node, then one more with each message, and 0 again after 255.
    #[prost(uint64, optional, tag = "3")]
    pub(super) seq: Option<u64>,
}

/// One metric.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Metric {
    /// Its name: in births and commands.
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    /// The number that replaces the name after the birth.
    #[prost(uint64, optional, tag = "2")]
    pub(super) alias: Option<u64>,
    /// When it was measured, ms since the Unix epoch.
    #[prost(uint64, optional, tag = "3")]
    pub(super) timestamp: Option<u64>,
    /// Its type: in births.
    #[prost(uint32, optional, tag = "4")]
    pub(super) datatype: Option<u32>,
    /// Whether there is no value.
    #[prost(bool, optional, tag = "7")]
    pub(super) is_null: Option<bool>,
    /// The value.
    #[prost(oneof = "Value", tags = "11, 12, 13, 14")]
    pub(super) value: Option<Value>,
}

/// A value, of the types that occur here.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Value {
    /// Int64, in two's complement.
    #[prost(uint64, tag = "11")]
    Long(u64),
    /// Float.
    #[prost(float, tag = "12")]
    Float(f32),
    /// Double.
    #[prost(double, tag = "13")]
    Double(f64),
    /// Boolean.
    #[prost(bool, tag = "14")]
    Boolean(bool),
}

/// Indexes of data types.
pub(super) const INT64: u32 = 4;
pub(super) const FLOAT: u32 = 9;
pub(super) const DOUBLE: u32 = 10;
pub(super) const BOOLEAN: u32 = 11;

/// The command that asks a node for its births.
pub(super) const REBIRTH: &str = "Node Control/Rebirth";

/// A node and, if any, the device behind it, from a scenario's topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) group: String,
    pub(super) node: String,
    pub(super) device: Option<String>,
}

impl Address {
    /// Of `spBv1.0/GROUP/NODE` or `spBv1.0/GROUP/NODE/DEVICE`.
    pub(super) fn parse(topic: &str) -> Option<Self> {
        let mut parts = topic.strip_prefix("spBv1.0/")?.split('/').map(str::to_owned);
        let (group, node, device) = (parts.next()?, parts.next()?, parts.next());
        let whole = parts.next().is_none()
            && !group.is_empty()
            && !node.is_empty()
            && device.as_ref().is_none_or(|device| !device.is_empty());
        whole.then_some(Self { group, node, device })
    }

    /// The topic of a kind of message, `N` or `D` before what happened: "BIRTH", "DATA", "DEATH".
    pub(super) fn topic(&self, what: &str) -> String {
        let Self { group, node, .. } = self;
        match &self.device {
            Some(device) => format!("spBv1.0/{group}/D{what}/{node}/{device}"),
            None => format!("spBv1.0/{group}/N{what}/{node}"),
        }
    }
}

/// Whether a command asks for births. Foreign bytes: what cannot be read asks for nothing.
pub(super) fn asks_for_rebirth(payload: &[u8]) -> bool {
    Envelope::decode(payload).is_ok_and(|envelope| {
        envelope.metrics.iter().any(|metric| {
            metric.name.as_deref() == Some(REBIRTH) && metric.value == Some(Value::Boolean(true))
        })
    })
}
