//! Fleets of devices, and the cloud far off.

use crate::layout::Place;
use crate::overlay::{Colours, consumer_on};
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_player::Thing;

/// A device, or the cloud.
#[derive(Component, Clone, Copy, Debug)]
pub struct Device {
    /// What it belongs to.
    pub thing: Thing,
}

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, fleet: usize) {
    let layout = plot.side.layout.clone();
    let spec = &plot.side.scenario.devices[fleet];
    let thing = Thing::Fleet(fleet as u16);
    let matte = yard.kit.matte.clone();
    // What can compute a picture has an eye.
    let sees = spec.frequency_ghz.get() >= 1.0;
    let mesh = if sees { yard.kit.camera.clone() } else { yard.kit.sensor.clone() };
    let Some(spots) = layout.devices.get(fleet) else { return };
    for (i, spot) in spots.iter().enumerate() {
        let turn = Quat::from_rotation_y(i as f32 * 2.4);
        let transform = Transform::from_xyz(spot.x, 0.0, spot.y).with_rotation(turn);
        plot.part(&mut yard.commands, Some(thing), &mesh, &matte, transform)
            .insert(Device { thing });
    }
}

pub(super) fn spawn_cloud(yard: &mut Yard, plot: &Plot, place: &Place) {
    let (mesh, matte) = (yard.kit.cloud.clone(), yard.kit.matte.clone());
    let scale = (plot.side.layout.radius / 105.0).clamp(0.7, 4.0);
    let at = Transform::from_xyz(place.at.x, 0.0, place.at.y).with_scale(Vec3::splat(scale));
    plot.part(&mut yard.commands, Some(Thing::Cloud), &mesh, &matte, at)
        .insert((Device { thing: Thing::Cloud }, NotShadowCaster));
}

/// Devices show whether they have power.
pub(super) fn show(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut devices: Query<(&On, &Device, &mut MeshTag)>,
) {
    // Few fleets, many devices: what they share is asked once.
    let mut last: Option<(On, Thing, MeshTag)> = None;
    for (on, device, mut tag) in &mut devices {
        let known = last.as_ref().filter(|(o, t, _)| o == on && *t == device.thing);
        let wanted = match known {
            Some((_, _, tag)) => tag.clone(),
            None => {
                let Some(side) = stage.sides.get(on.0) else { continue };
                let powered = consumer_on(side, device.thing);
                let glow = match (device.thing, powered) {
                    (Thing::Cloud, _) => 0.42,
                    (_, true) => 0.7,
                    (_, false) => 0.0,
                };
                let own = Look { glow, marked: !powered, ..Look::default() };
                let wanted = colours.dress(on.0, device.thing, own).tag();
                last = Some((*on, device.thing, wanted.clone()));
                wanted
            }
        };
        tag.set_if_neq(wanted);
    }
}
