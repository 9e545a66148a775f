//! The engine's speed: a year of energy alone in steps of five minutes, and a week of the campus with
//! every task and every vote. Building the world (weather, courses, sessions) is a benchmark apart.

use gridtwin_twin::{Scenario, Twin};
use std::path::Path;

fn main() {
    divan::main();
}

/// PV, a battery, a load and a grid with prices and carbon.
const ENERGY: &str = r#"(
    name: "energy",
    site: (latitude_deg: 49, longitude_deg: 8.4, time_zone: "Europe/Berlin"),
    start: "2024-01-01",
    days: 365,
    step_s: 300,
    pv: [(id: "roof", dc_kw: 100, tilt_deg: 20, azimuth_deg: 180)],
    batteries: [(id: "battery", capacity_kwh: 200, charge_kw: 100, discharge_kw: 100)],
    loads: [(id: "offices", profile: Typical(shape: Office, annual_kwh: 150000))],
    grid: (import_limit_kw: 200, export_limit_kw: 100),
)"#;

fn energy() -> Scenario {
    Scenario::parse(ENERGY, "energy.ron").expect("the benchmark's scenario is good")
}

#[divan::bench(sample_count = 10)]
fn build_a_year_of_energy(bencher: divan::Bencher) {
    let scenario = energy();
    bencher.bench_local(|| Twin::new(&scenario).map(|twin| twin.end()));
}

#[divan::bench(sample_count = 10)]
fn live_a_year_of_energy(bencher: divan::Bencher) {
    let twin = Twin::new(&energy()).expect("it can be built");
    bencher.with_inputs(|| twin.clone()).bench_local_values(|mut twin| {
        twin.advance(twin.end(), &mut ());
        twin
    });
}

#[divan::bench(sample_count = 5)]
fn live_a_week_of_the_campus(bencher: divan::Bencher) {
    let campus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    let campus = Scenario::load(&campus).expect("it is bundled");
    let twin = Twin::new(&campus).expect("it can be built");
    bencher.with_inputs(|| twin.clone()).bench_local_values(|mut twin| {
        twin.advance(twin.end(), &mut ());
        twin
    });
}
