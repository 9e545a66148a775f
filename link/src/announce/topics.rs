//! The topics that the twin publishes by, and what makes an id fit for one. Not what is published.

use super::documents::Message;

/// The content of the availability topic while the twin is running.
pub const ONLINE: &str = "online";
/// Its content once the twin has stopped, published by the twin or as its last will by the broker.
pub const OFFLINE: &str = "offline";

/// An id as one level of a topic: characters that MQTT forbids or interprets (`+`, `#`, `/`, a
/// leading `$`, control characters) become `_`, with a suffix derived from the id, so that
/// different ids stay different.
pub fn topic_safe(id: &str) -> String {
    fit(id, |c| !c.is_control() && !matches!(c, '+' | '#' | '/'), 200)
}

/// An id of letters, digits, `_` and `-` alone, as Home Assistant's discovery topics need it.
pub(super) fn discovery_safe(id: &str) -> String {
    fit(id, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'), 200)
}

/// The id with `_` for what is not allowed, and with a mark where that changed something.
fn fit(id: &str, allowed: impl Fn(char) -> bool, longest: usize) -> String {
    let mut safe: String =
        id.chars().map(|c| if allowed(c) { c } else { '_' }).take(longest).collect();
    if safe.starts_with('$') {
        safe.replace_range(..1, "_");
    }
    if safe != id || id.is_empty() {
        // FNV-1a, 64 bits: small, and the same on every machine.
        let mark = id.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        safe.push_str(&format!("-{mark:016x}"));
    }
    safe
}

/// Where the state of the site is, retained.
pub fn state_topic(site: &str) -> String {
    of(site, "state")
}

/// Where its forecast is, retained.
pub fn forecast_topic(site: &str) -> String {
    of(site, "forecast")
}

/// Where alarms are raised and lifted.
pub fn alarm_topic(site: &str) -> String {
    of(site, "alarm")
}

/// The availability topic, retained, and used as last will.
pub fn availability_topic(site: &str) -> String {
    of(site, "availability")
}

/// Where a device's set points are.
pub fn setpoint_topic(site: &str, device: &str) -> String {
    format!("gridtwin/{}/setpoint/{}", topic_safe(site), topic_safe(device))
}

/// That the twin runs, or no longer: the second is also the client's last will.
pub fn availability_message(site: &str, runs: bool) -> Message {
    let payload = if runs { ONLINE } else { OFFLINE };
    Message { topic: availability_topic(site), payload: payload.into(), retain: true }
}

fn of(site: &str, what: &str) -> String {
    format!("gridtwin/{}/{what}", topic_safe(site))
}
