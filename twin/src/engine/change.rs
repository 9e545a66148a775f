//! Changes from outside between two intervals: what-if edits and meter readings come in as data,
//! and are recorded. What a changed value requires to be rebuilt is in `rebuild`. Not faults and
//! outages of the scenario, which are known from the start.

use super::Twin;
use super::build::struck_by;
use super::courses::Overcast;
use crate::record::EventKind;
use crate::scenario::{Change, Refusal, Scenario};
use gridtwin_kernel::Span;
use std::sync::Arc;

/// No car stays longer than this.
const LONGEST_STAY: Span = Span::from_secs(100 * 366 * 86_400);

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
    /// A device that does not exist, an invalid value, or something that cannot change during a
    /// run; nothing is changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        if self.now >= self.fixed.end {
            return Err(ChangeError::new("the run has ended; go back to an earlier time"));
        }
        // If anything fails, the twin is not changed.
        let mut next = self.clone();
        if !matches!(change, Change::Metered(_) | Change::Note { .. }) {
            next.tell(next.now, EventKind::Changed { text: change.to_string() });
        }
        next.carry_out(change)?;
        *self = next;
        Ok(())
    }

    /// Carries out the planned changes that are due.
    pub(super) fn carry_out_planned(&mut self) {
        while let Some((at, _, change)) = self.fixed.changes.get(self.changed)
            && *at <= self.now
        {
            let change = change.clone();
            self.changed += 1;
            if let Err(error) = self.apply(&change) {
                // All were tried before the run: only a data file that is gone since can be why.
                let text = format!("{change}: refused: {error}");
                self.tell(self.now, EventKind::Changed { text });
            }
        }
    }

    /// Carries a change out; where it fails, the twin is not to be used again.
    pub(super) fn carry_out(&mut self, change: &Change) -> Result<(), ChangeError> {
        let at = self.now;
        let refusal = |refusal: Refusal| ChangeError::new(refusal.sentence());
        if let Change::Set { path, value } = change {
            let set = self.fixed.scenario.with_set(path, value);
            return self.rebuild(set.map_err(refusal)?);
        }
        self.fixed.scenario.allows(change).map_err(refusal)?;
        let scenario = &self.fixed.scenario;
        match change {
            Change::Set { .. } => {}
            Change::Grid { up } => self.cut_grid(at, !up),
            Change::Break { what } => self.break_by_hand(at, struck_by(scenario, what)),
            Change::Mend { what } => self.mend_by_hand(at, struck_by(scenario, what)),
            Change::Clouds { cover, hours } => self.overcast(cover.get(), hours.get()),
            Change::Cars { chargers, count, asked_kwh, stay_h } => {
                let group = scenario.chargers.iter().position(|group| group.id == *chargers);
                if let Some(i) = group {
                    let vehicle_kw = scenario.chargers[i].sessions.vehicle_kw();
                    let stay = Span::from_secs_f64(stay_h.get() * 3600.0).min(LONGEST_STAY);
                    self.garages[i].come(*count, asked_kwh.get(), stay, vehicle_kw);
                }
            }
            Change::StateOfCharge { battery, soc } => {
                let index = scenario.batteries.iter().position(|b| b.id == *battery);
                if let Some(index) = index {
                    self.set_soc(index, soc.get());
                }
            }
            Change::Metered(metered) => self.follow(metered)?,
            Change::Note { text } => self.note(text),
        }
        Ok(())
    }

    /// Clouds come up for some hours, before those that are there.
    fn overcast(&mut self, cover: f64, hours: f64) {
        let clouds = Overcast::new(self.now, Span::from_secs_f64(hours * 3600.0), cover);
        let fixed = Arc::make_mut(&mut self.fixed);
        let over = clouds.intervals(fixed.step, fixed.calendar.intervals());
        fixed.traces.overcasts.retain(|clouds| !clouds.is_over(self.now));
        fixed.traces.overcasts.push(clouds);
        fixed.traces.shine(&fixed.scenario, over);
    }

    /// Sets a state of charge. What the meter has found beyond the book, or missed, has the average
    /// mix of what the battery holds.
    pub(super) fn set_soc(&mut self, index: usize, soc: f64) {
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
