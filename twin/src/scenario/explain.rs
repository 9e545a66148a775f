//! Turns errors of the RON reader into messages that a user can act on: at the value or field in
//! question, with what was found, what was expected and the nearest right name.

use super::error::Problem;
use super::nearest::{choices, list, nearest};
use super::scan::{Broken, Bytes, Kind, Node};
use super::slips;
use super::source::{Source, inside_some, opening};
use super::understand::Gone;
use ron::error::{Error, SpannedError};
use serde_path_to_error::{Path, Segment};

/// What is wrong with a text that the scanner could not read to its end, where the reader stopped at
/// `at`, or what is only seen from the slip that led there.
pub(super) fn explain_broken(source: &Source, broken: Broken, at: usize) -> Problem {
    let text = source.text();
    if let Some(slip) = slips::find(text, at.max(broken.place())) {
        return slip;
    }
    let opened = |at: usize| text[at..].chars().next().unwrap_or('(');
    match broken {
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
            "check which bracket is missing before it",
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
            format!("found `{}` after the {}'s end", opened(at), source.kind()),
            "remove it, or check whether a bracket before it is one too many",
        ),
    }
}

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

/// The byte at which the reader gave up.
pub(super) fn offset_of(text: &str, error: &SpannedError) -> usize {
    offset(text, error.span.start.line, error.span.start.col)
}

/// What the reader's error means, at the path that it was about.
pub(crate) fn explain(source: &Source, error: &SpannedError, path: &Path) -> Problem {
    let text = source.text();
    let at = offset_of(text, error);
    let place = Place::of(source, path);
    if place.node.kind == Kind::Text
        && let Some(slip) = slips::missing_quote(text, &place.node.span)
    {
        return slip;
    }
    if !Mistake::of(&error.code).is_of_meaning() {
        let slip = slips::find(text, at).or_else(|| comma_in_number(source.root(), text, at));
        if let Some(slip) = slip {
            return slip;
        }
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
            Problem::new(place.value_span(), format!("{}{message}", place.prefix()), help)
        }),
        code => wrong_kind(&place, code, at),
    }
}

/// A number with commas in it, as in `dc_kw: 9,5` or `annual_kwh: 210,000`, at this place of the text.
/// Three digits behind a comma are thousands, or a decimal comma: which of the two cannot be told.
pub(super) fn comma_in_number(node: &Node, text: &str, at: usize) -> Option<Problem> {
    let children = &node.children;
    for (i, first) in children.iter().enumerate() {
        if first.key.is_none() || first.value.kind != Kind::Number {
            continue;
        }
        let mut end = first.value.span.end;
        let mut groups = Vec::new();
        for next in &children[i + 1..] {
            let span = &next.value.span;
            let digits = text.get(span.clone()).filter(|t| t.chars().all(|c| c.is_ascii_digit()));
            let Some(digits) = digits.filter(|_| next.key.is_none()) else { break };
            if text.get(end..span.start) != Some(",") {
                break;
            }
            groups.push(digits);
            end = span.end;
        }
        let span = first.value.span.start..end;
        let here = first.value.span.end <= at && at <= end;
        if groups.is_empty() || !here {
            continue;
        }
        let whole = &text[first.value.span.clone()];
        let unsigned = whole.trim_start_matches(['-', '+']);
        let thousands = groups.iter().all(|group| group.len() == 3)
            && (1..=3).contains(&unsigned.len())
            && unsigned.chars().all(|c| c.is_ascii_digit())
            && !unsigned.starts_with('0');
        let decimal = format!("{whole}.{}", groups[0]);
        let help = match (thousands, &groups[..]) {
            (true, [_]) => {
                let plain = decimal.trim_end_matches('0');
                let plain =
                    if plain.ends_with('.') { format!("{plain}0") } else { plain.to_owned() };
                format!(
                    "a comma separates fields: write {whole}{}, or {plain} if it is a decimal comma",
                    groups[0]
                )
            }
            (true, _) => format!("a comma separates fields: write {whole}{}", groups.concat()),
            (false, [_]) => format!("a comma separates fields: write {decimal}"),
            (false, _) => "a comma separates fields: write the number without commas".to_owned(),
        };
        let message = format!("found `{}`, expected a number without a comma", &text[span.clone()]);
        return Some(Problem::new(span, message, help));
    }
    children.iter().find_map(|child| comma_in_number(&child.value, text, at))
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
        "from" if of_day && found.starts_with("\"24") => {
            ("a time of day", "write \"00:00\" for midnight")
        }
        "from" | "until" if of_day => ("a time of day", "write it as in \"18:30\""),
        "returns" | "leaves" => ("a time of day", "write it as in \"18:30\""),
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
                    format!("{}found {found}, expected a local date and time", place.prefix()),
                    format!("the day's end is the next day's beginning: write \"{next}T00:00\""),
                ));
            }
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
        Error::InvalidEscape(_) => backslash(place.source.text(), at, node),
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

/// A backslash that begins nothing in a text, as in a path of Windows.
fn backslash(text: &str, at: usize, node: &Node) -> Problem {
    let (span, found) = match node.kind {
        Kind::Text => (node.span.clone(), &text[node.span.clone()]),
        _ => (at..at + 1, "\\"),
    };
    let inner = found.trim_matches('"');
    let help = match inner.is_empty() || inner.contains('\n') {
        true => "write / or \\\\ for it".to_owned(),
        false => format!("write \"{}\", or each backslash twice", inner.replace('\\', "/")),
    };
    Problem::new(span, "found a backslash in quotes, which has a meaning of its own there", help)
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
