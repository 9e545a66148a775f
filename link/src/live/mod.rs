//! The live twin: messages and time go in, the twin follows its meters, and its publications come
//! out, all as data. It has no clock, no thread and no connection: the same messages at the same
//! times give the same bytes, live or replayed.
//!
//! An interval is simulated once it is over and [`GRACE`] has passed, so that its last readings
//! have arrived.

mod estimates;
mod interval;
mod look;
mod track;

use crate::payload::{Ask, Intake, Reason, Said, Taken, What};
use crate::quality::Presence;
use crate::site::{Site, most_kw};
use estimates::Estimates;
pub(crate) use estimates::cells;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::Observer;
use gridtwin_twin::scenario::{Battery, Change, SocStart};
use gridtwin_twin::{ChangeError, Scenario, Twin, TwinError};
use interval::Means;
pub use look::{MeterNow, Now, Outlook};
use std::collections::BTreeMap;
use track::Track;

/// The maximum number of topics that are reported as not understood.
const COMPLAINTS: usize = 100;

/// How long after its end an interval waits for readings that are still under way.
pub const GRACE: Span = Span::from_secs(5);

/// Counts of the received messages, by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages.
    pub messages: u64,
    /// Readings in them.
    pub readings: u64,
    /// Readings that were used.
    pub used: u64,
    /// Messages on topics that no meter has.
    pub unknown: u64,
    /// Messages that could not be read, in whole or in part.
    pub unreadable: u64,
}

/// A simulated interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Lived {
    /// Its number from the start.
    pub number: u64,
    /// What the twin was given for it: readings and notes.
    pub changes: Vec<Change>,
    /// Alarms that were raised or ended with it.
    pub alarms: Vec<Alarm>,
}

/// Something is wrong with a meter or a device, or is no longer.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// The device.
    pub device: String,
    /// The kind of alarm.
    pub kind: &'static str,
    /// Since when.
    pub since: SimTime,
    /// What was measured, kW, where it is about a power.
    pub measured_kw: Option<f64>,
    /// What was expected, kW.
    pub expected_kw: Option<f64>,
    /// What shows it.
    pub evidence: String,
    /// Whether it is raised; else it has ended.
    pub active: bool,
}

/// Why a live twin cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// What the twin refuses.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// No meter to follow.
    #[error(
        "the scenario `{0}` has no `meters`: add at least one, as in meters: [(device: \"roof\", topic: \"roof/power\")]"
    )]
    NoMeters(String),
    /// A start that only a run to its end can find.
    #[error(
        "the battery `{0}` has `soc_start: Cyclic`: it would start with the state of charge that it \
         has at the end of the run, which a live twin cannot know. Write its present state of \
         charge, such as `soc_start: 0.5`; the battery's meter corrects the value"
    )]
    Cyclic(String),
}

/// The live twin.
pub struct Live {
    twin: Twin,
    site: Site,
    intake: Intake,
    tracks: Vec<Track>,
    estimates: Estimates,
    said: Vec<Said>,
    counts: Counts,
    /// Topics with messages that were not understood, with the reason, not reported yet.
    unread: BTreeMap<String, Reason>,
    complaints: Vec<(String, Reason)>,
    now: SimTime,
    /// Milliseconds from 1970 to the scenario's start.
    start_ms: i64,
}

impl Live {
    /// The twin of a scenario at its start.
    ///
    /// # Errors
    /// What the twin refuses, or a scenario without meters.
    pub fn new(scenario: &Scenario) -> Result<Self, LiveError> {
        let cyclic = |battery: &&Battery| battery.soc_start == SocStart::Cyclic;
        if let Some(battery) = scenario.batteries.iter().find(cyclic) {
            return Err(LiveError::Cyclic(battery.id.to_string()));
        }
        let twin = Twin::new(scenario)?;
        if scenario.meters.is_empty() {
            return Err(LiveError::NoMeters(scenario.name.to_string()));
        }
        let peak = |i| twin.load_course_kw(i).iter().copied().fold(0.0, f64::max);
        let peaks_kw: Vec<f64> = (0..scenario.loads.len()).map(peak).collect();
        let site = Site::new(scenario, &peaks_kw);
        let meters = scenario.meters.iter().zip(site.limits.iter().zip(&site.devices));
        let tracks = meters.map(|(meter, (&limits, &device))| {
            Track::new(meter, limits, most_kw(scenario, device, &peaks_kw))
        });
        Ok(Self {
            intake: Intake::new(&scenario.meters),
            tracks: tracks.collect(),
            estimates: Estimates::new(scenario, &site, &twin),
            said: Vec::new(),
            counts: Counts::default(),
            unread: BTreeMap::new(),
            complaints: Vec::new(),
            now: SimTime::ZERO,
            start_ms: twin.catalog().start.as_millisecond(),
            site,
            twin,
        })
    }

    /// The topics to subscribe to.
    pub fn subscriptions(&self) -> Vec<String> {
        self.intake.subscriptions()
    }

    /// The twin, up to the latest simulated interval.
    pub fn twin(&self) -> &Twin {
        &self.twin
    }

    /// The devices and their meters.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Counts of the received messages, by result.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The time of the last message or [`Live::advance`].
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The time at which [`Live::advance`] can next simulate an interval.
    pub fn next_turn(&self) -> SimTime {
        self.twin.now() + self.twin.catalog().step + GRACE
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        self.twin.now() >= self.twin.end()
    }

    /// What Sparkplug nodes are to be asked since this was last called.
    pub fn asks(&mut self) -> Vec<Ask> {
        self.intake.asks(self.start_ms.saturating_add((self.now.0 / 1_000_000) as i64))
    }

    /// Takes a message that arrived `at`. Call [`Live::advance`] first for intervals due by then. A
    /// broker's retained copy has no known age: it can report a meter as offline, but is no reading
    /// of an interval.
    pub fn take(&mut self, at: SimTime, topic: &str, payload: &[u8], retained: bool) {
        self.now = self.now.max(at);
        self.counts.messages += 1;
        match self.intake.take(topic, payload, &mut self.said) {
            Taken::Unknown => self.counts.unknown += 1,
            Taken::Unreadable(reason) | Taken::Partly { reason, .. } => {
                self.counts.unreadable += 1;
                self.complain(topic, reason);
            }
            Taken::Said | Taken::Nothing => {}
        }
        let end = self.twin.now() + self.twin.catalog().step;
        let mut said = std::mem::take(&mut self.said);
        for said in said.drain(..) {
            if retained && matches!(said.what, What::Value(_)) && said.stamped_ms.is_none() {
                // Not even a reading of a counter can be placed in time.
                continue;
            }
            self.counts.readings += 1;
            let stamped = said.stamped_ms.and_then(|ms| self.since_start(ms));
            if let Some(track) = self.tracks.get_mut(said.meter as usize)
                && track.take(self.now, stamped, said.what, end).is_used()
            {
                self.counts.used += 1;
            }
        }
        self.said = said;
    }

    /// Records a topic that is not understood, to be reported once.
    fn complain(&mut self, topic: &str, reason: Reason) {
        if self.unread.len() < COMPLAINTS && !self.unread.contains_key(topic) {
            self.unread.insert(topic.to_owned(), reason);
            self.complaints.push((topic.to_owned(), reason));
        }
    }

    /// Topics whose messages were not understood, each once, with the reason; those new since the
    /// last call.
    pub fn take_complaints(&mut self) -> Vec<(String, Reason)> {
        std::mem::take(&mut self.complaints)
    }

    /// A meter's own time on the twin's clock; nothing where that is before its start.
    fn since_start(&self, unix_ms: i64) -> Option<SimTime> {
        let ms = u64::try_from(unix_ms.checked_sub(self.start_ms)?).ok()?;
        ms.checked_mul(1_000_000).map(SimTime)
    }

    /// Simulates one interval, if one is due by `now`. Call it until it returns none.
    ///
    /// # Errors
    /// What the twin refuses of its readings: a bug of ours.
    pub fn advance(
        &mut self,
        now: SimTime,
        observer: &mut impl Observer,
    ) -> Result<Option<Lived>, ChangeError> {
        if self.is_over() || now < self.next_turn() {
            self.now = self.now.max(now);
            return Ok(None);
        }
        let end = self.twin.now() + self.twin.catalog().step;
        self.now = self.now.max(end + GRACE);
        let mut changes = Vec::new();
        let mut alarms = Vec::new();
        let means = Means::close(end, &self.site, &mut self.tracks);
        self.report_silence(end, &mut alarms);
        let metered =
            self.estimates.close(&self.twin, &self.site, &mut self.tracks, &means, &mut alarms);
        if !metered.is_empty() {
            changes.push(Change::Metered(metered));
        }
        changes.extend(alarms.iter().map(|alarm| Change::Note { text: alarm.sentence() }));
        let number = self.twin.now().0 / self.twin.catalog().step.0;
        for change in &changes {
            self.twin.apply(change)?;
        }
        self.twin.advance(end, observer);
        let next = end + self.twin.catalog().step;
        self.tracks.iter_mut().for_each(|track| track.go_on(next));
        Ok(Some(Lived { number, changes, alarms }))
    }

    /// Reports power and state-of-charge meters that become silent or send again, except those that
    /// detectors watch.
    fn report_silence(&mut self, end: SimTime, alarms: &mut Vec<Alarm>) {
        for (i, track) in self.tracks.iter_mut().enumerate() {
            let meters = self.site.meters_of(self.site.devices[i]);
            let main = meters.power.or(meters.energy);
            if main == Some(i) || meters.soc == Some(i) {
                continue;
            }
            let presence = track.presence(end);
            let absent = presence.is_absent();
            if std::mem::replace(&mut track.absent, absent) == absent {
                continue;
            }
            let (since, why) = match presence {
                Presence::Gone { since } => (since, "reported that it is offline"),
                Presence::Silent { since } => (since, "has sent no reading for too long"),
                Presence::Awaited | Presence::Here => (end, "is sending again"),
            };
            let meter = &self.twin.scenario().meters[i];
            let then = match absent {
                true => "; until readings resume, its model replaces them",
                false => "",
            };
            alarms.push(Alarm {
                device: meter.device.to_string(),
                kind: "silent",
                since,
                measured_kw: None,
                expected_kw: None,
                evidence: format!("its {} meter {why}{then}", meter.quantity.name()),
                active: absent,
            });
        }
    }
}

impl Alarm {
    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        let Self { device, kind, evidence, active, .. } = self;
        if *active {
            format!("{device}: {kind}: {evidence}")
        } else {
            format!("{device}: no longer {kind}: {evidence}")
        }
    }
}
