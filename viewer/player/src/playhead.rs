//! Where in time somebody looks: playing, paused, how fast, looping. Not what is seen there.

use gridtwin_kernel::{SimTime, Span};
use std::time::Duration;

/// The speeds that can be chosen: simulated seconds in a second of the wall's.
pub const SPEEDS: [f64; 9] = [1.0, 5.0, 20.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 10_000.0];

/// The place in time that is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playhead {
    pub(crate) at: SimTime,
    pub(crate) playing: bool,
    pub(crate) speed: f64,
    pub(crate) looped: Option<(SimTime, SimTime)>,
}

impl Default for Playhead {
    fn default() -> Self {
        Self { at: SimTime::ZERO, playing: false, speed: 300.0, looped: None }
    }
}

impl Playhead {
    /// The instant.
    pub fn at(&self) -> SimTime {
        self.at
    }

    /// Whether it moves.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Simulated seconds in a second of the wall's.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The range that is played again and again.
    pub fn looped(&self) -> Option<(SimTime, SimTime)> {
        self.looped
    }

    /// Moves on by what `wall` is worth, up to `known`: what lies behind it has not been simulated
    /// yet. It stops at `end`, or goes back to its range's start.
    pub(crate) fn tick(&mut self, wall: Duration, known: SimTime, end: SimTime) {
        if !self.playing {
            return;
        }
        let step = Span::from_secs_f64(wall.as_secs_f64() * self.speed);
        let stop = self.looped.map_or(end, |(_, until)| until.min(end));
        self.at = (self.at + step).min(known.max(self.at)).min(stop.max(self.at));
        if self.at >= stop {
            match self.looped {
                Some((from, _)) => self.at = from,
                None => self.playing = false,
            }
        }
    }
}
