//! The dead-man's switch of a device that takes set points: it obeys while somebody who runs tells
//! it to, and not a moment longer. Not what a device does to keep itself safe.

use super::order::Order;
use super::setpoint::Limits;
use gridtwin_kernel::{SimTime, Span};

/// A dead-man's switch.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadMan {
    limits: Limits,
    longest: Span,
    online: bool,
    held: Option<Held>,
    /// When the newest order was sent: an older one that arrives after it is stale.
    newest: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    power_kw: f64,
    until: SimTime,
}

impl DeadMan {
    /// A switch for a device with these limits, which obeys no order for longer than `longest`. It
    /// obeys none before it has heard that the twin is online.
    pub fn new(limits: Limits, longest: Span) -> Self {
        Self { limits, longest, online: false, held: None, newest: SimTime::ZERO }
    }

    /// The device's limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Hears whether the twin is online. Once it is not, what it ordered holds no longer, and does
    /// not hold again when it is back: by then its clock may be another.
    pub fn availability(&mut self, online: bool) {
        self.online = online;
        if !online {
            self.held = None;
            self.newest = SimTime::ZERO;
        }
    }

    /// Hears an order at `now`. Says whether it is obeyed: not while the twin is offline, not once
    /// it has expired, not after a newer one, and not where it is no number. It ends when it says,
    /// by the clock or by its length, or when the device's own patience ends, whichever is first.
    pub fn receive(&mut self, order: &Order, now: SimTime) -> bool {
        let until = order.valid_until.min(now + order.valid).min(now + self.longest);
        let Some(power_kw) = self.limits.clamp(order.power_kw) else { return false };
        if !self.online || until <= now || order.at < self.newest {
            return false;
        }
        self.newest = order.at;
        self.held = Some(Held { power_kw, until });
        true
    }

    /// The power to keep at `now`, kW; nothing where the device has to keep itself safe.
    pub fn power_kw(&self, now: SimTime) -> Option<f64> {
        self.held.filter(|held| self.online && now < held.until).map(|held| held.power_kw)
    }
}
