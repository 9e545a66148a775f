//! Brackets that do not fit together: one that is never closed, closed by another kind or once too
//! often, and parentheses once where twice are wanted. Not what stands in them.

use super::error::Problem;
use super::explain::Mistake;
use super::scan::{Broken, Kind, Node, Piece, pieces};
use super::slips;
use super::source::Source;
use super::unquoted;
use ron::error::Error;

/// Whether brackets are to blame for an error at which the reader stopped at this byte, and not what
/// the reader stumbled over.
pub(super) fn are_to_blame(source: &Source, broken: Broken, error: &Error, stopped: usize) -> bool {
    let of_meaning = Mistake::of(error).is_of_meaning();
    match broken {
        Broken::NoValue(at) | Broken::Mismatch(at, _) => !of_meaning && stopped >= at,
        Broken::FieldInList(at, open) => stopped >= at || stopped == open,
        // What follows is read as if it were inside, or as if it were not there.
        Broken::Unclosed(_) => {
            !of_meaning || outdented(source.text()).is_some_and(|(open, _)| open < stopped)
        }
        Broken::Trailing(at) => {
            !of_meaning || (matches!(error, Error::MissingStructField { .. }) && stopped <= at + 1)
        }
        Broken::TooDeep(_) => !of_meaning,
    }
}

/// What is wrong with a text that the scanner could not read to its end, where the reader stopped at
/// `at`, or what is only seen from the slip that led there.
pub(super) fn explain_broken(source: &Source, broken: Broken, at: usize) -> Problem {
    let text = source.text();
    if let Some(slip) = slips::find(text, at.max(broken.place())) {
        return slip;
    }
    let opened = |at: usize| text[at..].chars().next().unwrap_or('(');
    match broken {
        Broken::Unclosed(at) => unclosed(source, at),
        Broken::Mismatch(at, open) => Problem::new(
            at..at + 1,
            format!("found `{}`, which does not close {}", opened(at), called(source, open)),
            format!(
                "write `{}` before it, or remove this bracket if there is one too many",
                closing(opened(open))
            ),
        ),
        Broken::NoValue(at) if text[at..].trim().is_empty() && source.root().span.is_empty() => {
            Problem::new(
                at..at,
                format!("found an empty file, expected {}", slips::named(source.kind())),
                "copy an example of gridtwin, or write a new scenario with `gridtwin new NAME`",
            )
        }
        Broken::NoValue(at) => no_value(text, at),
        Broken::TooDeep(at) => Problem::new(
            at..at + 1,
            format!(
                "found brackets nested more than 64 deep, expected {}",
                slips::named(source.kind())
            ),
            "no valid file is nested this deeply: check for opening brackets that are never closed",
        ),
        Broken::Trailing(at) => trailing(source, at),
        Broken::FieldInList(at, open) => field_in_list(source, at, open),
    }
}

fn unclosed(source: &Source, at: usize) -> Problem {
    let text = source.text();
    let bracket = text[at..].chars().next().unwrap_or('(');
    if "([{".contains(bracket)
        && let Some((open, next)) = outdented(text)
    {
        let line = line_of(text, next);
        return Problem::new(
            open..open + 1,
            format!(
                "{} is never closed: judging by its indentation, line {line} is outside the bracket",
                called(source, open)
            ),
            format!(
                "write `{}` before line {line}",
                closing(text[open..].chars().next().unwrap_or('('))
            ),
        );
    }
    let what = match bracket {
        '(' | '[' | '{' => format!("`{bracket}` is never closed"),
        '/' => "this comment is never closed".to_owned(),
        _ => "this text in quotes is never closed".to_owned(),
    };
    Problem::new(
        at..at + bracket.len_utf8(),
        format!("{what}: the file ends on line {}", text.lines().count()),
        "close it; if the file was cut off, copy the whole file again",
    )
}

fn no_value(text: &str, at: usize) -> Problem {
    let found = text[at..].chars().next().unwrap_or('(');
    let span = at..at + found.len_utf8();
    let before = text[..at].trim_end();
    let name = before.strip_suffix(':').map(str::trim_end).and_then(|name| {
        let start = name.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        Some(&name[start..]).filter(|name| !name.is_empty())
    });
    if let Some(problem) = unquoted::unit(text, at) {
        return problem;
    }
    // The field behind one without a value: `grid:` and then its fields, without a parenthesis.
    let field = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    let valueless = field.trim_end().strip_suffix(':').and_then(|name| {
        let start = name.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        Some(&name[start..]).filter(|name| found == ':' && !name.is_empty())
    });
    if let Some(name) = valueless {
        let next = &before[field.len()..];
        return Problem::new(
            field.len()..before.len(),
            format!("`{name}`: found the field `{next}`, expected a value"),
            format!(
                "write a value after `{name}:`, or put its fields in (..): `{name}: ({next}: ..)`"
            ),
        );
    }
    match name {
        Some(name) if !found.is_ascii() => {
            let (span, right) = unquoted::bare(text, at, None).unwrap_or((span, found.to_string()));
            let message = format!("`{name}`: found `{}`, expected a value", &text[span.clone()]);
            Problem::new(span, message, format!("put text in quotes: write \"{right}\""))
        }
        Some(name) if ",)]}".contains(found) => Problem::new(
            span,
            format!("`{name}`: found `{found}`, expected a value before it"),
            format!("write `{name}: VALUE`, or remove `{name}:`"),
        ),
        _ => Problem::new(
            span,
            format!("found `{}`, expected a value", found.escape_debug()),
            "write a number, a \"text\", a name such as Local, a list [..] or fields in (..)",
        ),
    }
}

fn trailing(source: &Source, at: usize) -> Problem {
    let text = source.text();
    let found = text[at..].chars().next().unwrap_or(' ');
    let word = text[at..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0);
    let goes_on = found == ',' || (word > 0 && text[at + word..].trim_start().starts_with(':'));
    let first = source.root().span.clone();
    if found == ':' && source.root().open.is_none() {
        let name = &text[first.clone()];
        return Problem::new(
            first,
            format!("found the field `{name}`, expected `(` before the first field"),
            format!("{} begins with `(` and ends with `)`", slips::named(source.kind())),
        );
    }
    let end = first.end;
    if goes_on && source.root().open.is_some() && end > 0 {
        return Problem::new(
            end - 1..end,
            format!(
                "this `{}` ends the {}, but more of it follows on line {}",
                &text[end - 1..end],
                source.kind(),
                line_of(
                    text,
                    at + blanks(text[at..].trim_start_matches(',')) + usize::from(found == ',')
                )
            ),
            "there is a closing bracket too many: remove this one or an earlier one",
        );
    }
    Problem::new(
        at..at + found.len_utf8(),
        format!("found `{found}` after the {}'s end", source.kind()),
        "remove this text, or an extra closing bracket before it",
    )
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn field_in_list(source: &Source, at: usize, open: usize) -> Problem {
    let text = source.text();
    let name = text[at..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
    let name = &text[at..at + name.unwrap_or_default()];
    let first = text[open + 1..at].trim().is_empty();
    if first {
        return Problem::new(
            open..open + 1,
            format!("found `[` before the field `{name}`, expected `(`"),
            format!("put fields in (..): write ({name}: .., ..), or [({name}: .., ..)] for a list"),
        );
    }
    let line = line_of(text, at);
    Problem::new(
        open..open + 1,
        format!(
            "{} is never closed: the field `{name}` follows on line {line}",
            called(source, open)
        ),
        format!("write `]` before `{name}`"),
    )
}

/// What to call an opening bracket: by the field that it belongs to, or by its line.
fn called(source: &Source, open: usize) -> String {
    fn owner(node: &Node, open: usize) -> Option<&str> {
        node.children.iter().find_map(|child| match (&child.key, child.value.open) {
            (Some((name, _)), Some(at)) if at == open => Some(name.as_str()),
            _ => owner(&child.value, open),
        })
    }
    let text = source.text();
    let bracket = &text[open..open + 1];
    match owner(source.root(), open) {
        Some(name) => format!("`{bracket}` of `{name}`"),
        None => format!("`{bracket}` on line {}", line_of(text, open)),
    }
}

fn closing(bracket: char) -> char {
    match bracket {
        '[' => ']',
        '{' => '}',
        _ => ')',
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

/// The innermost bracket within which a line begins no further in than the line that opened it: both
/// places. The text's indentation says where a bracket was to end that nothing closes.
fn outdented(text: &str) -> Option<(usize, usize)> {
    let indent = |at: usize| {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &text[start..];
        (start, line.len() - line.trim_start().len())
    };
    let mut open: Vec<usize> = Vec::new();
    for (piece, span) in pieces(text) {
        let tokens = text[span.clone()].char_indices().filter(|(_, c)| !c.is_whitespace());
        for (i, c) in tokens.take(if piece == Piece::Quoted { 1 } else { usize::MAX }) {
            let at = span.start + i;
            let (line, own) = indent(at);
            if let Some(&top) = open.last()
                && line + own == at
            {
                let (its_line, its) = indent(top);
                let closes = matches!(c, ')' | ']' | '}');
                let out = own < its || (own == its && !closes);
                match open.len() {
                    // A text without indentation says nothing.
                    1 if out => return None,
                    2.. if out && its_line < line => return Some((top, at)),
                    _ => {}
                }
            }
            match c {
                '(' | '[' | '{' if piece == Piece::Code => open.push(at),
                ')' | ']' | '}' if piece == Piece::Code => _ = open.pop(),
                _ => {}
            }
        }
    }
    None
}

/// One pair of parentheses where two are wanted, or two where one is: `Csv((path: ..))` in a scenario,
/// `site: Twin(base: ..)` in an optimisation; at the byte where the reader stopped.
pub(super) fn parentheses(source: &Source, error: &Error, stopped: usize) -> Option<Problem> {
    let text = source.text();
    let node = tagged_around(source.root(), stopped)?;
    let tag = text.get(node.tag.clone()?)?;
    let first = node.children.first()?;
    let inner = &first.value;
    let doubled = node.children.len() == 1
        && first.key.is_none()
        && inner.kind == Kind::Group
        && inner.tag.is_none()
        && inner.span.start == stopped;
    if doubled {
        let whole = source.snippet(&inner.span);
        let key = inner.children.first().and_then(|child| child.key.as_ref());
        let right = match (whole.ends_with(')'), key) {
            (false, Some((key, _))) => format!("({key}: ..)"),
            _ => whole,
        };
        return Some(Problem::new(
            inner.span.start..inner.span.start + 1,
            format!("found a second `(` in `{tag}((..))`, expected one pair of parentheses"),
            format!("write {tag}{right}"),
        ));
    }
    let key = &first.key.as_ref()?.0;
    let single = source.kind() != "scenario"
        && match error {
            Error::ExpectedDifferentStructName { found, .. } => found == key,
            Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_) => true,
            _ => false,
        };
    single.then(|| {
        Problem::new(
            node.tag.clone().unwrap_or_default(),
            format!("found `{tag}(..)`, expected two pairs of parentheses"),
            format!("write {tag}(({key}: .., ..)), with both pairs"),
        )
    })
}

/// The innermost group with a name before its parenthesis around a place.
fn tagged_around(node: &Node, at: usize) -> Option<&Node> {
    let inner = node.children.iter().map(|child| &child.value);
    let inner = inner.filter(|child| child.span.start <= at && at <= child.span.end);
    let inner = inner.filter_map(|child| tagged_around(child, at)).next();
    let own = node.tag.is_some() && node.open.is_some_and(|open| open < at);
    inner.or_else(|| own.then_some(node))
}

#[cfg(test)]
mod tests {
    use super::super::Scenario;

    fn told(text: &str) -> String {
        let read = Scenario::parse(text, "x.ron");
        read.map(|_| ()).expect_err(text).to_string()
    }

    #[test]
    fn what_goes_on_behind_the_end_is_told_whatever_its_letters() {
        for (text, line) in [("(name: \"a\"),\ndays: 7)", 2), ("(name: \"a\")\n\n\u{e9}: 7)", 3)] {
            let told = told(text);
            assert!(told.starts_with("x.ron:1:11: this `)` ends the scenario"), "{told}");
            assert!(told.contains(&format!("follows on line {line}")), "{told}");
        }
    }

    #[test]
    fn indentation_tells_which_bracket_is_not_closed() {
        let told =
            told("(\n    grid: (\n        carbon: (\n            a: 1,\n    ),\n    days: 7,\n)\n");
        assert!(told.starts_with("x.ron:3:17: `(` of `carbon` is never closed"), "{told}");
        assert!(told.contains("write `)` before line 5"), "{told}");
    }
}
