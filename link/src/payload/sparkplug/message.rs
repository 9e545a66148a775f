//! A Sparkplug B payload and its metrics, borrowed from the bytes. Only what a meter needs: no
//! data sets, templates or files, which are stepped over.
//!
//! Source: Eclipse Sparkplug 3.0, chapter 6, "Google Protocol Buffer Schema" and "Datatype
//! Details". Integers of every width come in unsigned fields; the datatype says what they are.
use super::super::{Reason, VALUES_MAX, number};
use super::wire::{Fields, Held, Malformed};

/// Quality "good" (chapter 6, "Quality Codes").
const GOOD: u32 = 192;

/// A payload, all of which has been found to be well formed.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    bytes: &'a [u8],
    /// When it was sent, ms since 1970 UTC.
    pub(super) timestamp: Option<u64>,
    /// Its place in the sequence of its node's messages.
    pub(super) seq: Option<u64>,
}

/// A metric in a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Metric<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) alias: Option<u64>,
    /// When it was measured, ms since 1970 UTC.
    pub(super) timestamp: Option<u64>,
    pub(super) datatype: Option<u32>,
    /// Not of now, but from before.
    pub(super) historical: bool,
    /// It has no value.
    null: bool,
    quality: Option<u32>,
    value: Raw,
}

/// A value as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Raw {
    #[default]
    None,
    Int(u32),
    Long(u64),
    Real(f64),
    Bool(bool),
    Other,
}

impl<'a> Message<'a> {
    /// Reads a payload, without its metrics' values.
    ///
    /// # Errors
    /// Bytes that are not a payload, and more metrics than are read.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Reason> {
        let mut message = Self { bytes, timestamp: None, seq: None };
        let mut metrics = 0_usize;
        for field in Fields::new(bytes) {
            match field.map_err(|Malformed| Reason::NotProtobuf)? {
                (1, Held::Varint(value)) => message.timestamp = Some(value),
                (2, Held::Bytes(metric)) => {
                    Metric::read(metric).map_err(|Malformed| Reason::NotProtobuf)?;
                    metrics += 1;
                }
                (3, Held::Varint(value)) => message.seq = Some(value),
                _ => {}
            }
        }
        if metrics > VALUES_MAX { Err(Reason::TooMany) } else { Ok(message) }
    }

    /// Its metrics, in order.
    pub(super) fn metrics(self) -> impl Iterator<Item = Metric<'a>> {
        Fields::new(self.bytes).filter_map(|field| match field {
            Ok((2, Held::Bytes(metric))) => Metric::read(metric).ok(),
            _ => None,
        })
    }

    /// The number that ties a death to a birth.
    pub(super) fn bd_seq(self) -> Option<u64> {
        let metric = self.metrics().find(|metric| metric.name == Some("bdSeq"))?;
        match metric.value {
            Raw::Int(value) => Some(value.into()),
            Raw::Long(value) => Some(value),
            _ => None,
        }
    }
}

impl<'a> Metric<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut metric = Self::default();
        for field in Fields::new(bytes) {
            match field? {
                (1, Held::Bytes(text)) => {
                    metric.name = Some(std::str::from_utf8(text).map_err(|_| Malformed)?);
                }
                (2, Held::Varint(value)) => metric.alias = Some(value),
                (3, Held::Varint(value)) => metric.timestamp = Some(value),
                (4, Held::Varint(value)) => metric.datatype = Some(value as u32),
                (5, Held::Varint(value)) => metric.historical = value != 0,
                (7, Held::Varint(value)) => metric.null = value != 0,
                (9, Held::Bytes(properties)) => metric.quality = quality(properties)?,
                (10, Held::Varint(value)) => metric.value = Raw::Int(value as u32),
                (11, Held::Varint(value)) => metric.value = Raw::Long(value),
                (12, Held::Four(bytes)) => {
                    metric.value = Raw::Real(f32::from_le_bytes(bytes).into());
                }
                (13, Held::Eight(bytes)) => metric.value = Raw::Real(f64::from_le_bytes(bytes)),
                (14, Held::Varint(value)) => metric.value = Raw::Bool(value != 0),
                (15..=19, Held::Bytes(_)) => metric.value = Raw::Other,
                _ => {}
            }
        }
        Ok(metric)
    }

    /// Whether its node itself calls the value bad or stale.
    pub(super) fn is_bad(&self) -> bool {
        self.quality.is_some_and(|quality| quality != GOOD)
    }

    /// Its value, if it has one, as a number of this datatype: a boolean is 0 or 1.
    ///
    /// # Errors
    /// A value that is no number, or not a finite one.
    pub(super) fn number(&self, datatype: u32) -> Result<Option<f64>, Reason> {
        if self.null {
            return Ok(None);
        }
        let value = match (self.value, datatype) {
            (Raw::None, _) => return Ok(None),
            (Raw::Other, _) | (Raw::Long(_), DATE_TIME) => return Err(Reason::WrongShape),
            (Raw::Int(value), INT8) => (value as i8).into(),
            (Raw::Int(value), INT16) => (value as i16).into(),
            (Raw::Int(value), INT32) => (value as i32).into(),
            (Raw::Int(value), _) => value.into(),
            // Some nodes write narrow integers wide.
            (Raw::Long(value), INT8) => (value as i8).into(),
            (Raw::Long(value), INT16) => (value as i16).into(),
            (Raw::Long(value), INT32) => (value as i32).into(),
            (Raw::Long(value), INT64) => (value as i64) as f64,
            (Raw::Long(value), _) => value as f64,
            (Raw::Real(value), _) => value,
            (Raw::Bool(value), _) => value.into(),
        };
        number::finite(value).map(Some)
    }
}

const INT8: u32 = 1;
const INT16: u32 = 2;
const INT32: u32 = 3;
const INT64: u32 = 4;
const DATE_TIME: u32 = 13;

/// The property "Quality" of a set of properties: two lists, of names and of values.
fn quality(properties: &[u8]) -> Result<Option<u32>, Malformed> {
    let mut names = 0_usize;
    let mut place = None;
    for field in Fields::new(properties) {
        if let (1, Held::Bytes(name)) = field? {
            if name == b"Quality" {
                place = Some(names);
            }
            names += 1;
        }
    }
    let Some(place) = place else {
        return Ok(None);
    };
    let mut values = Fields::new(properties).filter_map(|field| match field {
        Ok((2, Held::Bytes(value))) => Some(value),
        _ => None,
    });
    let Some(value) = values.nth(place) else {
        return Ok(None);
    };
    let mut quality = None;
    for field in Fields::new(value) {
        match field? {
            (3, Held::Varint(value)) => quality = Some(value as u32),
            (4, Held::Varint(value)) => quality = u32::try_from(value).ok(),
            _ => {}
        }
    }
    Ok(quality)
}
