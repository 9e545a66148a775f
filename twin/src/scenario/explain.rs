//! What the RON reader says, said so that a user can act on it: at the value or field that is meant,
//! with what was found, what was expected and the nearest right name.

use super::error::Problem;
use super::nearest::{choices, list, nearest};
use super::scan::{Broken, Bytes, Kind, Node};
use super::source::{Source, inside_some, opening};
use ron::error::{Error, SpannedError};
use serde_path_to_error::{Path, Segment};

/// What is wrong with a text that the scanner could not read to its end.
pub(crate) fn explain_broken(source: &Source, broken: &Broken) -> Problem {
    let text = source.text();
    let opened = |at: usize| text[at..].chars().next().unwrap_or('(');
    match *broken {
        Broken::Unclosed(at) => {
            let bracket = opened(at);
            let what = match bracket {
                '(' | '[' | '{' => format!("`{bracket}` is never closed"),
                '/' => "this comment is never closed".to_owned(),
                _ => "this text in quotes is never closed".to_owned(),
            };
            Problem::new(
                at..at + bracket.len_utf8(),
                format!("{what}: the file ends on line {}", text.lines().count()),
                "close it, or if the file was cut off, copy it again",
            )
        }
        Broken::Mismatch(at, open) => Problem::new(
            at..at + 1,
            format!("found `{}`, which does not close `{}`", opened(at), opened(open)),
            "see which bracket is missing before it",
        ),
        Broken::NoValue(at) if text[at..].trim().is_empty() && source.root().span.is_empty() => {
            Problem::new(
                at..at,
                format!("found an empty file, expected a {}", source.kind()),
                "start from one that comes with gridtwin, or that `gridtwin new NAME` writes",
            )
        }
        Broken::NoValue(at) => {
            let found = opened(at);
            Problem::new(
                at..at + found.len_utf8(),
                format!("found `{}`, expected a value", found.escape_debug()),
                "a value is a number, a \"text\", a Name, a list [..] or fields in (..)",
            )
        }
        Broken::TooDeep(at) => Problem::new(
            at..at + 1,
            format!("found more than 64 brackets in one another, expected a {}", source.kind()),
            "no part of it is nested as deep as this",
        ),
        Broken::Trailing(at) => Problem::new(
            at..at + opened(at).len_utf8(),
            format!("found `{}` behind the {}'s end", opened(at), source.kind()),
            "take it out, or see which bracket before it is one too many",
        ),
    }
}

/// Whether the reader stumbled over what was said, and not over how it was written.
pub(crate) fn is_about_meaning(error: &Error) -> bool {
    use Error::{
        DuplicateStructField, IntegerOutOfBounds, Message, MissingStructField, NoSuchEnumVariant,
        NoSuchStructField,
    };
    matches!(
        error,
        NoSuchStructField { .. }
            | MissingStructField { .. }
            | DuplicateStructField { .. }
            | NoSuchEnumVariant { .. }
            | Message(_)
            | IntegerOutOfBounds
    )
}

/// What the reader's error means, at the path that it was about.
pub(crate) fn explain(source: &Source, error: &SpannedError, path: &Path) -> Problem {
    let text = source.text();
    let at = offset(text, error.span.start.line, error.span.start.col);
    let place = Place::of(source, path);
    if !is_about_meaning(&error.code)
        && let Some(span) = decimal_comma(source.root(), text, at)
    {
        let found = &text[span.clone()];
        let help = format!("write {}", found.replace(',', "."));
        return Problem::new(span, format!("found `{found}`, expected a point in a number"), help);
    }
    match &error.code {
        Error::NoSuchStructField { expected, found, .. } => {
            unknown_field(&place, expected, found, at)
        }
        Error::MissingStructField { field, .. } => {
            let help = format!("add `{field}: ..`");
            let message = format!(
                "{} lacks the field `{field}`",
                place.subject(&format!("the {}", source.kind()))
            );
            Problem::new(opening(place.node), message, help)
        }
        Error::DuplicateStructField { field, .. } => {
            let again = place.node.field(field).and_then(|child| child.key.clone());
            let span = again.map_or(at..at, |(_, span)| span);
            Problem::new(
                span,
                format!("found `{field}` a second time, expected it once"),
                "take one of the two out",
            )
        }
        Error::NoSuchEnumVariant { expected, found, .. } => {
            let span = place.node.tag.clone().unwrap_or_else(|| place.value_span());
            Problem::new(
                span,
                format!("{}found `{found}`, expected {}", place.prefix(), list(names(expected))),
                nearest(found, names(expected))
                    .map_or(String::new(), |name| format!("did you mean `{name}`?")),
            )
        }
        Error::Message(message) => no_time(&place).unwrap_or_else(|| {
            Problem::new(place.value_span(), format!("{}{message}", place.prefix()), "")
        }),
        code => wrong_kind(&place, code, at),
    }
}

/// A number with a comma for its point, as in `dc_kw: 9,5`, at this place of the text.
fn decimal_comma(node: &Node, text: &str, at: usize) -> Option<Bytes> {
    for pair in node.children.windows(2) {
        let [first, second] = pair else { continue };
        let (whole, rest) = (&first.value.span, &second.value.span);
        let numbers = first.value.kind == Kind::Number && second.value.kind == Kind::Number;
        let apart = text.get(whole.end..rest.start);
        let digits = text.get(rest.clone()).is_some_and(|t| t.chars().all(|c| c.is_ascii_digit()));
        let here = whole.end <= at && at <= rest.end;
        if first.key.is_some()
            && second.key.is_none()
            && numbers
            && apart == Some(",")
            && digits
            && here
        {
            return Some(whole.start..rest.end);
        }
    }
    node.children.iter().find_map(|child| decimal_comma(&child.value, text, at))
}

/// A text that is no date or no time of day, where the field wants one.
fn no_time(place: &Place) -> Option<Problem> {
    let name = place.name.as_deref()?;
    let found = place.source.snippet(&place.node.span);
    if place.node.kind != Kind::Text {
        return None;
    }
    let of_day = place.around.field("price_per_kwh").is_some();
    let (expected, help) = match name {
        "from" | "until" if of_day => ("a time of day", "write it as in \"18:30\""),
        "returns" | "leaves" => ("a time of day", "write it as in \"18:30\""),
        "start" | "from" | "until" | "at" => {
            let written = found.trim_matches('"');
            let (date, clock) = written.split_at(written.find(['T', ' ']).unwrap_or(written.len()));
            let parts: Vec<&str> = date.split('-').collect();
            let dated = parts.len() == 3
                && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
            let zoned = clock.contains(['Z', 'z', '+', '-', '[']);
            let help = match (dated, zoned) {
                (true, true) => {
                    "write 2024-06-01T08:30, without a zone: the clock is that of site.time_zone"
                }
                (true, false) => "that day or that time does not exist; write 2024-06-01T08:30",
                (false, _) => "write 2024-06-01T08:30: the year, the month, the day",
            };
            ("a local date and time", help)
        }
        _ => return None,
    };
    Some(Problem::new(
        place.value_span(),
        format!("{}found {found}, expected {expected}", place.prefix()),
        help,
    ))
}

fn names<'a>(expected: &'a [&'static str]) -> impl Iterator<Item = &'a str> + Clone {
    expected.iter().copied()
}

fn unknown_field(place: &Place, expected: &[&'static str], found: &str, at: usize) -> Problem {
    let child = place.node.field(found).or_else(|| place.around.field(found));
    let key = child.and_then(|child| child.key.clone());
    let stem = |name: &str| name.rsplit_once('_').map_or(name, |(stem, _)| stem).to_owned();
    let near = nearest(found, names(expected));
    let other_unit = near.filter(|near| *near != found && stem(near) == stem(found));
    let help = match other_unit {
        Some(near) => format!("did you mean `{near}`? The unit is part of the name"),
        None => choices("fields", found, names(expected)),
    };
    Problem::new(
        key.map_or(at..at + found.len(), |(_, span)| span),
        format!("found `{found}`, expected a field that exists"),
        help,
    )
}

/// A value of the wrong kind, or a slip of the pen.
fn wrong_kind(place: &Place, code: &Error, at: usize) -> Problem {
    let node = place.leaf_at(at);
    let found = place.source.snippet(&node.span);
    let prefix = place.prefix();
    let about = |expected: &str, help: &str| {
        let message = format!("{prefix}found `{found}`, expected {expected}");
        Problem::new(node.span.clone(), message, help)
    };
    let quoted = node.kind == Kind::Text;
    let united = node.kind == Kind::Number && found.contains(|c: char| c.is_alphabetic());
    match code {
        // What the reader leaves behind where it stops in the middle of a number.
        Error::ExpectedComma | Error::ExpectedFloat | Error::InvalidIntegerDigit { .. }
            if united =>
        {
            about("a plain number", "write the number alone: its unit is in the field's name")
        }
        Error::ExpectedComma if node.kind == Kind::Number && found.contains('.') => {
            about("a whole number", "take out what is behind the point")
        }
        Error::ExpectedComma => Problem::new(
            at..at + 1,
            format!("found `{}`, expected a comma before it", place.source.word_at(at)),
            "put a comma between two fields or values",
        ),
        Error::IntegerOutOfBounds if found.starts_with('-') => {
            about("a whole number of zero or above", "")
        }
        Error::IntegerOutOfBounds => about("a smaller whole number", ""),
        Error::ExpectedInteger | Error::ExpectedFloat if quoted => {
            about("a number", "take the quotes away")
        }
        Error::ExpectedInteger => about("a whole number", ""),
        Error::ExpectedFloat => about("a number", ""),
        Error::ExpectedBoolean => about("true or false", ""),
        Error::ExpectedString => about("a text in quotes", &format!("write \"{found}\"")),
        Error::ExpectedIdentifier if quoted => {
            let bare = found.trim_matches('"');
            about("a name without quotes", &format!("write {bare}"))
        }
        Error::ExpectedArray => about("a list", "write [..], even around a single item"),
        Error::ExpectedStructLike if node.tag.is_some() && node.open.is_none() => {
            about("its fields in parentheses", &format!("write {found}(..)"))
        }
        Error::ExpectedNamedStructLike(_)
        | Error::ExpectedStructLike
        | Error::ExpectedStructName(_) => {
            about("fields in parentheses", "write (field: value, ..)")
        }
        Error::ExpectedDifferentStructName { expected, found } => Problem::new(
            node.span.clone(),
            format!("{prefix}found `{found}`, expected `{expected}` or no name at all"),
            "take the name before the parenthesis away",
        ),
        Error::ExpectedDifferentLength { expected, found } => Problem::new(
            opening(node),
            format!("{prefix}found {found} values, expected {expected}"),
            "",
        ),
        Error::InvalidValueForType { expected, found } => Problem::new(
            node.span.clone(),
            format!("{prefix}found {found}, expected {expected}"),
            "",
        ),
        Error::ExpectedMapColon => Problem::new(
            at..at + 1,
            "found no colon behind a field's name".to_owned(),
            "write `field: value`",
        ),
        other => {
            let message = other.to_string();
            Problem::new(at..at + 1, format!("{prefix}{message}"), "")
        }
    }
}

/// What an error is about.
struct Place<'a> {
    source: &'a Source,
    /// The node of the path, as far as it exists.
    node: &'a Node,
    /// The one around it.
    around: &'a Node,
    /// The last name on the path.
    name: Option<String>,
}

impl<'a> Place<'a> {
    /// The node that a path leads to, as far as it can be followed.
    fn of(source: &'a Source, path: &Path) -> Self {
        let text = source.text();
        let root = inside_some(source.root(), text);
        let mut place = Self { source, node: root, around: root, name: None };
        for segment in path.iter() {
            let next = match segment {
                Segment::Seq { index } => place.node.children.get(*index),
                Segment::Map { key } => place.node.field(key),
                // A variant's fields are the value's own; its only content has no name.
                Segment::Enum { .. } => match &place.node.children[..] {
                    [only] if only.key.is_none() => Some(only),
                    _ => continue,
                },
                Segment::Unknown => None,
            };
            let Some(next) = next else { break };
            place.around = place.node;
            place.node = inside_some(&next.value, text);
            if let Some((key, _)) = &next.key {
                place.name = Some(key.clone());
            }
        }
        place
    }

    fn prefix(&self) -> String {
        self.name.as_ref().map_or(String::new(), |name| format!("`{name}`: "))
    }

    /// What to call the group of fields that this is.
    fn subject(&self, root: &str) -> String {
        let id = self.node.field("id").map(|id| self.source.snippet(&id.value.span));
        match (&self.name, id) {
            (None, _) => root.to_owned(),
            (Some(name), None) => format!("`{name}`"),
            (Some(name), Some(id)) => format!("{id} of `{name}`"),
        }
    }

    fn value_span(&self) -> Bytes {
        match self.node.kind {
            Kind::Group | Kind::List | Kind::Map => opening(self.node),
            _ => self.node.span.clone(),
        }
    }

    /// The smallest node around an offset, or the place's own.
    fn leaf_at(&self, at: usize) -> &'a Node {
        fn smallest(node: &Node, at: usize) -> &Node {
            let around = |span: &Bytes| span.start <= at && at <= span.end;
            let mut inner = node.children.iter().map(|child| &child.value);
            inner.find(|child| around(&child.span)).map_or(node, |child| smallest(child, at))
        }
        smallest(self.node, at)
    }
}

impl Source {
    /// What stands at a place, up to the next blank.
    fn word_at(&self, at: usize) -> &str {
        let rest = self.text().get(at..).unwrap_or_default();
        rest.split_whitespace().next().unwrap_or("the end")
    }

    /// A short piece of the text, on one line.
    fn snippet(&self, span: &Bytes) -> String {
        const LONGEST: usize = 32;
        let piece: String = self.text().get(span.clone()).map_or_else(String::new, |piece| {
            piece.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        match piece.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}..", &piece[..cut]),
            None => piece,
        }
    }
}

/// The byte of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(skip) => text.match_indices('\n').nth(skip).map_or(text.len(), |(at, _)| at + 1),
    };
    let mut columns = text[line_start..].char_indices();
    columns.nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| line_start + at)
}
