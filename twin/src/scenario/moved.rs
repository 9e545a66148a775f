//! The user's text for another folder: files that it names are found from there as well. Not the
//! scenario as resolved, which has no comments any more.

use super::Scenario;
use super::load::{absolute, ron_options};
use super::scan::{Bytes, Node, scan};
use std::path::{Path, PathBuf};

impl Scenario {
    /// [`Scenario::text`] as it has to stand in `folder`: where that is not the folder that the
    /// scenario was read from, the files that it names are named by their whole paths.
    pub fn text_for(&self, folder: &Path) -> String {
        let mut text = self.text().to_owned();
        if absolute(folder) == absolute(&self.source.resolve(Path::new(""))) {
            return text;
        }
        let root = scan(&text).0;
        let mut named = Vec::new();
        for child in &root.children {
            // What a planned change calls a path is a place in the scenario, and what a meter does, in
            // its payload.
            let other = |key: &str| matches!(key, "changes" | "meters");
            if child.key.as_ref().is_none_or(|(key, _)| !other(key)) {
                paths(&child.value, &mut named);
            }
        }
        named.sort_by_key(|span| std::cmp::Reverse(span.start));
        for span in named {
            let Ok(path) = ron_options().from_str::<PathBuf>(&text[span.clone()]) else { continue };
            if let Ok(whole) = ron_options().to_string(&absolute(&self.source.resolve(&path))) {
                text.replace_range(span, &whole);
            }
        }
        text
    }
}

/// Where the text names files.
fn paths(node: &Node, found: &mut Vec<Bytes>) {
    for child in &node.children {
        match &child.key {
            Some((key, _)) if key == "path" => found.push(child.value.span.clone()),
            _ => paths(&child.value, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_moves_takes_its_files_along_and_stays_as_it_was_at_home() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
        let scenario = Scenario::load(&root.join("greensboro.ron")).unwrap();
        assert_eq!(scenario.text_for(&root), scenario.text());
        let moved = scenario.text_for(Path::new("/somewhere/else"));
        assert!(moved.contains("// "), "comments stay");
        let again = Scenario::parse(&moved, "moved").unwrap();
        let whole = |scenario: &Scenario| scenario.to_ron();
        assert_eq!(whole(&again), whole(&scenario));
        assert!(!moved.contains("\"../"), "{moved}");
    }
}
