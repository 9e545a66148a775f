//! What the pages have in common: head, title, facts, list of sections, and how numbers are written.

use super::{Fact, Quantity};
use crate::html::ink;
use crate::html::markup::{Table, escape};
use crate::number::human_digits;

/// A section: its id, its title, what is in it.
pub(super) type Section = (&'static str, &'static str, String);

/// What stands at a page's top.
pub(super) struct Top<'a> {
    /// What kind of page it is.
    pub(super) kicker: &'a str,
    /// Its title.
    pub(super) name: &'a str,
    /// A sentence or two.
    pub(super) description: &'a str,
    /// What a reader should know beforehand.
    pub(super) facts: &'a [Fact],
    /// HTML that stands before the sections.
    pub(super) lead: String,
}

/// The page; sections without anything in them are left out.
pub(super) fn page(top: &Top<'_>, sections: &[Section]) -> String {
    let name = match top.name.trim() {
        "" => "Unnamed".to_owned(),
        name => escape(name),
    };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{name} \u{2013} gridtwin</title>\n\
         <style>\n{}</style>\n</head>\n<body class=\"study\">\n{}",
        include_str!("../html/style.css"),
        ink::patterns(),
    );
    out += &format!("<header>\n<p class=\"kicker\">{}</p>\n<h1>{name}</h1>\n", top.kicker);
    if !top.description.trim().is_empty() {
        out += &format!("<p class=\"lead\">{}</p>\n", escape(top.description.trim()));
    }
    if !top.facts.is_empty() {
        let item = |fact: &Fact| {
            format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(&fact.label), escape(&fact.text))
        };
        let facts: String = top.facts.iter().map(item).collect();
        out += &format!("<dl class=\"facts\">\n{facts}</dl>\n");
    }
    out += "</header>\n<nav aria-label=\"Sections\"><ul>";
    let shown = || sections.iter().filter(|(.., body)| !body.is_empty());
    for (id, title, _) in shown() {
        out += &format!("<li><a href=\"#{id}\">{title}</a></li>");
    }
    out += "</ul></nav>\n<main>\n";
    out += &top.lead;
    for (id, title, body) in shown() {
        out += &format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n");
    }
    out + "</main>\n</body>\n</html>\n"
}

/// How figures are worked out.
pub(super) fn method(sentences: &[String]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let items: String = sentences.iter().map(|s| format!("<li>{}</li>\n", escape(s))).collect();
    format!("<ul>\n{items}</ul>\n")
}

/// A table that would be long is folded.
pub(super) fn folded(title: &str, rows: usize, table: Table) -> String {
    let table = table.end();
    match rows {
        0 => String::new(),
        1..=12 => table,
        _ => format!("<details><summary>{}</summary>\n{table}</details>\n", escape(title)),
    }
}

/// What is said where nothing is drawn.
pub(super) fn none(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// The thing with its unit, as an axis is named.
pub(super) fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name}, {unit}") }
}

impl Quantity {
    /// The thing with its unit.
    pub(super) fn full(&self) -> String {
        with_unit(&self.name, &self.unit)
    }
}

/// A number, as tables show it.
pub(super) fn number(value: f64) -> String {
    human_digits(value, 4)
}

/// A number that may be missing.
pub(super) fn maybe(value: Option<f64>) -> String {
    number(value.unwrap_or(f64::NAN))
}

/// A number with its sign.
pub(super) fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 && value.is_finite() && text != "0" { format!("+{text}") } else { text }
}

/// From, to; "none" where there is none.
pub(super) fn interval(interval: Option<(f64, f64)>, write: fn(f64) -> String) -> String {
    match interval {
        Some((low, high)) if low.is_finite() && high.is_finite() => {
            format!("{} to {}", write(low), write(high))
        }
        _ => "none".to_owned(),
    }
}

/// A value of a list; NaN where the list is too short.
pub(super) fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(f64::NAN)
}

/// A text of a list; empty where the list is too short.
pub(super) fn word(words: &[String], index: usize) -> String {
    words.get(index).cloned().unwrap_or_default()
}
