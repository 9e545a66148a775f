//! The dead-man switch of a controlled device: it follows set points only while the controller is
//! online, and until its dead-man time-out. Not the device's safe state.

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
    /// A switch for a device with these limits, which follows no set point for longer than
    /// `longest`. It follows none before it has received that the twin is online.
    pub fn new(limits: Limits, longest: Span) -> Self {
        Self { limits, longest, online: false, held: None, newest: SimTime::ZERO }
    }

    /// The device's limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Receives whether the twin is online. Once it is offline, its set point is void, and remains
    /// so when it is back online: its clock may have changed.
    pub fn availability(&mut self, online: bool) {
        self.online = online;
        if !online {
            self.held = None;
            self.newest = SimTime::ZERO;
        }
    }

    /// Receives a set point at `now`, and returns whether it is accepted: not while the twin is
    /// offline, not after its expiry, not after a newer one, and not if it is not a number. It ends
    /// at its own expiry, by time or duration, or at the device's maximum, whichever is first.
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
