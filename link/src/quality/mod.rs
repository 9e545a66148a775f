//! Quality of readings: each is judged on arrival, and those used become the mean power of an
//! interval. Not what the readings imply about the device, which is [`crate::estimate`].
//!
//! - [`Watch`] judges one reading after another: good, late, repeated, out of order, absurd, frozen.
//! - [`Silence`] knows when a meter was last heard.
//! - [`Counter`] turns an energy counter into what was counted since the last reading.
//! - [`PowerMean`] and [`EnergyMean`] turn readings into means over intervals.

mod counter;
mod mean;
mod runs;
mod silence;
mod stamps;
mod watch;

pub use counter::{Counter, Increment, Step};
pub use mean::{EnergyMean, Mean, Metered, PowerMean};
pub use runs::{IDLE_SHARE, Run, Runs};
pub use silence::{Presence, Silence};
pub use stamps::{LATE_AFTER, OLDEST_STAMP, STAMP_AHEAD, STEADY};
pub use watch::{Limits, Quality, Watch};
