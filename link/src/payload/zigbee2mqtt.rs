//! Zigbee2MQTT's state of a device: one flat object, of which any part may be there.
//!
//! Source: zigbee2mqtt.io, "MQTT topics and messages" and the devices' pages. Voltage is in V for
//! mains devices, and in mV for most battery devices: the scenario says which.
use super::Reason;
use super::json::Value;
use gridtwin_twin::scenario::Quantity;

/// The name that a quantity has.
pub(super) fn key(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Power => "power",
        Quantity::Energy => "energy",
        Quantity::EnergyReturned => "produced_energy",
        Quantity::Soc => "battery",
        Quantity::Voltage => "voltage",
    }
}

/// What the object holds under this name, if anything.
pub(super) fn read(root: Value<'_>, key: &str) -> Result<Option<f64>, Reason> {
    root.get(key).map_or(Ok(None), Value::number)
}
