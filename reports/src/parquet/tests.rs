//! What a reader of a Parquet file may rely on.

use super::*;
use crate::synthetic::{catalog, play};
use crate::{Format, Options, RunInfo, RunWriter, Sheet};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

type Reader = ParquetRecordBatchReaderBuilder<File>;

fn open(path: &Path) -> Reader {
    Reader::try_new(File::open(path).unwrap()).unwrap()
}

fn instant(microseconds: i64) -> String {
    let civil = jiff::Timestamp::from_microsecond(microseconds).unwrap().to_zoned(TimeZone::UTC);
    // As our CSV files write it: milliseconds where there are any.
    let text = civil.strftime("%Y-%m-%d %H:%M:%S").to_string();
    match civil.millisecond() {
        0 => text,
        ms => format!("{text}.{ms:03}"),
    }
}

/// A cell as our CSV files write it.
fn text(batch: &RecordBatch, column: usize, row: usize) -> String {
    let cells = batch.column(column);
    if cells.is_null(row) {
        return String::new();
    }
    match cells.data_type() {
        DataType::Timestamp(..) => {
            instant(cells.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Utf8 => cells.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => cells.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt64 => cells.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Boolean => u8::from(cells.as_boolean().value(row)).to_string(),
        DataType::Float64 => {
            let mut out = Vec::new();
            crate::shortest(&mut out, cells.as_primitive::<Float64Type>().value(row));
            String::from_utf8(out).unwrap()
        }
        other => panic!("no column of ours is of the type {other}"),
    }
}

#[test]
fn every_table_holds_what_its_csv_file_holds_with_units_in_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let formats = BTreeSet::from([Format::Csv, Format::Parquet]);
    let options = Options { formats, tasks_limit: 1_000_000, ..Options::default() };
    let mut writer = RunWriter::create(&out, &catalog(), options).unwrap();
    play(&catalog(), 200, &mut writer);
    writer.finish("", &RunInfo::default()).unwrap();
    for (table, fields) in crate::files::schema(&catalog(), true) {
        let file = open(&out.join(format!("{table}.parquet")));
        let schema = file.schema().clone();
        assert_eq!(schema.fields().len(), fields.len(), "{table}");
        for (field, told) in fields.iter().zip(schema.fields()) {
            assert_eq!(told.name(), &field.name);
            assert_eq!(told.metadata().get("unit").map_or("", |u| u), field.unit, "{table} {told}");
            assert_eq!(told.metadata().get("meaning"), Some(&field.meaning), "{table} {told}");
        }
        let mut rows = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
        let mut rows = rows.records().map(Result::unwrap);
        let mut count = 0;
        for batch in file.build().unwrap() {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                let expected = rows.next().unwrap();
                let found = (0..fields.len()).map(|column| text(&batch, column, row));
                assert!(found.eq(expected.iter().map(str::to_owned)), "{table}: {expected:?}");
                count += 1;
            }
        }
        assert!(rows.next().is_none() && count > 0, "{table}: {count} rows");
    }
}

#[test]
fn parquet_alone_brings_its_dictionary_and_no_csv_tables() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let formats = BTreeSet::from([Format::Parquet]);
    let options = Options { formats, tasks_limit: 100, ..Options::default() };
    let mut writer = RunWriter::create(&out, &catalog(), options.clone()).unwrap();
    play(&catalog(), 2, &mut writer);
    let summary = writer.finish("", &RunInfo::default()).unwrap();
    assert!(summary.get("tasks.listed").is_some_and(|tasks| tasks > 0.0));
    assert!(out.join("dictionary.csv").is_file() && out.join("tasks.parquet").is_file());
    assert!(!out.join("tasks.csv").exists());
    // And such a directory is a run's: it can be replaced.
    let mut writer = RunWriter::create(&out, &catalog(), options).unwrap();
    play(&catalog(), 2, &mut writer);
    writer.finish("", &RunInfo::default()).unwrap();
}

fn sheet(cells: &[&[&str]]) -> Result<Vec<u8>, crate::Error> {
    let fields = crate::dictionary::fields(&[
        ("seed", Kind::Seed, "A seed"),
        ("n", Kind::Whole, "A count"),
        ("energy_kwh", Kind::Number, "An energy"),
        ("up", Kind::Flag, "Whether it is up"),
        ("why", Kind::Text, "Why"),
        ("at", Kind::Time, "When"),
    ]);
    let cell = |row: usize, column: usize, out: &mut Vec<u8>| {
        out.extend_from_slice(cells[row][column].as_bytes());
    };
    Sheet { name: "sheet", fields: &fields, rows: cells.len(), cell }.to_parquet()
}

#[test]
fn what_is_not_there_is_null_and_seeds_are_whole() {
    let rows: [&[&str]; 2] = [
        &["18446744073709551615", "3", "-0.25", "1", "a, \"b\"\n", "2025-06-21 14:05:00.250"],
        &["", "", "", "", "", ""],
    ];
    let bytes = sheet(&rows).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let batches: Vec<_> = open(file.path()).build().unwrap().map(Result::unwrap).collect();
    for (row, cells) in rows.iter().enumerate() {
        let found: Vec<_> = (0..cells.len()).map(|column| text(&batches[0], column, row)).collect();
        assert_eq!(found, *cells);
    }
    assert_eq!(sheet(&rows).unwrap(), bytes, "the same table, the same bytes");
}

#[test]
fn what_a_column_cannot_hold_is_refused_by_its_name() {
    for (place, wrong) in [(0, "-1"), (1, "1.5"), (2, "many"), (3, "2"), (5, "yesterday")] {
        let mut row = ["1", "1", "1", "1", "", "2025-06-21 14:05:00"];
        row[place] = wrong;
        let told = sheet(&[&row]).unwrap_err().to_string();
        assert!(told.contains("sheet.parquet") && told.contains(wrong), "{told}");
    }
    assert!(sheet(&[]).is_ok(), "a table without rows is one");
}
