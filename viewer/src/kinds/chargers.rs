//! Chargers whose lamps pulse with their power, and cars that come and go.

use crate::layout::{Body, Place};
use crate::meshes::cars::{BUS_BAY, CAR_BAY};
use crate::overlay::{Colours, consumer_on};
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_panels::{Overlay, palette};
use gridtwin_player::Thing;

/// A charger.
#[derive(Component, Clone, Copy, Debug)]
pub struct Post {
    /// Of which group.
    pub group: usize,
    /// Its number in the group.
    pub number: usize,
}

/// Room for a car: the nth of the group's cars stands there while it is there.
#[derive(Component, Clone, Copy, Debug)]
pub struct Car {
    /// Of which group.
    pub group: usize,
    /// Its number in the group.
    pub slot: usize,
}

/// The ground of a group's bays.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Bay {
    /// Of which group.
    group: usize,
    /// What it looks like without an overlay.
    own: Look,
}

/// How many cars are drawn that wait for a charger.
const WAITING: usize = 8;

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, place: &Place, group: usize) {
    let Body::Bays { count, columns, buses } = place.body else { return };
    let thing = Some(Thing::Chargers(group as u16));
    let (bay_width, depth) = if buses { BUS_BAY } else { CAR_BAY };
    let (matte, glossy) = (yard.kit.matte.clone(), yard.kit.glossy.clone());
    let bay = if buses { yard.kit.bus_bay.clone() } else { yard.kit.car_bay.clone() };
    let car = if buses { yard.kit.bus.clone() } else { yard.kit.car.clone() };
    let post = yard.kit.charger.clone();
    let rows = count.div_ceil(columns);
    let pitch = (place.size.x - 1.0) / columns as f32;
    let width = pitch.max(bay_width);
    let yard_mesh = yard.kit.slab.clone();
    let ground = Transform::from_xyz(place.at.x, -0.96, place.at.y).with_scale(Vec3::new(
        place.size.x + 2.0,
        1.0,
        place.size.y + 1.0,
    ));
    plot.part(&mut yard.commands, thing, &yard_mesh, &matte, ground)
        .insert(Bay { group, own: Look { tint: [122, 124, 128], amount: 1.0, ..Look::default() } });
    let total = rows as f32 * depth;
    let lanes = place.size.y - total;
    let add_car = |yard: &mut Yard, slot: usize, at: Vec3, turn: f32| {
        let transform = Transform::from_translation(at).with_rotation(Quat::from_rotation_y(turn));
        plot.part(&mut yard.commands, thing, &car, &glossy, transform)
            .insert((Car { group, slot }, Visibility::Hidden));
    };
    for i in 0..count {
        let (column, row) = (i % columns, i / columns);
        let x = place.at.x + (column as f32 - (columns as f32 - 1.0) / 2.0) * pitch;
        // Two rows stand back to back on either side of a lane.
        let pair = (row / 2) as f32;
        let lane = lanes / rows.div_ceil(2) as f32;
        let in_pair = (row % 2) as f32;
        let north = place.at.y - place.size.y / 2.0;
        let z = north + pair * (2.0 * depth + lane) + in_pair * (depth + lane) + depth / 2.0;
        // The charger stands at the bay's end away from the lane.
        let outward = if row % 2 == 0 { -1.0 } else { 1.0 };
        let floor =
            Transform::from_xyz(x, 0.04, z).with_scale(Vec3::new(width / bay_width, 1.0, 1.0));
        plot.part(&mut yard.commands, thing, &bay, &matte, floor)
            .insert(Bay { group, own: Look::default() });
        let turn = if outward < 0.0 { 0.0 } else { std::f32::consts::PI };
        let stand = Transform::from_xyz(x + pitch * 0.36, 0.05, z + outward * (depth / 2.0 - 0.4))
            .with_rotation(Quat::from_rotation_y(turn));
        plot.part(&mut yard.commands, thing, &post, &matte, stand)
            .insert(Post { group, number: i as usize });
        add_car(yard, i as usize, Vec3::new(x, 0.09, z - outward * 0.3), turn);
    }
    // Who waits stands in a line beside the bays.
    for i in 0..WAITING {
        let x = place.at.x + place.size.x / 2.0 + 3.6;
        let z = place.at.y + place.size.y / 2.0 - i as f32 * (depth + 0.4);
        add_car(yard, count as usize + i, Vec3::new(x, 0.05, z), 0.0);
    }
}

/// Chargers shine and pulse with what they give; those without power are striped.
pub(super) fn show_posts(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut posts: Query<(&On, &Post, &mut MeshTag)>,
    mut bays: Query<(&On, &Bay, &mut MeshTag), Without<Post>>,
) {
    let seconds = stage.at().as_secs_f64();
    for (on, post, mut tag) in &mut posts {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let thing = Thing::Chargers(post.group as u16);
        let car = side.view.state.cars.get(post.group).and_then(|cars| cars.get(post.number));
        let kw = car.filter(|car| car.plugged).map_or(0.0, |car| car.power_kw);
        let rated = side.scenario.chargers.get(post.group).map_or(11.0, |c| c.power_kw.get());
        let own = if !consumer_on(side, thing) {
            Look { glow: 0.0, marked: true, ..Look::default() }
        } else if kw > 0.01 {
            let share = (kw / rated).clamp(0.15, 1.0);
            let beat = 0.72 + 0.28 * (seconds * 0.05 * (1.0 + share) + post.number as f64).sin();
            Look::glowing((share * beat) as f32)
        } else if car.is_some() {
            // Plugged in, and full or held back.
            Look { tint: palette::SKY, amount: 0.35, glow: 0.5, ..Look::default() }
        } else {
            Look::glowing(0.12)
        };
        tag.set_if_neq(colours.dress(on.0, thing, own).tag());
    }
    for (on, bay, mut tag) in &mut bays {
        let thing = Thing::Chargers(bay.group as u16);
        tag.set_if_neq(colours.dress(on.0, thing, bay.own).tag());
    }
}

/// The paints that cars come in, by their session.
const PAINTS: [[u8; 3]; 8] = [
    [206, 212, 218],
    [178, 40, 44],
    [38, 84, 150],
    [242, 242, 240],
    [58, 62, 70],
    [122, 148, 160],
    [212, 174, 66],
    [70, 118, 92],
];

/// Shows the cars that are there, each in its own paint.
pub(super) fn show_cars(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut cars: Query<(&On, &Car, &mut MeshTag, &mut Visibility)>,
) {
    for (on, car, mut tag, mut visibility) in &mut cars {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let Some(here) = side.view.state.cars.get(car.group) else { continue };
        let count = side.scenario.chargers.get(car.group).map_or(0, |c| c.count as usize);
        // Plugged cars come first in the list, those that wait after them.
        let plugged = here.iter().take_while(|car| car.plugged).count();
        let who = if car.slot < count {
            (car.slot < plugged).then(|| here[car.slot])
        } else {
            here.get(plugged + car.slot - count).copied()
        };
        let Some(who) = who else {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        };
        visibility.set_if_neq(Visibility::Inherited);
        let look = match colours.overlay() {
            Overlay::None => {
                let paint = PAINTS[who.session as usize % PAINTS.len()];
                Look { tint: paint, amount: 0.9, ..Look::default() }
            }
            // A car has a state of charge of its own.
            Overlay::Charge if who.asked_kwh > 0.0 => {
                let share = (who.delivered_kwh / who.asked_kwh) as f32;
                Look::tinted(palette::cividis(share), 0.92, 0.3)
            }
            _ => colours.dress(on.0, Thing::Chargers(car.group as u16), Look::default()),
        };
        tag.set_if_neq(look.tag());
    }
}
