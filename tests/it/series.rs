//! A metering portal's file in a scenario: the command says what it understood, and how the file was
//! laid on the run.

use std::path::Path;
use std::process::{Command, Output};

fn gridtwin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridtwin"));
    command.current_dir(folder).args(arguments).output().expect("the command starts")
}

const SITE: &str = r#"(
    name: "mine",
    site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2025-01-01", days: 1, step_s: 900,
    loads: [(id: "hall", profile: Csv(path: "hall.csv"))],
    grid: (import_limit_kw: 50, carbon: Csv(path: "mix.csv"), marginal_carbon: Csv(path: "moer.json")),
)"#;

/// A day as a German portal, Electricity Maps and WattTime write it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("site.ron", SITE);
    let mut hall = "Zeitstempel;Verbrauch [kWh];Status\r\n".to_owned();
    let mut mix =
        "Datetime (UTC),Zone Id,Carbon Intensity gCO₂eq/kWh (direct)\n2024-12-31 23:00:00,DE,400\n"
            .to_owned();
    let mut moer = Vec::new();
    for hour in 0..24 {
        for quarter in 0..4 {
            hall += &format!("01.01.2025 {hour:02}:{:02};2,5;W\r\n", quarter * 15);
        }
        if hour < 23 {
            mix += &format!("2025-01-01 {hour:02}:00:00,DE,400\n");
        }
        moer.push(format!(
            "{{\"point_time\": \"2025-01-01T{hour:02}:00:00+01:00\", \"value\": 1000}}"
        ));
    }
    write("hall.csv", &hall);
    write("mix.csv", &mix);
    let meta = "\"meta\": {\"units\": \"lbs_co2_per_mwh\"}";
    write("moer.json", &format!("{{\"data\": [{}], {meta}}}", moer.join(", ")));
    folder
}

#[test]
fn check_says_what_it_understood_of_each_file() {
    let folder = folder();
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "  load hall: hall.csv",
        "    column    Verbrauch [kWh], in kWh (header)",
        "    from      2025-01-01 00:00 CET",
        "    to        2025-01-02 00:00 CET",
        "    step      15 minutes, 96 values",
        "    zone      Europe/Berlin (the site's)",
        "    sum       240 kWh",
        "    minimum   10 kW",
        "    filled    nothing",
        "    placed    by date",
        "    zone      UTC (header)",
        "    zone      as written in each time stamp",
        "    maximum   453.6 g/kWh",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn average_and_marginal_carbon_are_reported_apart() {
    let folder = folder();
    let output = gridtwin(folder.path(), &["run", "site.ron", "--quiet", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let summary =
        std::fs::read_to_string(folder.path().join("out/summary.csv")).expect("a summary");
    let metric = |name: &str| -> f64 {
        let line = summary.lines().find(|line| line.starts_with(&format!("{name},")));
        let line = line.unwrap_or_else(|| panic!("{name} is not in {summary}"));
        line.split(',').nth(1).and_then(|value| value.parse().ok()).expect("a number")
    };
    assert!((metric("carbon.operational_kg") - 96.0).abs() < 1e-6);
    assert!((metric("carbon.marginal_kg") - 240.0 * 0.453_592_37).abs() < 1e-6);
}

#[test]
fn a_file_that_is_not_understood_is_refused_with_its_place_before_anything_is_written() {
    let folder = folder();
    let path = folder.path().join("hall.csv");
    let text = std::fs::read_to_string(&path).expect("a file");
    std::fs::write(&path, text.replace("01.01.2025 05:15;2,5", "01.01.2025 05:15;1.002,5"))
        .expect("a file");
    let output = gridtwin(folder.path(), &["run", "site.ron", "--quiet", "--out", "out"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("hall.csv:23:18: found \"1.002,5\""), "{error}");
    assert!(error.contains("thousands"), "{error}");
    assert!(!folder.path().join("out").exists());
}

/// The site with charging sessions from a back-end.
fn with_cars(cars: &str) -> tempfile::TempDir {
    let folder = folder();
    let site = SITE.replace(
        "    grid: (",
        "    chargers: [(id: \"depot\", count: 2, power_kw: 11, sessions: Csv(path: \"cars.csv\"))],\n    grid: (",
    );
    std::fs::write(folder.path().join("site.ron"), site).expect("a file");
    std::fs::write(folder.path().join("cars.csv"), cars).expect("a file");
    folder
}

#[test]
fn check_says_what_it_understood_of_charging_sessions() {
    let folder = with_cars(
        "Ladepunkt;arrival (MEZ);departure (MEZ);energy_kwh\r\n\
         1;31.12.2024 22:00;01.01.2025 06:00;80\r\n1;01.01.2025 08:00;01.01.2025 12:00;7,5\r\n\
         2;03.01.2025 08:00;03.01.2025 12:00;2,25\r\n",
    );
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "  chargers depot: cars.csv",
        "    column    arrival (MEZ), for arrival",
        "    column    departure (MEZ), for departure",
        "    column    energy_kwh, for energy in kWh",
        "    column    none for the car's power in kW: the charger's own is used",
        "    sessions  3",
        "    from      2024-12-31 22:00 CET, the first arrival",
        "    to        2025-01-03 12:00 CET, the last departure",
        "    zone      MEZ, +01:00 all year (header)",
        "    sum       89.75 kWh",
        "    smallest  2.25 kWh",
        "    largest   80 kWh",
        "    in run    2 of 3; 1 began before the run, 0 end after it",
        "    outside   1: 0 before, 1 after",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
    assert!(text.ends_with("  ok\n"), "{text}");
}

#[test]
fn sessions_of_another_year_are_told_before_and_after_a_run() {
    let folder = with_cars("arrival,departure,energy_kwh\n2023-01-01 08:00,2023-01-01 12:00,7.5\n");
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("warning: site.ron:6:") && text.contains("NO CAR COMES"), "{text}");
    assert!(text.contains("= set `start` to a date within the file"), "{text}");
    let output = gridtwin(folder.path(), &["run", "site.ron", "--out", "out"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("warning: site.ron:6:") && told.contains("NO CAR COMES"), "{told}");
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).expect("a report");
    assert!(page.contains("chargers depot: none of the 1 sessions in the file lies in the run"));
}
