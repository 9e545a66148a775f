//! Tests of files that could be read in two ways: the second reading is refused, or it is said.

use super::Kind;
use super::read::of_bytes;
use super::tests::{YEAR, berlin, course, hours, options, read, told};

/// A day of hourly rows with these values, over and over.
fn day(header: &str, separator: char, values: &[&str]) -> String {
    let mut text = format!("time{separator}{header}\n");
    for h in 0..24 {
        text += &format!("2025-01-01 {h:02}:00{separator}{}\n", values[h % values.len()]);
    }
    text
}

/// What a reading as prices in EUR gives: the first value, or the message.
fn price(header: &str, value: &str) -> Result<(f64, Vec<String>), String> {
    let kind = Kind::Price { currency: "EUR" };
    let text = day(header, ';', &[value]).into_bytes();
    of_bytes(text, "f.csv".into(), &options(""), kind, &berlin(YEAR, 1))
        .map(|series| (series.values[0], series.notes))
        .map_err(|error| error.to_string())
}

#[test]
fn thousands_beside_whole_numbers_are_refused() {
    let run = berlin(YEAR, 1);
    for (separator, values) in [
        (',', ["991", "1.068", "12.500"]),
        (';', ["991", "1,068", "2,500"]),
        ('\t', ["900", "1.500", "880"]),
    ] {
        let error = told(course(&day("W", separator, &values), "", &run));
        assert!(error.starts_with("f.csv:3:18: found \"1"), "{error}");
        assert!(error.contains("thousands") && error.contains("without the separator"), "{error}");
    }
    // Three decimals everywhere, one below one, one with other decimals, or a whole number that
    // has no separator: they are decimals.
    for values in [
        ["2.250", "8.737", "5.001"],
        ["0.991", "1.068", "2"],
        ["1.5", "1.068", "2"],
        ["1500", "1.068", "2"],
    ] {
        let series = read(&day("kW", ',', &values), "", &run).unwrap();
        let noted = series.notes.iter().any(|note| note.contains("three digits"));
        assert_eq!(noted, values[0] == "2.250", "{values:?} {:?}", series.notes);
        assert!(series.values[1] < 10.0);
    }
}

#[test]
fn units_of_prices_are_read_or_refused() {
    for (header, value) in [
        ("ct/kWh", 0.2),
        ("€cent/kWh", 0.2),
        ("c€/kWh", 0.2),
        ("EUR/MWh", 0.02),
        ("Preis [€/kWh]", 20.0),
    ] {
        let found = price(header, "20").unwrap_or_else(|error| panic!("{header}: {error}"));
        assert!((found.0 - value).abs() < 1e-12, "{header} {found:?}");
        assert_eq!(found.1.iter().any(|note| note.contains("check the file's unit")), value > 5.0);
    }
    for header in [
        "Rp./kWh", "öre/kWh", "ore/kWh", "gr/kWh", "zł/MWh", "Kč/MWh", "R$/MWh", "$/MWh", "£/MWh",
        "p/kWh",
    ] {
        let error = price(header, "0.2").unwrap_err();
        assert!(error.contains("the scenario's currency EUR"), "{header}: {error}");
    }
    for header in
        ["mEUR/kWh", "EUR/GWh", "EUR/MWhe", "Price (EUR/MWh, EUR/tCO2)", "xyz/kWh/h", "ct/MWh"]
    {
        let error = price(header, "0.2").unwrap_err();
        assert!(error.contains(": EUR/kWh") && error.contains("`unit`"), "{error}");
    }
    assert_eq!(price("price", "0.2").unwrap().0, 0.2);
    let error = price("price", "87.5").unwrap_err();
    assert!(error.starts_with("f.csv:2:18: found prices of up to 87.5 and no unit"), "{error}");
}

#[test]
fn units_of_other_things_are_no_load() {
    let run = berlin(YEAR, 1);
    for header in [
        "kWh/15min",
        "Verbrauch [kWh pro Viertelstunde]",
        "kvarh",
        "MJ",
        "Energie [GWh]",
        "Strom [A]",
        "gas m3",
        "°C",
        "EUR",
        "kVA",
    ] {
        let error = told(course(&day(header, ';', &["2"]), "", &run));
        assert!(error.starts_with("f.csv:1:1: found the unit"), "{header}: {error}");
        assert!(error.contains("kWh or MWh") && error.contains("`unit`"), "{error}");
        assert_eq!(course(&day(header, ';', &["2"]), "unit: Kwh", &run).unwrap()[0], 2.0);
    }
    assert_eq!(course(&day("Load [MWh/h]", ';', &["2"]), "", &run).unwrap()[0], 2000.0);
}

#[test]
fn counter_readings_and_totals_are_no_load() {
    let two = berlin(YEAR, 2);
    let counter = super::tests::hours(YEAR, 48, |h| 12_345.0 + h as f64 * 1.5);
    let error = told(course(&counter, "", &two));
    assert!(error.starts_with("f.csv:2:18:") && error.contains("from the row before"), "{error}");
    assert!(course(&counter, "unit: Kw", &two).is_ok());
    let text: String = (0..24).map(|h| format!("{}\n", h % 7)).collect();
    let total: i32 = (0..24).map(|h| h % 7).sum();
    let run = berlin(YEAR, 1);
    let error = told(course(&format!("kW\n{text}{total}\n"), "", &run));
    assert!(error.starts_with("f.csv:26:1:") && error.contains("total"), "{error}");
}

#[test]
fn time_stamps_with_words_are_read_and_others_are_refused() {
    let run = berlin(YEAR, 1);
    let with = |stamp: &dyn Fn(usize) -> String| {
        let lines: Vec<String> = (0..24).map(|h| format!("{};{h},5\n", stamp(h))).collect();
        format!("Zeit;kW\n{}", lines.concat())
    };
    for text in [
        with(&|h| format!("01.01.2025 {h:02}:00 CET")),
        with(&|h| format!("01-Jan-2025 {h:02}:00")),
        with(&|h| format!("Mi 01.01.2025 {h:02}:00")),
        with(&|h| format!("Jan 01 2025 {h:02}:00")),
        with(&|h| format!("{h:02}:00 01.01.2025")),
        with(&|h| format!("'01.01.2025 {h:02}:00")),
        with(&|h| format!("01.01.2025 {h:02}:00 Uhr")),
    ] {
        let found = course(&text, "", &run).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((found[0], found[23]), (0.5, 23.5), "{text}");
    }
    for text in [
        with(&|h| format!("2025 W01 {h:02}:00")),
        with(&|h| format!("45658.{h:02}1")),
        with(&|h| format!("1/2025, {h}h")),
    ] {
        let error = told(course(&text, "column: \"kW\"", &run));
        assert!(error.starts_with("f.csv:2:1: found ") && error.contains("`starts`"), "{error}");
        let starts = "column: \"kW\", starts: \"2025-01-01T00:00\"";
        assert_eq!(course(&text, starts, &run).unwrap()[3], 3.5);
    }
}

#[test]
fn ends_of_intervals_are_seen_in_the_first_and_last_stamp() {
    let run = berlin(YEAR, 1);
    let one = jiff::SignedDuration::from_hours(1);
    let text = super::tests::hours(YEAR + one, 24, |h| h as f64 + 0.5);
    assert_eq!(course(&text, "", &run).unwrap()[..2], [0.5, 1.5]);
    let notes = read(&text, "", &run).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("a step after midnight")), "{notes:?}");
    // The hour of autumn: 02:00 is the end of two hours.
    let autumn = jiff::civil::date(2025, 10, 26).at(0, 0, 0, 0);
    let mut text = "time,kw\n".to_owned();
    for (i, h) in [1, 2, 2].into_iter().chain(3..24).enumerate() {
        text += &format!("2025-10-26 {h:02}:00,{}.5\n", i % 7);
    }
    text += "2025-10-27 00:00,3.5\n";
    let found = course(&text, "stamps: End", &berlin(autumn, 1)).unwrap();
    assert_eq!(found[..4], [0.5, 1.5, 2.5, 3.5]);
}

#[test]
fn marks_of_missing_values_footers_and_zones_are_known() {
    let run = berlin(YEAR, 1);
    for mark in ["#N/A", "#WERT!", "#VALUE!", "k.A.", "?"] {
        let text =
            super::tests::hours(YEAR, 24, |h| h as f64 + 0.5).replace(",5.5", &format!(",{mark}"));
        assert!(told(course(&text, "", &run)).contains("gaps: Hold"), "{mark}");
        assert_eq!(course(&text, "gaps: Hold", &run).unwrap()[5], 4.5);
    }
    let text = super::tests::hours(YEAR, 24, |h| h as f64 + 0.5);
    assert!(told(course(&format!("{text}Summe,288\n"), "", &run)).contains("remove the line"));
    let july = jiff::civil::date(2025, 7, 1).at(0, 0, 0, 0);
    let text = super::tests::hours(july, 25, |h| h as f64 % 24.0 + 0.5);
    let text = text.replace("time,", "Zeit (MEZ),").replace("2025-07-02 00:00,0.5\n", "");
    let standard = text.replacen("2025-07-01 00:00", "2025-06-30 23:00,9\n2025-07-01 00:00", 1);
    assert_eq!(course(&standard, "", &berlin(july, 1)).unwrap()[..2], [9.0, 0.5]);
}

#[test]
fn a_column_of_per_cent_is_none_of_powers_prices_or_intensities() {
    let text =
        hours(YEAR, 24, |h| h as f64 + 30.0).replacen("kw", "Renewable energy percentage (RE%)", 1);
    for (kind, values) in [
        (Kind::Power, "powers or energies"),
        (Kind::Price { currency: "EUR" }, "prices"),
        (Kind::Carbon, "carbon intensities"),
    ] {
        let bytes = text.as_bytes().to_vec();
        let day = berlin(YEAR, 1);
        let error = told(of_bytes(bytes, "f.csv".into(), &options(""), kind, &day));
        assert!(error.starts_with("f.csv:1:1: found the unit % in the header"), "{error}");
        let advice = format!(
            "set `column` to the name or number of a column of {values}, not of percentages"
        );
        assert!(error.ends_with(&advice), "{error}");
    }
}
