//! Live meters in the twin: MQTT messages in, estimates, forecasts and set points out.
//!
//! [`live`] is the twin that follows its meters: pure, without clock and connection. Around it stand
//! what reads messages ([`payload`]), what judges readings ([`quality`]) and learns from them
//! ([`estimate`]), what is said ([`announce`]), the broker ([`broker`]), the file in which everything
//! stands before the twin sees it ([`journal`], a crate of its own that the viewer reads, too), and a fleet of simulated meters ([`fleet`]).
//! [`session`] puts them together in front of a wall clock. Nothing here knows the command line.

pub mod announce;
pub mod broker;
pub mod estimate;
pub mod fleet;
pub mod live;
pub mod payload;
pub mod quality;
pub mod session;
mod site;

pub use gridtwin_journal as journal;
pub use site::{Device, Meters, Site};
