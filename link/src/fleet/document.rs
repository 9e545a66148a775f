//! What the writers of JSON documents share: numbers, places in a document, and the splitting of a
//! sum among phases. Not the documents of any one kind of device.

use super::sensor::{Reading, Snapshot, tidy};
use gridtwin_twin::scenario::{Meter, Quantity};
use serde_json::{Map, Number, Value};

/// A JSON object under way.
pub(super) type Document = Map<String, Value>;

/// The highest index in an array that a path may name; beyond it, a number is a name.
const LONGEST_ARRAY: usize = 1000;

/// A number as devices write it: without a fraction where there is none, null where it is none.
pub(super) fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// A number with at most this many decimals.
pub(super) fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10f64.powi(decimals);
    number(tidy((value * scale).round() / scale))
}

/// A reading, or null where there is none.
pub(super) fn or_null(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// What a component shows of one quantity: the reading of the meter for it where there is one
/// among `readings` (nothing while that is dead), or else what the others know of it.
pub(super) fn shown(readings: &[Reading<'_>], quantity: Quantity) -> Shown {
    if let Some(reading) = readings.iter().find(|r| r.meter.quantity == quantity) {
        return Shown { value: reading.snapshot.and_then(|s| s.own), metered: true };
    }
    let other = readings.iter().filter_map(|r| r.snapshot).find(|s| s.power.is_some());
    let value = other.and_then(|snapshot: Snapshot| match quantity {
        Quantity::Power => snapshot.power,
        Quantity::Energy => Some(snapshot.import),
        Quantity::EnergyReturned => Some(snapshot.export),
        Quantity::Soc | Quantity::Voltage => None,
    });
    Shown { value, metered: false }
}

/// What a component shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// The number, where there is one.
    pub(super) value: Option<f64>,
    /// Whether a meter of the scenario reads it.
    pub(super) metered: bool,
}

/// The parts of a whole of which some are known: the others share what is left. Without a whole
/// the others are nothing.
pub(super) fn split(whole: Option<f64>, parts: &mut [Option<f64>]) {
    let known: f64 = parts.iter().flatten().sum();
    let unknown = parts.iter().filter(|part| part.is_none()).count();
    let each = whole.map_or(0.0, |whole| (whole - known) / unknown.max(1) as f64);
    for part in parts.iter_mut().filter(|part| part.is_none()) {
        *part = Some(tidy(each));
    }
}

/// Sets a value at a path with dots, as in "meters.0.power": numbers are indices of arrays,
/// everything else is a name. An existing value that is no container is not replaced.
pub(super) fn put(document: &mut Document, path: &str, value: Value) {
    let mut keys = path.split('.').peekable();
    let Some(first) = keys.next() else { return };
    let mut slot = document.entry(first).or_insert(Value::Null);
    for key in keys {
        let index = key.parse::<usize>().ok().filter(|&index| index < LONGEST_ARRAY);
        if slot.is_null() {
            *slot = if index.is_some() { Value::Array(Vec::new()) } else { Document::new().into() };
        }
        slot = match (slot, index) {
            (Value::Array(array), Some(index)) => {
                if array.len() <= index {
                    array.resize(index + 1, Value::Null);
                }
                match array.get_mut(index) {
                    Some(slot) => slot,
                    None => return,
                }
            }
            (Value::Object(object), _) => object.entry(key).or_insert(Value::Null),
            _ => return,
        };
    }
    if slot.is_null() {
        *slot = value;
    }
}

/// The readings among these that a condition picks.
pub(super) fn pick<'a>(readings: &[Reading<'a>], is: impl Fn(&Meter) -> bool) -> Vec<Reading<'a>> {
    readings.iter().filter(|reading| is(reading.meter)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_arrays() {
        let mut document = Document::new();
        put(&mut document, "meters.1.power", number(3.5));
        put(&mut document, "meters.1.power.deeper", number(1.0));
        put(&mut document, "plain", number(2.0));
        put(&mut document, "names.99999999999", number(1.0));
        assert_eq!(
            Value::Object(document).to_string(),
            r#"{"meters":[null,{"power":3.5}],"names":{"99999999999":1},"plain":2}"#
        );
    }

    #[test]
    fn unknown_phases_share_what_the_known_ones_leave() {
        let mut parts = [None, Some(4.0), None];
        split(Some(10.0), &mut parts);
        assert_eq!(parts, [Some(3.0), Some(4.0), Some(3.0)]);
    }
}
