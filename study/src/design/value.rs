//! One value of an axis: the text behind `=` in `--set PATH=VALUE`, and the number that it is, if
//! it is one. What the text means is for the scenario to say.

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// What an axis sets: a text, and the number that it reads as, if any.
///
/// In a study file it is a number, a bool, or a text in quotes; the text in quotes is taken as it
/// is, so that `"BackupReserve(reserve_soc: 0.5)"` sets just that.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    text: String,
    number: Option<f64>,
}

impl Value {
    /// A value that is this text, without the blanks around it.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        Self { text: text.to_owned(), number }
    }

    /// What stands behind `=` in `--set PATH=VALUE`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The finite number that the text reads as.
    pub fn number(&self) -> Option<f64> {
        self.number
    }

    /// Why this can be no value of an axis, if it can't.
    pub(super) fn problem(&self) -> Option<String> {
        match self.text.as_str() {
            "" => Some("an empty text sets nothing; remove it or write a value".to_owned()),
            "inf" | "+inf" | "-inf" | "NaN" | "+NaN" | "-NaN" => {
                Some(format!("`{}` is not a finite number; write a finite number", self.text))
            }
            _ => None,
        }
    }
}

/// The shortest text that reads back as the same number: `200` for 200.0, `0.1`, `1e-7`.
pub(super) fn shortest(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        "0".to_owned() // and not `-0`
    } else if !number.is_finite() || (1e-5..1e16).contains(&size) {
        format!("{number}")
    } else {
        format!("{number:e}")
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        let finite = number.is_finite().then_some(if number == 0.0 { 0.0 } else { number });
        Self { text: shortest(number), number: finite }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::new(&number.to_string())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::new(&number.to_string())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::new(if yes { "true" } else { "false" })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// The text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, `true`, `false`, or a text in quotes")
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Value, E> {
        Ok(yes.into())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }
}

/// As a number or bool where that reads back as the same text, else as text.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(number) = self.text.parse::<i64>()
            && number.to_string() == self.text
        {
            return serializer.serialize_i64(number);
        }
        match (self.number, self.text.as_str()) {
            (Some(number), text) if shortest(number) == text => serializer.serialize_f64(number),
            (_, "true") => serializer.serialize_bool(true),
            (_, "false") => serializer.serialize_bool(false),
            (_, text) => serializer.serialize_str(text),
        }
    }
}
