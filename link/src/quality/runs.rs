//! The lengths of a meter's constant runs, now and usually. Not whether they are wrong, which needs
//! evidence from elsewhere ([`crate::estimate::anomaly`]).

use gridtwin_kernel::SimTime;

/// A value within this share of the greatest limit is idle, like zero: an inverter at night, a
/// battery at rest. Nothing is learned from how long that lasts.
pub const IDLE_SHARE: f64 = 0.005;

/// Readings of the very same value in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// The value.
    pub value: f64,
    /// How many readings of it; zero before the first.
    pub readings: u32,
    /// Since when.
    pub since: SimTime,
}

/// The present run, and what earlier ones were like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Runs {
    /// The present one.
    pub now: Run,
    /// The longest one that ended by itself, of those that were not idle.
    pub longest: u32,
    /// How many ended, of those that were not idle.
    pub ended: u64,
    /// The smallest change from one reading to the next: the meter's resolution, or more.
    pub finest: Option<f64>,
    /// The least and greatest value.
    pub range: Option<(f64, f64)>,
    /// The first reading.
    pub first: SimTime,
    idle: f64,
    frozen: bool,
}

impl Runs {
    /// None yet. Values up to `idle` in size count as zero.
    pub(super) fn new(idle: f64) -> Self {
        Self { idle, ..Self::default() }
    }

    /// Whether the present value counts as zero.
    pub fn is_idle(&self) -> bool {
        self.now.value.abs() <= self.idle
    }

    /// If the present run is of this value it is known to be wrong: nothing is learned from its
    /// length.
    pub(super) fn freeze(&mut self, value: f64) {
        self.frozen |= self.is_same(value);
    }

    /// Whether the value is the one that is known to be stuck.
    pub(super) fn is_frozen_at(&self, value: f64) -> bool {
        self.frozen && self.now.value == value
    }

    pub(super) fn is_same(&self, value: f64) -> bool {
        self.now.readings > 0 && self.now.value == value
    }

    pub(super) fn add(&mut self, at: SimTime, value: f64) {
        if self.is_same(value) {
            self.now.readings = self.now.readings.saturating_add(1);
            return;
        }
        if self.now.readings == 0 {
            self.first = at;
        } else {
            if !self.frozen && !self.is_idle() {
                self.ended += 1;
                self.longest = self.longest.max(self.now.readings);
            }
            let change = (value - self.now.value).abs();
            self.finest = Some(self.finest.map_or(change, |finest| finest.min(change)));
        }
        self.frozen = false;
        self.now = Run { value, readings: 1, since: at };
        self.range = Some(match self.range {
            Some((least, most)) => (least.min(value), most.max(value)),
            None => (value, value),
        });
    }
}
