//! What protocols share that assign each slot of one sequence to an owner among the members: the
//! owner proposes in ballot 0 without phase 1, and a cloud takes over the slots of silent owners.
//! The assignment is a [`Scheme`]: by recent history in EdgeCons, by leases in Nomad.
//!
//! Crash model, n = 2f + 1 voting members; the cloud proposes and does not vote. A slot of its own
//! costs its owner 2a and 2b, 2(n-1) messages and two delays, and n-1 commits that inform the
//! others. Each slot is an instance of Paxos (Lamport 1998) with two simplifications that Mencius
//! (Mao, Junqueira, Marzullo, OSDI 2008) introduced. Only its owner, in ballot 0, may propose a
//! request; a takeover proposes what it found, or nothing. Hence an owner decides alone that one of
//! its slots is empty: it *skips* it, durably, and announces that with its next vote. A member that
//! sees a later slot used skips its own earlier ones, so that idle members do not block the
//! sequence.
//!
//! Slots that stay undecided are fetched from others first, then reported to the cloud, which
//! prepares them in a higher ballot and fills them. There are no heartbeats: a member that lost
//! both the last proposal and its commit learns of them with the next one. Not included: the
//! assignment of slots.

mod client;
mod cloud;
mod learner;
mod member;
mod message;
mod voter;

pub use client::Client;
pub use cloud::{Arbiter, Cloud, Kept};
pub use member::{Durable, Member};
pub(crate) use message::{COMMON, kind};
pub use message::{Contents, Msg, Timer};
pub use voter::Vote;

use crate::{
    Facts, Forge, Fx, Helper, Input, Kind, Members, NodeId, Outbox, Protocol, Replicated, Request,
    Setup, Wire,
};
use gridtwin_kernel::SimTime;
use std::fmt::Debug;
use std::hash::Hash;

/// A request, and the member whose client submitted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Brought {
    /// The request.
    pub request: Request,
    /// The member.
    pub by: NodeId,
}

/// What a slot holds: a request or nothing.
pub type Content = Option<Brought>;

/// Slots up to this many beyond the last executed one are voted on.
pub const WINDOW: u64 = 2048;
/// A takeover covers at most this many slots.
pub const BATCH: usize = 128;

/// A new view: its number and leader.
pub type NewView = (u64, NodeId);

/// The assignment of slots to owners, as one member knows it.
pub trait Scheme: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The protocol's name.
    const NAME: &'static str;
    /// The first view that has a leader.
    const FIRST_VIEW: u64;
    /// The protocol's published properties.
    const FACTS: Facts;
    /// The kinds of messages: those that all schemes have, and its own after them.
    const KINDS: &'static [Kind];

    /// What follows from the slots executed so far; part of a transferred state.
    type State: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What members and cloud send each other about ownership.
    type Msg: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// The cloud's part.
    type Arbiter: Arbiter<Self> + Send + Sync + 'static;

    /// As `id` knows it at the beginning.
    fn new(id: NodeId, setup: &Setup) -> Self;
    /// The cloud's part at the beginning.
    fn arbiter(setup: &Setup) -> Self::Arbiter;
    /// The kind, counted from the scheme's first, and the size of a message.
    fn wire(msg: &Self::Msg) -> (u8, u32);
    /// The size of a state.
    fn state_bytes(state: &Self::State) -> u32;

    /// What follows from the slots executed so far.
    fn state(&self) -> Self::State;
    /// Takes over what follows from more slots; a new view, if that makes one.
    fn restore(&mut self, state: &Self::State) -> Option<NewView>;
    /// The next slot was executed, with a request contributed by `by`; returns a new view, if it
    /// begins one.
    fn carried_out(&mut self, by: Option<NodeId>) -> Option<NewView>;
    /// A slot was proposed for in this view by its owner; whether the view is new here.
    fn heard(&mut self, view: u64, owner: NodeId) -> Option<NewView>;
    /// The view.
    fn view(&self) -> u64;
    /// The leader: the member that owns most slots.
    fn leader(&self) -> Option<NodeId>;

    /// The member's own slots in `(after, below)`.
    fn own(&self, after: u64, below: u64) -> Vec<u64>;
    /// Its first own slot after this one that it may use at this time, by its clock.
    fn next(&self, after: u64, now: SimTime) -> Option<u64>;
    /// The member to forward a request to if no own slot is free, with slots up to `seen` used.
    fn forward(&self, seen: u64) -> Option<NodeId>;
    /// What to ask of the cloud: `short` if there is a request without a slot. Slots up to
    /// `applied` are executed here, own ones up to `spent` used.
    fn ask(&mut self, short: bool, applied: u64, spent: u64, now: SimTime) -> Option<Self::Msg>;
    /// What was asked seems lost.
    fn ask_again(&mut self);
    /// The cloud has answered; a new view, if that makes one.
    fn answer(&mut self, msg: &Self::Msg) -> Option<NewView>;
    /// The slots to be taken over by the cloud if slot `first` blocks and slots up to `seen` are
    /// used, and their owner, if known. They need not be undecided.
    fn blocking(&self, first: u64, seen: u64) -> (Option<NodeId>, Vec<u64>);
}

/// A node of a group whose slots have owners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Edge<S: Scheme> {
    /// One that votes.
    Member(Box<Member<S>>),
    /// One that asks.
    Client(Client),
    /// The one that takes over.
    Cloud(Box<Cloud<S>>),
}

/// What a node writes down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stored<S: Scheme> {
    /// A member's.
    pub member: Durable<S>,
    /// A client's.
    pub outbox: Outbox,
    /// The cloud's.
    pub cloud: Kept<S>,
}

impl<S: Scheme> Default for Stored<S> {
    fn default() -> Self {
        let (member, outbox, cloud) = (Durable::default(), Outbox::default(), Kept::default());
        Self { member, outbox, cloud }
    }
}

impl<S: Scheme> AsMut<Outbox> for Stored<S> {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl<S: Scheme> Protocol for Edge<S> {
    type Msg = Msg<S>;
    type Timer = Timer;
    type In = Input;
    type Out = crate::Outcome;
    type Durable = Stored<S>;

    const KINDS: &'static [Kind] = S::KINDS;

    fn on_start(&mut self, durable: &Stored<S>, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(&durable.member, fx),
            Self::Client(client) => client.on_start(&durable.outbox, fx),
            Self::Cloud(cloud) => cloud.on_start(&durable.cloud, fx),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let (Self::Client(client), Input::Request(request)) = (self, input) {
            client.on_input(request, fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg<S>, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_msg(from, msg, fx),
            Self::Client(client) => client.on_msg(msg, fx),
            Self::Cloud(cloud) => cloud.on_msg(from, msg, fx),
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_timer(fx),
            Self::Client(client) => client.on_timer(fx),
            Self::Cloud(cloud) => cloud.on_timer(timer, fx),
        }
    }

    fn wire(msg: &Msg<S>) -> Wire {
        message::wire(msg)
    }

    /// 2a, 2b and commit: 3(n-1).
    fn expected_messages(n: u64) -> u64 {
        3 * (n - 1)
    }

    /// Request, 2a, 2b, answer.
    fn expected_delays() -> u32 {
        4
    }
}

impl<S: Scheme> Forge for Edge<S> {
    /// An empty proposal instead of a request: what a Byzantine node could send.
    fn variants(msg: &Msg<S>, _fx: &mut Fx<Self>) -> Vec<Msg<S>> {
        message::variants(msg)
    }
}

/// The places of the quorums in [`Replicated::QUORUMS`].
pub(crate) const ACCEPT: usize = 0;
pub(crate) const PROMISE: usize = 1;
pub(crate) const FILL: usize = 2;

/// The members that make a majority.
fn majority(setup: &Setup) -> usize {
    usize::from(setup.members) / 2 + 1
}

impl<S: Scheme> Replicated for Edge<S> {
    const NAME: &'static str = S::NAME;
    const MIN_MEMBERS: usize = 3;
    const FIRST_VIEW: u64 = S::FIRST_VIEW;
    const FACTS: Facts = S::FACTS;
    const QUORUMS: &'static [&'static str] = &["accept", "promise", "fill"];

    fn group(setup: &Setup) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup)));
        let client = |place| Self::Client(Client::new(place, setup));
        let cloud = Self::Cloud(Box::new(Cloud::new(setup)));
        (0..setup.members)
            .map(member)
            .chain((0..setup.clients).map(client))
            .chain([cloud])
            .collect()
    }

    fn helpers(_members: u16) -> Vec<Helper> {
        vec![Helper::Cloud]
    }

    fn tolerates(members: u16) -> u16 {
        (members - 1) / 2
    }

    fn withstands(_members: u16, byzantine: Members) -> bool {
        byzantine.is_empty()
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.scheme().view(),
            Self::Client(_) | Self::Cloud(_) => S::FIRST_VIEW,
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => member.scheme().leader(),
            Self::Client(client) => Some(client.at()),
            Self::Cloud(_) => None,
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
            Self::Cloud(cloud) => cloud.held(),
        }
    }
}
