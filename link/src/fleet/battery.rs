//! A simulated controllable battery: it follows set points while its dead-man switch allows it, and
//! is in its safe state otherwise. Not a model of cells: a store with an efficiency.

use super::truth::Course;
use crate::announce::{DeadMan, Limits, Order, availability_topic, setpoint_topic};
use gridtwin_kernel::{SimTime, Span};
use jiff::Timestamp;

/// What a battery is like.
#[derive(Clone, Debug, PartialEq)]
pub struct BatterySpec {
    /// The site whose twin controls it.
    pub site: String,
    /// Its id.
    pub device: String,
    /// What it holds, kWh.
    pub capacity_kwh: f64,
    /// The most that it takes, kW.
    pub charge_kw: f64,
    /// Its maximum discharge power, kW.
    pub discharge_kw: f64,
    /// The round-trip efficiency, a share between 0 and 1.
    pub round_trip: f64,
    /// How full it is at first, a share between 0 and 1.
    pub soc: f64,
    /// The longest time that it follows one set point, whatever that says.
    pub longest: Span,
    /// What it does without a valid set point.
    pub safety: Safety,
}

/// What a device does without a set point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Safety {
    /// Nothing: 0 kW.
    Idle,
    /// Charges with the site's surplus and covers its deficit, by its own meter.
    #[default]
    SelfConsumption,
}

/// A battery that obeys.
#[derive(Clone, Debug)]
pub struct Battery {
    spec: BatterySpec,
    start: Timestamp,
    soc: f64,
    dead_man: DeadMan,
}

impl Battery {
    /// A battery whose clock shows `start` at [`SimTime::ZERO`].
    pub fn new(spec: BatterySpec, start: Timestamp) -> Self {
        let limits = Limits { min_kw: -spec.charge_kw, max_kw: spec.discharge_kw };
        let dead_man = DeadMan::new(limits, spec.longest);
        Self { soc: spec.soc.clamp(0.0, 1.0), spec, start, dead_man }
    }

    /// The topics that [`Battery::on_message`] subscribes to.
    pub fn subscriptions(&self) -> [String; 2] {
        [setpoint_topic(&self.spec.site, &self.spec.device), availability_topic(&self.spec.site)]
    }

    /// Receives a message at `now`, and returns whether it was for this battery and could be read.
    pub fn on_message(&mut self, topic: &str, payload: &[u8], now: SimTime) -> bool {
        let [setpoint, availability] = self.subscriptions();
        if topic == availability {
            self.dead_man.availability(payload == crate::announce::ONLINE.as_bytes());
            true
        } else if topic == setpoint {
            match Order::parse(payload, self.start) {
                Some(order) if order.device == self.spec.device => {
                    self.dead_man.receive(&order, now)
                }
                _ => false,
            }
        } else {
            false
        }
    }

    /// How full it is, a share between 0 and 1.
    pub fn soc(&self) -> f64 {
        self.soc
    }

    /// Whether it follows a set point at this instant.
    pub fn obeys(&self, now: SimTime) -> bool {
        self.dead_man.power_kw(now).is_some()
    }

    /// Runs from `from` to `until` where the site has `surplus_kw` more than it uses, negative
    /// where it lacks something: the battery's power, where discharging is positive, and its state
    /// of charge. A set point that expires within the span is not followed in it.
    pub fn advance(&mut self, from: SimTime, until: SimTime, surplus_kw: f64) -> (Course, Course) {
        let told = self.dead_man.power_kw(from).filter(|_| {
            // The last instant of the span counts.
            self.dead_man.power_kw(SimTime(until.0.saturating_sub(1)).max(from)).is_some()
        });
        let safe = match self.spec.safety {
            Safety::Idle => 0.0,
            Safety::SelfConsumption if surplus_kw.is_finite() => -surplus_kw,
            Safety::SelfConsumption => 0.0,
        };
        let wanted = self.dead_man.limits().clamp(told.unwrap_or(safe)).unwrap_or(0.0);
        let hours = (until - from).as_hours_f64();
        let one_way = self.spec.round_trip.clamp(0.01, 1.0).sqrt();
        let before = self.soc;
        let mut power_kw = 0.0;
        if hours > 0.0 && self.spec.capacity_kwh > 0.0 {
            let full_kw = (1.0 - self.soc) * self.spec.capacity_kwh / one_way / hours;
            let empty_kw = self.soc * self.spec.capacity_kwh * one_way / hours;
            power_kw = wanted.max(-full_kw).min(empty_kw);
            let stored = if power_kw < 0.0 { power_kw * one_way } else { power_kw / one_way };
            self.soc = (self.soc - stored * hours / self.spec.capacity_kwh).clamp(0.0, 1.0);
        }
        (Course::constant(power_kw), Course::line(before, self.soc))
    }
}
