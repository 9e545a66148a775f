//! What cannot be read off a meter but follows from its readings, and when readings cannot be
//! right. Not whether a single reading is good, which is [`crate::quality`].
//!
//! - [`Kalman`]: the filter that the others use.
//! - [`SocFilter`]: a battery's state of charge from power, readings and voltage.
//! - [`Performance`]: what an array gives of what the model says.
//! - [`LoadForecast`]: a load's next two days.
//! - [`anomaly`]: what is wrong, with the evidence.

pub mod anomaly;
mod kalman;
mod load;
mod ocv;
mod pv;
mod soc;

pub use kalman::{Innovation, Kalman};
pub use load::{Coming, DayKind, Foreseen, LoadForecast, WARM_UP_DAYS, When};
pub use ocv::{Cells, Curve, CurveError};
pub use pv::Performance;
pub use soc::{
    Battery, CONVERGED_BY_SOC, CONVERGED_BY_VOLTAGE, Estimate, SocFilter, VOLTAGE_DEVIATION_V,
};
