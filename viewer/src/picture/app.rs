//! The Bevy app that draws one picture: no window, no event loop, as many frames as it takes until
//! everything that is to be drawn has been made ready.

use super::{Caption, Picture, PictureError, PictureOrder, paint_caption, paint_legend};
use crate::names::Names;
use crate::scene::{Framing, ScenePlugin, SiteCamera, SkyKind, Stage, Wish, locate, site_camera};
use bevy::app::PluginsState;
use bevy::asset::RenderAssetUsages;
use bevy::camera::RenderTarget;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{
    Extent3d, PipelineCache, TextureDimension, TextureFormat, TextureUsages,
};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::render::{RenderApp, RenderPlugin};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use bevy_egui::{
    EguiContexts, EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, PrimaryEguiContext,
};
use bevy_panorbit_camera::PanOrbitCameraPlugin;

/// After so many frames something is wrong.
const MOST_FRAMES: u32 = 200;

/// What is written on the picture.
#[derive(Resource)]
struct Written {
    caption: Option<Caption>,
    names: bool,
    scale: f32,
}

/// The picture, once it is there.
#[derive(Resource, Default)]
struct Taken(Option<Image>);

pub(super) fn draw(
    order: &PictureOrder,
    sky: SkyKind,
    stage: Stage,
) -> Result<Picture, PictureError> {
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(RenderPlugin { synchronous_pipeline_compilation: true, ..default() })
            .disable::<WinitPlugin>()
            .disable::<LogPlugin>()
            .disable::<PipelinedRenderingPlugin>(),
    )
    .add_plugins((
        EguiPlugin::default(),
        PanOrbitCameraPlugin,
        ScenePlugin { drawn: true, sky },
    ));
    let caption = order.caption.then(|| Caption::of(&stage, order.overlay));
    let scale = (order.size.1 as f32 / 720.0).clamp(0.55, 3.0);
    app.insert_resource(stage)
        .insert_resource(Wish {
            overlay: order.overlay,
            selected: order.select,
            reduced_motion: true,
            ..default()
        })
        .insert_resource(match order.select {
            Some(thing) if order.near => Framing::Thing(thing),
            _ => Framing::Site,
        })
        .insert_resource(Written { caption, names: order.names, scale })
        .init_resource::<Taken>()
        .add_systems(EguiPrimaryContextPass, write);
    app.world_mut().resource_mut::<EguiGlobalSettings>().auto_create_primary_context = false;
    let (width, height) = (order.size.0.max(1), order.size.1.max(1));
    let target = {
        let mut image =
            Image::new_target_texture(width, height, TextureFormat::Rgba8UnormSrgb, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        app.world_mut().resource_mut::<Assets<Image>>().add(image)
    };
    let rendered = RenderTarget::Image(target.clone().into());
    app.world_mut().spawn((site_camera(0, sky, Some(rendered)), PrimaryEguiContext));
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    // The atmosphere's tables need some frames of their own.
    let settled = if sky == SkyKind::Atmosphere { 4 } else { 1 };
    let mut ready = 0;
    let mut asked = false;
    for frame in 0..MOST_FRAMES {
        app.update();
        if let Some(image) = app.world_mut().resource_mut::<Taken>().0.take() {
            let selected_px = order.select.and_then(|thing| project(&mut app, thing));
            return Ok(picture(&image, width, height, selected_px));
        }
        ready = if frame > 3 && is_ready(&app) { ready + 1 } else { 0 };
        if ready >= settled && !asked {
            asked = true;
            app.world_mut().spawn(Screenshot::image(target.clone())).observe(
                |captured: On<ScreenshotCaptured>, mut taken: ResMut<Taken>| {
                    taken.0 = Some(captured.image.clone());
                },
            );
        }
    }
    Err(PictureError::NoPicture { frames: MOST_FRAMES })
}

/// Whether every shader has been made.
fn is_ready(app: &App) -> bool {
    app.get_sub_app(RenderApp)
        .and_then(|render| render.world().get_resource::<PipelineCache>())
        .is_some_and(|cache| cache.waiting_pipelines().next().is_none())
}

/// Where a thing's middle is in the picture.
fn project(app: &mut App, thing: Thing) -> Option<Vec2> {
    let world = app.world_mut();
    let middle = locate(&world.resource::<Stage>().sides.first()?.layout, thing)?.0;
    let mut cameras = world.query_filtered::<(&Camera, &GlobalTransform), With<SiteCamera>>();
    let (camera, place) = cameras.iter(world).next()?;
    camera.world_to_viewport(place, middle).ok()
}

use gridtwin_player::Thing;

fn picture(image: &Image, width: u32, height: u32, selected_px: Option<Vec2>) -> Picture {
    let data = image.data.as_deref().unwrap_or(&[]);
    let rgb = data.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Picture { width, height, rgb, selected_px }
}

/// A picture as Bevy's image, which can be written to a file.
pub(super) fn to_image(picture: &Picture) -> Image {
    let data = picture.rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let size = Extent3d { width: picture.width, height: picture.height, depth_or_array_layers: 1 };
    Image::new(
        size,
        TextureDimension::D2,
        data,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::default(),
    )
}

/// Writes title, legend and the names that are wished for.
fn write(
    mut contexts: EguiContexts,
    written: Res<Written>,
    stage: Res<Stage>,
    wish: Res<Wish>,
    cameras: Query<(&SiteCamera, &Camera, &GlobalTransform)>,
    mut names: Local<Names>,
) -> Result {
    let Some(caption) = &written.caption else { return Ok(()) };
    let context = contexts.ctx_mut()?;
    let painter = context.layer_painter(bevy_egui::egui::LayerId::background());
    let area = context.content_rect();
    if let (Some(side), Ok((_, camera, place))) = (stage.sides.first(), cameras.single()) {
        names.follow(side);
        let project = |at: Vec3| {
            let seen = camera.world_to_viewport(place, at).ok()?;
            Some(bevy_egui::egui::pos2(seen.x, seen.y))
        };
        let size = 15.0 * written.scale;
        names.paint(&painter, area, wish.selected, written.names, size, project);
    }
    paint_caption(&painter, area, caption, written.scale);
    paint_legend(&painter, area, caption.overlay.legend(), written.scale);
    Ok(())
}
