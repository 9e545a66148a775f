//! The foundation of gridtwin: a clock, an event queue in total order, named random streams, time
//! series and histograms.
//!
//! Nothing here knows of energy, tasks or votes, and nothing here reads a wall clock.

mod histogram;
mod queue;
mod series;
mod streams;
mod time;

pub use histogram::Histogram;
pub use queue::EventQueue;
pub use series::{Series, SeriesError};
pub use streams::{Stream, Streams};
pub use time::{SimTime, Span};
