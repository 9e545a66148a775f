//! Virtual synchrony (Birman and Joseph, SOSP 1987), with the two multicasts of Isis2: a group goes
//! from view to view, and members that are in two views in a row deliver the same between them.
//!
//! Any two majorities of one view intersect, so that there is one sequence of views, whatever the
//! timing; progress needs partial synchrony. Views shrink with failures and grow again, so that a
//! group may lose more members one after the other than simultaneously: it needs a majority of the
//! *latest* view (the primary partition).
//!
//! - **OrderedSend**: the oldest member of the view numbers requests and multicasts them; members
//!   deliver at once, two delays after the client asked, and acknowledge. When a majority has, a
//!   request is stable, and the client is answered (Isis2's rule to flush before one speaks to the
//!   outside). 2(n-1) messages, four delays at the client. It is not uniform: a member that dies
//!   may have delivered what nobody else did.
//! - **SafeSend**: members deliver what is stable, as the oldest tells them, four delays after the
//!   client asked. 3(n-1) messages, four delays at the client, and a uniform total order. The
//!   protocol registered under the name `virtual-synchrony` sends requests so.
//! - **View change**: whoever gives up on a member stops the view, collects from a majority of it
//!   what they received (the flush: what is unstable becomes stable), and puts the next view to
//!   them: those who answered, oldest first, then who asked to join. When a majority has accepted
//!   it is installed. A second coordinator takes up what a first may have installed, as in Paxos.
//! - Who was left out, or was without power for that long, joins a later view as its youngest and
//!   takes over the state. Who was without power for less goes on in the view, from what it wrote
//!   down, as if messages had been slow.
//!
//! Failures are suspected by time-outs; an idle group is silent where `Timing::quiesce` says so,
//! and then a dead member is found out with the next request. Reconstructed: Isis2's papers leave
//! the agreement on a view to a group membership service; here the view's own members agree. Not
//! included: causal and unordered multicasts, several groups, members that leave on request.

mod client;
mod history;
mod member;
mod message;
mod ordering;
#[cfg(test)]
mod tests;
mod view_change;

pub use client::Client;
pub use history::{History, State};
pub use member::{Durable, Leading, Member, Status};
pub use message::{Ballot, Msg, Proposal, Timer, View, Why};
pub use view_change::Gathering;

use crate::outbox::Outbox;
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outcome, Protocol, Replicated,
    Setup, TimeModel, Wire,
};

/// How requests are multicast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// OrderedSend: delivered on receipt, before it is stable.
    Ordered,
    /// SafeSend: delivered when it is stable.
    Safe,
}

/// A node of a process group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VirtualSynchrony {
    /// One that delivers.
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

/// The places of the quorums among [`Replicated::QUORUMS`].
#[derive(Clone, Copy)]
enum Quorum {
    Safe,
    View,
}

impl VirtualSynchrony {
    /// A group that multicasts in this mode.
    pub fn nodes(setup: &Setup, mode: Mode) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup, mode)));
        let client = |_| Self::Client(Client::new(&setup.timing));
        (0..setup.members).map(member).chain((0..setup.clients).map(client)).collect()
    }
}

impl Protocol for VirtualSynchrony {
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
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let (Self::Client(client), Input::Request(request)) = (self, input) {
            client.on_input(request, fx);
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

    /// SafeSend: the request, its acknowledgement, its commit.
    fn expected_messages(n: u64) -> u64 {
        3 * (n - 1)
    }

    /// Request, multicast, acknowledgement, answer.
    fn expected_delays() -> u32 {
        4
    }
}

impl Forge for VirtualSynchrony {
    fn variants(msg: &Msg, _fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg)
    }
}

impl Replicated for VirtualSynchrony {
    const NAME: &'static str = "virtual-synchrony";
    const MIN_MEMBERS: usize = 3;
    const FIRST_VIEW: u64 = 1;
    const FACTS: Facts = Facts {
        family: "virtual-synchrony",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1",
        messages: "3(n - 1)",
        delays: "4 at the client and at the last member",
        paper: "Birman and Joseph, SOSP 1987; Birman and Sohn, LADIS 2012 (Isis2)",
        reconstructed: "how the members of a view agree on the next one; Isis2 leaves this to a \
                        membership service",
        weakness: "fails with one Byzantine member; stops while a majority of the latest view is \
                   down",
    };
    const QUORUMS: &'static [&'static str] = &["safe", "view"];

    fn group(setup: &Setup) -> Vec<Self> {
        Self::nodes(setup, Mode::Safe)
    }

    fn tolerates(members: u16) -> u16 {
        (members - 1) / 2
    }

    fn withstands(_members: u16, byzantine: Members) -> bool {
        byzantine.is_empty()
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.view().number,
            Self::Client(client) => client.view(),
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
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
        }
    }
}
