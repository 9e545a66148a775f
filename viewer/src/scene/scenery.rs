//! What is there for its looks: meadow, hills, roads, trees. Under an overlay it loses its colour.

use super::build::{Plot, Yard};
use super::stage::{On, Wish};
use crate::meshes::{Shape, ground};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::math::Vec2;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_panels::Overlay;

/// It has nothing to say.
#[derive(Component)]
pub(crate) struct Scenery;

pub(super) fn spawn(yard: &mut Yard, plot: &Plot) {
    let layout = &plot.side.layout;
    let matte = yard.kit.matte.clone();
    let mut land = ground::meadow(layout.centre, layout.radius);
    for &(from, to, width) in &layout.roads {
        land = land.and(road(from, to, width));
    }
    let mesh = yard.meshes.add(land.mesh());
    plot.part(&mut yard.commands, None, &mesh, &matte, Transform::default())
        .insert((Scenery, NotShadowCaster));
    let mesh = yard.meshes.add(ground::hills(layout.centre, layout.radius).mesh());
    plot.part(&mut yard.commands, None, &mesh, &matte, Transform::default())
        .insert((Scenery, NotShadowCaster));
    for &(at, size, fir) in &layout.trees {
        let mesh = if fir { yard.kit.fir.clone() } else { yard.kit.tree.clone() };
        let turn = Quat::from_rotation_y(at.x * 1.7 + at.y);
        let transform = Transform::from_xyz(at.x, 0.0, at.y)
            .with_rotation(turn)
            .with_scale(Vec3::new(size, size * (0.9 + (at.x * 0.7).sin() * 0.12), size));
        plot.part(&mut yard.commands, None, &mesh, &matte, transform).insert(Scenery);
    }
}

/// A strip of asphalt or a path, by its width.
fn road(from: Vec2, to: Vec2, width: f32) -> Shape {
    let along = (to - from).normalize_or(Vec2::X);
    let side = Vec2::new(-along.y, along.x) * width / 2.0;
    let paint = if width > 4.0 { [134, 136, 138] } else { [190, 178, 154] };
    let lift = if width > 5.0 { 0.07 } else { 0.05 };
    let p = |at: Vec2| Vec3::new(at.x, lift, at.y);
    let mut shape =
        Shape::new().flat(&[p(from + side), p(to + side), p(to - side), p(from - side)], paint);
    if width > 5.0 {
        let length = from.distance(to);
        let half = along * 1.3;
        let line = Vec2::new(-along.y, along.x) * 0.09;
        let q = |at: Vec2| Vec3::new(at.x, lift + 0.03, at.y);
        for i in 0..(length / 6.0) as usize {
            let at = from + along * (i as f32 * 6.0 + 3.0);
            let corners = [
                q(at - half + line),
                q(at + half + line),
                q(at + half - line),
                q(at - half - line),
            ];
            shape = shape.flat(&corners, [226, 226, 220]);
        }
    }
    shape
}

/// Takes the scenery's colour under an overlay.
pub(super) fn fade(
    wish: Res<Wish>,
    mut last: Local<Option<bool>>,
    mut scenery: Query<(&mut MeshTag, Ref<On>), With<Scenery>>,
) {
    let faded = wish.overlay != Overlay::None;
    let all = *last != Some(faded);
    *last = Some(faded);
    let tag = Look { grey: if faded { 0.85 } else { 0.0 }, ..Look::default() }.tag();
    for (mut old, on) in &mut scenery {
        if all || on.is_added() {
            old.set_if_neq(tag.clone());
        }
    }
}
