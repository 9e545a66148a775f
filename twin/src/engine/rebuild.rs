//! From a scenario to the next, in flight: whatever differs between the two is built anew at this
//! instant, and keeps its state. Not what may differ, which the scenario knows.

use super::Twin;
use super::build;
use super::change::ChangeError;
use crate::scenario::Scenario;
use std::sync::Arc;

impl Twin {
    /// Lives by another scenario from now on.
    ///
    /// # Errors
    /// A data file that cannot be used; the twin is then half rebuilt, and not to be used again.
    pub(super) fn rebuild(&mut self, new: Scenario) -> Result<(), ChangeError> {
        let old = std::mem::replace(&mut Arc::make_mut(&mut self.fixed).scenario, new);
        self.rebuild_batteries(&old);
        self.rebuild_policies(&old);
        Ok(())
    }

    /// Batteries keep what they hold; what does not fit any more leaves with its carbon.
    fn rebuild_batteries(&mut self, old: &Scenario) {
        let fixed = Arc::make_mut(&mut self.fixed);
        let new = &fixed.scenario.batteries;
        for (i, (old, new)) in old.batteries.iter().zip(new).enumerate() {
            if old == new {
                continue;
            }
            let left_kwh = self.bank.rebuild(i, new);
            if left_kwh > 0.0 {
                let kept_kwh = self.bank.batteries()[i].stored_kwh();
                self.mixes[i].draw(kept_kwh / (kept_kwh + left_kwh));
            }
            fixed.grid_forming[i] = new.grid_forming;
            fixed.catalog.batteries[i].1 = new.capacity_kwh.get();
        }
        fixed.rated_charge_kw = new.iter().map(|b| b.charge_kw.get()).sum();
        fixed.rated_discharge_kw = new.iter().map(|b| b.discharge_kw.get()).sum();
    }

    fn rebuild_policies(&mut self, old: &Scenario) {
        let fixed = Arc::make_mut(&mut self.fixed);
        let new = &fixed.scenario.policies;
        if *new == old.policies {
            return;
        }
        if new.dispatch != old.policies.dispatch {
            self.dispatch = build::dispatch_of(&new.dispatch);
        }
        self.edge.set_policies(&old.policies, new);
        fixed.catalog.policies = build::policy_names(new);
    }
}
