//! What the integration tests share: the built command, the bundled scenarios, scratch space.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The built command.
pub(crate) fn gridtwin() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gridtwin"))
}

/// A bundled scenario by name.
pub(crate) fn scenario(name: &str) -> PathBuf {
    root().join("scenarios").join(format!("{name}.ron"))
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An empty folder of this test's own.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("scratch space can be emptied");
    }
    std::fs::create_dir_all(&dir).expect("scratch space can be made");
    dir
}
