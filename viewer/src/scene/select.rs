//! Selecting by a click, and the ring around what is selected.

use super::build::Yard;
use super::camera::locate;
use super::stage::{On, PartOf, Picked, Stage, Wish};
use crate::tag::Look;
use bevy::camera::visibility::RenderLayers;
use bevy::ecs::observer::On as Observed;
use bevy::light::NotShadowCaster;
use bevy::picking::Pickable;
use bevy::prelude::*;

/// The ring on the ground around what is selected, one for each side.
#[derive(Component, Clone, Copy, Debug)]
pub struct SelectionRing;

pub(super) fn spawn(mut yard: Yard) {
    let (mesh, material) = (yard.kit.ring.clone(), yard.kit.matte.clone());
    for side in 0..2 {
        yard.commands.spawn((
            SelectionRing,
            On(side),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            Look::tinted([255, 140, 0], 1.0, 1.0).tag(),
            Transform::from_scale(Vec3::ZERO),
            Visibility::Hidden,
            RenderLayers::layer(side + 1),
            Pickable::IGNORE,
            NotShadowCaster,
        ));
    }
}

/// Draws the ring where the selected thing is.
pub(super) fn ring(
    stage: Res<Stage>,
    wish: Res<Wish>,
    mut rings: Query<(&On, &mut Transform, &mut Visibility), With<SelectionRing>>,
) {
    for (on, mut transform, mut visibility) in &mut rings {
        let place = wish.selected.and_then(|thing| {
            let side = stage.sides.get(on.0)?;
            let (middle, reach) = locate(&side.layout, thing)?;
            let roof = match side.layout.place(thing)?.body {
                crate::layout::Body::Array { roof, .. } => roof,
                _ => 0.0,
            };
            Some((Vec3::new(middle.x, roof + 0.35, middle.z), reach.max(2.5) * 1.12 + 0.8))
        });
        match place {
            Some((at, radius)) => {
                let wanted =
                    Transform::from_translation(at).with_scale(Vec3::new(radius, 1.0, radius));
                transform.set_if_neq(wanted);
                visibility.set_if_neq(Visibility::Visible);
            }
            None => {
                visibility.set_if_neq(Visibility::Hidden);
            }
        }
    }
}

/// How far the pointer may move between press and release for a click, in points; farther, it turned
/// the camera.
const STILL: f32 = 5.0;

/// Where the pointer was pressed.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub(super) struct PressedAt(Vec2);

/// Remembers where a click or a drag began.
pub(super) fn on_press(press: Observed<Pointer<Press>>, mut at: ResMut<PressedAt>) {
    at.0 = press.pointer_location.position;
}

/// Tells of clicks on things. A drag that turns the camera is no click.
pub(super) fn on_click(
    click: Observed<Pointer<Click>>,
    pressed: Res<PressedAt>,
    parts: Query<&PartOf>,
    wish: Res<Wish>,
    mut picked: MessageWriter<Picked>,
) {
    let moved = click.pointer_location.position.distance(pressed.0);
    if wish.pointer_taken || click.button != PointerButton::Primary || moved > STILL {
        return;
    }
    if let Ok(part) = parts.get(click.entity) {
        picked.write(Picked(Some(part.0)));
    }
}
