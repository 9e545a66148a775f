//! Paxos (Lamport, The Part-Time Parliament, 1998; Paxos Made Simple, 2001, whose section 2 the
//! steps are named after): n = 2f + 1 members, safe without any assumption about time.
//!
//! Each slot of the sequence is an independent instance of the single-decree protocol: any member
//! proposes its clients' requests in the first slot in which it has seen no other proposer, and
//! runs both phases each time. Several slots may be in progress.
//!
//! Messages of an instance with one proposer, which is its own acceptor: n-1 prepares (1a), n-1
//! promises (1b), n-1 proposals (2a), n-1 votes (2b), together 4(n-1) and four message delays. The
//! proposer is the distinguished learner and informs the others, n-1 messages and one delay more.
//! These `learn` messages, one round per request, are counted as periodic; the client's request and
//! its answer are counted as client messages: the published count includes neither. Request, four
//! delays and answer make six at the client.
//!
//! Two proposers can preempt each other for ever (section 2.4). Whoever is preempted backs off for
//! a time drawn from [`Timing`](crate::Timing)'s `election_min` to `election_max`; where the two
//! are the same the duel need not end (Fischer, Lynch and Paterson, 1985), and where they differ by
//! more than a few message delays it does.
//!
//! A member that finds a slot undecided below others that are decided proposes nothing (a no-op)
//! for it after as long a time, and so learns what was decided or fills the gap. Not included: a
//! leader (see [`multi_paxos`](crate::multi_paxos)), a change of membership.

mod member;
mod message;
#[cfg(test)]
mod tests;

pub use member::{Acceptor, Durable, Member};
pub use message::{Msg, Timer};

use crate::ballot::Node;

/// A node of a Paxos group.
pub type Paxos = Node<Member>;
