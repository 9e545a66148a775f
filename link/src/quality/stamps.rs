//! A meter's time stamps compared with the receiver's clock. Not the values.
//!
//! A meter's clock may be in another time zone, drift, and be adjusted. Only the delay beyond that
//! of the *fastest* reading can be determined: the smallest `arrival - stamp` is taken as the
//! clock's error, as network time protocols do (Mills, RFC 5905, section 10, "clock filter"). A
//! constant delay cannot be distinguished from a slow clock, and counts as one.

use gridtwin_kernel::{SimTime, Span};

/// A reading that took longer than the quickest one by more than this is late.
pub const LATE_AFTER: Span = Span::from_secs(10);
/// A stamp further ahead than this is not believed: no zone is further off.
pub const STAMP_AHEAD: Span = Span::from_secs(15 * 3600);
/// A stamp older than this is not believed: no meter keeps unsent readings for longer.
pub const OLDEST_STAMP: Span = Span(7 * Span::DAY.0);
/// After this many consecutive readings that are late or out of order but advance with time, the
/// meter's clock was adjusted, and its new time counts.
pub const STEADY: u32 = 5;

/// The quickest delay is forgotten at this rate, so that a clock may drift: 200 s in a million.
const DRIFT_PER_MILLION: i64 = 200;

/// The order of a stamp among the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// There is none, or none that can be believed.
    Unstamped,
    /// Later than the last one, and not late.
    OnTime,
    /// The very stamp of the last one.
    Same,
    /// Later than the last one, but delayed by this much more than usual.
    Late(Span),
    /// Earlier than the last one.
    Earlier,
}

/// A meter's clock, as estimated from its stamps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stamps {
    last: Option<SimTime>,
    last_arrival: SimTime,
    /// Least delay of late, ns; below zero where the meter's clock is ahead.
    skew_ns: i64,
    odd: Option<Odd>,
    pub(super) disbelieved: u64,
    pub(super) clock_set: u64,
}

/// The last of some readings in a row that are late or out of order.
#[derive(Clone, Copy, Debug)]
struct Odd {
    at: SimTime,
    stamp: SimTime,
    count: u32,
}

impl Stamps {
    /// Places a stamp among the previous ones. `repeated` says whether the value equals the last
    /// one, too: a repeated stamp with another value is only coarse.
    pub(super) fn place(&mut self, at: SimTime, stamped: Option<SimTime>, repeated: bool) -> Order {
        let Some(stamp) = stamped else { return Order::Unstamped };
        if !believable(at, stamp) {
            self.disbelieved += 1;
            return Order::Unstamped;
        }
        if self.last == Some(stamp) && repeated {
            return Order::Same;
        }
        let delay_ns = signed(at) - signed(stamp);
        let passed_ns = signed(at).saturating_sub(signed(self.last_arrival)).max(0);
        if self.last.is_some() {
            let slack_ns = passed_ns / 1_000_000 * DRIFT_PER_MILLION;
            self.skew_ns = self.skew_ns.saturating_add(slack_ns);
        }
        self.skew_ns = self.skew_ns.min(delay_ns);
        self.last_arrival = at.max(self.last_arrival);
        let over = Span(delay_ns.saturating_sub(self.skew_ns).max(0).unsigned_abs());
        let earlier = self.last.is_some_and(|last| stamp < last);
        if !earlier && over <= LATE_AFTER {
            self.odd = None;
            self.last = Some(stamp);
            return Order::OnTime;
        }
        if self.is_steady(at, stamp) {
            self.clock_set += 1;
            self.skew_ns = delay_ns;
            self.odd = None;
            self.last = Some(stamp);
            return Order::OnTime;
        }
        if earlier {
            return Order::Earlier;
        }
        self.last = Some(stamp);
        Order::Late(over)
    }

    /// Whether enough consecutive odd readings advance with time: their stamps advance as their
    /// arrivals do. Buffered readings that are sent together do not.
    fn is_steady(&mut self, at: SimTime, stamp: SimTime) -> bool {
        let count = match self.odd {
            Some(odd) if at > odd.at && stamp > odd.stamp => {
                let (arrived, stamped) = (at.since(odd.at).0, stamp.since(odd.stamp).0);
                if arrived.abs_diff(stamped) <= arrived / 2 { odd.count + 1 } else { 1 }
            }
            _ => 1,
        };
        self.odd = Some(Odd { at, stamp, count });
        count >= STEADY
    }
}

/// A stamp before the start becomes the start itself, which is why that one is not believed either.
fn believable(at: SimTime, stamp: SimTime) -> bool {
    if stamp == SimTime::ZERO && at != SimTime::ZERO {
        return false;
    }
    stamp.since(at) <= STAMP_AHEAD && at.since(stamp) <= OLDEST_STAMP
}

/// Instants beyond 292 years are all the same here.
fn signed(at: SimTime) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
