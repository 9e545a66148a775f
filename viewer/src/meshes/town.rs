//! Buildings, street lamps, trees.

use super::{CONCRETE, DARK, Paint, STEEL, Shape};
use bevy::math::{Vec2, Vec3, vec3};

/// Height of a storey in metres.
pub const STOREY: f32 = 3.6;

/// When a window is lit, as the share of glow that it needs: scattered, the same in every run.
fn threshold(index: usize) -> f32 {
    ((index * 7919 + 31) % 97) as f32 / 97.0 * 0.9 + 0.04
}

/// Windows of a wall from `left` to `right`, seen from outside, at the height of their middle.
fn windows(
    mut shape: Shape,
    (left, right): (Vec3, Vec3),
    out: Vec3,
    size: Vec2,
    gap: f32,
    seed: usize,
) -> Shape {
    let length = left.distance(right);
    let count = ((length - gap) / (size.x + gap)).floor().max(1.0) as usize;
    let along = (right - left) / length;
    let pitch = length / count as f32;
    for i in 0..count {
        let middle = left + along * (i as f32 + 0.5) * pitch + out * 0.03;
        let (a, b) = (along * (pitch - gap).min(size.x) / 2.0, Vec3::Y * size.y / 2.0);
        let corners = [middle - a - b, middle + a - b, middle + a + b, middle - a + b];
        shape = shape.flat(&corners, Paint::window(threshold(seed * 131 + i)));
    }
    shape
}

/// All four walls' windows at one height.
fn band(
    mut shape: Shape,
    width: f32,
    depth: f32,
    y: f32,
    size: Vec2,
    gap: f32,
    seed: usize,
) -> Shape {
    let (w, d) = (width / 2.0, depth / 2.0);
    let corner = |x: f32, z: f32| vec3(x * w, y, z * d);
    let walls = [
        (corner(-1.0, 1.0), corner(1.0, 1.0), Vec3::Z),
        (corner(1.0, 1.0), corner(1.0, -1.0), Vec3::X),
        (corner(1.0, -1.0), corner(-1.0, -1.0), Vec3::NEG_Z),
        (corner(-1.0, -1.0), corner(-1.0, 1.0), Vec3::NEG_X),
    ];
    for (i, (left, right, out)) in walls.into_iter().enumerate() {
        shape = windows(shape, (left, right), out, size, gap, seed * 17 + i * 5 + 1);
    }
    shape
}

/// Offices: storeys with bands of windows, a flat roof with a parapet.
pub fn office(width: f32, depth: f32, storeys: u32) -> Shape {
    let wall = [226, 220, 208];
    let height = storeys as f32 * STOREY;
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(width + 3.0, 0.12, depth + 3.0), [188, 182, 170])
        .block(Vec3::ZERO, vec3(width, height, depth), wall)
        .and(parapet(width, depth, height, [206, 200, 188]));
    for storey in 0..storeys {
        let y = (storey as f32 + 0.52) * STOREY;
        let lintel = vec3(width + 0.12, 0.3, depth + 0.12);
        shape = shape.block(
            vec3(0.0, (storey as f32 + 1.0) * STOREY - 0.35, 0.0),
            lintel,
            [204, 196, 182],
        );
        shape = band(shape, width, depth, y, Vec2::new(2.0, 2.0), 0.7, storey as usize + 3);
    }
    shape
        .cuboid(vec3(0.0, 1.5, depth / 2.0 + 0.1), vec3(3.4, 3.0, 0.25), DARK)
        .block(vec3(0.0, 3.1, depth / 2.0 + 1.2), vec3(5.0, 0.25, 2.6), [206, 200, 188])
        .cuboid(vec3(0.0, 1.5, depth / 2.0 + 0.25), vec3(2.8, 2.7, 0.05), Paint::window(0.03))
}

fn parapet(width: f32, depth: f32, y: f32, paint: [u8; 3]) -> Shape {
    Shape::new()
        .block(vec3(0.0, y, depth / 2.0 - 0.15), vec3(width, 0.7, 0.3), paint)
        .block(vec3(0.0, y, -depth / 2.0 + 0.15), vec3(width, 0.7, 0.3), paint)
        .block(vec3(width / 2.0 - 0.15, y, 0.0), vec3(0.3, 0.7, depth), paint)
        .block(vec3(-width / 2.0 + 0.15, y, 0.0), vec3(0.3, 0.7, depth), paint)
        .block(vec3(0.0, y, 0.0), vec3(width - 0.3, 0.08, depth - 0.3), [168, 166, 162])
}

/// A hall of workshops: sheet walls, gates, a band of light under the roof.
pub fn hall(width: f32, depth: f32, height: f32) -> Shape {
    let wall = [178, 190, 200];
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(width + 4.0, 0.1, depth + 4.0), CONCRETE)
        .block(Vec3::ZERO, vec3(width, height, depth), wall)
        .block(Vec3::ZERO, vec3(width + 0.15, 1.1, depth + 0.15), [120, 132, 144])
        .and(parapet(width, depth, height, [140, 152, 164]));
    shape = band(shape, width, depth, height - 1.3, Vec2::new(3.2, 1.2), 0.3, 11);
    let ribs = (width / 3.0) as usize;
    for i in 0..=ribs {
        let x = -width / 2.0 + width * i as f32 / ribs as f32;
        for side in [-1.0, 1.0] {
            shape = shape.block(
                vec3(x, 0.0, side * depth / 2.0),
                vec3(0.22, height, 0.22),
                [160, 172, 182],
            );
        }
    }
    let gates = ((width / 9.0) as usize).clamp(1, 8);
    for i in 0..gates {
        let x = (i as f32 - (gates - 1) as f32 / 2.0) * width / gates as f32;
        for side in [-1.0, 1.0] {
            shape = shape.cuboid(
                vec3(x, 2.2, side * (depth / 2.0 + 0.1)),
                vec3(4.2, 4.2, 0.12),
                [232, 234, 232],
            );
            for j in 0..3 {
                let slat = vec3(x, 1.2 + j as f32 * 1.1, side * (depth / 2.0 + 0.17));
                shape = shape.cuboid(slat, vec3(4.2, 0.1, 0.04), [170, 176, 178]);
            }
        }
    }
    shape
}

/// A home with a gable roof.
pub fn house() -> Shape {
    let (w, d, h) = (9.5, 7.5, 4.6);
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(w, h, d), [238, 228, 210])
        .gable(vec3(0.0, h - 0.1, 0.0), vec3(w + 0.9, 3.4, d + 1.1), [176, 88, 62], [238, 228, 210])
        .block(vec3(2.6, h + 1.2, -1.2), vec3(0.9, 2.8, 0.9), [150, 90, 74]);
    for (storey, y) in [1.5, 3.4].into_iter().enumerate() {
        shape = band(shape, w, d, y, Vec2::new(1.1, 1.2), 1.2, storey + 21);
    }
    shape.cuboid(vec3(-1.0, 1.15, d / 2.0 + 0.06), vec3(1.1, 2.3, 0.1), [92, 64, 48])
}

/// A street lamp: its lamp hangs towards +z.
pub fn street_lamp() -> Shape {
    Shape::new()
        .post(Vec3::ZERO, 0.14, 0.08, 6.2, 6, DARK)
        .cuboid(vec3(0.0, 6.2, 0.6), vec3(0.1, 0.1, 1.3), DARK)
        .cuboid(vec3(0.0, 6.1, 1.1), vec3(0.5, 0.16, 0.9), Paint::status([255, 214, 150]))
}

/// A disc of lamplight on the ground.
pub fn light_pool() -> Shape {
    let rim: Vec<Vec3> = (0..24)
        .map(|i| {
            let angle = i as f32 / 24.0 * std::f32::consts::TAU;
            vec3(angle.cos(), 0.0, -angle.sin())
        })
        .collect();
    Shape::new().flat(&rim, [255, 214, 150])
}

/// A leafy tree, about eight metres high.
pub fn tree() -> Shape {
    Shape::new()
        .post(Vec3::ZERO, 0.34, 0.22, 3.0, 6, [104, 82, 62])
        .ball(vec3(0.0, 5.0, 0.0), vec3(5.2, 4.8, 5.2), 6, [88, 124, 62])
        .ball(vec3(1.1, 4.2, 0.9), vec3(3.4, 3.0, 3.4), 5, [100, 138, 70])
        .ball(vec3(-1.0, 6.2, -0.6), vec3(3.4, 3.0, 3.4), 5, [106, 144, 74])
}

/// A fir.
pub fn fir() -> Shape {
    Shape::new()
        .post(Vec3::ZERO, 0.26, 0.2, 1.6, 6, [96, 76, 58])
        .post(vec3(0.0, 1.2, 0.0), 2.3, 0.0, 4.2, 8, [62, 100, 66])
        .post(vec3(0.0, 3.2, 0.0), 1.8, 0.0, 3.8, 8, [70, 110, 72])
        .post(vec3(0.0, 5.2, 0.0), 1.2, 0.0, 3.2, 8, [78, 120, 78])
}

/// A pump house or cold store for a load of which nothing more is known.
pub fn plant(width: f32, depth: f32) -> Shape {
    hall(width, depth, 5.2)
        .post(vec3(width / 2.0 + 2.4, 0.0, 0.0), 1.8, 1.8, 5.0, 14, [198, 206, 212])
        .post(vec3(width / 2.0 + 2.4, 5.0, 0.0), 1.8, 0.3, 0.8, 14, STEEL)
}
