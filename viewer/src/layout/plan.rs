//! First places: where the scenario says, and for what it does not place, a plan by kind along a
//! street. Arrays find the roof, the carport or the field that carries them.

use super::size::{self, Body};
use super::{Place, apart};
use crate::meshes::cars::CAR_BAY;
use bevy::math::{Vec2, vec2};
use gridtwin_player::Thing;
use gridtwin_twin::scenario::{Mount, PositionM, Scenario};

/// Every thing with a place of its own.
pub(super) fn places(scenario: &Scenario) -> Vec<Place> {
    let mut places = Vec::new();
    let mut unplaced = Vec::new();
    let mut add = |thing, position: Option<PositionM>, (body, size): (Body, Vec2)| {
        if position.is_none() {
            unplaced.push(places.len());
        }
        let at = position.map_or(Vec2::ZERO, |(east, north, _)| vec2(east as f32, -north as f32));
        places.push(Place { thing, at, size, body });
    };
    for (i, array) in scenario.pv.iter().enumerate() {
        let tables = size::tables(array.dc_kw.get());
        let body = Body::Array { roof: 0.0, carport: false, tables };
        add(Thing::Pv(i as u16), array.position_m, (body, size::field(array)));
    }
    for (i, battery) in scenario.batteries.iter().enumerate() {
        let form = size::containers(battery.capacity_kwh.get());
        add(Thing::Battery(i as u16), battery.position_m, form);
    }
    for (i, genset) in scenario.gensets.iter().enumerate() {
        add(Thing::Genset(i as u16), genset.position_m, (Body::Genset, vec2(8.6, 4.4)));
    }
    if let Some(grid) = &scenario.grid {
        add(Thing::Grid, grid.position_m, (Body::Kiosk, vec2(7.0, 5.6)));
    }
    for (i, load) in scenario.loads.iter().enumerate() {
        add(Thing::Load(i as u16), load.position_m, size::building(load));
    }
    for (i, chargers) in scenario.chargers.iter().enumerate() {
        add(Thing::Chargers(i as u16), chargers.position_m, size::bays(chargers));
    }
    for (i, fleet) in scenario.devices.iter().enumerate() {
        add(Thing::Fleet(i as u16), fleet.position_m, (Body::Fleet, vec2(1.0, 1.0)));
    }
    for (i, server) in scenario.edge_servers.iter().enumerate() {
        add(Thing::Server(i as u16), server.position_m, (Body::Cabinet, vec2(3.2, 2.9)));
    }
    for (i, switch) in scenario.switches.iter().enumerate() {
        add(Thing::Switch(i as u16), switch.position_m, (Body::Mast, vec2(1.8, 1.8)));
    }
    if scenario.cloud.is_some() {
        let at = Vec2::ZERO;
        places.push(Place { thing: Thing::Cloud, at, size: vec2(140.0, 30.0), body: Body::Cloud });
    }
    find_roofs(scenario, &mut places, &mut unplaced);
    arrange(&mut places, &unplaced);
    places
}

/// Puts arrays on roofs and carports that are near, or that have room where nobody said a place.
fn find_roofs(scenario: &Scenario, places: &mut [Place], unplaced: &mut Vec<usize>) {
    let mut hosts: Vec<Option<usize>> = vec![None; scenario.pv.len()];
    for (i, array) in scenario.pv.iter().enumerate() {
        let low = array.position_m.is_some_and(|(_, _, up)| up < 1.5);
        let on_roof = array.mount == Mount::CloseMountGlassGlass;
        if low || (array.position_m.is_none() && !on_roof) {
            continue;
        }
        let taken = |host: usize| hosts.iter().filter(|h| **h == Some(host)).count();
        let host = match array.position_m {
            Some((east, north, _)) => {
                let at = vec2(east as f32, -north as f32);
                (0..places.len())
                    .filter(|&j| carries(&places[j]) && !unplaced.contains(&j))
                    .map(|j| (places[j].at.distance(at), j))
                    .filter(|(distance, j)| *distance < 14.0 + places[*j].size.max_element() / 2.0)
                    .min_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, j)| j)
            }
            None => (0..places.len())
                .filter(|&j| carries(&places[j]) && !bays(&places[j]))
                .min_by_key(|&j| taken(j)),
        };
        hosts[i] = host;
    }
    for host in 0..places.len() {
        let guests: Vec<usize> = (0..hosts.len()).filter(|&i| hosts[i] == Some(host)).collect();
        if guests.is_empty() {
            continue;
        }
        // A roof must be large enough for its arrays: the tables and the ways between them.
        let needed: f32 = guests
            .iter()
            .map(|&i| {
                let pitch = size::row_pitch(scenario.pv[i].tilt_deg.get());
                size::tables(scenario.pv[i].dc_kw.get()) as f32 * 6.05 * pitch * 1.22
            })
            .sum();
        let place = &mut places[host];
        if bays(place) {
            place.size.x = place.size.x.max(needed / place.size.y);
        } else {
            let grow = (needed / ((place.size.x - 2.0) * (place.size.y - 2.0))).sqrt().max(1.0);
            place.size = size::tidy((place.size - 2.0) * grow + 3.0);
        }
        for (n, &i) in guests.iter().enumerate() {
            let j = i;
            let roof = roof(&places[host]);
            let carport = bays(&places[host]);
            let host_size = places[host].size;
            let place = &mut places[j];
            let Body::Array { tables, .. } = place.body else { continue };
            place.body = Body::Array { roof, carport, tables };
            // Who shares a roof has a strip of it each, from west to east.
            let width = host_size.x / guests.len() as f32;
            place.size = vec2(width, host_size.y);
            // Until the hosts have been moved to where they stay: which strip of which host.
            place.at = vec2(host as f32, n as f32 - (guests.len() - 1) as f32 / 2.0);
            unplaced.retain(|&k| k != j);
        }
    }
}

/// Puts arrays on the roofs that carry them, once those stand where they stay.
pub(super) fn settle_arrays(scenario: &Scenario, places: &mut [Place]) {
    for i in 0..scenario.pv.len() {
        if let Body::Array { roof, .. } = places[i].body
            && roof > 0.0
        {
            let host = places[i].at.x as usize;
            let shift = places[i].at.y * places[i].size.x;
            places[i].at = places[host].at + vec2(shift, 0.0);
        }
    }
}

fn carries(place: &Place) -> bool {
    matches!(
        place.body,
        Body::Office { .. } | Body::Hall { .. } | Body::Plant | Body::Bays { buses: false, .. }
    )
}

fn bays(place: &Place) -> bool {
    matches!(place.body, Body::Bays { .. })
}

fn roof(place: &Place) -> f32 {
    if bays(place) { 3.4 } else { place.body.height() }
}

/// A tidy plan for what nobody placed: buildings north of a street, chargers and fields south of it,
/// batteries, gensets and the grid at its eastern end, cabinets in rows before the buildings.
fn arrange(places: &mut [Place], unplaced: &[usize]) {
    if unplaced.is_empty() {
        return;
    }
    let all_free = unplaced.len() + 1 >= places.iter().filter(|p| apart::stands(p)).count();
    let origin = if all_free {
        Vec2::ZERO
    } else {
        // Beside what has a place.
        let placed = (0..places.len()).filter(|i| !unplaced.contains(i));
        let stands = placed.filter(|&i| apart::stands(&places[i]));
        let bounds = stands.map(|i| places[i].footprint()).reduce(|a, b| a.union(b));
        bounds.map_or(Vec2::ZERO, |b| vec2(b.center().x, b.max.y + 30.0))
    };
    let zone = |place: &Place| match place.body {
        Body::Office { .. } | Body::Hall { .. } | Body::Plant | Body::Homes { .. } => 0,
        Body::Cabinet | Body::Mast | Body::LampCabinet => 1,
        Body::Bays { .. } => 2,
        Body::Array { .. } => 3,
        Body::Containers { .. } | Body::Genset => 4,
        Body::Kiosk => 5,
        Body::Fleet | Body::Cloud => 6,
    };
    let of = |wanted: usize, places: &[Place]| -> Vec<usize> {
        unplaced.iter().copied().filter(|&i| zone(&places[i]) == wanted).collect()
    };
    let area: f32 = unplaced.iter().map(|&i| places[i].size.x * places[i].size.y).sum();
    let width = (area * 1.8).sqrt().max(50.0);
    // To the north of the street: cabinets first, then buildings.
    let cabinets = of(1, places);
    let depth = shelves(places, &cabinets, origin + vec2(0.0, -6.0), width, -1.0, 2.0);
    let north = of(0, places);
    shelves(places, &north, origin + vec2(0.0, -10.0 - depth), width, -1.0, 8.0);
    let south = of(2, places);
    let depth = shelves(places, &south, origin + vec2(0.0, 8.0), width, 1.0, 6.0);
    let fields = of(3, places);
    shelves(places, &fields, origin + vec2(0.0, 14.0 + depth), width, 1.0, 5.0);
    let stores = of(4, places);
    let east = origin + vec2(width / 2.0 + 22.0, 8.0);
    shelves(places, &stores, east, (width * 0.3).max(26.0), 1.0, 4.0);
    for i in of(5, places) {
        places[i].at = origin + vec2(width / 2.0 + 30.0, -8.0);
    }
    let fleets = of(6, places);
    let count = fleets.len().max(1) as f32;
    for (n, i) in fleets.into_iter().enumerate() {
        let share = (n as f32 + 0.5) / count - 0.5;
        places[i].at = origin + vec2(share * width, 0.0);
    }
}

/// Sets things side by side in rows about `middle.x`, from `middle.y` on in direction `way`. How
/// deep it gets.
fn shelves(
    places: &mut [Place],
    of: &[usize],
    middle: Vec2,
    width: f32,
    way: f32,
    gap: f32,
) -> f32 {
    let mut depth = 0.0;
    let mut row: Vec<usize> = Vec::new();
    let mut used = 0.0;
    let mut rest = of.iter().copied().peekable();
    while let Some(i) = rest.next() {
        row.push(i);
        used += places[i].size.x + gap;
        let full = rest.peek().is_none_or(|&next| used + places[next].size.x > width);
        if full {
            let deepest = row.iter().map(|&i| places[i].size.y).fold(0.0, f32::max);
            let mut x = middle.x - (used - gap) / 2.0;
            for &i in &row {
                let size = places[i].size;
                places[i].at = vec2(x + size.x / 2.0, middle.y + way * (depth + size.y / 2.0));
                x += size.x + gap;
            }
            depth += deepest + gap.max(CAR_BAY.0);
            row.clear();
            used = 0.0;
        }
    }
    depth
}

/// Puts the cloud on the northern horizon.
pub(super) fn send_off_cloud(places: &mut [Place], centre: Vec2, radius: f32) {
    for place in places.iter_mut().filter(|place| place.thing == Thing::Cloud) {
        place.at = centre + vec2(-radius * 1.1, -radius * 3.4 - 60.0);
    }
}
