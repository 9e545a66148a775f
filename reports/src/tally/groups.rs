//! Consensus groups counted.

use gridtwin_kernel::{Histogram, SimTime, Span};
use gridtwin_twin::record::{EventKind, Sample};

/// What a group did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// Decisions.
    pub(crate) decided: u64,
    /// Receipts in them.
    pub(crate) receipts: u64,
    /// Latency of decisions, ms.
    pub(crate) latency_ms: Histogram,
    /// Messages sent.
    pub(crate) messages: u64,
    /// Energy of computing and messages.
    pub(crate) energy_j: f64,
    /// Carbon of that energy.
    pub(crate) carbon_g: f64,
    /// Views or terms that began after the first.
    pub(crate) view_changes: u64,
    /// Violations of what the protocol guarantees.
    pub(crate) violations: u64,
    /// How often a member crashed or lost its power.
    pub(crate) voters_down: u64,
    /// When the last block was decided.
    last_decided: SimTime,
    /// The longest time between two decisions, from the start of the run on.
    longest_gap: Span,
}

impl Group {
    /// The longest time without a decision up to `end`.
    pub(crate) fn longest_gap(&self, end: SimTime) -> Span {
        self.longest_gap.max(end - self.last_decided)
    }
}

/// All groups, in the catalogue's order.
#[derive(Clone, Debug)]
pub(crate) struct Groups(pub(crate) Vec<Group>);

impl Groups {
    /// Adds one interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        for (group, seen) in self.0.iter_mut().zip(&sample.groups) {
            group.messages += seen.messages;
            group.view_changes += seen.view_changes;
            group.energy_j += seen.energy_j;
            group.carbon_g += seen.carbon_g;
        }
    }

    /// Counts one event.
    pub(crate) fn event(&mut self, at: SimTime, kind: &EventKind) {
        let Some(group) = group_of(kind).and_then(|g| self.0.get_mut(usize::from(g))) else {
            return;
        };
        match kind {
            EventKind::Decided { receipts, latency_ms, .. } => {
                group.decided += 1;
                group.longest_gap = group.longest_gap.max(at - group.last_decided);
                group.last_decided = at;
                group.receipts += u64::from(*receipts);
                group.latency_ms.record(*latency_ms);
            }
            EventKind::VoterDown { .. } => group.voters_down += 1,
            EventKind::Violation { .. } => group.violations += 1,
            _ => {}
        }
    }
}

/// The group an event is about.
pub(crate) fn group_of(kind: &EventKind) -> Option<u16> {
    match kind {
        EventKind::Decided { group, .. }
        | EventKind::LeaderSuspected { group, .. }
        | EventKind::ViewChanged { group, .. }
        | EventKind::VoterDown { group, .. }
        | EventKind::VoterUp { group, .. }
        | EventKind::CaughtUp { group, .. }
        | EventKind::Violation { group, .. } => Some(*group),
        _ => None,
    }
}
