//! `gridtwin view`: starts the viewer, a separate program, with the same arguments. Their meaning
//! is defined there.

use crate::arguments::ViewArguments;
use crate::failure::Failure;
use std::path::PathBuf;
use std::process::Command;

/// The viewer's file name.
const VIEWER: &str = "gridtwin-viewer";

/// Starts the viewer and ends as it ends.
pub(crate) fn view(wanted: &ViewArguments) -> Result<(), Failure> {
    let Some(viewer) = viewer() else {
        return Err(Failure::Work(format!(
            "the viewer is a separate program and is not built yet; in gridtwin's folder, run \
             `cargo build --release -p {VIEWER}`"
        )));
    };
    let status = Command::new(&viewer).args(wanted.words()).status().map_err(|error| {
        Failure::Work(format!("{} cannot be started: {error}", viewer.display()))
    })?;
    match status.code() {
        Some(0) => Ok(()),
        // The viewer has printed the reason.
        Some(code) => std::process::exit(code),
        None => Err(Failure::Work("the viewer was terminated by a signal".to_owned())),
    }
}

/// The viewer beside this program, or else on the path.
fn viewer() -> Option<PathBuf> {
    let name = format!("{VIEWER}{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok();
    let beside = own.and_then(|own| Some(own.parent()?.join(&name)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(&name));
    beside.into_iter().chain(on_path).find(|candidate| candidate.is_file())
}
