//! What gives power: PV arrays at their true tilt and azimuth, gensets, the grid connection.

use crate::layout::{Body, Place, row_pitch};
use crate::meshes::energy::{TABLE, WIRES, rod};
use crate::meshes::{Shape, cars::CAR_BAY};
use crate::overlay::Colours;
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_player::Thing;

/// A table of a PV array.
#[derive(Component, Clone, Copy, Debug)]
pub struct Table {
    /// Which array.
    pub array: usize,
}

/// A genset.
#[derive(Component, Clone, Copy, Debug)]
pub struct Engine {
    /// Which.
    pub genset: usize,
    at: Vec3,
}

/// A puff of a genset's smoke.
#[derive(Component, Clone, Copy, Debug)]
pub struct Smoke {
    /// Which genset.
    pub genset: usize,
    number: u32,
    from: Vec3,
}

/// Kiosk, pylons and wires of the grid connection.
#[derive(Component, Clone, Copy, Debug)]
pub struct GridPart;

const PUFFS: u32 = 7;

pub(super) fn spawn_array(yard: &mut Yard, plot: &Plot, place: &Place, array: usize) {
    let Body::Array { roof, carport, tables } = place.body else { return };
    let spec = &plot.side.scenario.pv[array];
    let thing = Some(Thing::Pv(array as u16));
    let (glossy, matte) = (yard.kit.glossy.clone(), yard.kit.matte.clone());
    let tilt = (spec.tilt_deg.get() as f32).to_radians();
    // A table's surface looks up; first it is tilted towards the south, then turned.
    let turn = Quat::from_rotation_y((180.0 - spec.azimuth_deg.get() as f32).to_radians());
    let rotation = turn * Quat::from_rotation_x(tilt);
    let pitch = row_pitch(spec.tilt_deg.get());
    // Rows stay along the roof's edges; in them the tables look where they look. Where they look
    // east or west, rows run north and south.
    let facing = turn * Vec3::Z;
    let sideways = facing.x.abs() > 0.7;
    let (along, across) = (TABLE.0 + 0.25, pitch);
    let step = if sideways { vec2(across, along) } else { vec2(along, across) };
    let margin = if roof > 0.0 { 1.6 } else { 0.0 };
    let room = (place.size - Vec2::splat(2.0 * margin)).max(step);
    let columns = ((room.x / step.x).floor() as u32).max(1);
    let rows = tables.div_ceil(columns);
    // Where the roof is too small for the rows, they move together.
    let squeeze = (room.y / (rows as f32 * step.y)).min(1.0);
    let step = vec2(step.x, step.y * squeeze);
    let lift = (TABLE.1 / 2.0 * tilt.sin()).max(0.05)
        + match (carport, roof > 0.0) {
            (true, _) => 0.3,
            (false, true) => 0.35,
            (false, false) => 0.75,
        };
    let y = roof + lift;
    for i in 0..tables {
        let (column, row) = (i % columns, i / columns);
        let in_row = columns.min(tables - row * columns);
        let offset = vec2(
            column as f32 - (in_row as f32 - 1.0) / 2.0,
            row as f32 - (rows as f32 - 1.0) / 2.0,
        ) * step;
        let at = Vec3::new(place.at.x + offset.x, y, place.at.y + offset.y);
        let transform = Transform::from_translation(at).with_rotation(rotation);
        plot.part(&mut yard.commands, thing, &yard.kit.pv_table, &glossy, transform)
            .insert(Table { array });
        if roof == 0.0 {
            let foot = Transform::from_xyz(at.x, 0.0, at.z)
                .with_rotation(turn)
                .with_scale(Vec3::new(1.0, y - 0.05, 1.0));
            plot.part(&mut yard.commands, thing, &yard.kit.pv_posts, &matte, foot)
                .insert(Table { array });
        }
    }
    if carport {
        let slab = Transform::from_xyz(place.at.x, roof - 0.1, place.at.y).with_scale(Vec3::new(
            place.size.x,
            0.22,
            place.size.y,
        ));
        plot.part(&mut yard.commands, thing, &yard.kit.slab, &matte, slab).insert(Table { array });
        let count = (place.size.x / (CAR_BAY.0 * 2.0)).ceil().max(1.0) as u32;
        for i in 0..=count {
            let x = place.at.x + (i as f32 / count as f32 - 0.5) * (place.size.x - 0.6);
            for side in [-1.0, 1.0] {
                let z = place.at.y + side * (place.size.y / 2.0 - 0.4);
                let post = Transform::from_xyz(x, 0.0, z).with_scale(Vec3::new(1.0, roof, 1.0));
                plot.part(&mut yard.commands, thing, &yard.kit.carport_post, &matte, post)
                    .insert(Table { array });
            }
        }
    }
}

pub(super) fn show_arrays(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut tables: Query<(&On, &Table, &mut MeshTag)>,
) {
    for (on, table, mut tag) in &mut tables {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let sound = side.view.state.pv_in_order.get(table.array);
        let own = Look { marked: sound == Some(&false), ..Look::default() };
        tag.set_if_neq(colours.dress(on.0, Thing::Pv(table.array as u16), own).tag());
    }
}

pub(super) fn spawn_genset(yard: &mut Yard, plot: &Plot, place: &Place, genset: usize) {
    let at = Vec3::new(place.at.x, 0.0, place.at.y);
    let thing = Some(Thing::Genset(genset as u16));
    let (matte, mesh, dot) =
        (yard.kit.matte.clone(), yard.kit.genset.clone(), yard.kit.dot.clone());
    plot.part(&mut yard.commands, thing, &mesh, &matte, Transform::from_translation(at))
        .insert(Engine { genset, at });
    for number in 0..PUFFS {
        let from = at + Vec3::new(-2.4, 6.3, 0.0);
        plot.part(&mut yard.commands, None, &dot, &matte, Transform::from_scale(Vec3::ZERO))
            .insert((Smoke { genset, number, from }, NotShadowCaster));
    }
}

/// Gensets that run shake, smoke and show a light.
pub(super) fn show_gensets(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut engines: Query<(&On, &Engine, &mut MeshTag, &mut Transform), Without<Smoke>>,
    mut puffs: Query<(&On, &Smoke, &mut MeshTag, &mut Transform), Without<Engine>>,
) {
    let seconds = stage.at().as_secs_f64();
    for (on, engine, mut tag, mut transform) in &mut engines {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let runs = side.view.state.gensets_running.get(engine.genset) == Some(&true);
        let thing = Thing::Genset(engine.genset as u16);
        let own = Look::glowing(if runs { 1.0 } else { 0.0 });
        tag.set_if_neq(colours.dress(on.0, thing, own).tag());
        let shake = if runs { ((seconds * 11.0).sin() * 0.03) as f32 } else { 0.0 };
        transform.set_if_neq(Transform::from_translation(engine.at + Vec3::X * shake));
    }
    for (on, puff, mut tag, mut transform) in &mut puffs {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let runs = side.view.state.gensets_running.get(puff.genset) == Some(&true);
        let wanted = if runs {
            let phase =
                (seconds / 240.0 + f64::from(puff.number) / f64::from(PUFFS)).fract() as f32;
            let drift = Vec3::new(phase * 5.0, phase * 7.0, -phase * 1.6);
            let size = (0.7 + phase * 2.6) * (1.0 - phase * phase);
            Transform::from_translation(puff.from + drift).with_scale(Vec3::splat(size))
        } else {
            Transform::from_scale(Vec3::ZERO)
        };
        transform.set_if_neq(wanted);
        tag.set_if_neq(Look::tinted([120, 118, 116], 1.0, 0.12).tag());
    }
}

pub(super) fn spawn_grid(yard: &mut Yard, plot: &Plot, place: &Place) {
    let at = Vec3::new(place.at.x, 0.0, place.at.y);
    let thing = Some(Thing::Grid);
    let matte = yard.kit.matte.clone();
    let (kiosk, pylon) = (yard.kit.kiosk.clone(), yard.kit.pylon.clone());
    plot.part(&mut yard.commands, thing, &kiosk, &matte, Transform::from_translation(at))
        .insert(GridPart);
    // The line goes off away from the site's middle.
    let out = (place.at - plot.side.layout.centre).normalize_or(Vec2::X);
    let out = vec2(out.x, out.y * 0.35 - 0.25).normalize_or(Vec2::X);
    let span = 62.0;
    let turn = Quat::from_rotation_y((-out.y).atan2(out.x));
    let foot = |i: f32| {
        let flat = place.at + out * (9.0 + i * span);
        Vec3::new(flat.x, 0.0, flat.y)
    };
    let mut wires = Shape::new();
    for wire in WIRES {
        wires = wires.and(rod(at + Vec3::Y * 4.2, foot(0.0) + turn * wire, 0.07, [40, 42, 46]));
    }
    for i in 0..10 {
        let transform = Transform::from_translation(foot(i as f32)).with_rotation(turn);
        plot.part(&mut yard.commands, thing, &pylon, &matte, transform).insert(GridPart);
        for wire in WIRES {
            let (a, b) = (foot(i as f32) + turn * wire, foot(i as f32 + 1.0) + turn * wire);
            // A wire sags between its pylons.
            let sag = |share: f32| a.lerp(b, share) - Vec3::Y * 2.4 * 4.0 * share * (1.0 - share);
            for k in 0..6 {
                let (from, to) = (sag(k as f32 / 6.0), sag((k + 1) as f32 / 6.0));
                wires = wires.and(rod(from, to, 0.07, [40, 42, 46]));
            }
        }
    }
    let mesh = yard.meshes.add(wires.mesh());
    plot.part(&mut yard.commands, thing, &mesh, &matte, Transform::default())
        .insert((GridPart, NotShadowCaster));
}

pub(super) fn show_grid(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut parts: Query<(&On, &mut MeshTag), With<GridPart>>,
) {
    for (on, mut tag) in &mut parts {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let up = side.view.state.grid_up;
        let own = Look { glow: if up { 1.0 } else { 0.0 }, marked: !up, ..Look::default() };
        tag.set_if_neq(colours.dress(on.0, Thing::Grid, own).tag());
    }
}
