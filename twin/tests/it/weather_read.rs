//! Promise: every known format is read by its content, the same weather is the same in each, and
//! bad input is refused with its place and what to do, never with a panic.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::common::shared;
use gridtwin_twin::pv::{Array, PvOptions, simulate};
use gridtwin_twin::weather::{self, Weather, WeatherError};
use proptest::prelude::*;

const FILES: [(&str, &str); 5] = [
    ("greensboro_tmy3_723170.csv", "TMY3"),
    ("sandpoint_tmy3_703165.csv", "TMY3"),
    ("pvgis_45N_8E.epw", "EPW"),
    ("pvgis_45N_8E.csv", "PVGIS TMY"),
    ("denver_nsrdb_psm3.csv", "NSRDB PSM3"),
];

fn bundled() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/weather/greensboro_tmy3.csv")
}

fn load(file: &str) -> Option<Weather> {
    let path = shared(&format!("data/weather/{file}"))?;
    Some(weather::read(&path).unwrap_or_else(|e| panic!("{e}")))
}

/// Five days of plain CSV.
fn plain(columns: &str, row: impl Fn(usize) -> String) -> String {
    let mut text = String::from(
        "# latitude_deg: 36.1\n# longitude_deg: -79.95\n# altitude_m: 273\n# utc_offset_h: -5\n",
    );
    writeln!(text, "{columns}").unwrap();
    for i in 0..120 {
        writeln!(text, "2024-02-{:02}T{:02}:00,{}", 26 + i / 24, i % 24, row(i)).unwrap();
    }
    text.replace("2024-02-30", "2024-03-01")
}

const COLUMNS: &str = "time,ghi_w_m2,dni_w_m2,dhi_w_m2,temperature_c,wind_m_s";

#[test]
fn formats_are_told_by_their_content() {
    for (file, format) in FILES {
        let Some(weather) = load(file) else { return };
        assert_eq!((weather.source, weather.len(), weather.step_s), (format, 8760, 3600));
        assert!(weather.typical_year);
        let noon = weather.index(6, 21, 12).expect("a summer noon");
        assert!(weather.ghi_w_m2[noon - 4..noon + 4].iter().any(|&g| g > 100.0), "{file}");
        assert_eq!(weather.index(2, 29, 7), weather.index(2, 28, 7));
        assert_eq!((weather.index(2, 30, 7), weather.index(1, 1, 24)), (None, None));
    }
}

#[test]
fn hours_stamped_at_their_end_begin_an_hour_earlier() {
    let Some(weather) = load("greensboro_tmy3_723170.csv") else {
        return;
    };
    // The row 12/31/1980,14:00 has GHI 230: it is the hour from 13:00.
    assert_eq!(weather.ghi_w_m2[weather.index(12, 31, 13).unwrap()], 230.0);
    assert_eq!(weather.index(1, 1, 0), Some(0));
    assert_eq!(weather.pressure_pa.as_ref().unwrap()[0], 99_300.0);
}

#[test]
fn the_bundled_year_is_the_original() {
    let bundled = weather::read(&bundled()).unwrap_or_else(|e| panic!("{e}"));
    let year = |w: &Weather| simulate(w, &Array::default(), PvOptions::default()).ac_kwh;
    assert!((year(&bundled) / 5_414.585_4 - 1.0).abs() < 1e-6);
    let Some(original) = load("greensboro_tmy3_723170.csv") else {
        return;
    };
    assert_eq!(year(&bundled), year(&original));
}

#[test]
fn a_leap_day_is_read_and_served() {
    let text = plain(COLUMNS, |i| format!("{},0,{},5,2", i, i));
    let weather = weather::parse(text.as_bytes(), "five-days.csv").unwrap();
    let leap_noon = 1_709_226_000; // 2024-02-29T12:00-05:00
    assert_eq!(weather.ghi_w_m2[weather.index_at(leap_noon).unwrap()], 84.0);
    let later = weather.index_at(leap_noon + 10 * 86_400).unwrap_err();
    assert!(matches!(later, WeatherError::NotCovered { .. }), "{later}");
    let year = weather::read(&bundled()).unwrap();
    assert_eq!(year.index_at(leap_noon).unwrap(), year.index(2, 28, 12).unwrap());
}

#[test]
fn global_irradiance_alone_is_split() {
    let text = plain("time,ghi_w_m2,temperature_c,wind_m_s", |i| {
        format!("{},5,2", if (8..17).contains(&(i % 24)) { 400 } else { 0 })
    });
    let weather = weather::parse(text.as_bytes(), "ghi.csv").unwrap();
    let noon = 12;
    assert!(weather.dni_w_m2[noon] > 50.0 && weather.dhi_w_m2[noon] > 50.0);
    assert!(weather.dni_w_m2[noon] < 1000.0 && weather.dhi_w_m2[noon] < 400.0);
}

#[test]
fn plain_files_of_spreadsheets_are_the_same_weather() {
    let text = plain(COLUMNS, |i| format!("{},0,{}.5,5.25,2", i, i));
    let expected = weather::parse(text.as_bytes(), "w.csv").unwrap();
    let spreadsheet = |separator: &str, comma: &str| {
        let line = |line: &str| {
            if line.starts_with('#') {
                return format!("{line}\r\n");
            }
            let (time, rest) = line.split_once(',').unwrap();
            let date: Vec<&str> = time.split(['-', 'T']).collect();
            let time = match date[..] {
                [year, month, day, clock] => format!("{day}.{month}.{year} {clock}"),
                _ => time.to_owned(),
            };
            let rest = rest.replace(',', separator).replace('.', comma);
            format!("{time}{separator}{rest}\r\n")
        };
        "\u{feff}".to_owned() + &text.lines().map(line).collect::<String>()
    };
    for other in [
        spreadsheet(";", ","),
        spreadsheet("\t", ","),
        spreadsheet(";", "."),
        spreadsheet(",", "."),
    ] {
        let found = weather::parse(other.as_bytes(), "w.csv").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(found.ghi_w_m2, expected.ghi_w_m2);
        assert_eq!(found.temperature_c, expected.temperature_c);
        assert_eq!(found.start_unix_s, expected.start_unix_s);
    }
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let found = weather::parse(&wide, "w.csv").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(found.ghi_w_m2, expected.ghi_w_m2);
}

#[test]
fn bad_input_is_refused_with_its_place_and_what_to_do() {
    let good = plain(COLUMNS, |_| "0,0,0,5,2".into());
    assert!(weather::parse(good.as_bytes(), "w.csv").is_ok());
    let line = |n: usize| good.lines().nth(n - 1).unwrap().to_owned();
    let with = |n: usize, text: &str| good.replacen(&line(n), text, 1);
    let cases = [
        (with(9, "2024-02-26T03:00,NaN,0,0,5,2"), "w.csv:9:18: GHI: found `NaN`"),
        (with(9, "2024-02-26T03:00,3000,0,0,5,2"), "w.csv:9:18: GHI: found `3000`"),
        (with(9, "2024-02-26T03:00,0,-9900,0,5,2"), "w.csv:9:20: DNI: found `-9900`"),
        (with(9, "2024-02-26T03:00,0,0,0,,2"), "w.csv:9:24: air temperature: found nothing"),
        (with(9, "2024-02-26T03:00,0,0"), "w.csv:9:21: DHI: found the end of the line"),
        (with(9, &line(8)), "w.csv:9:1: time: found `2024-02-26T02:00`"),
        (with(9, "2024-02-26T04:00,0,0,0,5,2"), "w.csv:9:1: time: found `2024-02-26T04:00`"),
        (with(9, "2024-02-26T03:00Z,0,0,0,5,2"), "w.csv:9:1: time: found `2024-02-26T03:00Z`"),
        (with(9, ""), "w.csv:10:1: time: found `2024-02-26T04:00`"),
        (with(1, "# latitude_deg: north"), "w.csv:1:1: latitude: found `north`"),
        (with(1, "#"), "w.csv:5:1: latitude_deg: found no such line"),
        (good.replace("wind_m_s", "wind"), "w.csv:5:1: wind_m_s: found no such column"),
        (good.lines().take(60).map(|l| format!("{l}\n")).collect(), "w.csv:60:1: end of data"),
        (String::new(), "w.csv:1:1: format: found ``"),
        ("hello".into(), "w.csv:1:1: format: found `hello`"),
    ];
    for (text, starts) in cases {
        let error = weather::parse(text.as_bytes(), "w.csv").unwrap_err().to_string();
        assert!(error.starts_with(starts), "{error}\nshould start with {starts}");
        assert!(error.contains("expected") && error.contains(';'), "{error}");
    }
}

#[test]
fn real_files_cut_or_spoilt_are_refused() {
    for (file, _) in FILES {
        let Some(path) = shared(&format!("data/weather/{file}")) else {
            return;
        };
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let parse = |lines: &[&str]| weather::parse(lines.join("\n").as_bytes(), file);
        let cut = parse(&lines[..4000]).unwrap_err();
        assert!(matches!(cut, WeatherError::Cut(_)), "{cut}");
        let mut doubled = lines.clone();
        doubled.insert(4000, lines[4000]);
        let doubled = parse(&doubled).unwrap_err();
        assert!(matches!(doubled, WeatherError::Order(_)), "{doubled}");
        assert!(doubled.to_string().starts_with(&format!("{file}:4002:")), "{doubled}");
        let mut unsorted = lines.clone();
        unsorted.swap(4000, 4001);
        assert!(matches!(parse(&unsorted).unwrap_err(), WeatherError::Order(_)));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = weather::read(std::path::Path::new("no/such/file.csv")).unwrap_err().to_string();
    assert!(error.contains("no/such/file.csv"), "{error}");
}

/// The heads of all formats, to be cut and spoilt.
fn heads() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = FILES
        .iter()
        .filter_map(|(file, _)| shared(&format!("data/weather/{file}")))
        .filter_map(|path| std::fs::read(path).ok())
        .map(|bytes| bytes[..bytes.len().min(9_000)].to_vec())
        .collect();
    all.push(std::fs::read(bundled()).unwrap()[..9_000].to_vec());
    all
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let heads = heads();
    let edits = prop::collection::vec((0..9_000_usize, any::<u8>(), 0..4_u8), 0..12);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&(0..heads.len(), 0..9_000_usize, edits), |(head, cut, edits)| {
        let mut bytes = heads[head].clone();
        for (at, byte, how) in edits {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes[at] = b"-9,:/\n\"0"[usize::from(byte) % 8],
                _ => drop(bytes.remove(at)),
            }
        }
        bytes.truncate(cut);
        // None is whole, so none may be read: a panic fails the case and prints it.
        let read = weather::parse(&bytes, "spoilt");
        prop_assert!(read.is_err() || read.unwrap().len() < 8760);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

proptest! {
    #[test]
    fn any_bytes_at_all_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = weather::parse(&bytes, "noise");
    }
}
