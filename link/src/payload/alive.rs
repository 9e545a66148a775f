//! Whether a device is offline, as its kind reports it in a separate topic. Only offline messages
//! count: the next reading shows that it is back.
use super::json::Once;
use gridtwin_twin::scenario::Payload;

/// The topic that reports whether the device that writes to `topic` is online, if its kind has one:
/// Shelly's `PREFIX/online`, Tasmota's `tele/DEVICE/LWT`, Zigbee2MQTT's `NAME/availability`.
pub(super) fn topic(payload: &Payload, topic: &str) -> Option<String> {
    match payload {
        Payload::Shelly { .. } => {
            let (rest, _component) = topic.rsplit_once('/')?;
            Some(format!("{}online", rest.strip_suffix("status")?))
        }
        Payload::Tasmota { .. } | Payload::TasmotaSml { .. } => {
            Some(format!("{}LWT", topic.strip_suffix("SENSOR")?))
        }
        Payload::Zigbee2mqtt => Some(format!("{topic}/availability")),
        Payload::Plain | Payload::Json { .. } | Payload::Evcc | Payload::Sparkplug { .. } => None,
    }
}

/// Whether such a message reports the device as offline. Zigbee2MQTT writes the word itself or
/// `{"state":"offline"}`, Tasmota "Offline", Shelly "false".
pub(super) fn is_gone(message: &mut Once<'_>) -> bool {
    let text = message.text().trim_ascii();
    if text.starts_with('{') {
        let state = message.object().ok().and_then(|object| object.get("state")?.text());
        return state.is_some_and(|state| state.eq_ignore_ascii_case("offline"));
    }
    text.eq_ignore_ascii_case("offline") || text == "false"
}
