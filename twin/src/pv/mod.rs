//! Photovoltaics: from irradiance to AC power, one function per published model, and the chain of
//! them. Nothing here knows of files, batteries or the grid.

mod array;
mod chain;
mod perez;
mod pvwatts;
mod temperature;
mod transposition;

pub use array::Array;
pub use chain::{PvOptions, PvStep, PvYear, chain, power_trace, simulate, simulate_trace};
pub use pvwatts::{pvwatts_ac, pvwatts_dc};
pub use temperature::{Mount, faiman_c, noct_sam_c, pvsyst_cell_c, ross_c, sapm_cell_c};
pub use transposition::{Plane, SkyModel, SunOnPlane};
