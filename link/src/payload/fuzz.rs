//! An entry point for fuzzing: any bytes, as a sequence of messages to meters of every kind. It
//! checks the properties that must hold for every message, and panics if one is violated.
use super::{Intake, Taken, What};
use gridtwin_twin::scenario::{Id, Meter, Payload, Phase, Quantity};

/// Meters of every kind of payload, and of every quantity that it has.
pub fn fuzz_meters() -> Vec<Meter> {
    use Quantity::{Energy, EnergyReturned, Power, Soc, Voltage};
    let quantities = [Power, Energy, EnergyReturned, Soc, Voltage];
    let mut meters = Vec::new();
    let Some(device) = Id::new("d") else { return meters };
    let mut add = |topic: &str, payload: Payload| {
        for quantity in quantities {
            let payload = payload.clone();
            let meter = Meter { quantity, payload, ..Meter::new(device.clone(), topic) };
            if super::check(&meter).is_ok() {
                meters.push(meter);
            }
        }
    };
    add("plain", Payload::Plain);
    for path in ["a", "a.b.0", "0", "meters.0.power"] {
        add("json", Payload::Json { path: path.into() });
    }
    for component in ["em:0", "emdata:0", "em1:0", "em1data:0", "switch:0", "pm1:0"] {
        for phase in [Phase::All, Phase::B] {
            add(&format!("s/status/{component}"), Payload::Shelly { phase });
        }
    }
    for channel in [None, Some(0), Some(1)] {
        add("tele/t/SENSOR", Payload::Tasmota { channel });
    }
    for object in [None, Some("SML"), Some("")] {
        add("tele/t/SENSOR", Payload::TasmotaSml { object: object.map(String::from) });
    }
    add("zigbee2mqtt/plug", Payload::Zigbee2mqtt);
    add("evcc/site/pvPower", Payload::Evcc);
    for topic in ["spBv1.0/G/N", "spBv1.0/G/N/D"] {
        for metric in ["p", "e", "bdSeq"] {
            add(topic, Payload::Sparkplug { metric: metric.into() });
        }
    }
    meters
}

/// The topics of those meters, and of devices beside them.
pub fn fuzz_topics() -> Vec<String> {
    let filters = Intake::new(&fuzz_meters()).subscriptions();
    let devices = filters.iter().filter_map(|filter| filter.strip_suffix('+'));
    let mut topics: Vec<String> =
        devices.flat_map(|node| [format!("{node}D"), format!("{node}E")]).collect();
    topics.extend(filters.iter().filter(|filter| !filter.ends_with('+')).cloned());
    topics.sort();
    topics
}

/// Takes any bytes as messages: of each, one byte says which of [`fuzz_topics`] it comes by (beyond
/// their number, its payload is its topic too), two how long its payload is, and that follows.
///
/// Returns how many of them were understood.
///
/// # Panics
/// When a promise about messages is broken.
pub fn fuzz_any(bytes: &[u8]) -> usize {
    let meters = fuzz_meters();
    let topics = fuzz_topics();
    let mut intake = Intake::new(&meters);
    let empty = intake.held();
    let mut rest = bytes;
    let mut out = Vec::new();
    let mut count = 0;
    while let Some((&[kind, high, low], after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(after.len());
        let (payload, after) = after.split_at(length);
        rest = after;
        let strange = String::from_utf8_lossy(payload);
        let topic = topics.get(usize::from(kind)).map_or(strange.as_ref(), String::as_str);
        out.clear();
        let taken = intake.take(topic, payload, &mut out);

        let said = matches!(taken, Taken::Said | Taken::Partly { .. });
        assert_eq!(said, !out.is_empty(), "{taken:?} with {} said", out.len());
        count += usize::from(said);
        for said in &out {
            assert!((said.meter as usize) < meters.len());
            assert!(!matches!(said.what, What::Value(value) if !value.is_finite()));
        }
        let held = intake.held();
        assert!(held.aliases <= held.metrics && held.asks <= held.nodes);
        assert_eq!(
            (held.topics, held.nodes, held.metrics),
            (empty.topics, empty.nodes, empty.metrics)
        );
        if kind % 2 == 0 {
            assert!(intake.asks(0).len() <= held.nodes);
        }
    }
    count
}
