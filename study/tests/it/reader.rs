//! What the CSV reader promises: the columns asked for, in their units, or a refusal with its line.

use gridtwin_study::island::{Column, Columns, Error, PowerCurve, Traces, Wind};
use proptest::prelude::*;
use std::path::Path;

fn columns() -> Columns {
    Columns {
        load: Column::new("Load", 1.0),
        pv: Some(Column::new("Ppv1k", 0.001)),
        wind: Some(Wind::Speed {
            column: Column::new("Wind", 1.0),
            curve: PowerCurve::new(vec![(3.0, 0.0), (13.0, 1.0), (25.0, 1.0)]).unwrap(),
        }),
        step_h: 1.0,
    }
}

const GOOD: &str = "Some island, 2016. See SOURCES.md\n# \"more\n\ntime,Load,Ppv1k,Temp,Wind\n\
                    00:00,1453.0,0.0,10.2,3.0\r\n01:00, 1331 ,500,-10.7,8.0\n";

fn refusal(text: &str) -> String {
    Traces::parse("island.csv", text, &columns()).unwrap_err().to_string()
}

#[test]
fn named_columns_are_read_in_their_units_after_lines_of_comment() {
    let traces = Traces::parse("island.csv", GOOD, &columns()).unwrap();
    assert_eq!(traces.load_kw(), [1453.0, 1331.0]);
    assert_eq!(traces.pv_per_kw(), [0.0, 0.5]);
    assert_eq!(traces.wind_per_kw(), [0.0, 0.5]);
    assert_eq!((traces.len(), traces.duration_h(), traces.load_kwh()), (2, 2.0, 2784.0));
}

#[test]
fn a_byte_order_mark_and_a_missing_last_newline_do_no_harm() {
    let marked = format!("\u{feff}{}", GOOD.trim_end());
    assert_eq!(
        Traces::parse("island.csv", &marked, &columns()).unwrap(),
        Traces::parse("island.csv", GOOD, &columns()).unwrap(),
    );
}

#[test]
fn a_file_without_sun_or_wind_needs_no_such_columns() {
    let columns = Columns { pv: None, wind: None, ..columns() };
    let traces = Traces::parse("island.csv", "Load\n5\n\n6\n", &columns).unwrap();
    assert_eq!(traces.load_kw(), [5.0, 6.0]);
    assert_eq!(traces.pv_per_kw(), [0.0, 0.0]);
}

#[test]
fn bad_values_are_refused_with_file_and_line() {
    let row = |row: &str| refusal(&format!("title\ntime,Load,Ppv1k,Temp,Wind\n\n{row}\n"));
    assert_eq!(row("t,abc,0,0,0"), "island.csv:4: `Load` is \"abc\", not a number");
    assert_eq!(row("t,,0,0,0"), "island.csv:4: `Load` is \"\", not a number");
    let unfit = "should be a finite number, 0 or more";
    assert_eq!(row("t,1,-3,0,0"), format!("island.csv:4: `Ppv1k` is -3, but {unfit}"));
    assert_eq!(row("t,1,0,0,NaN"), format!("island.csv:4: `Wind` is NaN, but {unfit}"));
    assert_eq!(row("t,inf,0,0,1"), format!("island.csv:4: `Load` is inf, but {unfit}"));
    assert_eq!(row("t,1,0,0"), "island.csv:4: found 4 fields, but the header has 5");
    let longer = "island.csv:7: found 6 fields, but the header has 5";
    assert_eq!(row("t,1,0,0,0\n\n\nt,1,0,0,0,7"), longer);
}

#[test]
fn a_missing_column_is_named_beside_the_line_that_comes_nearest() {
    assert_eq!(
        refusal("title\ntime,Load,Ppv,Wind\n1,2,3,4\n"),
        "island.csv:2: no column `Ppv1k` in the header; this line has time,Load,Ppv,Wind"
    );
    assert!(refusal("").starts_with("island.csv:1: no header found"));
    assert!(refusal("Load,Load,Ppv1k,Wind\n").contains("column `Load` is listed twice"));
    assert_eq!(refusal("title\nLoad,Ppv1k,Wind\n"), "island.csv:2: no rows follow this header");
}

#[test]
fn a_file_that_is_missing_or_not_text_is_refused_by_name() {
    let missing = Traces::read(Path::new("no/such/file.csv"), &columns()).unwrap_err();
    assert!(matches!(missing, Error::Read { .. }));
    assert!(missing.to_string().starts_with("no/such/file.csv: "));

    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("latin.csv");
    std::fs::write(&path, b"title\nLoad,Ppv1k,Wind\n1,\xe9,2\n").unwrap();
    let foreign = Traces::read(&path, &columns()).unwrap_err();
    assert!(matches!(foreign, Error::Line { line: 3, .. }), "{foreign}");
}

#[test]
fn a_scale_that_cannot_be_is_refused() {
    let columns = Columns { load: Column::new("Load", -1.0), ..columns() };
    let refused = Traces::parse("island.csv", GOOD, &columns).unwrap_err();
    assert!(refused.to_string().starts_with("scale of `Load` is -1"));
}

#[test]
fn a_power_curve_joins_its_points_and_is_nothing_outside_them() {
    let curve = PowerCurve::new(vec![(3.0, 0.0), (13.0, 1.0), (25.0, 1.0)]).unwrap();
    for (speed_ms, share) in
        [(0.0, 0.0), (3.0, 0.0), (8.0, 0.5), (13.0, 1.0), (20.0, 1.0), (25.0, 1.0), (25.1, 0.0)]
    {
        assert_eq!(curve.share(speed_ms), share, "at {speed_ms} m/s");
    }
    assert_eq!(curve.share(f64::NAN), 0.0);
    assert!(PowerCurve::new(vec![(3.0, 0.0)]).is_err());
    assert!(PowerCurve::new(vec![(3.0, 0.0), (3.0, 1.0)]).is_err());
    assert!(PowerCurve::new(vec![(3.0, 0.0), (4.0, 1.1)]).is_err());
    assert!(PowerCurve::new(vec![(f64::NAN, 0.0), (4.0, 1.0)]).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-Za-z0-9,.\"\n\r#é-]{0,200}") {
        let _ = Traces::parse("any.csv", &text, &columns());
        let _ = Traces::parse("any.csv", &format!("Load,Ppv1k,Wind\n{text}"), &columns());
    }

    #[test]
    fn what_was_written_is_read_back(rows in prop::collection::vec((0.0..1e4, 0.0..1e3), 1..50)) {
        let mut text = String::from("Ppv1k,Load\n");
        for (load, pv) in &rows {
            text.push_str(&format!("{pv},{load}\n"));
        }
        let columns = Columns { wind: None, ..columns() };
        let traces = Traces::parse("any.csv", &text, &columns).unwrap();
        for (at, (load, pv)) in rows.iter().enumerate() {
            prop_assert_eq!(traces.load_kw()[at], *load);
            prop_assert_eq!(traces.pv_per_kw()[at], *pv * 0.001);
        }
    }
}
