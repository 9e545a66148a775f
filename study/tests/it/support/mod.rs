//! What several tests share: the reference files, and comparing numbers.

use std::path::PathBuf;

/// A shared file, or none where the shared data is absent and not required.
#[allow(dead_code)]
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(file);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_some();
    assert!(!required, "{} is missing, but GRIDTWIN_REQUIRE_SHARED is set", path.display());
    eprintln!("skipped: {} is missing", path.display());
    None
}

/// Asserts that two numbers agree within a share of the second; exactly where that is zero.
#[track_caller]
pub(crate) fn assert_close(name: &str, ours: f64, theirs: f64, share: f64) {
    assert!((ours - theirs).abs() <= share * theirs.abs(), "{name}: {ours}, but expected {theirs}");
}
