//! Puts the scene's systems in order.

use super::kit::Kit;
use super::stage::{Picked, Stage, Wish};
use super::{Framing, SkyKind};
use super::{build, camera, scenery, select, sky};
use crate::material::{TintMaterial, TintPlugin};
use crate::{flows, kinds, overlay, traffic};
use bevy::prelude::*;

/// What the scene does in a frame, in this order. It all happens in `Update`: whoever fills
/// [`Stage`] and [`Wish`] does so before.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SceneSystems {
    /// Builds and clears.
    Build,
    /// Reads the view, and colours, moves and lights what there is.
    Show,
}

/// The scene. Where `drawn` is false there is neither light nor camera nor material: for tests and
/// benchmarks of what systems do.
#[derive(Clone, Copy, Debug)]
pub struct ScenePlugin {
    /// Whether there is a renderer.
    pub drawn: bool,
    /// How the sky is drawn.
    pub sky: SkyKind,
}

impl Plugin for ScenePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Wish>()
            .init_resource::<Framing>()
            .init_resource::<build::Built>()
            .init_resource::<overlay::Colours>()
            .init_resource::<traffic::TrafficScale>()
            .insert_resource(self.sky)
            .add_message::<Picked>()
            .configure_sets(
                Update,
                (SceneSystems::Build, SceneSystems::Show).chain().run_if(resource_exists::<Stage>),
            )
            .add_systems(Startup, (make_kit, select::spawn).chain())
            .add_systems(Update, build::build.in_set(SceneSystems::Build))
            .add_systems(
                Update,
                (
                    overlay::colour,
                    (scenery::fade, select::ring, flows::show, traffic::show),
                    kinds::systems(),
                )
                    .chain()
                    .in_set(SceneSystems::Show),
            );
        if !self.drawn {
            app.init_resource::<Assets<Mesh>>().init_resource::<Assets<TintMaterial>>();
            return;
        }
        app.add_plugins(TintPlugin).init_resource::<sky::Light>();
        sky::register(app);
        app.add_systems(Startup, sky::spawn)
            .add_systems(
                Update,
                (camera::keep_cameras, sky::equip, camera::lock_cameras, camera::go, sky::light_up)
                    .chain()
                    .after(SceneSystems::Show)
                    .run_if(resource_exists::<Stage>),
            )
            .add_systems(
                PostUpdate,
                sky::follow
                    .after(bevy_panorbit_camera::PanOrbitCameraSystemSet)
                    .before(TransformSystems::Propagate)
                    .run_if(resource_exists::<Stage>),
            )
            .init_resource::<select::PressedAt>()
            .add_observer(select::on_press)
            .add_observer(select::on_click);
    }
}

fn make_kit(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<TintMaterial>>,
) {
    commands.insert_resource(Kit::new(&mut meshes, &mut materials));
}
