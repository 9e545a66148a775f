//! What means something and is no thing: arrows on feeders, dots of traffic, rings, crowns.

use super::{Paint, Shape, WHITE};
use bevy::math::{Vec3, vec3};
use std::f32::consts::TAU;

/// An arrow's head towards +x, a metre long and wide, that shines; a pale rim lies around it, so
/// that a dark colour stands out as well as a bright one.
pub fn chevron() -> Shape {
    let dart = |y: f32, out: f32| {
        // Tip, northern corner, notch, southern corner.
        [
            (0.55 + out * 1.7, 0.0),
            (-0.45 - out, -0.5 - out),
            (-0.2 - out, 0.0),
            (-0.45 - out, 0.5 + out),
        ]
        .map(|(x, z)| vec3(x, y, z))
    };
    let halves = |shape: Shape, [tip, north, notch, south]: [Vec3; 4], paint: Paint| {
        shape.flat(&[south, tip, notch], paint).flat(&[notch, tip, north], paint)
    };
    let paint = Paint::status(WHITE);
    let (low, high) = (dart(0.0, 0.0), dart(CHEVRON_HEIGHT, 0.0));
    let mut shape = halves(Shape::new(), dart(0.0, 0.15), Paint::rim([244, 246, 248]));
    shape = halves(shape, high, paint);
    for (a, b) in [(3, 0), (0, 1), (1, 2), (2, 3)] {
        shape = shape.flat(&[low[a], low[b], high[b], high[a]], paint);
    }
    shape
}

/// How far an arrow's head stands up, so that it is seen from low above the ground.
const CHEVRON_HEIGHT: f32 = 0.16;

/// A feeder's bed: one metre long towards +x, one wide, dark between pale edges.
pub fn bed() -> Shape {
    let edge = |z: f32| vec3(0.0, 0.0, z);
    let pale = Paint::rim([206, 212, 216]);
    Shape::new()
        .block(Vec3::ZERO, vec3(1.0, 0.04, 1.0), [44, 48, 56])
        .block(edge(0.47), vec3(1.0, 0.06, 0.09), pale)
        .block(edge(-0.47), vec3(1.0, 0.06, 0.09), pale)
}

/// Ground that takes a colour, one metre square, with a pale rim.
pub fn pad() -> Shape {
    let square = |y: f32, half: f32| {
        [(-half, half), (half, half), (half, -half), (-half, -half)].map(|(x, z)| vec3(x, y, z))
    };
    Shape::new()
        .flat(&square(0.0, 0.5), Paint::rim([236, 238, 240]))
        .flat(&square(0.03, 0.46), Paint::status(WHITE))
}

/// A straight piece, a metre long towards +x, a metre thick, that shines.
pub fn beam() -> Shape {
    Shape::new().cuboid(Vec3::ZERO, Vec3::ONE, Paint::status(WHITE))
}

/// A ball of one metre that shines.
pub fn dot() -> Shape {
    Shape::new().ball(Vec3::ZERO, Vec3::ONE, 5, Paint::status(WHITE))
}

/// A cube of one metre on its corner.
pub fn diamond() -> Shape {
    Shape::new().post(Vec3::ZERO, 0.6, 0.0, 0.7, 4, Paint::status(WHITE)).and(upside_down(0.6, 0.7))
}

fn upside_down(radius: f32, height: f32) -> Shape {
    let paint = Paint::status(WHITE);
    let mut shape = Shape::new();
    for i in 0..4 {
        let at = |i: u32| {
            let angle = i as f32 / 4.0 * TAU;
            vec3(angle.cos() * radius, 0.0, -angle.sin() * radius)
        };
        shape = shape.flat(&[at(i + 1), at(i), vec3(0.0, -height, 0.0)], paint);
    }
    shape
}

/// A box of one metre that shines.
pub fn cube() -> Shape {
    Shape::new().cuboid(Vec3::ZERO, Vec3::splat(0.8), Paint::status(WHITE))
}

/// A flat ring of radius one on the ground, its band a share of it.
pub fn ring(band: f32) -> Shape {
    let paint = Paint::status(WHITE);
    let at = |i: u32, r: f32| {
        let angle = i as f32 / 48.0 * TAU;
        vec3(angle.cos() * r, 0.0, -angle.sin() * r)
    };
    let mut shape = Shape::new();
    for i in 0..48 {
        shape = shape
            .flat(&[at(i, 1.0 - band), at(i, 1.0), at(i + 1, 1.0), at(i + 1, 1.0 - band)], paint);
    }
    shape
}

/// A crown for who leads, about two metres wide.
pub fn crown() -> Shape {
    let gold = Paint::status([240, 228, 66]);
    let mut shape = Shape::new();
    for i in 0..5 {
        let at = |i: f32, y: f32| {
            let angle = i / 5.0 * TAU;
            vec3(angle.cos(), y, -angle.sin())
        };
        let i = i as f32;
        let (a, b, m) = (at(i, 0.0), at(i + 1.0, 0.0), at(i + 0.5, 1.1));
        let (c, d) = (at(i, 0.55), at(i + 1.0, 0.55));
        for turn in [false, true] {
            let side = |corners: [Vec3; 4]| {
                if turn { [corners[3], corners[2], corners[1], corners[0]] } else { corners }
            };
            let tip = if turn { [m, d, c] } else { [c, d, m] };
            shape = shape.flat(&side([a, b, d, c]), gold).flat(&tip, gold);
        }
        shape = shape.ball(m, Vec3::splat(0.34), 4, gold);
    }
    shape
}

/// A cross for who is silent.
pub fn cross() -> Shape {
    let paint = Paint::status([213, 94, 0]);
    let turn = |angle: f32| bevy::math::Quat::from_rotation_z(angle);
    Shape::new().turned_cuboid(Vec3::ZERO, vec3(2.2, 0.42, 0.42), turn(0.785), paint).turned_cuboid(
        Vec3::ZERO,
        vec3(2.2, 0.42, 0.42),
        turn(-0.785),
        paint,
    )
}
