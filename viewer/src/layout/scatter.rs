//! What stands around in numbers: devices, street lamps, trees, and the roads between.

use super::{Body, Feeders, Place, apart};
use crate::meshes::ground::smooth_noise;
use bevy::math::{Rect, Vec2, vec2};
use gridtwin_twin::scenario::Scenario;

/// Turns of the sunflower: points of a spiral fill a disc evenly.
const GOLDEN: f32 = 2.399_963;

/// Each fleet's devices, around its middle and in nobody's way.
pub(super) fn devices(scenario: &Scenario, places: &[Place]) -> Vec<Vec<Vec2>> {
    let blocked: Vec<Rect> = places
        .iter()
        .filter(|place| apart::stands(place))
        .map(|place| place.footprint().inflate(0.9))
        .collect();
    let middles = places.iter().filter(|place| place.body == Body::Fleet);
    scenario
        .devices
        .iter()
        .zip(middles)
        .map(|(fleet, middle)| {
            let pitch = if fleet.count > 500 { 2.6 } else { 5.2 };
            let mut spots = Vec::with_capacity(fleet.count as usize);
            let mut k = 0;
            while spots.len() < fleet.count as usize {
                let angle = k as f32 * GOLDEN;
                let at = middle.at + Vec2::from_angle(angle) * pitch * (k as f32 + 0.6).sqrt();
                k += 1;
                if k > fleet.count * 40 + 400 || !blocked.iter().any(|rect| rect.contains(at)) {
                    spots.push(at);
                }
            }
            spots
        })
        .collect()
}

/// The street along the trunk, and a drive from it to everything large.
pub(super) fn roads(places: &[Place], feeders: &Feeders, bounds: Rect) -> Vec<(Vec2, Vec2, f32)> {
    let street = feeders.bus.y + 2.4 + STREET_BESIDE;
    let mut roads =
        vec![(vec2(bounds.min.x - 14.0, street), vec2(bounds.max.x + 14.0, street), 5.4)];
    for place in places.iter().filter(|place| apart::stands(place)) {
        let width = match place.body {
            Body::Office { .. } | Body::Homes { .. } => 3.0,
            Body::Hall { .. } | Body::Bays { .. } | Body::Plant => 4.6,
            Body::Containers { .. } | Body::Genset | Body::Kiosk => 3.2,
            _ => continue,
        };
        let reach = place.size.y / 2.0;
        let edge = if place.at.y > street { place.at.y - reach } else { place.at.y + reach };
        if (edge - street).abs() > 3.0 && (place.at.y - street).abs() > reach {
            // Beside the cable.
            let x = place.at.x + 2.2 + width / 2.0;
            roads.push((vec2(x, street), vec2(x, edge), width));
        }
    }
    roads
}

/// How far the street runs beside the trunk.
const STREET_BESIDE: f32 = 5.8;

/// Street lamps: along the street where the scenario has some.
pub(super) fn lamps(
    scenario: &Scenario,
    places: &[Place],
    feeders: &Feeders,
    bounds: Rect,
) -> Vec<Vec2> {
    use gridtwin_twin::scenario::{LoadProfile, Shape};
    let lit = scenario
        .loads
        .iter()
        .any(|load| matches!(load.profile, LoadProfile::Typical { shape: Shape::StreetLight, .. }));
    if !lit {
        return Vec::new();
    }
    let street = feeders.bus.y + 2.4 + STREET_BESIDE + 3.6;
    let length = bounds.width() + 20.0;
    let count = (length / 17.0).ceil().clamp(2.0, 60.0);
    (0..=count as usize)
        .map(|i| vec2(bounds.min.x - 10.0 + length * i as f32 / count, street))
        .filter(|at| {
            places
                .iter()
                .filter(|place| apart::stands(place))
                .all(|place| !place.footprint().inflate(0.6).contains(*at))
        })
        .collect()
}

/// Trees where nothing else is, in groups, denser around the site.
pub(super) fn trees(
    places: &[Place],
    devices: &[Vec<Vec2>],
    roads: &[(Vec2, Vec2, f32)],
    bounds: Rect,
) -> Vec<(Vec2, f32, bool)> {
    let footprints: Vec<Rect> = places
        .iter()
        .filter(|place| apart::stands(place) && place.body != Body::Cloud)
        .map(|place| {
            // Nothing shades a field or hides a gauge.
            let room = match place.body {
                Body::Array { .. } => 9.0,
                Body::Office { .. } | Body::Hall { .. } | Body::Homes { .. } => 4.0,
                _ => 6.0,
            };
            place.footprint().inflate(room)
        })
        .collect();
    let area = bounds.inflate((bounds.half_size().length() * 0.9).clamp(70.0, 400.0));
    let step = (area.width() * area.height() / 5200.0).sqrt().max(5.0);
    let mut trees = Vec::new();
    let (columns, rows) = ((area.width() / step) as i32, (area.height() / step) as i32);
    for row in 0..rows {
        for column in 0..columns {
            let cell = vec2(column as f32, row as f32);
            let jitter =
                vec2(smooth_noise(cell * 9.7 + 3.0), smooth_noise(cell * 8.3 + 57.0)) - 0.5;
            let at = area.min + (cell + 0.5 + jitter) * step;
            let inside = bounds.inflate(8.0).contains(at);
            let wood = smooth_noise(at / 34.0 + 12.0);
            let dense = if inside { wood > 0.84 } else { wood > 0.63 };
            // Before the site stays open, so that it can be seen.
            let before = at.y > bounds.max.y + 4.0 && smooth_noise(at / 5.0) < 0.72;
            let free = !footprints.iter().any(|rect| rect.contains(at))
                && roads.iter().all(|road| beside(road, at))
                && devices.iter().flatten().all(|d| d.distance_squared(at) > 9.0);
            if dense && free && !before {
                let size = 0.7 + smooth_noise(cell * 5.1) * 0.6;
                trees.push((at, size, smooth_noise(at / 60.0 + 90.0) > 0.62));
            }
        }
    }
    trees
}

fn beside((from, to, width): &(Vec2, Vec2, f32), at: Vec2) -> bool {
    let along = *to - *from;
    let share = ((at - *from).dot(along) / along.length_squared().max(1e-6)).clamp(0.0, 1.0);
    (*from + along * share).distance(at) > width / 2.0 + 3.2
}
