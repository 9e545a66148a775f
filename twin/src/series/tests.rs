//! What the reader promises as a whole: the right values at the right time, or a refusal with its
//! place.

use super::read::{Series, of_bytes};
use super::{Kind, lay};
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::scenario::SeriesFile;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use std::path::PathBuf;

pub(super) fn options(text: &str) -> SeriesFile {
    let text = format!("(path: \"f.csv\", {text})");
    let reader = ron::Options::default()
        .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
        .with_default_extension(ron::extensions::Extensions::UNWRAP_NEWTYPES);
    reader.from_str(&text).unwrap()
}

fn calendar(start: DateTime, zone: &str, days: u32, step_s: u32) -> Calendar {
    Calendar::of(start, zone, days, step_s).unwrap()
}

pub(super) fn berlin(start: DateTime, days: u32) -> Calendar {
    calendar(start, "Europe/Berlin", days, 3600)
}

pub(super) fn read(text: &str, more: &str, calendar: &Calendar) -> Result<Series, EnergyError> {
    let bytes = text.as_bytes().to_vec();
    of_bytes(bytes, PathBuf::from("f.csv"), &options(more), Kind::Power, calendar)
}

pub(super) fn course(text: &str, more: &str, calendar: &Calendar) -> Result<Vec<f64>, EnergyError> {
    let series = read(text, more, calendar)?;
    Ok(lay::lay(&series, &options(more), calendar)?.values)
}

pub(super) fn told<T>(result: Result<T, EnergyError>) -> String {
    result.err().expect("it is refused").to_string()
}

/// Hourly lines from a local time on, counted from 0 in steps of a clock without a zone.
pub(super) fn hours(from: DateTime, count: usize, value: impl Fn(usize) -> f64) -> String {
    let mut text = "time,kw\n".to_owned();
    for i in 0..count {
        let at = from + jiff::SignedDuration::from_hours(i as i64);
        text += &format!("{},{}\n", at.strftime("%Y-%m-%d %H:%M"), value(i));
    }
    text
}

pub(super) const YEAR: DateTime = date(2025, 1, 1).at(0, 0, 0, 0);

#[test]
fn every_dialect_gives_the_same_day() {
    let day = berlin(YEAR, 1);
    let expected: Vec<f64> = (0..24).map(|h| f64::from(h) + 0.5).collect();
    let iso = |h: usize| format!("2025-01-01 {h:02}:00");
    let german = |h: usize| format!("01.01.2025 {h:02}:00");
    let lines = |head: &str, line: &dyn Fn(usize) -> String| {
        let lines: Vec<String> = (0..24).map(line).collect();
        format!("{head}\r\n{}\r\n", lines.join("\r\n"))
    };
    for text in [
        lines("time,kw", &|h| format!("{},{h}.5", iso(h))),
        lines("# a comment\r\ntime,\"load, all [kW]\",status", &|h| format!("{},{h}.5,ok", iso(h))),
        lines("Zeit;Verbrauch [kW];Status", &|h| format!("{};{h},5;W", german(h))),
        lines("\u{feff}Zeit\tkW", &|h| format!("\"{}\"\t\"{h},5\"", german(h))),
        lines("Date,Time,kW", &|h| format!("01/01/2025,{h:02}:00,{h}.5")),
        lines("Date,Hour,Watt W", &|h| format!("2025-01-01,{h},{h}500")),
        lines("Date,Hour ending,kWh", &|h| format!("2025-01-01,{},{h}.5", h + 1)),
        lines("start;end;MW", &|h| {
            format!("{};{};0,{:05}", german(h), german(h + 1), h * 100 + 50)
        }),
        lines("timestamp,kw", &|h| format!("{},{h}.5", 1_735_686_000 + h * 3600)),
        lines("timestamp,kw", &|h| format!("{}000,{h}.5", 1_735_686_000 + h * 3600)),
        lines("time,kw", &|h| {
            let offset = if h % 2 == 0 { "+01:00" } else { "+0100" };
            format!("2025-01-01T{h:02}:00:00{offset},{h}.5")
        }),
    ] {
        let more = if text.contains("01/01/2025") { "date_order: MonthFirst" } else { "" };
        let found = course(&text, more, &day).unwrap_or_else(|error| panic!("{text}: {error}"));
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-9, "{text}: {found:?}");
        }
    }
}

#[test]
fn the_end_of_an_interval_is_seen_in_hour_24_and_in_the_header() {
    let day = berlin(YEAR, 1);
    let mut text = "time;kW\n".to_owned();
    for h in 1..=24 {
        text += &format!("2025-01-01 {h:02}:00;{h}\n");
    }
    assert_eq!(course(&text, "", &day).unwrap()[..2], [1.0, 2.0]);
    let error = told(course(&text, "stamps: Start", &day));
    assert!(error.contains("before the file"), "{error}");
}

#[test]
fn a_column_is_the_only_one_of_numbers_or_it_is_named() {
    let day = berlin(YEAR, 1);
    let mut text = "time,a,b\n".to_owned();
    for h in 0..24 {
        text += &format!("2025-01-01 {h:02}:00,{h},7\n");
    }
    let error = told(course(&text, "", &day));
    assert!(error.starts_with("f.csv:1:1: found 2 numeric columns: \"a\", \"b\""), "{error}");
    assert_eq!(course(&text, "column: \"b\"", &day).unwrap()[3], 7.0);
    assert_eq!(course(&text, "column: 2", &day).unwrap()[3], 3.0);
    assert!(told(course(&text, "column: 4", &day)).contains("found 3 columns"));
    assert!(told(course(&text, "column: 1", &day)).contains("a column of time stamps"));
}

#[test]
fn power_and_energy_are_told_apart_by_their_unit() {
    let day = berlin(YEAR, 1);
    let quarters = |unit: &str| {
        let mut text = format!("time;load [{unit}]\n");
        for q in 0..96 {
            text += &format!("2025-01-01 {:02}:{:02};2,5\n", q / 4, q % 4 * 15);
        }
        text
    };
    assert_eq!(course(&quarters("kWh"), "", &day).unwrap()[0], 10.0);
    assert_eq!(course(&quarters("kW"), "", &day).unwrap()[0], 2.5);
    assert_eq!(course(&quarters("kW"), "unit: Kwh", &day).unwrap()[0], 10.0);
    assert_eq!(course(&quarters("Wh"), "scale: 2", &day).unwrap()[0], 0.02);
    let error = told(course(&quarters("EUR/MWh"), "", &day));
    assert!(error.contains("found the unit EUR/MWh") && error.contains("Kw"), "{error}");
}

#[test]
fn the_step_is_that_of_the_time_stamps() {
    let day = berlin(YEAR, 1);
    let text = hours(YEAR, 24, |h| h as f64);
    assert_eq!(course(&text, "step_minutes: 60", &day).unwrap()[5], 5.0);
    let error = told(course(&text, "step_minutes: 15", &day));
    assert!(error.contains("`step_minutes: 15`") && error.contains("expected 60"), "{error}");
    let lone = "time,kw\n2025-01-01 00:00,1\n";
    assert!(told(course(lone, "", &day)).contains("set `step_minutes`"));
    let off = text.replace("05:00", "05:07");
    assert!(told(course(&off, "", &day)).starts_with("f.csv:7:1: found \"2025-01-01 05:07\", 67"));
}

#[test]
fn doubled_and_unsorted_rows_are_refused_at_their_lines() {
    let day = berlin(YEAR, 1);
    let text = hours(YEAR, 24, |h| h as f64);
    let doubled = text.replace("2025-01-01 06:00,6\n", "2025-01-01 06:00,6\n2025-01-01 06:00,6\n");
    assert!(told(course(&doubled, "", &day)).starts_with("f.csv:9:1: found \"2025-01-01 06:00\""));
    let unsorted = text.replace("07:00", "XX").replace("08:00", "07:00").replace("XX", "08:00");
    let error = told(course(&unsorted, "", &day));
    assert!(error.starts_with("f.csv:10:1:") && error.contains("sort the file"), "{error}");
    let mut newest: Vec<&str> = text.lines().skip(1).collect();
    newest.reverse();
    let newest = format!("time,kw\n{}\n", newest.join("\n"));
    assert_eq!(course(&newest, "", &day).unwrap()[5], 5.0);
}

#[test]
fn a_gap_is_refused_with_its_place_and_length_or_filled() {
    let two = berlin(YEAR, 2);
    let text = hours(YEAR, 48, |h| h as f64);
    let gap: String = text
        .lines()
        .enumerate()
        .filter(|(i, _)| !(28..31).contains(i))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let error = told(course(&gap, "", &two));
    assert!(
        error.starts_with("f.csv:28:18: found a gap of 3 values (3 h, 2025-01-02 03:00 to"),
        "{error}"
    );
    let filled = |how: &str| course(&gap, &format!("gaps: {how}"), &two).unwrap()[26..31].to_vec();
    assert_eq!(filled("Interpolate"), [26.0, 27.0, 28.0, 29.0, 30.0]);
    assert_eq!(filled("Hold"), [26.0, 26.0, 26.0, 26.0, 30.0]);
    assert_eq!(filled("SameHourYesterday"), [26.0, 3.0, 4.0, 5.0, 30.0]);
    assert_eq!(read(&gap, "gaps: Hold", &two).unwrap().filled, 3);
    // An empty field is a gap, too.
    let empty = text.replace("2025-01-01 05:00,5\n", "2025-01-01 05:00,\n");
    assert!(told(course(&empty, "", &two)).starts_with("f.csv:7:18: found a gap of 1 value"));
    assert_eq!(course(&empty, "gaps: Interpolate", &two).unwrap()[5], 5.0);
}

#[test]
fn a_clock_that_changes_is_read_with_23_and_25_hours() {
    // 30 March 2025 has no hour from two to three, 26 October has it twice.
    let spring = date(2025, 3, 30).at(0, 0, 0, 0);
    let text: String = hours(spring, 25, |h| h as f64)
        .lines()
        .filter(|line| !line.contains("03-30 02:00"))
        .map(|line| format!("{line}\n"))
        .collect();
    let found = course(&text, "", &berlin(spring, 1)).unwrap();
    assert_eq!(found[..4], [0.0, 1.0, 3.0, 4.0]);
    let autumn = date(2025, 10, 26).at(0, 0, 0, 0);
    let line = |h: usize, value: usize| format!("2025-10-26 {h:02}:00,{value}\n");
    let mut text = "time,kw\n".to_owned();
    for (value, h) in [0, 1, 2, 2, 3].into_iter().chain(4..24).enumerate() {
        text += &line(h, value);
    }
    let found = course(&text, "", &berlin(autumn, 1)).unwrap();
    assert_eq!(found, (0..24).map(f64::from).collect::<Vec<_>>());
    // With offsets there is nothing to decide.
    let text = text
        .replacen("02:00,2", "02:00+02:00,2", 1)
        .lines()
        .map(|line| match line {
            "time,kw" => "time,kw\n".to_owned(),
            line if line.contains('+') => format!("{line}\n"),
            line => {
                let value: usize = line.rsplit(',').next().unwrap().parse().unwrap();
                let offset = if value < 3 { "+02:00" } else { "+01:00" };
                format!("{}\n", line.replacen(',', &format!("{offset},"), 1))
            }
        })
        .collect::<String>();
    assert_eq!(course(&text, "", &berlin(autumn, 1)).unwrap(), found);
}

#[test]
fn a_file_in_standard_time_all_year_is_told_from_one_on_the_clock() {
    let text = hours(YEAR, 8760, |h| (h % 24) as f64);
    let series = read(&text, "", &berlin(YEAR, 1)).unwrap();
    assert!(series.zone.contains("standard time all year"), "{}", series.zone);
    // Midnight in July is 23:00 of standard time.
    let july = berlin(date(2025, 7, 1).at(0, 0, 0, 0), 1);
    assert_eq!(course(&text, "", &july).unwrap()[0], 23.0);
    assert_eq!(course(&text, "zone: \"UTC\"", &july).unwrap()[0], 22.0);
    assert_eq!(course(&text, "zone: \"+02:00\"", &july).unwrap()[0], 0.0);
    let error = told(course(&text, "zone: \"local\"", &july));
    assert!(error.contains("skips") && error.contains("zone: \"standard\""), "{error}");
    // A header that names the zone counts before the site's.
    let utc = text.replace("time,", "Datetime (UTC),");
    assert_eq!(course(&utc, "", &july).unwrap()[0], 22.0);
}

#[test]
fn days_of_23_and_25_hours_keep_their_energy() {
    let march = berlin(date(2025, 3, 29).at(0, 0, 0, 0), 3);
    let text = "day;kWh\n29.03.2025;24\n30.03.2025;46\n31.03.2025;24\n01.04.2025;24\n";
    let found = course(text, "", &march).unwrap();
    assert_eq!((found[23], found[24], found[46], found[47]), (1.0, 2.0, 2.0, 1.0));
}

#[test]
fn another_year_goes_by_weekday_by_date_or_not_at_all() {
    // 2017 begins with a Sunday, 2024 with a Monday.
    let first = date(2017, 1, 1).at(0, 0, 0, 0);
    let text = hours(first, 8760, |h| (h / 24 + 1) as f64);
    let run = berlin(date(2024, 1, 1).at(0, 0, 0, 0), 366);
    let days = |more: &str| -> Vec<f64> {
        let found = course(&text, more, &run).unwrap();
        (0..366).map(|day| found[day * 24 + 12]).collect()
    };
    let weekdays = days("");
    for (day, &of) in weekdays.iter().enumerate() {
        // Day n of 2024 is weekday (n + 0) from Monday on; day 1 of 2017 is a Sunday.
        assert_eq!((of as i64 + 5).rem_euclid(7), day as i64 % 7, "day {day} is {of}");
        assert!((of - day as f64).abs() <= 8.0, "day {day} is {of}");
    }
    assert_eq!(weekdays[..3], [2.0, 3.0, 4.0]);
    let dates = days("other_year: SameDate");
    // 28 and 29 February, 1 March.
    assert_eq!((dates[0], dates[58], dates[59], dates[60]), (1.0, 59.0, 59.0, 60.0));
    let error = told(course(&text, "other_year: Refuse", &run));
    assert!(error.contains("other_year: SameWeekday"), "{error}");
}

#[test]
fn a_run_over_new_year_takes_what_the_file_holds_by_its_dates() {
    let text = hours(YEAR, 8760, |h| (h / 24 + 1) as f64);
    let run = berlin(date(2025, 12, 31).at(0, 0, 0, 0), 3);
    let found = course(&text, "", &run).unwrap();
    // 1 January 2026 is a Thursday, as is 2 January 2025.
    assert_eq!((found[12], found[36], found[60]), (365.0, 2.0, 3.0));
}

#[test]
fn a_file_that_covers_a_part_is_refused_with_what_is_missing() {
    let text = hours(YEAR, 48, |h| h as f64);
    let error = told(course(&text, "", &berlin(YEAR, 3)));
    assert!(error.starts_with("f.csv:49:1: found values from 2024-12-31 23:00 UTC"), "{error}");
    assert!(error.contains("ends 1.00 days after the file"), "{error}");
    let error = told(course(&text, "", &berlin(date(2024, 6, 1).at(0, 0, 0, 0), 1)));
    assert!(error.contains("which the file does not cover at all"), "{error}");
}

#[test]
fn a_date_with_two_readings_is_refused_with_the_remedy() {
    let day = berlin(YEAR, 1);
    let mut text = "time,kw\n".to_owned();
    for h in 0..24 {
        text += &format!("01/01/2025 {h:02}:00,{h}\n");
    }
    let error = told(course(&text, "", &day));
    assert!(error.starts_with("f.csv:2:1:") && error.contains("date_order: DayFirst"), "{error}");
    assert_eq!(course(&text, "date_order: DayFirst", &day).unwrap()[5], 5.0);
    let two = text.replace("time,kw\n", "time,kw\n12/31/2024 23:00,9\n");
    assert_eq!(course(&two, "", &day).unwrap()[5], 5.0);
    let error = told(course(&two, "date_order: DayFirst", &day));
    assert!(error.starts_with("f.csv:2:1:") && error.contains("does not fit"), "{error}");
}

#[test]
fn thousands_and_two_decimal_signs_are_refused() {
    let day = berlin(YEAR, 1);
    let text = "time;kw\n2025-01-01 00:00;1.234,5\n2025-01-01 01:00;2,5\n";
    assert!(told(course(text, "", &day)).contains("thousands"));
    let text = "time;kw\n2025-01-01 00:00;2,5\n2025-01-01 01:00;1.234\n";
    assert!(told(course(text, "", &day)).starts_with("f.csv:3:18: found \"1.234\""));
    let text = "time,kw\n2025-01-01 00:00,2,5\n2025-01-01 01:00,3,5\n";
    assert!(told(course(text, "", &day)).contains("separate the columns by semicolons"));
}

#[test]
fn a_file_without_time_repeats_or_begins_where_the_scenario_says() {
    let text: String = (0..24).map(|h| format!("{h},5\n")).collect();
    let day = berlin(date(2025, 1, 2).at(0, 0, 0, 0), 1);
    assert_eq!(course(&text, "", &day).unwrap()[..2], [0.5, 1.5]);
    let series = read(&text, "", &day).unwrap();
    assert!(series.notes.iter().any(|note| note.contains("no time stamps")), "{:?}", series.notes);
    let starts = "starts: \"2025-01-02T00:00\"";
    assert_eq!(course(&text, starts, &day).unwrap()[..2], [0.5, 1.5]);
    let error = told(course(&text, "starts: \"2025-01-03T00:00\"", &day));
    assert!(error.contains("which the file does not cover at all"), "{error}");
    let year: String = (0..35_040).map(|_| "1\n").collect();
    let error = told(course(&year, "", &day));
    assert!(error.contains("step_minutes: 15"), "{error}");
    assert_eq!(course(&year, "step_minutes: 15", &day).unwrap()[0], 1.0);
}

#[test]
fn a_leap_day_repeats_the_day_before_and_seasons_stay() {
    let by_day: String = (0..365).map(|day| format!("{day}\n")).collect();
    let more = "step_minutes: 1440";
    let noon = |found: Vec<f64>| -> Vec<f64> { found.chunks(24).map(|day| day[0]).collect() };
    let run = calendar(date(2024, 2, 27).at(0, 0, 0, 0), "Europe/Amsterdam", 4, 3600);
    assert_eq!(noon(course(&by_day, more, &run).unwrap()), [57.0, 58.0, 58.0, 59.0]);
    let run = calendar(date(2023, 12, 31).at(0, 0, 0, 0), "Europe/Amsterdam", 2, 3600);
    assert_eq!(noon(course(&by_day, more, &run).unwrap()), [364.0, 0.0]);
    let long: String = (0..366).map(|day| format!("{day}\n")).collect();
    let run = calendar(date(2023, 2, 28).at(0, 0, 0, 0), "Europe/Amsterdam", 2, 3600);
    assert_eq!(noon(course(&long, more, &run).unwrap()), [58.0, 60.0]);
}

#[test]
fn finer_and_coarser_files_keep_their_energy() {
    let quarters: String = (0..96).map(|q| format!("{q}\n")).collect();
    let run = |step_s| calendar(date(2024, 1, 1).at(0, 0, 0, 0), "Europe/Berlin", 1, step_s);
    let hours = course(&quarters, "step_minutes: 15", &run(3600)).unwrap();
    assert_eq!(hours[0], 1.5);
    assert_eq!(hours.iter().sum::<f64>() * 4.0, 95.0 * 48.0);
    let fine = course(&quarters, "step_minutes: 15", &run(300)).unwrap();
    assert_eq!(fine.iter().sum::<f64>(), 95.0 * 48.0 * 3.0);
    // Steps that divide nothing: 7 minutes 12 seconds, 200 of them a day.
    let odd: String = (0..200).map(|q| format!("{q}\n")).collect();
    let hours = course(&odd, "step_minutes: 7.2", &run(3600)).unwrap();
    assert!((hours.iter().sum::<f64>() / 24.0 - 99.5).abs() < 1e-9);
}

#[test]
fn prices_may_be_negative_and_are_of_the_scenarios_currency() {
    let kind = Kind::Price { currency: "EUR" };
    let day = berlin(YEAR, 1);
    let mut text = "\u{feff}Datum von;Datum bis;Day-ahead Preis [EUR/MWh]\r\n".to_owned();
    for q in 0..96 {
        let at = |q: usize| format!("{:02}:{:02}", q / 4 % 24, q % 4 * 15);
        let until = if q == 95 { "02.01.2025" } else { "01.01.2025" };
        text += &format!("01.01.2025 {};{until} {};-{q},5\r\n", at(q), at(q + 1));
    }
    let bytes = || text.as_bytes().to_vec();
    let series = of_bytes(bytes(), "f.csv".into(), &options(""), kind, &day).unwrap();
    assert_eq!((series.step_s, series.values.len()), (900, 96));
    assert!((series.values[2] + 0.0025).abs() < 1e-12);
    let other = Kind::Price { currency: "CHF" };
    let error = told(of_bytes(bytes(), "f.csv".into(), &options(""), other, &day));
    assert!(error.contains("EUR/MWh") && error.contains("CHF"), "{error}");
}

#[test]
fn watttimes_json_is_read_in_its_own_unit() {
    let points: Vec<String> = (0..288)
        .map(|i| {
            let (h, m) = (i / 12, i % 12 * 5);
            format!("{{\"point_time\": \"2025-01-01T{h:02}:{m:02}:00+00:00\", \"value\": {i}}}")
        })
        .collect();
    let text = format!(
        "{{\"data\": [\n{}\n], \"meta\": {{\"region\": \"CAISO\", \"signal_type\": \"co2_moer\", \
         \"units\": \"lbs_co2_per_mwh\", \"warnings\": null}}}}",
        points.join(",\n")
    );
    let run = calendar(YEAR, "UTC", 1, 300);
    let read = |text: &str| {
        of_bytes(text.as_bytes().to_vec(), "w.json".into(), &options(""), Kind::Carbon, &run)
    };
    let series = read(&text).unwrap();
    assert!((series.values[100] - 100.0 * 0.453_592_37).abs() < 1e-9);
    assert_eq!(lay::lay(&series, &options(""), &run).unwrap().values.len(), 288);
    let broken = text.replace("2025-01-01T00:10", "2025-13-01T00:10");
    assert!(told(read(&broken)).starts_with("w.json:4:2: found \"2025-13-01T00:10"));
    assert!(told(read("{\"data\": [")).starts_with("w.json:1:"));
    let holes = text.replace("\"value\": 100}", "\"value\": null}");
    assert!(told(read(&holes)).contains("a gap of 1 value"));
}

#[test]
fn intensities_without_a_unit_that_cannot_be_grams_are_refused() {
    let read = |text: &str, more: &str| {
        let bytes = text.as_bytes().to_vec();
        of_bytes(bytes, "c.csv".into(), &options(more), Kind::Carbon, &berlin(YEAR, 1))
    };
    let text = format!("intensity\n{}", "0.35\n".repeat(24));
    assert!(told(read(&text, "")).contains("set `unit`"));
    assert_eq!(read(&text, "unit: KgPerKwh").unwrap().values[0], 350.0);
    let negative = format!("rate\n{}", "-12\n".repeat(24));
    assert_eq!(read(&negative, "").unwrap().values[0], -12.0);
}

#[test]
fn a_year_of_quarter_hours_is_read_at_once() {
    let mut text = "Zeit;Verbrauch [kWh];Status\n".to_owned();
    for i in 0..35_040i64 {
        let at = YEAR + jiff::SignedDuration::from_mins(i * 15);
        text += &format!("{};{},25;W\n", at.strftime("%d.%m.%Y %H:%M"), i % 7);
    }
    let series = read(&text, "", &berlin(YEAR, 1)).unwrap();
    assert_eq!((series.values.len(), series.step_s), (35_040, 900));
}

/// What files are made of, so that random ones get far.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,4}",
        Just("2025-03-30 02:30".to_owned()),
        Just("26.10.2025 02:00".to_owned()),
        Just("01/02/2025 12:00 PM".to_owned()),
        Just("1735689600".to_owned()),
        prop::sample::select(vec![
            ",",
            ";",
            "\t",
            "\n",
            "\r\n",
            "\"",
            "#",
            ".",
            "-",
            " ",
            "24:00",
            "kW",
            "[kWh]",
            "time",
            "(UTC)",
            "+01:00",
            "NaN",
            "1,5",
            "€",
            "\u{feff}",
            "\0",
            "{\"data\": [",
            "é",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let run = berlin(YEAR, 1);
        for kind in [Kind::Power, Kind::Price { currency: "EUR" }, Kind::Carbon] {
            let read = of_bytes(bytes.clone(), "f.csv".into(), &options(""), kind, &run);
            let _ = read.and_then(|series| lay::lay(&series, &options(""), &run));
        }
    }

    #[test]
    fn nothing_that_looks_like_a_file_makes_the_reader_panic(
        pieces in prop::collection::vec(piece(), 0..120),
        more in prop::sample::select(vec![
            "", "stamps: End", "gaps: Interpolate", "gaps: SameHourYesterday", "zone: \"local\"",
            "column: 2", "time: [1, 2]", "starts: \"2025-01-01T00:00\"", "step_minutes: 15",
        ]),
    ) {
        let run = berlin(YEAR, 1);
        let _ = course(&pieces.concat(), more, &run);
    }
}
