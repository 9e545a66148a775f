//! What cannot be right about a site's meters, and the evidence. Not the readings' own quality
//! ([`crate::quality`]), and not what is done about it.
//!
//! The twin's model of a device is no witness: loads and cars do as they please, and its clouds are
//! not the clouds outside. So a detector asks only what must hold whatever the weather and the
//! people do. The strongest witness is the **site balance**: what the grid, the arrays, the
//! batteries and the gensets give is what the rest takes. Without enough evidence, nothing is said.
//!
//! | kind | evidence | flagged within |
//! |---|---|---|
//! | [`Kind::Dead`] | no reading for longer than the meter's limit, or it was said to be gone | the first look after |
//! | [`Kind::Stuck`] | the very same value for [`STUCK_RUN`] readings and ten times longer than ever in [`STUCK_LEARN`], and either of a quantity that cannot stand still for [`STUCK_SPAN`], or the site balance is off meanwhile for [`STUCK_OFF`] intervals; an array that gives the same for [`STUCK_SPAN`] in the dark | as said |
//! | [`Kind::FlippedSign`] | an array that draws by day, a load that gives: [`FLIPPED_OWN`] intervals; a battery whose state of charge goes the wrong way: [`FLIPPED_SOC`] times 3 % of its capacity; the site balance holds with the other sign and only so: [`FLIPPED_BALANCE`] intervals over which the power varies | as said |
//! | [`Kind::Jump`] | the site balance jumps with one meter by the same amount and stays so: [`JUMP_HELD`] intervals; or [`ABSURD_RUN`] absurd readings in a row | as said |
//! | [`Kind::Unexplained`] | the site balance is off to one side by more than 5 standard deviations, and no meter explains it | [`UNEXPLAINED_AFTER`] intervals |
//! | [`Kind::Soiled`] | an array's performance ratio, beside its neighbours' or under a sky that is known, lies surely below what it was by a tenth | [`SOILED_DAYS`] days for a loss of 30 % under a sky that is known, [`SOILED_DAYS_BESIDE`] for a half beside a neighbour |
//! | [`Kind::WrongSoc`] | readings of the state of charge lie beyond the filter's gate | [`WRONG_SOC_AFTER`] intervals |
//!
//! What cannot be told from here: which of two meters is wrong when both are; a meter that is stuck
//! where its device is idle (what that does to the balance is [`Kind::Unexplained`]); a grid or
//! battery meter that jumps, as against somebody who takes as much (the same). Without a meter at the
//! grid there is no balance, and only what a meter says by itself is left.
//!
//! An anomaly is raised once, and cleared once when the evidence has spoken against it for a while.

mod balance;
mod battery;
mod dead;
mod flipped;
mod guard;
mod jump;
mod latch;
mod soiled;
mod stuck;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod month;
#[cfg(test)]
mod month_tests;

pub use balance::{ACCURACY, Balance, Part, Residual, UNEXPLAINED_AFTER};
pub use battery::{FLIPPED_SOC, WRONG_SOC_AFTER};
pub use dead::{BACK_AFTER, Dead};
pub use flipped::{FLIPPED_BALANCE, FLIPPED_OWN};
pub use guard::{Device, Guard, MeterState, Role, Seen};
pub use jump::{ABSURD_RUN, JUMP_HELD};
pub use soiled::{SOILED_DAYS, SOILED_DAYS_BESIDE};
pub use stuck::{STUCK_ENDED, STUCK_LEARN, STUCK_OFF, STUCK_RUN, STUCK_SPAN};

use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::{Id, Quantity};
use std::fmt;

/// What the twin's model says of a device's power in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Mean, kW, with the sign of the device's power.
    pub mean_kw: f64,
    /// Standard deviation of the model's error, kW.
    pub deviation_kw: f64,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The meter is silent.
    Dead,
    /// It says the same while what it measures moves.
    Stuck,
    /// It was wired, or is reckoned, the other way round.
    FlippedSign,
    /// It shifted to another level that nothing else knows of.
    Jump,
    /// More power goes in than is accounted for, or less: theft, a consumer that nobody metered, or
    /// a meter that reads wrong.
    Unexplained,
    /// An array gives less than it did: dirt, snow, shade, a string that failed.
    Soiled,
    /// A battery's state of charge and its power do not fit each other.
    WrongSoc,
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Stuck => "stuck",
            Self::FlippedSign => "flipped sign",
            Self::Jump => "jump",
            Self::Unexplained => "unexplained power",
            Self::Soiled => "soiled",
            Self::WrongSoc => "wrong state of charge",
        }
    }
}

/// Something that cannot be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// Whose meter; the grid's for what concerns the whole site.
    pub device: Id,
    /// Which quantity of it.
    pub quantity: Quantity,
    /// What is wrong.
    pub kind: Kind,
    /// Since when, as far as can be told.
    pub since: SimTime,
    /// Why one must think so: a sentence with numbers and units.
    pub evidence: String,
}

/// As in "power of roof: stuck since 1d 02:00:00: ...".
impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { device, quantity, kind, since, evidence } = self;
        write!(f, "{} of {device}: {} since {since}: {evidence}", quantity.name(), kind.name())
    }
}

/// What became of an anomaly.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It was found.
    Raised(Anomaly),
    /// It is over.
    Cleared {
        /// Whose meter.
        device: Id,
        /// Which quantity of it.
        quantity: Quantity,
        /// What was wrong.
        kind: Kind,
        /// When it was seen to be over.
        at: SimTime,
    },
}
