//! What makes, keeps, uses and prices electricity, one part a file: batteries, loads, cars,
//! gensets, tariffs, carbon, outages. Each part is plain data that is told how long it lived under
//! which power; who decides the powers, keeps the balance and cuts time into stretches of constant
//! power is the engine, not these parts.
//!
//! Sign: a power that may flow both ways is positive where it flows *into* the site's bus.

pub mod autonomy;
pub mod bank;
pub mod battery;
pub mod calendar;
pub mod carbon;
mod daylight;
mod error;
pub mod ev;
pub mod genset;
pub mod load;
pub mod outages;
mod shapes;
pub mod stored_mix;
pub mod tariff;

pub use error::EnergyError;
