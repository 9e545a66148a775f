//! A meter that is silent. Not how silence is measured, which is [`crate::quality::Silence`].

use super::latch::{Evidence, Latch, tell};
use super::{Change, Kind};
use crate::quality::Presence;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Id, Quantity};

/// A meter is back after this many consecutive checks at which it was present.
pub const BACK_AFTER: u32 = 2;

/// Times in evidence have a resolution of one second.
const SECOND: u64 = 1_000_000_000;

/// Whether one meter is dead.
#[derive(Clone, Debug)]
pub struct Dead {
    device: Id,
    quantity: Quantity,
    latch: Latch,
}

impl Dead {
    /// A meter that is not dead yet.
    pub fn new(device: Id, quantity: Quantity) -> Self {
        Self { device, quantity, latch: Latch::new(1, BACK_AFTER) }
    }

    /// Looks whether it is there `at` this instant.
    pub fn look(&mut self, at: SimTime, presence: Presence, changes: &mut Vec<Change>) {
        let (evidence, since) = match presence {
            Presence::Silent { since } | Presence::Gone { since } => (Evidence::For, since),
            Presence::Here => (Evidence::Against, at),
            Presence::Awaited => (Evidence::None, at),
        };
        // It is dead since its last reading, not since that was noticed.
        let turn = match evidence {
            Evidence::For if !self.latch.is_raised() => self.latch.raise(since),
            _ => self.latch.look(at, evidence),
        };
        tell(changes, turn, at, (&self.device, self.quantity, Kind::Dead), || match presence {
            Presence::Gone { since } => {
                format!("It was reported offline at {}.", SimTime(since.0 / SECOND * SECOND))
            }
            _ => {
                let silent = at.since(since);
                format!("No usable reading for {}.", in_words(silent))
            }
        });
    }

    /// Whether it is dead.
    pub fn is_raised(&self) -> bool {
        self.latch.is_raised()
    }
}

/// A length of time as in 6 min 37 s.
fn in_words(span: Span) -> String {
    let seconds = span.0 / SECOND;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
