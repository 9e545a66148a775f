//! Nomad (Hao et al., "Nomad: an efficient consensus approach for latency-sensitive edge-cloud
//! applications", INFOCOM 2019): EdgeCons' slots with owners, but the owner is the member with a
//! lease on a range of slots, and leases follow the load.
//!
//! Model: crashes, n = 2f + 1 members, asynchronous for safety; clocks that differ by at most
//! [`Timing::skew`](crate::Timing) keep leases apart; the cloud must be up to hand out leases.
//! Under a lease 2a, 2b, commit: 3(n-1) messages, commits counted in, two delays at the holder and
//! four at its client. An edge without a lease asks the cloud first: two messages and two delays
//! more.
//!
//! The cloud grants ranges of [`RANGE`] slots that no two holders share, so that order never
//! depends on clocks: a slot has one permanent owner, whose ballot is 0, and takeovers have higher
//! ones. If no later range was granted, the holder's own lease is extended, in slots and in time;
//! otherwise it gets the next range, above all others, and the former holder releases the rest of
//! its own as soon as it sees a later slot used. A lease ends at the cloud by the cloud's clock,
//! and earlier at its holder, by the skew. From then on the holder proposes nothing under it, and
//! the cloud may take over the rest, so that the two do not compete. What protocols with slot
//! owners have in common is in [`slots`](crate::slots).
//!
//! Reconstructed from the abstract: that leases are on ranges of slots, how they are asked for,
//! prolonged and given up. Not included: reads under a lease, and leases on objects.

mod arbiter;
#[cfg(test)]
mod tests;

pub use arbiter::Granter;

use crate::slots::{COMMON, Edge, NewView, Scheme, kind};
use crate::{Class, Facts, FaultModel, Kind, NodeId, Setup, TimeModel};
use gridtwin_kernel::{SimTime, Span};

/// Slots of one lease. Its holder has it prolonged when half of them are used, or a quarter of its
/// time is: under a lease that it works with it should never wait.
pub const RANGE: u64 = 64;

/// A node of a Nomad group.
pub type Nomad = Edge<Leases>;

/// A lease on the slots from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Its first slot,
    pub first: u64,
    /// and its last.
    pub last: u64,
    /// When it ends, by the cloud's clock.
    pub until: SimTime,
    /// How often leases have moved from one member to another.
    pub term: u64,
}

impl Lease {
    /// Whether its holder may use it, by the holder's clock.
    pub fn valid(&self, now: SimTime, skew: Span) -> bool {
        now + skew < self.until
    }

    /// Whether it has ended, by the cloud's clock.
    pub fn ended(&self, now: SimTime) -> bool {
        now >= self.until
    }
}

/// What members and cloud send each other about leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseMsg {
    /// A member needs slots.
    Acquire {
        /// Slots up to this one are executed there,
        applied: u64,
        /// its own up to this one are used,
        spent: u64,
        /// and this is the last that it knows to have a lease on.
        last: u64,
    },
    /// The cloud grants or prolongs a lease.
    Grant(Lease),
}

const KINDS: [Kind; COMMON.len() + 2] = {
    let mut kinds = [kind("acquire", Class::Periodic); COMMON.len() + 2];
    let mut index = 0;
    while index < COMMON.len() {
        kinds[index] = COMMON[index];
        index += 1;
    }
    kinds[COMMON.len() + 1] = kind("grant", Class::Periodic);
    kinds
};

/// The leases of one member, as it knows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leases {
    id: NodeId,
    skew: Span,
    /// A lease that ends within this is prolonged.
    ending: Span,
    /// Its own, by their slots; those that it cannot use any more drop out.
    mine: Vec<Lease>,
    /// Whether it has asked the cloud, and has no answer.
    asking: bool,
    /// The latest known term, and its lease holders.
    term: u64,
    holder: Option<NodeId>,
}

impl Leases {
    /// Its leases.
    pub fn mine(&self) -> &[Lease] {
        &self.mine
    }
}

impl Scheme for Leases {
    const NAME: &'static str = "nomad";
    const FIRST_VIEW: u64 = 1;
    const FACTS: Facts = Facts {
        family: "paxos",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1, and a cloud",
        messages: "3(n - 1), commits included",
        delays: "2 at the lease holder, 4 at the client; 2 more without a lease",
        paper: "Hao et al., INFOCOM 2019",
        reconstructed: "how leases on slot ranges are granted, extended and released (only the \
                        abstract was available)",
        weakness: "fails with one Byzantine member; stops while a majority is down; leases do not \
                   follow the load while the cloud is unreachable",
    };
    const KINDS: &'static [Kind] = &KINDS;

    type State = ();
    type Msg = LeaseMsg;
    type Arbiter = Granter;

    fn new(id: NodeId, setup: &Setup) -> Self {
        let (skew, ending) = (setup.timing.skew, Span(setup.timing.lease.0 / 4 * 3));
        Self { id, skew, ending, mine: Vec::new(), asking: false, term: 0, holder: None }
    }

    fn arbiter(setup: &Setup) -> Granter {
        Granter::new(setup)
    }

    fn wire(msg: &LeaseMsg) -> (u8, u32) {
        match msg {
            LeaseMsg::Acquire { .. } => (0, 24),
            LeaseMsg::Grant(_) => (1, 32),
        }
    }

    fn state_bytes((): &()) -> u32 {
        0
    }

    fn state(&self) {}

    fn restore(&mut self, (): &()) -> Option<NewView> {
        None
    }

    fn carried_out(&mut self, _by: Option<NodeId>) -> Option<NewView> {
        None
    }

    fn heard(&mut self, term: u64, holder: NodeId) -> Option<NewView> {
        if term <= self.term {
            return None;
        }
        (self.term, self.holder) = (term, Some(holder));
        Some((term, holder))
    }

    fn view(&self) -> u64 {
        self.term
    }

    fn leader(&self) -> Option<NodeId> {
        self.holder
    }

    fn own(&self, after: u64, below: u64) -> Vec<u64> {
        let within = |lease: &Lease| lease.first.max(after + 1)..(lease.last + 1).min(below);
        self.mine.iter().flat_map(within).collect()
    }

    fn next(&self, after: u64, now: SimTime) -> Option<u64> {
        let mut usable = self.mine.iter().filter(|lease| lease.valid(now, self.skew));
        let lease = usable.find(|lease| lease.last > after)?;
        Some(lease.first.max(after + 1))
    }

    fn forward(&self, _seen: u64) -> Option<NodeId> {
        None
    }

    fn ask(&mut self, short: bool, applied: u64, spent: u64, now: SimTime) -> Option<LeaseMsg> {
        self.mine.retain(|lease| lease.last > applied);
        let last = self.mine.last();
        // While it works it asks in good time, so that it never waits.
        let ending = last.is_some_and(|lease| {
            let (few, late) = (spent + RANGE / 2 > lease.last, now + self.ending >= lease.until);
            (few || late) && (lease.first..=lease.last).contains(&spent) && spent > applied
        });
        if self.asking || !(short || ending) {
            return None;
        }
        self.asking = true;
        let last = last.map_or(0, |lease| lease.last);
        Some(LeaseMsg::Acquire { applied, spent, last })
    }

    fn ask_again(&mut self) {
        self.asking = false;
    }

    fn answer(&mut self, msg: &LeaseMsg) -> Option<NewView> {
        let LeaseMsg::Grant(lease) = *msg else {
            return None;
        };
        self.asking = false;
        match self.mine.iter_mut().find(|known| known.first == lease.first) {
            Some(known) => {
                // Grants may overtake each other.
                known.last = known.last.max(lease.last);
                known.until = known.until.max(lease.until);
            }
            None => self.mine.push(lease),
        }
        self.mine.sort_unstable_by_key(|lease| lease.first);
        self.heard(lease.term, self.id)
    }

    /// Only the cloud knows the remaining leases.
    fn blocking(&self, first: u64, seen: u64) -> (Option<NodeId>, Vec<u64>) {
        (None, (first..=seen).take(2 * crate::slots::BATCH).collect())
    }
}
