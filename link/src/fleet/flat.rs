//! The plain kinds of payload: a number alone, a number somewhere in JSON, Zigbee2MQTT's flat
//! document, and evcc's scalars.

use super::document::{Document, number, or_null, put, rounded, shown};
use super::sensor::Reading;
use gridtwin_twin::scenario::{Payload, Quantity};

/// A single number, or none.
pub(super) fn plain(reading: &Reading<'_>) -> Option<Vec<u8>> {
    let value = reading.snapshot?.own?;
    Some(value.to_string().into_bytes())
}

/// A number as evcc writes it; empty, which erases the topic, where there is none.
pub(super) fn evcc(reading: &Reading<'_>) -> Option<Vec<u8>> {
    let value = reading.snapshot?.own;
    Some(value.map(trimmed).unwrap_or_default().into_bytes())
}

/// Up to three decimals, without zeros at the end.
fn trimmed(value: f64) -> String {
    let mut text = format!("{value:.3}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// Numbers at their paths.
pub(super) fn json(document: &mut Document, readings: &[Reading<'_>]) {
    for reading in readings {
        let Payload::Json { path } = &reading.meter.payload else { continue };
        if let Some(value) = reading.snapshot.and_then(|snapshot| snapshot.own) {
            put(document, path, number(value));
        }
    }
}

/// A plug or meter behind Zigbee2MQTT.
pub(super) fn zigbee2mqtt(
    document: &mut Document,
    readings: &[Reading<'_>],
    line_v: f64,
    link_quality: u8,
) {
    let power = shown(readings, Quantity::Power);
    let voltage = shown(readings, Quantity::Voltage);
    let soc = shown(readings, Quantity::Soc);
    let volts = if voltage.metered { voltage.value } else { Some(line_v.round()) };
    if let Some(soc) = soc.value {
        document.insert("battery".into(), number(soc));
    }
    for (key, quantity) in
        [("energy", Quantity::Energy), ("produced_energy", Quantity::EnergyReturned)]
    {
        let shown = shown(readings, quantity);
        let always = quantity == Quantity::Energy && power.value.is_some();
        if shown.metered || always {
            document.insert(key.into(), or_null(shown.value));
        }
    }
    if power.metered || power.value.is_some() {
        document.insert("power".into(), or_null(power.value));
        if let (Some(watts), Some(volts)) = (power.value, volts)
            && volts > 0.0
        {
            document.insert("current".into(), rounded(watts.abs() / volts, 2));
        }
        document.insert("state".into(), "ON".into());
    }
    if voltage.metered || power.value.is_some() {
        document.insert("voltage".into(), or_null(volts));
    }
    document.insert("linkquality".into(), link_quality.into());
}
