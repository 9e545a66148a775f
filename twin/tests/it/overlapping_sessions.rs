//! Charging sessions that overlap the run's ends: the part inside is simulated, the rest is counted.

use crate::common::Run;
use gridtwin_twin::record::SessionCounts;

#[test]
fn a_car_from_before_the_run_is_plugged_in_and_the_rest_is_told() {
    let run = Run::of_case("ev_out_of_range/s.ron");
    let counts = SessionCounts { all: 2, before: 1, cut_at_start: 1, ..SessionCounts::default() };
    assert_eq!(run.catalog.sessions, [counts]);
    // It came at 22:00 and asked for 40 kWh: two hours at 11 kW and 0.92 have passed.
    let lacking_kwh = 40.0 - 2.0 * 11.0 * 0.92;
    assert!((run.delivered_kwh() - lacking_kwh).abs() < 1e-9, "{}", run.delivered_kwh());
    assert!((run.sum_kwh(|f| f.ev_kw) - lacking_kwh / 0.92).abs() < 1e-9);
    assert!(run.samples[0].cars == 1 && run.samples[35].cars == 0, "until nine in the morning");
    let told = run.told("assumed");
    let text = "of 2 sessions in cars.csv, 1 lie wholly outside the run (1 before, 0 after)";
    assert!(told.len() == 1 && told[0].contains(text), "{told:?}");
}

fn with_rows(name: &str, rows: &str, days: u32) -> Run {
    let dir = std::env::temp_dir().join(format!("gridtwin-cars-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("cars.csv"), format!("arrival,departure,energy_kwh\n{rows}")).unwrap();
    let text = format!(
        r#"(name: "{name}", site: (latitude_deg: 37, longitude_deg: -121, time_zone: "America/Los_Angeles"),
        start: "2024-01-01", days: {days}, step_s: 900, grid: (import_limit_kw: 50),
        chargers: [(id: "c", count: 2, power_kw: 10, efficiency: 1, sessions: Csv(path: "cars.csv"))])"#
    );
    std::fs::write(dir.join("s.ron"), text).unwrap();
    Run::of_file(&dir.join("s.ron"), &[])
}

#[test]
fn a_session_over_the_whole_run_charges_all_the_time() {
    let run = with_rows("whole", "2023-12-31T20:00,2024-01-03T00:00,1000\n", 1);
    assert!((run.delivered_kwh() - 240.0).abs() < 1e-6, "{}", run.delivered_kwh());
    assert_eq!(run.count("car-left"), 1, "still there when the run ends");
    assert!(run.told("assumed")[0].contains("1 end after the run"));
}

#[test]
fn a_file_that_fits_the_run_has_nothing_to_tell() {
    let run = with_rows("fits", "2024-01-01T08:00,2024-01-01T12:00,20\n", 1);
    assert_eq!(run.count("assumed"), 0);
    assert!((run.delivered_kwh() - 20.0).abs() < 1e-9);
}

#[test]
fn a_file_of_another_year_is_counted_whole() {
    let rows = "2019-06-01T16:00,2019-06-01T20:00,10\n2026-06-01T16:00,2026-06-01T20:00,10\n";
    let run = with_rows("other", rows, 1);
    let counts = SessionCounts { all: 2, before: 1, after: 1, ..SessionCounts::default() };
    assert_eq!(run.catalog.sessions, [counts]);
    assert_eq!((run.count("car-arrived"), run.count("assumed")), (0, 1));
}
