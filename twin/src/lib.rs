//! The world of gridtwin: scenario, physics, engine and record.

pub mod pv;
pub mod sun;
pub mod weather;
