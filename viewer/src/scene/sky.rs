//! Sun, moon, sky and exposure, from the stage's instant.

use super::camera::SiteCamera;
use super::stage::Stage;
use super::sun::{Daylight, daylight};
use crate::meshes::Shape;
use bevy::asset::embedded_asset;
use bevy::camera::Exposure;
use bevy::camera::visibility::{NoFrustumCulling, RenderLayers};
use bevy::light::{
    Atmosphere, CascadeShadowConfigBuilder, NotShadowCaster, atmosphere::ScatteringMedium,
};
use bevy::pbr::{AtmosphereSettings, Material, MaterialPlugin};
use bevy::picking::Pickable;
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, ShaderType};
use bevy::shader::ShaderRef;

/// How the sky is drawn.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SkyKind {
    /// A dome with the colours of the hour, clouds and stars: the same on every machine.
    #[default]
    Gradient,
    /// Bevy's atmosphere. It needs a graphics card: Mesa's older software driver (22.3) crashes.
    Atmosphere,
}

/// The dome on which gradient, clouds and stars are painted.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub(super) struct SkyMaterial {
    #[uniform(0)]
    sky: SkyUniform,
}

#[derive(ShaderType, Clone, Copy, Debug, Default, PartialEq)]
struct SkyUniform {
    to_sun: Vec4,
    zenith: Vec4,
    horizon: Vec4,
    glow: Vec4,
    how: Vec4,
}

impl Material for SkyMaterial {
    fn fragment_shader() -> ShaderRef {
        "embedded://gridtwin_viewer/scene/sky.wgsl".into()
    }
    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }
    fn enable_prepass() -> bool {
        false
    }
    fn enable_shadows() -> bool {
        false
    }
}

/// The sun's light.
#[derive(Component)]
pub(super) struct SunLight;
/// The moon's.
#[derive(Component)]
pub(super) struct MoonLight;
#[derive(Component)]
pub(super) struct Dome;

/// The light that is shown, for whoever writes it beside the picture.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub(super) struct Light(pub(super) Option<Daylight>);

pub(super) fn register(app: &mut App) {
    embedded_asset!(app, "sky.wgsl");
    app.add_plugins(MaterialPlugin::<SkyMaterial>::default());
}

pub(super) fn spawn(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SkyMaterial>>,
    media: Option<ResMut<Assets<ScatteringMedium>>>,
    kind: Res<SkyKind>,
) {
    let both = RenderLayers::from_layers(&[0, 1, 2]);
    let shadows = CascadeShadowConfigBuilder {
        num_cascades: 3,
        minimum_distance: 1.0,
        maximum_distance: 600.0,
        first_cascade_far_bound: 110.0,
        overlap_proportion: 0.15,
    };
    commands.spawn((
        SunLight,
        DirectionalLight { shadow_maps_enabled: true, shadow_normal_bias: 1.2, ..default() },
        shadows.build(),
        Transform::default(),
        both.clone(),
    ));
    commands.spawn((
        MoonLight,
        DirectionalLight {
            shadow_maps_enabled: false,
            color: Color::srgb(0.62, 0.74, 1.0),
            ..default()
        },
        Transform::from_xyz(0.5, 0.8, 0.55).looking_at(Vec3::ZERO, Vec3::Y),
        both.clone(),
    ));
    commands.spawn((
        Dome,
        Mesh3d(meshes.add(Shape::new().ball(Vec3::ZERO, Vec3::splat(-2.0), 16, [0, 0, 0]).mesh())),
        MeshMaterial3d(materials.add(SkyMaterial { sky: SkyUniform::default() })),
        Transform::default(),
        NoFrustumCulling,
        NotShadowCaster,
        Pickable::IGNORE,
        both,
    ));
    if *kind == SkyKind::Atmosphere
        && let Some(mut media) = media
    {
        commands.spawn(Atmosphere::earth(media.add(ScatteringMedium::default())));
    }
}

/// Puts sun, moon, sky and exposure where the stage's instant wants them.
#[allow(clippy::too_many_arguments, clippy::type_complexity, reason = "what a system reads")]
pub(super) fn light_up(
    stage: Res<Stage>,
    kind: Res<SkyKind>,
    mut light: ResMut<Light>,
    mut ambient: ResMut<GlobalAmbientLight>,
    mut sun: Single<(&mut DirectionalLight, &mut Transform), (With<SunLight>, Without<MoonLight>)>,
    mut moon: Single<&mut DirectionalLight, (With<MoonLight>, Without<SunLight>)>,
    dome: Single<&MeshMaterial3d<SkyMaterial>, With<Dome>>,
    mut materials: ResMut<Assets<SkyMaterial>>,
    mut exposures: Query<&mut Exposure, With<SiteCamera>>,
    new: Query<(), Added<SiteCamera>>,
) {
    let at = stage.at();
    let ghi_w_m2 = stage.sides.first().map_or(0.0, |side| side.view.sample.ghi_w_m2);
    let now = daylight(stage.sun(at), ghi_w_m2);
    if light.0 == Some(now) && new.is_empty() {
        return;
    }
    light.0 = Some(now);
    let (sun_light, sun_place) = &mut *sun;
    sun_light.illuminance = now.sun_lux;
    // The atmosphere takes the colours out of the light by itself.
    sun_light.color = match *kind {
        SkyKind::Atmosphere => Color::WHITE,
        SkyKind::Gradient => now.sun_color.into(),
    };
    if *kind == SkyKind::Atmosphere {
        sun_light.illuminance = 128_000.0 * (1.0 - 0.88 * now.clouds);
    }
    **sun_place = Transform::default().looking_to(-now.to_sun, Vec3::Y);
    // A quiet night on a stage: bright enough to see by.
    moon.illuminance = 9.0 * now.night;
    ambient.brightness = now.ambient;
    ambient.color = now.ambient_color.into();
    for mut exposure in &mut exposures {
        exposure.ev100 = now.ev100;
    }
    let drift = (at.as_secs_f64() / 2600.0 % 400.0) as f32;
    let gradient = if *kind == SkyKind::Gradient { 1.0 } else { 0.0 };
    let sky = SkyUniform {
        to_sun: now.to_sun.extend(0.0),
        zenith: now.zenith.to_vec4(),
        horizon: now.horizon.to_vec4(),
        glow: now.glow.to_vec4(),
        how: Vec4::new(gradient, now.clouds, now.night, drift),
    };
    if let Some(mut material) = materials.get_mut(dome.0.id()) {
        material.sky = sky;
    }
}

/// Gives new cameras what the atmosphere needs.
pub(super) fn equip(
    mut commands: Commands,
    kind: Res<SkyKind>,
    cameras: Query<Entity, Added<SiteCamera>>,
) {
    if *kind == SkyKind::Atmosphere {
        for camera in &cameras {
            commands.entity(camera).insert(AtmosphereSettings::default());
        }
    }
}

/// Keeps the dome around the camera.
pub(super) fn follow(
    camera: Query<&Transform, (With<SiteCamera>, Without<Dome>)>,
    stage: Res<Stage>,
    mut dome: Single<&mut Transform, With<Dome>>,
) {
    let Some(camera) = camera.iter().next() else { return };
    let radius = stage.sides.first().map_or(100.0, |side| side.layout.radius);
    let wanted = Transform::from_translation(camera.translation)
        .with_scale(Vec3::splat(radius.max(30.0) * 42.0));
    dome.set_if_neq(wanted);
}
