//! What was written without its quotes: dates, times of day, names and paths. Not quotes of another
//! kind, which are in `slips`.

use super::error::Problem;
use super::scan::Bytes;
use super::units::Id;

/// A date, a time of day or both, of which the first digit stands here.
pub(super) fn stamp(text: &str, at: usize) -> Option<Problem> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '+');
    if text[..at].ends_with(inside) {
        return None;
    }
    let first = word(text, at);
    let (date, clock) = first.split_once(['T', 't']).unwrap_or((first, ""));
    if let Some(time) = time(first) {
        let end = at + first.len();
        return Some(problem(text, at..end, "a time of day", &time));
    }
    let date = self::date(date)?;
    let next = at + first.len() + 1;
    let (clock, end) = match (clock, text[at + first.len()..].starts_with(' ')) {
        ("", true) if time(word(text, next)).is_some() => {
            (time(word(text, next)), next + word(text, next).len())
        }
        ("", _) => (None, at + first.len()),
        // A zone behind it is another matter, which is told when the quotes are there.
        (clock, _) => {
            let local = clock.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
            (time(local), at + first.len())
        }
    };
    let right = clock.map_or(date.clone(), |clock| format!("{date}T{clock}"));
    Some(problem(text, at..end, "a date", &right))
}

fn problem(text: &str, span: Bytes, what: &str, right: &str) -> Problem {
    let found = &text[span.clone()];
    let help = match right.contains('?') {
        true => "write the year, the month and the day, in quotes, as in \"2024-06-17\"".to_owned(),
        false => format!("write \"{right}\", in quotes"),
    };
    let message = format!("found {found} without quotes, expected {what} in quotes");
    Problem::new(span, message, help)
}

/// What stands here up to the next blank, comma or bracket, comments apart.
fn word(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-:./+".contains(c)));
    let word = &rest[..end.unwrap_or(rest.len())];
    &word[..word.find("//").unwrap_or(word.len())]
}

/// A date as scenarios have it; with question marks where the order of day and month is unknown.
fn date(word: &str) -> Option<String> {
    let mark = word.chars().find(|c| !c.is_ascii_digit()).filter(|c| "-./".contains(*c))?;
    let parts: Vec<&str> = word.split(mark).collect();
    let [a, b, c] = parts[..] else { return None };
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if a.len() == 4 && digits(a, 4) && digits(b, 2) && digits(c, 2) {
        return Some(format!("{a}-{b:0>2}-{c:0>2}"));
    }
    let last = c.len() == 4 && digits(c, 4) && digits(a, 2) && digits(b, 2);
    last.then(|| match mark {
        '.' => format!("{c}-{b:0>2}-{a:0>2}"),
        _ => "?".to_owned(),
    })
}

/// A time of day as scenarios have it: `5:30pm` is `17:30`.
fn time(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (lower.as_str(), None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let digits =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(digits) {
        return None;
    }
    let hour: u8 = parts[0].parse().ok()?;
    let hour = half.map_or(hour, |half| hour % 12 + half);
    let rest: Vec<String> = parts[1..].iter().map(|part| format!("{part:0>2}")).collect();
    Some(format!("{hour:02}:{}", rest.join(":")))
}

/// Whether a field of this name holds a date or a time of day.
pub(super) fn is_time(key: Option<&str>) -> bool {
    matches!(key, Some("start" | "starts" | "at" | "from" | "until" | "returns" | "leaves"))
}

/// What is expected, and what to write, for a plain number where a date or a time of day is wanted:
/// `22` is "22:00".
pub(super) fn time_instead_of(key: Option<&str>, number: &str) -> (&'static str, String) {
    let of_day = matches!(key, Some("from" | "until" | "returns" | "leaves"));
    match number.parse::<u8>() {
        Ok(hour @ 0..=24) if of_day => {
            ("a time of day in quotes", format!("write \"{hour:02}:00\""))
        }
        _ => (
            "a date, or a date and time, in quotes",
            "write \"2024-06-17\", or with a time, as in \"2024-06-17T08:30\"".to_owned(),
        ),
    }
}

/// A number with its unit behind it, as in `10 kW`, where the unit begins here.
pub(super) fn unit(text: &str, at: usize) -> Option<Problem> {
    let before = text.get(..at)?.trim_end();
    let start = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let rest = &text[at..];
    let end = rest.find([',', ')', ']', '\n']).unwrap_or(rest.len());
    let unit = rest[..end].trim_end();
    let named = text[..start].trim_end().ends_with([':', '(', '[', ',']);
    let is_unit = !unit.is_empty()
        && unit.chars().count() <= 12
        && !unit.contains([':', '"', '(', '['])
        && !unit.starts_with(|c: char| c.is_ascii_digit() || "-+./".contains(c))
        && start < before.len()
        && !text[before.len()..at].contains('\n');
    (named && is_unit).then(|| {
        let span = start..at + unit.len();
        let message = format!("found `{}`, expected a plain number", &text[span.clone()]);
        let number = &text[start..before.len()];
        Problem::new(span, message, format!("write {number}: units are in the fields' names"))
    })
}

/// Where a text without quotes begins here: all of it, and what to write. It goes on to the next
/// comma, bracket, quote, comment or line.
pub(super) fn bare(text: &str, at: usize, key: Option<&str>) -> Option<(Bytes, String)> {
    let rest = text.get(at..)?;
    let line = rest.lines().next().unwrap_or_default();
    let end = line.find([',', ')', ']', '}', '"', '(', '[', '{']).unwrap_or(line.len());
    let end = ["// ", "/*"].iter().filter_map(|mark| line.find(mark)).fold(end, usize::min);
    let found = line[..end].trim_end();
    if found.is_empty() {
        return None;
    }
    let right = match key {
        Some("id") => Id::instead_of(found).map(|id| id.to_string()),
        _ => None,
    };
    let right = right.unwrap_or_else(|| found.replace('\\', "/"));
    Some((at..at + found.len(), right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(String, String)> {
        let at = text.find(|c: char| c.is_ascii_digit())?;
        let problem = stamp(text, at)?;
        Some((text[problem.span].to_owned(), problem.help))
    }

    #[test]
    fn dates_and_times_without_quotes_are_told_with_their_quotes() {
        for (text, found, right) in [
            ("(start: 2024-06-17,", "2024-06-17", "\"2024-06-17\""),
            ("(start: 2024-6-7)", "2024-6-7", "\"2024-06-07\""),
            ("(start: 2024-06-17T08:30:00,", "2024-06-17T08:30:00", "\"2024-06-17T08:30:00\""),
            ("(start: 2024-06-17 08:30, a", "2024-06-17 08:30", "\"2024-06-17T08:30\""),
            ("(start: 17.06.2024, a", "17.06.2024", "\"2024-06-17\""),
            ("(start: 06/17/2024, a", "06/17/2024", "as in \"2024-06-17\""),
            ("(from: 17:00, a", "17:00", "\"17:00\""),
            ("(from: 7:00// early", "7:00", "\"07:00\""),
            ("(from: 5:30pm)", "5:30pm", "\"17:30\""),
        ] {
            let (span, help) = told(text).unwrap_or_else(|| panic!("nothing in {text}"));
            assert_eq!(span, found, "{text}");
            assert!(help.contains(right), "{text}: {help}");
        }
    }

    #[test]
    fn numbers_and_names_are_no_dates() {
        for text in ["(a: 2024)", "(a: 1.5e-3)", "(a: 2020-2024)", "(a: edge-1:2)", "(a: 0.25, b"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_with_its_unit_is_told_as_a_whole() {
        for (text, unit_at, found) in [
            ("(dc_kw: 10 kW, a: 1)", "kW", Some("10 kW")),
            ("(latitude_deg: 48.1°, a: 1)", "°", Some("48.1°")),
            ("(price_per_kwh: 0.32 EUR/kWh)", "EUR", Some("0.32 EUR/kWh")),
            ("(a: 12 b: 5)", "b", None),
            ("(a: 12\n b)", "b", None),
        ] {
            let problem = unit(text, text.find(unit_at).expect("a unit"));
            assert_eq!(problem.map(|problem| text[problem.span].to_owned()).as_deref(), found);
        }
        assert_eq!(time_instead_of(Some("from"), "6").1, "write \"06:00\"");
        assert!(time_instead_of(Some("start"), "2025").1.contains("\"2024-06-17T08:30\""));
    }

    #[test]
    fn a_name_without_quotes_is_taken_whole() {
        for (text, key, found, right) in [
            ("edge-1, b: 2", "from", "edge-1", "edge-1"),
            ("the hall)", "id", "the hall", "the-hall"),
            ("Europe/Berlin,", "time_zone", "Europe/Berlin", "Europe/Berlin"),
            ("C:\\data\\load.csv)", "path", "C:\\data\\load.csv", "C:/data/load.csv"),
            ("site // mine", "name", "site", "site"),
        ] {
            let (span, instead) = bare(text, 0, Some(key)).expect("a text");
            assert_eq!((&text[span], instead.as_str()), (found, right));
        }
        assert_eq!(bare(", a", 0, None), None);
    }
}
