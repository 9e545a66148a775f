//! Where the sun stands: NREL's Solar Position Algorithm, a fast path for long series, rise and
//! set, and the strength of sunlight above the air. Nothing here knows of weather or panels.

mod fast;
mod observer;
mod radiation;
mod rise_set;
mod spa;
mod tables;

pub use fast::SunPath;
use observer::Frame;
pub use observer::{DELTA_T_S, Direction, Observer, Position};
pub use radiation::{SOLAR_CONSTANT_W_M2, extraterrestrial_w_m2};
pub use rise_set::{RiseSet, rise_set};
pub use spa::{equation_of_time_min, position};
