//! The world of gridtwin: scenario, physics, engine and record.

pub mod edge;
pub mod pv;
pub mod record;
pub mod scenario;
pub mod sun;
pub mod weather;
