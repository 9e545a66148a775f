//! Ouroboros-BFT (Kiayias and Russell, IACR ePrint 2018/1049): n > 3t members, any t of which may
//! be Byzantine, over a **synchronous** network. The survey classes it as partially synchronous;
//! the paper's model is synchronous: a message sent at the beginning of a slot arrives within it.
//!
//! Time is divided into slots of `timing.delta`, the same at all members. The leader of slot s is
//! member s mod n: it signs a block of all pending requests on the longest valid chain it knows,
//! and sends it to the n - 1 others. A chain is valid if slots increase, each block is signed by
//! the leader of its slot, and any 2t + 1 consecutive blocks have at least t + 1 different leaders.
//! A block is final once it is 3t + 1 slots old: that many slots have at most t Byzantine leaders,
//! and the 2t + 1 honest ones outgrow any other chain that those could build, even with two blocks
//! in each slot.
//!
//! A client sends its request to all members. Each acknowledges that it has taken it up, and with
//! receipts of more than 2n/3 of them the client has, after one round trip, the proof that it
//! *will* be settled, wherever: [`Client::assured`]. It counts as answered here only once it *is*,
//! when t + 1 members say so. Messages: n - 1 a request, in the block that carries it; to the
//! client and back 3n - 1 more. Delays: request, block, word of the settlement = 3, and 3t + 1
//! slots between.
//!
//! Differences from the paper: empty blocks are made only while something waits to be settled, so
//! that an idle chain costs nothing; since that would give Byzantine leaders free slots, chains
//! must have the density of leaders above, a block is final only once 2t blocks follow it (which
//! the paper's chains have by then anyway), and final blocks are never undone. Blocks are sent
//! alone and not with their whole chain: a member that lacks one asks for it. Not included:
//! processing at network speed, the covert model (t < n/2), and the derived binary protocol.

mod block;
mod catch_up;
mod client;
mod member;
mod message;
#[cfg(test)]
mod tests;

pub use block::{Block, Chain, Point};
pub use client::Client;
pub use member::{Durable, Member};
pub use message::{Msg, Timer, Told};

use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol,
    Replicated, Setup, TimeModel, Wire,
};

/// A node of an Ouroboros-BFT group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OuroborosBft {
    /// One that makes blocks.
    Member(Box<Member>),
    /// One that asks.
    Client(Client),
}

/// What a node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// A member's.
    pub member: Durable,
    /// A client's.
    pub outbox: Outbox,
}

impl AsMut<Outbox> for Stored {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

/// How many of `n` members may be Byzantine: t < n/3.
pub(crate) fn faulty(n: u16) -> usize {
    (usize::from(n) - 1) / 3
}

impl Protocol for OuroborosBft {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

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

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        match (self, input) {
            (Self::Client(client), Input::Request(request)) => client.on_input(request, fx),
            (Self::Client(_) | Self::Member(_), _) => {}
        }
    }

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(&durable.member, fx),
            Self::Client(client) => client.on_start(&durable.outbox, fx),
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    /// The block that carries it.
    fn expected_messages(n: u64) -> u64 {
        n - 1
    }

    /// Request, block, word of its settlement.
    fn expected_delays() -> u32 {
        3
    }
}

impl Forge for OuroborosBft {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg, fx)
    }
}

impl Replicated for OuroborosBft {
    const NAME: &'static str = "ouroboros-bft";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "ouroboros",
        faults: FaultModel::Byzantine,
        time: TimeModel::Synchronous,
        members: "3t + 1",
        messages: "n - 1 per slot",
        delays: "2 until the client has receipts; 3, plus 3t + 1 slots, until the block is final",
        paper: "Kiayias and Russell, IACR ePrint 2018/1049",
        reconstructed: "",
        weakness: "fails with t + 1 Byzantine members, with messages delayed by more than a slot, \
                   or with more than t members down within 3t + 1 slots",
    };
    const QUORUMS: &'static [&'static str] = &["witnesses"];

    fn group(setup: &Setup) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup)));
        let client = |_| Self::Client(Client::new(setup));
        (0..setup.members).map(member).chain((0..setup.clients).map(client)).collect()
    }

    fn tolerates(members: u16) -> u16 {
        faulty(members) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        byzantine.len() <= faulty(members)
    }

    fn view(&self) -> u64 {
        0
    }

    /// The leader of the last slot that it saw begin.
    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => Some(block::leader(member.slot(), member.n)),
            Self::Client(_) => None,
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
        }
    }
}
