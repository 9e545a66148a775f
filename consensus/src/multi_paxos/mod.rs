//! Multi-Paxos (Lamport, Paxos Made Simple, 2001, section 3; for practice Chandra, Griesemer and
//! Redstone, Paxos Made Live, PODC 2007): n = 2f + 1 members; safe without timing assumptions, live
//! while a majority and its leader reach each other in bounded time.
//!
//! Phase 1 runs once for all slots, when a member becomes leader: n-1 prepares (1a), and from each
//! other member a promise (1b) with everything it has accepted beyond what the candidate has
//! executed. The leader proposes these again and fills gaps with no-ops; from then on a request
//! needs phase 2 only: n-1 proposals (2a) and n-1 votes (2b), 2(n-1) messages and two delays at the
//! leader. Request and answer, counted as client messages, make it four at the client. The commit
//! index is sent with the next proposal, or in an idle leader's heartbeat; a heartbeat needs no
//! answer.
//!
//! Member 0 is the first candidate. Later, a member whose leader has been silent for a time drawn
//! from `election_min` to `election_max` first asks the others, and becomes a candidate once a
//! majority has lost the leader, too, so that a member that was down or isolated does not displace
//! a leader that others can reach. (In Paxos Made Live, section 5.2, the leader raises its ballot
//! from time to time instead.) A lagging member asks for what it missed; the prefix that all
//! members have executed is folded into a state, with a tail kept for laggards.
//!
//! With [`Timing`](crate::Timing)'s `quiesce`, a group sends no heartbeats once everything is
//! decided; a crashed leader is then detected by the next request. Not included: read leases,
//! batches, membership changes, disk checksums.

mod election;
mod member;
mod message;
mod replication;
#[cfg(test)]
mod tests;

pub use member::{Campaign, Durable, Flight, Leading, Member, Role};
pub use message::{Msg, Timer};

use crate::ballot::Node;

/// A node of a Multi-Paxos group.
pub type MultiPaxos = Node<Member>;
