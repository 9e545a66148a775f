//! What is changed while the site lives: a what-if edit, an operator's order, a meter's reading.
//! Not faults and outages that are known from the start.

use super::Metered;
use super::faults::FaultKind;
use super::units::{Fraction, Id, Positive};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A change that is made while the run goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// When, in local time: with the interval that begins then, or with the next one.
    pub at: DateTime,
    /// What.
    pub change: Change,
}

/// Something that is changed from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Change {
    /// A value of the scenario, as `--set PATH=VALUE` sets it: a size, a policy, a protocol, a
    /// tariff.
    ///
    /// It holds from the instant of the change on; what has been lived through stays. Batteries keep
    /// what they hold, up to their new highest state of charge; gensets run on; cars stay, and wait
    /// again where there are fewer chargers; a task or message that is on its way ends as it was
    /// begun, and one that has lost its core begins anew. A consensus group with another protocol,
    /// other members or another client begins anew, and blocks that were not decided are put to its
    /// vote; its time-outs are those for its links as they then are, and stay so when links change.
    ///
    /// What was drawn or spent when the run began cannot change: the name, the place, the start,
    /// the length, the step, the seed, what there is and what it is called, tasks, sessions of
    /// cars, how many devices there are and where their power comes from, outages, faults, the
    /// currency, prices by the month, what batteries held at the start, and the list of changes.
    Set {
        /// Its place, as in "batteries.container.capacity_kwh".
        path: String,
        /// The new value as the scenario would say it, as in "800" or "Raft".
        value: String,
    },
    /// The grid fails, until it is brought back, whatever outages come and go; or it comes back, until
    /// the next outage.
    Grid {
        /// Whether it is there.
        up: bool,
    },
    /// Something breaks, until it is mended, whatever faults come and go. What is broken already
    /// stays so.
    Break {
        /// What.
        what: FaultKind,
    },
    /// Something is mended: all faults that hold it down are over. What is in order stays so.
    Mend {
        /// What.
        what: FaultKind,
    },
    /// Clouds come up, before those that are there: of the light that would come through, they let
    /// through 1 - 0.75 cover^3.4 (Kasten and Czeplak 1980).
    Clouds {
        /// Share of the sky that they cover.
        cover: Fraction,
        /// For so long.
        hours: Positive,
    },
    /// Cars come, all at once. Each takes what the group's own cars can take; their sessions are
    /// numbered on from the foreseen ones.
    Cars {
        /// To which group of chargers.
        chargers: Id,
        /// How many.
        count: u32,
        /// What each asks for.
        asked_kwh: Positive,
        /// How long each stays.
        stay_h: Positive,
    },
    /// A battery's state of charge is as its meter reads it.
    StateOfCharge {
        /// Which battery.
        battery: Id,
        /// The state of charge.
        soc: Fraction,
    },
    /// The coming interval is as its meters read it.
    Metered(Metered),
    /// Something was found from outside that changes nothing by itself.
    Note {
        /// What.
        text: String,
    },
}

impl Change {
    /// A value that is set, as `--set PATH=VALUE` sets it.
    pub fn set(path: &str, value: &str) -> Self {
        Self::Set { path: path.to_owned(), value: value.to_owned() }
    }
}

/// In a user's words: for events, and for what can be undone.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, value } => write!(f, "{} = {}", path.trim(), value.trim()),
            Self::Grid { up: true } => write!(f, "the grid comes back"),
            Self::Grid { up: false } => write!(f, "the grid fails"),
            Self::Break { what } => write!(f, "{what}"),
            Self::Mend { what: FaultKind::Link(a, b) } => {
                write!(f, "the link between {a} and {b} is mended")
            }
            Self::Mend {
                what:
                    FaultKind::Node(id)
                    | FaultKind::Pv(id)
                    | FaultKind::Battery(id)
                    | FaultKind::Genset(id),
            } => write!(f, "{id} is mended"),
            Self::Clouds { cover, hours } => {
                write!(f, "clouds cover {} % of the sky for {hours} h", percent(*cover))
            }
            Self::Cars { chargers, count, asked_kwh, stay_h } => {
                let (come, each) =
                    if *count == 1 { ("car comes", "") } else { ("cars come", " each") };
                write!(f, "{count} {come} to {chargers}: {asked_kwh} kWh{each}, for {stay_h} h")
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
