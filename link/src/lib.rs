//! Live meters for the twin: MQTT messages in; estimates, forecasts and set points out.
//!
//! [`live`] is the twin that follows its meters: pure, without clock and connection. Around it are
//! the readers of messages ([`payload`]), the checks of readings ([`quality`]), estimates from them
//! ([`estimate`]), publications ([`announce`]), the broker ([`broker`]), the file that stores every
//! message before the twin sees it ([`journal`], a separate crate that the viewer reads, too), and
//! a fleet of simulated meters ([`fleet`]). [`session`] connects them to a wall clock. Nothing here
//! depends on the command line.

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
