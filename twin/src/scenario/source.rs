//! The text that a scenario was read from: where its values stand, so that whatever turns out wrong
//! later is reported at the place that names it. Not the scenario's meaning.

use super::error::{Problem, ScenarioError};
use super::scan::{Bytes, Kind, Node, scan};
use crate::files::Files;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a scenario was written: file, text and positions. Cheap to clone. Two sources are always
/// equal: where a scenario was written is no part of what it says.
#[derive(Clone, Default)]
pub struct Source(Arc<Inner>);

#[derive(Clone, Default)]
struct Inner {
    name: String,
    /// What the text is to be: a scenario, a study.
    kind: &'static str,
    folder: PathBuf,
    /// As it stands in the file.
    written: String,
    /// With what was set from outside.
    text: String,
    root: Node,
    edits: Vec<Edit>,
    /// The data files as a study has read them; read from the disk where there is none.
    files: Option<Files>,
}

/// A piece of the text that was set from outside.
#[derive(Clone, Debug, PartialEq)]
struct Edit {
    /// Where it stands now.
    now: Bytes,
    /// What it stands for in the file.
    written: Bytes,
    /// What set it, as in `--set days=3`.
    label: String,
}

/// A place in a scenario: where a message points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the file: line and column, both from 1.
    File {
        /// The line.
        line: usize,
        /// The column, in characters.
        column: usize,
        /// The text of the line.
        text: String,
        /// How many characters are meant.
        width: usize,
    },
    /// Set from outside the file, by this.
    Outside(String),
}

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({:?})", self.0.name)
    }
}

impl Source {
    /// The text of a scenario called `name`; paths in it are relative to `folder`.
    pub(crate) fn new(name: &str, folder: &Path, text: &str) -> Self {
        Self::of_kind("scenario", name, folder, text)
    }

    /// The text of something else that is written as scenarios are.
    pub(crate) fn of_kind(kind: &'static str, name: &str, folder: &Path, text: &str) -> Self {
        Self(Arc::new(Inner {
            name: name.to_owned(),
            kind,
            folder: folder.to_owned(),
            written: text.to_owned(),
            text: text.to_owned(),
            root: scan(text).0,
            edits: Vec::new(),
            files: None,
        }))
    }

    /// Another text in the place of this one.
    pub(crate) fn renewed(&self, text: &str) -> Self {
        let new = Self::of_kind(self.0.kind, &self.0.name, &self.0.folder, text);
        new.holding(self.0.files.clone())
    }

    /// The same with data files that are read once.
    pub(crate) fn holding(&self, files: Option<Files>) -> Self {
        Self(Arc::new(Inner { files, ..Inner::clone(&self.0) }))
    }

    /// The data files that are read once, if they are.
    pub(crate) fn files(&self) -> Option<&Files> {
        self.0.files.as_ref()
    }

    /// What stands in a data file, by its path from here: as it was when it was first read, where
    /// the scenario comes from a [`Base`](super::Base).
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(&self, path: &Path) -> std::io::Result<Arc<[u8]>> {
        crate::files::within(self.files(), || crate::files::read(path))
    }

    /// The file, as the user named it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The folder from which paths in it count.
    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// A path that the scenario names, from its own folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.0.folder.join(path)
    }

    /// Where the value of a path like `grid.tariff.periods[0].months[1]` stands; where it was left
    /// out, the nearest thing around it that was not.
    pub fn locate(&self, path: &str) -> Location {
        self.location(self.span_of(path))
    }

    /// An error about the value at this path.
    pub fn error_at(&self, path: &str, message: &str, help: &str) -> ScenarioError {
        ScenarioError::new(self, vec![Problem::new(self.span_of(path), message, help)])
    }

    /// Whether the path itself was written, and not left to its default.
    pub(crate) fn is_written(&self, path: &str) -> bool {
        self.find(path).is_ok()
    }

    pub(crate) fn span_of(&self, path: &str) -> Bytes {
        match self.find(path) {
            Ok(node) => node.span.clone(),
            Err(around) => opening(around),
        }
    }

    /// The node of a path, or the last one on the way to it.
    pub(crate) fn find(&self, path: &str) -> Result<&Node, &Node> {
        let mut node = &self.0.root;
        for step in steps(path) {
            let found = match step {
                Step::Field(name) => {
                    let node = inside_some(node, self.text());
                    node.field(name).or_else(|| inside_doubled(node)?.field(name))
                }
                Step::Index(index) => inside_some(node, self.text()).item(index),
            };
            node = &found.ok_or(node)?.value;
        }
        Ok(node)
    }

    /// The text as it stands in the file.
    pub fn written(&self) -> &str {
        &self.0.written
    }

    /// What the text is to be, as in "scenario".
    pub(crate) fn kind(&self) -> &'static str {
        match self.0.kind {
            "" => "scenario",
            kind => kind,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn root(&self) -> &Node {
        &self.0.root
    }

    /// The same source with `span` replaced by `text`, on behalf of `label`.
    pub(crate) fn edited(&self, span: Bytes, text: &str, label: &str) -> Self {
        let mut inner = Inner::clone(&self.0);
        // Where what stood at `at`, behind the span, stands afterwards.
        let moved = |at: usize| at + text.len() - span.len();
        let mut edit = Edit {
            now: span.start..moved(span.end),
            written: self.written_at(span.start)..self.written_at(span.end),
            label: label.to_owned(),
        };
        inner.edits.retain_mut(|old| {
            if old.now.start >= span.end {
                old.now = moved(old.now.start)..moved(old.now.end);
            } else if old.now.end > span.start {
                // One within the other: both stand for what either stood for.
                let start = old.now.start.min(edit.now.start);
                edit.now = start..moved(old.now.end.max(span.end)).max(edit.now.end);
                edit.written = old.written.start.min(edit.written.start)
                    ..old.written.end.max(edit.written.end);
                return false;
            }
            true
        });
        inner.text.replace_range(span, text);
        inner.edits.push(edit);
        inner.edits.sort_by_key(|edit| edit.now.start);
        inner.root = scan(&inner.text).0;
        Self(Arc::new(inner))
    }

    /// The place in the file of a place in the text.
    fn written_at(&self, at: usize) -> usize {
        let before = self.0.edits.iter().rev().find(|edit| edit.now.start <= at);
        match before {
            None => at,
            Some(edit) if at < edit.now.end => edit.written.start,
            Some(edit) => edit.written.end + (at - edit.now.end),
        }
    }

    /// Where bytes of the text stand in the file.
    pub(crate) fn location(&self, span: Bytes) -> Location {
        let inside = |edit: &&Edit| edit.now.start <= span.start && span.end <= edit.now.end;
        if let Some(edit) = self.0.edits.iter().find(inside) {
            return Location::Outside(edit.label.clone());
        }
        let written = &self.0.written;
        let start = floor(written, self.written_at(span.start));
        let end = floor(written, self.written_at(span.end)).max(start);
        let line_start = written[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = written[start..].find('\n').map_or(written.len(), |at| start + at);
        let count = |bytes: Bytes| written[bytes].chars().count();
        Location::File {
            line: written[..start].matches('\n').count() + 1,
            column: count(line_start..start) + 1,
            text: written[line_start..line_end].trim_end().to_owned(),
            width: count(start..end.min(line_end)).max(1),
        }
    }
}

/// What a message about something missing in a node points at.
pub(crate) fn opening(node: &Node) -> Bytes {
    match (&node.tag, node.open) {
        (Some(tag), _) => tag.clone(),
        (None, Some(open)) => open..open + 1,
        (None, None) => node.span.clone(),
    }
}

/// `Some(x)` is as good as `x`.
pub(crate) fn inside_some<'a>(node: &'a Node, text: &str) -> &'a Node {
    let is_some = node.tag.as_ref().is_some_and(|tag| text.get(tag.clone()) == Some("Some"));
    match &node.children[..] {
        [only] if is_some && only.key.is_none() => inside_some(&only.value, text),
        _ => node,
    }
}

/// The fields of `Twin((..))`.
fn inside_doubled(node: &Node) -> Option<&Node> {
    match &node.children[..] {
        [only] if only.key.is_none() && node.kind == Kind::Group => Some(&only.value),
        _ => None,
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

/// The steps of `grid.periods[0].months[1]`. What is no index is taken for a name.
pub(crate) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    let parts = path.split(['.', '[']).filter(|part| !part.is_empty());
    parts.map(|part| match part.strip_suffix(']').map(str::parse) {
        Some(Ok(index)) => Step::Index(index),
        _ => Step::Field(part),
    })
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "(\n  days: 3,\n  grid: Some((a: (1, 2))),\n  list: [(b: \"ü\"), (c: x)],\n)";

    fn source() -> Source {
        Source::new("x.ron", Path::new("folder"), TEXT)
    }

    fn at(source: &Source, path: &str) -> (usize, usize, usize) {
        match source.locate(path) {
            Location::File { line, column, width, .. } => (line, column, width),
            Location::Outside(label) => panic!("{path} was set by {label}"),
        }
    }

    #[test]
    fn a_path_leads_to_line_and_column() {
        let source = source();
        assert_eq!(at(&source, "days"), (2, 9, 1));
        assert_eq!(at(&source, "grid.a[1]"), (3, 22, 1));
        assert_eq!(at(&source, "list[0].b"), (4, 14, 3));
        assert_eq!(at(&source, "list[1].c"), (4, 24, 1));
        assert_eq!(at(&source, "list[1].absent.deep"), (4, 20, 1));
        assert_eq!(at(&source, "absent"), (1, 1, 1));
        let doubled = Source::new("x.ron", Path::new(""), "(site: Twin((base: 3)))");
        assert_eq!(at(&doubled, "site.base"), (1, 20, 1));
    }

    #[test]
    fn what_was_set_from_outside_is_told_from_what_was_written() {
        let days = source().span_of("days");
        let longer = source().edited(days, "1000000", "--days 1000000");
        assert_eq!(longer.locate("days"), Location::Outside("--days 1000000".to_owned()));
        assert_eq!(at(&longer, "list[1].c"), (4, 24, 1));
        let twice = longer.edited(longer.span_of("grid.a[0]"), "(z: 5)", "--set one");
        assert_eq!(at(&twice, "grid.a[1]"), (3, 22, 1));
        let inner = twice.edited(twice.span_of("grid.a[0].z"), "66", "--set two");
        assert_eq!(inner.locate("grid.a[0].z"), Location::Outside("--set two".to_owned()));
        assert_eq!(inner.locate("days"), Location::Outside("--days 1000000".to_owned()));
        assert_eq!(at(&inner, "grid.a[1]"), (3, 22, 1));
        let over = inner.edited(inner.span_of("grid.a"), "()", "--set three");
        assert_eq!(over.locate("grid.a"), Location::Outside("--set three".to_owned()));
        assert_eq!(at(&over, "list[1].c"), (4, 24, 1));
    }
}
