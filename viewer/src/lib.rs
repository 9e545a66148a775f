//! The twin in 3D: the scene as a Bevy plugin that reads plain resources, and pictures of it without
//! a window. Neither panels nor player: those are crates of their own, and the window puts all
//! together.

pub mod arguments;
pub mod driver;
pub mod flows;
pub mod kinds;
pub mod layout;
pub mod live;
pub mod material;
pub mod meshes;
pub mod names;
pub mod open;
pub mod overlay;
pub mod picture;
pub mod scene;
pub mod tag;
pub mod traffic;
pub mod window;
