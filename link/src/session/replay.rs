//! The same once more: what stands in a journal, message by message, without clock and broker.

use super::SessionError;
use super::keeper::{Arrived, Keeper};
use crate::journal::Reader;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Observer;

/// The kind of the mark with which a session ends in order.
pub(super) const ENDED: &str = "ended";

/// Gives a keeper all messages that stand in a journal, and the time up to where it was kept. The
/// answer is that time: the end of the session, or its last message where it was cut off. What the
/// twin said on the way is dropped.
///
/// # Errors
/// A journal that cannot be read.
pub fn replay<O: Observer>(
    journal: &mut Reader,
    keeper: &mut Keeper<O>,
) -> Result<SimTime, SessionError> {
    for message in journal.messages(0) {
        let message = message?;
        keeper.look_at(&Arrived {
            at: message.at,
            topic: &message.topic,
            payload: &message.payload,
            retained: message.retained,
        })?;
        // What was said then has been heard.
        keeper.take_said();
        keeper.take_alarms();
    }
    let mut until = keeper.live().now();
    for mark in journal.marks(0) {
        let mark = mark?;
        if mark.kind == ENDED {
            until = until.max(mark.at);
        }
    }
    keeper.pass(until)?;
    keeper.introduce();
    Ok(until)
}
