//! Whether a meter is sending. Not its values.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::Meter;

/// Whether a meter is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing has been received yet, but the subscription is recent.
    Awaited,
    /// Received recently.
    Here,
    /// Nothing received for longer than its limit.
    Silent {
        /// Since the last used reading, or since the subscription.
        since: SimTime,
    },
    /// It was reported offline: by a last will or a death certificate.
    Gone {
        /// Since when.
        since: SimTime,
    },
}

impl Presence {
    /// Whether its device has to follow the model.
    pub fn is_absent(self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Gone { .. })
    }
}

/// When a meter was last received.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    limit: Span,
    listening: SimTime,
    heard: Option<SimTime>,
    gone: Option<SimTime>,
}

impl Silence {
    /// Subscribed from `at` on.
    pub fn new(meter: &Meter, at: SimTime) -> Self {
        let limit = Span::from_secs_f64(meter.silent_s.get());
        Self { limit, listening: at, heard: None, gone: None }
    }

    /// A reading was used. Readings that are only counted (see [`super::Quality::is_used`]) do not
    /// count: a meter that sends only implausible values is silent.
    pub fn hear(&mut self, at: SimTime) {
        self.heard = Some(self.heard.map_or(at, |heard| heard.max(at)));
        self.gone = None;
    }

    /// The meter was reported offline. Its next reading brings it back.
    pub fn gone(&mut self, at: SimTime) {
        self.gone.get_or_insert(at);
    }

    /// Whether it is there `now`.
    pub fn presence(&self, now: SimTime) -> Presence {
        if let Some(since) = self.gone {
            return Presence::Gone { since };
        }
        let since = self.heard.unwrap_or(self.listening);
        if now.since(since) > self.limit {
            Presence::Silent { since }
        } else if self.heard.is_some() {
            Presence::Here
        } else {
            Presence::Awaited
        }
    }

    /// The longest that a value holds, and that it may be silent.
    pub fn limit(&self) -> Span {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::watch::tests_support::meter;

    #[test]
    fn silent_only_beyond_the_limit_and_back_with_the_next_reading() {
        let mut silence = Silence::new(&meter(), SimTime::ZERO);
        let at = |s| SimTime(Span::from_secs(s).0);
        assert_eq!(silence.presence(at(300)), Presence::Awaited);
        assert_eq!(silence.presence(at(301)), Presence::Silent { since: SimTime::ZERO });
        silence.hear(at(400));
        assert_eq!(silence.presence(at(700)), Presence::Here);
        assert_eq!(silence.presence(at(701)), Presence::Silent { since: at(400) });
        silence.hear(at(800));
        silence.gone(at(810));
        silence.gone(at(820));
        assert_eq!(silence.presence(at(811)), Presence::Gone { since: at(810) });
        silence.hear(at(830));
        assert_eq!(silence.presence(at(831)), Presence::Here);
    }

    #[test]
    fn a_late_reading_does_not_make_a_meter_older() {
        let mut silence = Silence::new(&meter(), SimTime::ZERO);
        silence.hear(SimTime(Span::from_secs(500).0));
        silence.hear(SimTime(Span::from_secs(100).0));
        assert_eq!(silence.presence(SimTime(Span::from_secs(600).0)), Presence::Here);
    }
}
