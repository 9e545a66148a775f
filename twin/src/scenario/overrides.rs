//! Values set from outside the file: `--set batteries.main.capacity_kwh=800`, and factors and sums on
//! what stands there: `--set 'grid.tariff.price_per_kwh*=1.3'`, `--set 'grid.import_limit_kw+=20'`.
//! They change the text where the value stands, so that what is set goes through the same reading
//! and checking as what is written.

use super::error::ScenarioError;
use super::load::{ron_options, understand};
use super::nearest::{choices, suggest};
use super::scan::{Bytes, Kind, Node, scan};
use super::source::{Source, inside_some};
use std::fmt;
use std::str::FromStr;

/// `PATH=VALUE`: a value for one place of the scenario; `PATH*=FACTOR` and `PATH+=NUMBER` change the
/// number that stands there, or its default. The path goes by fields, and in lists by `[index]` or
/// by the `id` or `name` of the thing: `pv[0].dc_kw`, `batteries.main.capacity_kwh`,
/// `grid.tariff.periods.peak.price_per_kwh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    path: String,
    how: How,
    value: String,
    label: String,
}

/// What becomes of what stands at the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// It is replaced.
    Set,
    /// It is multiplied.
    Times,
    /// It is added to.
    Plus,
    /// It is taken out of its list.
    Without,
}

impl How {
    /// As it is written.
    fn sign(self) -> &'static str {
        match self {
            Self::Set => "=",
            Self::Times => "*=",
            Self::Plus => "+=",
            Self::Without => "",
        }
    }

    /// The path before the sign, and the sign: `a.b*` is `a.b` and `*=`.
    fn split(path: &str) -> (&str, Self) {
        match (path.strip_suffix('*'), path.strip_suffix('+')) {
            (Some(path), _) => (path, Self::Times),
            (_, Some(path)) => (path, Self::Plus),
            _ => (path, Self::Set),
        }
    }
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text.split_once('=').ok_or_else(|| {
            format!("found `{text}`, expected PATH=VALUE as in `batteries.main.capacity_kwh=800`")
        })?;
        let (path, how) = How::split(path.trim());
        let (path, value, sign) = (path.trim(), value.trim(), how.sign());
        if path.is_empty() || value.is_empty() {
            return Err(format!(
                "found `{text}`, expected a path before `{sign}` and a value after it"
            ));
        }
        if how != How::Set && number(value).is_none() {
            return Err(format!(
                "found `{text}`, expected a number after `{sign}`, as in \
                 `grid.tariff.price_per_kwh*=1.3`"
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            how,
            value: value.to_owned(),
            label: format!("--set {path}{sign}{value}"),
        })
    }
}

impl Override {
    /// Takes a thing out of its list, as in `batteries.main`: a site without it. What else names it
    /// is refused when the scenario is checked.
    pub fn without(path: &str) -> Self {
        let label = format!("without {path}");
        Self { path: path.to_owned(), how: How::Without, value: String::new(), label }
    }

    /// Which field it sets, as in `batteries.main.capacity_kwh`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// As it was given: `PATH=VALUE`, `PATH*=FACTOR` or `PATH+=NUMBER`; or `without PATH`.
impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            How::Without => f.write_str(&self.label),
            how => write!(f, "{}{}{}", self.path, how.sign(), self.value),
        }
    }
}

impl Override {
    /// A change of one value while the run goes on, called by what it sets.
    pub(crate) fn change(path: &str, value: &str) -> Result<Self, String> {
        let text = format!("{path}={value}");
        let label = format!("{} = {}", path.trim(), value.trim());
        text.parse().map(|change: Self| Self { label, ..change })
    }

    /// What an option of its own sets: a number at a field of the scenario itself.
    pub(crate) fn flag(option: &str, path: &str, value: u64) -> Self {
        Self {
            path: path.to_owned(),
            how: How::Set,
            value: value.to_string(),
            label: format!("{option} {value}"),
        }
    }

    fn refuse(&self, message: &str, help: &str) -> ScenarioError {
        ScenarioError::outside(&self.label, message, help)
    }
}

/// The source in which one value is set.
pub(crate) fn apply(source: &Source, change: &Override) -> Result<Source, ScenarioError> {
    if change.how == How::Without {
        let (span, text) = removed(View { text: source.text(), node: source.root() }, change)?;
        return Ok(source.edited(span, text, &change.label));
    }
    // What is left out of the file stands in its resolved form, if it can be read at all.
    let resolved = understand(source.clone()).ok().map(|scenario| {
        let text = ron_options().to_string(&scenario).unwrap_or_default();
        let root = scan(&text).0;
        (text, root)
    });
    let resolved = resolved.as_ref().map(|(text, root)| View { text, node: root });
    let written = View { text: source.text(), node: source.root() };
    let (span, text) = place(written, resolved, &change.path, change)?;
    let edited = source.edited(span.clone(), &text, &change.label);
    Ok(edited)
}

/// What of the text a change would replace, as far as that can be told from the text alone.
pub(super) fn replaced(source: &Source, change: &Override) -> Option<Bytes> {
    let written = View { text: source.text(), node: source.root() };
    let as_set = Override { how: How::Set, ..change.clone() };
    place(written, None, &change.path, &as_set).ok().map(|(span, _)| span)
}

/// What to replace by what so that a thing is no longer in its list.
fn removed(written: View, change: &Override) -> Result<(Bytes, &'static str), ScenarioError> {
    let (name, item) = head(&change.path);
    let list = written.open().field(name).map(View::open);
    let Some(list) = list.filter(|list| list.node.kind == Kind::List) else {
        return Err(change.refuse(&format!("there is no list `{name}`"), ""));
    };
    let (index, rest) = list_item(list, item, change)?;
    if !rest.is_empty() {
        return Err(change.refuse(&format!("`{rest}` does not name an item of a list"), ""));
    }
    let span = |index: usize| list.node.children.get(index).map(|child| child.value.span.clone());
    Ok(match (index.checked_sub(1).and_then(span), span(index), span(index + 1)) {
        // With the comma that stands between two of them.
        (_, Some(this), Some(next)) => (this.start..next.start, ""),
        (Some(previous), Some(this), None) => (previous.end..this.end, ""),
        _ => (list.node.span.clone(), "[]"),
    })
}

/// A node with the text that it stands in.
#[derive(Clone, Copy)]
struct View<'a> {
    text: &'a str,
    node: &'a Node,
}

impl<'a> View<'a> {
    fn of(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    fn str(self) -> &'a str {
        self.text.get(self.node.span.clone()).unwrap_or_default()
    }

    fn open(self) -> Self {
        self.of(inside_some(self.node, self.text))
    }

    fn field(self, name: &str) -> Option<Self> {
        Some(self.of(&self.node.field(name)?.value))
    }

    /// The names of the fields that are written here.
    fn fields(self) -> Vec<&'a str> {
        let keys = self.node.children.iter().filter_map(|child| child.key.as_ref());
        keys.map(|(name, _)| name.as_str()).collect()
    }

    /// The names of the things in a list: their `id`, or where they have none, their `name`.
    fn ids(self) -> Vec<&'a str> {
        let ids = self.node.children.iter().map(|child| {
            let thing = self.of(&child.value).open();
            let id = thing.field("id").or_else(|| thing.field("name"));
            id.map_or("", |id| id.str().trim_matches('"'))
        });
        ids.collect()
    }
}

/// What to replace by what so that the value stands at `path`, seen from a written node.
fn place(
    written: View,
    resolved: Option<View>,
    path: &str,
    change: &Override,
) -> Result<(Bytes, String), ScenarioError> {
    if path.is_empty() {
        let value = value_text(change, resolved.or(Some(written)))?;
        return Ok((written.node.span.clone(), value));
    }
    let written = written.open();
    let resolved = resolved.map(View::open);
    if written.node.kind == Kind::List {
        let (index, rest) = list_item(written, path, change)?;
        let inner = resolved.and_then(|all| Some(all.of(&all.node.item(index)?.value)));
        return place(written.of(&written.node.children[index].value), inner, rest, change);
    }
    if path.starts_with('[') {
        let (index, rest) = index(path, change)?;
        let item = written.node.item(index).ok_or_else(|| {
            let found = written.node.children.len();
            let message =
                format!("there is no item [{index}] among {found} values, counted from [0]");
            change.refuse(&message, "")
        })?;
        let inner = resolved.and_then(|all| Some(all.of(&all.node.item(index)?.value)));
        return place(written.of(&item.value), inner, rest, change);
    }
    let (name, rest) = head(path);
    let inner = resolved.and_then(|all| all.field(name));
    if let Some(child) = written.field(name) {
        return place(child, inner, rest, change);
    }
    let known = resolved.map(View::fields).unwrap_or_default();
    if resolved.is_some() && inner.is_none() {
        return Err(no_field(name, written, &known, change));
    }
    let new = format!("{name}: {}", absent(inner, rest, change)?);
    match written.node.open {
        Some(open) => {
            let comma = if written.node.children.is_empty() { "" } else { ", " };
            Ok((open + 1..open + 1, format!("{new}{comma}")))
        }
        None if written.str() == "None" => Ok((written.node.span.clone(), format!("({new})"))),
        None => Err(no_field(name, written, &known, change)),
    }
}

/// The text of a value that is left out of the file, with the change at `path` within it.
fn absent(default: Option<View>, path: &str, change: &Override) -> Result<String, ScenarioError> {
    if path.is_empty() {
        return value_text(change, default);
    }
    match default.filter(|default| default.str() != "None") {
        Some(default) => {
            let (span, text) = place(default, Some(default), path, change)?;
            let whole = default.node.span.clone();
            let inner = span.start - whole.start..span.end - whole.start;
            let mut new = default.str().to_owned();
            new.replace_range(inner, &text);
            Ok(new)
        }
        None => {
            let (name, rest) = head(path);
            Ok(format!("({name}: {})", absent(None, rest, change)?))
        }
    }
}

fn no_field(name: &str, written: View, known: &[&str], change: &Override) -> ScenarioError {
    if known.is_empty() {
        let found = written.str();
        let message = format!("there is no field `{name}` in `{found}`");
        return change.refuse(&message, "this value has no fields: end the path before that name");
    }
    let help = suggest(name, known.iter().copied());
    change.refuse(&format!("there is no field `{name}`"), &help)
}

/// The first name of a path, and what is behind it.
fn head(path: &str) -> (&str, &str) {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let rest = &path[end..];
    (&path[..end], rest.strip_prefix('.').unwrap_or(rest))
}

/// The index at a path's front, and what is behind it.
fn index<'a>(path: &'a str, change: &Override) -> Result<(usize, &'a str), ScenarioError> {
    let parts = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let number = parts.and_then(|(number, rest)| Some((number.trim().parse().ok()?, rest)));
    let (index, rest) = number.ok_or_else(|| {
        change.refuse(&format!("found `{path}`, expected an index"), "write [0], [1] and so on")
    })?;
    Ok((index, rest.strip_prefix('.').unwrap_or(rest)))
}

/// Which item of a list a path means, and what is behind it.
fn list_item<'a>(
    all: View,
    path: &'a str,
    change: &Override,
) -> Result<(usize, &'a str), ScenarioError> {
    let ids = all.ids();
    let count = ids.len();
    if path.starts_with('[') {
        let (index, rest) = index(path, change)?;
        if index < count {
            return Ok((index, rest));
        }
        let message = format!("there is no item [{index}] in a list of {count}");
        return Err(change.refuse(&message, "the first is [0]"));
    }
    // A name may contain points: the longest that fits is meant.
    let behind = |id: &str| -> Option<&'a str> {
        let rest = path.strip_prefix(id)?;
        let ends = !id.is_empty() && (rest.is_empty() || rest.starts_with(['.', '[']));
        ends.then(|| rest.strip_prefix('.').unwrap_or(rest))
    };
    let fitting = (0..count).filter_map(|i| Some((ids[i].len(), i, behind(ids[i])?)));
    if let Some((_, index, rest)) = fitting.max_by_key(|(length, index, _)| (*length, *index)) {
        return Ok((index, rest));
    }
    let name = head(path).0;
    let named: Vec<&str> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    let help = match named.is_empty() {
        true if count == 0 => "the list is empty: set the whole list, as in `pv=[(..)]`".to_owned(),
        true => format!("give the item's index, [0] to [{}]", count - 1),
        false => choices("names", name, named),
    };
    Err(change.refuse(&format!("there is no `{name}` in the list"), &help))
}

/// The value as it shall stand in the text: in quotes where what it replaces is.
fn value_text(change: &Override, replaces: Option<View>) -> Result<String, ScenarioError> {
    if change.how != How::Set {
        return changed_number(change, replaces);
    }
    let value = &change.value;
    let is_text = replaces.is_some_and(|old| old.open().node.kind == Kind::Text);
    let (node, broken) = scan(value);
    if is_text && node.kind != Kind::Text {
        return Ok(format!("{value:?}"));
    }
    match broken {
        // Without a comment that might stand around it.
        None => Ok(value[node.span].to_owned()),
        Some(_) => Err(change.refuse(
            &format!("found `{value}`, expected a single value"),
            "a value is a number, a \"text\", a Name, a list [..] or fields in (..)",
        )),
    }
}

/// The number that stands there with the factor or the sum applied.
fn changed_number(change: &Override, old: Option<View>) -> Result<String, ScenarioError> {
    let sign = change.how.sign();
    let Some(old) = old.map(View::open) else {
        let message = format!("there is no value that `{sign}` could change");
        return Err(change.refuse(&message, "set a value with `=` first"));
    };
    let (Some(now), Some(by)) = (number(old.str()), number(&change.value)) else {
        let found: String = old.str().chars().take(40).collect();
        let message = format!("`{sign}` needs a number, but the field holds `{found}`");
        return Err(change.refuse(&message, "name a field that holds a number"));
    };
    let times = change.how == How::Times;
    // Whole numbers exactly: a seed has more digits than a number with a fraction can hold.
    if let (Ok(now), Ok(by)) = (old.str().parse::<i64>(), change.value.parse::<i64>()) {
        let new = if times { now.checked_mul(by) } else { now.checked_add(by) };
        if let Some(new) = new {
            return Ok(new.to_string());
        }
    }
    let new = if times { now * by } else { now + by };
    if !new.is_finite() {
        let message =
            format!("{} {} {} is not a finite number", old.str(), &sign[..1], change.value);
        return Err(change.refuse(&message, ""));
    }
    Ok(plain(new))
}

/// A number as scenarios have them.
fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    text.parse().ok().filter(|number: &f64| digits && number.is_finite())
}

/// A number without the last digits of a product in binary: 3 * 0.1 is 0.3.
fn plain(value: f64) -> String {
    // To 15 significant digits.
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}
