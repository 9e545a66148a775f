//! From a text to what it says, or to all that is wrong with it: behind a first mistake of meaning the
//! text is read on without the field that it is in.

use super::brackets::{are_to_blame, explain_broken};
use super::error::{Problem, ScenarioError};
use super::explain::{Hints, Mistake, explain, offset_of, stopped_at};
use super::load::options_of;
use super::scan::{Broken, Bytes, Node, comma_behind, scan};
use super::slips;
use super::source::Source;
use ron::error::{Error, SpannedError};
use serde::de::DeserializeOwned;
use serde_path_to_error::Path;

/// How many mistakes of one text are looked for.
const MOST: usize = 12;

/// What a text says.
///
/// # Errors
/// Everything that is wrong with it, as far as one mistake does not hide another.
pub(super) fn meaning<T: DeserializeOwned>(source: &Source) -> Result<T, ScenarioError> {
    let (error, path) = match read::<T>(source) {
        Ok(said) => return Ok(said),
        Err(wrong) => *wrong,
    };
    let text = source.text();
    let broken = scan(text).1;
    let problems = match broken {
        Some(broken) if are_to_blame(source, broken, &error.code, stopped_at(text, &error)) => {
            vec![explain_broken(source, broken, offset_of(text, &error))]
        }
        Some(_) => or_slip(source, vec![told::<T>(source, &error, &path, broken)]),
        None => or_slip(source, all_mistakes::<T>(source, error, path)),
    };
    Err(ScenarioError::new(source, problems))
}

/// The mistakes, or the slip of another format at the first of them that led there: `0,125` is no zero.
fn or_slip(source: &Source, mistakes: Vec<Problem>) -> Vec<Problem> {
    let Some(first) = mistakes.first().map(|first| first.span.clone()) else { return mistakes };
    let text = source.text();
    let slip = slips::find(text, first.end).filter(|slip| slip.span.start >= first.start);
    let slip = slip.or_else(|| slips::comma_in_number(source.root(), text, first.end));
    slip.map_or(mistakes, |slip| vec![slip])
}

/// The names that the reader would take somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    /// Of fields.
    Fields(&'static [&'static str]),
    /// Of choices.
    Variants(&'static [&'static str]),
}

/// What an error means. Where the reader found no name it says what names it would take there once it
/// finds one that nothing has.
fn told<T: DeserializeOwned>(
    source: &Source,
    error: &SpannedError,
    path: &Path,
    broken: Option<Broken>,
) -> Problem {
    const NOTHING: &str = "x__: ";
    let nameless = matches!(error.code, Error::ExpectedIdentifier | Error::SuggestRawIdentifier(_));
    let known = nameless.then(|| {
        let mut text = source.text().to_owned();
        text.insert_str(stopped_at(&text, error), NOTHING);
        match read::<T>(&source.renewed(&text)).map_err(|wrong| wrong.0.code) {
            Err(Error::NoSuchStructField { expected, .. }) => Some(Known::Fields(expected)),
            Err(Error::NoSuchEnumVariant { expected, .. }) => Some(Known::Variants(expected)),
            _ => None,
        }
    });
    explain(source, error, path, Hints { broken, known: known.flatten() })
}

/// Reads a text, and says how far it came where it cannot.
fn read<T: DeserializeOwned>(source: &Source) -> Result<T, Box<(SpannedError, Path)>> {
    let text = source.text();
    let options = options_of(source);
    let mut track = serde_path_to_error::Track::new();
    let result = ron::Deserializer::from_str_with_options(text, &options).and_then(|mut reader| {
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        let said = T::deserialize(tracked).and_then(|said| {
            reader.end()?;
            Ok(said)
        });
        said.map_err(|error| reader.span_error(error))
    });
    result.map_err(|error| Box::new((error, track.path())))
}

/// The first mistake and those behind it. After each, the field or the list's item that it is in is
/// blanked out, which moves nothing, and the rest is read again; what then lacks only what was blanked
/// out goes as well, without a word.
fn all_mistakes<T: DeserializeOwned>(
    source: &Source,
    mut error: SpannedError,
    mut path: Path,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut rest = source.clone();
    let mut gone: Vec<Gone> = Vec::new();
    for _ in 0..4 * MOST {
        let mistake = Mistake::of(&error.code);
        let problem = told::<T>(&rest, &error, &path, None);
        let follows = gone.iter().any(|gone| mistake.follows_from(gone, &problem.span, &rest));
        let at = problem.span.clone();
        if !follows {
            problems.push(problem);
        }
        if !mistake.can_go_on() || problems.len() >= MOST {
            break;
        }
        let Some(next) = around(rest.root(), &at) else { break };
        let mut text = rest.text().to_owned();
        blank(&mut text, &next.span);
        gone.push(next);
        rest = rest.renewed(&text);
        match read::<T>(&rest) {
            Ok(_) => break,
            Err(wrong) => (error, path) = *wrong,
        }
    }
    problems
}

/// What was blanked out.
pub(super) struct Gone {
    /// The field's name, or none for an item of a list.
    pub(super) key: Option<String>,
    /// All of it.
    pub(super) span: Bytes,
}

/// The smallest field or list item around a place.
fn around(node: &Node, at: &Bytes) -> Option<Gone> {
    let listed = node.kind == super::scan::Kind::List;
    for child in &node.children {
        let key = child.key.as_ref();
        let start = key.map_or(child.value.span.start, |(_, span)| span.start);
        let span = start..child.value.span.end;
        if !(span.start <= at.start && at.end <= span.end) {
            continue;
        }
        let own = (key.is_some() || listed)
            .then(|| Gone { key: key.map(|(name, _)| name.clone()), span });
        return around(&child.value, at).or(own);
    }
    None
}

/// Puts blanks in the place of a field and of the comma behind it; lines stay lines.
fn blank(text: &mut String, span: &Bytes) {
    let comma = comma_behind(text, span.end);
    let blanks = |piece: &str| -> String {
        piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let piece = blanks(&text[span.clone()]);
    text.replace_range(span.clone(), &piece);
    if let Some(at) = comma {
        text.replace_range(at..at + 1, " ");
    }
}
