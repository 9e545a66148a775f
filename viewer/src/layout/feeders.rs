//! How power comes to everything: a trunk from west to east along which the switchboard stands, and
//! a branch to each thing. Only the ways; what flows there is the scene's.

use super::{Body, Place, apart};
use bevy::math::{Vec2, vec2};
use gridtwin_player::Thing;
use gridtwin_twin::scenario::Scenario;

/// A straight piece of cable.
#[derive(Clone, Debug, PartialEq)]
pub struct Feeder {
    /// Its end away from the switchboard.
    pub from: Vec2,
    /// Its end towards the switchboard.
    pub to: Vec2,
    /// Places whose power joins here.
    pub joins: Vec<usize>,
    /// The piece beyond, whose power comes along: always one with a lower index.
    pub beyond: Option<usize>,
}

/// All cables of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feeders {
    /// Each piece.
    pub pieces: Vec<Feeder>,
    /// Where the switchboard stands, where all meet.
    pub bus: Vec2,
}

/// Lays the cables.
pub(super) fn feeders(_scenario: &Scenario, places: &[Place]) -> Feeders {
    let served: Vec<usize> = (0..places.len()).filter(|&i| draws(&places[i])).collect();
    if served.is_empty() {
        return Feeders::default();
    }
    let street = street(places);
    let anchor = places
        .iter()
        .find(|p| p.thing == Thing::Grid)
        .or_else(|| places.iter().find(|p| matches!(p.thing, Thing::Battery(_))))
        .unwrap_or(&places[served[0]]);
    let mean_x = served.iter().map(|&i| places[i].at.x).sum::<f32>() / served.len() as f32;
    let bus =
        clear(places, vec2(anchor.at.x + (mean_x - anchor.at.x).clamp(-24.0, 24.0), street - 2.4));
    let mut pieces = Vec::new();
    // Where each thing's branch meets the trunk.
    let mut taps: Vec<(f32, usize)> = Vec::new();
    for &i in &served {
        let place = &places[i];
        let reach = place.size.y / 2.0;
        let edge = if place.at.y > street { place.at.y - reach } else { place.at.y + reach };
        let crosses = (place.at.y - street).abs() <= reach;
        let edge = if crosses { place.at.y } else { edge };
        pieces.push(Feeder {
            from: vec2(place.at.x, edge),
            to: vec2(place.at.x, street),
            joins: vec![i],
            beyond: None,
        });
        taps.push((place.at.x, i));
    }
    taps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    // The trunk, from each end towards the switchboard; it carries what lies beyond.
    for (side, ordered) in [
        (-1.0, taps.iter().copied().filter(|t| t.0 < bus.x).collect::<Vec<_>>()),
        (1.0, taps.iter().rev().copied().filter(|t| t.0 >= bus.x).collect::<Vec<_>>()),
    ] {
        let (mut joins, mut beyond) = (Vec::new(), None);
        for (n, &(x, i)) in ordered.iter().enumerate() {
            joins.push(i);
            let next = ordered.get(n + 1).map_or(bus.x, |next| next.0);
            if (next - x) * -side > 0.3 {
                let (from, to) = (vec2(x, street), vec2(next, street));
                pieces.push(Feeder { from, to, joins: std::mem::take(&mut joins), beyond });
                beyond = Some(pieces.len() - 1);
            }
        }
    }
    Feeders { pieces, bus }
}

/// Whether it hangs on the bus with a cable of its own worth drawing.
fn draws(place: &Place) -> bool {
    !matches!(place.body, Body::Fleet | Body::Cloud)
}

/// A way from west to east, near the middle, that runs into as little as possible.
fn street(places: &[Place]) -> f32 {
    let ground: Vec<&Place> = places.iter().filter(|place| apart::stands(place)).collect();
    let weight = |p: &&&Place| p.size.x * p.size.y;
    let total: f32 = ground.iter().map(|p| weight(&p)).sum();
    let middle = ground.iter().map(|p| p.at.y * weight(&p)).sum::<f32>() / total.max(1.0);
    let cost = |y: f32| {
        let blocked: f32 = ground
            .iter()
            .filter(|p| (p.at.y - y).abs() < p.size.y / 2.0 + 3.4)
            .map(|p| p.size.x)
            .sum();
        blocked * 3.0 + (y - middle).abs()
    };
    (-60..=60)
        .map(|i| middle + i as f32)
        .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
        .unwrap_or(middle)
}

/// The nearest place along the street where nothing stands.
fn clear(places: &[Place], wanted: Vec2) -> Vec2 {
    let free = |at: Vec2| {
        places.iter().filter(|p| apart::stands(p)).all(|p| {
            let gap = (p.at - at).abs() - p.size / 2.0;
            gap.x > 4.0 || gap.y > 2.0
        })
    };
    (0..200)
        .map(|i| wanted + vec2(if i % 2 == 0 { 1.0 } else { -1.0 } * (i / 2) as f32, 0.0))
        .find(|at| free(*at))
        .unwrap_or(wanted)
}
