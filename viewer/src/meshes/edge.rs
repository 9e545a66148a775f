//! Edge servers, switches, devices, the cloud.

use super::{CONCRETE, DARK, Paint, STEEL, Shape, WHITE};
use bevy::math::{Vec3, vec3};

/// Width, height and depth of a server's cabinet, drawn larger than life.
pub const CABINET: Vec3 = vec3(2.5, 3.6, 2.2);

/// An outdoor cabinet with lit slots and a lamp on top.
pub fn server() -> Shape {
    let body = [44, 48, 60];
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(CABINET.x + 0.7, 0.25, CABINET.z + 0.7), CONCRETE)
        .block(vec3(0.0, 0.25, 0.0), CABINET - Vec3::Y * 0.25, body)
        .block(vec3(0.0, CABINET.y, 0.0), vec3(CABINET.x + 0.2, 0.16, CABINET.z + 0.2), STEEL);
    for side in [-1.0, 1.0] {
        for i in 0..6 {
            let y = 0.75 + i as f32 * 0.46;
            let z = side * (CABINET.z / 2.0 + 0.01);
            shape = shape
                .cuboid(vec3(-0.15, y, z), vec3(1.7, 0.26, 0.04), [28, 30, 38])
                .cuboid(
                    vec3(-0.5, y, z + side * 0.02),
                    vec3(0.9, 0.1, 0.03),
                    Paint::status([70, 190, 255]),
                )
                .cuboid(vec3(0.92, y, z), vec3(0.2, 0.2, 0.05), Paint::status([90, 255, 150]));
        }
    }
    shape.post(vec3(0.0, CABINET.y + 0.1, 0.0), 0.09, 0.09, 0.6, 6, STEEL).ball(
        vec3(0.0, CABINET.y + 0.95, 0.0),
        Vec3::splat(0.85),
        6,
        Paint::status([90, 255, 150]),
    )
}

/// A switch: a mast with rings of antennas.
pub fn switch() -> Shape {
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(1.8, 0.3, 1.8), CONCRETE)
        .block(vec3(0.55, 0.3, 0.0), vec3(0.7, 1.5, 0.9), STEEL)
        .post(vec3(0.0, 0.3, 0.0), 0.2, 0.12, 8.5, 8, STEEL);
    for i in 0..3 {
        let angle = i as f32 * std::f32::consts::TAU / 3.0;
        let out = vec3(angle.sin(), 0.0, angle.cos());
        shape = shape.cuboid(out * 0.45 + Vec3::Y * 7.6, vec3(0.35, 1.7, 0.35), WHITE);
    }
    shape.ball(vec3(0.0, 9.1, 0.0), Vec3::splat(0.7), 6, Paint::status([86, 180, 233]))
}

/// A sensor on its post.
pub fn sensor() -> Shape {
    Shape::new()
        .post(Vec3::ZERO, 0.09, 0.07, 1.9, 6, STEEL)
        .block(vec3(0.0, 1.7, 0.0), vec3(0.55, 0.6, 0.4), WHITE)
        .cuboid(vec3(0.0, 2.0, 0.21), vec3(0.3, 0.2, 0.03), Paint::status([240, 228, 66]))
        .post(vec3(0.0, 2.3, 0.0), 0.24, 0.05, 0.3, 8, [240, 228, 66])
}

/// A camera on its post.
pub fn camera() -> Shape {
    Shape::new()
        .post(Vec3::ZERO, 0.11, 0.08, 3.6, 6, DARK)
        .cuboid(vec3(0.0, 3.6, 0.45), vec3(0.12, 0.12, 0.9), DARK)
        .cuboid(vec3(0.0, 3.45, 0.75), vec3(0.5, 0.45, 0.95), WHITE)
        .cuboid(vec3(0.0, 3.45, 1.25), vec3(0.34, 0.32, 0.08), DARK)
        .cuboid(vec3(0.0, 3.72, 0.75), vec3(0.2, 0.1, 0.2), Paint::status([86, 180, 233]))
}

/// The cloud: a far-off hall of machines under its sign.
pub fn cloud() -> Shape {
    let mut shape = Shape::new();
    for i in 0..3 {
        let x = (i as f32 - 1.0) * 46.0;
        shape = shape.block(vec3(x, 0.0, 0.0), vec3(40.0, 13.0, 26.0), [214, 220, 226]).block(
            vec3(x, 13.0, 0.0),
            vec3(41.0, 1.0, 27.0),
            [120, 128, 140],
        );
        for j in 0..6 {
            let at = vec3(x - 15.0 + j as f32 * 6.0, 7.0, 13.1);
            shape = shape.cuboid(at, vec3(3.0, 6.0, 0.2), Paint::status([86, 180, 233]));
        }
    }
    let puffs = [
        (-24.0, 46.0, 26.0),
        (-6.0, 54.0, 36.0),
        (16.0, 50.0, 32.0),
        (32.0, 44.0, 22.0),
        (4.0, 42.0, 34.0),
    ];
    for (x, y, size) in puffs {
        shape = shape.ball(
            vec3(x, y, 0.0),
            vec3(size * 1.15, size * 0.86, size * 0.6),
            9,
            Paint::status([196, 222, 246]),
        );
    }
    shape
}
