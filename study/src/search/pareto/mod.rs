//! Points of several objectives, all to be made small: which are worth having, and what can be said
//! of them together. Plain numbers in, places in the list out; it knows no constraints.

mod front;
mod hypervolume;
mod measures;

pub use front::{dominates, front};
pub use hypervolume::hypervolume;
pub use measures::{ideal, knee, nadir};
