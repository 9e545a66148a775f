//! Typical loads: a year is exactly the year's energy, noise included, and a day is the same
//! whenever the run began.

use gridtwin_kernel::Streams;
use gridtwin_twin::energy::calendar::Calendar;
use gridtwin_twin::energy::load::course_kw;
use gridtwin_twin::scenario::{Load, Site};
use jiff::civil::{Date, date};
use std::path::Path;

const SHAPES: [&str; 6] = ["Office", "Residential", "Industrial", "Depot", "Island", "StreetLight"];

fn load(shape: &str, noise: f64) -> Load {
    ron::from_str(&format!(
        r#"(id: "l", profile: Typical(shape: {shape}, annual_kwh: 50000, noise: {noise}))"#
    ))
    .unwrap()
}

fn course(load: &Load, latitude: f64, start: Date, days: u32, step_s: u32) -> Vec<f64> {
    let site: Site = ron::from_str(&format!(
        r#"(latitude_deg: {latitude}, longitude_deg: 4.9, time_zone: "Europe/Amsterdam")"#
    ))
    .unwrap();
    let start = start.at(0, 0, 0, 0);
    let calendar = Calendar::of(start, "Europe/Amsterdam", days, step_s).unwrap();
    course_kw(load, &site, &calendar, &Streams::new(9), Path::new("")).unwrap()
}

fn kwh(hourly_kw: &[f64]) -> f64 {
    hourly_kw.iter().sum()
}

#[test]
fn a_year_has_its_energy() {
    for shape in SHAPES {
        for (year, days, step_s) in [(2023, 365, 300), (2024, 366, 3600), (2024, 366, 60)] {
            let found = course(&load(shape, 0.2), 52.0, date(year, 1, 1), days, step_s);
            let kwh = kwh(&found) * f64::from(step_s) / 3600.0;
            assert!((kwh - 50_000.0).abs() < 1e-6, "{shape} {year} {kwh}");
            assert!(found.iter().all(|kw| *kw >= 0.0));
        }
    }
}

#[test]
fn a_day_does_not_depend_on_when_the_run_began() {
    let load = load("Residential", 0.1);
    let all = course(&load, 52.0, date(2023, 12, 20), 30, 900);
    let late = course(&load, 52.0, date(2024, 1, 5), 3, 900);
    assert_eq!(all[16 * 96..19 * 96], late[..]);
}

#[test]
fn offices_rest_at_weekends_and_at_night() {
    // 8 January 2024 is a Monday.
    let found = course(&load("Office", 0.0), 52.0, date(2024, 1, 8), 7, 3600);
    assert!(found[11] > 2.5 * found[3] && found[11] > 2.0 * found[5 * 24 + 11]);
    assert_eq!(found[11], found[24 + 11]);
}

#[test]
fn lamps_burn_from_dusk_to_dawn() {
    let lamps = load("StreetLight", 0.0);
    let june = course(&lamps, 52.0, date(2024, 6, 21), 1, 3600);
    assert_eq!(june[7..21], [0.0; 14]);
    assert!(june[0] > 0.0 && june[23] > 0.0);
    let december = course(&lamps, 52.0, date(2024, 12, 21), 1, 3600);
    assert!(kwh(&december) > 1.9 * kwh(&june));
    // At the pole they burn all winter and never in summer.
    let polar_day = course(&lamps, 90.0, date(2024, 6, 21), 1, 3600);
    assert_eq!(kwh(&polar_day), 0.0);
    let polar_night = course(&lamps, 90.0, date(2024, 12, 21), 1, 3600);
    assert!(polar_night.iter().all(|kw| *kw > 0.0));
}

#[test]
fn seasons_are_turned_round_south_of_the_equator() {
    let homes = load("Residential", 0.0);
    let month = |latitude, month| kwh(&course(&homes, latitude, date(2024, month, 1), 28, 3600));
    assert!(month(52.0, 1) > 1.2 * month(52.0, 7));
    assert!(month(-35.0, 7) > 1.2 * month(-35.0, 1));
}

#[test]
fn a_run_of_no_length_has_no_course() {
    let found = course(&load("Office", 0.1), 52.0, date(2024, 1, 1), 0, 300);
    assert!(found.is_empty());
}
