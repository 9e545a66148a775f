//! Turns errors of the RON reader into messages that a user can act on: at the value or field in
//! question, with what was found, what was expected and the nearest right name.

use super::brackets;
use super::error::Problem;
use super::nameless;
use super::nearest::{choices, list, nearest};
use super::positions;
use super::scan::{Broken, Bytes, Kind, Node};
use super::slips;
use super::source::{Source, inside_some, opening};
use super::understand::{Gone, Known};
use super::unquoted;
use ron::error::{Error, SpannedError};
use serde_path_to_error::{Path, Segment};

/// A kind of mistake, as far as it matters for what else is looked for.
pub(super) enum Mistake<'a> {
    /// A field that is missing.
    Lacking(&'a str),
    /// A list that is too short or too long.
    Length,
    /// Another about what is said, not how it is written: a name, a number, a doubled field.
    Meaning,
    /// A value of the wrong kind, as in `"120"` for 120.
    WrongKind,
    /// About how it is written: a comma that is missing. What is behind it cannot be judged.
    Writing,
}

impl<'a> Mistake<'a> {
    /// The kind of the reader's error.
    pub(super) fn of(error: &'a Error) -> Self {
        match error {
            Error::MissingStructField { field, .. } => Self::Lacking(field),
            Error::ExpectedDifferentLength { .. } => Self::Length,
            Error::Message(message) if message.contains("of length") => Self::Length,
            Error::NoSuchStructField { .. }
            | Error::DuplicateStructField { .. }
            | Error::NoSuchEnumVariant { .. }
            | Error::Message(_)
            | Error::IntegerOutOfBounds => Self::Meaning,
            Error::ExpectedInteger
            | Error::ExpectedFloat
            | Error::ExpectedBoolean
            | Error::ExpectedString
            | Error::ExpectedArray
            | Error::InvalidValueForType { .. } => Self::WrongKind,
            _ => Self::Writing,
        }
    }

    /// Whether the reader stumbled over what was said, and not over how it was written.
    pub(super) fn is_of_meaning(&self) -> bool {
        !matches!(self, Self::WrongKind | Self::Writing)
    }

    /// Whether what is behind it can be read without it.
    pub(super) fn can_go_on(&self) -> bool {
        !matches!(self, Self::Writing)
    }

    /// Whether it is there only because something was blanked out.
    pub(super) fn follows_from(&self, gone: &Gone, span: &Bytes, source: &Source) -> bool {
        let within = || {
            opened_at(source.root(), span)
                .is_some_and(|node| node.start <= gone.span.start && gone.span.end <= node.end)
        };
        match self {
            // A field that is there under a misspelt name is not missing besides.
            Self::Lacking(field) => {
                gone.key.as_deref().is_some_and(|key| nearest(key, [*field]).is_some() && within())
            }
            Self::Length => gone.key.is_none() && within(),
            _ => false,
        }
    }
}

/// All of the group or list whose opening this is.
fn opened_at(node: &Node, span: &Bytes) -> Option<Bytes> {
    if node.open.is_some() && opening(node) == *span {
        return Some(node.span.clone());
    }
    node.children.iter().find_map(|child| opened_at(&child.value, span))
}

/// The byte from which on the reader could not go on.
pub(super) fn offset_of(text: &str, error: &SpannedError) -> usize {
    offset(text, error.span.start.line, error.span.start.col)
}

/// The byte that the reader had come to, blanks left behind.
pub(super) fn stopped_at(text: &str, error: &SpannedError) -> usize {
    offset(text, error.span.end.line, error.span.end.col)
}

/// What is known of a text besides the reader's error.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints {
    /// Why the scanner gave up.
    pub(super) broken: Option<Broken>,
    /// The names that the reader would take where it found none.
    pub(super) known: Option<Known>,
}

/// What the reader's error means, at the path that it was about.
pub(super) fn explain(source: &Source, error: &SpannedError, path: &Path, hints: Hints) -> Problem {
    let text = source.text();
    let at = offset_of(text, error);
    let stopped = stopped_at(text, error);
    let place = Place::of(source, path);
    if place.node.kind == Kind::Text
        && let Some(slip) = slips::missing_quote(text, &place.node.span)
    {
        return slip;
    }
    if !Mistake::of(&error.code).is_of_meaning() {
        let slip =
            slips::find(text, at).or_else(|| slips::comma_in_number(source.root(), text, at));
        if let Some(slip) = slip {
            return slip;
        }
    }
    if !matches!(error.code, Error::Message(_))
        && let Some(problem) = positions::explain(source, &(stopped..stopped))
    {
        return problem;
    }
    match &error.code {
        Error::NoSuchStructField { expected, found, .. } => {
            unknown_field(&place, expected, found, at, hints.broken)
        }
        Error::MissingStructField { field, .. } => {
            let help = format!("add `{field}: ..`");
            let message =
                format!("{} has no `{field}`", place.subject(&format!("the {}", source.kind())));
            Problem::new(opening(place.node), message, help)
        }
        Error::DuplicateStructField { field, .. } => {
            let again = place.node.field(field).and_then(|child| child.key.clone());
            let span = again.map_or(at..at, |(_, span)| span);
            Problem::new(
                span,
                format!("found `{field}` a second time, expected it once"),
                "remove one of the two",
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
            // What to do stands behind the last semicolon.
            let (message, help) = message.rsplit_once("; ").unwrap_or((message.as_str(), ""));
            let span = place.value_span();
            // A number that is too large to be read is shown as it is written.
            let endless = ["found inf,", "found -inf,"];
            let message = match endless.iter().find_map(|found| message.strip_prefix(*found)) {
                Some(rest) => format!("found {},{rest}", place.source.snippet(&span)),
                None => message.to_owned(),
            };
            Problem::new(span, format!("{}{message}", place.prefix()), help)
        }),
        Error::ExpectedIdentifier | Error::SuggestRawIdentifier(_) => {
            brackets::parentheses(source, &error.code, stopped)
                .unwrap_or_else(|| nameless::explain(&place, stopped, hints.known))
        }
        code => brackets::parentheses(source, code, stopped)
            .unwrap_or_else(|| wrong_kind(&place, code, at)),
    }
}

/// What a field for a moment wants.
const DATE: &str = "a date, or a date and time, in local time";

/// A text that is no date or no time of day, where the field wants one.
fn no_time(place: &Place) -> Option<Problem> {
    let name = place.name.as_deref()?;
    let found = place.source.snippet(&place.node.span);
    if place.node.kind != Kind::Text {
        return None;
    }
    let of_day = place.around.field("price_per_kwh").is_some();
    let (expected, help) = match name {
        "from" if of_day && found.starts_with("\"24") => {
            ("a time of day", "write \"00:00\" for midnight")
        }
        "from" | "until" if of_day => ("a time of day", "write hours and minutes, as in \"18:30\""),
        "returns" | "leaves" => ("a time of day", "write hours and minutes, as in \"18:30\""),
        "start" | "from" | "until" | "at" => {
            let written = found.trim_matches('"');
            let (date, clock) = written.split_at(written.find(['T', ' ']).unwrap_or(written.len()));
            let parts: Vec<&str> = date.split('-').collect();
            let dated = parts.len() == 3
                && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
            let zoned = clock.contains(['Z', 'z', '+', '-', '[']);
            let midnight = clock.starts_with("T24") || clock.starts_with(" 24");
            let next = date.parse::<jiff::civil::Date>().and_then(|day| day.tomorrow());
            if let (true, Ok(next)) = (midnight, next) {
                return Some(Problem::new(
                    place.value_span(),
                    format!("{}found {found}, expected {DATE}", place.prefix()),
                    format!("a day ends at 00:00 of the next day: write \"{next}T00:00\""),
                ));
            }
            let in_form = parts.iter().map(|part| part.len()).eq([4, 2, 2]);
            let help = match (dated, zoned) {
                (true, true) => {
                    "leave out the zone, as in \"2024-06-01T08:30\": it is the site's local time"
                }
                (true, false) if parts[0].len() != 4 => {
                    "write the year first, then the month and the day, as in \"2024-06-01T08:30\""
                }
                (true, false) if in_form && date.parse::<jiff::civil::Date>().is_err() => {
                    "there is no such day: check the month and the day"
                }
                (true, false) => {
                    "this day or time does not exist; write one as in \"2024-06-01T08:30\""
                }
                (false, _) => {
                    "write the year, the month and the day, as in \"2024-06-01\", or with a time, \
                     as in \"2024-06-01T08:30\""
                }
            };
            (DATE, help)
        }
        _ => return None,
    };
    Some(Problem::new(
        place.value_span(),
        format!("{}found {found}, expected {expected}", place.prefix()),
        help,
    ))
}

pub(super) fn names<'a>(expected: &'a [&'static str]) -> impl Iterator<Item = &'a str> + Clone {
    expected.iter().copied()
}

fn unknown_field(
    place: &Place,
    expected: &[&'static str],
    found: &str,
    at: usize,
    broken: Option<Broken>,
) -> Problem {
    let child = place.node.field(found).or_else(|| place.around.field(found));
    let key = child.and_then(|child| child.key.clone());
    let stem = |name: &str| name.rsplit_once('_').map_or(name, |(stem, _)| stem).to_owned();
    let near = nearest(found, names(expected));
    let other_unit = near.filter(|near| *near != found && stem(near) == stem(found));
    let help = match other_unit {
        Some(near) => format!("did you mean `{near}`? The unit is part of the name"),
        None => match broken.filter(|_| near.is_none()) {
            Some(Broken::Unclosed(_)) => {
                format!("check whether a bracket before `{found}` is never closed")
            }
            Some(Broken::Trailing(_) | Broken::Mismatch(..)) => {
                format!("check whether a bracket before `{found}` is closed too early")
            }
            _ => choices("fields", found, names(expected)),
        },
    };
    Problem::new(
        key.map_or(at..at + found.len(), |(_, span)| span),
        format!("there is no field `{found}`"),
        help,
    )
}

/// A value of the wrong kind, or a slip of the pen.
fn wrong_kind(place: &Place, code: &Error, at: usize) -> Problem {
    let node = place.leaf_at(at);
    let found = place.source.snippet(&node.span);
    // The path ends before a value of which only the beginning was read, as of 12.5 for a count.
    let key = place.source.root().named_around(&node.span).and_then(|child| child.key.as_ref());
    let key = key.map(|(name, _)| name.as_str()).filter(|_| node.open.is_none());
    let prefix = key.map_or_else(|| place.prefix(), |name| format!("`{name}`: "));
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
            about("a whole number", "remove the decimal point and the digits after it")
        }
        Error::InvalidIntegerDigit { .. } => about("a whole number", ""),
        Error::ExpectedComma => unquoted::unit(place.source.text(), at).unwrap_or_else(|| {
            Problem::new(
                at..at + 1,
                format!("found `{}`, expected a comma before it", place.source.word_at(at)),
                "put a comma between two fields or values",
            )
        }),
        Error::IntegerOutOfBounds if found.starts_with('-') => {
            about("a whole number without a minus sign", "")
        }
        Error::IntegerOutOfBounds => about("a smaller whole number", ""),
        Error::ExpectedInteger | Error::ExpectedFloat if quoted => {
            about("a number", "remove the quotes")
        }
        Error::ExpectedInteger => about("a whole number", ""),
        Error::ExpectedFloat => about("a number", ""),
        Error::ExpectedBoolean => about("true or false", ""),
        Error::ExpectedString if node.kind == Kind::Number && unquoted::is_time(key) => {
            let (expected, help) = unquoted::time_instead_of(key, &found);
            about(expected, &help)
        }
        Error::ExpectedString => match unquoted::bare(place.source.text(), node.span.start, key) {
            Some((span, right)) if node.open.is_none() => {
                let found = place.source.snippet(&span);
                let message = format!("{prefix}found `{found}`, expected a text in quotes");
                let why = match key {
                    Some("id") if found.contains(' ') => "an id has no spaces: ",
                    _ => "",
                };
                Problem::new(span, message, format!("{why}write \"{right}\""))
            }
            _ => about("a text in quotes", &format!("write \"{found}\"")),
        },
        Error::ExpectedArray => about("a list", "write [..], even around a single item"),
        Error::ExpectedStructLike if node.tag.is_some() && node.open.is_none() => {
            about("its fields in parentheses", &format!("write {found}(..)"))
        }
        Error::ExpectedNamedStructLike(_)
        | Error::ExpectedStructLike
        | Error::ExpectedStructName(_) => {
            about("fields in parentheses", "write (field: value, ..)")
        }
        Error::ExpectedDifferentStructName { .. } if node.open.is_none() => {
            about("fields in parentheses", "write (field: value, ..)")
        }
        Error::ExpectedDifferentStructName { expected, found } => Problem::new(
            node.span.clone(),
            format!("{prefix}found `{found}`, expected `{expected}` or no name at all"),
            "remove the name before the parenthesis",
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
        Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => Problem::new(
            at..at + 1,
            format!("{prefix}found `{}`, expected `)` before it", place.source.word_at(at)),
            "close the parenthesis, or remove what does not belong in it",
        ),
        Error::FloatUnderscore | Error::UnderscoreAtBeginning => about("a plain number", ""),
        Error::InvalidEscape(_) => backslash(place.source.text(), at, node),
        Error::ExpectedMapColon => Problem::new(
            at..at + 1,
            "found no colon after a field's name".to_owned(),
            "write `field: value`",
        ),
        other => {
            let message = other.to_string();
            Problem::new(at..at + 1, format!("{prefix}{message}"), "")
        }
    }
}

/// A backslash that begins nothing in a text, as in a path of Windows.
fn backslash(text: &str, at: usize, node: &Node) -> Problem {
    let (span, found) = match node.kind {
        Kind::Text => (node.span.clone(), &text[node.span.clone()]),
        _ => (at..at + 1, "\\"),
    };
    let inner = found.trim_matches('"');
    let help = match inner.is_empty() || inner.contains('\n') {
        true => "write / or \\\\ instead".to_owned(),
        false => format!("write \"{}\", or double each backslash", inner.replace('\\', "/")),
    };
    Problem::new(span, "found a backslash in quotes, where it has a special meaning", help)
}

/// What an error is about.
pub(super) struct Place<'a> {
    pub(super) source: &'a Source,
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

    pub(super) fn prefix(&self) -> String {
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
    pub(super) fn leaf_at(&self, at: usize) -> &'a Node {
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
    pub(super) fn word_at(&self, at: usize) -> &str {
        let rest = self.text().get(at..).unwrap_or_default();
        rest.split_whitespace().next().unwrap_or("the end")
    }

    /// A short piece of the text, on one line.
    pub(super) fn snippet(&self, span: &Bytes) -> String {
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
