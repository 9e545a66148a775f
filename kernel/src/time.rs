//! Simulated time: integer nanoseconds since the scenario's start. Not civil time, which exists
//! only at the edges, and not the wall clock, which exists only in the command.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Rem, Sub};

/// Nanoseconds in a second.
const NANOS: u64 = 1_000_000_000;

/// An instant: nanoseconds since the scenario's start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(pub u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub u64);

impl SimTime {
    /// The scenario's start.
    pub const ZERO: Self = Self(0);
    /// An instant after every other one: "never".
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `seconds` after the start, to the nearest nanosecond; negative and NaN give the
    /// start, and what does not fit gives [`SimTime::MAX`].
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(Span::from_secs_f64(seconds).0)
    }

    /// Seconds since the start.
    pub fn as_secs_f64(self) -> f64 {
        Span(self.0).as_secs_f64()
    }

    /// Hours since the start.
    pub fn as_hours_f64(self) -> f64 {
        Span(self.0).as_hours_f64()
    }

    /// The time that has passed since `earlier`, or zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One hour.
    pub const HOUR: Self = Self(3600 * NANOS);
    /// One day of 24 hours.
    pub const DAY: Self = Self(24 * 3600 * NANOS);

    /// Whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS)
    }

    /// Whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// `seconds` to the nearest nanosecond; negative and NaN give zero, and what does not fit gives
    /// the longest span there is.
    pub fn from_secs_f64(seconds: f64) -> Self {
        // `as` saturates, and takes NaN to zero.
        Self((seconds * NANOS as f64).round() as u64)
    }

    /// `millis` to the nearest nanosecond, with the limits of [`Span::from_secs_f64`].
    pub fn from_millis_f64(millis: f64) -> Self {
        Self((millis * 1e6).round() as u64)
    }

    /// In seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS as f64
    }

    /// In milliseconds.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In hours.
    pub fn as_hours_f64(self) -> f64 {
        self.0 as f64 / (3600.0 * NANOS as f64)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for SimTime {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        self.since(earlier)
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Span {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Div for Span {
    type Output = u64;
    fn div(self, other: Self) -> u64 {
        self.0 / other.0
    }
}

impl Rem for Span {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        Self(self.0 % other.0)
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Span(self.0))
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0 / NANOS, self.0 % NANOS);
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
        if days > 0 {
            write!(f, "{days}d ")?;
        }
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}")?;
        if nanos > 0 {
            write!(f, ".{nanos:09}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_round_and_saturate() {
        assert_eq!(Span::from_secs_f64(1.5), Span(1_500_000_000));
        assert_eq!(Span::from_secs_f64(-1.0), Span::ZERO);
        assert_eq!(Span::from_secs_f64(f64::NAN), Span::ZERO);
        assert_eq!(SimTime::MAX + Span::HOUR, SimTime::MAX);
        assert_eq!(SimTime::ZERO - SimTime(5), Span::ZERO);
        assert_eq!(Span::HOUR.as_hours_f64(), 1.0);
    }

    #[test]
    fn reads_as_a_clock() {
        let t = SimTime::ZERO + Span::DAY * 2 + Span::from_secs(3661) + Span::from_millis(5);
        assert_eq!(t.to_string(), "2d 01:01:01.005000000");
    }
}
