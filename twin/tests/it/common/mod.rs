//! What the tests of sun, weather and PV share: reference tables and real weather files.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file of the workspace's `tests/refs`, as rows of named numbers; what is no number is NaN.
pub fn reference(name: &str) -> Vec<BTreeMap<String, f64>> {
    table(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/refs").join(name))
        .into_iter()
        .map(|row| row.into_iter().map(|(k, v)| (k, v.parse().unwrap_or(f64::NAN))).collect())
        .collect()
}

/// A CSV file as rows of named texts.
pub fn table(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row of the reference")).collect()
}

/// A file of the project's shared folder. Without it the test is skipped and says so, unless
/// `GRIDTWIN_REQUIRE_SHARED` is set.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(),
        "GRIDTWIN_REQUIRE_SHARED is set, but {} is not there",
        path.display()
    );
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// Holds `ours` to `theirs` within a relative tolerance, or that much absolutely around zero.
#[track_caller]
pub fn close(ours: f64, theirs: f64, tolerance: f64, what: &dyn std::fmt::Debug) {
    let off = (ours - theirs).abs();
    assert!(off <= tolerance * theirs.abs().max(1.0), "{ours} is not {theirs}: {what:?}");
}
