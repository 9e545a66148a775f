//! `soc_start: Cyclic`: a run starts with what it ends with, and what the batteries hold at the start
//! is the grid's where there is one.

use crate::common::Run;
use gridtwin_twin::{Override, Scenario};

const SITE: &str = r#"(name: "cyclic", site: (latitude_deg: 45, longitude_deg: 8, time_zone: "UTC"),
    start: "2025-05-01", days: 7, step_s: 900, weather: Synthetic(),
    pv: [(id: "roof", dc_kw: 6, tilt_deg: 30, azimuth_deg: 180)],
    batteries: [(id: "b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5, soc_start: Cyclic)],
    loads: [(id: "l", profile: Typical(shape: Residential, annual_kwh: 6000))],
    grid: (import_limit_kw: 20, export_limit_kw: 20))"#;

#[test]
fn a_run_ends_where_it_starts() {
    let run = Run::of_text(SITE);
    let (start, end) = (run.start_soc[0], run.samples.last().unwrap().batteries[0].soc);
    assert!((start - end).abs() < 1e-3, "{start} {end}");
    assert!(run.told("assumed")[0].contains("`soc_start: Cyclic`"), "{:?}", run.told("assumed"));
    assert_eq!(Run::of_text(SITE).samples, run.samples, "twice the same");
}

#[test]
fn an_island_and_several_batteries_come_round() {
    let text = SITE
        .replace("grid: (import_limit_kw: 20, export_limit_kw: 20)", "gensets: [(id: \"d\", capacity_kw: 5)]")
        .replace("batteries: [", "batteries: [(id: \"c\", capacity_kwh: 30, charge_kw: 5, discharge_kw: 5, soc_start: Cyclic), (id: \"fixed\", capacity_kwh: 2, charge_kw: 1, discharge_kw: 1, soc_start: 0.3), ");
    let run = Run::of_text(&text);
    let end = &run.samples.last().unwrap().batteries;
    for i in [0, 2] {
        assert!((run.start_soc[i] - end[i].soc).abs() < 2e-3, "{:?} {end:?}", run.start_soc);
    }
    assert_eq!(run.start_soc[1], 0.3);
}

#[test]
fn a_run_that_only_discharges_starts_empty() {
    let run = Run::of_text(&SITE.replace("dc_kw: 6", "dc_kw: 0.01"));
    assert!((run.start_soc[0] - 0.1).abs() < 2e-3, "{:?}", run.start_soc);
}

#[test]
fn it_can_be_set_from_outside_both_ways_and_nothing_else_is_read() {
    let with = |set: &str| {
        let set: Override = format!("batteries.b.soc_start={set}").parse().unwrap();
        Scenario::parse_with(SITE, "cyclic.ron", &[set], None, None)
    };
    assert_eq!(with("0.3").unwrap().batteries[0].soc_start.to_string(), "0.3");
    let numbered = SITE.replace("soc_start: Cyclic", "soc_start: 0.4");
    let set: Override = "batteries.b.soc_start=Cyclic".parse().unwrap();
    let cyclic = Scenario::parse_with(&numbered, "cyclic.ron", &[set], None, None).unwrap();
    assert_eq!(cyclic.batteries[0].soc_start.to_string(), "Cyclic");
    // What is written out is read again.
    let again = Scenario::parse(&cyclic.to_ron(), "again.ron").unwrap();
    assert_eq!(again.batteries, cyclic.batteries);
    for (wrong, says) in [("cyclic", "or `Cyclic`"), ("1.2", "found 1.2"), ("0.05", "soc_min 0.1")]
    {
        let error = with(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_a_battery_holds_at_the_start_is_the_grids_energy() {
    let grid = SITE.replace("soc_start: Cyclic", "soc_start: 0.9");
    let run = Run::of_text(&grid);
    let sum = |of: fn(&gridtwin_twin::record::Sources) -> f64| -> f64 {
        run.samples.iter().map(|s| of(&s.consumed_from)).sum()
    };
    assert_eq!(sum(|from| from.initial_kwh), 0.0);
    assert!(sum(|from| from.grid_kwh) > run.sum_kwh(|f| f.import_kw), "the first charge counts");
    // On an island it came from nowhere.
    let island = Run::of_text(&grid.replace(
        "grid: (import_limit_kw: 20, export_limit_kw: 20)",
        "gensets: [(id: \"d\", capacity_kw: 5)]",
    ));
    assert!(island.samples.iter().map(|s| s.consumed_from.initial_kwh).sum::<f64>() > 1.0);
}
