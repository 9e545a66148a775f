//! What is wrong with a position: three numbers in parentheses, and no other number of them, no other
//! brackets and no names.

use super::error::Problem;
use super::scan::{Bytes, Kind};
use super::source::Source;

/// The field that holds a position.
const FIELD: &str = "position_m";

/// What is wrong with the position around a place, if there is one and its form is wrong.
pub(super) fn explain(source: &Source, place: &Bytes) -> Option<Problem> {
    let child = source.root().named_around(place)?;
    let (name, _) = child.key.as_ref().filter(|(name, _)| name == FIELD)?;
    let node = &child.value;
    let text = source.text();
    let parts: Vec<&str> =
        node.children.iter().filter_map(|part| text.get(part.value.span.clone())).collect();
    let named = node.children.iter().any(|part| part.key.is_some());
    let numbers = parts.iter().all(|part| part.parse::<f64>().is_ok());
    if node.kind == Kind::Group && !named && parts.len() == 3 {
        return None;
    }
    let found = match node.kind {
        Kind::Group if !named && numbers => match parts.len() {
            1 => "one number".to_owned(),
            count => format!("{count} numbers"),
        },
        _ => format!("`{}`", source.snippet(&node.span)),
    };
    let right = match (&parts[..], numbers) {
        ([east, north], true) => format!("write ({east}, {north}, 0)"),
        ([east, north, up], true) => format!("write ({east}, {north}, {up})"),
        _ => "write the position as in (12, -5, 0)".to_owned(),
    };
    let message = format!(
        "`{name}`: found {found}, expected 3 numbers in parentheses: metres east, north and up"
    );
    Some(Problem::new(node.span.clone(), message, right))
}
