//! Every shipped site has a plan on which things stand beside each other and on the ground.

use crate::common::scenario;
use bevy::math::Rect;
use gridtwin_player::Thing;
use gridtwin_twin::Scenario;
use gridtwin_viewer::layout::{Body, Layout, Place};

fn grounded(place: &&Place) -> bool {
    match place.body {
        Body::Array { roof, .. } => roof == 0.0,
        Body::Fleet | Body::Cloud => false,
        _ => true,
    }
}

fn check(name: &str, scenario: &Scenario) {
    let layout = Layout::of(scenario);
    let ground: Vec<&Place> = layout.places.iter().filter(grounded).collect();
    for (i, a) in ground.iter().enumerate() {
        for b in &ground[i + 1..] {
            let common: Rect = a.footprint().intersect(b.footprint());
            assert!(
                common.is_empty() || common.width().min(common.height()) < 0.1,
                "{name}: {:?} stands in {:?}",
                a.thing,
                b.thing
            );
        }
    }
    for place in &layout.places {
        assert!(place.at.is_finite() && place.body.height() > 0.0, "{name}: {place:?}");
        if let Body::Array { roof, .. } = place.body {
            assert!(roof >= 0.0);
            if roof > 0.0 {
                let carried = ground.iter().any(|host| host.footprint().contains(place.at));
                assert!(carried, "{name}: {:?} hangs in the air", place.thing);
            }
        }
    }
    let expected = Thing::all(scenario)
        .into_iter()
        .filter(|thing| !matches!(thing, Thing::Link(_) | Thing::Group(_)));
    assert_eq!(
        layout.places.iter().map(|p| p.thing).collect::<Vec<_>>(),
        expected.collect::<Vec<_>>()
    );
    for (fleet, spots) in scenario.devices.iter().zip(&layout.devices) {
        assert_eq!(spots.len(), fleet.count as usize);
    }
    assert_eq!(layout, Layout::of(scenario), "{name}: the same scenario has the same plan");
}

const SHIPPED: [&str; 5] = ["campus", "island", "depot", "blackout", "greensboro"];

#[test]
fn on_shipped_sites_nothing_stands_in_anything_else() {
    for name in SHIPPED {
        check(name, &scenario(name));
    }
}

#[test]
fn a_site_without_any_positions_is_laid_out_too() {
    for name in SHIPPED {
        let mut s = scenario(name);
        s.pv.iter_mut().for_each(|x| x.position_m = None);
        s.batteries.iter_mut().for_each(|x| x.position_m = None);
        s.gensets.iter_mut().for_each(|x| x.position_m = None);
        s.loads.iter_mut().for_each(|x| x.position_m = None);
        s.chargers.iter_mut().for_each(|x| x.position_m = None);
        s.devices.iter_mut().for_each(|x| x.position_m = None);
        s.edge_servers.iter_mut().for_each(|x| x.position_m = None);
        s.switches.iter_mut().for_each(|x| x.position_m = None);
        if let Some(grid) = &mut s.grid {
            grid.position_m = None;
        }
        check(&format!("{name} without positions"), &s);
    }
}

#[test]
fn a_campus_roof_lies_on_its_building() {
    let layout = Layout::of(&scenario("campus"));
    let library = layout.place(Thing::Load(0)).expect("the library");
    let roof = layout.place(Thing::Pv(0)).expect("its roof");
    assert!(library.footprint().contains(roof.at));
    let Body::Array { roof, carport, .. } = roof.body else { panic!("no array") };
    assert!((roof - library.body.height()).abs() < 0.1 && !carport);
}
