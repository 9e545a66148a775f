//! SDMA-PBFT (Feng, Zhang, Chen, Lou, Scalable Dynamic Multi-Agent Practical Byzantine
//! Fault-Tolerant Consensus in Permissioned Blockchain, Applied Sciences 2018): PBFT in a
//! hierarchy, O(n k log_k n) messages a request instead of O(n^2).
//!
//! *Fault model.* As PBFT: Byzantine members, partial synchrony, authenticated channels. Members
//! form groups of four to k = 7; each group has an agent; agents form groups again, up to one root.
//! A group fails with more than f = (s - 1) / 3 Byzantine members among its s seats, and a group of
//! groups with more than f failed ones; the protocol is safe and live unless the root fails. The
//! same number of Byzantine members, suitably placed, breaks it where plain PBFT would not fail:
//! two in each of two groups of four, of sixteen members.
//!
//! *A request.* The primary orders it; its pre-prepare goes down, from the root's seats to their
//! groups. Then two rounds of votes, PBFT's prepares and commits: each member multicasts its vote
//! in its group; the agent carries a quorum of them up to the other agents of the group above, and
//! so on; in the root every agent comes to a quorum of groups, and carries it down. Members reply
//! to the client. With L layers that is at most 5L delays, and as many messages as
//! [`Tree::messages`] counts: with one group, up to seven members, it is PBFT, 2n^2 - n + 1.
//!
//! Votes are signed, and agents prove whose votes they aggregate: an agent can withhold votes, but
//! not invent any. A quorum is a quorum of groups that each have a quorum, so that any two share an
//! honest member: the order is decided by PBFT itself (`pbft`, run among all members with these
//! quorums), and its proof holds.
//!
//! *A failed agent* disconnects its groups: they do not vote, and learn decisions only with the
//! next checkpoint, which goes to all members. A member that waits in vain complains to its group,
//! and a quorum of complaints replaces the agent (the inner view change); a member that waits twice
//! starts a view change, which gives every group another agent as well. View changes, checkpoints
//! and state transfer are PBFT's, from member to member.
//!
//! *Reconstructed*: the paper's summary has groups that vote inside, agents that collect and carry
//! upward, and the count; how a group's votes are bound together, the quorums and what replaces an
//! agent were designed for gridtwin. *Not included*: members that join or leave (its "dynamic"
//! part), groups by distance.

mod agents;
mod member;
mod message;
mod tree;

pub use member::Member;
pub use message::{Ballot, Msg, Phase, Succession};
pub use tree::{GROUP, Tree};

use crate::pbft::quorum::Quorums;
use crate::pbft::{self, Pbft};
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outcome, Part, Protocol,
    Replicated, Setup, TimeModel, Wire,
};
use std::sync::Arc;

/// What keeps PBFT's signatures within it.
const SALT: u64 = 0x5d3a;

/// A node of an SDMA-PBFT group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SdmaPbft {
    /// One that votes.
    Member(Box<Member>),
    /// One that asks: PBFT's client, with the hierarchy's quorums.
    Client(Box<pbft::Client>, Part),
}

/// What an SDMA-PBFT node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// As in PBFT.
    pub pbft: pbft::Stored,
    /// The last replacement of each group's agent.
    pub successions: Vec<Arc<Succession>>,
}

fn of_pbft(stored: &mut Stored) -> &mut pbft::Stored {
    &mut stored.pbft
}

/// All nodes take part, by their own numbers.
fn part(members: u16, clients: u16) -> Part {
    let nodes = (0..members + clients).map(NodeId).collect();
    Part { nodes, members, salt: SALT }
}

/// Runs a handler of PBFT's client within a node of this.
fn as_client(
    client: &mut pbft::Client,
    part: &Part,
    fx: &mut Fx<SdmaPbft>,
    handler: impl FnOnce(&mut pbft::Client, &mut Fx<Pbft>),
) {
    let (me, mut outs) = (fx.me(), Vec::new());
    let timer = |timer| timer;
    fx.nest(part, me, of_pbft, Msg::Pbft, timer, &mut outs, |fx| handler(client, fx));
    outs.into_iter().for_each(|out| fx.out(out));
}

impl Protocol for SdmaPbft {
    type Msg = Msg;
    type Timer = pbft::Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(durable, fx),
            Self::Client(client, part) => as_client(client, part, fx, |client, fx| {
                client.on_start(&durable.pbft.outbox, fx);
            }),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let (Self::Client(client, part), Input::Request(request)) = (self, input) {
            as_client(client, part, fx, |client, fx| client.on_input(request, fx));
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Self>) {
        match (self, msg) {
            (Self::Member(member), msg) => member.on_msg(from, msg, fx),
            (Self::Client(client, part), Msg::Pbft(msg)) => {
                as_client(client, part, fx, |client, fx| client.on_msg(from, msg, fx));
            }
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: pbft::Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_timer(timer, fx),
            Self::Client(client, part) => {
                as_client(client, part, fx, |client, fx| client.on_timer(fx));
            }
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    fn expected_messages(n: u64) -> u64 {
        Tree::new(n as u16).messages()
    }

    /// Of a single group; [`Protocol::expected_delays_among`] has those of more.
    fn expected_delays() -> u32 {
        5
    }

    fn expected_delays_among(n: u64) -> u32 {
        Tree::new(n as u16).delays()
    }
}

impl Forge for SdmaPbft {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        let part = part(fx.members(), fx.clients().count() as u16);
        message::variants(msg, &part, fx)
    }
}

impl Replicated for SdmaPbft {
    const NAME: &'static str = "sdma-pbft";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "pbft",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "groups of 4 to 7, in layers",
        messages: "O(n k log_k n), k = 7",
        delays: "up to 5 per layer",
        paper: "Feng, Zhang, Chen, Lou, Scalable Dynamic Multi-Agent Practical Byzantine \
                Fault-Tolerant Consensus in Permissioned Blockchain, Applied Sciences 2018",
        reconstructed: "how votes are aggregated, the quorums of groups, and how a group replaces \
                        its agent (only a summary was available)",
        weakness: "fails if too many Byzantine members are in the same groups; a failed agent \
                   disconnects the groups below it",
    };
    const QUORUMS: &'static [&'static str] = Pbft::QUORUMS;

    fn group(setup: &Setup) -> Vec<Self> {
        let tree = Arc::new(Tree::new(setup.members));
        let quorums = Quorums::new(tree.quorum(), tree.weak(), &tree.answer(), setup);
        let part = part(setup.members, setup.clients);
        let member = |id| Member::new(NodeId(id), setup, &tree, &part, &quorums);
        let members = (0..setup.members).map(|id| Self::Member(Box::new(member(id))));
        let client = || Box::new(pbft::Client::new(setup, &quorums));
        let clients = (0..setup.clients).map(|_| Self::Client(client(), part.clone()));
        members.chain(clients).collect()
    }

    /// The fewest, wherever they stand.
    fn tolerates(members: u16) -> u16 {
        Tree::new(members).fewest_to_stop() as u16 - 1
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        !Tree::new(members).is_lost(byzantine)
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.replica().view(),
            Self::Client(client, _) => client.view(),
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => member.replica().leader(),
            Self::Client(client, _) => Some(client.primary()),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client, _) => client.held(),
        }
    }
}
