//! Pushes footprints that overlap apart, small things more than large ones.

use super::{Body, Place};
use bevy::math::Vec2;

/// What is kept free around every footprint, in metres.
const GAP: f32 = 2.6;

/// Moves places until no two footprints overlap. What has no body on the ground is left alone.
pub(super) fn push_apart(places: &mut [Place]) {
    let mut order: Vec<usize> = (0..places.len()).filter(|&i| stands(&places[i])).collect();
    for round in 0..400 {
        let mut still = true;
        order.sort_by(|&a, &b| west(&places[a]).total_cmp(&west(&places[b])));
        for i in 0..order.len() {
            for j in i + 1..order.len() {
                let (a, b) = (order[i], order[j]);
                if west(&places[b]) > places[a].at.x + places[a].size.x / 2.0 + GAP {
                    break;
                }
                if let Some(push) = overlap(&places[a], &places[b], round) {
                    still = false;
                    let (wa, wb) = (weight(&places[a]), weight(&places[b]));
                    places[a].at -= push * wb / (wa + wb);
                    places[b].at += push * wa / (wa + wb);
                }
            }
        }
        if still {
            break;
        }
    }
}

/// Whether it takes ground of its own.
pub(super) fn stands(place: &Place) -> bool {
    match place.body {
        Body::Array { roof, .. } => roof == 0.0,
        Body::Fleet | Body::Cloud => false,
        _ => true,
    }
}

fn west(place: &Place) -> f32 {
    place.at.x - place.size.x / 2.0
}

fn weight(place: &Place) -> f32 {
    (place.size.x * place.size.y).powf(1.5)
}

/// How far `b` is to go from `a`, if they are too close.
fn overlap(a: &Place, b: &Place, round: usize) -> Option<Vec2> {
    let gap = b.at - a.at;
    let room = (a.size + b.size) / 2.0 + Vec2::splat(GAP);
    let depth = room - gap.abs();
    if depth.x <= 0.01 || depth.y <= 0.01 {
        return None;
    }
    let sign = |v: f32| if v < 0.0 { -1.0 } else { 1.0 };
    // The shorter way; towards the south where it is about the same, where it can be seen. When
    // that does not help for long, the other way is tried.
    let along_x = (depth.x < depth.y * 0.9) != (round % 40 > 30);
    Some(if along_x {
        Vec2::new((depth.x + 0.02) * sign(gap.x), 0.0)
    } else {
        Vec2::new(0.0, (depth.y + 0.02) * sign(gap.y))
    })
}
