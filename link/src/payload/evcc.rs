//! evcc's topics: one scalar each, retained, and empty without a value. Its readings are plain
//! numbers; loadpoints and the like count from 1 in their topics.
//!
//! Source: docs.evcc.io, "MQTT API". A string is written bare, and so are numbers; other programs
//! that repeat these topics write them in quotation marks, and `null` for nothing.
use super::number::number;
use super::{Reason, What};

/// The value of a scalar.
pub(super) fn read(text: &str) -> Result<What, Reason> {
    let text = text.trim_ascii();
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    match bare.trim_ascii() {
        "" | "null" | "<nil>" => Ok(What::Gone),
        bare => number(bare).map(What::Value),
    }
}
