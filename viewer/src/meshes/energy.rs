//! PV tables, battery containers, gensets, the grid connection, the switchboard.

use super::{CONCRETE, DARK, Paint, STEEL, Shape, WHITE};
use bevy::math::{Quat, Vec3, vec3};

const CELL: [u8; 3] = [20, 36, 78];
const CELL_EDGE: [u8; 3] = [34, 58, 112];
const FRAME: [u8; 3] = [150, 158, 170];

/// Length and depth of a PV table's surface in metres, and its rated power.
pub const TABLE: (f32, f32, f32) = (5.8, 1.76, 2.0);

/// A row of five modules, lying flat about the origin: tilting it is the instance's.
pub fn pv_table() -> Shape {
    let (length, depth, _) = TABLE;
    let module = length / 5.0;
    let mut shape = Shape::new().cuboid(Vec3::ZERO, vec3(length, 0.06, depth), FRAME);
    for i in 0..5 {
        let x = (i as f32 - 2.0) * module;
        let pane = vec3(module - 0.07, 0.02, depth - 0.07);
        shape = shape.cuboid(vec3(x, 0.035, 0.0), pane, CELL);
        for j in [-0.25, 0.25] {
            let line = vec3(module - 0.07, 0.004, 0.035);
            shape = shape.cuboid(vec3(x, 0.047, j * depth), line, CELL_EDGE);
        }
    }
    shape.cuboid(vec3(0.0, -0.08, 0.0), vec3(length, 0.08, 0.12), STEEL)
}

/// Posts under a tilted table in a field, for an edge at `low` and one at `high` metres.
pub fn pv_posts() -> Shape {
    let leg = |x: f32| Shape::new().block(vec3(x, 0.0, 0.0), vec3(0.12, 1.0, 0.12), STEEL);
    leg(-2.2).and(leg(2.2))
}

/// Length, height and depth of a battery container with 20 feet, drawn half as large again.
pub const CONTAINER: Vec3 = vec3(9.2, 4.0, 3.8);
/// Where a container's gauge begins, how long and how high it is, and where its face lies.
pub const GAUGE: (Vec3, f32, f32) = (vec3(-3.3, 1.15, 1.93), 6.6, 1.5);

/// A battery container of this length.
pub fn battery(length: f32) -> Shape {
    let size = vec3(length, CONTAINER.y, CONTAINER.z);
    let green = [0, 158, 115];
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(length + 1.2, 0.3, size.z + 1.2), CONCRETE)
        .block(vec3(0.0, 0.3, 0.0), size - Vec3::Y * 0.3, WHITE)
        .block(vec3(0.0, size.y - 0.55, 0.0), vec3(length + 0.02, 0.22, size.z + 0.02), green)
        .block(vec3(0.0, size.y, 0.0), vec3(length + 0.1, 0.12, size.z + 0.1), STEEL);
    for side in [-1.0, 1.0] {
        let gauge = vec3(0.0, GAUGE.0.y + GAUGE.2 / 2.0, side * (size.z / 2.0 + 0.01));
        shape = shape.cuboid(
            gauge,
            vec3(GAUGE.1 * length / CONTAINER.x + 0.3, GAUGE.2 + 0.3, 0.03),
            DARK,
        );
    }
    // Coolers on the roof, doors at the ends.
    let coolers = if length > 6.0 { 3 } else { 1 };
    for i in 0..coolers {
        let x = (i as f32 - (coolers - 1) as f32 / 2.0) * length / 3.2;
        shape = shape
            .block(vec3(x, size.y + 0.1, 0.0), vec3(1.7, 0.55, 2.2), [206, 210, 212])
            .post(vec3(x, size.y + 0.65, 0.0), 0.7, 0.7, 0.06, 10, DARK);
    }
    for end in [-1.0, 1.0] {
        for z in [-0.9, 0.9] {
            let door = vec3(end * (length / 2.0 + 0.02), 2.0, z);
            shape = shape.cuboid(door, vec3(0.04, 2.9, 1.6), [214, 218, 220]);
        }
    }
    shape
}

/// A unit of the gauge: a bar from x = 0 to 1, one high, that shines.
pub fn gauge_bar() -> Shape {
    Shape::new().cuboid(vec3(0.5, 0.5, 0.0), vec3(1.0, 1.0, 1.0), Paint::status(WHITE))
}

/// A genset in its container, with its exhaust.
pub fn genset() -> Shape {
    let body = [196, 120, 36];
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(8.6, 0.3, 4.2), CONCRETE)
        .block(vec3(0.0, 0.3, 0.0), vec3(7.4, 3.2, 3.2), body)
        .block(vec3(0.0, 3.5, 0.0), vec3(7.5, 0.14, 3.3), DARK)
        .post(vec3(-2.4, 3.6, 0.0), 0.34, 0.34, 2.4, 10, STEEL)
        .post(vec3(-2.4, 6.0, 0.0), 0.42, 0.42, 0.3, 10, DARK)
        .block(vec3(2.2, 3.6, 0.0), vec3(2.0, 0.5, 2.4), DARK)
        .post(vec3(3.2, 3.6, 1.2), 0.08, 0.08, 0.5, 6, STEEL)
        .ball(vec3(3.2, 4.3, 1.2), Vec3::splat(0.6), 5, Paint::status([240, 160, 30]));
    for side in [-1.0, 1.0] {
        for i in 0..7 {
            let louvre = vec3(-2.6 + i as f32 * 0.42, 1.9, side * 1.62);
            shape = shape.cuboid(louvre, vec3(0.26, 1.9, 0.06), DARK);
        }
        shape = shape.cuboid(vec3(2.0, 1.8, side * 1.62), vec3(2.2, 2.3, 0.06), [168, 100, 28]);
    }
    shape
}

/// The transformer kiosk where the grid comes in.
pub fn kiosk() -> Shape {
    Shape::new()
        .block(Vec3::ZERO, vec3(7.0, 0.25, 5.6), CONCRETE)
        .block(vec3(0.0, 0.25, 0.0), vec3(5.4, 3.4, 4.0), [178, 186, 172])
        .block(vec3(0.0, 3.65, 0.0), vec3(6.0, 0.35, 4.6), [96, 104, 92])
        .cuboid(vec3(-1.2, 1.6, 2.02), vec3(1.5, 2.5, 0.06), [96, 116, 96])
        .cuboid(vec3(1.2, 1.6, 2.02), vec3(1.5, 2.5, 0.06), [96, 116, 96])
        .flat(&[vec3(0.9, 1.7, 2.06), vec3(1.5, 1.7, 2.06), vec3(1.2, 2.25, 2.06)], [240, 208, 40])
        .post(vec3(2.1, 4.0, 1.5), 0.08, 0.08, 0.5, 6, STEEL)
        .ball(vec3(2.1, 4.7, 1.5), Vec3::splat(0.7), 5, Paint::status([120, 220, 255]))
}

/// A lattice pylon, 17 m high.
pub fn pylon() -> Shape {
    let iron = [120, 128, 134];
    let mut shape = Shape::new();
    for (sx, sz) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
        let (foot, head) = (vec3(sx * 1.6, 0.0, sz * 1.6), vec3(sx * 0.35, 16.0, sz * 0.35));
        shape = shape.and(rod(foot, head, 0.16, iron));
        for i in 0..4 {
            let (a, b) = (i as f32 / 4.0, (i + 1) as f32 / 4.0);
            let (low, high) = (foot.lerp(head, a), foot.lerp(head, b));
            let across = vec3(-high.x, high.y, high.z);
            shape = shape.and(rod(low, across, 0.09, iron));
            let along = vec3(high.x, high.y, -high.z);
            shape = shape.and(rod(low, along, 0.09, iron));
        }
    }
    for y in [12.0, 15.0] {
        shape = shape.cuboid(vec3(0.0, y, 0.0), vec3(0.3, 0.3, 7.0), iron);
        for z in [-3.2, 3.2] {
            shape = shape.post(vec3(0.0, y - 0.9, z), 0.12, 0.12, 0.8, 6, [110, 60, 50]);
        }
    }
    shape
}

/// Where a pylon carries its wires.
pub const WIRES: [Vec3; 4] =
    [vec3(0.0, 11.1, -3.2), vec3(0.0, 11.1, 3.2), vec3(0.0, 14.1, -3.2), vec3(0.0, 14.1, 3.2)];

/// A straight rod with a square section.
pub fn rod(from: Vec3, to: Vec3, thick: f32, paint: impl Into<Paint>) -> Shape {
    let along = to - from;
    let turn = Quat::from_rotation_arc(Vec3::Y, along.normalize_or(Vec3::Y));
    let size = vec3(thick, along.length(), thick);
    Shape::new().turned_cuboid((from + to) / 2.0, size, turn, paint)
}

/// The switchboard where all feeders meet.
pub fn switchboard() -> Shape {
    let mut shape = Shape::new()
        .block(Vec3::ZERO, vec3(5.6, 0.25, 2.6), CONCRETE)
        .block(vec3(0.0, 0.25, 0.0), vec3(4.8, 2.5, 1.6), [206, 208, 204])
        .block(vec3(0.0, 2.75, 0.0), vec3(5.0, 0.15, 1.9), DARK);
    for i in 0..4 {
        let x = -1.8 + i as f32 * 1.2;
        shape = shape.cuboid(vec3(x, 1.5, 0.82), vec3(1.08, 2.2, 0.05), [190, 194, 190]).cuboid(
            vec3(x, 2.3, 0.86),
            vec3(0.5, 0.2, 0.05),
            Paint::status([90, 220, 160]),
        );
    }
    shape
}
