//! The order of sacrifice where supply falls short: what a battery takes from the grid, then charging
//! of cars, then a part of a divisible load, then whole consumers by priority.

use crate::common::Run;

#[test]
fn cars_yield_to_a_house_behind_a_small_connection() {
    let run = Run::of_case("import_limit/s.ron");
    assert!(run.unserved_kwh() < 1e-9, "{} kWh unserved", run.unserved_kwh());
    assert_eq!(run.count("power-lost"), 0);
    assert!(run.most_import_kw() <= 12.0 + 1e-9);
    // Charging goes on with what is left, and the cars that leave have all they asked for.
    let held_back = |s: &&gridtwin_twin::record::Sample| (1.0..21.9).contains(&s.flows.ev_kw);
    assert!(run.samples.iter().filter(held_back).count() > 4);
    assert!(run.delivered_kwh() > 72.0, "{} of 75 kWh", run.delivered_kwh());
}

#[test]
fn a_battery_is_not_filled_from_the_grid_while_cars_are_held_back() {
    let run = Run::of_case("import_limit/s.ron");
    // From 23:15 on two cars want 22 kW of 12; the policy would charge the battery at ten.
    for s in &run.samples[93..96] {
        assert!(s.flows.ev_kw > 9.0 && s.flows.charge_kw < 1e-9, "{:?}", s.flows);
    }
    assert!(run.sum_kwh(|f| f.charge_kw) > 10.0, "it charges when they are full");
}

const SITE: &str = r#"site: (latitude_deg: 48, longitude_deg: 11, time_zone: "UTC"), start: "2024-01-01",
    days: 1, step_s: 900,"#;

/// Two cars that stay all day and ask for more than they can get, in groups of their own.
fn groups(first: u8, second: u8) -> String {
    let group = |id: &str, priority: u8| {
        format!(
            r#"(id: "{id}", count: 1, power_kw: 10, efficiency: 1, shedding: (priority: {priority}),
            sessions: Fleet(vehicles: 1, returns: "00:00", leaves: "23:59", energy_kwh: 1000))"#
        )
    };
    format!("chargers: [{}, {}],", group("a", first), group("b", second))
}

#[test]
fn among_charger_groups_the_lower_priority_yields_first() {
    let site = |a, b| {
        Run::of_text(&format!(
            r#"(name: "groups", {SITE} {} loads: [(id: "l", profile: Constant(power_kw: 2),
            shedding: (priority: 0))], grid: (import_limit_kw: 15))"#,
            groups(a, b)
        ))
    };
    for (run, kw) in [(site(50, 60), [3.0, 10.0]), (site(60, 50), [10.0, 3.0])] {
        let noon = &run.samples[48];
        assert!(run.unserved_kwh() < 1e-9);
        assert!((noon.chargers_kw[0] - kw[0]).abs() < 1e-6, "{:?}", noon.chargers_kw);
        assert!((noon.chargers_kw[1] - kw[1]).abs() < 1e-6, "{:?}", noon.chargers_kw);
    }
}

#[test]
fn charging_yields_before_a_reserve_is_touched() {
    // 15 kW for 2 kW of load and 20 kW of cars; the battery is full and kept for an outage.
    let run = Run::of_text(&format!(
        r#"(name: "reserve", {SITE} {} loads: [(id: "l", profile: Constant(power_kw: 2))],
        batteries: [(id: "store", capacity_kwh: 40, charge_kw: 10, discharge_kw: 10, soc_start: 0.95, self_discharge_per_day: 0)],
        grid: (import_limit_kw: 15), policies: (dispatch: BackupReserve(reserve_soc: 0.95)))"#,
        groups(50, 50)
    ));
    assert!(run.samples.iter().all(|s| s.batteries[0].soc > 0.95 - 1e-6), "the reserve was used");
    assert!((run.sum_kwh(|f| f.ev_kw) - 13.0 * 24.0).abs() < 0.5, "{}", run.sum_kwh(|f| f.ev_kw));
    assert!(run.unserved_kwh() < 1e-9);
}

#[test]
fn a_battery_of_the_policy_helps_cars_and_then_they_yield() {
    // The same without a reserve: what the battery holds goes into the cars first.
    let run = Run::of_text(&format!(
        r#"(name: "helps", {SITE} {} loads: [(id: "l", profile: Constant(power_kw: 2))],
        batteries: [(id: "store", capacity_kwh: 40, charge_kw: 10, discharge_kw: 10, soc_min: 0.1,
        soc_max: 0.9, soc_start: 0.9, discharge_efficiency: 1, self_discharge_per_day: 0)],
        grid: (import_limit_kw: 15))"#,
        groups(50, 50)
    ));
    assert!((run.sum_kwh(|f| f.discharge_kw) - 32.0).abs() < 1e-6);
    assert!(run.unserved_kwh() < 1e-9 && run.most_import_kw() <= 15.0 + 1e-9);
}

#[test]
fn a_divisible_load_gives_up_what_is_missing_and_a_whole_one_all() {
    let divisible = Run::of_case("genset_limit/partial.ron");
    assert!((divisible.unserved_kwh() - 0.24).abs() < 1e-9, "{}", divisible.unserved_kwh());
    assert!((divisible.lost_load() - 0.24 * 20.0).abs() < 1e-9, "{}", divisible.lost_load());
    assert_eq!((divisible.count("load-reduced"), divisible.count("power-lost")), (1, 0));
    let whole = Run::of_case_with("genset_limit/partial.ron", &["loads.l.divisible=false"]);
    assert!((whole.unserved_kwh() - 24.0 * 8.01).abs() < 1e-6, "{}", whole.unserved_kwh());
    assert_eq!((whole.count("load-reduced"), whole.count("power-lost")), (0, 1));
}

#[test]
fn what_is_missing_is_taken_by_priority_from_divisible_and_whole_loads() {
    let loads = r#"loads: [
        (id: "street", profile: Constant(power_kw: 4), shedding: (priority: 10)),
        (id: "mill", divisible: false, profile: Constant(power_kw: 3), shedding: (priority: 50)),
        (id: "homes", profile: Constant(power_kw: 6), shedding: (priority: 50)),
        (id: "clinic", profile: Constant(power_kw: 2), shedding: (priority: 90)),
    ],"#;
    // Limit, what is unserved, and how many are wholly off: all 15 kW are wanted.
    let expected = [
        (12.0, 3.0, 0),
        (11.0, 4.0, 1),
        (6.0, 9.0, 1),
        (5.0, 10.0, 2),
        (2.0, 13.0, 3),
        (1.0, 14.0, 3),
    ];
    for (limit_kw, missing_kw, off) in expected {
        let run = Run::of_text(&format!(
            r#"(name: "priorities", {SITE} {loads} grid: (import_limit_kw: {limit_kw}))"#
        ));
        let noon = &run.samples[48].flows;
        assert!((noon.unserved_kw - missing_kw).abs() < 1e-9, "{limit_kw}: {}", noon.unserved_kw);
        assert_eq!(run.count("power-lost"), off, "{limit_kw}");
        assert_eq!(run.count("power-restored"), 0, "{limit_kw}");
    }
}

#[test]
fn a_load_that_was_reduced_is_served_again_and_both_are_told() {
    let run = Run::of_text(&format!(
        r#"(name: "evening", {SITE} loads: [(id: "l", profile: Typical(shape: Residential, annual_kwh: 9000, noise: 0))],
        grid: (import_limit_kw: 1.2))"#
    ));
    let hours = 0.25;
    let above: f64 = run.samples.iter().map(|s| (s.loads_kw[0] - 1.2).max(0.0) * hours).sum();
    assert!(above > 0.1 && (run.unserved_kwh() - above).abs() < 1e-9);
    let (reduced, served) = (run.count("load-reduced"), run.count("load-served"));
    assert!(reduced >= 1 && (reduced == served || reduced == served + 1), "{reduced} {served}");
}

#[test]
fn an_island_at_dawn_serves_what_the_sun_gives() {
    // An empty battery that holds the bus up, and PV alone: a divisible load takes all of it.
    let site = |divisible| {
        Run::of_text(&format!(
            r#"(name: "dawn", {SITE} pv: [(id: "roof", dc_kw: 6, tilt_deg: 20, azimuth_deg: 180)],
            batteries: [(id: "b", capacity_kwh: 4, charge_kw: 2, discharge_kw: 2, soc_start: 0.1)],
            weather: Synthetic(clearness: 0.4),
            loads: [(id: "l", divisible: {divisible}, profile: Constant(power_kw: 2))])"#
        ))
    };
    let (part, whole) = (site(true), site(false));
    assert!(part.unserved_kwh() < whole.unserved_kwh());
    assert!(part.count("power-restored") >= 1, "it comes back by day");
}
