//! What breaks, and when.

use super::units::Id;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One fault, in local time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What breaks.
    pub what: FaultKind,
    /// When.
    pub from: DateTime,
    /// When it is repaired; never by default.
    #[serde(default)]
    pub until: Option<DateTime>,
}

/// What breaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FaultKind {
    /// An edge server or a switch stops.
    Node(Id),
    /// A link fails.
    Link(Id, Id),
    /// A PV array fails.
    Pv(Id),
    /// A battery fails: it neither charges nor discharges.
    Battery(Id),
    /// A genset stops and does not start.
    Genset(Id),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "{id} fails"),
            Self::Link(a, b) => write!(f, "the link between {a} and {b} fails"),
            Self::Pv(id) => write!(f, "PV array {id} fails"),
            Self::Battery(id) => write!(f, "battery {id} fails"),
            Self::Genset(id) => write!(f, "genset {id} fails"),
        }
    }
}
