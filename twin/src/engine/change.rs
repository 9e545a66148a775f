//! Changes from outside between two intervals: what-if edits and meter readings come in as data,
//! and are recorded. Not faults and outages of the scenario, which the twin knows from the start.

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

impl Twin {
    /// The scenario as it is now: as it was loaded, with all changes since in it.
    pub fn scenario(&self) -> &Scenario {
        &self.fixed.scenario
    }

    /// Changes the twin at this instant, and records it in the interval that follows.
    ///
    /// # Errors
    /// A part that is not there, a value that it cannot have, or something that cannot change while
    /// the run goes on; nothing is changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        let at = self.now;
        let refuse = |message: String| Err(ChangeError { message });
        match change {
            Change::Grid { up } => {
                if !self.fixed.catalog.has_grid {
                    return refuse("the site has no grid connection".to_owned());
                }
                self.set_grid(at, *up);
            }
            Change::StateOfCharge { battery, soc } => {
                let names = &self.fixed.catalog.batteries;
                let Some(index) = names.iter().position(|(name, _)| *name == battery.to_string())
                else {
                    return refuse(format!("there is no battery `{battery}`"));
                };
                self.set_soc(index, soc.get());
            }
            _ => return refuse("this cannot be changed".to_owned()),
        }
        self.tell(at, EventKind::Changed { text: format!("{change:?}") });
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
