//! Anomalies of a site's meters, with their evidence. Not the quality of single readings
//! ([`crate::quality`]), and not the reaction.
//!
//! The twin's model of a device is no evidence: loads and cars vary freely, and the model's clouds
//! are not the real ones. So a detector checks only what must hold whatever the weather and the
//! users do. The strongest evidence is the **site balance**: what the grid, arrays, batteries and
//! gensets supply equals what the others consume. Without enough evidence, nothing is reported.
//!
//! | kind | evidence | flagged within |
//! |---|---|---|
//! | [`Kind::Dead`] | no reading for longer than the meter's limit, or reported offline | the next check |
//! | [`Kind::Stuck`] | the same value for [`STUCK_RUN`] readings and ten times longer than any run in [`STUCK_LEARN`], and either a quantity that cannot be constant for [`STUCK_SPAN`], or a site balance that is off for [`STUCK_OFF`] intervals meanwhile; an array with constant power for [`STUCK_SPAN`] at night | as stated |
//! | [`Kind::FlippedSign`] | an array that consumes by day, a load that generates: [`FLIPPED_OWN`] intervals; a battery whose state of charge moves in the wrong direction: [`FLIPPED_SOC`] times 3 % of its capacity; the site balance holds only with the opposite sign: [`FLIPPED_BALANCE`] intervals over which the power varies | as stated |
//! | [`Kind::Jump`] | the site balance jumps together with one meter, by the same amount, and stays off for [`JUMP_HELD`] intervals; or [`ABSURD_RUN`] consecutive absurd readings | as stated |
//! | [`Kind::Unexplained`] | the site balance is off to one side by more than 5 standard deviations, and no meter explains it | [`UNEXPLAINED_AFTER`] intervals |
//! | [`Kind::Soiled`] | an array's performance ratio, compared with its neighbours or under a measured sky, is significantly below its earlier value by a tenth | [`SOILED_DAYS`] days for a loss of 30 % under a measured sky, [`SOILED_DAYS_BESIDE`] for a loss of half compared with a neighbour |
//! | [`Kind::WrongSoc`] | readings of the state of charge are beyond the filter's gate | [`WRONG_SOC_AFTER`] intervals |
//!
//! What cannot be decided here: which of two meters is wrong if both are; a meter that is stuck
//! while its device is idle (its effect on the balance is [`Kind::Unexplained`]); a jump of a grid
//! or battery meter, as opposed to a new consumer of the same power (likewise). Without a grid
//! meter there is no balance, and only each meter's own readings can be checked.
//!
//! An anomaly is raised once, and cleared once when the evidence has contradicted it for a while.

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

/// The model's power of a device in an interval.
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
    /// Its reading is constant although the measured quantity varies.
    Stuck,
    /// It was wired, or is reckoned, the other way round.
    FlippedSign,
    /// It shifted to another level that nothing else knows of.
    Jump,
    /// More or less power flows in than is accounted for: theft, an unmetered consumer, or a wrong
    /// meter.
    Unexplained,
    /// An array yields less than before: dirt, snow, shade, a failed string.
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
    /// The meter's device; the grid for the whole site.
    pub device: Id,
    /// Which quantity of it.
    pub quantity: Quantity,
    /// What is wrong.
    pub kind: Kind,
    /// When it began, as far as known.
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
        /// The meter's device.
        device: Id,
        /// Which quantity of it.
        quantity: Quantity,
        /// What was wrong.
        kind: Kind,
        /// When it was seen to be over.
        at: SimTime,
    },
}
