//! Multi-Paxos (Lamport, Paxos Made Simple, 2001, section 3; for practice Chandra, Griesemer and
//! Redstone, Paxos Made Live, PODC 2007): n = 2f + 1 members, safe without any assumption about
//! time, live while a majority and its leader reach each other in bounded time.
//!
//! Phase 1 is run once for all slots, when a member becomes leader: n-1 prepares (1a), and from each
//! other member a promise (1b) with all that it has accepted beyond what the candidate has carried
//! out. The leader proposes these again, fills the gaps between them with no-ops, and from then on a
//! request takes phase 2 alone: n-1 proposals (2a) and n-1 votes (2b), 2(n-1) messages and two
//! delays at the leader. Request and answer, on the client's account, make it four at the client.
//! What is chosen up to which slot is told with the next proposal, or by an idle leader's heartbeat;
//! a heartbeat needs no answer.
//!
//! Member 0 stands for election when the group begins. Later a member whose leader has been silent
//! for a time drawn from `election_min` to `election_max` first asks around, and stands once a
//! majority has lost its leader, too, so that who was away or cut off does not unseat a leader whom
//! others hear. (Paxos Made Live, section 5.2, has the leader raise its ballot from time to time
//! instead.) A member that lags asks for what it missed; what all carried out is folded into a
//! state, with a tail of it kept for others.
//!
//! A group that is told to ([`Timing`](crate::Timing)'s `quiesce`) falls silent when everything is
//! decided, and a dead leader is found out when somebody asks next. Not here: leases for reading
//! from the leader alone, batches, a change of membership, checksums of disks.

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
