//! Judges the readings of a meter one after another, in constant time and without allocation. Not
//! whether a meter is silent ([`super::Silence`]), and not whether its readings fit the rest of the
//! site ([`crate::estimate::anomaly`]).

use super::runs::{IDLE_SHARE, Runs};
use super::stamps::{Order, Stamps};
use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::{Meter, Quantity};

/// What a reading can be at all, in its quantity's base unit (kW, kWh, share, V).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Nothing below it is believed.
    pub least: f64,
    /// Nothing above it is believed.
    pub most: f64,
}

impl Limits {
    /// Any number.
    pub const NONE: Self = Self { least: f64::MIN, most: f64::MAX };

    /// Limits of a power between `least_kw` and `most_kw`, rated, with a margin of a quarter of the
    /// greater of the two on both sides: devices go beyond what is written on them, and a meter
    /// that was wired the wrong way round shall be seen, not refused.
    pub fn rated(least_kw: f64, most_kw: f64) -> Self {
        let most = least_kw.abs().max(most_kw.abs()) * 1.25;
        Self { least: -most, most }
    }

    fn contain(self, value: f64) -> bool {
        // NaN is in no range.
        (self.least..=self.most).contains(&value) && value.is_finite()
    }
}

/// How good a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Used, at its arrival.
    Good,
    /// Was under way for [`super::LATE_AFTER`] longer than this meter's readings usually are, by
    /// its own stamp. Used, at the instant that it was taken at ([`Watch::taken_at`]).
    Late,
    /// The last one again: the same stamp and the same value, as a message that is delivered twice.
    /// Only counted.
    Repeated,
    /// Stamped before the previous one. Only counted.
    OutOfOrder,
    /// No number, or beyond the limits. Only counted.
    Absurd,
    /// Still the value that was found to be stuck ([`Watch::freeze`]). Only counted.
    Frozen,
}

impl Quality {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Good, Self::Late, Self::Repeated, Self::OutOfOrder, Self::Absurd, Self::Frozen];

    /// Whether such a reading is used; else it is only counted.
    pub fn is_used(self) -> bool {
        matches!(self, Self::Good | Self::Late)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Late => "late",
            Self::Repeated => "repeated",
            Self::OutOfOrder => "out of order",
            Self::Absurd => "absurd",
            Self::Frozen => "frozen",
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Good => 0,
            Self::Late => 1,
            Self::Repeated => 2,
            Self::OutOfOrder => 3,
            Self::Absurd => 4,
            Self::Frozen => 5,
        }
    }
}

/// The state of one meter's readings.
#[derive(Clone, Debug)]
pub struct Watch {
    limits: Limits,
    stamps: Stamps,
    runs: Runs,
    taken_at: SimTime,
    absurd_in_a_row: u32,
    counts: [u64; Quality::ALL.len()],
}

impl Watch {
    /// No readings yet. A state of charge is limited to -5 % to 105 % whatever the limits are.
    pub fn new(meter: &Meter, limits: Limits) -> Self {
        let limits = match meter.quantity {
            Quantity::Soc => Limits { least: limits.least.max(-0.05), most: limits.most.min(1.05) },
            _ => limits,
        };
        let idle = limits.least.abs().max(limits.most.abs()) * IDLE_SHARE;
        Self {
            limits,
            stamps: Stamps::default(),
            runs: Runs::new(if idle < 1e300 { idle } else { 0.0 }),
            taken_at: SimTime::ZERO,
            absurd_in_a_row: 0,
            counts: [0; Quality::ALL.len()],
        }
    }

    /// Judges a reading that arrived `at`, in the quantity's base unit (after [`Meter::factor`]).
    /// Without a stamp, or with an implausible one (before the start, ahead by more than
    /// [`super::STAMP_AHEAD`], older than [`super::OLDEST_STAMP`]), it is neither late nor repeated
    /// nor out of order: messages of one topic arrive in the order of sending.
    pub fn judge(&mut self, at: SimTime, stamped: Option<SimTime>, value: f64) -> Quality {
        let quality = self.quality(at, stamped, value);
        if let Some(count) = self.counts.get_mut(quality.place()) {
            *count += 1;
        }
        quality
    }

    fn quality(&mut self, at: SimTime, stamped: Option<SimTime>, value: f64) -> Quality {
        if !self.limits.contain(value) {
            self.absurd_in_a_row = self.absurd_in_a_row.saturating_add(1);
            return Quality::Absurd;
        }
        let (quality, taken_at) = match self.stamps.place(at, stamped, self.runs.is_same(value)) {
            Order::Same => return Quality::Repeated,
            Order::Earlier => return Quality::OutOfOrder,
            Order::Unstamped | Order::OnTime => (Quality::Good, at),
            Order::Late(over) => (Quality::Late, SimTime(at.0.saturating_sub(over.0))),
        };
        self.absurd_in_a_row = 0;
        let taken_at = taken_at.max(self.taken_at);
        let frozen = self.runs.is_frozen_at(value);
        self.runs.add(taken_at, value);
        if frozen {
            return Quality::Frozen;
        }
        self.taken_at = taken_at;
        quality
    }

    /// The meter was found to be stuck at `value`: while it stays there, its readings are frozen,
    /// and the length of the run is not learned. Another value ends it; if it has already changed,
    /// nothing happens.
    pub fn freeze(&mut self, value: f64) {
        self.runs.freeze(value);
    }

    /// The instant of the last used reading; it never decreases.
    pub fn taken_at(&self) -> SimTime {
        self.taken_at
    }

    /// The lengths of the meter's constant runs, now and usually.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How many of the last readings, in a row, were absurd.
    pub fn absurd_in_a_row(&self) -> u32 {
        self.absurd_in_a_row
    }

    /// How many readings were so.
    pub fn count(&self, quality: Quality) -> u64 {
        self.counts.get(quality.place()).copied().unwrap_or(0)
    }

    /// How many stamps were not believed.
    pub fn disbelieved_stamps(&self) -> u64 {
        self.stamps.disbelieved
    }

    /// How often the meter's clock was set.
    pub fn clock_set(&self) -> u64 {
        self.stamps.clock_set
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;

#[cfg(test)]
pub(super) mod tests_support {
    use gridtwin_twin::scenario::{Id, Meter};

    pub(crate) fn meter() -> Meter {
        Meter::new(Id::new("roof").unwrap(), "roof/power")
    }
}
