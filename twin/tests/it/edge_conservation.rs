//! Nothing gets lost unnoticed: tasks, joules and seconds, whatever breaks.

use crate::edge_support::{POLICIES, at, campus, edge, live};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::edge::{Edge, EdgeEnergy, EdgeOut};
use gridtwin_twin::record::TaskRecord;
use gridtwin_twin::scenario::Supply;
use proptest::prelude::*;

/// Something that the engine does to the edge.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Server(u16, bool),
    Fleet(u16, bool),
    Switch(u16, bool),
    Link(u16, bool),
}

fn strike(edge: &mut Edge, blow: Blow, now: SimTime, out: &mut EdgeOut) {
    match blow {
        Blow::Server(i, up) => edge.set_server(i, up, now, out),
        Blow::Fleet(i, up) => edge.set_fleet(i, up, now, out),
        Blow::Switch(i, up) => edge.set_switch(i, up, now, out),
        Blow::Link(i, up) => edge.set_link(i, up, now, out),
    }
}

fn blows() -> impl Strategy<Value = Vec<(u64, Blow)>> {
    let blow = prop_oneof![
        4 => (0u16..3, any::<bool>()).prop_map(|(i, up)| Blow::Server(i, up)),
        1 => (0u16..2, any::<bool>()).prop_map(|(i, up)| Blow::Fleet(i, up)),
        1 => (0u16..2, any::<bool>()).prop_map(|(i, up)| Blow::Switch(i, up)),
        1 => (0u16..7, any::<bool>()).prop_map(|(i, up)| Blow::Link(i, up)),
    ];
    prop::collection::vec((0u64..120_000, blow), 0..40).prop_map(|mut all| {
        all.sort_by_key(|(at_ms, _)| *at_ms);
        all
    })
}

fn which() -> impl Strategy<Value = (&'static str, &'static str)> {
    (prop::sample::select(&POLICIES[..]), prop::sample::select(&["Migrate", "Lose"][..]))
}

/// Two minutes of blows, intervals of ten seconds; `cut_ms` adds idle stops of the engine.
struct Run {
    edge: Edge,
    records: Vec<TaskRecord>,
    energy: Vec<EdgeEnergy>,
    out: EdgeOut,
}

fn suffer(mut edge: Edge, blows: &[(u64, Blow)], cut_ms: Option<u64>) -> Run {
    let (mut records, mut energy, mut out) = (Vec::new(), Vec::new(), EdgeOut::default());
    let mut stops: Vec<(u64, Option<Blow>)> = blows.iter().map(|(t, b)| (*t, Some(*b))).collect();
    if let Some(every) = cut_ms {
        stops.extend((1..120_000 / every).map(|i| (i * every, None)));
    }
    stops.extend((1..=12).map(|i| (i * 10_000, None)));
    // Stable: blows of one instant keep their order.
    stops.sort_by_key(|(t, _)| *t);
    for (t, blow) in stops {
        let now = SimTime::ZERO + Span::from_millis(t);
        edge.advance(now, &mut out);
        if let Some(blow) = blow {
            strike(&mut edge, blow, now, &mut out);
        } else if t % 10_000 == 0 && energy.len() < (t / 10_000) as usize {
            energy.push(edge.take_energy().clone());
            edge.close_interval(now, 300.0, 400.0, &mut records);
        }
    }
    Run { edge, records, energy, out }
}

fn world((offload, brown_out): (&str, &str)) -> Edge {
    edge(&campus(offload, brown_out), at(120.0))
}

fn relative(a: f64, b: f64) -> f64 {
    (a - b).abs() / a.abs().max(b.abs()).max(1e-12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_task_ends_or_is_on_its_way(which in which(), blows in blows()) {
        let run = suffer(world(which), &blows, None);
        for stream in 0..3 {
            let told = run.records.iter().filter(|r| r.stream == stream).count() as u64;
            prop_assert!(run.edge.arrived(stream) > 0);
            prop_assert_eq!(run.edge.arrived(stream), told + run.edge.in_flight(stream));
        }
        let mut numbers: Vec<u64> = run.records.iter().map(|r| r.number).collect();
        numbers.sort_unstable();
        prop_assert!(numbers.windows(2).all(|w| w[0] < w[1]), "told once each");
    }

    #[test]
    fn a_tasks_stages_make_up_its_time(which in which(), blows in blows()) {
        for r in suffer(world(which), &blows, None).records {
            let stages = f64::from(r.uplink_s) + f64::from(r.queue_s) + f64::from(r.compute_s) + f64::from(r.return_s);
            let whole = r.latency_ms() / 1e3;
            prop_assert!((stages - whole).abs() < 1e-6 * (1.0 + whole), "{stages} {r:?}");
        }
    }

    #[test]
    fn tasks_and_meters_tell_the_same_energy(which in which(), blows in blows()) {
        // Four hours after the last arrival nothing is on its way any more.
        let Run { mut edge, mut records, mut energy, .. } = suffer(world(which), &blows, None);
        let (later, more) = live(&mut edge, at(120.0), at(14_520.0), Span::from_secs(7_200));
        records.extend(later);
        energy.extend(more);
        prop_assert_eq!((0..3).map(|s| edge.in_flight(s)).sum::<u64>(), 0);

        let tasks = |part: &dyn Fn(&TaskRecord) -> f64| records.iter().map(part).sum::<f64>();
        let meters = |part: &dyn Fn(&EdgeEnergy) -> f64| energy.iter().map(part).sum::<f64>();
        let busy = meters(&|e| e.servers.iter().map(|s| s.busy_j).sum());
        prop_assert!(relative(tasks(&|r| r.energy.server_j), busy) < 1e-9);
        prop_assert!(relative(tasks(&|r| r.energy.cloud_j), meters(&|e| e.cloud_j)) < 1e-9);
        let network = meters(&|e| e.site_network_j + e.own_network_j);
        prop_assert!(relative(tasks(&|r| r.energy.network_j), network) < 1e-9);
    }

    #[test]
    fn how_a_run_is_cut_changes_nothing(which in which(), blows in blows(), cut_ms in 1u64..5_000) {
        let whole = suffer(world(which), &blows, None);
        let cut = suffer(world(which), &blows, Some(cut_ms));
        prop_assert_eq!(whole.records, cut.records);
        prop_assert_eq!(whole.energy, cut.energy);
        prop_assert_eq!(whole.out, cut.out);
    }

    #[test]
    fn a_clone_goes_on_identically(which in which(), blows in blows(), fork_ms in 0u64..120_000) {
        let (before, after): (Vec<_>, Vec<_>) = blows.into_iter().partition(|(t, _)| *t < fork_ms);
        let mut original = world(which);
        let mut out = EdgeOut::default();
        for (t, blow) in before {
            let now = SimTime::ZERO + Span::from_millis(t);
            original.advance(now, &mut out);
            strike(&mut original, blow, now, &mut out);
        }
        original.advance(SimTime::ZERO + Span::from_millis(fork_ms), &mut out);
        let go_on = |mut edge: Edge| {
            let (mut records, mut out) = (Vec::new(), EdgeOut::default());
            for (t, blow) in &after {
                let now = SimTime::ZERO + Span::from_millis(*t);
                edge.advance(now, &mut out);
                strike(&mut edge, *blow, now, &mut out);
            }
            edge.advance(at(120.0), &mut out);
            let energy = edge.take_energy().clone();
            edge.close_interval(at(120.0), 300.0, 400.0, &mut records);
            (records, energy, out)
        };
        let clone = original.clone();
        prop_assert_eq!(go_on(original), go_on(clone));
    }

    #[test]
    fn carbon_is_energy_times_intensity(which in which(), blows in blows()) {
        // Every device on the site, and intensities that never change: 300 g here, 400 g there.
        let mut scenario = campus(which.0, which.1);
        for fleet in &mut scenario.devices {
            fleet.supply = Supply::Site;
        }
        let run = suffer(edge(&scenario, at(120.0)), &blows, None);
        prop_assert!(!run.records.is_empty());
        for r in run.records {
            let site_j = r.energy.device_j + r.energy.network_j + r.energy.server_j;
            let expected_g = (site_j * 300.0 + r.energy.cloud_j * 400.0) / 3.6e6;
            prop_assert!(relative(r.carbon_g, expected_g) < 1e-9, "{expected_g} {r:?}");
        }
    }
}
