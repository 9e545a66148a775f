//! A utility meter behind Tasmota's smart-meter reader: one object beside `Time`, named and filled
//! by its script. Powers are in W, counters in kWh.
//!
//! Source: tasmota.github.io, "Smart Meter Interface". Most scripts say `total_in`, `total_out` and
//! `power_curr`, with or without a capital; newer ones `ImportActive`, `ExportActive` and `Power`.
//! Some call the object by an empty name. A field may come by itself, as soon as it is read.
use super::Reason;
use super::json::Value;
use super::tasmota::sensors;
use gridtwin_twin::scenario::Quantity;

const POWER: &[&str] = &["power_curr", "power"];
const DRAWN: &[&str] = &["total_in", "totalin", "importactive"];
const RETURNED: &[&str] = &["total_out", "totalout", "exportactive"];
const VOLTAGE: &[&str] = &["voltage", "volt_p1", "voltage_p1", "voltage_l1"];

/// Which field, of which object.
pub(super) struct Sml {
    keys: &'static [&'static str],
    object: Option<Box<str>>,
}

impl Sml {
    /// None for what such a meter does not measure.
    pub(super) fn new(quantity: Quantity, object: Option<&str>) -> Option<Self> {
        let keys = match quantity {
            Quantity::Power => POWER,
            Quantity::Energy => DRAWN,
            Quantity::EnergyReturned => RETURNED,
            Quantity::Voltage => VOLTAGE,
            Quantity::Soc => return None,
        };
        Some(Self { keys, object: object.map(Box::from) })
    }

    /// The message's value, if any.
    pub(super) fn read(&self, root: Value<'_>) -> Result<Option<f64>, Reason> {
        let root = sensors(root);
        let object = match &self.object {
            Some(name) => root.get(name).map(Value::object).transpose()?,
            None => only(root)?,
        };
        let Some(object) = object else {
            return Ok(None);
        };
        self.keys.iter().find_map(|key| find(object, key)).map_or(Ok(None), Value::number)
    }
}

/// The only object that has one of the fields of a smart meter; `ENERGY` is the device's own.
fn only(root: Value<'_>) -> Result<Option<Value<'_>>, Reason> {
    let is_meter = |value: &Value<'_>| {
        let keys = [POWER, DRAWN, RETURNED];
        value.is_object()
            && value.key() != "ENERGY"
            && keys.iter().any(|keys| keys.iter().any(|key| find(*value, key).is_some()))
    };
    let mut meters = root.children().filter(is_meter);
    let first = meters.next();
    if meters.next().is_some() { Err(Reason::Ambiguous) } else { Ok(first) }
}

fn find<'t>(object: Value<'t>, key: &str) -> Option<Value<'t>> {
    object.children().find(|child| child.key().eq_ignore_ascii_case(key))
}
