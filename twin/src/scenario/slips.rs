//! Slips that come from other formats and from editors: typographic quotes, `#` comments,
//! `days = 7`, single quotes, a quote that is missing, a comma too many; and a file of another kind.
//! They are looked for only in a text that could not be read: nothing is refused for them alone.

use super::error::Problem;
use super::scan::{Bytes, Kind, Node, Piece, comma_behind, pieces};
use super::source::{Source, opening};
use super::unquoted;

/// A file of another kind: a study given to `gridtwin run`, a scenario given to `gridtwin sweep`.
pub(super) fn of_another_kind(source: &Source) -> Option<Problem> {
    let (root, text) = (source.root(), source.text());
    if root.kind == Kind::Map {
        return Some(Problem::new(
            opening(root),
            format!("found `{{`, expected {}, which begins with `(`", named(source.kind())),
            "this looks like JSON, but gridtwin reads RON: `gridtwin new NAME` writes an example",
        ));
    }
    let has = |name: &str| root.field(name).is_some();
    let tag = root.field("site").and_then(|site| text.get(site.value.tag.clone()?));
    let kind = if has("minimise") || matches!(tag, Some("Island" | "Twin")) {
        "optimization"
    } else if has("axes") || (has("base") && !has("site")) {
        "study"
    } else if has("site") && (has("start") || has("days") || has("loads")) {
        "scenario"
    } else {
        return None;
    };
    let (what, command) = match kind {
        "optimization" => ("an optimisation", "optimize"),
        "study" => ("a study", "sweep"),
        _ => ("a scenario", "run"),
    };
    (kind != source.kind()).then(|| {
        let expected = named(source.kind());
        Problem::new(
            opening(root),
            format!("this is {what}, expected {expected}"),
            format!("run it with `gridtwin {command} {}`", source.name()),
        )
    })
}

/// A kind of file, with its article.
pub(super) fn named(kind: &str) -> &'static str {
    match kind {
        "optimization" => "an optimisation",
        "study" => "a study",
        _ => "a scenario",
    }
}

/// The first slip of a text, if it stands at or before `error`: what is behind is another matter.
pub(super) fn find(text: &str, error: usize) -> Option<Problem> {
    let mut pieces = pieces(text).into_iter();
    let first = pieces.find_map(|(piece, span)| match piece {
        Piece::Quoted => missing_quote(text, &span),
        Piece::Code => in_code(text, &span),
    });
    first.filter(|problem| problem.span.start <= error)
}

/// A text in quotes that goes on over lines which look like fields: its closing quote is missing.
pub(super) fn missing_quote(text: &str, span: &Bytes) -> Option<Problem> {
    let quoted = text.get(span.clone())?;
    let inner = quoted.strip_prefix('"')?;
    let (line, rest) = inner.split_once('\n')?;
    let looks_like_fields = rest.lines().any(|line| {
        let line = line.trim_start();
        let word = line.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(line.len());
        let field = word > 0 && line[word..].trim_start().starts_with(':');
        field || line.starts_with([')', ']', '(', '['])
    });
    if !looks_like_fields {
        return None;
    }
    let value = line.trim_end().trim_end_matches([',', ')', ']']).trim_end();
    Some(Problem::new(
        span.start..span.start + 1 + line.trim_end().len(),
        "found a text whose closing quote is missing: it continues on the next lines",
        format!("write the closing quote on the same line: \"{value}\""),
    ))
}

/// Everything in code that no RON has.
fn in_code(text: &str, span: &Bytes) -> Option<Problem> {
    let code = &text[span.clone()];
    code.char_indices().find_map(|(at, c)| {
        let here = span.start + at;
        let one = here..here + c.len_utf8();
        let behind = &text[one.end..];
        match c {
            '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' => {
                Some(typographic_quote(one, c, behind))
            }
            '#' if !behind.starts_with('!') => Some(Problem::new(
                one,
                "found `#`, expected a comment that begins with `//`",
                "write // before a comment",
            )),
            '=' => equals_sign(text, one),
            '\'' => single_quote(text, one),
            ';' => Some(Problem::new(
                one,
                "found `;`, expected a comma",
                "put commas between fields and between values, and // before a comment",
            )),
            '%' => per_cent(text, one),
            ',' | '(' | '[' => needless_comma(text, c, &one),
            '0'..='9' => unquoted::stamp(text, here),
            '\u{a0}' | '\u{202f}' | '\u{2007}' => Some(Problem::new(
                one,
                "found a non-breaking space, expected an ordinary space",
                "it probably came with copied text: type the space again",
            )),
            _ => None,
        }
    })
}

fn typographic_quote(span: Bytes, found: char, behind: &str) -> Problem {
    let quotes = ['“', '”', '„', '‟', '‘', '’', '‚', '«', '»', '"', '\n'];
    let inner = behind.split(quotes).next().unwrap_or_default();
    let help = match inner.is_empty() || inner.len() > 60 {
        true => "type the quotes again".to_owned(),
        false => format!("write \"{inner}\""),
    };
    Problem::new(
        span,
        format!("found the typographic quote {found}, expected a straight one (\")"),
        format!("{help}: a word processor or a web page has replaced the straight quotes"),
    )
}

fn equals_sign(text: &str, span: Bytes) -> Option<Problem> {
    let name = word_before(text, span.start)?;
    let value = text[span.end..].lines().next().unwrap_or_default();
    let value = value.split("//").next().unwrap_or_default().trim();
    let value = match value.contains(['(', '[', '{', '"']) {
        true => "..",
        false => value.split(',').next().unwrap_or_default().trim_end_matches([')', ']', '}']),
    };
    Some(Problem::new(
        span,
        format!("found `=` after `{name}`, expected a colon"),
        format!("write `{name}: {value}`"),
    ))
}

/// A text in single quotes, or a thousands' separator as the Swiss write it.
fn single_quote(text: &str, span: Bytes) -> Option<Problem> {
    let digits = |c: char| c.is_ascii_digit() || c == '\'';
    let before = text[..span.start].len() - text[..span.start].trim_end_matches(digits).len();
    let after = text[span.end..].find(|c| !digits(c)).unwrap_or(text.len() - span.end);
    if before > 0 && after > 0 {
        let number = span.start - before..span.end + after;
        let found = &text[number.clone()];
        return Some(Problem::new(
            number.clone(),
            format!("found `{found}`, expected a number without separators"),
            format!("write {}", found.replace('\'', "")),
        ));
    }
    let behind = &text[span.end..];
    let end = behind.find(['\'', '\n']).filter(|&end| behind[end..].starts_with('\''))?;
    let inner = &behind[..end];
    Some(Problem::new(
        span.start..span.end + end + 1,
        format!("found '{inner}', expected a text in double quotes"),
        format!("write \"{inner}\""),
    ))
}

fn per_cent(text: &str, span: Bytes) -> Option<Problem> {
    let before = text[..span.start].trim_end();
    let digits = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = before[digits.len()..].parse().ok()?;
    Some(Problem::new(
        digits.len()..span.end,
        format!("found `{}`, expected a plain number", &text[digits.len()..span.end]),
        format!("write a share as a number between 0 and 1: {}", number / 100.0),
    ))
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
                    "a comma separates fields: write {whole}{}, or {plain} if the comma marks decimals",
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

/// A comma behind a comma or behind an opening bracket: nothing stands between the two.
fn needless_comma(text: &str, found: char, span: &Bytes) -> Option<Problem> {
    let at = comma_behind(text, span.end)?;
    let message = match found {
        ',' => "found a second comma, expected a field or a value between the two".to_owned(),
        _ => format!("found a comma right after `{found}`, expected a field or a value"),
    };
    Some(Problem::new(at..at + 1, message, "remove this comma"))
}

/// The word that ends before a place, blanks apart.
fn word_before(text: &str, at: usize) -> Option<&str> {
    let before = text[..at].trim_end();
    let start = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
    (start < before.len()).then(|| &before[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, String, String) {
        let problem = find(text, text.len()).unwrap_or_else(|| panic!("nothing in {text}"));
        (text[problem.span].to_owned(), problem.message, problem.help)
    }

    #[test]
    fn slips_of_other_formats_are_told_with_what_to_write() {
        let rows = [
            ("(a: “b c”)", "“", "write \"b c\""),
            ("(a: ‘b’)", "‘", "write \"b\""),
            ("(days = 7,)", "=", "write `days: 7`"),
            ("(\n# a comment\n)", "#", "write // before"),
            ("(a: 'b c')", "'b c'", "write \"b c\""),
            ("(a: 210'000)", "210'000", "write 210000"),
            ("(a: 1; b: 2)", ";", "commas"),
            ("(a: 10 %)", "10 %", "0.1"),
            ("(a:\u{a0}1)", "\u{a0}", "type the space again"),
            ("(a: \"b,\n c: \"d\",\n)", "\"b,", "\"b\""),
            ("(a: 15,, b: 2)", ",", "remove this comma"),
            ("(a: [1, // one\n , 2])", ",", "remove this comma"),
            ("(, a: 15)", ",", "remove this comma"),
            ("(a: 2024-06-17)", "2024-06-17", "write \"2024-06-17\""),
        ];
        for (text, span, hint) in &rows {
            let (found, message, help) = told(text);
            assert_eq!(&found, span, "{text}: {message}");
            assert!(help.contains(hint), "{text}: {help}");
        }
    }

    #[test]
    fn what_stands_in_quotes_and_comments_is_no_slip() {
        let good = [
            "(a: \"“b” = # ; 'c' 5 %\")",
            "(a: 1) // days = 7, “x”; 'y'",
            "(/* # = */ a: r#\"=\"#)",
            "(a: \"two\nlines of prose, without fields\")",
            "#![enable(implicit_some)]\n(a: 'c')",
        ];
        for text in good {
            let found = find(text, text.len());
            let character = text.contains("'c')") && !text.contains('"');
            assert!(found.is_none() || character, "{text}: {found:?}");
        }
    }

    #[test]
    fn what_stands_behind_the_error_is_left_alone() {
        assert_eq!(find("(a: x, b = 2)", 4), None);
    }
}
