//! What stands around the 3D scene: time, tree, inspector, charts, what-if, comparison, palette.
//! egui only: each panel is a function from what there is to what the user wants, and knows no
//! window and no Bevy.

mod action;
mod overlay;
pub mod palette;

pub use action::Action;
pub use overlay::{Legend, Overlay};
