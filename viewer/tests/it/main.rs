//! What the viewer promises. One program, since each one links all of Bevy.

mod common;
mod draws;
mod layout;
mod open;
mod pictures;
mod scene;
mod systems;
mod window;
