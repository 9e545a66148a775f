//! What the Paxos family shares: ballots and votes (Lamport, Paxos Made Simple, section 2.2), and a
//! node that is either a member, which each protocol brings, or the client that all have in common.
//! Not a protocol: which messages the members exchange, and when, is theirs.

mod client;
mod node;
mod votes;

pub use client::Client;
pub use node::{Msg, Node, Stored, Timer, Voter, Word};
pub use votes::Votes;

use crate::{Class, Kind, NodeId, Request};

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
pub(crate) const HEADERS: u32 = 42;

/// The number of slots after the last executed one that a member takes part in; a member further
/// behind catches up first.
pub(crate) const WINDOW: u64 = 1024;

/// After this many slots a member writes its decided sequence to durable storage and discards its
/// votes for them.
pub(crate) const CHECKPOINT_EVERY: u64 = 128;

/// The number of an attempt: no two members ever have the same one. Member 0 of n has 1, n + 1 and
/// so on, member 1 has 2, n + 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot(pub u64);

impl Ballot {
    /// The member, of `n`, that owns it.
    pub fn owner(self, n: u16) -> NodeId {
        NodeId((self.0.saturating_sub(1) % u64::from(n)) as u16)
    }

    /// The least one above this that is `owner`'s.
    pub fn next(self, owner: NodeId, n: u16) -> Self {
        let n = u64::from(n);
        let skipped = (u64::from(owner.0) + n - self.0 % n) % n;
        Self(self.0.saturating_add(1 + skipped))
    }
}

/// What a member has accepted for a slot, and in which ballot; the higher ballot is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// The ballot.
    pub ballot: Ballot,
    /// A request, or nothing: a gap is filled.
    pub content: Option<Request>,
}

/// The members that make a majority of `n`.
pub(crate) fn majority(n: u16) -> usize {
    usize::from(n) / 2 + 1
}

/// The bytes of a slot's content on the wire or on a disk: slot, client, number, payload.
pub(crate) fn content_bytes(content: &Option<Request>) -> u32 {
    8 + content.map_or(0, |request| 16 + request.bytes)
}

pub(crate) const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ballots_rise_and_belong_to_one_member_each() {
        for n in [3, 4, 7] {
            for from in 0..30 {
                let next = |owner| Ballot(from).next(NodeId(owner), n);
                let mut all: Vec<_> = (0..n).map(next).collect();
                for (owner, ballot) in (0..n).zip(&all) {
                    assert_eq!(ballot.owner(n), NodeId(owner));
                }
                all.sort_unstable();
                let expected: Vec<_> = (from + 1..=from + u64::from(n)).map(Ballot).collect();
                assert_eq!(all, expected);
            }
        }
    }
}
