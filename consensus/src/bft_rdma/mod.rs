//! Agreement through remote memory (Aguilera, Ben-David, Guerraoui, Marathe and Zablotchi, The
//! Impact of RDMA on Agreement, PODC 2019, arXiv 1905.12143): n = 2f + 1 members, f of which may be
//! Byzantine, and m = 2f + 1 memories, f of which may fail; the leader decides after two message
//! delays. Safe without timing assumptions, live under partial synchrony. This is Fast & Robust
//! (section 4), once per slot; the crash-tolerant Protected Memory Paxos with n = f + 1 (section 5)
//! is not included.
//!
//! Memories are passive nodes that keep registers in regions and enforce write permissions; an
//! operation is a request and a response, two delays, to all memories, and complete when a majority
//! has answered. The first 2f + 1 members host a memory each, so that f brown-outs take f of
//! either; its content survives them \[R\].
//!
//! In **Cheap Quorum** the leader writes its signed value for a slot to its region (2m messages, 2
//! delays): when a majority has it, it is decided. It notifies the followers (n - 1, 1), which read
//! it (2m(n - 1), 2) and copy it, signed, into their own regions (2m(n - 1)) and to each other
//! (`(n - 1)^2`, 1); a member with all signatures holds a proof of unanimity, writes that (2mn) and
//! announces it (n(n - 1), 1); a follower has decided when all members hold one. Together
//! `2m(3n - 1) + 2n(n - 1)` messages per request. Request and answers are counted separately, since the paper
//! has no clients: they make it nine delays from a client's request to the answer of f + 1 members.
//! (In the paper followers poll registers, and messages are not counted.)
//!
//! Any member that waits too long, or finds that the leader is Byzantine, revokes the leader's
//! write permission, and all continue in **Preferential Paxos** over non-equivocating broadcast,
//! until all members are reachable again: see `abort`, `broadcast` and `robust`. An `epoch` is one
//! of the former and one of the latter, and ends with all registers free to be used again.
//!
//! Reconstructed \[R\]: that slots follow each other in windows and epochs, how members that were
//! away get back, and the steps inside the broadcast, which are the paper's in outline.

mod abort;
mod broadcast;
mod cheap_quorum;
mod client;
mod epoch;
mod member;
mod memory;
mod message;
mod operations;
mod robust;
#[cfg(test)]
mod tests;

pub use client::Client;
pub use epoch::Epochs;
pub use member::{Durable, Member};
pub use memory::{Content, Memory};
pub use message::{
    Account, Call, Cell, Certificate, Items, Lead, Mark, Msg, Place, Proof, Region, Seen, Start,
    Step, Timer, Value, What,
};

use crate::{
    Facts, FaultModel, Forge, Fx, Helper, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol,
    Replicated, Setup, TimeModel, Wire,
};
use std::sync::Arc;

/// The maximum number of unsettled slots: the leader's registers.
pub const WINDOW: u64 = 32;
/// The backup of an epoch ends after this many instances.
pub const INSTANCES: u32 = 32;
/// Steps that a member can take in one epoch's backup.
pub const STEPS: u32 = 1024;

/// A node of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BftRdma {
    /// One that votes.
    Member(Box<Member>),
    /// One that asks.
    Client(Client),
    /// One that remembers.
    Memory(Memory),
}

/// What a node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// A member's.
    pub member: Durable,
    /// A client's.
    pub outbox: Outbox,
    /// A memory's.
    pub memory: Content,
}

impl AsMut<Outbox> for Stored {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

/// The quorums, in the order of [`Replicated::QUORUMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quorum {
    /// A majority of the memories.
    Memories,
    /// All members, for a proof of unanimity and for holding one.
    Unanimity,
    /// A majority of the members, in the backup.
    Consensus,
    /// f + 1 first-level proofs.
    Second,
    /// f + 1 members that vouch for the start of an epoch.
    Start,
    /// f + 1 answers.
    Reply,
}

impl Quorum {
    fn of(self, setup: &Setup) -> usize {
        let (n, f) = (usize::from(setup.members), faulty(setup.members));
        let right = match self {
            // Any two of them share a memory.
            Self::Memories => memories(setup.members) / 2 + 1,
            Self::Unanimity => n,
            Self::Consensus => n - f,
            Self::Second | Self::Start | Self::Reply => f + 1,
        };
        setup.quorum(self as usize, right)
    }
}

/// How many of `n` members may be faulty.
pub(crate) fn faulty(n: u16) -> usize {
    (usize::from(n) - 1) / 2
}

/// How many memories `n` members have.
pub(crate) fn memories(n: u16) -> usize {
    2 * faulty(n) + 1
}

/// The leader of an epoch's Cheap Quorum.
pub(crate) fn leader_of(epoch: u64, n: u16) -> NodeId {
    NodeId((epoch % u64::from(n)) as u16)
}

/// The proposer of a ballot of an epoch's backup: first the member after the abandoned leader.
pub(crate) fn proposer_of(epoch: u64, ballot: u32, n: u16) -> NodeId {
    leader_of(epoch.wrapping_add(1).wrapping_add(ballot.into()), n)
}

/// The number of a view: the epoch, and in its backup the ballot.
fn view_of(epoch: u64, ballot: Option<u32>) -> u64 {
    (epoch << 16) + ballot.map_or(0, |ballot| 1 + u64::from(ballot))
}

/// The leader of a view.
fn leader_of_view(view: u64, n: u16) -> NodeId {
    let (epoch, ballot) = (view >> 16, view as u16);
    match ballot.checked_sub(1) {
        None => leader_of(epoch, n),
        Some(ballot) => proposer_of(epoch, ballot.into(), n),
    }
}

impl Protocol for BftRdma {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(&durable.member, fx),
            Self::Client(client) => client.on_start(&durable.outbox, fx),
            Self::Memory(memory) => memory.on_start(&durable.memory),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let (Self::Client(client), Input::Request(request)) = (self, input) {
            client.on_input(request, fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Self>) {
        match (self, msg) {
            (Self::Member(member), _) => member.on_msg(from, msg, fx),
            (Self::Client(client), _) => client.on_msg(from, msg, fx),
            (Self::Memory(memory), Msg::Operation { id, account, call }) => {
                memory.on_operation(from, *id, *account, call, fx);
            }
            (Self::Memory(_), _) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_timer(timer, fx),
            Self::Client(client) => client.on_timer(fx),
            Self::Memory(_) => {}
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    /// One write by the leader, a read and a copy by each follower, a proof by every member, each
    /// an operation on m memories; and the notifications.
    fn expected_messages(n: u64) -> u64 {
        let m = 2 * ((n - 1) / 2) + 1;
        2 * m * (3 * n - 1) + 2 * n * (n - 1)
    }

    /// Request, the leader's write (two: decided), notice, read (two), copies, proofs, answer.
    fn expected_delays() -> u32 {
        9
    }
}

impl Forge for BftRdma {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg, fx)
    }
}

impl Replicated for BftRdma {
    const NAME: &'static str = "bft-rdma";
    const MIN_MEMBERS: usize = 3;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "rdma",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1, with 2f + 1 memories",
        messages: "2m(3n - 1) + 2n(n - 1)",
        delays: "2 at the leader, 9 at the client",
        paper: "Aguilera, Ben-David, Guerraoui, Marathe and Zablotchi, PODC 2019",
        reconstructed: "slots, epochs and recovery, since the paper decides a single value; members \
                        notify each other when to read instead of polling",
        weakness: "one silent member forces the much slower backup path; stops while a majority of \
                   the memories is down",
    };
    const QUORUMS: &'static [&'static str] =
        &["memories", "unanimity", "consensus", "second-level proof", "start", "reply"];

    fn group(setup: &Setup) -> Vec<Self> {
        let first = setup.members + setup.clients;
        let count = memories(setup.members) as u16;
        let ids: Arc<[NodeId]> = (first..first + count).map(NodeId).collect();
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup, ids.clone())));
        let client = |_| Self::Client(Client::new(setup));
        let memory = |_| Self::Memory(Memory::default());
        let members = (0..setup.members).map(member);
        members.chain((0..setup.clients).map(client)).chain((0..count).map(memory)).collect()
    }

    fn helpers(members: u16) -> Vec<Helper> {
        (0..memories(members) as u16).map(|member| Helper::Beside(NodeId(member))).collect()
    }

    fn tolerates(members: u16) -> u16 {
        faulty(members) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        byzantine.len() <= faulty(members)
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.view(),
            Self::Client(client) => client.view(),
            Self::Memory(_) => 0,
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => member.leader(),
            Self::Client(client) => Some(client.leader()),
            Self::Memory(_) => None,
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
            Self::Memory(memory) => memory.held(),
        }
    }
}
