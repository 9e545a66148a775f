//! Numbers that may be read in two ways.

use super::{Doubt, doubt};
use crate::scenario::Scenario;
use crate::scenario::scan::{Kind, Node};

/// `210.000`, which is two hundred and ten here, and two hundred and ten thousand in many countries.
pub(super) fn thousands(s: &Scenario) -> Vec<Doubt> {
    let mut found = Vec::new();
    look(s.source.root(), s.source.text(), String::new(), &mut found);
    found
}

fn look(node: &Node, text: &str, path: String, found: &mut Vec<Doubt>) {
    let written = text.get(node.span.clone()).unwrap_or_default();
    if node.kind == Kind::Number
        && let Some((whole, rest)) = written.split_once('.')
        && rest == "000"
        && (2..=3).contains(&whole.len())
        && whole.chars().all(|c| c.is_ascii_digit())
    {
        let message = format!("found {written}, which means {whole}: the point separates decimals");
        let remedy =
            format!("write {whole}000 if the point separates thousands, otherwise {whole}");
        found.push(doubt(path.as_str(), message, remedy));
    }
    for (i, child) in node.children.iter().enumerate() {
        let step = match &child.key {
            Some((name, _)) if path.is_empty() => name.clone(),
            Some((name, _)) => format!("{path}.{name}"),
            None => format!("{path}[{i}]"),
        };
        look(&child.value, text, step, found);
    }
}
