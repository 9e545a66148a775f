//! Gensets beside a weak grid, their tanks, and their failures.

use crate::common::Run;
use gridtwin_twin::Scenario;

#[test]
fn a_genset_gives_what_a_weak_grid_lacks() {
    // 12 kW behind 8 kW: the genset gives the 4 kW that are missing, and no more.
    let run = Run::of_case("genset_limit/weakgrid.ron");
    let (import, made) = (run.sum_kwh(|f| f.import_kw), run.sum_kwh(|f| f.genset_kw));
    assert!((import - 192.0).abs() < 1e-6 && (made - 96.0).abs() < 1e-6, "{import} {made}");
    assert!(run.unserved_kwh() < 1e-9 && run.count("genset-started") == 1);
    // Where its least power is more than what is missing, it takes the place of imports.
    let run = Run::of_case_with("genset_limit/weakgrid.ron", &["gensets.d.minimum_load=0.3"]);
    let (import, made) = (run.sum_kwh(|f| f.import_kw), run.sum_kwh(|f| f.genset_kw));
    assert!((import - 180.0).abs() < 1e-6 && (made - 108.0).abs() < 1e-6, "{import} {made}");
    assert!(run.unserved_kwh() < 1e-9, "{}", run.unserved_kwh());
}

const SITE: &str = r#"site: (latitude_deg: 28, longitude_deg: 84, time_zone: "Asia/Kathmandu"),
    start: "2023-01-01", days: 2, step_s: 900,"#;

#[test]
fn a_genset_beside_a_grid_runs_only_while_the_grid_lacks_something() {
    let run = Run::of_text(&format!(
        r#"(name: "evening", {SITE} gensets: [(id: "d", capacity_kw: 3, minimum_load: 0, minimum_run_minutes: 0)],
        loads: [(id: "l", profile: Typical(shape: Residential, annual_kwh: 9000, noise: 0))],
        grid: (import_limit_kw: 1.2))"#
    ));
    assert!(run.unserved_kwh() < 1e-9);
    for s in &run.samples {
        let lacking_kw = (s.loads_kw[0] - 1.2).max(0.0);
        assert!((s.flows.genset_kw - lacking_kw).abs() < 1e-6, "{lacking_kw} {:?}", s.flows);
    }
    assert!(run.count("genset-started") >= 2 && run.count("genset-stopped") >= 1);
}

#[test]
fn no_fuel_is_burnt_for_cars_that_can_wait() {
    let run = Run::of_text(&format!(
        r#"(name: "cars", {SITE} gensets: [(id: "d", capacity_kw: 30)],
        loads: [(id: "l", profile: Constant(power_kw: 3))],
        chargers: [(id: "c", count: 2, power_kw: 11, sessions: Fleet(vehicles: 2, returns: "18:00", leaves: "06:00", energy_kwh: 30, weekends: true))],
        grid: (import_limit_kw: 8))"#
    ));
    assert!(run.unserved_kwh() < 1e-9 && run.sum_kwh(|f| f.genset_kw) == 0.0);
    assert!(run.sum_kwh(|f| f.ev_kw) > 50.0 && run.most_import_kw() <= 8.0 + 1e-9);
}

#[test]
fn a_battery_empties_beside_a_weak_grid_before_the_genset_starts() {
    let run = Run::of_text(&format!(
        r#"(name: "battery", {SITE} gensets: [(id: "d", capacity_kw: 10, minimum_load: 0)],
        batteries: [(id: "b", capacity_kwh: 20, charge_kw: 8, discharge_kw: 8, soc_min: 0.1, soc_start: 0.9, discharge_efficiency: 1, self_discharge_per_day: 0)],
        loads: [(id: "l", profile: Constant(power_kw: 12))], grid: (import_limit_kw: 8))"#
    ));
    // Self-consumption empties it first (16 kWh at 8 kW), then the grid and the genset share.
    assert!((run.sum_kwh(|f| f.discharge_kw) - 16.0).abs() < 1e-6);
    assert!(
        (run.sum_kwh(|f| f.genset_kw) - 4.0 * 46.0).abs() < 1e-6,
        "{}",
        run.sum_kwh(|f| f.genset_kw)
    );
    assert!(run.unserved_kwh() < 1e-9);
}

#[test]
fn a_tank_is_empty_at_the_exact_time_and_can_be_filled() {
    // 4 kW burn 0.25 x 4 + 0.1 x 10 = 2 l/h: 21 l last ten and a half hours.
    let genset = r#"gensets: [(id: "d", capacity_kw: 10, minimum_load: 0, fuel_l_per_kwh: 0.25,
        fuel_l_per_h_per_kw: 0.1, tank_l: 21"#;
    let load = r#"loads: [(id: "l", profile: Constant(power_kw: 4))],"#;
    let dry = Run::of_text(&format!(r#"(name: "dry", {SITE} {genset})], {load})"#));
    let at = dry.times("tank-empty");
    assert!(at.len() == 1 && (at[0] - 10.5).abs() < 1e-6, "{at:?}");
    assert!((dry.unserved_kwh() - 4.0 * 37.5).abs() < 1e-5, "{}", dry.unserved_kwh());
    assert!((dry.fuel_l() - 21.0).abs() < 1e-9, "{}", dry.fuel_l());
    assert_eq!((dry.samples[191].tanks_l[0], dry.count("genset-stopped")), (Some(0.0), 1));
    let filled = Run::of_text(&format!(
        r#"(name: "filled", {SITE} {genset}, refill_every_days: 1)], {load})"#
    ));
    assert_eq!(filled.times("tank-filled"), [24.0]);
    assert!((filled.unserved_kwh() - 4.0 * 27.0).abs() < 1e-5, "{}", filled.unserved_kwh());
    assert!((filled.fuel_l() - 42.0).abs() < 1e-9);
    // Never empty where it is filled in time.
    let often = Run::of_text(&format!(
        r#"(name: "often", {SITE} {genset}, refill_every_days: 0.4)], {load})"#
    ));
    assert!(often.unserved_kwh() < 1e-9 && often.count("tank-empty") == 0);
    assert!((often.fuel_l() - 96.0).abs() < 1e-6);
}

#[test]
fn a_second_genset_takes_over_from_one_that_is_dry_or_broken() {
    let load = r#"loads: [(id: "l", profile: Constant(power_kw: 4))],"#;
    let gensets = |more: &str| {
        format!(
            r#"gensets: [(id: "a", capacity_kw: 5, minimum_load: 0{more}), (id: "b", capacity_kw: 5, minimum_load: 0)],"#
        )
    };
    let dry = Run::of_text(&format!(r#"(name: "two", {SITE} {load} {})"#, gensets(", tank_l: 10")));
    assert!(dry.unserved_kwh() < 1e-6 && dry.count("tank-empty") == 1);
    let broken = Run::of_text(&format!(
        r#"(name: "two", {SITE} {load} {} faults: [(what: Genset("a"), from: "2023-01-01T06:00", until: "2023-01-01T18:00")])"#,
        gensets("")
    ));
    assert!(broken.unserved_kwh() < 1e-9, "{}", broken.unserved_kwh());
    let made = broken.samples[40].gensets_kw.clone();
    assert_eq!(made, [0.0, 4.0]);
}

#[test]
fn a_broken_genset_alone_leaves_an_island_dark_until_it_is_mended() {
    let run = Run::of_text(&format!(
        r#"(name: "alone", {SITE} gensets: [(id: "d", capacity_kw: 8)], loads: [(id: "l", profile: Constant(power_kw: 4))],
        faults: [(what: Genset("d"), from: "2023-01-01T06:00", until: "2023-01-01T09:30")])"#
    ));
    assert!((run.unserved_kwh() - 14.0).abs() < 1e-6, "{}", run.unserved_kwh());
    assert_eq!((run.count("genset-stopped"), run.count("power-restored")), (1, 1));
}

#[test]
fn random_failures_come_as_often_and_as_long_as_they_say() {
    let run = Run::of_text(
        r#"(name: "failing", site: (latitude_deg: 28, longitude_deg: 84, time_zone: "Asia/Kathmandu"),
        start: "2023-01-01", days: 365, step_s: 3600,
        gensets: [(id: "d", capacity_kw: 8, random_failures: (per_year: 50, mean_hours: 4))],
        loads: [(id: "l", profile: Constant(power_kw: 4))])"#,
    );
    let (failed, mended) = (run.times("genset-failed"), run.times("genset-mended"));
    assert!((30..70).contains(&failed.len()), "{}", failed.len());
    let down_h: f64 = mended.iter().zip(&failed).map(|(b, a)| b - a).sum();
    assert!((run.unserved_kwh() - 4.0 * down_h).abs() < 17.0, "{} {down_h}", run.unserved_kwh());
}

#[test]
fn impossible_tanks_and_failures_are_refused() {
    let refused = |genset: &str, says: &str| {
        let text =
            format!(r#"(name: "bad", {SITE} gensets: [(id: "d", capacity_kw: 8, {genset})])"#);
        let error = match Scenario::parse(&text, "bad.ron") {
            Err(error) => error.to_string(),
            Ok(scenario) => gridtwin_twin::Twin::new(&scenario).unwrap_err().to_string(),
        };
        assert!(error.contains(says), "{error}");
    };
    refused("refill_every_days: 3", "refills of a fuel tank, but no tank size");
    refused("tank_l: 5, refill_every_days: 0", "between two refills");
    refused("tank_l: 0", "above zero");
    refused("random_failures: (per_year: 5000, mean_hours: 4)", "gensets[0].random_failures");
    let text = format!(
        r#"(name: "bad", {SITE} gensets: [(id: "d", capacity_kw: 8)], faults: [(what: Genset("e"), from: "2023-01-01T06:00")])"#
    );
    let error = Scenario::parse(&text, "bad.ron").unwrap_err().to_string();
    assert!(error.contains("there is no genset `e`"), "{error}");
}
