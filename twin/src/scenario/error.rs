//! Errors of a scenario, as messages to the user: the place, what was found, what was expected, what to
//! do.

use super::scan::Bytes;
use super::source::{Location, Source};
use std::fmt;
use std::path::PathBuf;

/// How many problems are shown.
const SHOWN: usize = 10;
/// How many of them with their line of the file.
const WITH_LINE: usize = 4;
/// How much of a long line is shown, in characters.
const LINE_WIDTH: usize = 96;

/// How much of a word or of a piece in quotes is echoed, in characters.
const TOKEN: usize = 80;
/// The same of a path, and the most of a whole message.
const PATH: usize = 4096;

/// Why there is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file could not be read.
    #[error("{}: {reason}; {help}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        help: String,
    },
    /// The file's content is not a scenario.
    #[error("{0}")]
    Invalid(Problems),
}

/// What is wrong in one file; displayed, one screen at most.
#[derive(Debug)]
pub struct Problems {
    source: Source,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) span: Bytes,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problem {
    pub(crate) fn new(span: Bytes, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: cut(message.into()), help: cut(help.into()) }
    }
}

/// A message of which no word and no piece in quotes is longer than a line: what a file holds may be
/// of any length. Paths are left whole.
pub(super) fn cut(message: String) -> String {
    if message.len() <= TOKEN {
        return message;
    }
    let mut words = String::new();
    for word in message.split_inclusive(' ') {
        let most = if word.contains(['/', '\\']) { PATH } else { TOKEN };
        match word.char_indices().nth(most) {
            Some((at, _)) => {
                let kept = word[..at].trim_end();
                let behind = word.trim_end().trim_end_matches(|c| !"`\"',;:)".contains(c)).len();
                let marks = word.trim_end_matches(|c| "`\"',;:) ".contains(c)).len();
                words += kept;
                words += "..";
                words += if behind > marks { &word[marks..] } else { " " };
            }
            None => words += word,
        }
    }
    let mut quoted = String::new();
    for (i, piece) in words.split('`').enumerate() {
        if i > 0 {
            quoted.push('`');
        }
        match piece.char_indices().nth(TOKEN + 2) {
            Some((at, _)) if i % 2 == 1 && !piece.contains(['/', '\\']) => {
                quoted += &piece[..at];
                quoted += "..";
            }
            _ => quoted += piece,
        }
    }
    match quoted.char_indices().nth(PATH) {
        Some((at, _)) => format!("{}..", &quoted[..at]),
        None => quoted,
    }
}

impl ScenarioError {
    pub(crate) fn new(source: &Source, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self::Invalid(Problems { source: source.clone(), problems })
    }

    /// Whether one of its problems lies within these bytes of the text.
    pub(super) fn is_within(&self, span: &Bytes) -> bool {
        let Self::Invalid(Problems { problems, .. }) = self else { return false };
        problems.iter().any(|of| span.start <= of.span.start && of.span.end <= span.end)
    }

    /// A problem with something set from outside, as in `--set days=x`.
    pub(crate) fn outside(label: &str, message: &str, help: &str) -> Self {
        let source = Source::new(label, "".as_ref(), "").edited(0..0, "", label);
        Self::new(&source, vec![Problem::new(0..0, message, help)])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_line = self.problems.len() <= WITH_LINE;
        for (i, problem) in self.problems.iter().take(SHOWN).enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            self.write_one(f, problem, with_line)?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl Problems {
    /// The first of them: what is wrong, and what to do.
    pub(crate) fn first(&self) -> (&str, &str) {
        self.problems.first().map_or(("", ""), |problem| (&problem.message, &problem.help))
    }

    fn write_one(&self, f: &mut fmt::Formatter<'_>, p: &Problem, with_line: bool) -> fmt::Result {
        let Problem { message, help, .. } = p;
        let location = self.source.location(p.span.clone());
        match &location {
            Location::Outside(label) => write!(f, "{label}: {message}")?,
            Location::File { line, column, .. } => {
                write!(f, "{}:{line}:{column}: {message}", self.source.name())?;
            }
        }
        match location {
            Location::File { line, column, text, width } if with_line => {
                write_line(f, line, column, &text, width)?;
                if !help.is_empty() {
                    write_wrapped(f, help)?;
                }
            }
            _ if help.is_empty() => {}
            _ => write!(f, "; {help}")?,
        }
        Ok(())
    }
}

/// What to do, broken between words where it is long.
fn write_wrapped(f: &mut fmt::Formatter<'_>, help: &str) -> fmt::Result {
    let mut width = usize::MAX;
    for word in help.split(' ') {
        let length = word.chars().count();
        if width == usize::MAX {
            write!(f, "\n   = {word}")?;
            width = length;
        } else if width + 1 + length > LINE_WIDTH {
            write!(f, "\n     {word}")?;
            width = length;
        } else {
            write!(f, " {word}")?;
            width += 1 + length;
        }
    }
    Ok(())
}

/// The line and a caret under what is meant; of a long line, the piece around it.
fn write_line(
    f: &mut fmt::Formatter<'_>,
    line: usize,
    column: usize,
    text: &str,
    width: usize,
) -> fmt::Result {
    let skip = (column - 1).saturating_sub(LINE_WIDTH * 2 / 3);
    let mut shown: Vec<char> = text.chars().skip(skip).take(LINE_WIDTH).collect();
    let cut_after = text.chars().nth(skip + LINE_WIDTH).is_some();
    if let (true, Some(first)) = (skip > 0, shown.first_mut()) {
        *first = '…';
    }
    if let (true, Some(last)) = (cut_after, shown.last_mut()) {
        *last = '…';
    }
    // Tabs and control characters would push the caret elsewhere.
    let shown = String::from_iter(shown).replace(char::is_control, " ");
    let indent = column - 1 - skip;
    let width = width.min(LINE_WIDTH.saturating_sub(indent)).max(1);
    let margin = " ".repeat(line.to_string().len());
    write!(f, "\n {line} | {shown}")?;
    write!(f, "\n {margin} | {}{}", " ".repeat(indent), "^".repeat(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_with_its_line_and_a_caret() {
        let source = Source::new("a.ron", "".as_ref(), "(\n\tname: \"x y\",\n)");
        let error = source.error_at("name", "found a space, expected none", "take it out");
        let text = [
            "a.ron:2:8: found a space, expected none",
            " 2 |  name: \"x y\",",
            "   |        ^^^^^",
            "   = take it out",
        ];
        assert_eq!(error.to_string(), text.join("\n"));
    }

    #[test]
    fn a_long_help_is_broken_between_words() {
        let source = Source::new("a.ron", "".as_ref(), "(a: 1)");
        let text = source.error_at("a", "wrong", &"`capacity_kwh`, ".repeat(40)).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 101), "{text}");
        assert_eq!(text.matches("capacity_kwh").count(), 40);
    }

    #[test]
    fn a_token_of_the_file_is_cut() {
        let long = "a".repeat(1_000_000);
        assert_eq!(cut(format!("found `{long}`, expected b")), {
            format!("found `{}..`, expected b", "a".repeat(79))
        });
        assert!(cut(format!("found {long}")).len() < 100);
        assert!(cut(format!("found `{}`, x", "a b ".repeat(1000))).len() < 110);
        let path = format!("there is no file `/{}`", "folder/".repeat(40));
        assert_eq!(cut(path.clone()), path);
        let list = "`capacity_kwh`, ".repeat(40);
        assert_eq!(cut(list.clone()), list);
    }

    #[test]
    fn many_problems_fit_on_one_screen() {
        let source = Source::new("a.ron", "".as_ref(), &"(".repeat(60));
        let problems = (0..40).map(|i| Problem::new(i..i + 1, "wrong", "right it")).collect();
        let text = ScenarioError::new(&source, problems).to_string();
        assert_eq!(text.lines().count(), 11, "{text}");
        assert!(text.ends_with("and 30 more"), "{text}");
    }

    #[test]
    fn of_a_long_line_the_piece_in_question_is_shown() {
        let line = format!("({} bad: 1)", "a: 1,".repeat(1000));
        let source = Source::new("a.ron", "".as_ref(), &line);
        let text = source.error_at("bad", "no", "").to_string();
        assert!(text.lines().all(|l| l.len() < 110) && text.contains("bad: 1"), "{text}");
    }
}
