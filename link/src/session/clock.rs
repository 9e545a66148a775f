//! The twin's clock against the wall's. Not what happens when.

use gridtwin_kernel::{SimTime, Span};
use std::time::{Duration, Instant};

/// The wall clock, or a multiple of its speed.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    at: SimTime,
    speed: f64,
}

impl Clock {
    /// It is `at` at this instant.
    pub fn new(began: Instant, at: SimTime, speed: f64) -> Self {
        Self { began, at, speed }
    }

    /// What it shows at an instant of the wall's.
    pub fn shows(&self, instant: Instant) -> SimTime {
        let passed_s = instant.saturating_duration_since(self.began).as_secs_f64();
        self.at + Span::from_secs_f64(passed_s * self.speed)
    }

    /// What it shows now.
    pub fn now(&self) -> SimTime {
        self.shows(Instant::now())
    }

    /// The instant of the wall's at which it shows `at`.
    pub fn instant(&self, at: SimTime) -> Instant {
        let ahead_s = at.since(self.at).as_secs_f64() / self.speed;
        self.began + Duration::from_secs_f64(ahead_s.min(1e9))
    }

    /// Seconds on it in a second of the wall's.
    pub fn speed(&self) -> f64 {
        self.speed
    }
}
