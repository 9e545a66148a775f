//! The one material of the scene: standard light on vertex colours, tinted per instance by its tag.

use bevy::asset::embedded_asset;
use bevy::pbr::{ExtendedMaterial, MaterialExtension, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::AsBindGroup;
use bevy::shader::ShaderRef;

/// What [`Tint`] extends.
pub type TintMaterial = ExtendedMaterial<StandardMaterial, Tint>;

/// Reads each instance's tag: see [`crate::tag::Look`].
#[derive(Asset, AsBindGroup, Reflect, Clone, Debug, Default)]
pub struct Tint {}

impl MaterialExtension for Tint {
    fn fragment_shader() -> ShaderRef {
        "embedded://gridtwin_viewer/tint.wgsl".into()
    }

    fn enable_prepass() -> bool {
        false
    }
}

/// Makes [`TintMaterial`] known.
pub struct TintPlugin;

impl Plugin for TintPlugin {
    fn build(&self, app: &mut App) {
        embedded_asset!(app, "tint.wgsl");
        app.add_plugins(MaterialPlugin::<TintMaterial>::default());
    }
}

/// A matte surface.
pub fn matte() -> TintMaterial {
    surface(0.85, 0.0, 0.35)
}

/// Glass and paint.
pub fn glossy() -> TintMaterial {
    surface(0.28, 0.15, 0.5)
}

fn surface(roughness: f32, metallic: f32, reflectance: f32) -> TintMaterial {
    TintMaterial {
        base: StandardMaterial {
            perceptual_roughness: roughness,
            metallic,
            reflectance,
            ..default()
        },
        extension: Tint {},
    }
}
