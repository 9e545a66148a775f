//! The scene: the site in 3D, as a Bevy plugin that reads [`Stage`] and [`Wish`]. It knows neither
//! window nor panels nor player.

mod build;
mod camera;
mod kit;
mod plugin;
mod scenery;
mod select;
mod sky;
mod stage;
mod sun;

pub(crate) use build::{Plot, Yard};
pub use camera::{Framing, SiteCamera, camera as site_camera, locate};
pub use kit::Kit;
pub use plugin::{ScenePlugin, SceneSystems};
pub use select::SelectionRing;
pub use sky::SkyKind;
pub use stage::{On, PartOf, Picked, Side, Stage, Wish};
pub use sun::{Daylight, daylight};
