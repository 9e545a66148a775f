//! What happened to power and votes, told in order: a row for each instant at which something
//! changed, and stretches of plain deciding folded into one row each.

use super::deciding::{Deciding, Stretch};
use crate::files::describe;
use crate::number::duration;
use crate::tally::groups::group_of;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, EventKind, PowerCause, Sample};
use std::collections::BTreeMap;

/// More rows than this are counted, but not kept: the page shows far fewer anyway.
const KEPT: usize = 20_000;
/// So many states of charge are kept, in whole or thinned out: ten years of five minutes.
const CHARGES: usize = 1 << 20;

/// How much a row matters where not all can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// A broken promise.
    Alarm,
    /// A stretch without decisions.
    Silence,
    /// The grid, a fault, a voter, an edit.
    Change,
    /// A server, a view.
    Effect,
    /// A stretch of plain deciding.
    Plain,
    /// Batteries, gensets and what is shed.
    Routine,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// When, or from when.
    pub(crate) at: SimTime,
    /// Until when, where it is a stretch.
    pub(crate) until: Option<SimTime>,
    /// How much it matters.
    pub(crate) weight: Weight,
    /// What happened, and to whom.
    pub(crate) phrases: Vec<(String, Vec<String>)>,
    /// What the batteries held, 0 to 1, weighed by their sizes, at the end of the interval
    /// before; known once the telling has ended.
    pub(crate) soc: Option<f64>,
}

impl Row {
    /// As a sentence.
    pub(crate) fn text(&self) -> String {
        let phrase = |(what, whom): &(String, Vec<String>)| match whom.is_empty() {
            true => what.clone(),
            false => format!("{what}: {}", whom.join(", ")),
        };
        self.phrases.iter().map(phrase).collect::<Vec<_>>().join("; ")
    }
}

/// The telling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    rows: Vec<Row>,
    dropped: u64,
    groups: Vec<Deciding>,
    grid_down: Option<SimTime>,
    silences: Vec<(SimTime, SimTime, String)>,
    faults: BTreeMap<u16, Vec<(SimTime, Option<SimTime>)>>,
    sizes_kwh: Vec<f64>,
    /// How often something was noted about the meters.
    pub(crate) noted: u64,
    /// What the batteries held at the end of each interval.
    charge: Vec<(SimTime, f64)>,
}

impl Story {
    /// Nothing told yet.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let voters =
            catalog.groups.iter().map(|g| Deciding::new(&g.name, g.members.len(), g.needed.into()));
        Self {
            groups: voters.collect(),
            sizes_kwh: catalog.batteries.iter().map(|(_, kwh)| *kwh).collect(),
            ..Self::default()
        }
    }

    /// Follows one interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        let held = sample.batteries.iter().zip(&self.sizes_kwh).map(|(b, kwh)| b.soc * kwh);
        let soc = held.sum::<f64>() / self.sizes_kwh.iter().sum::<f64>();
        if soc.is_finite() {
            self.charge.push((sample.at + sample.step, soc));
            // Of a run of many years, every other one: half the room, still to the hour.
            if self.charge.len() >= CHARGES {
                let mut keep = false;
                self.charge.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        }
    }

    /// Follows one event.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event, catalog: &Catalog) {
        use EventKind::*;
        let group = group_of(&event.kind).map(usize::from).filter(|g| *g < self.groups.len());
        match (&event.kind, group) {
            (Decided { latency_ms, .. }, Some(g)) => {
                let told = self.groups[g].decided(at, *latency_ms);
                self.tell(told);
                return;
            }
            (ViewChanged { view, leader, .. }, Some(g)) => {
                let leader = crate::files::member_name(catalog, g as u16, *leader);
                let told = self.groups[g].view(at, *view, Some(leader));
                self.tell(told);
                return;
            }
            (LeaderSuspected { member, view, .. }, Some(g)) => {
                let member = crate::files::member_name(catalog, g as u16, *member);
                self.groups[g].suspected(at, *view, &member);
                return;
            }
            (FaultBegan { fault }, _) => {
                self.pause(None);
                self.faults.entry(*fault).or_default().push((at, None));
            }
            (FaultEnded { fault }, _) => {
                self.pause(None);
                let times = self.faults.entry(*fault).or_default();
                if let Some((_, until)) = times.last_mut() {
                    *until = Some(at);
                }
            }
            (GridDown | GridUp, _) => self.pause(None),
            (VoterDown { .. } | VoterUp { .. } | CaughtUp { .. } | Violation { .. }, _) => {
                self.pause(group);
            }
            _ => {}
        }
        if let Some((weight, what, whom)) = self.phrase(at, &event.kind, group, catalog) {
            self.push(at, weight, what, whom);
        }
    }

    fn phrase(
        &mut self,
        at: SimTime,
        kind: &EventKind,
        group: Option<usize>,
        catalog: &Catalog,
    ) -> Option<(Weight, String, String)> {
        use EventKind::*;
        use Weight::*;
        let (subject, details) = describe(kind, catalog);
        let name = group.map_or(String::new(), |g| self.groups[g].name.clone());
        let mut voters = |change: i64| {
            group.map_or(String::new(), |g| {
                let group = &mut self.groups[g];
                group.up = (group.up as i64 + change).clamp(0, group.members as i64) as usize;
                format!("{subject} {}", group.running())
            })
        };
        Some(match kind {
            GridDown => {
                self.grid_down = Some(at);
                (Change, "The grid fails".to_owned(), String::new())
            }
            GridUp => {
                let away = self.grid_down.take().map(|since| (at - since).as_secs_f64());
                let away = away.map_or(String::new(), |s| format!(" after {}", duration(s)));
                (Change, format!("The grid is back{away}"), String::new())
            }
            BatteryEmpty { .. } => {
                (Routine, "Battery at its minimum state of charge".to_owned(), subject)
            }
            GensetStarted { .. } => (Routine, "Genset starts".to_owned(), subject),
            GensetStopped { .. } => (Routine, "Genset stops".to_owned(), subject),
            GensetFailed { .. } => (Change, "Genset fails".to_owned(), subject),
            GensetMended { .. } => (Change, "Genset repaired".to_owned(), subject),
            TankEmpty { .. } => (Change, "Fuel tank empty".to_owned(), subject),
            TankFilled { .. } => (Routine, "Fuel tank filled".to_owned(), subject),
            LoadReduced { .. } => {
                (Routine, "Load reduced, supply is below demand".to_owned(), subject)
            }
            LoadServed { .. } => (Routine, "Load served in full again".to_owned(), subject),
            PowerLost { cause: PowerCause::LowCharge, .. } => {
                (Routine, format!("Switched off (shed), {details}"), subject)
            }
            PowerLost { .. } => (Routine, format!("Power lost, {details}"), subject),
            PowerRestored { .. } => (Routine, "Power restored".to_owned(), subject),
            ServerDown { lost, migrated, .. } => {
                let tasks =
                    if lost + migrated > 0 { format!(" ({details})") } else { String::new() };
                (Effect, "Server stops".to_owned(), subject + &tasks)
            }
            ServerUp { .. } => (Effect, "Server runs again".to_owned(), subject),
            FaultBegan { .. } => (Change, "Fault".to_owned(), subject),
            FaultEnded { .. } => (Change, "Repaired".to_owned(), subject),
            VoterDown { .. } => (Change, format!("{name}: member down"), voters(-1)),
            VoterUp { .. } => (Change, format!("{name}: member up again"), voters(1)),
            CaughtUp { .. } => (Effect, format!("{name}: member has caught up"), subject),
            Violation { .. } => (Alarm, format!("{name}: violation"), details),
            Changed { .. } => (Change, "Change made during the run".to_owned(), details),
            Assumed { .. } => (Change, "Assumed".to_owned(), details),
            Noted { .. } => {
                self.noted += 1;
                (Alarm, "Meter warning".to_owned(), details)
            }
            _ => return None,
        })
    }

    /// Ends the stretch of deciding of one group, or of all.
    fn pause(&mut self, group: Option<usize>) {
        for g in 0..self.groups.len() {
            if group.is_none_or(|only| only == g) {
                let told = self.groups[g].pause();
                self.tell(told);
            }
        }
    }

    fn tell(&mut self, stretches: Vec<Stretch>) {
        for Stretch { at, until, weight, text } in stretches {
            if weight == Weight::Silence {
                self.silences.push((at, until.unwrap_or(at), text.clone()));
            }
            let phrases = vec![(text, Vec::new())];
            self.keep(Row { at, until, weight, phrases, soc: None });
        }
    }

    fn push(&mut self, at: SimTime, weight: Weight, what: String, whom: String) {
        let whom = if whom.is_empty() { Vec::new() } else { vec![whom] };
        // What happens at the same instant shares a row, and what happens alike shares its words.
        let same = self
            .rows
            .iter_mut()
            .rev()
            .take(8)
            .find(|r| r.at == at && r.until.is_none() && r.weight != Weight::Alarm);
        if let Some(row) = same.filter(|_| weight != Weight::Alarm) {
            row.weight = row.weight.min(weight);
            match row.phrases.iter_mut().find(|(w, _)| *w == what) {
                Some((_, all)) => all.extend(whom),
                None => row.phrases.push((what, whom)),
            }
            return;
        }
        self.keep(Row { at, until: None, weight, phrases: vec![(what, whom)], soc: None });
    }

    fn keep(&mut self, row: Row) {
        if self.rows.len() < KEPT || row.weight == Weight::Alarm {
            self.rows.push(row);
        } else {
            self.dropped += 1;
        }
    }

    /// The run is over.
    pub(crate) fn end(&mut self, end: SimTime) {
        self.pause(None);
        for g in 0..self.groups.len() {
            let told = self.groups[g].end(end);
            self.tell(told);
        }
    }

    /// Stretches without a decision, with what is told of them: from, until, text.
    pub(crate) fn silences(&self) -> &[(SimTime, SimTime, String)] {
        &self.silences
    }

    /// When a fault struck, and when it was mended, if it was.
    pub(crate) fn fault(&self, fault: u16) -> &[(SimTime, Option<SimTime>)] {
        self.faults.get(&fault).map_or(&[], Vec::as_slice)
    }

    /// At most `limit` rows in order of time, those that matter most, and how many there would be.
    /// For a story that has ended.
    pub(crate) fn rows(&self, limit: usize) -> (Vec<Row>, u64) {
        let all = self.rows.len() as u64 + self.dropped;
        let mut rows = self.rows.clone();
        rows.sort_by_key(|r| (r.weight, r.at));
        rows.truncate(limit);
        rows.sort_by_key(|r| (r.at, r.until.is_some()));
        for row in &mut rows {
            let known = self.charge.partition_point(|(end, _)| *end <= row.at);
            row.soc = known.checked_sub(1).map(|i| self.charge[i].1);
        }
        (rows, all)
    }
}
