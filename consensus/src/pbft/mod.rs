//! PBFT (Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999; TOCS 2002).
//!
//! *Fault model.* n = 3f + 1 members, f of which may be Byzantine, and any number of clients;
//! channels are authenticated and may lose, duplicate and reorder messages. Safety is asynchronous;
//! liveness needs partial synchrony. Other sizes work as well: f is (n - 1) / 3, rounded down, and
//! any two quorums share an honest member.
//!
//! *A request* (section 4.2) goes from its client to the primary, which gives it a sequence number:
//! 1 request, n - 1 pre-prepares, (n - 1)^2 prepares, n(n - 1) commits, n replies, together
//! 2n^2 - n + 1 messages and five delays. With [`Timing::tentative`] members answer once it has
//! prepared (section 5.1): as many messages, four delays, and the client waits for a quorum instead
//! of f + 1.
//!
//! *Checkpoints* (section 4.3) every [`CHECKPOINT_EVERY`] numbers keep the log within
//! [`LOG_SIZE`]. *View changes* (section 4.4) replace a primary that does not get requests carried
//! out in time.
//!
//! Requests, pre-prepares, prepares, checkpoints, view changes and new views are signed (section
//! 4), since they are shown to third parties; commits and replies, which are not, carry message
//! authentication codes (section 5.2). A lagging member fetches the latest stable checkpoint with
//! its proof, and later decisions that f + 1 members agree on; the paper fetches states in parts,
//! here they are small. A member writes a message to durable storage before sending it, so that it
//! never contradicts itself after a power failure.
//!
//! *Not included*: read-only requests and digest replies (section 5.1; requests are opaque, and
//! every one is ordered), batches, non-determinism (section 4.6), proactive recovery (TOCS 2002).

mod checkpoint;
mod client;
pub(crate) mod message;
mod normal;
pub(crate) mod quorum;
mod replica;
mod slot;
#[cfg(test)]
mod tests;
mod transfer;
mod view_change;

pub use client::Client;
pub use message::{Certificate, Msg, NewView, Proposal, Stable, State, Timer, ViewChange};
pub use replica::{Durable, Kept, Replica};
pub use slot::Slot;

#[cfg(doc)]
use crate::Timing;
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol,
    Replicated, Setup, TimeModel, Wire,
};
use quorum::Quorums;

/// A checkpoint is taken after this many requests.
pub const CHECKPOINT_EVERY: u64 = 128;
/// The distance between the water marks: at most this many requests wait for a stable checkpoint.
pub const LOG_SIZE: u64 = 2 * CHECKPOINT_EVERY;

/// The places of the quorums in [`Replicated::QUORUMS`].
const PREPARE: usize = 0;
const COMMIT: usize = 1;
const VIEW_CHANGE: usize = 2;
const REPLY: usize = 3;

/// A node of a PBFT group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pbft {
    /// One that votes.
    Replica(Box<Replica>),
    /// One that asks.
    Client(Box<Client>),
}

/// What a PBFT node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// A member's.
    pub replica: Durable,
    /// A client's.
    pub outbox: Outbox,
}

/// How many of `n` members may be faulty.
pub(crate) fn faulty(n: u16) -> usize {
    (usize::from(n) - 1) / 3
}

impl AsMut<Outbox> for Stored {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl Protocol for Pbft {
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
            Self::Client(client) => client.on_timer(fx),
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    /// Request, n-1 pre-prepares, (n-1)^2 prepares, n(n-1) commits, n replies.
    fn expected_messages(n: u64) -> u64 {
        2 * n * n - n + 1
    }

    fn expected_delays() -> u32 {
        5
    }
}

impl Forge for Pbft {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg, fx)
    }
}

impl Replicated for Pbft {
    const NAME: &'static str = "pbft";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "pbft",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "3f + 1",
        messages: "2n^2 - n + 1",
        delays: "5",
        paper: "Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999",
        reconstructed: "",
        weakness: "fails with f + 1 Byzantine members; the number of messages grows with n^2",
    };
    const QUORUMS: &'static [&'static str] = &["prepare", "commit", "view change", "reply"];

    fn group(setup: &Setup) -> Vec<Self> {
        let quorums = Quorums::flat(setup);
        let replica = |id| Replica::new(NodeId(id), setup, quorums.clone());
        let members = (0..setup.members).map(|id| Self::Replica(Box::new(replica(id))));
        let clients =
            (0..setup.clients).map(|_| Self::Client(Box::new(Client::new(setup, &quorums))));
        members.chain(clients).collect()
    }

    fn tolerates(members: u16) -> u16 {
        faulty(members) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        byzantine.len() <= faulty(members)
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
