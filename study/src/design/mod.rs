//! The axes of a parameter study and its points: which value stands behind each path at each
//! point. It sets and runs nothing: a point is a list of paths and texts, as `--set PATH=VALUE`
//! takes them.
//!
//! Listed axes (`List`, `Linspace`, `Logspace`) are crossed or go side by side; axes that are
//! distributions are drawn jointly, by Latin hypercube or Sobol, and the drawn rows are crossed
//! with the listed points. The same axes and seed always make the same design.

mod axis;
mod distribution;
mod error;
mod sampling;
mod spaced;
mod stream;
mod table;
mod value;

#[cfg(test)]
mod tests;

pub use axis::{Axis, Combine, Values};
pub use error::DesignError;
pub use sampling::{MAX_SOBOL_AXES, MAX_SOBOL_ROWS, Sampling};
pub use table::{Column, Design, MAX_POINTS};
pub use value::Value;
