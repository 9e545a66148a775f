//! What a protocol is: a state machine without I/O, clock or threads. Not how it is run (see
//! [`Net`](crate::Net)), and not what it must promise (see [`OrderChecker`](crate::OrderChecker)).

use crate::Fx;
use std::fmt::{self, Debug};
use std::hash::Hash;

/// A node of a protocol's network: members first, from 0, then clients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId(pub u16);

impl NodeId {
    /// The number as an index into per-node lists.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a message is on the wire: what statistics and radios need to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its kind: an index into the protocol's [`KINDS`](Protocol::KINDS).
    pub kind: u8,
    /// Its size in bytes, headers included.
    pub bytes: u32,
}

/// A kind of message, as the meters name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, as the paper has it.
    pub name: &'static str,
    /// Which account it goes to.
    pub class: Class,
}

/// The accounts of messages. A protocol's published count per request is about the first alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Part of the published count of messages a request.
    Request,
    /// Between client and members, where the published count leaves that out.
    Client,
    /// Sent at fixed times or after a fixed number of requests: heartbeats, checkpoints.
    Periodic,
    /// Sent because something failed: elections, view changes, state transfer, retransmission.
    Repair,
}

/// A consensus protocol's node, client or member: a pure state machine.
///
/// State consists of integers in ordered collections, so that it can be compared and hashed. All
/// randomness comes from [`Fx::choose`], and every effect goes through [`Fx`].
pub trait Protocol: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What nodes send each other.
    type Msg: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What a node may wait for; a node should have few different ones at a time.
    type Timer: Copy + Debug + Eq + Ord + Hash + Send + Sync + 'static;
    /// What comes in from outside.
    type In: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What goes out: decisions, changes of leader.
    type Out: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What survives a loss of power.
    type Durable: Clone + Debug + Default + Eq + Hash + Send + Sync + 'static;

    /// Every kind of message, in the order of [`Wire::kind`].
    const KINDS: &'static [Kind];

    /// Starts the node, for the first time or after a loss of power: `self` is as it was built, and
    /// `durable` is all that it has from before.
    fn on_start(&mut self, durable: &Self::Durable, fx: &mut Fx<Self>);
    /// Takes something from outside.
    fn on_input(&mut self, input: Self::In, fx: &mut Fx<Self>);
    /// Takes a message. Channels are authenticated: `from` is the sender.
    fn on_msg(&mut self, from: NodeId, msg: &Self::Msg, fx: &mut Fx<Self>);
    /// A timer that it had armed is due.
    fn on_timer(&mut self, timer: Self::Timer, fx: &mut Fx<Self>);

    /// The kind and the size of a message.
    fn wire(msg: &Self::Msg) -> Wire;
    /// Messages of [`Class::Request`] for one request among `n` members where nothing fails.
    fn expected_messages(n: u64) -> u64;
    /// Message delays from the client's request to its answer where nothing fails.
    fn expected_delays() -> u32;
    /// As [`Protocol::expected_delays`], for protocols where that depends on the number of members.
    fn expected_delays_among(_n: u64) -> u32 {
        Self::expected_delays()
    }
}

/// A protocol whose messages a Byzantine node can alter: the only part of a protocol that Byzantine
/// strategies depend on.
pub trait Forge: Protocol {
    /// Returns the messages that an equivocating node could send instead of `msg`: messages that
    /// receivers would accept, signed again with `fx` as the Byzantine node itself if they are
    /// signed. Empty if no other plausible content exists.
    fn variants(msg: &Self::Msg, fx: &mut Fx<Self>) -> Vec<Self::Msg>;
}
