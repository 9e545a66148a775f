//! Which set points may be sent: within limits, not for a device with a silent meter, and limited
//! in rate. Not the choice of a set point, nor its format.

use gridtwin_kernel::{SimTime, Span};
use std::collections::BTreeMap;

/// The limits of a device, kW; a battery discharges at positive and charges at negative power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The least.
    pub min_kw: f64,
    /// The most.
    pub max_kw: f64,
}

impl Limits {
    /// The power within the limits that is nearest; nothing where there is none, as for NaN or for
    /// limits that cross.
    pub fn clamp(self, power_kw: f64) -> Option<f64> {
        let usable = self.min_kw.is_finite() && self.max_kw.is_finite();
        let sane = usable && self.min_kw <= self.max_kw && !power_kw.is_nan();
        // Adding zero takes the sign off a zero.
        sane.then(|| power_kw.clamp(self.min_kw, self.max_kw) + 0.0)
    }
}

/// How control is exercised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlOptions {
    /// How long a set point holds unless another follows: the dead-man's time-out.
    pub timeout: Span,
    /// How fast a set point may change, kW a second.
    pub ramp_kw_per_s: f64,
    /// The least time between two set points of a device.
    pub interval: Span,
    /// Changes smaller than this wait until the set point has to be renewed, kW.
    pub dead_band_kw: f64,
}

impl Default for ControlOptions {
    /// A minute's hold, 10 kW a second, a set point every five seconds at most, for 50 W at least.
    fn default() -> Self {
        Self {
            timeout: Span::from_secs(60),
            ramp_kw_per_s: 10.0,
            interval: Span::from_secs(5),
            dead_band_kw: 0.05,
        }
    }
}

/// What is wanted of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// Which device.
    pub device: String,
    /// The power wanted, kW.
    pub power_kw: f64,
    /// The device's power as last measured, kW: where the first change starts from.
    pub measured_kw: f64,
    /// What the device can do.
    pub limits: Limits,
    /// How its meter is.
    pub meter: MeterHealth,
}

/// When a device was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterHealth {
    /// When its meter's last good reading was; nothing where there was none.
    pub last_good: Option<SimTime>,
    /// Without a good reading for longer than this, the meter is silent.
    pub silent: Span,
}

impl MeterHealth {
    fn is_silent(self, now: SimTime) -> bool {
        self.last_good.is_none_or(|good| now - good > self.silent)
    }
}

/// A set point that may be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPoint {
    /// Which device.
    pub device: String,
    /// When it was decided.
    pub at: SimTime,
    /// The power, kW; within the limits.
    pub power_kw: f64,
    /// Until when it holds: after that the device keeps itself safe.
    pub valid_until: SimTime,
    /// What the device can do.
    pub limits: Limits,
}

/// What stands between wishes and devices. Off unless it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Control {
    options: Option<ControlOptions>,
    sent: BTreeMap<String, (SimTime, f64)>,
}

impl Control {
    /// No control: it never sends a set point.
    pub fn off() -> Self {
        Self::default()
    }

    /// Control with these options.
    pub fn on(options: ControlOptions) -> Self {
        Self { options: Some(options), sent: BTreeMap::new() }
    }

    /// Whether it may send set points.
    pub fn is_on(&self) -> bool {
        self.options.is_some()
    }

    /// The set point to send for a wish, where one is to be sent now.
    ///
    /// No set point is sent without control, for a device with a silent meter, for a wish or limits
    /// that are not numbers, sooner than the minimum interval, or if nothing has changed and the
    /// last one remains valid for a while. A set point that is no longer within the limits is
    /// replaced immediately.
    pub fn set_point(&mut self, wish: &Wish, now: SimTime) -> Option<SetPoint> {
        let options = self.options?;
        let wanted_kw = wish.limits.clamp(wish.power_kw);
        let (Some(wanted_kw), false) = (wanted_kw, wish.meter.is_silent(now)) else {
            // What was sent runs out by itself; what comes next starts from what is measured.
            self.sent.remove(&wish.device);
            return None;
        };
        let last = self.sent.get(&wish.device).copied();
        let last = last.filter(|&(at, _)| at <= now && now - at < options.timeout);
        let (from_kw, since) = match last {
            Some((at, power_kw)) => (power_kw, now - at),
            None if wish.measured_kw.is_finite() => (wish.measured_kw, options.interval),
            None => return None,
        };
        let change_kw = options.ramp_kw_per_s.max(0.0) * since.as_secs_f64();
        let reachable = Limits { min_kw: from_kw - change_kw, max_kw: from_kw + change_kw };
        let power_kw = wish.limits.clamp(reachable.clamp(wanted_kw)?)?;
        if let Some((_, sent_kw)) = last {
            let outside = wish.limits.clamp(sent_kw) != Some(sent_kw);
            let renew = Span(options.timeout.0 / 3);
            let changed = (power_kw - sent_kw).abs() > options.dead_band_kw;
            let due = since >= options.interval && (changed || since >= renew);
            if !(outside || due) {
                return None;
            }
        }
        self.sent.insert(wish.device.clone(), (now, power_kw));
        Some(SetPoint {
            device: wish.device.clone(),
            at: now,
            power_kw,
            valid_until: now + options.timeout,
            limits: wish.limits,
        })
    }
}
