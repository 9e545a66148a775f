//! What the scene shows of a view, without a renderer: entities, their places and their looks.

use crate::common::{Site, scenario};
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_panels::{Overlay, palette};
use gridtwin_player::Thing;
use gridtwin_twin::record::{BatterySample, CarState, GroupState, ServerState};
use gridtwin_viewer::kinds::{Badge, Building, Cabinet, Car, Container, Gauge, Smoke};
use gridtwin_viewer::scene::{On, PartOf, SelectionRing};
use gridtwin_viewer::tag::Look;

fn look(site: &mut Site, filter: impl Fn(&PartOf) -> bool) -> Vec<Look> {
    let world = site.app.world_mut();
    let mut query = world.query::<(&PartOf, &MeshTag)>();
    query
        .iter(world)
        .filter(|(part, _)| filter(part))
        .map(|(_, tag)| Look::of(tag.clone()))
        .collect()
}

#[test]
fn a_batterys_gauge_is_as_long_as_it_is_full() {
    let mut site = Site::new(&scenario("campus"));
    let length = |site: &mut Site, soc: f64| {
        site.view.soc = vec![soc];
        site.show();
        let world = site.app.world_mut();
        let mut gauges = world.query_filtered::<&Transform, With<Gauge>>();
        gauges.iter(world).map(|place| place.scale.x).fold(0.0, f32::max)
    };
    let (empty, half, full) =
        (length(&mut site, 0.0), length(&mut site, 0.5), length(&mut site, 1.0));
    assert!(empty < 0.1 && full > 3.0);
    assert!((half / full - 0.5).abs() < 0.01, "{half} of {full}");
}

#[test]
fn a_servers_lamps_go_dark_with_its_power() {
    let mut site = Site::new(&scenario("campus"));
    let first = |site: &mut Site| {
        let world = site.app.world_mut();
        let mut query = world.query::<(&Cabinet, &MeshTag)>();
        query
            .iter(world)
            .find(|(cabinet, _)| cabinet.server == 0)
            .map(|(_, tag)| Look::of(tag.clone()))
            .expect("a cabinet")
    };
    site.view.state.servers = vec![ServerState::Running; 6];
    site.show();
    assert!(first(&mut site).glow > 0.3 && !first(&mut site).marked);
    site.view.state.servers[0] = ServerState::Dark;
    site.show();
    assert!(first(&mut site).glow == 0.0 && first(&mut site).marked);
}

#[test]
fn cars_come_and_leave_and_wait_beside_when_all_chargers_are_taken() {
    let mut site = Site::new(&scenario("campus"));
    let car = |session, plugged| CarState {
        session,
        plugged,
        power_kw: 11.0,
        asked_kwh: 20.0,
        delivered_kwh: 5.0,
    };
    let seen = |site: &mut Site| -> Vec<usize> {
        site.show();
        let world = site.app.world_mut();
        let mut query = world.query::<(&Car, &Visibility)>();
        let visible = query.iter(world).filter(|(_, v)| **v != Visibility::Hidden);
        visible.map(|(car, _)| car.slot).collect()
    };
    site.view.state.cars = vec![vec![]];
    assert_eq!(seen(&mut site), Vec::<usize>::new());
    site.view.state.cars = vec![vec![car(1, true), car(2, true), car(3, false)]];
    let mut slots = seen(&mut site);
    slots.sort_unstable();
    // Two in the first bays, one in the line behind the twelve bays.
    assert_eq!(slots, vec![0, 1, 12]);
    site.view.state.cars = vec![vec![]];
    assert_eq!(seen(&mut site), Vec::<usize>::new());
}

#[test]
fn arrows_turn_round_when_the_grid_takes_instead_of_gives() {
    let mut site = Site::new(&scenario("campus"));
    let facing = |site: &mut Site, import_kw: f64, export_kw: f64| {
        site.view.sample.flows.import_kw = import_kw;
        site.view.sample.flows.export_kw = export_kw;
        site.show();
        let side = site.side();
        let grid = side.layout.places.iter().position(|p| p.thing == Thing::Grid).expect("a grid");
        let pieces = &side.layout.feeders.pieces;
        let piece = pieces.iter().position(|p| p.joins == vec![grid]).expect("its feeder");
        let world = site.app.world_mut();
        let mut query = world.query::<(&gridtwin_viewer::flows::Arrow, &Transform, &Visibility)>();
        query
            .iter(world)
            .find(|(arrow, ..)| arrow.piece == piece)
            .map(|(_, place, visibility)| (place.rotation * Vec3::X, *visibility))
            .expect("an arrow")
    };
    let (inward, _) = facing(&mut site, 100.0, 0.0);
    let (outward, _) = facing(&mut site, 0.0, 100.0);
    assert!(inward.dot(outward) < -0.99, "{inward} {outward}");
    assert_eq!(facing(&mut site, 0.0, 0.0).1, Visibility::Hidden);
}

#[test]
fn an_overlay_colours_the_world_and_gives_it_back() {
    let mut site = Site::new(&scenario("campus"));
    site.view.soc = vec![1.0];
    site.show();
    let battery = |part: &PartOf| part.0 == Thing::Battery(0);
    let before = look(&mut site, battery);
    site.wish.overlay = Overlay::Charge;
    site.show();
    let full = palette::cividis(1.0);
    let under = look(&mut site, battery);
    for look in &under {
        assert!(look.amount > 0.8);
        for (a, b) in look.tint.into_iter().zip(full) {
            assert!(a.abs_diff(b) < 12, "{:?} is not {full:?}", look.tint);
        }
    }
    assert!(look(&mut site, |part| matches!(part.0, Thing::Load(_))).iter().all(|l| l.grey > 0.8));
    site.wish.overlay = Overlay::None;
    site.show();
    assert_eq!(look(&mut site, battery), before);
}

#[test]
fn a_leader_wears_a_crown_and_a_silent_member_a_cross() {
    let mut site = Site::new(&scenario("campus"));
    site.view.state.groups = vec![GroupState {
        leader: Some(2),
        views: vec![1; 4],
        up: vec![false, true, true, true],
        view: 1,
    }];
    site.show();
    let world = site.app.world_mut();
    let mut query = world.query::<(&Badge, &Visibility)>();
    let shown: Vec<Badge> = query
        .iter(world)
        .filter(|(_, visibility)| **visibility != Visibility::Hidden)
        .map(|(badge, _)| *badge)
        .collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&Badge { server: 2, role: palette::Role::Leader }));
    assert!(shown.contains(&Badge { server: 0, role: palette::Role::Silent }));
}

#[test]
fn windows_are_lit_at_night_where_there_is_power_and_nowhere_else() {
    let mut site = Site::new(&scenario("campus"));
    site.view.at = SimTime::ZERO + Span::from_secs(23 * 3600);
    site.view.sample.loads_kw = vec![30.0, 20.0, 2.0];
    let windows = |site: &mut Site| {
        site.show();
        let world = site.app.world_mut();
        let mut query = world.query::<(&Building, &MeshTag)>();
        query
            .iter(world)
            .find(|(building, _)| building.load == 0)
            .map(|(_, tag)| Look::of(tag.clone()).glow)
            .expect("a library")
    };
    assert!(windows(&mut site) > 0.2);
    let consumers = site.catalog().consumers.len();
    site.view.state.consumers_on = vec![false; consumers];
    assert_eq!(windows(&mut site), 0.0);
    site.view.state.consumers_on = vec![true; consumers];
    site.view.at = SimTime::ZERO + Span::from_secs(12 * 3600);
    assert_eq!(windows(&mut site), 0.0, "nobody needs light at noon");
}

#[test]
fn a_genset_smokes_while_it_runs() {
    let mut site = Site::new(&scenario("island"));
    let smoke = |site: &mut Site, runs: bool| {
        site.view.state.gensets_running = vec![runs];
        site.show();
        let world = site.app.world_mut();
        let mut puffs = world.query_filtered::<&Transform, With<Smoke>>();
        puffs.iter(world).any(|puff| puff.scale.x > 0.1)
    };
    assert!(!smoke(&mut site, false));
    assert!(smoke(&mut site, true));
}

#[test]
fn the_ring_lies_around_what_is_selected() {
    let mut site = Site::new(&scenario("campus"));
    site.wish.selected = Some(Thing::Server(4));
    site.show();
    let at = site.side().layout.place(Thing::Server(4)).expect("a place").at;
    let world = site.app.world_mut();
    let mut rings = world.query_filtered::<(&On, &Transform, &Visibility), With<SelectionRing>>();
    let (_, ring, visibility) = rings.iter(world).find(|(on, ..)| on.0 == 0).expect("a ring");
    assert_eq!(*visibility, Visibility::Visible);
    assert!(ring.translation.xz().distance(at) < 0.01);
}

#[test]
fn another_future_stands_beside_the_base_case_and_goes_again() {
    let scenario = scenario("campus");
    let mut site = Site::new(&scenario);
    site.show();
    let containers = |site: &mut Site| {
        let world = site.app.world_mut();
        world.query::<&Container>().iter(world).count()
    };
    assert_eq!(containers(&mut site), 1);
    let mut larger = scenario.clone();
    larger.batteries.push(larger.batteries[0].clone());
    site.app.world_mut().resource_mut::<gridtwin_viewer::scene::Stage>().set_scenario(1, &larger);
    site.show();
    assert_eq!(containers(&mut site), 3);
    site.app.world_mut().resource_mut::<gridtwin_viewer::scene::Stage>().only_base();
    site.show();
    assert_eq!(containers(&mut site), 1);
}

#[test]
fn an_intact_battery_discharging_says_so_under_the_power_overlay() {
    let mut site = Site::new(&scenario("campus"));
    site.wish.overlay = Overlay::Power;
    site.view.sample.batteries =
        vec![BatterySample { soc: 0.5, power_kw: 250.0, ..BatterySample::default() }];
    site.show();
    let looks = look(&mut site, |part| part.0 == Thing::Battery(0));
    let gives = palette::diverging(1.0);
    assert!(looks.iter().all(|l| l.tint.into_iter().zip(gives).all(|(a, b)| a.abs_diff(b) < 12)));
}
