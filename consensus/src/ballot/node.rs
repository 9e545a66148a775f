//! A node of any protocol of the Paxos family: the envelope of its messages, and their receivers.

use super::{Client, HEADERS, majority};
use crate::{
    Facts, Forge, Fx, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol, Replicated, Request,
    Setup, Wire,
};
use std::fmt::Debug;
use std::hash::Hash;

/// What nodes of the family send each other; `M` is what members do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg<M> {
    /// A client asks: kind 0.
    Request(Request),
    /// A member has carried it out: kind 1.
    Reply {
        /// The request.
        request: Request,
        /// The member's view.
        view: u64,
    },
    /// A member speaks: its own kinds.
    Member(M),
}

/// What nodes of the family wait for; `T` is what members do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer<T> {
    /// An answer, as a client.
    Retry,
    /// A member's own.
    Member(T),
}

/// What a node writes down; `D` is what a member does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored<D> {
    /// A member's.
    pub member: D,
    /// A client's.
    pub outbox: Outbox,
}

impl<D> AsMut<Outbox> for Stored<D> {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

/// What a member's message implies about the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// The leader, as far as the member knows,
    pub leader: Option<NodeId>,
    /// and in which view.
    pub view: u64,
    /// The request that it would not take, if it says so because of one.
    pub refused: Option<Request>,
}

/// A member of a protocol of the family, and what is particular to that protocol.
pub trait Voter: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What members send each other, and what they send clients beside answers.
    type Msg: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What a member waits for.
    type Timer: Copy + Debug + Eq + Ord + Hash + Send + Sync + 'static;
    /// What a member writes down.
    type Durable: Clone + Debug + Default + Eq + Hash + Send + Sync + 'static;

    /// The protocol's name.
    const NAME: &'static str;
    /// The kinds of messages; the first two are those of [`Msg::Request`] and [`Msg::Reply`].
    const KINDS: &'static [Kind];
    /// The first view that may have a leader.
    const FIRST_VIEW: u64;
    /// The protocol's published properties.
    const FACTS: Facts;
    /// Its quorums.
    const QUORUMS: &'static [&'static str];
    /// Message delays from request to answer where nothing fails.
    const DELAYS: u32;

    /// A member as it is built.
    fn new(id: NodeId, setup: &Setup) -> Self;
    /// The member that a client asks first, by the client's number.
    fn home(client: u16, members: u16) -> Option<NodeId>;
    /// Starts, for the first time or after a loss of power.
    fn on_start(&mut self, durable: &Self::Durable, fx: &mut Fx<Node<Self>>);
    /// A client asks.
    fn on_request(&mut self, client: NodeId, request: Request, fx: &mut Fx<Node<Self>>);
    /// A member speaks.
    fn on_msg(&mut self, from: NodeId, msg: &Self::Msg, fx: &mut Fx<Node<Self>>);
    /// A timer is due.
    fn on_timer(&mut self, timer: Self::Timer, fx: &mut Fx<Node<Self>>);
    /// What a member's message implies about the leader.
    fn word(from: NodeId, msg: &Self::Msg) -> Option<Word>;
    /// A message's kind, and the size of what stands behind the headers.
    fn wire(msg: &Self::Msg) -> (u8, u32);
    /// What a Byzantine node could send instead.
    fn variants(msg: &Self::Msg) -> Vec<Self::Msg>;
    /// Messages for one request among `n` members where nothing fails.
    fn messages(n: u64) -> u64;
    /// The view it is in.
    fn view(&self) -> u64;
    /// The leader it follows.
    fn leader(&self) -> Option<NodeId>;
    /// How many slots and votes it holds.
    fn held(&self) -> usize;
}

/// A node: a member or a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node<V: Voter> {
    /// One that votes.
    Member(Box<V>),
    /// One that asks.
    Client(Client<V>),
}

impl<V: Voter> Protocol for Node<V> {
    type Msg = Msg<V::Msg>;
    type Timer = Timer<V::Timer>;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored<V::Durable>;

    const KINDS: &'static [Kind] = V::KINDS;

    fn on_start(&mut self, durable: &Self::Durable, fx: &mut Fx<Self>) {
        match self {
            Self::Member(voter) => voter.on_start(&durable.member, fx),
            Self::Client(client) => client.on_start(&durable.outbox, fx),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        match (self, input) {
            (Self::Client(client), Input::Request(request)) => client.on_input(request, fx),
            (Self::Member(_), _) | (_, Input::Reconfigure(_)) => {}
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Self::Msg, fx: &mut Fx<Self>) {
        match (self, msg) {
            (Self::Member(voter), Msg::Member(msg)) if from.0 < fx.members() => {
                voter.on_msg(from, msg, fx);
            }
            (Self::Member(voter), Msg::Request(request)) => voter.on_request(from, *request, fx),
            (Self::Member(_), _) => {}
            (Self::Client(client), msg) => client.on_msg(from, msg, fx),
        }
    }

    fn on_timer(&mut self, timer: Self::Timer, fx: &mut Fx<Self>) {
        match (self, timer) {
            (Self::Member(voter), Timer::Member(timer)) => voter.on_timer(timer, fx),
            (Self::Client(client), Timer::Retry) => client.on_timer(fx),
            (Self::Member(_), Timer::Retry) | (Self::Client(_), Timer::Member(_)) => {}
        }
    }

    fn wire(msg: &Self::Msg) -> Wire {
        let (kind, body) = match msg {
            Msg::Request(request) => (0, 24 + request.bytes),
            Msg::Reply { .. } => (1, 24),
            Msg::Member(msg) => V::wire(msg),
        };
        Wire { kind, bytes: HEADERS + body }
    }

    fn expected_messages(n: u64) -> u64 {
        V::messages(n)
    }

    fn expected_delays() -> u32 {
        V::DELAYS
    }
}

impl<V: Voter> Forge for Node<V> {
    fn variants(msg: &Self::Msg, _fx: &mut Fx<Self>) -> Vec<Self::Msg> {
        match msg {
            Msg::Member(msg) => V::variants(msg).into_iter().map(Msg::Member).collect(),
            Msg::Request(_) | Msg::Reply { .. } => Vec::new(),
        }
    }
}

impl<V: Voter> Replicated for Node<V> {
    const NAME: &'static str = V::NAME;
    const MIN_MEMBERS: usize = 3;
    const FIRST_VIEW: u64 = V::FIRST_VIEW;
    const FACTS: Facts = V::FACTS;
    const QUORUMS: &'static [&'static str] = V::QUORUMS;

    fn group(setup: &Setup) -> Vec<Self> {
        let members = setup.members;
        let member = |id| Self::Member(Box::new(V::new(NodeId(id), setup)));
        let client = |place| Self::Client(Client::new(V::home(place, members), &setup.timing));
        (0..members).map(member).chain((0..setup.clients).map(client)).collect()
    }

    fn tolerates(members: u16) -> u16 {
        members - majority(members) as u16
    }

    fn withstands(_members: u16, byzantine: Members) -> bool {
        byzantine.is_empty()
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(voter) => voter.view(),
            Self::Client(client) => client.view(),
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(voter) => voter.leader(),
            Self::Client(client) => client.whom(),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(voter) => voter.held(),
            Self::Client(client) => client.held(),
        }
    }
}
