//! What stands around the 3D scene: time, tree, inspector, charts, what-if, comparison, palette.
//! egui only: each panel is a function from what there is to what the user wants, and knows no
//! window and no Bevy.
//!
//! The window calls [`show`] each frame with a [`Model`] of its player and its [`Desk`], carries out
//! the [`Action`]s that come back, and draws the scene where [`Shown::views`] says.

mod action;
mod charts;
mod civil;
mod command_palette;
mod compare;
mod controls;
mod files;
mod inspector;
mod keys;
mod keys_window;
mod knobs;
mod layout;
mod legend;
mod marks;
mod menu;
mod model;
mod number;
mod overlay;
pub mod palette;
mod parameters;
mod scrubber;
mod sparkline;
mod state;
mod style;
mod things;
mod time_bar;
mod toasts;
mod tree;
mod what_if;

pub use action::Action;
pub use layout::{Shown, show};
pub use model::{Desk, FutureModel, Model};
pub use overlay::{Legend, Overlay};
pub use state::{PanelState, Tab};
