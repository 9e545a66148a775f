//! What is wrong in a file of loads, carbon or sessions is refused with its place, what was found,
//! what was expected and what to do; nothing is guessed and nothing panics.

use gridtwin_kernel::Streams;
use gridtwin_twin::energy::calendar::Calendar;
use gridtwin_twin::energy::{EnergyError, carbon, ev, load};
use gridtwin_twin::scenario::{Carbon, Chargers, Load, Site};
use jiff::civil::date;
use std::path::Path;

fn base() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn write(name: &str, text: &str) {
    std::fs::write(base().join(name), text).unwrap();
}

fn calendar() -> Calendar {
    Calendar::of(date(2026, 1, 1).at(0, 0, 0, 0), "Europe/Amsterdam", 2, 3600).unwrap()
}

fn load(name: &str, more: &str) -> Result<Vec<f64>, EnergyError> {
    let load: Load = ron::from_str(&format!(
        r#"#![enable(implicit_some, unwrap_variant_newtypes)]
        (id: "l", profile: Csv(path: "{name}", {more}))"#
    ))
    .unwrap();
    let site: Site =
        ron::from_str(r#"(latitude_deg: 52, longitude_deg: 5, time_zone: "UTC")"#).unwrap();
    load::course_kw(&load, &site, &calendar(), &Streams::new(1), base())
}

fn carbon(name: &str, more: &str) -> Result<Vec<f64>, EnergyError> {
    let carbon: Carbon = ron::from_str(&format!(
        r#"#![enable(implicit_some, unwrap_variant_newtypes)]
        Csv(path: "{name}", {more})"#
    ))
    .unwrap();
    carbon::course_g_per_kwh(&carbon, &calendar(), base())
}

fn sessions(name: &str) -> Result<Vec<ev::Session>, EnergyError> {
    let chargers: Chargers = ron::from_str(&format!(
        r#"(id: "c", count: 2, power_kw: 11, sessions: Csv(path: "{name}"))"#
    ))
    .unwrap();
    ev::generate(&chargers, &calendar(), &Streams::new(1), base())
}

/// The text of the error without the directory.
fn told<T: std::fmt::Debug>(result: Result<T, EnergyError>) -> String {
    let text = result.unwrap_err().to_string();
    text.replace(&format!("{}/", base().display()), "")
}

/// A day of hourly numbers, one of them as given.
fn day(at: usize, value: &str) -> String {
    let line = |i| {
        if i == at { value.to_owned() } else { format!("{i}.5") }
    };
    (0..24).map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_good_day_repeats() {
    write("good.csv", &day(0, "9"));
    let found = load("good.csv", "scale: 2").unwrap();
    assert_eq!((found.len(), found[0], found[1], found[24]), (48, 18.0, 3.0, 18.0));
    // A mark of byte order, and a last line without an end.
    write("marked.csv", &format!("\u{feff}{}", day(0, "9").trim_end()));
    assert_eq!(load("marked.csv", "scale: 2").unwrap(), found);
}

#[test]
fn no_number_is_refused_with_its_place() {
    for bad in ["inf", "twelve", "-3.5"] {
        write(&format!("bad{bad}.csv"), &day(4, bad));
        let text = told(load(&format!("bad{bad}.csv"), ""));
        let place = format!("bad{bad}.csv:5:1: found \"{bad}\", expected a power in kW");
        assert!(text.starts_with(&place), "{text}");
    }
    write("nan.csv", &day(4, "NaN"));
    let text = told(load("nan.csv", ""));
    assert!(text.starts_with("nan.csv:5:1: found a gap of 1 value"), "{text}");
    write("gap.csv", "hour,kw\n0,1\n1,\n");
    let text = told(load("gap.csv", r#"column: "kw""#));
    assert!(text.starts_with("gap.csv:3:3: found a gap of 1 value"), "{text}");
}

#[test]
fn a_cut_file_is_refused() {
    write("cut.csv", "hour,kw,note\n0,1,a\n1,2");
    let text = told(load("cut.csv", r#"column: "kw""#));
    assert!(text.starts_with("cut.csv:3:1: found 2 fields, expected 3"), "{text}");
    write("short.csv", &day(30, "")[..40]);
    assert!(told(load("short.csv", "")).contains("a whole number of days"));
    write("empty.csv", "");
    assert!(told(load("empty.csv", "")).contains("the file is empty"));
    write("bare.csv", "kw\n");
    assert!(told(load("bare.csv", r#"column: "kw""#)).contains("found no rows"));
    std::fs::write(base().join("binary.csv"), [0xff, 0xfe, 0x00]).unwrap();
    assert!(told(load("binary.csv", "")).contains("not text"));
    assert!(told(load("absent.csv", "")).starts_with("absent.csv: cannot be read"));
}

#[test]
fn an_unknown_column_names_the_nearest() {
    write("columns.csv", "time,Carbon_Intensity,price\n0,1,2\n");
    let text = told(carbon("columns.csv", r#"column: "carbon_intensty""#));
    assert!(
        text.starts_with("columns.csv:1:1: found no column \"carbon_intensty\"")
            && text.ends_with("did you mean \"Carbon_Intensity\"?"),
        "{text}"
    );
    let text = told(load("columns.csv", ""));
    assert!(text.contains("name or number of the column"), "{text}");
    write("headless.csv", &day(0, "1"));
    assert!(told(carbon("headless.csv", r#"column: "x""#)).contains("no headers"));
}

#[test]
fn a_column_is_found_by_its_beginning() {
    let rows: String = (0..24).map(|i| format!("{i},{}\n", 100 + i)).collect();
    let header = "Datetime (UTC),Carbon Intensity gCO\u{2082}eq/kWh (direct)";
    write("maps.csv", &format!("{header}\n{rows}"));
    let found = carbon("maps.csv", "column: \"Carbon Intensity gCO\u{2082}eq/kWh\"").unwrap();
    assert_eq!(found[..2], [100.0, 101.0]);
}

#[test]
fn the_wrong_unit_is_noticed() {
    let rows = "350\n".repeat(24);
    write("grams.csv", &format!("x\n{rows}"));
    let text = told(carbon("grams.csv", r#"column: "x", unit: KgPerKwh"#));
    assert!(text.contains("grams.csv:2:1") && text.contains("set `unit`"), "{text}");
    write("negative.csv", &format!("x\n{}", "-1\n".repeat(24)));
    // A marginal rate may be negative.
    assert_eq!(carbon("negative.csv", r#"column: "x", unit: LbPerMwh"#).unwrap()[0], -0.45359237);
}

#[test]
fn good_sessions_are_read_in_local_time() {
    write(
        "s.csv",
        "arrival,departure,energy_kwh,vehicle_kw\n\
        2025-12-31T23:00,2026-01-01T01:00,5,7\n\
        2026-01-01T08:30,2026-01-01T17:00,12.5,7.4\n\
        2026-01-01 08:30,2026-01-01 18:00,3,11\n\
        2026-02-01T08:30,2026-02-01T17:00,1,7.4\n",
    );
    // The same sessions, as another charge-point operator writes them.
    write(
        "other.csv",
        "arrival;departure;energy_kwh;vehicle_kw\n\
        31.12.2025 23:00;01.01.2026 01:00;5;7\n\
        2026-01-01T07:30:00Z;2026-01-01T16:00:00Z;12,5;7,4\n\
        2026-01-01T02:30:00-05:00;2026-01-01T12:00:00-05:00;3;11\n\
        01.02.2026 08:30;01.02.2026 17:00;1;7,4\n",
    );
    assert_eq!(sessions("other.csv").unwrap(), sessions("s.csv").unwrap());
    let found = sessions("s.csv").unwrap();
    // What comes after the run is not in it; what was there when it began is, with what remains: one
    // hour at 7 kW was enough for its 5 kWh.
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].arrival.as_hours_f64(), found[0].asked_kwh), (0.0, 0.0));
    let first = found[1];
    assert_eq!((first.arrival.as_hours_f64(), first.asked_kwh, first.vehicle_kw), (8.5, 12.5, 7.4));
}

#[test]
fn sessions_that_cannot_be_are_refused() {
    let head = "arrival,departure,energy_kwh";
    let good = "2026-01-01T08:30,2026-01-01T17:00,12.5";
    let cases = [
        (
            "unsorted",
            format!("{head}\n{good}\n2026-01-01T07:00,2026-01-01T17:00,1\n"),
            "3:1",
            "sort the file",
        ),
        ("doubled", format!("{head}\n{good}\n{good}\n"), "3:1", "remove the duplicate line"),
        (
            "reversed",
            format!("{head}\n2026-01-01T08:30,2026-01-01T07:00,1\n"),
            "2:18",
            "after the arrival",
        ),
        (
            "negative",
            format!("{head}\n2026-01-01T08:30,2026-01-01T17:00,-1\n"),
            "2:35",
            "below zero",
        ),
        ("notatime", format!("{head}\nhalf past,2026-01-01T17:00,1\n"), "2:1", "a time stamp"),
        ("cutrow", format!("{head}\n{good}\n2026-01-02T08:30,2026"), "3:1", "cut"),
        (
            "noenergy",
            format!("arrival,departure,energy\n{good}\n"),
            "1:1",
            "did you mean \"energy\"?",
        ),
    ];
    for (name, text, place, what) in cases {
        write(&format!("{name}.csv"), &text);
        let told = told(sessions(&format!("{name}.csv")));
        let begins = told.starts_with(&format!("{name}.csv:{place}: "));
        assert!(begins && told.contains(what), "{told}");
    }
}
