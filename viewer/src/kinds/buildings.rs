//! Loads: buildings whose windows are lit where there is power, street lamps.

use crate::layout::{Body, Place};
use crate::meshes::town;
use crate::overlay::{Colours, consumer_on};
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_player::Thing;
use gridtwin_twin::scenario::{LoadProfile, Shape};

/// A building, or a lamp, of a load.
#[derive(Component, Clone, Copy, Debug)]
pub struct Building {
    /// Which load.
    pub load: usize,
    /// Whether it is a street lamp.
    pub lamp: bool,
}

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, place: &Place, load: usize) {
    let thing = Some(Thing::Load(load as u16));
    let matte = yard.kit.matte.clone();
    let building = Building { load, lamp: false };
    let at = Vec3::new(place.at.x, 0.0, place.at.y);
    // What is free around it belongs to the footprint.
    let (w, d) = (place.size.x - 2.0, place.size.y - 2.0);
    let size = Vec3::new(w, place.body.height(), d);
    let mesh = match place.body {
        Body::Office { storeys } => {
            yard.kit.sized(&mut yard.meshes, 2, size, || town::office(w, d, storeys))
        }
        Body::Hall { height } => {
            yard.kit.sized(&mut yard.meshes, 3, size, || town::hall(w, d, height))
        }
        Body::Plant => yard.kit.sized(&mut yard.meshes, 4, size, || town::plant(w, d)),
        Body::Homes { count, columns } => {
            let house = yard.kit.house.clone();
            let rows = count.div_ceil(columns);
            let pitch = place.size / vec2(columns as f32, rows as f32);
            for i in 0..count {
                let (column, row) = (i % columns, i / columns);
                // Homes are turned and set back a little, each its own way, the same in every run.
                let own = ((i * 37 + 11) % 17) as f32 / 17.0 - 0.5;
                let flat = place.at
                    + pitch
                        * vec2(
                            column as f32 - (columns as f32 - 1.0) / 2.0,
                            row as f32 - (rows as f32 - 1.0) / 2.0,
                        )
                    + vec2(own * 2.0, own * -3.0);
                let turn = if row % 2 == 0 { 0.0 } else { std::f32::consts::PI };
                let transform = Transform::from_xyz(flat.x, 0.0, flat.y)
                    .with_rotation(Quat::from_rotation_y(turn + own * 0.5))
                    .with_scale(Vec3::splat(1.0 + own * 0.16));
                plot.part(&mut yard.commands, thing, &house, &matte, transform).insert(building);
            }
            return;
        }
        Body::LampCabinet => {
            let cabinet = yard.kit.switchboard.clone();
            let transform = Transform::from_translation(at).with_scale(Vec3::splat(0.62));
            plot.part(&mut yard.commands, thing, &cabinet, &matte, transform).insert(building);
            let lamp = yard.kit.street_lamp.clone();
            let layout = plot.side.layout.clone();
            for spot in &layout.lamps {
                let transform = Transform::from_xyz(spot.x, 0.0, spot.y)
                    .with_rotation(Quat::from_rotation_y(std::f32::consts::PI));
                plot.part(&mut yard.commands, thing, &lamp, &matte, transform)
                    .insert(Building { load, lamp: true });
            }
            return;
        }
        _ => return,
    };
    plot.part(&mut yard.commands, thing, &mesh, &matte, Transform::from_translation(at))
        .insert(building);
}

/// Lights windows and lamps where there is power and somebody who needs light.
pub(super) fn show(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut buildings: Query<(&On, &Building, &mut MeshTag)>,
) {
    let elevation_deg = (90.0 - stage.sun(stage.at()).apparent_zenith_deg) as f32;
    // Who sits inside switches the light on a little before the sun has set.
    let dusk = ((7.0 - elevation_deg) / 9.0).clamp(0.0, 1.0);
    for (on, building, mut tag) in &mut buildings {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let thing = Thing::Load(building.load as u16);
        let powered = consumer_on(side, thing);
        let busy = busy(side, building.load);
        let glow = match (powered, building.lamp) {
            (false, _) => 0.0,
            (true, true) => {
                if busy > 0.01 {
                    1.0
                } else {
                    0.0
                }
            }
            (true, false) => dusk * (0.42 + 0.58 * busy.min(1.0)),
        };
        let own = Look { glow, marked: false, ..Look::default() };
        let own = if powered {
            own
        } else {
            // Without power it is darker than its neighbours, by night still more than by day.
            Look { tint: [16, 20, 28], amount: 0.3 + 0.4 * dusk, grey: 0.35, ..own }
        };
        tag.set_if_neq(colours.dress(on.0, thing, own).tag());
    }
}

/// Its demand against a high one, 0 to about 1.
fn busy(side: &crate::scene::Side, load: usize) -> f32 {
    let kw = side.view.sample.loads_kw.get(load).copied().unwrap_or(0.0);
    let high_kw = match side.scenario.loads.get(load).map(|load| &load.profile) {
        Some(LoadProfile::Typical { shape: Shape::StreetLight, annual_kwh, .. }) => {
            annual_kwh.get() / 8760.0
        }
        Some(LoadProfile::Typical { annual_kwh, .. }) => annual_kwh.get() / 8760.0 * 1.6,
        Some(LoadProfile::Constant { power_kw }) => power_kw.get(),
        _ => 30.0,
    };
    (kw / high_kw.max(1e-6)) as f32
}
