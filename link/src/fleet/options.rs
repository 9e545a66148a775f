//! How a fleet of simulated meters is set up.

use super::fault::Fault;
use gridtwin_kernel::{SimTime, Span};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How a fleet behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetOptions {
    /// The civil time of [`SimTime::ZERO`], for what is written with a time stamp.
    pub start: Timestamp,
    /// What local clocks show beyond UTC, s: Tasmota writes local time and counts by local days.
    pub utc_offset_s: i32,
    /// How often each topic is published. At least a millisecond.
    pub period: Span,
    /// Topics, as the scenario writes them, that are published at another pace.
    pub periods: BTreeMap<String, Span>,
    /// The standard deviation of a power reading, as a share of it. A tenth of it is a voltage
    /// reading's; counters and states of charge are read as they are.
    pub noise_share: f64,
    /// The faults.
    pub faults: Vec<Fault>,
}

impl Default for FleetOptions {
    /// Every ten seconds, with half a per cent of noise, from the Unix epoch on, without faults.
    fn default() -> Self {
        Self {
            start: Timestamp::UNIX_EPOCH,
            utc_offset_s: 0,
            period: Span::from_secs(10),
            periods: BTreeMap::new(),
            noise_share: 0.005,
            faults: Vec::new(),
        }
    }
}

/// The clock that the meters write with.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallClock {
    start_ms: i64,
    offset_ms: i64,
}

impl WallClock {
    pub(super) fn new(options: &FleetOptions) -> Self {
        Self {
            start_ms: options.start.as_millisecond(),
            offset_ms: i64::from(options.utc_offset_s) * 1000,
        }
    }

    /// Milliseconds since the Unix epoch.
    pub(super) fn unix_ms(self, at: SimTime) -> i64 {
        let since = i64::try_from(at.0 / 1_000_000).unwrap_or(i64::MAX);
        self.start_ms.saturating_add(since)
    }

    /// Local time as Tasmota writes it: to the second and without a zone.
    pub(super) fn local(self, at: SimTime) -> String {
        let local = self.unix_ms(at).saturating_add(self.offset_ms);
        let stamp = Timestamp::from_millisecond(local).unwrap_or(Timestamp::MAX);
        stamp.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }

    /// The number of the local day.
    pub(super) fn local_day(self, at: SimTime) -> i64 {
        self.unix_ms(at).saturating_add(self.offset_ms).div_euclid(86_400_000)
    }
}
