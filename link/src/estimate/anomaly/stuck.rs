//! A stuck meter: constant readings of a quantity that varies. Not the lengths of constant runs,
//! which are [`crate::quality::Runs`].
//!
//! Lamps draw constant power for hours, a battery ordered to 40 kW discharges at 40 kW, an inverter at
//! its limit or under curtailment is constant. So a long run alone is no evidence: it must be ten times
//! longer than any in the days before, and
//! - of a load or the grid, which are sums of many devices and never constant; or
//! - of an array whose meter resolves the sun's motion: within an hour around noon the power changes
//!   by 1 - cos 7.5 deg = 0.9 %, at any other time by more; or
//! - for controlled devices, begin together with a lasting imbalance of the site.

use super::guard::Role;
use super::latch::{Evidence, Latch, Turn};
use super::{Expected, balance::Residual};
use crate::quality::Runs;
use gridtwin_kernel::{SimTime, Span};

/// No fewer readings of the same value than this are suspicious.
pub const STUCK_RUN: u32 = 60;
/// No run that lasts less than this is suspicious by itself.
pub const STUCK_SPAN: Span = Span::HOUR;
/// A meter is observed for this long before the lengths of its runs are used.
pub const STUCK_LEARN: Span = Span(3 * Span::DAY.0);
/// This many runs must have ended before their lengths are used.
pub const STUCK_ENDED: u64 = 300;
/// With a site balance that is off for this many intervals during the run, it is stuck.
pub const STUCK_OFF: u32 = 8;

const LONGER: u32 = 10;
/// A meter whose steps are at most this share of its value resolves the sun's motion within an
/// hour.
const FINE: f64 = 0.005;
/// Within this share of the greatest value ever it may be at a limit.
const AT_LIMIT: f64 = 0.98;
const MOVED_AFTER: u32 = 2;

#[derive(Clone, Debug)]
pub(super) struct Stuck {
    latch: Latch,
    off: u32,
    value: f64,
}

/// What there is to be seen of a meter's power.
pub(super) struct Sight<'a> {
    pub(super) runs: &'a Runs,
    pub(super) expected: Expected,
    pub(super) curtailed: bool,
    pub(super) residual: Option<Residual>,
}

impl Stuck {
    pub(super) fn new() -> Self {
        Self { latch: Latch::new(1, MOVED_AFTER), off: 0, value: 0.0 }
    }

    pub(super) fn is_raised(&self) -> bool {
        self.latch.is_raised()
    }

    /// What it is stuck at.
    pub(super) fn value(&self) -> Option<f64> {
        self.latch.is_raised().then_some(self.value)
    }

    /// A run is suspicious and the balance is off, but not for long enough yet.
    pub(super) fn is_pending(&self) -> bool {
        self.off > 0
    }

    pub(super) fn look(
        &mut self,
        at: SimTime,
        role: &Role,
        rated_kw: f64,
        sight: &Sight<'_>,
    ) -> Option<Turn> {
        let runs = sight.runs;
        if self.latch.is_raised() {
            let moves = runs.now.value != self.value;
            return self.latch.look(at, Evidence::of(!moves));
        }
        let long = is_unusual(runs, at);
        let off = sight.residual.is_some_and(|residual| residual.is_off());
        self.off = if long && off { self.off + 1 } else { 0 };
        let in_the_dark = is_in_the_dark(role, rated_kw, sight);
        let hour = at.since(runs.now.since) >= STUCK_SPAN;
        let alone = long && cannot_stand_still(role, sight);
        let stuck = self.off >= STUCK_OFF || hour && (alone || in_the_dark);
        if !stuck {
            return None;
        }
        self.value = runs.now.value;
        self.latch.raise(runs.now.since)
    }

    pub(super) fn evidence(&self, at: SimTime, sight: &Sight<'_>) -> String {
        let runs = sight.runs;
        let run = format!(
            "It has sent the same reading, {:.3} kW, {} times in a row for {}. ",
            runs.now.value,
            runs.now.readings,
            at.since(runs.now.since)
        );
        let beyond = match sight.residual.filter(|residual| residual.is_off()) {
            Some(residual) => format!("The site's power balance is off by {:.2} kW", residual.kw),
            None if sight.expected.mean_kw <= 0.0 => "During this time, the sun has set".to_owned(),
            None => "Such a quantity does not stay constant for that long".to_owned(),
        };
        format!("{run}{beyond}. Before, it sent at most {} equal readings in a row.", runs.longest)
    }
}

/// Whether a meter has stood still since before `since`, for longer than it is used to: not enough
/// to call it stuck, but enough not to blame another.
pub(super) fn may_stand_still(runs: &Runs, since: SimTime) -> bool {
    let long = runs.now.readings > 10.max(runs.longest.saturating_mul(2));
    long && !runs.is_idle() && runs.now.since <= since
}

/// Ten times longer than ever, of a meter that has been watched for days.
fn is_unusual(runs: &Runs, at: SimTime) -> bool {
    let known = runs.ended >= STUCK_ENDED && at.since(runs.first) >= STUCK_LEARN;
    let enough = STUCK_RUN.max(runs.longest.saturating_mul(LONGER));
    known && !runs.is_idle() && runs.now.readings >= enough
}

fn cannot_stand_still(role: &Role, sight: &Sight<'_>) -> bool {
    let runs = sight.runs;
    let value = runs.now.value;
    let at_limit = runs.range.is_some_and(|(least, most)| {
        (value > 0.0 && value >= AT_LIMIT * most) || (value < 0.0 && value <= AT_LIMIT * least)
    });
    match role {
        Role::Load => true,
        Role::Grid => !at_limit,
        Role::Array => {
            let fine = runs.finest.is_some_and(|finest| finest <= FINE * value.abs());
            fine && !at_limit && !sight.curtailed
        }
        Role::Battery { .. } | Role::Genset | Role::Charger => false,
    }
}

fn is_in_the_dark(role: &Role, rated_kw: f64, sight: &Sight<'_>) -> bool {
    let dark = sight.expected.mean_kw <= 0.0 && sight.expected.deviation_kw <= 0.005 * rated_kw;
    let gives = sight.runs.now.value > 0.0 && !sight.runs.is_idle();
    *role == Role::Array && dark && gives && sight.runs.now.readings >= STUCK_RUN
}
