//! A group to test with, and how to drive it.
#![allow(dead_code)] // each test file uses its own part

pub(crate) mod rough;

use gridtwin_consensus::{
    CostModel, Group, GroupConfig, Latency, Link, Links, Note, NoteKind, ProtocolName, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};

pub(crate) fn config(protocol: ProtocolName, members: usize, timing: Timing) -> GroupConfig {
    let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
    let nodes = members + 1 + protocol.helpers(members as u16).len();
    GroupConfig {
        protocol,
        members,
        links: Links::uniform(nodes, Link::ethernet(latency)),
        costs: vec![CostModel::default(); nodes],
        timing,
        name: "test".into(),
    }
}

/// A group of these members, its clock in seconds, and all it has noted.
pub(crate) struct Bench {
    pub(crate) group: Group,
    pub(crate) notes: Vec<Note>,
}

pub(crate) fn at(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

impl Bench {
    pub(crate) fn new(protocol: ProtocolName, members: usize) -> Self {
        Self::with(&config(protocol, members, Timing::LAB), 1)
    }

    pub(crate) fn with(config: &GroupConfig, seed: u64) -> Self {
        let group = Group::new(config, &Streams::new(seed)).unwrap();
        let notes = Vec::new();
        Self { group, notes }
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        self.group.advance(at(seconds), &mut self.notes);
    }

    /// Submits a request every `gap` seconds from `from` on, and advances to `to`.
    pub(crate) fn ask(&mut self, from: f64, to: f64, gap: f64) {
        let mut now = from;
        while now < to {
            self.advance(now);
            self.group.submit(at(now), 64);
            now += gap;
        }
        self.advance(to);
    }

    pub(crate) fn count(&self, wanted: impl Fn(&NoteKind) -> bool) -> usize {
        self.notes.iter().filter(|note| wanted(&note.kind)).count()
    }

    pub(crate) fn assert_sound(&self) {
        assert_eq!(self.group.violations(), [] as [String; 0]);
    }
}
