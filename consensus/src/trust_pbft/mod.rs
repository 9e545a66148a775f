//! Trust-PBFT (Tong, Dong, Zheng, Trust-PBFT: A PeerTrust-Based Practical Byzantine Consensus
//! Algorithm, NaNA 2019): PBFT among the g most trusted of n members, 2g^2 - g + 1 messages a
//! request.
//!
//! *Fault model.* As PBFT, for the committee: g = 3f + 1 of n members ([`committee_size`]: at most
//! half of them, and at least four), up to f Byzantine nodes among all n, partial synchrony.
//!
//! *A request* goes to the committee's primary, and through PBFT's three phases within the
//! committee to the g replies: five delays. *An era* ends with its 64th request ([`ERA`]): the
//! committee's PBFT executes no request beyond it. Then each committee member rates the others: it
//! approves of those that committed at least half of the decided requests and led no view that was
//! changed. The opinions are ordered by a second instance of PBFT within the committee, so that all
//! members use the same quorum of opinions, compute the same scores ([`judge`]) and the same next
//! committee ([`choose`]). The answer to the last request names it. The committee sends the result
//! (state, scores and next committee) to all members, once per era. A committee member keeps
//! working until a quorum of the committee knows the result, so that no member is left without a
//! quorum; all others accept it from f + 1 members.
//!
//! Scores fall faster than they rise, so that alternating good and bad behaviour does not pay. Less
//! decentralised than PBFT: trusted members stay trusted. [`gini`](crate::gini) of [`Era::served`]
//! measures how much.
//!
//! *Reconstructed*: from the abstract and the survey's summary, which have PeerTrust scores choose
//! the participants of PBFT, three chains (accounts, transactions, feedback; here the second and
//! the third are two runs of PBFT) and the count. What is observed, how scores move, how many are
//! chosen, and how a committee hands over were designed for gridtwin. *Not included*: accounts, and
//! joining members.

mod client;
mod era;
mod member;
mod message;

pub use client::Client;
pub use era::{ERA, Era, FULL, Opinion, START, choose, committee_size, judge};
pub use member::Member;
pub use message::{Msg, Timer};

use crate::pbft::{self, Pbft};
use crate::{
    Facts, FaultModel, Forge, Fx, Input, Kind, Members, NodeId, Outcome, Protocol, Replicated,
    Setup, TimeModel, Timing, Wire, digest,
};
use std::sync::Arc;

/// Views of an era are numbered from here, times the era's number.
const VIEWS: u64 = 1 << 20;

/// A node of a Trust-PBFT group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TrustPbft {
    /// One that votes when it is trusted.
    Member(Box<Member>),
    /// One that asks.
    Client(Box<Client>),
}

/// What a Trust-PBFT node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// The era that it is in, unless that is the first.
    pub era: Option<Arc<Era>>,
    /// The next era, once this member has announced it.
    pub next: Option<Arc<Era>>,
    /// What it has said on this era's committee, or has asked for.
    pub work: pbft::Stored,
    /// What it has said on opinions.
    pub feedback: pbft::Stored,
}

/// Distinguishes the signatures of different eras' PBFT instances.
fn salt_of(era: u64, feedback: bool) -> u64 {
    digest([9, era, feedback.into()])
}

/// The group that a committee is, as PBFT knows it. It answers what has committed and nothing
/// earlier: an answer names the next committee, which tentative execution could not know.
fn within(setup: &Setup) -> Setup {
    let timing = Timing { tentative: false, ..setup.timing };
    Setup { members: committee_size(setup.members), timing, ..*setup }
}

impl Protocol for TrustPbft {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(durable, fx),
            Self::Client(client) => client.on_start(durable, fx),
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

    /// PBFT's, within the committee.
    fn expected_messages(n: u64) -> u64 {
        Pbft::expected_messages(committee_size(n as u16).into())
    }

    fn expected_delays() -> u32 {
        5
    }
}

impl Forge for TrustPbft {
    fn variants(msg: &Msg, fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg, fx)
    }
}

impl Replicated for TrustPbft {
    const NAME: &'static str = "trust-pbft";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "pbft",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "any n, g = 3f + 1 of them active",
        messages: "2g^2 - g + 1",
        delays: "5",
        paper: "Tong, Dong, Zheng, Trust-PBFT: A PeerTrust-Based Practical Byzantine Consensus \
                Algorithm, NaNA 2019",
        reconstructed: "what members observe of each other, how trust scores change, the size of \
                        the committee and how the next committee takes over (only the abstract was \
                        available)",
        weakness: "fails with f + 1 Byzantine committee members, however many honest members are \
                   outside the committee; a few members keep most of the influence",
    };
    const QUORUMS: &'static [&'static str] = Pbft::QUORUMS;

    fn group(setup: &Setup) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup)));
        let client = |place| Self::Client(Box::new(Client::new(place, setup)));
        (0..setup.members).map(member).chain((0..setup.clients).map(client)).collect()
    }

    /// All of them may be on the committee.
    fn tolerates(members: u16) -> u16 {
        era::tolerated(members) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        byzantine.len() <= era::tolerated(members)
    }

    fn view(&self) -> u64 {
        match self {
            Self::Member(member) => member.view(),
            Self::Client(client) => client.view(),
        }
    }

    fn leader(&self) -> Option<NodeId> {
        match self {
            Self::Member(member) => member.leader(),
            Self::Client(client) => Some(client.primary()),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Client(client) => client.held(),
        }
    }
}
