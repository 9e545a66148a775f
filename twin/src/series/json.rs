//! WattTime's JSON (version 3): `data` as a list of `point_time` and `value`, the unit in
//! `meta.units`. Not the meaning of its time stamps, which is that of every file.

use super::refused;
use super::stamp::{Raw, Stamp};
use crate::energy::EnergyError;
use crate::scenario::DateOrder;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Document {
    data: Vec<Point>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Point {
    point_time: String,
    value: Option<f64>,
}

#[derive(Deserialize)]
struct Meta {
    units: Option<String>,
}

/// What a file of WattTime holds.
pub(super) struct Points {
    pub(super) stamps: Vec<Stamp>,
    /// A missing value is NaN.
    pub(super) values: Vec<f64>,
    pub(super) units: Option<String>,
    /// The line and column of each point's time.
    pub(super) places: Vec<(u64, u64)>,
    pub(super) texts: Vec<String>,
}

/// Whether a file is JSON and no table.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|b| b"{[".contains(b))
}

pub(super) fn read(text: &str, file: &Path) -> Result<Points, EnergyError> {
    let expected =
        "WattTime's JSON: {\"data\": [{\"point_time\": .., \"value\": ..}], \"meta\": ..}";
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let place = (error.line().max(1) as u64, error.column().max(1) as u64);
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        refused(file, place, what, expected, "use the file as WattTime returned it")
    })?;
    let mut points = Points {
        stamps: Vec::with_capacity(document.data.len()),
        values: Vec::with_capacity(document.data.len()),
        units: document.meta.and_then(|meta| meta.units),
        places: places(text),
        texts: Vec::with_capacity(document.data.len()),
    };
    for (i, point) in document.data.into_iter().enumerate() {
        let stamp = Raw::parse(&point.point_time).and_then(|raw| raw.stamp(DateOrder::DayFirst));
        let Some(stamp) = stamp else {
            return Err(refused(
                file,
                points.places.get(i).copied().unwrap_or((1, 1)),
                format!("{:?}", point.point_time),
                "a time stamp",
                "write it as in 2025-06-01T08:30:00+00:00",
            ));
        };
        points.stamps.push(stamp);
        points.values.push(point.value.unwrap_or(f64::NAN));
        points.texts.push(point.point_time);
    }
    if points.stamps.is_empty() {
        let advice = "the file may be incomplete: export it again";
        return Err(refused(file, (1, 1), "no data points", expected, advice));
    }
    Ok(points)
}

/// Line and column of every `point_time`.
fn places(text: &str) -> Vec<(u64, u64)> {
    let mut places = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (at, _) in line.match_indices("\"point_time\"") {
            let column = if places.len() < 1000 { line[..at].chars().count() } else { at };
            places.push((number as u64 + 1, column as u64 + 1));
        }
    }
    places
}
