//! Writes a list of changes into the text of a scenario and keeps its comments. Not the meaning of the
//! changes.

use super::error::ScenarioError;
use super::load::ron_options;
use super::scan::{Node, scan};
use super::{PlannedChange, Scenario};
use std::fmt::Write;

impl Scenario {
    /// The current text of the scenario, with the user's comments and every value set since. File
    /// names in it are relative to the folder it was read from.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The scenario with these changes planned besides those that it plans already: written into
    /// its text ([`Scenario::text`]), comments kept, and read from there.
    ///
    /// # Errors
    /// As [`Scenario::load`]: a change that cannot be, at its place in the new text.
    pub fn with_changes(&self, changes: &[PlannedChange]) -> Result<Self, ScenarioError> {
        let text = match changes {
            [] => self.text().to_owned(),
            _ => with_list(self.text(), changes),
        };
        Self::from_source(self.source.renewed(&text), &[], None, None)
    }
}

/// The text with these changes at the end of its list of changes, or in a new one at its own end.
fn with_list(text: &str, changes: &[PlannedChange]) -> String {
    let root = scan(text).0;
    let mut items = String::new();
    for change in changes {
        // Nothing that a change is made of can fail to be written.
        let _ = writeln!(items, "        {},", written(change));
    }
    match root.field("changes").map(|child| &child.value) {
        Some(list) => at_the_end(text, list, &items, "    "),
        None => at_the_end(text, &root, &format!("    changes: [\n{items}    ],\n"), ""),
    }
}

/// The text with whole lines inserted before the closing bracket of a node, which is indented by
/// `indent`.
fn at_the_end(text: &str, node: &Node, lines: &str, indent: &str) -> String {
    let close = node.span.end.saturating_sub(1).max(node.span.start);
    let last = node.children.last().map(|child| child.value.span.end);
    let mut out = String::with_capacity(text.len() + lines.len() + 8);
    let behind = last.map_or(close, |last| {
        out.push_str(&text[..last]);
        if !has_comma(&text[last..close]) {
            out.push(',');
        }
        last
    });
    if last.is_none() {
        out.push_str(&text[..close]);
    } else {
        out.push_str(&text[behind..close]);
    }
    // The bracket is on a separate line, or gets one.
    let line_start = out.rfind('\n').map_or(0, |at| at + 1);
    let own_line = line_start > 0 && out[line_start..].trim().is_empty();
    let before_close = if own_line { out.split_off(line_start) } else { "\n".to_owned() };
    if own_line {
        out.push_str(lines);
        out.push_str(&before_close);
    } else {
        out.push_str(&before_close);
        out.push_str(lines);
        out.push_str(indent);
    }
    out.push_str(&text[close..]);
    out
}

/// Whether there is a comma outside comments between a value and a bracket.
fn has_comma(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find([',', '/']) {
        let comment = &rest[at..];
        if comment.starts_with(',') {
            return true;
        }
        let end = if comment.starts_with("/*") {
            block_end(comment)
        } else {
            comment.find('\n').unwrap_or(comment.len())
        };
        rest = &comment[end..];
    }
    false
}

/// Where a block comment ends, which may have others in it.
fn block_end(comment: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < comment.len() {
        let rest = &comment[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    comment.len()
}

/// A change on one line, as a user would write it.
fn written(change: &PlannedChange) -> String {
    let style = ron::ser::PrettyConfig::new().new_line("").indentor("").separator(" ");
    let style = style.compact_structs(true).compact_arrays(true);
    ron_options().to_string_pretty(change, style).unwrap_or_default()
}
