//! How large things are, from what they are: not where they stand.

use crate::meshes::cars::{BUS_BAY, CAR_BAY};
use crate::meshes::edge::CABINET;
use crate::meshes::energy::{CONTAINER, TABLE};
use crate::meshes::town::STOREY;
use bevy::math::Vec2;
use gridtwin_twin::scenario::{Chargers, Load, LoadProfile, PvArray, Sessions, Shape};

/// What stands on a footprint, as far as its size says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// PV tables.
    Array {
        /// Height of what carries them; 0 in a field.
        roof: f32,
        /// Whether a carport's roof of its own carries them.
        carport: bool,
        /// How many tables.
        tables: u32,
    },
    /// Battery containers.
    Containers {
        /// How many.
        count: u32,
        /// Length of each.
        length: f32,
    },
    /// A genset in its container.
    Genset,
    /// The transformer kiosk.
    Kiosk,
    /// Storeys of offices.
    Office {
        /// How many.
        storeys: u32,
    },
    /// A hall of this height.
    Hall {
        /// In metres.
        height: f32,
    },
    /// A small plant.
    Plant,
    /// Homes, in so many columns.
    Homes {
        /// How many.
        count: u32,
        /// In each row.
        columns: u32,
    },
    /// A cabinet for street lamps, which stand elsewhere.
    LampCabinet,
    /// Bays with chargers in rows back to back.
    Bays {
        /// How many.
        count: u32,
        /// In each row.
        columns: u32,
        /// For buses, not cars.
        buses: bool,
    },
    /// A server's cabinet.
    Cabinet,
    /// A switch's mast.
    Mast,
    /// Devices, which stand around.
    Fleet,
    /// The far-off cloud.
    Cloud,
}

impl Body {
    /// Height in metres.
    pub fn height(self) -> f32 {
        match self {
            Self::Array { roof, .. } => roof + 1.5,
            Self::Containers { .. } => CONTAINER.y + 0.8,
            Self::Genset => 6.3,
            Self::Kiosk => 5.0,
            Self::Office { storeys } => storeys as f32 * STOREY,
            Self::Hall { height } => height,
            Self::Plant => 5.8,
            Self::Homes { .. } => 8.0,
            Self::LampCabinet => 2.9,
            Self::Bays { .. } => 3.2,
            Self::Cabinet => CABINET.y + 1.4,
            Self::Mast => 9.4,
            Self::Fleet => 3.8,
            Self::Cloud => 70.0,
        }
    }
}

/// What a homes' plot takes, with its garden.
pub(super) const PLOT: Vec2 = Vec2::new(16.0, 17.0);
/// Between two containers.
pub(super) const CONTAINER_PITCH: f32 = 6.4;
/// The lane between rows of bays.
pub(super) const LANE: f32 = 7.0;

/// Tables of an array: of 2 kW, or larger in number's stead for very large arrays.
pub(super) fn tables(dc_kw: f64) -> u32 {
    ((dc_kw / f64::from(TABLE.2)).ceil().max(1.0) as u32).min(600)
}

/// How far apart rows of tables stand, so that they shade each other little.
pub fn row_pitch(tilt_deg: f64) -> f32 {
    let tilt = tilt_deg.to_radians() as f32;
    TABLE.1 * tilt.cos() + (TABLE.1 * tilt.sin() * 1.6).max(0.35)
}

/// A ground field for so many tables: two tables deep for each row.
pub(super) fn field(array: &PvArray) -> Vec2 {
    let tables = tables(array.dc_kw.get());
    let pitch = row_pitch(array.tilt_deg.get());
    // About square, rows along x.
    let per_row = ((tables as f32 * pitch / TABLE.0).sqrt() * 1.35).ceil().max(1.0);
    let rows = (tables as f32 / per_row).ceil();
    Vec2::new(per_row * (TABLE.0 + 0.25) + 2.0, rows * pitch + 2.0)
}

/// A battery's containers: about a MWh in each 20 feet, half that in 10 feet.
pub(super) fn containers(capacity_kwh: f64) -> (Body, Vec2) {
    let (count, length) = if capacity_kwh <= 550.0 {
        (1, if capacity_kwh <= 260.0 { 5.0 } else { 6.4 })
    } else {
        ((capacity_kwh / 1000.0).ceil().min(24.0) as u32, CONTAINER.x)
    };
    let columns = count.min(4) as f32;
    let rows = (count as f32 / 4.0).ceil();
    let pitch = length + 2.0;
    let size = Vec2::new(columns * pitch, rows * CONTAINER_PITCH);
    (Body::Containers { count, length }, size)
}

/// Bays of a group of chargers.
pub(super) fn bays(chargers: &Chargers) -> (Body, Vec2) {
    let count = chargers.count.max(1);
    let buses = match &chargers.sessions {
        Sessions::Fleet { energy_kwh, .. } => energy_kwh.get() > 90.0,
        _ => false,
    };
    let (width, depth) = if buses { BUS_BAY } else { CAR_BAY };
    let rows = if count <= 6 { 1 } else { 2 * (count as f32 / 40.0).ceil() as u32 };
    let columns = count.div_ceil(rows);
    let lanes = rows.div_ceil(2) as f32;
    let size = Vec2::new(columns as f32 * width + 1.0, rows as f32 * depth + lanes * LANE);
    (Body::Bays { count, columns, buses }, size)
}

/// A load's building.
pub(super) fn building(load: &Load) -> (Body, Vec2) {
    let (shape, annual_kwh) = match &load.profile {
        LoadProfile::Typical { shape, annual_kwh, .. } => (Some(*shape), annual_kwh.get()),
        LoadProfile::Constant { power_kw } => (None, power_kw.get() * 8760.0),
        LoadProfile::Csv { .. } => (Some(Shape::Office), 150_000.0),
    };
    match shape {
        Some(Shape::Office) => {
            // About 80 kWh a year for each square metre of floor.
            let floor_m2 = (annual_kwh / 80.0).clamp(120.0, 12_000.0) as f32;
            let storeys = ((floor_m2 / 420.0).sqrt().round() as u32 + 1).clamp(2, 6);
            let ground = floor_m2 / storeys as f32;
            let width = (ground * 1.7).sqrt();
            (Body::Office { storeys }, tidy(Vec2::new(width, ground / width)))
        }
        Some(Shape::Industrial | Shape::Depot) => {
            let ground = (annual_kwh / 150.0).clamp(150.0, 6000.0) as f32;
            let width = (ground * 1.6).sqrt();
            let height = if ground > 900.0 { 8.0 } else { 6.8 };
            (Body::Hall { height }, tidy(Vec2::new(width, ground / width)))
        }
        Some(Shape::Residential) => homes((annual_kwh / 4000.0).round().clamp(1.0, 36.0) as u32),
        Some(Shape::Island) => homes((annual_kwh / 26_000.0).round().clamp(4.0, 42.0) as u32),
        Some(Shape::StreetLight) => (Body::LampCabinet, Vec2::new(4.0, 2.6)),
        None => {
            let ground = (annual_kwh / 400.0).clamp(60.0, 3000.0) as f32;
            let width = (ground * 1.5).sqrt();
            (Body::Plant, tidy(Vec2::new(width, ground / width)))
        }
    }
}

fn homes(count: u32) -> (Body, Vec2) {
    let columns = ((count as f32 * 1.4).sqrt().ceil() as u32).max(1);
    let rows = count.div_ceil(columns);
    (Body::Homes { count, columns }, Vec2::new(columns as f32, rows as f32) * PLOT)
}

/// In steps of two metres, so that buildings of about one size share a mesh.
pub(super) fn tidy(size: Vec2) -> Vec2 {
    ((size / 2.0).round() * 2.0).max(Vec2::splat(8.0))
}
