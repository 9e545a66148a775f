//! One simulated meter: its noise, its counters, its steps, and what its faults make of them. Not
//! how the reading is written.

use super::fault::{Fault, FaultKind, flows};
use super::options::FleetOptions;
use super::truth::Course;
use gridtwin_kernel::{SimTime, Stream, Streams};
use gridtwin_twin::scenario::{Meter, Payload, Phase, Quantity, Sign, Unit};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// The value at which a counter rolls over, in its own unit, if the meter does not define it.
const END: f64 = 100_000.0;

/// A simulated meter.
#[derive(Debug)]
pub(super) struct Sensor {
    /// The meter it simulates.
    pub(super) meter: Meter,
    /// Its place in the list of meters, which is also its truth's.
    pub(super) place: usize,
    noise: Stream,
    noise_share: f64,
    faults: Vec<Fault>,
    /// How far the counters have been added up.
    counted: SimTime,
    reset: bool,
    /// In the direction in which power is positive, kWh.
    forward_kwh: f64,
    /// In the other direction, kWh.
    back_kwh: f64,
    rolls_over_at: Option<f64>,
    last: Option<Snapshot>,
}

/// What a meter reads at one instant, in the numbers that it writes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Snapshot {
    /// Its own quantity in its own unit; nothing where there is nothing to measure.
    pub(super) own: Option<f64>,
    /// The power behind a power or energy meter, in the unit of this kind of payload.
    pub(super) power: Option<f64>,
    /// The energy counted inwards, in the unit of this payload.
    pub(super) import: f64,
    /// The energy counted outwards, likewise.
    pub(super) export: f64,
}

/// The reading of one meter among those that share a topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    /// The meter.
    pub(super) meter: &'a Meter,
    /// What it reads; nothing while it is dead.
    pub(super) snapshot: Option<Snapshot>,
}

impl Sensor {
    pub(super) fn new(
        meter: &Meter,
        place: usize,
        streams: &Streams,
        options: &FleetOptions,
    ) -> Self {
        let name = format!(
            "meters/{}/{}/{}/{}",
            meter.topic,
            meter.device,
            meter.quantity.name(),
            which(&meter.payload)
        );
        let mut noise = streams.stream(&name);
        let faults: Vec<Fault> =
            options.faults.iter().filter(|f| f.concerns(place, meter)).cloned().collect();
        // A meter that has hung there for a while.
        let start_kwh = noise.random_range(10.0..9_000.0);
        let mut sensor = Self {
            place,
            noise,
            noise_share: if options.noise_share.is_finite() { options.noise_share } else { 0.0 },
            counted: SimTime::ZERO,
            reset: false,
            forward_kwh: start_kwh,
            back_kwh: start_kwh * 0.3,
            rolls_over_at: meter.rolls_over_at.map(|end| end.get()),
            last: None,
            meter: meter.clone(),
            faults,
        };
        if let Some(after_kwh) = sensor.faults.iter().find_map(|fault| match fault.kind {
            FaultKind::RollsOver { after_kwh } if after_kwh.is_finite() => Some(after_kwh),
            _ => None,
        }) {
            let end = *sensor.rolls_over_at.get_or_insert(END);
            let start = end * meter.factor().abs() - after_kwh.max(0.0);
            sensor.forward_kwh = start;
            sensor.back_kwh = start;
        }
        sensor
    }

    /// Whether it is dead.
    pub(super) fn is_dead(&self, at: SimTime) -> bool {
        self.has(at, |kind| matches!(kind, FaultKind::Dies))
    }

    /// Adds the counters up until `at`, where the truth over the span from `from` to `until` is
    /// known.
    pub(super) fn count(&mut self, at: SimTime, truth: Course, from: SimTime, until: SimTime) {
        let begin = self.counted.max(from);
        if at <= begin {
            return;
        }
        self.counted = at;
        if !self.reset
            && self.faults.iter().any(|f| matches!(f.kind, FaultKind::Resets) && f.from < at)
        {
            self.reset = true;
            self.forward_kwh = 0.0;
            self.back_kwh = 0.0;
        }
        if !flows(self.meter.quantity) {
            return;
        }
        let gain = self.gain(at);
        let a = truth.at(share(begin, from, until)) * gain;
        let b = truth.at(share(at, from, until)) * gain;
        let hours = (at - begin).as_hours_f64();
        let (forward, back) = areas(a, b, hours);
        if forward.is_finite() && back.is_finite() {
            self.forward_kwh += forward;
            self.back_kwh += back;
        }
    }

    /// Reads at `at`, up to which the counters have been added up.
    pub(super) fn read(&mut self, at: SimTime, value: f64) -> Snapshot {
        // Drawn at every reading, so that a fault changes nothing but itself.
        let z: f64 = StandardNormal.sample(&mut self.noise);
        let share = match self.meter.quantity {
            Quantity::Voltage => self.noise_share / 10.0,
            Quantity::Soc => 0.0,
            _ => self.noise_share,
        };
        let sensed = value * self.gain(at) * (1.0 + share * z);
        if self.has(at, |kind| matches!(kind, FaultKind::Sticks))
            && let Some(last) = self.last
        {
            return last;
        }
        let snapshot = self.snapshot(sensed);
        self.last = Some(snapshot);
        snapshot
    }

    fn snapshot(&self, sensed: f64) -> Snapshot {
        let meter = &self.meter;
        let own = match meter.quantity {
            Quantity::Energy => self.counter(self.forward_kwh),
            Quantity::EnergyReturned => self.counter(self.back_kwh),
            _ => finite(quantised(meter, sensed)),
        };
        if !flows(meter.quantity) {
            return Snapshot { own, ..Snapshot::default() };
        }
        let reversed = meter.sign == Sign::Reversed;
        let (import, export) = if reversed {
            (self.back_kwh, self.forward_kwh)
        } else {
            (self.forward_kwh, self.back_kwh)
        };
        // In steps, and how large those are.
        let of = |quantity, value: f64| {
            let unit = meter.payload.unit(quantity).in_base().0;
            let step = step(&meter.payload, &meter.topic, quantity);
            (value / (unit * meter.scale.get()) / step, step)
        };
        let (steps, step) = of(Quantity::Power, if reversed { -sensed } else { sensed });
        let counted = |kwh: f64| {
            let (steps, step) = of(Quantity::Energy, kwh);
            tidy((steps + 1e-6).floor() * step)
        };
        Snapshot {
            own,
            power: finite(tidy(steps.round() * step)),
            import: counted(import),
            export: counted(export),
        }
    }

    /// A counter's number: cut, not rounded, and begun again where it ends.
    fn counter(&self, kwh: f64) -> Option<f64> {
        let meter = &self.meter;
        let mut count = kwh / meter.factor().abs();
        if let Some(end) = self.rolls_over_at {
            count = count.rem_euclid(end);
        }
        let step = own_step(meter);
        let cut = tidy((count / step + 1e-6).floor() * step);
        finite(if meter.factor() < 0.0 { -cut } else { cut })
    }

    /// What it multiplies the truth by: 1 unless something is wrong.
    fn gain(&self, at: SimTime) -> f64 {
        let mut gain = 1.0;
        for fault in self.faults.iter().filter(|fault| fault.holds(at)) {
            match fault.kind {
                FaultKind::FlipsSign if flows(self.meter.quantity) => gain = -gain,
                FaultKind::Jumps { factor } => gain *= factor,
                _ => {}
            }
        }
        gain
    }

    fn has(&self, at: SimTime, is: impl Fn(FaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| fault.holds(at) && is(fault.kind))
    }
}

/// The position of an instant in the span: 0 at its start, 1 at its end.
pub(super) fn share(at: SimTime, from: SimTime, until: SimTime) -> f64 {
    let length = until - from;
    if length.is_zero() { 0.0 } else { (at - from).as_secs_f64() / length.as_secs_f64() }
}

/// The areas above and below zero, both positive, under a straight line from `a` to `b`.
fn areas(a: f64, b: f64, hours: f64) -> (f64, f64) {
    if a >= 0.0 && b >= 0.0 {
        ((a + b) / 2.0 * hours, 0.0)
    } else if a <= 0.0 && b <= 0.0 {
        (0.0, -(a + b) / 2.0 * hours)
    } else {
        let crossing = a / (a - b);
        let (first, second) = (a.abs() * crossing, b.abs() * (1.0 - crossing));
        let (above, below) = if a > 0.0 { (first, second) } else { (second, first) };
        (above / 2.0 * hours, below / 2.0 * hours)
    }
}

/// The displayed number for a value of the meter's quantity in its base unit, in whole steps of the
/// device.
fn quantised(meter: &Meter, value: f64) -> f64 {
    let step = own_step(meter);
    tidy((value / meter.factor() / step).round() * step)
}

/// The step of what a meter writes, in the unit that it writes.
fn own_step(meter: &Meter) -> f64 {
    let usual = meter.payload.unit(meter.quantity);
    let unit = meter.unit.unwrap_or(usual);
    if unit == Unit::Mv {
        return 1.0;
    }
    step(&meter.payload, &meter.topic, meter.quantity) * usual.in_base().0 / unit.in_base().0
}

/// The step that devices of a kind show a quantity in, in the unit usual for them.
fn step(payload: &Payload, topic: &str, quantity: Quantity) -> f64 {
    let power = quantity == Quantity::Power;
    let energy = matches!(quantity, Quantity::Energy | Quantity::EnergyReturned);
    match payload {
        Payload::Shelly { .. } if power => 0.1,
        Payload::Shelly { .. } if energy => {
            let component = topic.rsplit('/').next().unwrap_or_default();
            if component.starts_with("em") { 0.01 } else { 0.001 }
        }
        Payload::Zigbee2mqtt if power => 0.1,
        Payload::Tasmota { .. } | Payload::TasmotaSml { .. } | Payload::Evcc if power => 1.0,
        Payload::Tasmota { .. } | Payload::Zigbee2mqtt if quantity == Quantity::Voltage => 1.0,
        Payload::Zigbee2mqtt if quantity == Quantity::Soc => 0.5,
        _ if power || energy => 0.001,
        _ => 0.1,
    }
}

/// Which of several like meters behind one topic: the same for ever, so that it can name a stream.
fn which(payload: &Payload) -> String {
    match payload {
        Payload::Json { path } => path.clone(),
        Payload::Shelly { phase } => match phase {
            Phase::All => "",
            Phase::A => "a",
            Phase::B => "b",
            Phase::C => "c",
        }
        .to_owned(),
        Payload::Tasmota { channel: Some(channel) } => channel.to_string(),
        Payload::TasmotaSml { object: Some(object) } => object.clone(),
        Payload::Sparkplug { metric } => metric.clone(),
        _ => String::new(),
    }
}

/// Without the dust of binary fractions: nine decimals.
pub(super) fn tidy(value: f64) -> f64 {
    let tidy = (value * 1e9).round() / 1e9;
    if tidy.is_finite() { tidy + 0.0 } else { value }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
