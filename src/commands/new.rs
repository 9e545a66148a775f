//! `gridtwin new`: a commented scenario to start from.

use crate::arguments::NewArguments;
use crate::failure::Failure;
use crate::output;
use gridtwin_twin::scenario::{Id, Scenario};
use std::io::{ErrorKind, Write};
use std::path::Path;

const TEMPLATE: &str = include_str!("new.ron");

/// Writes NAME.ron; an existing file is not replaced.
pub(crate) fn new(wanted: &NewArguments) -> Result<(), Failure> {
    let path = Path::new(&wanted.name).with_extension("ron");
    let name = path.file_stem().and_then(|name| name.to_str()).and_then(Id::new);
    let name = name.ok_or_else(|| {
        Failure::input(format_args!(
            "found the name {:?}, expected letters, digits, '-' or '_', as in `gridtwin new island`",
            wanted.name
        ))
    })?;
    let text = TEMPLATE.replace("\"NAME\"", &format!("\"{name}\""));
    Scenario::parse(&text, &path.display().to_string()).map_err(Failure::input)?;
    let shown = path.display();
    let file = std::fs::File::options().write(true).create_new(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::input(format_args!(
            "{shown} already exists and is not overwritten; choose another name"
        )),
        ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(&path).display();
            Failure::input(format_args!("{shown}: there is no folder `{folder}`; create it first"))
        }
        _ => Failure::work(format_args!("{shown}: {error}")),
    })?;
    output::print(&format!("wrote {shown}; run it with `gridtwin run {shown}`\n"))
}
