//! The window: it ticks the player, shows its futures on the stage, lays the panels around it, and
//! carries out what the user wants. What the scene looks like and what stands on the panels is
//! theirs.

mod carry_out;
mod panels;
mod session;
mod show;

pub use session::Session;

use crate::driver::Graphics;
use crate::scene::{Framing, ScenePlugin, SceneSystems, SkyKind, Wish, site_camera};
use bevy::camera::CameraOutputMode;
use bevy::camera::visibility::RenderLayers;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::render_resource::BlendState;
use bevy::window::WindowResolution;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, PrimaryEguiContext};
use bevy_panorbit_camera::PanOrbitCameraPlugin;

/// Opens the window and stays until it is closed.
pub fn open(session: Session, graphics: Graphics, size: (u32, u32)) -> AppExit {
    let window = Window {
        title: format!("{} - gridtwin", session.player.catalog().name),
        name: Some("gridtwin".to_owned()),
        resolution: WindowResolution::new(size.0, size.1),
        ..default()
    };
    let sky = if graphics.is_software { SkyKind::Gradient } else { SkyKind::Atmosphere };
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: Some(window), ..default() })
            .set(LogPlugin { filter: crate::driver::LOG_FILTER.to_owned(), ..default() }),
    )
    .add_plugins((MeshPickingPlugin, PanOrbitCameraPlugin, EguiPlugin::default()))
    .add_plugins(ScenePlugin { drawn: true, sky })
    .add_plugins(WindowSystems)
    .insert_resource(session)
    .add_systems(Startup, cameras);
    app.run()
}

/// What the window does in a frame. It needs a [`Session`], the scene's systems, and egui.
#[derive(Clone, Copy, Debug)]
pub struct WindowSystems;

impl Plugin for WindowSystems {
    fn build(&self, app: &mut App) {
        let settings =
            EguiGlobalSettings { auto_create_primary_context: false, ..EguiGlobalSettings::default() };
        app.insert_resource(settings)
            .insert_resource(Framing::Site)
            .add_systems(
                Update,
                (session::take_opened, show::tick, show::fill_stage, show::select, show::pace)
                    .chain()
                    .before(SceneSystems::Build),
            )
            .add_systems(EguiPrimaryContextPass, panels::panels);
    }
}

/// The scene's camera, and above it the panels'.
fn cameras(mut commands: Commands, sky: Res<SkyKind>, session: Res<Session>, mut wish: ResMut<Wish>) {
    wish.overlay = session.desk.overlay;
    commands.spawn(site_camera(*sky));
    commands.spawn(panel_camera());
}

/// A camera that draws nothing but the panels, over what is there.
pub(crate) fn panel_camera() -> impl Bundle {
    (
        PrimaryEguiContext,
        Camera2d,
        RenderLayers::none(),
        Camera {
            order: 10,
            output_mode: CameraOutputMode::Write {
                blend_state: Some(BlendState::ALPHA_BLENDING),
                clear_color: ClearColorConfig::None,
            },
            clear_color: ClearColorConfig::Custom(Color::NONE),
            ..default()
        },
    )
}
