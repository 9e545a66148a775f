//! Faults of simulated meters, as data. Not their detection.

use super::truth::{Course, Truth};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Id, Meter, Quantity};

/// One fault: what has it, when, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What has it.
    pub target: Target,
    /// When it begins.
    pub from: SimTime,
    /// When it is over; [`SimTime::MAX`] for never.
    pub until: SimTime,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What a fault is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every meter of a device.
    Device(Id),
    /// Every meter with this topic, as written in the scenario.
    Topic(String),
    /// The one meter at this place in the list.
    Meter(usize),
}

/// The faults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// Nothing more is received from it. A Sparkplug device's death is announced by its node, and a
    /// node's by the broker.
    Dies,
    /// It repeats its last reading for ever.
    Sticks,
    /// Power has the wrong sign, as from a current clamp put on the wrong way round: the counters
    /// swap their directions with it.
    FlipsSign,
    /// Everything that it measures is too large or too small by this factor.
    Jumps {
        /// The factor.
        factor: f64,
    },
    /// Its counters start again at zero, once.
    Resets,
    /// Its counters begin so near their end that they roll over after this much more, kWh; when
    /// that is depends on the truth, and the fault's times do not matter. The end is the meter's
    /// `rolls_over_at`, or 100,000 of its unit.
    RollsOver {
        /// What is left until the end, kWh.
        after_kwh: f64,
    },
    /// Each message arrives this much later than it was written, s.
    Late {
        /// The delay, s.
        seconds: f64,
    },
    /// Each message arrives twice.
    Duplicates,
    /// Every second message arrives after the one that follows it.
    OutOfOrder,
    /// Nonsense instead of its messages.
    Garbage,
    /// An unmetered consumer draws this much, kW: the grid's meters show it, the device meters do
    /// not. Names the device whose consumption it adds to.
    Theft {
        /// What is drawn, kW.
        kw: f64,
    },
    /// An array gets dirty and yields less by this share of its output with every day; what it no
    /// longer yields is imported instead. It stops at nine tenths.
    Soils {
        /// The share lost a day.
        share_per_day: f64,
    },
}

impl Fault {
    /// Whether it holds at this instant.
    pub fn holds(&self, at: SimTime) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether it is with this meter, which stands at this place in the list.
    pub fn concerns(&self, place: usize, meter: &Meter) -> bool {
        match &self.target {
            Target::Device(id) => *id == meter.device,
            Target::Topic(topic) => *topic == meter.topic,
            Target::Meter(index) => *index == place,
        }
    }
}

/// The truth as thieves and dirt leave it, where there are any.
pub(super) fn disturbed(
    meters: &[(Meter, bool)],
    faults: &[Fault],
    truth: &Truth,
    from: SimTime,
    until: SimTime,
) -> Option<Truth> {
    let physical = |fault: &&Fault| {
        matches!(fault.kind, FaultKind::Theft { .. } | FaultKind::Soils { .. })
            && fault.from < until
            && from < fault.until
    };
    faults.iter().find(physical)?;
    let mut courses: Vec<Course> = (0..meters.len()).map(|i| truth.course(i)).collect();
    for fault in faults.iter().filter(physical) {
        let extra = match fault.kind {
            FaultKind::Theft { kw } if kw.is_finite() => Course::constant(kw.max(0.0)),
            FaultKind::Soils { share_per_day } => {
                let lost = |at: SimTime| {
                    let days = Span::as_hours_f64(at - fault.from) / 24.0;
                    (share_per_day * days).clamp(0.0, 0.9)
                };
                let (early, late) = (lost(from), lost(until));
                if !(early.is_finite() && late.is_finite()) {
                    continue;
                }
                let mut yielded = None;
                for (place, (meter, _)) in meters.iter().enumerate() {
                    if fault.concerns(place, meter)
                        && flows(meter.quantity)
                        && let Some(course) = courses.get_mut(place)
                    {
                        yielded.get_or_insert(*course);
                        *course =
                            Course::line(course.from * (1.0 - early), course.until * (1.0 - late));
                    }
                }
                let Some(course) = yielded else { continue };
                Course::line(course.from * early, course.until * late)
            }
            _ => continue,
        };
        for ((_, is_grid), course) in meters.iter().zip(&mut courses) {
            if *is_grid {
                course.from += extra.from;
                course.until += extra.until;
            }
        }
    }
    Some(Truth { courses })
}

/// Whether the meter's true value is a power.
pub(super) fn flows(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Power | Quantity::Energy | Quantity::EnergyReturned)
}
