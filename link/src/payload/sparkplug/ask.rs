//! Asking a node to be born again, and not too often.
//!
//! Source: Eclipse Sparkplug 3.0, chapter 5, "Commands", and chapter 6, "NCMD".

/// A message to publish, with QoS 0 and not retained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// To which topic.
    pub topic: String,
    /// What it says.
    pub payload: Vec<u8>,
}

/// How many of a node's messages pass before it is asked again, the first time.
const FEW: u32 = 8;
/// And at most.
const MANY: u32 = 4096;
/// After this many messages in order a node is fully trusted again.
const TRUSTED: u32 = 256;

/// When a node may be asked again: after twice as many of its messages each time, so that a node
/// that does not heal is hardly troubled.
pub(super) struct Patience {
    /// The number of messages from now.
    quiet: u32,
    /// How many after the next request.
    wait: u32,
    /// The number of messages in order since the last request.
    good: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { quiet: 0, wait: FEW, good: 0 }
    }
}

impl Patience {
    /// A message has arrived.
    pub(super) fn pass(&mut self) {
        self.quiet = self.quiet.saturating_sub(1);
        self.good = self.good.saturating_add(1);
        if self.good >= TRUSTED {
            self.wait = FEW;
        }
    }

    /// Whether to ask now that there is a reason to.
    pub(super) fn ask(&mut self) -> bool {
        self.good = 0;
        if self.quiet > 0 {
            return false;
        }
        self.quiet = self.wait;
        self.wait = (self.wait * 2).min(MANY);
        true
    }
}

/// The request to a node to publish its birth certificate and those of its devices.
pub(super) fn rebirth(group: &str, node: &str, now_ms: i64) -> Ask {
    let now = u64::try_from(now_ms).unwrap_or(0);
    let mut metric = Vec::with_capacity(40);
    text(&mut metric, 1, b"Node Control/Rebirth");
    varint(&mut metric, 3, now);
    varint(&mut metric, 4, 11); // a boolean
    varint(&mut metric, 14, 1); // true
    let mut payload = Vec::with_capacity(metric.len() + 10);
    varint(&mut payload, 1, now);
    text(&mut payload, 2, &metric);
    Ask { topic: format!("spBv1.0/{group}/NCMD/{node}"), payload }
}

fn text(to: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    digits(to, field << 3 | 2);
    digits(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

fn varint(to: &mut Vec<u8>, field: u64, value: u64) {
    digits(to, field << 3);
    digits(to, value);
}

fn digits(to: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_does_not_heal_is_asked_ever_more_rarely() {
        let mut patience = Patience::default();
        let asked = (0..100_000).filter(|_| {
            patience.pass();
            patience.ask()
        });
        // After 8, 16, ... 2048 messages, and then once in 4096.
        assert_eq!(asked.count(), 10 + (100_000 - 4088) / 4096);
    }

    #[test]
    fn a_node_that_healed_is_asked_soon_again() {
        let mut patience = Patience::default();
        for _ in 0..10 {
            while !patience.ask() {
                patience.pass();
            }
        }
        assert_eq!(patience.wait, MANY);
        for _ in 0..MANY {
            patience.pass();
        }
        assert!(patience.ask());
        assert_eq!(patience.quiet, FEW);
    }
}
