//! What of the edge may become another in flight. What is under way is not touched: a task that is
//! computed or sent is finished as it was begun, and what comes next lives by the new figures.

use super::Edge;
use super::build;
use crate::scenario::Policies;

impl Edge {
    /// Decides by other policies from now on.
    pub(crate) fn set_policies(&mut self, old: &Policies, new: &Policies) {
        if new.offload != old.offload {
            self.policy = build::policy_of(new.offload);
        }
        self.brown_out = new.brown_out;
    }
}
