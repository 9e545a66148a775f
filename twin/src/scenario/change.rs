//! Changes during a run: a what-if edit, an operator's order, a meter's reading. Not faults and
//! outages that are known from the start.

use super::Metered;
use super::faults::FaultKind;
use super::units::{Fraction, Id, Positive};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A change made during a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// When, in local time: with the interval that begins then, or with the next one.
    pub at: DateTime,
    /// What changes.
    pub change: Change,
}

/// Something that is changed from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Change {
    /// A value of the scenario, as `--set PATH=VALUE` sets it: a size, a policy, a protocol, a
    /// tariff.
    ///
    /// It applies from the instant of the change on; the past stays. Batteries keep their energy,
    /// up to their new highest state of charge; gensets keep running; cars stay, and wait again if
    /// there are fewer chargers; a task or message in transit finishes as it began, and a task that
    /// has lost its core restarts. A consensus group with another protocol, other members or
    /// another client restarts, and undecided blocks are submitted to it; its time-outs are derived
    /// from its links at that time, and stay so when links change.
    ///
    /// What was drawn at random or used up when the run began cannot change: the name, the place, the
    /// start, the length, the time step, the random seed, which devices there are and their names,
    /// tasks, charging sessions, the number of devices and their power source, outages, faults, the
    /// currency, monthly prices, the batteries' initial charge, and the list of changes.
    Set {
        /// Its place, as in "batteries.container.capacity_kwh".
        path: String,
        /// The new value in the scenario's notation, as in "800" or "Raft".
        value: String,
    },
    /// The grid fails until it is restored, whatever outages occur meanwhile; or it is restored,
    /// until the next outage.
    Grid {
        /// Whether the grid is available.
        up: bool,
    },
    /// A device fails until it is repaired, whatever faults occur meanwhile. A failed device stays
    /// failed.
    Break {
        /// What.
        what: FaultKind,
    },
    /// A device is repaired: all its faults end.
    Mend {
        /// What.
        what: FaultKind,
    },
    /// Additional clouds: the irradiance that there would be without them is multiplied by
    /// 1 - 0.75 cover^3.4 (Kasten and Czeplak 1980).
    Clouds {
        /// Share of the sky that they cover.
        cover: Fraction,
        /// How long they stay, in hours.
        hours: Positive,
    },
    /// Cars arrive, all at the same time. Each has the charging power of the group's own cars;
    /// their sessions are numbered after the planned ones.
    Cars {
        /// To which group of chargers.
        chargers: Id,
        /// How many.
        count: u32,
        /// The energy that each requests.
        asked_kwh: Positive,
        /// How long each stays.
        stay_h: Positive,
    },
    /// A battery's state of charge is set to its meter's reading.
    StateOfCharge {
        /// Which battery.
        battery: Id,
        /// The state of charge.
        soc: Fraction,
    },
    /// The next interval follows its meters' readings.
    Metered(Metered),
    /// A remark from outside the twin, as on a detected anomaly; it changes nothing by itself.
    Note {
        /// Its text.
        text: String,
    },
}

impl Change {
    /// A value that is set, as `--set PATH=VALUE` sets it.
    pub fn set(path: &str, value: &str) -> Self {
        Self::Set { path: path.to_owned(), value: value.to_owned() }
    }
}

/// A description of the change, for events and for undoing it.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, value } => write!(f, "{} = {}", path.trim(), value.trim()),
            Self::Grid { up: true } => write!(f, "the grid is restored"),
            Self::Grid { up: false } => write!(f, "the grid fails"),
            Self::Break { what } => write!(f, "{what}"),
            Self::Mend { what: FaultKind::Link(a, b) } => {
                write!(f, "the link between {a} and {b} is repaired")
            }
            Self::Mend {
                what:
                    FaultKind::Node(id)
                    | FaultKind::Pv(id)
                    | FaultKind::Battery(id)
                    | FaultKind::Genset(id),
            } => write!(f, "{id} is repaired"),
            Self::Clouds { cover, hours } => {
                write!(f, "clouds cover {} % of the sky for {hours} h", percent(*cover))
            }
            Self::Cars { chargers, count, asked_kwh, stay_h } => {
                let (come, each) =
                    if *count == 1 { ("car arrives", "") } else { ("cars arrive", " each") };
                write!(f, "{count} {come} at {chargers}: {asked_kwh} kWh{each}, for {stay_h} h")
            }
            Self::StateOfCharge { battery, soc } => {
                write!(f, "{battery} is {} % charged", percent(*soc))
            }
            Self::Metered(_) => write!(f, "the meters' readings"),
            Self::Note { text } => write!(f, "{text}"),
        }
    }
}

/// A share in per cent, to a tenth.
fn percent(share: Fraction) -> f64 {
    (share.get() * 1000.0).round() / 10.0
}
