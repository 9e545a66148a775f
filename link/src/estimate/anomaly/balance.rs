//! The site balance: what flows in, less what is accounted for, and whether it is off permanently.
//! Not which meter is wrong ([`super::flipped`], [`super::jump`], [`super::stuck`]).
//!
//! ```text
//! residual = grid + arrays + batteries + gensets - loads - chargers
//! deviation^2 = sum (1 % p)^2 + sum model_deviation^2 + (1.5 jitter)^2 + (0.1 % of the greatest)^2
//! ```
//!
//! with metered powers where available and the model's otherwise. Meters are read at different
//! instants; the resulting jitter of the residual is learned from its changes from interval to
//! interval, which a lasting fault does not affect. A lasting imbalance is detected by a cumulative
//! sum (Page, "Continuous inspection schemes", Biometrika 41, 1954) of the excess over 4
//! deviations, in which one interval counts for at most 1.

use super::Expected;
use super::latch::Turn;
use gridtwin_kernel::SimTime;

/// A meter's permanent error: class 1, as a share of its reading.
pub const ACCURACY: f64 = 0.01;
/// Missing power of more than 5 standard deviations is flagged after this many intervals, or after
/// twice as many if one meter is under suspicion meanwhile.
pub const UNEXPLAINED_AFTER: u32 = 24;

/// Beyond this many deviations it is off.
pub(super) const OFF: f64 = 4.0;
/// Within this many it holds.
pub(super) const HOLDS: f64 = 3.0;
/// The number of intervals before the balance is used.
pub(super) const WARM_UP: u32 = 24;

const FLOOR_SHARE: f64 = 0.001;
const JITTER_WEIGHT: f64 = 1.5;
const JITTER_MEMORY: u32 = 100;
/// A single change counts for no more than this many times the usual one.
const JITTER_CLIP: f64 = 4.0;
/// A sum beyond this would only make it slower to forget.
const MOST: f64 = UNEXPLAINED_AFTER as f64 * 1.5;
const FORGIVE: f64 = -1.5;

/// One device's part in the balance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Whether its power counts as supply; otherwise it counts as demand.
    pub gives: bool,
    /// Its metered mean power, where there is one.
    pub metered_kw: Option<f64>,
    /// The model's power.
    pub expected: Expected,
}

impl Part {
    /// Its contribution to the balance per kW of its own power.
    pub fn sign(&self) -> f64 {
        if self.gives { 1.0 } else { -1.0 }
    }
}

/// What is left over in an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// The supply that is not accounted for, kW; below zero, demand without a supply.
    pub kw: f64,
    /// What it may be though all is right, kW.
    pub deviation_kw: f64,
}

impl Residual {
    /// In standard deviations.
    pub fn normalised(&self) -> f64 {
        self.kw / self.deviation_kw
    }

    /// Whether it cannot be chance.
    pub fn is_off(&self) -> bool {
        self.normalised().abs() > OFF
    }

    /// Whether nothing is wrong with it.
    pub fn holds(&self) -> bool {
        self.normalised().abs() < HOLDS
    }
}

/// The site balance over time.
#[derive(Clone, Debug)]
pub struct Balance {
    greatest_kw: f64,
    jitter_kw: f64,
    last_kw: Option<f64>,
    seen: u32,
}

impl Balance {
    /// Nothing has been seen yet; `greatest_kw` is the greatest rated power on the site.
    pub fn new(greatest_kw: f64) -> Self {
        Self { greatest_kw, jitter_kw: 0.0, last_kw: None, seen: 0 }
    }

    /// An interval of which all is known that can be. Nothing while it is still being learned how
    /// the meters go together.
    pub fn look(&mut self, parts: &[Part]) -> Option<Residual> {
        let (mut kw, mut variance) = (0.0, (FLOOR_SHARE * self.greatest_kw).powi(2));
        for part in parts {
            match part.metered_kw {
                Some(metered_kw) => {
                    kw += part.sign() * metered_kw;
                    variance += (ACCURACY * metered_kw).powi(2);
                }
                None => {
                    kw += part.sign() * part.expected.mean_kw;
                    variance += part.expected.deviation_kw.powi(2);
                }
            }
        }
        if !(kw.is_finite() && variance.is_finite()) {
            return None;
        }
        if let Some(last_kw) = self.last_kw.replace(kw) {
            self.seen = self.seen.saturating_add(1);
            let mut change_kw = (kw - last_kw).abs();
            if self.seen > WARM_UP {
                change_kw =
                    change_kw.min(JITTER_CLIP * self.jitter_kw.max(1e-3 * self.greatest_kw));
            }
            let memory = f64::from(self.seen.min(JITTER_MEMORY));
            self.jitter_kw += (change_kw - self.jitter_kw) / memory;
        }
        let deviation_kw = variance.sqrt().hypot(JITTER_WEIGHT * self.jitter_kw);
        (self.seen >= WARM_UP).then_some(Residual { kw, deviation_kw })
    }

    /// An interval in which the grid was not metered: what follows is not compared with what was.
    pub fn skip(&mut self) {
        self.last_kw = None;
    }
}

/// Whether power is missing permanently.
#[derive(Clone, Debug, Default)]
pub(super) struct Unexplained {
    /// Beyond the deviation upwards and downwards.
    sums: [f64; 2],
    since: [SimTime; 2],
    raised: bool,
}

impl Unexplained {
    /// `explained`: something else is known to be wrong, or about to be.
    pub(super) fn look(
        &mut self,
        at: SimTime,
        residual: Residual,
        explained: bool,
    ) -> Option<Turn> {
        if explained {
            *self = Self { raised: self.raised, ..Self::default() };
            return self.cleared_if(true);
        }
        let off = residual.normalised();
        for (index, off) in [off, -off].into_iter().enumerate() {
            let Some(sum) = self.sums.get_mut(index) else { continue };
            if *sum == 0.0 && off > OFF {
                self.since[index] = at;
            }
            *sum = (*sum + (off - OFF).clamp(FORGIVE, 1.0)).clamp(0.0, MOST);
        }
        let [up, down] = self.sums;
        if self.raised {
            return self.cleared_if(up.max(down) == 0.0 && residual.holds());
        }
        let index = usize::from(down > up);
        if up.max(down) < f64::from(UNEXPLAINED_AFTER) {
            return None;
        }
        self.raised = true;
        Some(Turn::Raised { since: self.since[index] })
    }

    fn cleared_if(&mut self, over: bool) -> Option<Turn> {
        let cleared = self.raised && over;
        self.raised &= !over;
        cleared.then_some(Turn::Cleared)
    }
}
