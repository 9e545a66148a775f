//! Weather: readers of files, a synthetic sky for places without one, and weather laid out on a
//! run's steps. Nothing here knows of panels, turbines or batteries.

mod atmosphere;
mod calendar;
mod clouds;
mod decompose;
mod error;
mod location;
mod read;
mod resample;
mod synthetic;
mod table;
mod trace;
mod understood;

use atmosphere::airmass_of;
pub use atmosphere::{ClearSky, Irradiance, pressure_at_altitude_pa, relative_airmass};
pub use decompose::erbs;
pub use error::{Fault, WeatherError};
pub use location::Location;
pub use read::{parse, read};
pub use synthetic::Climate;
pub use table::{TYPICAL_YEAR, Weather};
pub(crate) use trace::each_sun_step;
pub use trace::{SunStep, Trace};
pub use understood::Understood;
