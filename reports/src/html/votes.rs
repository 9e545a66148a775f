//! What the plots need of the groups: who was silent when, where views changed, and how long
//! decisions took over time.

use super::history::block_of;
use crate::tally::groups::group_of;
use gridtwin_kernel::{Histogram, SimTime, Span};
use gridtwin_twin::record::{Catalog, EventKind};
use std::collections::BTreeSet;

/// One group over time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Votes {
    /// When each member was silent.
    pub(crate) silent: Vec<Vec<(SimTime, SimTime)>>,
    down_since: Vec<Option<SimTime>>,
    heard: Vec<bool>,
    /// Slots of [`Votes::slot`] in which a new view began.
    pub(crate) views: BTreeSet<u64>,
    /// Instants of broken promises, up to a hundred.
    pub(crate) violations: Vec<SimTime>,
    /// The width of a mark.
    pub(crate) slot: Span,
    highest: Option<u64>,
    last_decided: SimTime,
    /// The longest time without a decision.
    pub(crate) longest_gap: (SimTime, SimTime),
    /// Block, and its decisions' median and 99th percentile.
    pub(crate) latency: Vec<(u64, [f64; 2])>,
    /// The blocks of `latency`.
    pub(crate) block: Span,
    filling: (u64, Histogram),
}

impl Votes {
    /// One for each group.
    pub(crate) fn all(catalog: &Catalog) -> Vec<Self> {
        let whole = Span::DAY * u64::from(catalog.days.max(1));
        let new = |members: usize| Self {
            silent: vec![Vec::new(); members],
            down_since: vec![None; members],
            heard: vec![false; members],
            slot: Span((whole.0 / 1500).max(1)),
            block: block_of(catalog.step, catalog.days),
            ..Self::default()
        };
        catalog.groups.iter().map(|g| new(g.members.len())).collect()
    }

    /// Follows one event of this group.
    fn event(&mut self, at: SimTime, kind: &EventKind) {
        match *kind {
            EventKind::Decided { latency_ms, .. } => {
                let block = at.0 / self.block.0.max(1);
                if block != self.filling.0 {
                    self.close();
                    self.filling.0 = block;
                }
                self.filling.1.record(latency_ms);
                self.gap(at);
            }
            EventKind::ViewChanged { view, .. } if self.highest.is_none_or(|h| view > h) => {
                self.highest = Some(view);
                self.views.insert(at.0 / self.slot.0);
            }
            EventKind::VoterDown { member, .. } => self.turn(usize::from(member), at, false),
            EventKind::VoterUp { member, .. } => self.turn(usize::from(member), at, true),
            EventKind::Violation { .. } if self.violations.len() < 100 => self.violations.push(at),
            _ => {}
        }
    }

    fn turn(&mut self, member: usize, at: SimTime, up: bool) {
        if member >= self.silent.len() {
            return;
        }
        let since = self.down_since[member];
        match (up, since) {
            (false, None) => self.down_since[member] = Some(at),
            (true, Some(since)) => {
                self.silent[member].push((since, at));
                self.down_since[member] = None;
            }
            // A first word that it is back means that it was silent from the start.
            (true, None) if !self.heard[member] => self.silent[member].push((SimTime::ZERO, at)),
            _ => {}
        }
        self.heard[member] = true;
    }

    fn close(&mut self) {
        let (block, histogram) = std::mem::take(&mut self.filling);
        if let (Some(p50), Some(p99)) = (histogram.quantile(0.5), histogram.quantile(0.99)) {
            self.latency.push((block, [p50, p99]));
        }
    }

    /// The time without a decision that ends now.
    fn gap(&mut self, at: SimTime) {
        let (from, until) = self.longest_gap;
        if at - self.last_decided > until - from {
            self.longest_gap = (self.last_decided, at);
        }
        self.last_decided = at;
    }

    /// For how long fewer than `needed` members ran, once the run is over.
    pub(crate) fn too_few(&self, needed: usize) -> Span {
        let members = self.silent.iter().flatten();
        let mut turns: Vec<(SimTime, bool)> =
            members.flat_map(|&(down, up)| [(down, false), (up, true)]).collect();
        turns.sort_unstable();
        let (mut up, mut since, mut sum) = (self.silent.len(), SimTime::ZERO, Span::ZERO);
        for (at, back) in turns {
            if up < needed {
                sum += at - since;
            }
            since = at;
            up = if back { up + 1 } else { up.saturating_sub(1) };
        }
        sum
    }

    /// The run is over.
    pub(crate) fn end(&mut self, end: SimTime) {
        self.close();
        self.gap(end);
        for (silent, since) in self.silent.iter_mut().zip(&mut self.down_since) {
            silent.extend(since.take().map(|since| (since, end)));
        }
    }
}

/// Follows one event.
pub(crate) fn follow(votes: &mut [Votes], at: SimTime, kind: &EventKind) {
    if let Some(group) = group_of(kind).and_then(|g| votes.get_mut(usize::from(g))) {
        group.event(at, kind);
    }
}
