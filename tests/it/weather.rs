//! `gridtwin pv` on weather files of many kinds: what it makes of them, and what it says of them.

use crate::common::{gridtwin, root};
use std::path::{Path, PathBuf};

/// What `gridtwin pv` prints of a weather file: JSON, and what was understood.
fn pv(weather: &Path) -> (serde_json::Value, String) {
    let output =
        gridtwin().args(["pv", "--json", "--weather"]).arg(weather).output().expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    (serde_json::from_slice(&output.stdout).expect("JSON"), told)
}

/// A file of the shared folder; skipped with a word where it is not there.
fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(),
        "{} is not there",
        path.display()
    );
    eprintln!("skipped: {} is not there", path.display());
    None
}

#[test]
fn the_header_of_pvgis_says_where_the_sun_is() {
    let Some(file) = shared("data/weather/pvgis_45N_8E.epw") else { return };
    let (made, told) = pv(&file);
    let kwh = made["ac_kwh"].as_f64().expect("a number");
    assert!((kwh - 5144.76).abs() < 0.01, "{kwh} kWh");
    assert!(told.contains("10.6 minutes after the stamped hour"), "{told}");
    assert!(told.contains("EPW, latitude 45, longitude 8, 250 m above sea level, UTC+1"), "{told}");
    assert!(told.contains("a typical year of 8760 steps of 60 minutes"), "{told}");
}

#[test]
fn what_was_understood_of_a_few_days_is_said() {
    let (made, told) = pv(&root().join("tests/refs/weather/solar_anywhere_first_days.csv"));
    assert!(made["ac_kwh"].as_f64().is_some_and(|kwh| kwh > 10.0), "{made}");
    assert!(told.contains("2021-01-01T00:00 to 2021-01-04T00:00 in local standard time"), "{told}");
    assert!(told.contains("72 steps of 60 minutes"), "{told}");
    assert!(told.contains("time stamps are the ends of intervals of 60 minutes"), "{told}");
    assert!(!told.contains("check the file"), "{told}");
}
