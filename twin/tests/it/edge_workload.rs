//! A policy cannot change the workload, nor can power; and a seed gives the same run.

use crate::edge_support::{POLICIES, at, campus, edge, live};
use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_twin::edge::{EdgeOut, Made, Workload};
use gridtwin_twin::record::{Outcome, Place, TaskRecord};
use gridtwin_twin::scenario::Scenario;

const END_S: f64 = 600.0;

fn workload(scenario: &Scenario) -> Vec<Made> {
    Workload::new(scenario, &Streams::new(scenario.seed), at(END_S)).unwrap().collect()
}

/// All tasks, followed to their end, by number.
fn lived(scenario: &Scenario, blackout: bool) -> Vec<TaskRecord> {
    let mut edge = edge(scenario, at(END_S));
    let mut out = EdgeOut::default();
    edge.expect_carbon(300.0, 400.0);
    let (mut records, _) = live(&mut edge, SimTime::ZERO, at(200.0), Span::from_secs(50));
    for up in [false, true] {
        if blackout {
            for server in 0..3 {
                edge.set_server(server, up, at(if up { 400.0 } else { 200.0 }), &mut out);
            }
            edge.set_fleet(0, up, at(if up { 400.0 } else { 200.0 }), &mut out);
        }
        let (from, until) = if up { (400.0, 20_000.0) } else { (200.0, 400.0) };
        records.extend(live(&mut edge, at(from), at(until), Span::from_secs(200)).0);
    }
    records.sort_by_key(|r| r.number);
    records
}

#[test]
fn every_policy_meets_the_same_tasks() {
    let tasks = workload(&campus("Local", "Migrate"));
    assert!(tasks.len() > 5000, "{}", tasks.len());
    for policy in POLICIES {
        for blackout in [false, true] {
            let records = lived(&campus(policy, "Migrate"), blackout);
            assert_eq!(records.len(), tasks.len(), "{policy}");
            for (record, task) in records.iter().zip(&tasks) {
                let told = (record.arrived, record.stream, record.device);
                assert_eq!(told, (task.at, task.stream, task.device), "{policy}");
                let ghz = match record.place {
                    Place::Local => [1.5, 0.2][usize::from(record.stream > 0)],
                    Place::Server(s) => [3.0, 2.0, 4.0][usize::from(s)],
                    Place::Cloud => 3.5,
                };
                if !record.outcome.is_lost() && record.migrations == 0 {
                    let megacycles = f64::from(record.compute_s) * ghz * 1e3;
                    let expected = task.cycles / 1e6;
                    assert!(
                        (megacycles - expected).abs() < 1e-5 * (1.0 + expected),
                        "{record:?} {task:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn policies_differ_in_what_they_do() {
    let places = |policy| -> Vec<Place> {
        lived(&campus(policy, "Migrate"), false).iter().map(|r| r.place).collect()
    };
    assert!(places("Local").iter().all(|p| *p == Place::Local));
    assert!(places("Cloud").iter().all(|p| *p == Place::Cloud));
    let nearest = places("Nearest");
    assert!(nearest.iter().all(|p| matches!(p, Place::Server(_))));
    assert_ne!(nearest, places("LeastLoaded"));
    let carbon = places("LeastCarbon");
    assert!(carbon.contains(&Place::Local) && carbon.iter().any(|p| *p != Place::Local));
}

#[test]
fn least_loaded_beats_nearest_where_queues_form() {
    let done = |policy| {
        let records = lived(&campus(policy, "Migrate"), false);
        records.iter().filter(|r| r.outcome == Outcome::Completed).count()
    };
    assert!(done("LeastLoaded") > done("Nearest"));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let scenario = campus("LeastLoaded", "Migrate");
    assert_eq!(lived(&scenario, true), lived(&scenario, true));
    let mut other = scenario.clone();
    other.seed = 2;
    assert_ne!(workload(&scenario), workload(&other));
}

#[test]
fn another_stream_or_fleet_changes_nobody_elses_tasks() {
    let scenario = campus("Local", "Migrate");
    let mut more = scenario.clone();
    let mut fleet = more.devices[0].clone();
    fleet.id = gridtwin_twin::scenario::Id::new("drones").unwrap();
    let mut stream = more.tasks[0].clone();
    stream.id = gridtwin_twin::scenario::Id::new("flights").unwrap();
    stream.from = fleet.id.clone();
    more.devices.push(fleet);
    more.tasks.push(stream);
    let mut with = workload(&more);
    with.retain(|made| made.stream < 3);
    assert_eq!(workload(&scenario), with);
}

#[test]
fn arrivals_are_ordered_and_at_their_rate() {
    let tasks = workload(&campus("Local", "Migrate"));
    assert!(tasks.windows(2).all(|w| w[0].at <= w[1].at));
    let count = |stream| tasks.iter().filter(|t| t.stream == stream).count() as f64;
    // Poisson: 12 devices x 55 a minute, 10 minutes; five standard deviations.
    assert!((count(0) - 6600.0).abs() < 5.0 * 6600f64.sqrt(), "{}", count(0));
    // Periodic: 600 s / 7 s, rounded either way for each of 20 devices.
    assert!((1700.0..=1720.0).contains(&count(1)), "{}", count(1));
}
