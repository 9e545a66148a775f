//! Chargers, cars, buses, bays.

use super::{CONCRETE, DARK, Paint, STEEL, Shape, WHITE};
use bevy::math::{Vec3, vec3};

/// Width and depth of a car's bay, and of a bus's.
pub const CAR_BAY: (f32, f32) = (2.9, 5.6);
/// Width and depth of a bus's bay.
pub const BUS_BAY: (f32, f32) = (4.2, 13.5);

/// A charger's post, its lamp towards the bay.
pub fn charger() -> Shape {
    Shape::new()
        .block(Vec3::ZERO, vec3(0.8, 0.15, 0.7), CONCRETE)
        .block(vec3(0.0, 0.15, 0.0), vec3(0.5, 2.0, 0.4), WHITE)
        .cuboid(vec3(0.0, 1.6, 0.21), vec3(0.34, 0.5, 0.04), DARK)
        .cuboid(vec3(0.0, 2.3, 0.0), vec3(0.6, 0.32, 0.5), Paint::status([60, 220, 130]))
        .cuboid(vec3(0.0, 1.0, 0.22), vec3(0.14, 0.6, 0.1), DARK)
}

/// A bay's ground with its lines.
pub fn bay(width: f32, depth: f32) -> Shape {
    let line = [232, 232, 226];
    Shape::new()
        .block(Vec3::ZERO, vec3(width, 0.05, depth), [108, 110, 114])
        .block(vec3(-width / 2.0, 0.01, 0.0), vec3(0.14, 0.06, depth), line)
        .block(vec3(width / 2.0, 0.01, 0.0), vec3(0.14, 0.06, depth), line)
}

/// A car, its nose towards -z. Its paint is white, for the instance to tint.
pub fn car() -> Shape {
    let glass = [36, 44, 54];
    let mut shape = Shape::new()
        .block(vec3(0.0, 0.38, 0.0), vec3(1.85, 0.62, 4.4), WHITE)
        .block(vec3(0.0, 1.0, 0.25), vec3(1.68, 0.16, 2.7), WHITE)
        .block(vec3(0.0, 1.0, 0.3), vec3(1.6, 0.52, 2.3), glass)
        .block(vec3(0.0, 1.5, 0.35), vec3(1.5, 0.08, 1.8), WHITE)
        .cuboid(vec3(0.0, 0.8, -2.21), vec3(1.5, 0.14, 0.04), Paint::status([255, 250, 220]))
        .cuboid(vec3(0.0, 0.85, 2.21), vec3(1.6, 0.14, 0.04), Paint::status([255, 60, 40]));
    for (x, z) in [(-0.85, -1.4), (0.85, -1.4), (-0.85, 1.4), (0.85, 1.4)] {
        shape = shape.cuboid(vec3(x, 0.36, z), vec3(0.26, 0.68, 0.68), [26, 26, 28]);
    }
    shape
}

/// A bus, its nose towards -z.
pub fn bus() -> Shape {
    let mut shape = Shape::new()
        .block(vec3(0.0, 0.4, 0.0), vec3(2.55, 2.75, 11.8), WHITE)
        .cuboid(vec3(0.0, 2.15, 0.2), vec3(2.6, 0.95, 11.0), [36, 44, 54])
        .cuboid(vec3(0.0, 1.9, -5.9), vec3(2.3, 1.5, 0.08), [36, 44, 54])
        .block(vec3(0.0, 3.15, 0.8), vec3(2.0, 0.32, 6.0), [214, 218, 220])
        .cuboid(vec3(0.0, 0.9, -5.92), vec3(2.2, 0.2, 0.08), Paint::status([255, 250, 220]))
        .cuboid(vec3(0.0, 0.95, 5.92), vec3(2.2, 0.2, 0.08), Paint::status([255, 60, 40]));
    for z in [-3.8, 3.6] {
        shape = shape.cuboid(vec3(0.0, 0.48, z), vec3(2.6, 0.96, 0.96), [26, 26, 28]);
    }
    shape
}

/// A post of a carport's roof.
pub fn carport_post() -> Shape {
    Shape::new().block(Vec3::ZERO, vec3(0.24, 1.0, 0.24), STEEL)
}

/// A slab: a carport's roof, one metre in each direction.
pub fn slab() -> Shape {
    Shape::new().block(Vec3::ZERO, Vec3::ONE, [196, 198, 198])
}
