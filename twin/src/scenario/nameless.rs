//! What is wrong where the reader wanted a name and found something else: a value without its field's
//! name, a name in quotes or with a dash, a number in the place of a choice.

use super::error::Problem;
use super::explain::{Place, names};
use super::nearest::{choices, list, nearest};
use super::understand::Known;

/// What stands where the reader wanted a field's name, or the name of a choice.
pub(super) fn explain(place: &Place, at: usize, known: Option<Known>) -> Problem {
    let (source, text) = (place.source, place.source.text());
    let node = place.leaf_at(at);
    let whole = node.span.start == at && !node.span.is_empty();
    let word = source.word_at(at).trim_end_matches([',', ')', ']', '}', ':']);
    // `capacity-kwh` and `multi-paxos` are no single word to the scanner.
    let dashed = word.find(|c: char| !(c.is_alphanumeric() || "_-.+".contains(c)));
    let dashed = &word[..dashed.unwrap_or(word.len())];
    let is_dashed = dashed.starts_with(char::is_alphabetic) && dashed.contains(['-', '.', '+']);
    let (span, found) = match (is_dashed, whole) {
        (true, _) => (at..at + dashed.len(), dashed.to_owned()),
        (_, true) if node.open.is_none() => (node.span.clone(), source.snippet(&node.span)),
        _ => {
            let first = text[at..].chars().next().map_or(0, char::len_utf8);
            (at..at + first, text[at..at + first].to_owned())
        }
    };
    let bare = found.trim_matches('"');
    let plain = bare.replace(['-', '.', '+', ' '], "_");
    match known {
        Some(Known::Variants(all)) => {
            let key = source.root().named_around(&(at..at)).and_then(|child| child.key.as_ref());
            let prefix = key.map_or_else(|| place.prefix(), |(name, _)| format!("`{name}`: "));
            let near = nearest(&plain.replace('_', ""), names(all)).or(nearest(bare, names(all)));
            let (expected, help) = match (found.starts_with('"'), near) {
                (true, Some(near)) => ("a name without quotes".to_owned(), format!("write {near}")),
                (_, Some(near)) => (list(names(all)), format!("write {near}")),
                _ => (list(names(all)), String::new()),
            };
            let message = format!("{prefix}found `{found}`, expected {expected}");
            Problem::new(span, message, help)
        }
        _ if found.starts_with('"') && text[span.end..].trim_start().starts_with(':') => {
            Problem::new(
                span,
                format!("found `{found}`, expected a field's name without quotes"),
                format!("write `{plain}: ..`"),
            )
        }
        _ if found == "(" => Problem::new(
            span,
            "found `(`, expected a field's name, or `)` before it",
            "write the field's name and a colon before its value, as in `site: (`; between two \
             entries of a list write `), (`",
        ),
        Some(Known::Fields(all)) if is_dashed => Problem::new(
            span,
            format!("there is no field `{found}`"),
            choices("fields", &plain, names(all)),
        ),
        Some(Known::Fields(all)) => {
            let field = match all {
                [only] => Some(*only),
                _ => all.iter().copied().find(|name| *name == "path" && found.starts_with('"')),
            };
            let help = match field {
                Some(field) => format!("write `{field}: {found}`"),
                None => choices("fields", "", names(all)),
            };
            let message = format!("found `{found}`, expected a field's name and a colon before it");
            Problem::new(span, message, help)
        }
        None => Problem::new(
            span,
            format!("{}found `{found}`, expected a name without quotes", place.prefix()),
            format!("write {plain}"),
        ),
    }
}
