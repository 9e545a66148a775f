//! Changes from outside between two intervals: what-if edits and meter readings come in as data,
//! and are recorded. Not faults and outages of the scenario, which the twin knows from the start.

use super::Twin;
use super::build::dispatch_of;
use crate::record::EventKind;
use crate::scenario::Dispatch;

/// Something that somebody outside wants changed from now on.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The grid fails or comes back.
    Grid {
        /// Whether it is there.
        up: bool,
    },
    /// Another policy for the batteries.
    Dispatch(Dispatch),
    /// A battery's state of charge, as its meter reads it.
    StateOfCharge {
        /// Index of the battery.
        battery: usize,
        /// 0 to 1.
        soc: f64,
    },
    /// A battery breaks or is mended.
    Battery {
        /// Index of the battery.
        battery: usize,
        /// Whether it works.
        in_order: bool,
    },
    /// A PV array breaks or is mended.
    Pv {
        /// Index of the array.
        array: usize,
        /// Whether it works.
        in_order: bool,
    },
}

/// Why a change is impossible. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChangeError {
    /// There is no such part.
    #[error("found {what} {index}, expected one of {count} (counted from 0)")]
    NoSuch {
        /// What kind of part.
        what: &'static str,
        /// The index that was given.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// An island has no grid that could come back.
    #[error("the site has no grid connection; give the scenario a `grid`")]
    NoGrid,
    /// Not a state of charge.
    #[error("found a state of charge of {0}, expected a number between 0 and 1")]
    NotASoc(f64),
}

impl Twin {
    /// Changes the twin at this instant, and records it in the interval that follows.
    ///
    /// # Errors
    /// A part that is not there, or a value that it cannot have; nothing is changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        let at = self.now;
        match *change {
            Change::Grid { up } => {
                if !self.fixed.catalog.has_grid {
                    return Err(ChangeError::NoGrid);
                }
                self.set_grid(at, up);
            }
            Change::Dispatch(ref policy) => self.dispatch = dispatch_of(policy),
            Change::StateOfCharge { battery, soc } => {
                if !(0.0..=1.0).contains(&soc) {
                    return Err(ChangeError::NotASoc(soc));
                }
                self.check_battery(battery)?;
                self.set_soc(battery, soc);
            }
            Change::Battery { battery, in_order } => {
                self.check_battery(battery)?;
                if let Some(battery) = self.bank.battery_mut(battery) {
                    battery.set_in_order(in_order);
                }
            }
            Change::Pv { array, in_order } => {
                let count = self.pv_faulted.len();
                let no_such = ChangeError::NoSuch { what: "PV array", index: array, count };
                *self.pv_faulted.get_mut(array).ok_or(no_such)? = !in_order;
            }
        }
        self.tell(at, EventKind::Changed { text: format!("{change:?}") });
        Ok(())
    }

    fn check_battery(&self, index: usize) -> Result<(), ChangeError> {
        let count = self.bank.len();
        if index < count {
            return Ok(());
        }
        Err(ChangeError::NoSuch { what: "battery", index, count })
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
