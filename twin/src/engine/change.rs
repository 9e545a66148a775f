//! Changes from outside between two intervals: what-if edits and meter readings come in as data,
//! and are recorded. What a value that is set asks to be built anew is in `rebuild`. Not faults and
//! outages of the scenario, which the twin knows from the start.

use super::Twin;
use crate::record::EventKind;
use crate::scenario::{Change, Scenario};

/// Why a change is impossible. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ChangeError {
    /// What was found, what was expected, and what to do.
    pub message: String,
}

impl ChangeError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl Twin {
    /// The scenario as it is now: as it was loaded, with all values in it that were set since.
    pub fn scenario(&self) -> &Scenario {
        &self.fixed.scenario
    }

    /// Changes the twin at this instant, and records it in the interval that follows.
    ///
    /// # Errors
    /// A part that is not there, a value that it cannot have, or something that cannot change while
    /// the run goes on; nothing is changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        if self.now >= self.fixed.end {
            return Err(ChangeError::new("the run is over; go back to an earlier time"));
        }
        // Whatever fails on the way, the twin is not touched.
        let mut next = self.clone();
        next.carry_out(change)?;
        next.tell(next.now, EventKind::Changed { text: change.to_string() });
        *self = next;
        Ok(())
    }

    fn carry_out(&mut self, change: &Change) -> Result<(), ChangeError> {
        let at = self.now;
        match change {
            Change::Set { path, value } => {
                let set = self.fixed.scenario.with_set(path, value);
                self.rebuild(set.map_err(|refusal| ChangeError::new(refusal.sentence()))?)?;
            }
            Change::Grid { up } => {
                if !self.fixed.catalog.has_grid {
                    return Err(ChangeError::new("the site has no grid connection"));
                }
                self.set_grid(at, *up);
            }
            Change::StateOfCharge { battery, soc } => {
                let names = &self.fixed.catalog.batteries;
                let Some(index) = names.iter().position(|(name, _)| *name == battery.to_string())
                else {
                    return Err(ChangeError::new(format!("there is no battery `{battery}`")));
                };
                self.set_soc(index, soc.get());
            }
            _ => return Err(ChangeError::new("this cannot be changed yet")),
        }
        Ok(())
    }

    /// Sets a state of charge. What the meter has found beyond the book, or missed, has the average
    /// mix of what the battery holds.
    fn set_soc(&mut self, index: usize, soc: f64) {
        let Some(battery) = self.bank.battery_mut(index) else { return };
        let before_kwh = battery.stored_kwh();
        battery.set_soc(soc);
        let after_kwh = battery.stored_kwh();
        let mix = &mut self.mixes[index];
        if after_kwh < before_kwh {
            mix.draw(after_kwh / before_kwh);
        } else {
            let more = if before_kwh > 0.0 { after_kwh / before_kwh - 1.0 } else { 0.0 };
            let (carbon_g, cost) = (mix.carbon_g() * more, mix.cost() * more);
            mix.charge(mix.sources().scaled(more), carbon_g, cost);
        }
    }
}
