//! A meter that shifted to another level that nothing else knows of. Not a load that was switched
//! on, which the grid's meter sees as well.
//!
//! If the site balance changes from one interval to the next, and exactly one meter changed by the
//! same amount, that meter has reported a change that did not happen. This can only be concluded
//! for arrays, loads and chargers: when a consumer draws power, the grid, or a battery that follows
//! it, really does supply as much. And only if the change is far beyond the meter's usual ones: an
//! array under broken clouds changes by any amount at some time.

use super::balance::{Part, Residual};
use gridtwin_kernel::SimTime;

/// The balance must stay off for this many intervals.
pub const JUMP_HELD: u32 = 6;
/// This many consecutive absurd readings indicate a meter that exceeds what its device can do.
pub const ABSURD_RUN: u32 = 5;

/// The change must be this many deviations of the residual.
const GATE: f64 = 8.0;
/// The required multiple of the meter's usual change.
const UNUSUAL: f64 = 6.0;
/// The usual change is learned from at least this many intervals, and at most three times as many.
const LEARN: u32 = 288;
/// How well the meter's change and the balance's must agree, as a share.
const AGREE: f64 = 0.25;

/// A jump that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) device: usize,
    pub(super) since: SimTime,
    pub(super) shift_kw: f64,
}

/// The site in an interval.
pub(super) struct Site<'a> {
    pub(super) parts: &'a [Part],
    /// Whether a device makes up for what the others do.
    pub(super) balances: &'a dyn Fn(usize) -> bool,
    /// Whether some other meter may have stood still since then.
    pub(super) stands_still: &'a dyn Fn(&Found) -> bool,
}

#[derive(Clone, Debug)]
pub(super) struct Jump {
    /// The last two intervals, the older one first.
    before: [Option<Residual>; 2],
    powers: Vec<Power>,
    held: Option<(Found, u32)>,
}

/// A meter's power in the last two intervals, and how much it usually changes over two.
#[derive(Clone, Copy, Debug, Default)]
struct Power {
    kw: [Option<f64>; 2],
    usual_kw: f64,
    seen: u32,
}

impl Power {
    fn change_kw(&self, now_kw: Option<f64>) -> Option<f64> {
        Some(now_kw? - self.kw[0]?)
    }

    fn push(&mut self, now_kw: Option<f64>) {
        if let Some(change_kw) = self.change_kw(now_kw) {
            self.seen = self.seen.saturating_add(1);
            let memory = f64::from(self.seen.min(3 * LEARN));
            self.usual_kw += (change_kw.abs() - self.usual_kw) / memory;
        }
        self.kw = [self.kw[1], now_kw];
    }
}

impl Jump {
    pub(super) fn new(devices: usize) -> Self {
        Self { before: [None; 2], powers: vec![Power::default(); devices], held: None }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.held.is_some()
    }

    /// Looks at the interval that ended `at`; `explained` where something else is known to be wrong
    /// already.
    pub(super) fn look(
        &mut self,
        at: SimTime,
        site: &Site<'_>,
        residual: Option<Residual>,
        explained: bool,
    ) -> Option<Found> {
        let found = match (residual, self.held) {
            _ if explained => {
                self.held = None;
                None
            }
            (Some(residual), Some((found, count))) => self.hold(site, residual, found, count),
            (Some(residual), None) => {
                self.held = self.begin(at, site, residual).map(|found| (found, 1));
                None
            }
            (None, _) => None,
        };
        self.before = [self.before[1], residual];
        for (power, part) in self.powers.iter_mut().zip(site.parts) {
            power.push(part.metered_kw);
        }
        found
    }

    fn hold(
        &mut self,
        site: &Site<'_>,
        residual: Residual,
        found: Found,
        count: u32,
    ) -> Option<Found> {
        let stays = residual.is_off() && (residual.kw > 0.0) == (found.shift_kw > 0.0);
        self.held = stays.then_some((found, count + 1));
        if stays && count + 1 >= JUMP_HELD && !(site.stands_still)(&found) {
            self.held = None;
            return Some(found);
        }
        None
    }

    /// Over two intervals, because the change may be in the middle of one.
    fn begin(&self, at: SimTime, site: &Site<'_>, residual: Residual) -> Option<Found> {
        let before = self.before[0].filter(Residual::holds)?;
        let shift_kw = residual.kw - before.kw;
        if !residual.is_off() || shift_kw.abs() < GATE * residual.deviation_kw {
            return None;
        }
        let mut found = None;
        let mut unusual = false;
        for (device, (part, power)) in site.parts.iter().zip(&self.powers).enumerate() {
            let Some(change_kw) = power.change_kw(part.metered_kw) else { continue };
            let change_kw = part.sign() * change_kw;
            if (change_kw - shift_kw).abs() <= AGREE * shift_kw.abs() {
                if found.is_some() {
                    return None;
                }
                found = Some(Found { device, since: at, shift_kw });
                unusual = power.seen >= LEARN && change_kw.abs() > UNUSUAL * power.usual_kw;
            }
        }
        found.filter(|found| unusual && !(site.balances)(found.device))
    }
}
