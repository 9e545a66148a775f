//! A meter with the wrong sign, by its own readings and by the site balance. Not by a battery's
//! state of charge, which is [`super::battery`].
//!
//! By the balance: with the other sign of one meter, of power `p`, the residual would be `r -+ 2
//! p`. Where that is nothing while `r` is far off, interval after interval, though `p` varies by
//! more than could be chance, there is no other explanation.

use super::Expected;
use super::balance::{Part, Residual};
use super::guard::Role;
use super::latch::{Evidence, Latch, Turn};
use gridtwin_kernel::SimTime;

/// An array that consumes by day, or a load that generates, is flagged after this many intervals.
pub const FLIPPED_OWN: u32 = 6;
/// With a balance that holds only with the opposite sign it is flagged after this many intervals
/// with a significant reading.
pub const FLIPPED_BALANCE: u32 = 12;

/// Below this share of the rated power a sign is no evidence: an inverter consumes a little at
/// night.
const LEAST_SHARE: f64 = 0.02;
/// From this share of the rated power on the model has day.
const DAY_SHARE: f64 = 0.05;
const CLEAR_AFTER: u32 = 12;
/// The power must vary by this many deviations of the residual.
const VARIED: f64 = 8.0;

#[derive(Clone, Debug)]
pub(super) struct Flipped {
    own: Latch,
    fits: Fits,
}

/// Intervals in a row in which the balance holds with the other sign and only so.
#[derive(Clone, Copy, Debug)]
struct Fits {
    count: u32,
    since: SimTime,
    least_kw: f64,
    most_kw: f64,
    error_kw: f64,
}

impl Fits {
    const NONE: Self = Self {
        count: 0,
        since: SimTime::ZERO,
        least_kw: f64::INFINITY,
        most_kw: f64::NEG_INFINITY,
        error_kw: 0.0,
    };
}

impl Flipped {
    pub(super) fn new() -> Self {
        Self { own: Latch::new(FLIPPED_OWN, CLEAR_AFTER), fits: Fits::NONE }
    }

    pub(super) fn is_raised(&self) -> bool {
        self.own.is_raised()
    }

    pub(super) fn is_pending(&self) -> bool {
        self.own.is_pending() || self.fits.count > 1
    }

    /// The evidence of the meter's own readings.
    pub(super) fn look(
        &mut self,
        at: SimTime,
        role: &Role,
        rated_kw: f64,
        metered_kw: f64,
        expected: Expected,
    ) -> Option<Turn> {
        let least_kw = LEAST_SHARE * rated_kw;
        let evidence = match role {
            _ if metered_kw.abs() < least_kw => Evidence::None,
            // What an array gives at night says nothing of its sign, and what it draws neither.
            Role::Array if metered_kw < 0.0 && expected.mean_kw < DAY_SHARE * rated_kw => {
                Evidence::None
            }
            Role::Array | Role::Load | Role::Charger | Role::Genset => {
                Evidence::of(metered_kw < 0.0)
            }
            Role::Battery { .. } | Role::Grid => Evidence::None,
        };
        self.own.look(at, evidence)
    }

    /// Some meter is known to be wrong: no other is blamed for what that does to the balance.
    pub(super) fn forget(&mut self) {
        self.fits = Fits::NONE;
    }

    /// The evidence of the balance, with the meter's sign and with the opposite one. Returns
    /// whether the evidence is complete; whether it is the only meter that fits is decided by the
    /// caller.
    pub(super) fn weigh(&mut self, at: SimTime, part: &Part, residual: Residual) -> bool {
        let Some(metered_kw) = part.metered_kw else { return false };
        let twice_kw = 2.0 * part.sign() * metered_kw;
        let deviation_kw = residual.deviation_kw;
        let telling = twice_kw.abs() > 2.0 * VARIED * deviation_kw;
        let error_kw = (residual.kw - twice_kw).abs();
        if error_kw >= 3.0 * deviation_kw {
            self.fits = Fits::NONE;
            return false;
        }
        // A power near zero fits either way: it neither helps nor harms.
        if telling && residual.is_off() {
            let fits = &mut self.fits;
            if fits.count == 0 {
                fits.since = at;
            }
            fits.count += 1;
            fits.least_kw = fits.least_kw.min(metered_kw);
            fits.most_kw = fits.most_kw.max(metered_kw);
            fits.error_kw += error_kw;
        }
        let varied = self.fits.most_kw - self.fits.least_kw > VARIED * deviation_kw;
        self.fits.count >= FLIPPED_BALANCE && varied
    }

    /// How well the other sign fits, kW off on average; only the best is to blame.
    pub(super) fn error_kw(&self) -> f64 {
        self.fits.error_kw / f64::from(self.fits.count.max(1))
    }

    /// The balance, or the state of charge, has made it sure.
    pub(super) fn raise(&mut self, since: Option<SimTime>) -> Option<Turn> {
        let since = since.unwrap_or(self.fits.since);
        self.fits = Fits::NONE;
        self.own.raise(since)
    }

    /// The state of charge moves in the right direction again.
    pub(super) fn clear(&mut self) -> Option<Turn> {
        self.own.clear()
    }

    /// The balance holds with the meter's sign, with significant readings.
    pub(super) fn look_again(
        &mut self,
        at: SimTime,
        part: &Part,
        residual: Residual,
    ) -> Option<Turn> {
        let metered_kw = part.metered_kw?;
        let telling = 2.0 * metered_kw.abs() > VARIED * residual.deviation_kw;
        if !self.is_raised() || !telling {
            return None;
        }
        self.own.look(at, Evidence::of(!residual.holds()))
    }
}
