//! The world of gridtwin: scenario, physics, engine and record.
//!
//! A [`Scenario`] is what the user writes; a [`Twin`] is the site that lives by it; what happens is
//! told to a [`record::Observer`]. The twin reads scenario and data files and nothing else: no wall
//! clock, no threads, no output.
//!
//! Sign: a power that may flow both ways is positive where it flows *into* the site's bus
//! (generation, import, discharge) and negative where it leaves it (load, export, charge). A power
//! whose name says its direction (`import_kw`, `charge_kw`, `load_kw`) is a magnitude.

pub mod edge;
pub mod energy;
mod engine;
mod files;
pub mod pv;
pub mod record;
pub mod scenario;
pub mod series;
pub mod sun;
pub mod weather;

pub use engine::{ChangeError, Twin, TwinError};
pub use files::Files;
pub use scenario::{Override, Scenario, ScenarioError};
