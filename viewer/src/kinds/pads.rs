//! Coloured ground under whatever an overlay has a colour for, so that the colour is seen from afar
//! on a small thing too. Not there without an overlay.

use crate::layout::{Body, Place};
use crate::overlay::Colours;
use crate::scene::{On, Plot, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_player::Thing;

/// The ground under a thing.
#[derive(Component, Clone, Copy, Debug)]
pub struct Pad {
    /// What stands on it.
    pub thing: Thing,
}

/// How far it reaches beyond a footprint, both sides together, in metres.
const MARGIN: f32 = 2.4;
/// Its height above the meadow, in metres: above roads, below feeders.
const GROUND: f32 = 0.1;
/// Width of the pad under a device, in metres.
const DEVICE: f32 = 2.6;

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, place: &Place) {
    match place.body {
        Body::Fleet => {
            let Thing::Fleet(fleet) = place.thing else { return };
            let layout = plot.side.layout.clone();
            for &spot in layout.devices.get(usize::from(fleet)).into_iter().flatten() {
                lay(yard, plot, place.thing, spot.extend(GROUND), Vec2::splat(DEVICE));
            }
        }
        // On its building's roof.
        Body::Array { roof, carport: false, .. } if roof > 0.0 => {
            lay(yard, plot, place.thing, place.at.extend(roof + 0.12), place.size - Vec2::ONE);
        }
        // On roofs and ground of their own, in the sky.
        Body::Array { carport: true, .. } | Body::Bays { .. } | Body::Cloud => {}
        _ => {
            let size = place.size + Vec2::splat(MARGIN);
            lay(yard, plot, place.thing, place.at.extend(GROUND), size);
        }
    }
}

/// Lays a pad: `at` has its height last.
fn lay(yard: &mut Yard, plot: &Plot, thing: Thing, at: Vec3, size: Vec2) {
    let (mesh, matte) = (yard.kit.pad.clone(), yard.kit.matte.clone());
    let transform =
        Transform::from_xyz(at.x, at.z, at.y).with_scale(Vec3::new(size.x, 1.0, size.y));
    plot.part(&mut yard.commands, None, &mesh, &matte, transform).insert((
        Pad { thing },
        Visibility::Hidden,
        NotShadowCaster,
    ));
}

/// Colours the ground under an overlay.
pub(super) fn show(
    colours: Res<Colours>,
    mut pads: Query<(&On, &Pad, &mut MeshTag, &mut Visibility)>,
) {
    for (on, pad, mut tag, mut visibility) in &mut pads {
        match colours.of(on.0, pad.thing) {
            Some(color) => {
                visibility.set_if_neq(Visibility::Inherited);
                tag.set_if_neq(Look::tinted(color, 1.0, 0.5).tag());
            }
            None => {
                visibility.set_if_neq(Visibility::Hidden);
            }
        }
    }
}
