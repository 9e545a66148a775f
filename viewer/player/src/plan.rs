//! What-if edits: which futures there are, what was changed in each and when, with undo and redo.
//! Only what was asked for; carrying it out is the player's.

use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::Change;

/// One edit of a future.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// From when on: the start of an interval.
    pub at: SimTime,
    /// What.
    pub change: Change,
}

/// A future that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its name; the first is the base case.
    pub name: String,
    /// What was changed, in order of time.
    pub edits: Vec<Edit>,
}
