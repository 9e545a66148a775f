//! Nonsense that a broken device, or a stranger, might publish on a meter's topic.

use gridtwin_kernel::Stream;
use rand::RngExt;

/// Corrupts a payload in one of several ways.
pub(super) fn spoil(payload: &[u8], stream: &mut Stream) -> Vec<u8> {
    match stream.random_range(0..8) {
        0 => Vec::new(),
        1 => payload.get(..payload.len() / 2).unwrap_or_default().to_vec(),
        2 => (0..stream.random_range(1..64)).map(|_| stream.random::<u8>()).collect(),
        3 => b"nan".to_vec(),
        4 => b"-1e308".to_vec(),
        5 => b"unavailable".to_vec(),
        6 => vec![b'['; 4096],
        _ => {
            br#"{"id":"0","apower":"n/a","ENERGY":{"Power":null},"power":{},"total_act_power":[]}"#
                .to_vec()
        }
    }
}
