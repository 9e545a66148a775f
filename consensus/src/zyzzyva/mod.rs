//! Zyzzyva (Kotla, Alvisi, Dahlin, Clement and Wong, Zyzzyva: Speculative Byzantine Fault
//! Tolerance, SOSP 2007 and TOCS 2009): n = 3f + 1 members under partial synchrony, which carry
//! requests out before they agree. The client finds out whether they did the same.
//!
//! - Fast: a request, n - 1 ordered requests, n speculative responses: 2n messages, 3 delays, once
//!   all n responses match.
//! - Slow: with 2f + 1 that match and others missing for a while ([`Timing::delta`]), the client
//!   shows them to all as a commit certificate and waits for 2f + 1 local commits: 4n messages,
//!   5 delays.
//!
//! Every 128 requests members exchange responses, and with a certificate of them checkpoints: what
//! 2f + 1 members have a certificate of is committed. Only then does a member deliver it; until
//! then a view change may roll it back, and the client's completion is the decision. A certificate
//! at a single member does not commit: the next view may begin without it. Members fill holes, and
//! bring members that were down up to date, from each other. A member writes a message to durable
//! storage before sending it.
//!
//! One code base for three protocols, which differ in their [`Rule`]: [`Zyzzyva2007`], whose
//! published view change loses committed requests (the schedule is in the tests),
//! [`ZyzzyvaRepaired`], and [`SacZyzzyva`](crate::sac_zyzzyva::SacZyzzyva).
//!
//! Not included: batches, read-only requests, the variant with 2f more witnesses (Zyzzyva5),
//! authenticators in place of the client's signature.
//!
//! [`Timing::delta`]: crate::Timing::delta

mod checkpoint;
mod client;
mod forge;
mod message;
mod order;
mod replica;
mod rule;
#[cfg(test)]
mod tests;
mod transfer;
mod view_change;

pub use client::Client;
pub use message::{
    Certificate, Commit, Filled, Mark, Msg, NewView, Ordered, Seal, Stable, Timer, ViewChange,
};
pub use replica::{Durable, Replica};
pub use rule::{ByView, Published, Rule};

use crate::pbft::{faulty, quorum::quorum};
use crate::{
    Facts, Forge, Fx, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol, Replicated, Setup,
    Wire,
};

/// A checkpoint is taken after this many requests.
pub const CHECKPOINT_EVERY: u64 = 128;
/// The distance between the water marks: at most this many requests wait for a stable checkpoint.
pub const LOG_SIZE: u64 = 2 * CHECKPOINT_EVERY;

/// Zyzzyva as published in 2007: not safe.
pub type Zyzzyva2007 = Zyzzyva<Published>;
/// Zyzzyva with its view change repaired.
pub type ZyzzyvaRepaired = Zyzzyva<ByView>;

/// A node of a Zyzzyva group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Zyzzyva<R: Rule> {
    /// A member.
    Replica(Box<Replica<R>>),
    /// One that asks, and finds out whether they agree.
    Client(Box<Client<R>>),
}

/// What a handler may do.
type Effects<R> = Fx<Zyzzyva<R>>;

/// What a Zyzzyva node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// A member's.
    pub replica: Durable,
    /// A client's.
    pub outbox: Outbox,
}

impl AsMut<Outbox> for Stored {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

/// How many it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Quorums {
    /// One more than may be faulty.
    honest: usize,
    /// Responses that complete a request.
    response: usize,
    /// Responses that make a certificate.
    certificate: usize,
    local_commit: usize,
    checkpoint: usize,
    change: usize,
    confirm: usize,
    /// Logs that have the same.
    matching: usize,
}

impl Quorums {
    fn new<R: Rule>(setup: &Setup) -> Self {
        let (all, f, q) = (setup.members, faulty(setup.members), quorum(setup.members));
        // Those that can be planted one vote too small; a rule may do without some.
        let of = |name: &str, right: usize| {
            let place = R::QUORUMS.iter().position(|&quorum| quorum == name);
            place.map_or(right, |place| setup.quorum(place, right))
        };
        Self {
            honest: f + 1,
            response: of("response", if R::COUNTER { q } else { all.into() }),
            certificate: q,
            local_commit: of("local commit", q),
            checkpoint: q,
            change: of("view change", q),
            confirm: q,
            matching: f + 1,
        }
    }
}

/// The primary of a view.
fn primary_of(view: u64, members: u16) -> NodeId {
    NodeId((view % u64::from(members.max(1))) as u16)
}

/// Whether a primary sealed this content; where its counter did, it must show `counter`.
fn is_sealed<R: Rule>(
    primary: NodeId,
    content: u64,
    seal: Seal,
    counter: Option<u64>,
    fx: &mut Effects<R>,
) -> bool {
    match seal {
        Seal::Signature(sig) => !R::COUNTER && fx.verify(primary, content, sig),
        Seal::Counter(attested) => {
            R::COUNTER
                && counter.is_none_or(|counter| attested.counter == counter)
                && fx.check(primary, content, attested)
        }
    }
}

/// Seals as the acting primary.
fn seal<R: Rule>(content: u64, fx: &mut Effects<R>) -> Seal {
    if R::COUNTER { Seal::Counter(fx.attest(content)) } else { Seal::Signature(fx.sign(content)) }
}

impl<R: Rule> Protocol for Zyzzyva<R> {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Replica(replica) => replica.on_start(&durable.replica, fx),
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
            Self::Replica(replica) => replica.on_msg(from, msg, fx),
            Self::Client(client) => client.on_msg(from, msg, fx),
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Replica(replica) => replica.on_timer(timer, fx),
            Self::Client(client) => client.on_timer(timer, fx),
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    /// Request, n - 1 ordered requests, n responses.
    fn expected_messages(n: u64) -> u64 {
        2 * n
    }

    fn expected_delays() -> u32 {
        3
    }
}

impl<R: Rule> Forge for Zyzzyva<R> {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        forge::variants(msg, fx)
    }
}

impl<R: Rule> Replicated for Zyzzyva<R> {
    const NAME: &'static str = R::NAME;
    const BROKEN: bool = R::BROKEN;
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = R::FACTS;
    const QUORUMS: &'static [&'static str] = R::QUORUMS;

    fn group(setup: &Setup) -> Vec<Self> {
        let replica = |id| Self::Replica(Box::new(Replica::new(NodeId(id), setup)));
        let client = |_| Self::Client(Box::new(Client::new(setup)));
        (0..setup.members).map(replica).chain((0..setup.clients).map(client)).collect()
    }

    fn tolerates(members: u16) -> u16 {
        faulty(members) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        byzantine.len() <= faulty(members) && R::withstands(byzantine)
    }

    fn view(&self) -> u64 {
        match self {
            Self::Replica(replica) => replica.view(),
            Self::Client(client) => client.view(),
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Replica(replica) => replica.leader(),
            Self::Client(client) => Some(client.primary()),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Replica(replica) => replica.held(),
            Self::Client(client) => client.held(),
        }
    }
}
