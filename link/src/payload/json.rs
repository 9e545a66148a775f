//! A JSON text as a flat list of its values: read once per message however many meters look into
//! it, and bounded in depth and in number. Not a general JSON library: only looking up.
use super::number::number;
use super::{DEPTH_MAX, Reason, VALUES_MAX};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A text that is read as JSON when the first meter needs it.
pub(super) struct Once<'a> {
    text: &'a str,
    tree: Option<Result<Tree<'a>, Reason>>,
}

/// Every value of a JSON text, each followed by those within it.
struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

struct Node<'a> {
    /// Its name within an object; empty elsewhere.
    key: Cow<'a, str>,
    leaf: Leaf<'a>,
    /// The place after the last of those within it.
    end: usize,
}

enum Leaf<'a> {
    Null,
    Bool,
    Number(f64),
    Text(Cow<'a, str>),
    Array,
    Object,
}

/// One value of a JSON text.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    nodes: &'t [Node<'t>],
    at: usize,
}

impl<'a> Once<'a> {
    /// A text that may be JSON.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, tree: None }
    }

    /// The text itself.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The outermost value.
    ///
    /// # Errors
    /// Not JSON, nested too deep, too many values, or a number out of a double's range.
    pub(super) fn root(&mut self) -> Result<Value<'_>, Reason> {
        match self.tree.get_or_insert_with(|| read(self.text)) {
            Ok(tree) => Ok(Value { nodes: &tree.nodes, at: 0 }),
            Err(reason) => Err(*reason),
        }
    }

    /// The outermost value, which is an object.
    ///
    /// # Errors
    /// As with [`Self::root`], and for any other value.
    pub(super) fn object(&mut self) -> Result<Value<'_>, Reason> {
        self.root()?.object()
    }
}

impl<'t> Value<'t> {
    /// Itself, if it is an object.
    pub(super) fn object(self) -> Result<Self, Reason> {
        if matches!(self.leaf(), Some(Leaf::Object)) { Ok(self) } else { Err(Reason::WrongShape) }
    }

    /// Whether it is a list.
    pub(super) fn is_array(self) -> bool {
        matches!(self.leaf(), Some(Leaf::Array))
    }

    /// Whether it is an object.
    pub(super) fn is_object(self) -> bool {
        matches!(self.leaf(), Some(Leaf::Object))
    }

    /// What it holds under this name; the last, where it is there more than once.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        if !self.is_object() {
            return None;
        }
        self.children().filter(|child| child.key() == key).last()
    }

    /// What a list holds at this place, from 0.
    pub(super) fn item(self, index: usize) -> Option<Self> {
        if self.is_array() { self.children().nth(index) } else { None }
    }

    /// One step of a path: a name within an object, or a number within a list.
    pub(super) fn step(self, step: &str) -> Option<Self> {
        if self.is_array() { self.item(step.parse().ok()?) } else { self.get(step) }
    }

    /// Its direct children.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let end = self.node().map_or(0, |node| node.end);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = Self { at, ..self };
            at = child.node().filter(|_| at < end)?.end;
            Some(child)
        })
    }

    /// Its name within the object that it is in.
    pub(super) fn key(self) -> &'t str {
        self.node().map_or("", |node| &node.key)
    }

    /// Its text, if it is one.
    pub(super) fn text(self) -> Option<&'t str> {
        match self.leaf() {
            Some(Leaf::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number that it is, or that its text is; none for `null`.
    ///
    /// # Errors
    /// A text that is no number, a boolean, a list or an object.
    pub(super) fn number(self) -> Result<Option<f64>, Reason> {
        match self.leaf() {
            None | Some(Leaf::Null) => Ok(None),
            Some(Leaf::Number(value)) => Ok(Some(*value)),
            Some(Leaf::Text(text)) => number(text).map(Some),
            Some(Leaf::Bool | Leaf::Array | Leaf::Object) => Err(Reason::WrongShape),
        }
    }

    fn node(self) -> Option<&'t Node<'t>> {
        self.nodes.get(self.at)
    }

    fn leaf(self) -> Option<&'t Leaf<'t>> {
        self.node().map(|node| &node.leaf)
    }
}

fn read(text: &str) -> Result<Tree<'_>, Reason> {
    let mut builder = Builder { nodes: Vec::new(), fault: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let root = Place { to: &mut builder, key: Cow::Borrowed(""), depth: 0 };
    match root.deserialize(&mut json).and_then(|()| json.end()) {
        Ok(()) => Ok(Tree { nodes: builder.nodes }),
        Err(error) => Err(builder.fault.unwrap_or_else(|| {
            // The only word that the library has for a number like 1e400.
            let out_of_range = error.to_string().starts_with("number out of range");
            if out_of_range { Reason::NotFinite } else { Reason::NotJson }
        })),
    }
}

struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    fault: Option<Reason>,
}

/// Where the next value goes.
struct Place<'b, 'a> {
    to: &'b mut Builder<'a>,
    key: Cow<'a, str>,
    /// The depth of nesting.
    depth: usize,
}

impl<'a> Place<'_, 'a> {
    fn put<E: Error>(&mut self, leaf: Leaf<'a>) -> Result<usize, E> {
        let at = self.to.nodes.len();
        if at >= VALUES_MAX {
            return Err(self.refuse(Reason::TooMany));
        }
        self.to.nodes.push(Node { key: std::mem::take(&mut self.key), leaf, end: at + 1 });
        Ok(at)
    }

    fn open<E: Error>(&mut self, leaf: Leaf<'a>) -> Result<usize, E> {
        if self.depth >= DEPTH_MAX {
            return Err(self.refuse(Reason::TooDeep));
        }
        self.put(leaf)
    }

    fn close(&mut self, at: usize) {
        let end = self.to.nodes.len();
        if let Some(node) = self.to.nodes.get_mut(at) {
            node.end = end;
        }
    }

    fn refuse<E: Error>(&mut self, reason: Reason) -> E {
        self.to.fault = Some(reason);
        E::custom("beyond a limit")
    }
}

impl<'a> DeserializeSeed<'a> for Place<'_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Place<'_, 'a> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.put(Leaf::Null).map(drop)
    }
    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.put(Leaf::Bool).map(drop)
    }
    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        self.put(Leaf::Number(value as f64)).map(drop)
    }
    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        self.put(Leaf::Number(value as f64)).map(drop)
    }
    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        self.put(Leaf::Number(value)).map(drop)
    }
    fn visit_borrowed_str<E: Error>(mut self, text: &'a str) -> Result<(), E> {
        self.put(Leaf::Text(Cow::Borrowed(text))).map(drop)
    }
    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.put(Leaf::Text(Cow::Owned(text.to_owned()))).map(drop)
    }
    fn visit_seq<A: SeqAccess<'a>>(mut self, mut list: A) -> Result<(), A::Error> {
        let at = self.open(Leaf::Array)?;
        let depth = self.depth + 1;
        while list
            .next_element_seed(Place { to: &mut *self.to, key: Cow::Borrowed(""), depth })?
            .is_some()
        {}
        self.close(at);
        Ok(())
    }
    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        let at = self.open(Leaf::Object)?;
        let depth = self.depth + 1;
        while let Some(key) = map.next_key_seed(Key)? {
            map.next_value_seed(Place { to: &mut *self.to, key, depth })?;
        }
        self.close(at);
        Ok(())
    }
}

/// A name within an object: borrowed from the text, unless it has escapes.
struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;
    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::PAYLOAD_MAX;
    use super::*;

    fn at(text: &str, path: &[&str]) -> Result<Option<f64>, Reason> {
        let mut once = Once::new(text);
        let root = once.root()?;
        let found = path.iter().try_fold(root, |value, step| value.step(step));
        found.ok_or(Reason::Missing)?.number()
    }

    #[test]
    fn values_are_found_by_name_and_by_place() {
        let text = r#"{"a":{"x":1,"y":[2,{"z":"3.5"}]},"b":null,"a\u0062":-4}"#;
        assert_eq!(at(text, &["a", "x"]), Ok(Some(1.0)));
        assert_eq!(at(text, &["a", "y", "0"]), Ok(Some(2.0)));
        assert_eq!(at(text, &["a", "y", "1", "z"]), Ok(Some(3.5)));
        assert_eq!(at(text, &["b"]), Ok(None));
        assert_eq!(at(text, &["ab"]), Ok(Some(-4.0)));
        assert_eq!(at(text, &["a", "z"]), Err(Reason::Missing));
        assert_eq!(at(text, &["a", "y", "2"]), Err(Reason::Missing));
        assert_eq!(at(text, &["x"]), Err(Reason::Missing));
        assert_eq!(at(text, &["a"]), Err(Reason::WrongShape));
        assert_eq!(at("[]", &["0"]), Err(Reason::Missing));
        assert_eq!(at("{}", &["0"]), Err(Reason::Missing));
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_last_counts() {
        assert_eq!(at(r#"{"a":1,"a":2}"#, &["a"]), Ok(Some(2.0)));
    }

    #[test]
    fn sixteen_levels_are_read_and_seventeen_are_not() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(at(&nested(16), &["0"; 16]), Ok(Some(1.0)));
        assert_eq!(at(&nested(17), &["0"; 17]), Err(Reason::TooDeep));
        assert_eq!(at(&"[".repeat(100_000), &[]), Err(Reason::TooDeep));
        assert_eq!(at(&r#"{"a":"#.repeat(100_000), &[]), Err(Reason::TooDeep));
    }

    #[test]
    fn a_text_of_a_million_values_is_refused_before_it_takes_much_memory() {
        let text = format!("[{}0]", "0,".repeat(500_000));
        assert_eq!(at(&text, &["0"]), Err(Reason::TooMany));
        assert!(VALUES_MAX * size_of::<Node<'_>>() <= 4 * PAYLOAD_MAX);
    }

    #[test]
    fn what_is_not_json_has_its_reason() {
        for text in ["", "{", "{\"a\":}", "nan", "{\"a\":NaN}", "1 2", "{}x", "'a'"] {
            assert_eq!(at(text, &[]), Err(Reason::NotJson), "{text}");
        }
        assert_eq!(at(r#"{"a":1e400}"#, &["a"]), Err(Reason::NotFinite));
    }
}
