//! Batteries: containers with a gauge on each long side that fills with their state of charge.

use crate::layout::{Body, Place};
use crate::meshes::energy::{self, CONTAINER, GAUGE};
use crate::overlay::Colours;
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_panels::palette::{self, Rgb};
use gridtwin_player::Thing;

/// A container of a battery.
#[derive(Component, Clone, Copy, Debug)]
pub struct Container {
    /// Which battery.
    pub battery: usize,
}

/// A gauge of a container.
#[derive(Component, Clone, Copy, Debug)]
pub struct Gauge {
    /// Which battery.
    pub battery: usize,
    /// Where it begins.
    from: Vec3,
    /// How long it is when full.
    length: f32,
}

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, place: &Place, battery: usize) {
    let Body::Containers { count, length } = place.body else { return };
    let size = Vec3::new(length, CONTAINER.y, CONTAINER.z);
    let mesh = yard.kit.sized(&mut yard.meshes, 1, size, || energy::battery(length));
    let (matte, bar) = (yard.kit.matte.clone(), yard.kit.gauge_bar.clone());
    let columns = count.min(4);
    let rows = count.div_ceil(4);
    let pitch = place.size.x / columns as f32;
    let thing = Some(Thing::Battery(battery as u16));
    for i in 0..count {
        let (column, row) = (i % columns, i / columns);
        let in_row = if row + 1 == rows { count - row * columns } else { columns };
        let x = place.at.x + (column as f32 - (in_row as f32 - 1.0) / 2.0) * pitch;
        let z = place.at.y + (row as f32 - (rows as f32 - 1.0) / 2.0) * place.size.y / rows as f32;
        let at = Vec3::new(x, 0.0, z);
        plot.part(&mut yard.commands, thing, &mesh, &matte, Transform::from_translation(at))
            .insert(Container { battery });
        let full = GAUGE.1 * length / CONTAINER.x;
        for side in [1.0, -1.0] {
            let from = at + Vec3::new(-full / 2.0, GAUGE.0.y, side * (CONTAINER.z / 2.0 + 0.02));
            let transform =
                Transform::from_translation(from).with_scale(Vec3::new(0.01, GAUGE.2, 0.06));
            plot.part(&mut yard.commands, thing, &bar, &matte, transform)
                .insert((Gauge { battery, from, length: full }, NotShadowCaster));
        }
    }
}

/// A gauge's colour by how full it is: told by its length too.
fn level(soc: f32) -> Rgb {
    match soc {
        s if s < 0.2 => palette::VERMILLION,
        s if s < 0.4 => palette::ORANGE,
        _ => [40, 214, 130],
    }
}

/// Fills the gauges.
pub(super) fn show(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut containers: Query<(&On, &Container, &mut MeshTag), Without<Gauge>>,
    mut gauges: Query<(&On, &Gauge, &mut MeshTag, &mut Transform)>,
) {
    for (on, container, mut tag) in &mut containers {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let sound = side.view.state.batteries_in_order.get(container.battery);
        let own = Look { marked: sound == Some(&false), ..Look::default() };
        let thing = Thing::Battery(container.battery as u16);
        tag.set_if_neq(colours.dress(on.0, thing, own).tag());
    }
    for (on, gauge, mut tag, mut transform) in &mut gauges {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let soc = side.view.soc.get(gauge.battery).map_or(0.0, |soc| *soc as f32).clamp(0.0, 1.0);
        let scale = Vec3::new((soc * gauge.length).max(0.01), GAUGE.2, 0.06);
        transform.set_if_neq(Transform::from_translation(gauge.from).with_scale(scale));
        let color = colours.of(on.0, Thing::Battery(gauge.battery as u16)).unwrap_or(level(soc));
        tag.set_if_neq(Look::tinted(color, 1.0, 0.55).tag());
    }
}
