//! Raft (Ongaro and Ousterhout, USENIX ATC 2014; PreVote from Ongaro's dissertation, section 9.6):
//! 2(n-1) messages a request between members, the commit index carried by what follows.
//!
//! Entries are committed by counting only in the leader's own term (section 5.4.2), a leader begins
//! its term with an empty entry (section 8), and logs are compacted into snapshots (section 7).
//! Membership changes one server at a time (see `membership.rs`). Requests and answers between the
//! client and the leader are not part of the published count; they make it four message delays at
//! the client, two at the leader. Not in the paper: a group may become quiescent when idle, as in
//! CockroachDB.

mod client;
mod election;
mod log;
mod member;
mod membership;
mod message;
mod replication;
#[cfg(test)]
mod tests;

pub use client::{Client, Wish};
pub use log::{Content, Entry, Log, Snapshot};
pub use member::{Durable, Leading, Member, Role};
pub use membership::{Changing, Config, Learner};
pub use message::{Append, Msg, Purpose, Timer};

use crate::outbox::Outbox;
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outcome, Protocol, Replicated,
    Setup, TimeModel, Wire,
};

/// A node of a Raft group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Raft {
    /// One that votes.
    Member(Box<Member>),
    /// One that asks.
    Client(Client),
}

/// What a Raft node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// A member's.
    pub member: Durable,
    /// A client's requests,
    pub outbox: Outbox,
    /// and what members it wishes for.
    pub wish: Wish,
}

/// The places of Raft's quorums among [`Replicated::QUORUMS`].
#[derive(Clone, Copy)]
enum Quorum {
    Election,
    Commit,
}

impl Raft {
    /// A group whose candidates request votes immediately, as in the paper, without PreVote.
    pub fn without_pre_vote(setup: &Setup) -> Vec<Self> {
        Self::nodes(setup, false)
    }

    fn nodes(setup: &Setup, pre_vote: bool) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup, pre_vote)));
        let client = |_| Self::Client(Client::new(&setup.timing));
        (0..setup.members).map(member).chain((0..setup.clients).map(client)).collect()
    }
}

impl Protocol for Raft {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(&durable.member, fx),
            Self::Client(client) => client.on_start(durable, fx),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let Self::Client(client) = self {
            client.on_input(input, fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_msg(from, msg, fx),
            Self::Client(client) => client.on_msg(from, msg, fx),
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_timer(timer, fx),
            Self::Client(client) => client.on_timer(fx),
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    fn expected_messages(n: u64) -> u64 {
        2 * (n - 1)
    }

    /// Request, AppendEntries, acknowledgement, answer.
    fn expected_delays() -> u32 {
        4
    }
}

impl Forge for Raft {
    fn variants(msg: &Msg, _fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg)
    }
}

impl Replicated for Raft {
    const NAME: &'static str = "raft";
    const MIN_MEMBERS: usize = 3;
    const FIRST_VIEW: u64 = 1;
    const FACTS: Facts = Facts {
        family: "raft",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1",
        messages: "2(n - 1)",
        delays: "2 at the leader, 4 at the client",
        paper: "Ongaro and Ousterhout, USENIX ATC 2014",
        reconstructed: "",
        weakness: "fails with one Byzantine member; stops while a majority is down",
    };
    const QUORUMS: &'static [&'static str] = &["election", "commit"];

    fn group(setup: &Setup) -> Vec<Self> {
        Self::nodes(setup, true)
    }

    fn tolerates(members: u16) -> u16 {
        (members - 1) / 2
    }

    fn withstands(_members: u16, byzantine: Members) -> bool {
        byzantine.is_empty()
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.term(),
            Self::Client(client) => client.term(),
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => member.leader(),
            Self::Client(client) => client.leader(),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.log().len(),
            Self::Client(client) => client.held(),
        }
    }
}
