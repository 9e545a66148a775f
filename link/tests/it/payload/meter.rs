//! Meters for tests, and one message to one meter.
use gridtwin_link::payload::{Intake, Reason, Said, Taken, What, check};
use gridtwin_twin::scenario::{Id, Meter, Payload, Quantity};

pub(crate) fn meter(topic: &str, payload: Payload, quantity: Quantity) -> Meter {
    Meter { quantity, payload, ..Meter::new(Id::new("d").unwrap(), topic) }
}

/// What one message to one meter of this kind says, in the quantity's base unit.
pub(crate) fn read(
    topic: &str,
    payload: Payload,
    quantity: Quantity,
    text: &str,
) -> Result<Option<What>, Reason> {
    let meter = meter(topic, payload, quantity);
    assert_eq!(check(&meter), Ok(()), "{topic}");
    one(&mut Intake::new(&[meter]), topic, text)
}

/// What one message says of the only meter that listens to its topic.
pub(crate) fn one(intake: &mut Intake, topic: &str, text: &str) -> Result<Option<What>, Reason> {
    let mut out = Vec::new();
    match intake.take(topic, text.as_bytes(), &mut out) {
        Taken::Said => match out[..] {
            [Said { what, stamped_ms: None, .. }] => Ok(Some(what)),
            _ => panic!("{out:?}"),
        },
        Taken::Nothing => Ok(None),
        Taken::Unreadable(reason) => Err(reason),
        taken => panic!("{taken:?}"),
    }
}

/// A reading, equal to the last digit but one.
pub(crate) fn near(read: Result<Option<What>, Reason>, value: f64) {
    match read {
        Ok(Some(What::Value(read))) if (read - value).abs() <= 1e-9 * value.abs().max(1.0) => {}
        _ => panic!("{read:?} is not {value}"),
    }
}
