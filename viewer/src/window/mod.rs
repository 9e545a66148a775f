//! The window: it ticks the player, shows its futures on the stage, lays the panels around it, and
//! carries out what the user wants. What the scene looks like and what stands on the panels is
//! theirs.

mod carry_out;
mod panels;
mod session;
mod show;

pub use session::Session;

use crate::driver::Graphics;
use crate::scene::{Framing, ScenePlugin, SceneSystems, SiteCamera, SkyKind, Wish, site_camera};
use bevy::camera::CameraOutputMode;
use bevy::camera::visibility::RenderLayers;
use bevy::light::{CascadeShadowConfig, CascadeShadowConfigBuilder, DirectionalLightShadowMap};
use bevy::log::LogPlugin;
use bevy::post_process::bloom::Bloom;
use bevy::prelude::*;
use bevy::render::render_resource::BlendState;
use bevy::window::WindowResolution;
use bevy::winit::WinitSettings;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, PrimaryEguiContext};
use bevy_panorbit_camera::PanOrbitCameraPlugin;

/// Opens the window and stays until it is closed.
pub fn open(session: Session, graphics: Graphics, sky: SkyKind, size: (u32, u32)) -> AppExit {
    let window = Window {
        title: format!("{} - gridtwin", session.player.catalog().name),
        name: Some("gridtwin".to_owned()),
        resolution: WindowResolution::new(size.0, size.1),
        ..default()
    };
    let mut app = App::new();
    if graphics.is_software {
        app.insert_resource(DirectionalLightShadowMap { size: 1024 })
            .add_systems(Update, (draw_simply, light_simply));
    }
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: Some(window), ..default() })
            .set(LogPlugin { filter: crate::driver::LOG_FILTER.to_owned(), ..default() }),
    )
    .add_plugins((MeshPickingPlugin, PanOrbitCameraPlugin, EguiPlugin::default()))
    .add_plugins(ScenePlugin { drawn: true, sky })
    .insert_resource(session)
    .add_plugins(WindowSystems)
    .insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() })
    .add_systems(Startup, cameras)
    .add_systems(EguiPrimaryContextPass, panels::panels);
    app.run()
}

/// What the window does in a frame, its panels apart: they are laid out after it, and what the user
/// wants there is carried out in the next. It needs a [`Session`] and the scene's systems.
#[derive(Clone, Copy, Debug)]
pub struct WindowSystems;

impl Plugin for WindowSystems {
    fn build(&self, app: &mut App) {
        let selected = app.world().get_resource::<Session>().and_then(|s| s.desk.selection);
        app.insert_resource(selected.map_or(Framing::Site, Framing::Thing))
            .init_resource::<WinitSettings>()
            .add_systems(
                Update,
                (
                    session::take_opened,
                    carry_out::carry_out,
                    show::tick,
                    show::fill_stage,
                    show::select,
                    show::pace,
                )
                    .chain()
                    .before(SceneSystems::Build),
            );
    }
}

/// Without a graphics card, edges stay jagged and nothing blooms: frames matter more.
fn draw_simply(mut commands: Commands, cameras: Query<Entity, Added<SiteCamera>>) {
    for camera in &cameras {
        commands.entity(camera).insert(Msaa::Off).remove::<Bloom>();
    }
}

/// Without a graphics card, one map holds all shadows.
fn light_simply(mut lights: Query<&mut CascadeShadowConfig, Added<CascadeShadowConfig>>) {
    for mut light in &mut lights {
        *light = CascadeShadowConfigBuilder {
            num_cascades: 1,
            minimum_distance: 1.0,
            maximum_distance: 300.0,
            ..default()
        }
        .build();
    }
}

/// The scene's camera, and above it the panels'.
fn cameras(
    mut commands: Commands,
    sky: Res<SkyKind>,
    session: Res<Session>,
    mut wish: ResMut<Wish>,
) {
    wish.overlay = session.desk.overlay;
    commands.spawn(site_camera(0, *sky, None));
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
