//! Where everything stands in a RON text: a tree of byte spans. It is not a RON parser: it judges
//! nothing but brackets and quotes, keeps what it has seen when it must give up, and never panics.

use std::ops::Range;

/// Bytes of the text, from a start to an end.
pub(crate) type Bytes = Range<usize>;

/// How deep brackets may be nested.
const MAX_DEPTH: usize = 64;

/// A value of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Node {
    /// All of it.
    pub(crate) span: Bytes,
    /// The name before its parenthesis, as in `Synthetic(..)`, or all of a bare word.
    pub(crate) tag: Option<Bytes>,
    /// Its opening bracket, where it has one.
    pub(crate) open: Option<usize>,
    /// What kind of value it is.
    pub(crate) kind: Kind,
    /// What is in it, in order.
    pub(crate) children: Vec<Child>,
}

/// What stands in a bracket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Child {
    /// Its name, where it has one, without quotes.
    pub(crate) key: Option<(String, Bytes)>,
    /// Its value.
    pub(crate) value: Node,
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `(..)`, with or without a name before it.
    Group,
    /// `[..]`.
    List,
    /// `{..}`.
    Map,
    /// `"..."`, raw strings included.
    Text,
    /// Anything that begins with a digit or a sign.
    Number,
    /// A bare word: a variant without fields, `true`, `NaN`.
    Word,
    /// A character, or nothing that is known.
    #[default]
    Other,
}

/// Why the scanner gave up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Broken {
    /// The text ended while this bracket or quote was open.
    Unclosed(usize),
    /// This bracket closes none, or another kind than was opened at the second place.
    Mismatch(usize, usize),
    /// What stands here is no value.
    NoValue(usize),
    /// More brackets in brackets than anybody writes, at this place.
    TooDeep(usize),
    /// Something stands behind the value.
    Trailing(usize),
    /// A field's name stands here, in the list that was opened at the second place.
    FieldInList(usize, usize),
}

impl Broken {
    /// Where it gave up.
    pub(crate) fn place(self) -> usize {
        let (Self::Unclosed(at)
        | Self::Mismatch(at, _)
        | Self::NoValue(at)
        | Self::TooDeep(at)
        | Self::Trailing(at)
        | Self::FieldInList(at, _)) = self;
        at
    }
}

impl Node {
    /// The child of this name; the last, where there are several.
    pub(crate) fn field(&self, name: &str) -> Option<&Child> {
        let mut named = self.children.iter().rev();
        named.find(|child| child.key.as_ref().is_some_and(|(key, _)| key == name))
    }

    /// The innermost child with a name whose value holds these bytes.
    pub(crate) fn named_around(&self, span: &Bytes) -> Option<&Child> {
        let holds = |of: &Bytes| of.start <= span.start && span.end <= of.end;
        let child = self.children.iter().find(|child| holds(&child.value.span))?;
        let inner = child.value.named_around(span);
        inner.or_else(|| child.key.is_some().then_some(child))
    }

    /// The item at this place of a list or a tuple.
    pub(crate) fn item(&self, index: usize) -> Option<&Child> {
        self.children.get(index).filter(|child| child.key.is_none())
    }
}

/// Scans a whole text: the tree, and why it ends where it ends if that is too early.
pub(crate) fn scan(text: &str) -> (Node, Option<Broken>) {
    let mut scanner = Scanner { text, at: 0, broken: None };
    scanner.skip_attributes();
    let root = scanner.value(0);
    scanner.skip_blank();
    if scanner.at < text.len() {
        scanner.give_up(Broken::Trailing(scanner.at));
    }
    (root, scanner.broken)
}

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Outside of quotes and comments.
    Code,
    /// In quotes, with them.
    Quoted,
}

/// The pieces of a text in order, comments left out.
pub(crate) fn pieces(text: &str) -> Vec<(Piece, Bytes)> {
    let mut scanner = Scanner { text, at: 0, broken: None };
    let mut all = Vec::new();
    let mut code = 0;
    while let Some(c) = scanner.peek() {
        let (rest, start) = (scanner.rest(), scanner.at);
        let quote = text_opening(rest);
        let comment = rest.starts_with("//") || rest.starts_with("/*");
        if !comment && quote.is_none() {
            // A word is taken whole, so that its last letter is not taken for a quote's prefix.
            let character = ["'\"'", "'\\\"'"].into_iter().find(|quoted| rest.starts_with(quoted));
            match character {
                Some(quoted) => scanner.at += quoted.len(),
                None if is_word(c) => _ = scanner.take_while(is_word),
                None => scanner.at += c.len_utf8(),
            }
            continue;
        }
        all.push((Piece::Code, code..start));
        match quote {
            Some(quote) if !comment => {
                scanner.skip_text(quote);
                all.push((Piece::Quoted, start..scanner.at));
            }
            _ => scanner.skip_comment(),
        }
        code = scanner.at;
    }
    all.push((Piece::Code, code..text.len()));
    all.retain(|(_, span)| !span.is_empty());
    all
}

/// Where the comma behind a value stands, blanks and comments apart.
pub(crate) fn comma_behind(text: &str, at: usize) -> Option<usize> {
    let mut scanner = Scanner { text, at, broken: None };
    scanner.skip_blank();
    (scanner.peek() == Some(',')).then_some(scanner.at)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    broken: Option<Broken>,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> Bytes {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        start..self.at
    }

    /// Only the first reason counts.
    fn give_up(&mut self, reason: Broken) {
        self.broken.get_or_insert(reason);
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !(self.rest().starts_with("//") || self.rest().starts_with("/*")) {
                return;
            }
            self.skip_comment();
        }
    }

    /// Skips the comment that begins here.
    fn skip_comment(&mut self) {
        if self.rest().starts_with("//") {
            self.take_while(|c| c != '\n');
        } else {
            self.skip_block_comment();
        }
    }

    fn skip_block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else if let Some(c) = self.peek() {
                self.at += c.len_utf8();
            } else {
                return self.give_up(Broken::Unclosed(start));
            }
        }
    }

    /// Skips `#![enable(..)]` lines.
    fn skip_attributes(&mut self) {
        self.skip_blank();
        while self.rest().starts_with("#!") {
            self.take_while(|c| c != ']');
            self.take_while(|c| c == ']');
            self.skip_blank();
        }
    }

    fn value(&mut self, depth: usize) -> Node {
        self.skip_blank();
        let start = self.at;
        let leaf = |kind, span| Node { span, kind, ..Node::default() };
        let rest = self.rest();
        if let Some(quote) = text_opening(rest) {
            self.skip_text(quote);
            return leaf(Kind::Text, start..self.at);
        }
        match self.peek() {
            Some('(' | '[' | '{') => self.bracket(depth, start, None),
            Some('\'') => {
                self.skip_character();
                leaf(Kind::Other, start..self.at)
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                self.number();
                leaf(Kind::Number, start..self.at)
            }
            Some(c) if is_word(c) => {
                let tag = self.word();
                self.skip_blank();
                if self.peek() == Some('(') {
                    return self.bracket(depth, start, Some(tag));
                }
                self.at = tag.end;
                Node { tag: Some(tag.clone()), ..leaf(Kind::Word, tag) }
            }
            _ => {
                self.give_up(Broken::NoValue(start));
                leaf(Kind::Other, start..start)
            }
        }
    }

    fn word(&mut self) -> Bytes {
        if self.rest().starts_with("r#") {
            self.at += 2;
        }
        self.take_while(is_word)
    }

    fn number(&mut self) {
        let mut last = ' ';
        while let Some(c) = self.peek() {
            let sign = matches!(c, '-' | '+') && matches!(last, ' ' | 'e' | 'E');
            if !(sign || is_word(c) || c == '.') {
                return;
            }
            last = c;
            self.at += c.len_utf8();
        }
    }

    fn skip_text(&mut self, quote: TextOpening) {
        let start = self.at;
        self.at += quote.length;
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else {
                return self.give_up(Broken::Unclosed(start));
            };
            if c == '"' && rest[1..].bytes().take_while(|&b| b == b'#').count() >= quote.hashes {
                self.at += 1 + quote.hashes;
                return;
            }
            self.at += c.len_utf8();
            if c == '\\' && !quote.raw {
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
    }

    fn skip_character(&mut self) {
        let start = self.at;
        self.at += 1;
        let escaped = self.peek() == Some('\\');
        self.at += self.peek().map_or(0, char::len_utf8);
        if escaped {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        self.take_while(|c| c != '\'' && c != '\n');
        if self.peek() == Some('\'') {
            self.at += 1;
        } else {
            self.give_up(Broken::Unclosed(start));
        }
    }

    fn bracket(&mut self, depth: usize, start: usize, tag: Option<Bytes>) -> Node {
        let open = self.at;
        let (kind, close) = match self.peek() {
            Some('[') => (Kind::List, ']'),
            Some('{') => (Kind::Map, '}'),
            _ => (Kind::Group, ')'),
        };
        let mut node =
            Node { span: start..open + 1, tag, open: Some(open), kind, children: Vec::new() };
        if depth >= MAX_DEPTH {
            self.give_up(Broken::TooDeep(open));
            return node;
        }
        self.at += 1;
        loop {
            self.skip_blank();
            match self.peek() {
                None => {
                    self.give_up(Broken::Unclosed(open));
                    break;
                }
                Some(c) if c == close => {
                    self.at += 1;
                    break;
                }
                Some(')' | ']' | '}') => {
                    self.give_up(Broken::Mismatch(self.at, open));
                    break;
                }
                Some(',') => self.at += 1,
                Some(_) => node.children.push(self.child(depth, kind, open)),
            }
            if self.broken.is_some() {
                break;
            }
        }
        node.span.end = self.at;
        node
    }

    fn child(&mut self, depth: usize, kind: Kind, open: usize) -> Child {
        let start = self.at;
        let key = match kind {
            Kind::Group => self.word(),
            Kind::Map => self.value(depth + 1).span,
            _ => start..start,
        };
        self.skip_blank();
        let named = !key.is_empty() && self.peek() == Some(':');
        if named {
            self.at += 1;
        } else {
            self.at = start;
        }
        let name = self.text[key.clone()].trim_matches('"');
        let name = name.strip_prefix("r#").unwrap_or(name).to_owned();
        let value = self.value(depth + 1);
        if kind == Kind::List && value.kind == Kind::Word {
            self.skip_blank();
            if self.peek() == Some(':') {
                self.give_up(Broken::FieldInList(start, open));
            }
        }
        Child { key: named.then_some((name, key)), value }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How a text begins: `"`, `r"`, `r#"`, `b"`, `br##"`.
struct TextOpening {
    raw: bool,
    hashes: usize,
    length: usize,
}

fn text_opening(rest: &str) -> Option<TextOpening> {
    let bytes = rest.strip_prefix('b').unwrap_or(rest);
    let (raw, inner) = bytes.strip_prefix('r').map_or((false, bytes), |r| (true, r));
    let hashes = inner.bytes().take_while(|&b| b == b'#').count();
    let opened = inner[hashes..].starts_with('"') && (raw || hashes == 0);
    opened.then(|| TextOpening { raw, hashes, length: rest.len() - inner.len() + hashes + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span_of<'a>(text: &'a str, path: &[&str]) -> &'a str {
        let (root, broken) = scan(text);
        assert_eq!(broken, None, "{text}");
        let node = path.iter().fold(&root, |node, step| {
            let found = match step.parse() {
                Ok(index) => node.item(index),
                Err(_) => node.field(step),
            };
            &found.unwrap_or_else(|| panic!("{step} of {path:?}")).value
        });
        &text[node.span.clone()]
    }

    #[test]
    fn every_value_is_found_where_it_stands() {
        let text = r##"#![enable(implicit_some)]
            // a comment (with brackets
            Scenario( a : -1.5e-3, /* b: 3 /* nested */ */ b: [ (x: 'c', y: "q\"(" ), Two ( 7 ) ],
              c: { "key": r#"raw " text"#, }, d: Some((e: 0x1F)), r#f: '\'', )"##;
        assert_eq!(span_of(text, &["a"]), "-1.5e-3");
        assert_eq!(span_of(text, &["b", "0", "y"]), r#""q\"(""#);
        assert_eq!(span_of(text, &["b", "1"]), "Two ( 7 )");
        assert_eq!(span_of(text, &["b", "1", "0"]), "7");
        assert_eq!(span_of(text, &["c", "key"]), r##"r#"raw " text"#"##);
        assert_eq!(span_of(text, &["d", "0", "e"]), "0x1F");
        assert_eq!(span_of(text, &["f"]), r"'\''");
    }

    #[test]
    fn it_says_why_it_gives_up() {
        let broken = |text: &str| scan(text).1;
        assert_eq!(broken("(a: [1, 2"), Some(Broken::Unclosed(4)));
        assert_eq!(broken("(a: \"b)"), Some(Broken::Unclosed(4)));
        assert_eq!(broken("(a: [1)"), Some(Broken::Mismatch(6, 4)));
        assert_eq!(broken("(a: ;)"), Some(Broken::NoValue(4)));
        assert_eq!(broken("() x"), Some(Broken::Trailing(3)));
        assert_eq!(broken("(a: [1, b: 2)"), Some(Broken::FieldInList(8, 4)));
        assert_eq!(broken(&"[".repeat(9999)), Some(Broken::TooDeep(64)));
        assert_eq!(broken(""), Some(Broken::NoValue(0)));
    }

    fn within(node: &Node, text: &str) -> bool {
        text.get(node.span.clone()).is_some()
            && node.children.iter().all(|c| within(&c.value, text))
    }

    proptest! {
        #[test]
        fn any_text_gives_spans_within_it(text in any::<String>()) {
            prop_assert!(within(&scan(&text).0, &text));
        }

        #[test]
        fn anything_that_looks_like_ron_gives_spans_within_it(
            text in r#"([a-z(\[{\])},:"'/*# \n\\r-]|"é"|1\.5){0,80}"#
        ) {
            prop_assert!(within(&scan(&text).0, &text));
        }
    }
}
