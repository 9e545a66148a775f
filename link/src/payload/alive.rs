//! Whether a device is there at all, as its kind tells it in a topic beside its readings. Only
//! word that it has gone counts: that it is back, its next reading tells.
use super::json::Once;
use gridtwin_twin::scenario::Payload;

/// The topic that tells whether the device that writes to `topic` is there, where its kind has one:
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

/// Whether a message to such a topic says that the device has gone. Zigbee2MQTT writes the word
/// itself or `{"state":"offline"}`, Tasmota "Offline", Shelly "false".
pub(super) fn is_gone(message: &mut Once<'_>) -> bool {
    let text = message.text().trim_ascii();
    if text.starts_with('{') {
        let state = message.object().ok().and_then(|object| object.get("state")?.text());
        return state.is_some_and(|state| state.eq_ignore_ascii_case("offline"));
    }
    text.eq_ignore_ascii_case("offline") || text == "false"
}
