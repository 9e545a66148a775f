//! The readings of perfect meters, and their times. Not their source: a simulated site, or a test.

use gridtwin_kernel::SimTime;

/// How one true value runs over a span: along a straight line. NaN where there is nothing to
/// measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// At the span's start.
    pub from: f64,
    /// At its end.
    pub until: f64,
}

impl Course {
    /// The same value throughout.
    pub fn constant(value: f64) -> Self {
        Self { from: value, until: value }
    }

    /// A straight line between two values.
    pub fn line(from: f64, until: f64) -> Self {
        Self { from, until }
    }

    /// The value at a share of the span, where 0 is its start and 1 its end.
    pub fn at(self, share: f64) -> f64 {
        self.from + (self.until - self.from) * share
    }
}

/// For each meter its true course over one span, in the order of the meters.
///
/// Power and both kinds of energy counters: the device's power in kW, by the sign that
/// [`Quantity::Power`](gridtwin_twin::scenario::Quantity::Power) gives it; the fleet adds the
/// counters up by itself. State of charge: a share between 0 and 1. Voltage: V. A meter beyond the
/// end of the list has nothing to measure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// One course a meter.
    pub courses: Vec<Course>,
}

impl Truth {
    /// Values that stay as they are.
    pub fn constant(values: &[f64]) -> Self {
        Self { courses: values.iter().map(|&value| Course::constant(value)).collect() }
    }

    /// The course of the meter at this place, NaN where there is none.
    pub fn course(&self, meter: usize) -> Course {
        self.courses.get(meter).copied().unwrap_or(Course::constant(f64::NAN))
    }
}

/// One message of a simulated meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// When it reaches the broker.
    pub at: SimTime,
    /// Its topic.
    pub topic: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Whether the broker retains it for later subscribers.
    pub retain: bool,
}
