//! web-bft (Jannes, Beni, Lagaisse, Joosen, "You Don't Need a Ledger: Lightweight Decentralized
//! Consensus Between Mobile Web Clients", SERIAL 2019): n = 3f + 1 browsers agree among themselves,
//! with no server but one that introduces them to each other, and keep no ledger: only the state,
//! and the signatures that prove it. Safety needs nothing of time, progress partial synchrony.
//!
//! \[R\] Reconstructed from the abstract, the public reviews and descriptions of its successors.
//! They say: no leader; peers replicate the *state* of a vote, signed by its authors, and not a
//! stream of messages; a value is accepted with the votes of more than two thirds; a member that
//! changes its vote is malicious, and its two signatures prove it; the successor accepts in phases,
//! "like 3PC without a leader". How a split vote is resolved is not described; that
//! part was designed for gridtwin.
//!
//! The decided sequence is one register, and each request makes its next version. A client sends
//! its request to all members; each casts its signed vote for the next version (n(n-1) messages); a
//! member that sees a quorum of votes for one request is *locked* on it and signs its acceptance
//! (n(n-1)); a quorum of acceptances is a certificate, and the request is decided. Delays: request,
//! vote, acceptance, answer = 4. A client accepts f + 1 equal answers. Crashes of f members cause
//! no extra delay, since there is no leader to wait for.
//!
//! One exchange of votes alone could stay split forever, since no member may change its vote. So
//! there are rounds, in each of which a member votes at most once: in round 0 for what most others
//! vote for or for a pending request; in a later one, begun when a split is evident or a time-out
//! expires, for the vote of a tie-breaker, a different member each round. A locked member votes for
//! nothing else, unless shown a lock of a later round, and no member accepts in a round below one
//! that it has voted in. So, once a quorum has accepted in a round, each quorum of votes in a later
//! one would need an honest member that had accepted, and is bound: nothing else is ever decided.
//! Members without progress exchange everything they know about the vote, so that lost messages are
//! recovered.
//!
//! Two signed votes of one member in one round, or two acceptances, prove that it is Byzantine.
//! Members that have seen the proof no longer count it. Quorum sizes remain those for all n, and
//! locks and certificates with its earlier signatures remain valid, so that any two quorums still
//! intersect in an honest member.
//!
//! Not included: the server. It takes no part in agreement; the members know each other from the
//! start. Nor objects with owners of their own, Merkle trees that find what to exchange, or members
//! that join.

mod catch_up;
mod client;
mod forge;
mod member;
mod message;
mod rounds;
#[cfg(test)]
mod tests;
mod votes;

pub use client::Client;
pub use member::{Ballot, Durable, Member};
pub use message::{Accept, Certificate, Lock, Msg, Proof, State, Timer, Told, Vote};
pub use votes::Votes;

use crate::pbft::faulty;
use crate::pbft::quorum::quorum;
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol,
    Replicated, Setup, TimeModel, Wire,
};

/// A node of a web-bft group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WebBft {
    /// One that votes.
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

/// The quorum of votes that locks, by its place in [`Replicated::QUORUMS`];
const VOTE: usize = 0;
/// that of acceptances that decides;
const ACCEPT: usize = 1;
/// and the answers that a client accepts.
const ANSWER: usize = 2;

impl Protocol for WebBft {
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

    /// A vote and an acceptance of each member to each other.
    fn expected_messages(n: u64) -> u64 {
        2 * n * (n - 1)
    }

    /// Request, vote, acceptance, answer.
    fn expected_delays() -> u32 {
        4
    }
}

impl Forge for WebBft {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        forge::variants(msg, fx)
    }
}

impl Replicated for WebBft {
    const NAME: &'static str = "web-bft";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "web-bft",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "3f + 1",
        messages: "2n(n - 1)",
        delays: "4",
        paper: "Jannes, Beni, Lagaisse, Joosen, SERIAL 2019",
        reconstructed: "everything except two ideas: signed votes are replicated as shared state, \
                        and a member that changes its vote is malicious",
        weakness: "fails with f + 1 Byzantine members; split votes cost an extra round",
    };
    const QUORUMS: &'static [&'static str] = &["vote", "accept", "answer"];

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

    /// The round of the version that is voted on.
    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.round(),
            Self::Client(_) => 0,
        }
    }

    /// There is no leader.
    fn leader(&self) -> Option<NodeId> {
        None
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
        }
    }
}
