//! Files of charging sessions as back-ends write them: what was understood of each is told, a file of a
//! whole year serves another, and one that serves no day of the run is never passed over in silence.

use crate::common::Run;
use gridtwin_twin::record::SessionFile;
use gridtwin_twin::{Scenario, Twin};
use jiff::civil::date;
use std::path::PathBuf;

/// A site in Berlin with these sessions, from a day on.
fn site(name: &str, csv: &str, start: &str, days: u32, more: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("gridtwin-backend-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("cars.csv"), csv).unwrap();
    let text = format!(
        r#"(name: "{name}", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
        start: "{start}", days: {days}, step_s: 900, grid: (import_limit_kw: 50),
        chargers: [(id: "c", count: 4, power_kw: 11, sessions: Csv(path: "cars.csv", {more}))])"#
    );
    std::fs::write(dir.join("s.ron"), text).unwrap();
    dir.join("s.ron")
}

fn run(name: &str, csv: &str, start: &str, days: u32, more: &str) -> Run {
    Run::of_file(&site(name, csv, start, days, more), &[])
}

fn file(run: &Run) -> &SessionFile {
    &run.catalog.session_files[0]
}

fn refused(name: &str, csv: &str, start: &str, more: &str) -> String {
    let scenario = Scenario::load(&site(name, csv, start, 1, more)).unwrap();
    Twin::new(&scenario).expect_err("it is refused").to_string()
}

/// Local hours of the run at which cars arrive.
fn arrivals(run: &Run) -> Vec<f64> {
    run.times("car-arrived")
}

#[test]
fn what_was_understood_of_a_file_is_told() {
    let csv = "id;arrival;departure;energy_kwh\n1;30.05.2025 08:00;30.05.2025 12:00;7,5\n\
               2;31.05.2025 22:00;01.06.2025 07:00;40,25\n3;01.06.2025 09:00;01.06.2025 10:00;5\n\
               4;01.06.2025 23:00;02.06.2025 06:00;12\n5;03.06.2025 08:00;03.06.2025 09:00;1\n";
    let run = run("told", csv, "2025-06-01", 1, "");
    let file = file(&run);
    let columns: Vec<_> = file.columns.iter().map(|(_, name)| name.as_deref()).collect();
    assert_eq!(columns, [Some("arrival"), Some("departure"), Some("energy_kwh"), None]);
    assert_eq!((file.group.as_str(), file.file.as_str(), file.count), ("c", "cars.csv", 5));
    assert_eq!(file.span.0.to_string(), "2025-05-30T06:00:00Z");
    assert_eq!(file.span.1.to_string(), "2025-06-03T07:00:00Z");
    assert_eq!((file.sum_kwh, file.smallest_kwh, file.largest_kwh), (65.75, 1.0, 40.25));
    assert_eq!(file.zone, "Europe/Berlin (the site's)");
    let counts = file.counts;
    assert_eq!((counts.inside(), counts.before, counts.after), (3, 1, 1));
    assert_eq!((counts.cut_at_start, counts.cut_at_end), (1, 1));
    assert_eq!(file.laid, "by date");
}

#[test]
fn times_are_those_of_the_zone_that_is_named() {
    let rows = "2025-06-01 08:00,2025-06-01 12:00,5\n";
    for (header, more, hour, zone) in [
        ("arrival,departure", "", 8.0, "Europe/Berlin (the site's)"),
        ("arrival (UTC),departure (UTC)", "", 10.0, "UTC (header)"),
        ("arrival,departure", "zone: \"+01:00\"", 9.0, "+01:00"),
        ("arrival,departure", "zone: \"America/New_York\"", 14.0, "America/New_York local time"),
        ("arrival (MEZ),departure (MEZ)", "", 9.0, "MEZ, +01:00 all year (header)"),
    ] {
        let csv = format!("{header},energy_kwh\n{rows}");
        let run = run("zones", &csv, "2025-06-01", 1, more);
        assert_eq!((arrivals(&run), file(&run).zone.as_str()), (vec![hour], zone));
    }
    let csv = format!("# Zeitzone: UTC\narrival,departure,energy_kwh\n{rows}");
    assert_eq!(arrivals(&run("above", &csv, "2025-06-01", 1, "")), [10.0]);
    let both = "arrival (local),arrival (UTC),departure (local),departure (UTC),energy_kwh\n\
                2025-06-01 08:00,2025-06-01 06:00,2025-06-01 12:00,2025-06-01 10:00,5\n";
    assert_eq!(arrivals(&run("both", both, "2025-06-01", 1, "")), [8.0]);
    let csv = format!("arrival (EST),departure (EST),energy_kwh\n{rows}");
    let error = refused("est", &csv, "2025-06-01", "");
    assert!(error.contains("cars.csv:1:1: found the zone \"EST\"") && error.contains("`zone`"));
    let csv = "arrival,departure,energy_kwh\n01/02/2025 08:00,01/02/2025 12:00,5\n";
    let error = refused("order", csv, "2025-02-01", "");
    assert!(error.contains("`date_order: DayFirst`"), "{error}");
    assert_eq!(arrivals(&run("day", csv, "2025-02-01", 1, "date_order: DayFirst")), [8.0]);
}

/// A car on each working day of a year, at eight, for as many kWh as the day of the year.
fn working_days(year: i16) -> String {
    let mut csv = "arrival,departure,energy_kwh\n".to_owned();
    let mut day = date(year, 1, 2);
    while day < date(year, 12, 29) {
        if day.weekday().to_monday_zero_offset() < 5 {
            csv += &format!("{day} 08:00,{day} 17:00,{}\n", day.day_of_year());
        }
        day = day.tomorrow().unwrap();
    }
    csv
}

/// Which days of a run of some days have a car at eight.
fn days_with_cars(run: &Run, days: i32) -> Vec<bool> {
    let arrivals = arrivals(run);
    (0..days).map(|day| arrivals.contains(&(f64::from(day) * 24.0 + 8.0))).collect()
}

#[test]
fn a_file_of_a_whole_year_serves_another_by_weekday_or_by_date() {
    let csv = working_days(2023);
    // 2 June 2025 is a Monday, 2 June 2023 a Friday.
    let week = run("weekday", &csv, "2025-06-02", 7, "");
    let monday = [true, true, true, true, true, false, false];
    assert_eq!(days_with_cars(&week, 7), monday);
    let told = &file(&week).laid;
    assert!(
        told.contains("same weekday and season; for example, 2025-06-02 uses 2023-06-05"),
        "{told}"
    );
    assert!(week.told("assumed")[0].contains("2025-06-02 uses 2023-06-05 of the file"));
    assert_eq!(file(&week).counts.inside(), 5);
    let dates = run("date", &csv, "2025-06-02", 7, "other_year: SameDate");
    let friday = [true, false, false, true, true, true, true];
    assert_eq!(days_with_cars(&dates, 7), friday);
    // Its own year goes by its dates, a new year's day without cars among them.
    let own = run("own", &csv, "2023-01-01", 365, "");
    assert_eq!(
        (file(&own).laid.as_str(), file(&own).counts.inside()),
        (
            "by date; the file begins 1 day after the run begins; the file ends 3 days before the run ends",
            file(&own).count as u32
        )
    );
    let error = refused("refuse", &csv, "2025-06-02", "other_year: Refuse");
    assert!(
        error.contains("expected sessions in the run") && error.contains("SameWeekday"),
        "{error}"
    );
}

#[test]
fn a_night_from_before_the_run_is_taken_from_the_other_year_too() {
    let mut csv = "arrival,departure,energy_kwh\n".to_owned();
    let mut day = date(2023, 1, 1);
    while day < date(2023, 12, 30) {
        csv += &format!("{day} 18:00,{} 07:00,30\n", day.tomorrow().unwrap());
        day = day.tomorrow().unwrap();
    }
    let run = run("night", &csv, "2025-06-02", 2, "");
    let counts = file(&run).counts;
    assert_eq!((counts.inside(), counts.cut_at_start, counts.cut_at_end), (3, 1, 1));
    assert_eq!(arrivals(&run), [0.0, 18.0, 42.0]);
}

#[test]
fn a_file_without_a_session_in_the_run_is_told_loudly() {
    let june = "arrival,departure,energy_kwh\n2023-06-05 08:00,2023-06-05 17:00,12\n\
                2023-06-06 08:00,2023-06-06 17:00,12\n";
    for (name, start) in [("later", "2025-06-02"), ("earlier", "2022-06-06")] {
        let path = site(name, june, start, 7, "");
        let scenario = Scenario::load(&path).unwrap();
        let warnings: Vec<String> = scenario.warnings().iter().map(ToString::to_string).collect();
        let told = warnings.iter().find(|told| told.contains("NO CAR COMES")).expect("a warning");
        assert!(told.contains("2023-06-05 to 2023-06-06") && told.contains("`start:"), "{told}");
        let run = Run::of_file(&path, &[]);
        assert_eq!(file(&run).counts.inside(), 0);
        assert!(file(&run).notes[0].contains("none of the 2 sessions in the file lies in the run"));
    }
    let within = Scenario::load(&site("within", june, "2023-06-05", 7, "")).unwrap();
    assert!(within.warnings().iter().all(|w| !w.message.contains("NO CAR COMES")));
    let empty = refused("empty", "arrival,departure,energy_kwh\n", "2025-06-02", "");
    assert!(empty.contains("cars.csv:2:1: found no rows"), "{empty}");
}

#[test]
fn columns_that_would_be_left_out_or_misread_are_refused() {
    let row = "2025-06-02 08:00,2025-06-02 12:00";
    for (name, head, values) in [
        ("wh", "energy_kwh [Wh]", "10000"),
        ("power", "energy_kwh,vehicle_kW", "10,3"),
        ("watts", "energy_kwh,vehicle_w", "10,3000"),
        ("twice", "energy_kwh,energy_kwh", "10,20"),
        ("unit", "energy_kwh,unit", "10,Wh"),
    ] {
        let csv = format!("arrival,departure,{head}\n{row},{values}\n");
        let why = refused(&format!("columns-{name}"), &csv, "2025-06-02", "");
        assert!(why.contains(":1:1") && why.contains("expected"), "{name}: {why}");
    }
}
