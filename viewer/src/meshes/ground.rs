//! Meadow, hills on the horizon, roads.

use super::Shape;
use bevy::math::{Vec2, Vec3, vec3};

/// Noise between 0 and 1 that is the same in every run.
fn noise(x: i32, z: i32) -> f32 {
    let mut h =
        (x as u32).wrapping_mul(374_761_393).wrapping_add((z as u32).wrapping_mul(668_265_263));
    h = (h ^ (h >> 13)).wrapping_mul(1_274_126_177);
    ((h ^ (h >> 16)) & 0xffff) as f32 / 65_535.0
}

/// Noise that changes smoothly over a metre of `p`.
pub fn smooth_noise(p: Vec2) -> f32 {
    let cell = p.floor();
    let f = p - cell;
    let f = f * f * (Vec2::splat(3.0) - 2.0 * f);
    let (x, z) = (cell.x as i32, cell.y as i32);
    let low = noise(x, z) * (1.0 - f.x) + noise(x + 1, z) * f.x;
    let high = noise(x, z + 1) * (1.0 - f.x) + noise(x + 1, z + 1) * f.x;
    low * (1.0 - f.y) + high * f.y
}

/// A meadow about a centre: fine near the site, coarse far off.
pub fn meadow(centre: Vec2, radius: f32) -> Shape {
    let steps: Vec<f32> = {
        let near = (0..=36).map(|i| i as f32 / 36.0 * radius * 1.6);
        let far = [2.2, 3.4, 5.5, 9.0, 16.0, 30.0].map(|f| f * radius.max(80.0));
        near.chain(far).collect()
    };
    let axis: Vec<f32> =
        steps.iter().skip(1).rev().map(|s| -s).chain(steps.iter().copied()).collect();
    let mut shape = Shape::new();
    for z in axis.windows(2) {
        for x in axis.windows(2) {
            let p = |x: f32, z: f32| vec3(centre.x + x, 0.0, centre.y + z);
            let middle = Vec2::new(x[0] + x[1], z[0] + z[1]) / 2.0;
            let patch = smooth_noise(middle / 23.0) * 0.6 + smooth_noise(middle / 7.0 + 40.0) * 0.4;
            // Far cells are larger than the patches: they all have the mean.
            let near = (1.0 - (x[1] - x[0]).max(z[1] - z[0]) / 40.0).clamp(0.0, 1.0);
            let patch = 0.5 + (patch - 0.5) * near;
            let mix = |a: f32, b: f32| (a + (b - a) * patch) as u8;
            let grass = [mix(104.0, 136.0), mix(130.0, 156.0), mix(70.0, 88.0)];
            let corners = [p(x[0], z[1]), p(x[1], z[1]), p(x[1], z[0]), p(x[0], z[0])];
            shape = shape.flat(&corners, grass);
        }
    }
    shape
}

/// Hills around the site, far off.
pub fn hills(centre: Vec2, radius: f32) -> Shape {
    let mut shape = Shape::new();
    for (ring, (distance, height, paint)) in
        [(9.0, 0.55, [112, 138, 98]), (13.0, 1.1, [112, 138, 124]), (19.0, 1.9, [122, 144, 150])]
            .into_iter()
            .enumerate()
    {
        let at = |i: i32| {
            let angle = i as f32 / 72.0 * std::f32::consts::TAU;
            let place = Vec2::from_angle(angle) * 6.0 + ring as f32 * 31.0;
            let ridge = smooth_noise(place) * 0.65 + smooth_noise(place * 2.7) * 0.35;
            let flat = Vec2::from_angle(angle) * distance * radius;
            (
                vec3(centre.x + flat.x, 0.0, centre.y + flat.y),
                vec3(0.0, height * radius * (0.25 + ridge * 0.75), 0.0),
            )
        };
        for i in 0..72 {
            let ((a, up_a), (b, up_b)) = (at(i), at((i + 1) % 72));
            let back = |p: Vec3| vec3(p.x - centre.x, 0.0, p.z - centre.y) * 0.25;
            shape = shape.flat(&[a, b, b + up_b + back(b), a + up_a + back(a)], paint);
        }
    }
    shape
}
