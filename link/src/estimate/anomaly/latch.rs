//! Evidence that must last before an anomaly is reported, and be absent for longer before it is
//! cleared. Not the evidence itself.

use super::{Anomaly, Change, Kind};
use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::{Id, Quantity};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    For,
    Against,
    /// No conclusion is possible.
    None,
}

impl Evidence {
    pub(super) fn of(suspicious: bool) -> Self {
        if suspicious { Self::For } else { Self::Against }
    }
}

/// What a look changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Raised { since: SimTime },
    Cleared,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Latch {
    raise_after: u32,
    clear_after: u32,
    /// Looks in a row for it, or, once it is raised, against it.
    count: u32,
    since: SimTime,
    raised: bool,
}

impl Latch {
    pub(super) fn new(raise_after: u32, clear_after: u32) -> Self {
        Self { raise_after, clear_after, count: 0, since: SimTime::ZERO, raised: false }
    }

    pub(super) fn is_raised(&self) -> bool {
        self.raised
    }

    /// Evidence is present, but not yet for long enough.
    pub(super) fn is_pending(&self) -> bool {
        !self.raised && self.count > 0
    }

    pub(super) fn look(&mut self, at: SimTime, evidence: Evidence) -> Option<Turn> {
        match (evidence, self.raised) {
            (Evidence::None, _) => None,
            (Evidence::Against, false) | (Evidence::For, true) => {
                self.count = 0;
                None
            }
            (Evidence::For, false) => {
                if self.count == 0 {
                    self.since = at;
                }
                self.count += 1;
                (self.count >= self.raise_after).then(|| self.turn(true))
            }
            (Evidence::Against, true) => {
                self.count += 1;
                (self.count >= self.clear_after).then(|| self.turn(false))
            }
        }
    }

    /// The evidence is complete in itself.
    pub(super) fn raise(&mut self, since: SimTime) -> Option<Turn> {
        if self.raised {
            return None;
        }
        self.since = since;
        Some(self.turn(true))
    }

    /// Something else explains it.
    pub(super) fn clear(&mut self) -> Option<Turn> {
        if self.raised { Some(self.turn(false)) } else { None }
    }

    fn turn(&mut self, raised: bool) -> Turn {
        self.raised = raised;
        self.count = 0;
        if raised { Turn::Raised { since: self.since } } else { Turn::Cleared }
    }
}

/// Reports a change of the state, if there is one.
pub(super) fn tell(
    changes: &mut Vec<Change>,
    turn: Option<Turn>,
    at: SimTime,
    (device, quantity, kind): (&Id, Quantity, Kind),
    evidence: impl FnOnce() -> String,
) {
    let device = device.clone();
    changes.extend(turn.map(|turn| match turn {
        Turn::Raised { since } => {
            Change::Raised(Anomaly { device, quantity, kind, since, evidence: evidence() })
        }
        Turn::Cleared => Change::Cleared { device, quantity, kind, at },
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_raised_once_and_cleared_once() {
        let mut latch = Latch::new(3, 2);
        let mut turns = Vec::new();
        use Evidence::{Against, For, None as Nothing};
        let looks =
            [For, For, Against, For, For, Nothing, For, For, Against, For, Against, Against];
        for (index, look) in looks.into_iter().enumerate() {
            turns.extend(latch.look(SimTime(index as u64), look).map(|turn| (index, turn)));
        }
        assert_eq!(turns, [(6, Turn::Raised { since: SimTime(3) }), (11, Turn::Cleared)]);
    }
}
