//! web-bft's messages: what is signed of them, what proves what, their kinds and sizes.

use super::WebBft;
use crate::crypto::digest;
use crate::{Class, Fx, Kind, Members, Missed, NodeId, Request, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
const SIG: u32 = 64;
const HASH: u32 = 32;
/// Bytes of a request beside its payload: client, number, signature.
const REQUEST: u32 = 16 + SIG;
/// Bytes of a version and a round.
const PLACE: u32 = 16;
/// Bytes of a member's number and its signature.
const SIGNED: u32 = 2 + SIG;

fn vote_digest(version: u64, round: u64, value: u64) -> u64 {
    digest([21, version, round, value])
}

fn accept_digest(version: u64, round: u64, value: u64, before: u64) -> u64 {
    digest([22, version, round, value, before])
}

/// A member's vote: what it would have as the next version. One a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vote {
    /// Which version, from 1.
    pub version: u64,
    /// In which round of it, from 0.
    pub round: u64,
    /// For what.
    pub value: Signed,
    /// Over all that.
    pub sig: Sig,
}

impl Vote {
    /// A vote by the acting node.
    pub(super) fn new(version: u64, round: u64, value: Signed, fx: &mut Fx<WebBft>) -> Self {
        let sig = fx.sign(vote_digest(version, round, value.request.digest));
        Self { version, round, value, sig }
    }

    /// Whether `member` has signed it.
    pub(super) fn is_by(&self, member: NodeId, fx: &mut Fx<WebBft>) -> bool {
        fx.verify(member, vote_digest(self.version, self.round, self.what()), self.sig)
    }

    /// The digest of what it is for.
    pub(super) fn what(&self) -> u64 {
        self.value.request.digest
    }

    /// Whether no honest member can have cast both.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let same = (self.version, self.round) == (other.version, other.round);
        same && self.what() != other.what()
    }
}

/// A member's word that it is locked: it has seen a quorum of votes for this. One a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Accept {
    /// Which version.
    pub version: u64,
    /// In which round.
    pub round: u64,
    /// The digest of what it accepts.
    pub value: u64,
    /// The digest of the state after the version before.
    pub before: u64,
    /// Over all that.
    pub sig: Sig,
}

impl Accept {
    /// An acceptance by the acting node.
    pub(super) fn new(
        version: u64,
        round: u64,
        value: u64,
        before: u64,
        fx: &mut Fx<WebBft>,
    ) -> Self {
        let sig = fx.sign(accept_digest(version, round, value, before));
        Self { version, round, value, before, sig }
    }

    /// Whether `member` has signed it.
    pub(super) fn is_by(&self, member: NodeId, fx: &mut Fx<WebBft>) -> bool {
        let digest = accept_digest(self.version, self.round, self.value, self.before);
        fx.verify(member, digest, self.sig)
    }

    /// Whether both accept the same, in the same round.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        Self { sig: other.sig, ..*self } == *other
    }

    /// Whether no honest member can have signed both.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let same = (self.version, self.round) == (other.version, other.round);
        same && !self.agrees(other)
    }
}

/// A quorum of votes for one request in one round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lock {
    /// Which version.
    pub version: u64,
    /// In which round.
    pub round: u64,
    /// For what.
    pub value: Signed,
    /// The votes.
    pub votes: Vec<(NodeId, Sig)>,
}

impl Lock {
    /// Whether a quorum of members has voted so, Byzantine ones included, since signatures remain
    /// valid.
    pub(super) fn is_valid(&self, n: u16, quorum: usize, fx: &mut Fx<WebBft>) -> bool {
        let content = vote_digest(self.version, self.round, self.value.request.digest);
        signed_by(&self.votes, content, n, quorum, fx)
    }
}

/// A quorum of acceptances of one request in one round: it is decided, after the state with this
/// digest. With the state itself, it replaces the whole past.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// Which version.
    pub version: u64,
    /// In which round.
    pub round: u64,
    /// The request.
    pub request: Request,
    /// The digest of the state after the version before.
    pub before: u64,
    /// The members that have accepted.
    pub accepts: Vec<(NodeId, Sig)>,
}

impl Certificate {
    /// Whether a quorum of members has accepted.
    pub(super) fn is_valid(&self, n: u16, quorum: usize, fx: &mut Fx<WebBft>) -> bool {
        let content = accept_digest(self.version, self.round, self.request.digest, self.before);
        signed_by(&self.accepts, content, n, quorum, fx)
    }
}

fn signed_by(
    sigs: &[(NodeId, Sig)],
    content: u64,
    n: u16,
    quorum: usize,
    fx: &mut Fx<WebBft>,
) -> bool {
    let members: Members = sigs.iter().map(|&(member, _)| member).collect();
    members.len() == sigs.len()
        && members.len() >= quorum
        && sigs.iter().all(|&(member, sig)| member.0 < n && fx.verify(member, content, sig))
}

/// Two signatures of one member that no honest member gives both of: it has changed its vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Two votes in a round.
    Votes(Vote, Vote),
    /// Two acceptances in a round.
    Accepts(Accept, Accept),
}

impl Proof {
    /// Whether it proves that `member` is Byzantine.
    pub(super) fn convicts(&self, member: NodeId, fx: &mut Fx<WebBft>) -> bool {
        match self {
            Self::Votes(one, other) => {
                one.contradicts(other) && one.is_by(member, fx) && other.is_by(member, fx)
            }
            Self::Accepts(one, other) => {
                one.contradicts(other) && one.is_by(member, fx) && other.is_by(member, fx)
            }
        }
    }
}

/// All that a member knows of the vote on its next version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Which version.
    pub version: u64,
    /// The round that it is in.
    pub round: u64,
    /// The latest lock that it knows.
    pub lock: Option<Arc<Lock>>,
    /// The latest vote of each member.
    pub votes: Vec<(NodeId, Vote)>,
    /// The latest acceptance of each member.
    pub accepts: Vec<(NodeId, Accept)>,
    /// The members that have changed their vote, with proofs.
    pub proofs: Vec<(NodeId, Proof)>,
}

/// A reply to a lagging member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// What the other has missed, if anything.
    pub missed: Option<Missed>,
    /// The proof of its last version; none where nothing was decided yet.
    pub certificate: Option<Arc<Certificate>>,
}

/// Web-bft's messages. `other` is not on the wire and not used by receivers: a Byzantine node needs
/// it to send a plausible variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Signed),
    /// A member votes.
    Vote {
        /// For what.
        vote: Vote,
        /// The lock that allows a tie-breaker to vote so.
        lock: Option<Arc<Lock>>,
        /// Another request that it could have voted for.
        other: Option<Signed>,
    },
    /// A member accepts.
    Accept {
        /// The acceptance.
        accept: Accept,
        /// Votes for something else that it has seen, for others to compare with what they have.
        against: Vec<(NodeId, Vote)>,
        /// The digest of another request.
        other: Option<u64>,
    },
    /// The request is decided.
    Answer {
        /// The request's number.
        number: u64,
        /// The request's digest.
        result: u64,
        /// Another request of the same client, not decided.
        other: Option<Request>,
    },
    /// A member sends everything it knows about the vote.
    State(Arc<State>),
    /// A member asks for what it lacks.
    Fetch {
        /// The last version that it knows.
        applied: u64,
    },
    /// The answer.
    Told(Arc<Told>),
    /// A member has changed its mind.
    Proof {
        /// The Byzantine member.
        byzantine: NodeId,
        /// By what it is known.
        proof: Proof,
    },
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The end of the round.
    Round,
    /// The time to ask again what it lacks.
    Fetch,
    /// An answer, as a client.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("vote", Class::Request),
    kind("accept", Class::Request),
    kind("answer", Class::Client),
    kind("vote-again", Class::Repair),
    kind("accept-again", Class::Repair),
    kind("state", Class::Repair),
    kind("fetch", Class::Repair),
    kind("catch-up", Class::Repair),
    kind("proof", Class::Repair),
];

const ACCEPT: u32 = PLACE + 2 * HASH + SIG;

fn vote_bytes(vote: &Vote) -> u32 {
    PLACE + REQUEST + vote.value.request.bytes + SIG
}

fn lock_bytes(lock: &Option<Arc<Lock>>) -> u32 {
    lock.as_ref().map_or(0, |lock| {
        PLACE + REQUEST + lock.value.request.bytes + SIGNED * lock.votes.len() as u32
    })
}

fn votes_bytes(votes: &[(NodeId, Vote)]) -> u32 {
    votes.iter().map(|(_, vote)| 2 + vote_bytes(vote)).sum()
}

pub(super) fn proof_bytes(proof: &Proof) -> u32 {
    match proof {
        Proof::Votes(one, other) => 2 + vote_bytes(one) + vote_bytes(other),
        Proof::Accepts(..) => 2 + 2 * ACCEPT,
    }
}

pub(super) fn wire(msg: &Msg) -> Wire {
    let (kind, body) = match msg {
        Msg::Request(signed) => (0, REQUEST + signed.request.bytes),
        Msg::Vote { vote, lock, .. } => {
            (if vote.round == 0 { 1 } else { 4 }, vote_bytes(vote) + lock_bytes(lock))
        }
        Msg::Accept { accept, against, .. } => {
            (if accept.round == 0 { 2 } else { 5 }, ACCEPT + votes_bytes(against))
        }
        Msg::Answer { .. } => (3, 8 + HASH),
        Msg::State(state) => {
            let accepts = (2 + ACCEPT) * state.accepts.len() as u32;
            let proofs: u32 = state.proofs.iter().map(|(_, proof)| proof_bytes(proof)).sum();
            let votes = votes_bytes(&state.votes);
            (6, PLACE + lock_bytes(&state.lock) + votes + accepts + proofs)
        }
        Msg::Fetch { .. } => (7, 8),
        Msg::Told(told) => {
            let certificate = told.certificate.as_ref().map_or(0, |certificate| {
                PLACE + 16 + 2 * HASH + SIGNED * certificate.accepts.len() as u32
            });
            (8, told.missed.as_ref().map_or(0, Missed::bytes) + certificate)
        }
        Msg::Proof { proof, .. } => (9, proof_bytes(proof)),
    };
    Wire { kind, bytes: HEADERS + body }
}
