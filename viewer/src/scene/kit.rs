//! One mesh for each kind and two materials for all: so that a kind is one draw, however many there
//! are of it. Buildings of one size share a mesh.

use crate::material::{TintMaterial, glossy, matte};
use crate::meshes::{Shape, cars, edge, energy, marks, town};
use bevy::prelude::*;
use std::collections::BTreeMap;

/// Handles of everything that is drawn.
#[derive(Resource, Debug)]
#[allow(missing_docs, reason = "each is called after what it draws")]
pub struct Kit {
    pub matte: Handle<TintMaterial>,
    pub glossy: Handle<TintMaterial>,
    pub pv_table: Handle<Mesh>,
    pub pv_posts: Handle<Mesh>,
    pub gauge_bar: Handle<Mesh>,
    pub genset: Handle<Mesh>,
    pub kiosk: Handle<Mesh>,
    pub pylon: Handle<Mesh>,
    pub switchboard: Handle<Mesh>,
    pub server: Handle<Mesh>,
    pub switch: Handle<Mesh>,
    pub sensor: Handle<Mesh>,
    pub camera: Handle<Mesh>,
    pub cloud: Handle<Mesh>,
    pub charger: Handle<Mesh>,
    pub car_bay: Handle<Mesh>,
    pub bus_bay: Handle<Mesh>,
    pub car: Handle<Mesh>,
    pub bus: Handle<Mesh>,
    pub carport_post: Handle<Mesh>,
    pub slab: Handle<Mesh>,
    pub house: Handle<Mesh>,
    pub street_lamp: Handle<Mesh>,
    pub tree: Handle<Mesh>,
    pub fir: Handle<Mesh>,
    pub chevron: Handle<Mesh>,
    pub bed: Handle<Mesh>,
    pub pad: Handle<Mesh>,
    pub beam: Handle<Mesh>,
    pub dot: Handle<Mesh>,
    pub diamond: Handle<Mesh>,
    pub cube: Handle<Mesh>,
    pub ring: Handle<Mesh>,
    pub crown: Handle<Mesh>,
    pub cross: Handle<Mesh>,
    sized: BTreeMap<(u8, u32, u32, u32), Handle<Mesh>>,
}

impl Kit {
    /// Makes all meshes and materials.
    pub fn new(meshes: &mut Assets<Mesh>, materials: &mut Assets<TintMaterial>) -> Self {
        let mut add = |shape: Shape| meshes.add(shape.mesh());
        Self {
            pv_table: add(energy::pv_table()),
            pv_posts: add(energy::pv_posts()),
            gauge_bar: add(energy::gauge_bar()),
            genset: add(energy::genset()),
            kiosk: add(energy::kiosk()),
            pylon: add(energy::pylon()),
            switchboard: add(energy::switchboard()),
            server: add(edge::server()),
            switch: add(edge::switch()),
            sensor: add(edge::sensor()),
            camera: add(edge::camera()),
            cloud: add(edge::cloud()),
            charger: add(cars::charger()),
            car_bay: add(cars::bay(cars::CAR_BAY.0, cars::CAR_BAY.1)),
            bus_bay: add(cars::bay(cars::BUS_BAY.0, cars::BUS_BAY.1)),
            car: add(cars::car()),
            bus: add(cars::bus()),
            carport_post: add(cars::carport_post()),
            slab: add(cars::slab()),
            house: add(town::house()),
            street_lamp: add(town::street_lamp()),
            tree: add(town::tree()),
            fir: add(town::fir()),
            chevron: add(marks::chevron()),
            bed: add(marks::bed()),
            pad: add(marks::pad()),
            beam: add(marks::beam()),
            dot: add(marks::dot()),
            diamond: add(marks::diamond()),
            cube: add(marks::cube()),
            ring: add(marks::ring(0.12)),
            crown: add(marks::crown()),
            cross: add(marks::cross()),
            matte: materials.add(matte()),
            glossy: materials.add(glossy()),
            sized: BTreeMap::new(),
        }
    }

    /// A mesh that comes in sizes: `kind` tells it from others, sizes are in decimetres.
    pub(crate) fn sized(
        &mut self,
        meshes: &mut Assets<Mesh>,
        kind: u8,
        size: Vec3,
        make: impl FnOnce() -> Shape,
    ) -> Handle<Mesh> {
        let tenths = (size * 10.0).round().as_uvec3();
        let key = (kind, tenths.x, tenths.y, tenths.z);
        self.sized.entry(key).or_insert_with(|| meshes.add(make().mesh())).clone()
    }
}
