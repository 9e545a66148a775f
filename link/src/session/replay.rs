//! Replays a journal, message by message, without clock and broker.

use super::SessionError;
use super::keeper::{Arrived, Keeper};
use crate::journal::Reader;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Observer;

/// The kind of the mark with which a session ends in order.
pub(super) const ENDED: &str = "ended";

/// Feeds a keeper all messages of a journal, up to the time until which it was kept, and returns
/// that time: the end of the session, or its last message if it was interrupted. What the twin
/// publishes on the way is discarded.
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
        // This was published in the original session.
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
