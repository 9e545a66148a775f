//! The messages of the hierarchy besides PBFT's own, their kinds, their sizes, and their Byzantine
//! variants.

use super::{SdmaPbft, of_pbft};
use crate::pbft::message::{commit_digest, prepare_digest};
use crate::pbft::{self, Pbft, Proposal};
use crate::{Class, Forge, Fx, Kind, NodeId, Part, Protocol, Sig, Wire, digest};
use std::sync::Arc;

/// Bytes of the headers below the protocol.
const HEADERS: u32 = 42;
/// Bytes of a signature and of its signer's number.
const SIGNED: u32 = 66;
/// Bytes of what is voted on: phase, view, number, digest.
const BALLOT: u32 = 49;

/// The two rounds of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Of those that have accepted a pre-prepare.
    Prepare,
    /// Of those at which it has prepared.
    Commit,
}

/// What is voted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// In which round.
    pub phase: Phase,
    /// The view,
    pub view: u64,
    /// the sequence number,
    pub seq: u64,
    /// and the proposal's digest.
    pub digest: u64,
}

impl Ballot {
    /// What a vote signs: a prepare is PBFT's own, so that it counts in PBFT's certificates.
    pub(super) fn content(&self, part: &Part) -> u64 {
        let Self { view, seq, digest, .. } = *self;
        part.outside(match self.phase {
            Phase::Prepare => prepare_digest(view, seq, digest),
            Phase::Commit => commit_digest(view, seq, digest),
        })
    }

    /// PBFT's message for it.
    fn of(msg: &pbft::Msg) -> Option<Self> {
        match *msg {
            pbft::Msg::Prepare { view, seq, digest, .. } => {
                Some(Self { phase: Phase::Prepare, view, seq, digest })
            }
            pbft::Msg::Commit { view, seq, digest } => {
                Some(Self { phase: Phase::Commit, view, seq, digest })
            }
            _ => None,
        }
    }
}

/// A group's word that it has another agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Succession {
    /// The group, in the lowest layer.
    pub group: u16,
    /// How many agents it has had before, in one view.
    pub term: u32,
    /// A quorum of its members' signatures.
    pub votes: Vec<(NodeId, Sig)>,
}

/// What a member signs that wants its group to have another agent.
pub(super) fn complaint_digest(group: usize, term: u32) -> u64 {
    digest([8, group as u64, term.into()])
}

/// What SDMA-PBFT's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// As in PBFT, from one node to another: requests, replies, checkpoints, view changes, states.
    Pbft(pbft::Msg),
    /// A pre-prepare on its way down: to who sits in a group of this layer.
    Propose {
        /// The layer.
        layer: u8,
        /// The primary's view,
        view: u64,
        /// the sequence number,
        seq: u64,
        /// the proposal,
        proposal: Proposal,
        /// and the primary's signature over it.
        sig: Sig,
    },
    /// A vote, within a group of the lowest layer.
    Vote {
        /// For what.
        ballot: Ballot,
        /// The sender's signature.
        sig: Sig,
    },
    /// The votes of a group, from its agent to the others in the group above.
    Up {
        /// For what.
        ballot: Ballot,
        /// Who voted so.
        votes: Arc<[(NodeId, Sig)]>,
    },
    /// A quorum of all, from an agent to its group.
    Down {
        /// For what.
        ballot: Ballot,
        /// Who voted so.
        votes: Arc<[(NodeId, Sig)]>,
    },
    /// To the group: it should have another agent.
    Complaint {
        /// How many agents it will have had.
        term: u32,
        /// The sender's signature.
        sig: Sig,
    },
    /// A group has another agent.
    Succession(Arc<Succession>),
    /// The receiver is not who its group's agent was: is it now?
    Ask,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

const OF_PBFT: &[Kind] = Pbft::KINDS;

/// PBFT's, and those of the hierarchy.
pub(super) const KINDS: &[Kind] = &[
    OF_PBFT[0],
    OF_PBFT[1],
    OF_PBFT[2],
    OF_PBFT[3],
    OF_PBFT[4],
    OF_PBFT[5],
    OF_PBFT[6],
    OF_PBFT[7],
    OF_PBFT[8],
    OF_PBFT[9],
    kind("carry up", Class::Request),
    kind("carry down", Class::Request),
    kind("complaint", Class::Repair),
    kind("succession", Class::Repair),
    kind("ask", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> Wire {
    let body = |kind, body| Wire { kind, bytes: HEADERS + body };
    let carried = |votes: &[(NodeId, Sig)]| BALLOT + SIGNED * votes.len() as u32;
    match msg {
        Msg::Pbft(msg) => Pbft::wire(msg),
        Msg::Propose { view, seq, proposal, sig, .. } => {
            let (view, seq, proposal, sig) = (*view, *seq, *proposal, *sig);
            Pbft::wire(&pbft::Msg::PrePrepare { view, seq, proposal, sig })
        }
        Msg::Vote { ballot, .. } => match ballot.phase {
            Phase::Prepare => body(2, BALLOT + SIGNED),
            Phase::Commit => body(3, BALLOT + SIGNED),
        },
        Msg::Up { votes, .. } => body(10, carried(votes)),
        Msg::Down { votes, .. } => body(11, carried(votes)),
        Msg::Complaint { .. } => body(12, 6 + SIGNED),
        Msg::Succession(succession) => body(13, 6 + SIGNED * succession.votes.len() as u32),
        Msg::Ask => body(14, 2),
    }
}

/// What a Byzantine member could send instead: PBFT's variants, and as an agent, aggregated votes
/// without most of those it received.
pub(super) fn variants(msg: &Msg, part: &Part, fx: &mut Fx<SdmaPbft>) -> Vec<Msg> {
    match msg {
        Msg::Pbft(inner) => {
            let variants = in_pbft(part, fx, |fx| Pbft::variants(inner, fx));
            variants.into_iter().map(Msg::Pbft).collect()
        }
        &Msg::Propose { layer, view, seq, proposal, sig } => {
            let inner = pbft::Msg::PrePrepare { view, seq, proposal, sig };
            let variants = in_pbft(part, fx, |fx| Pbft::variants(&inner, fx));
            let other = |msg| match msg {
                pbft::Msg::PrePrepare { view, seq, proposal, sig } => {
                    Some(Msg::Propose { layer, view, seq, proposal, sig })
                }
                _ => None,
            };
            variants.into_iter().filter_map(other).collect()
        }
        &Msg::Vote { ballot, sig } => {
            let Ballot { phase, view, seq, digest } = ballot;
            let inner = match phase {
                Phase::Prepare => pbft::Msg::Prepare { view, seq, digest, sig },
                Phase::Commit => pbft::Msg::Commit { view, seq, digest },
            };
            let variants = in_pbft(part, fx, |fx| Pbft::variants(&inner, fx));
            let ballots: Vec<_> = variants.iter().filter_map(Ballot::of).collect();
            let vote = |ballot: Ballot| Msg::Vote { ballot, sig: fx.sign(ballot.content(part)) };
            ballots.into_iter().map(vote).collect()
        }
        Msg::Up { ballot, votes } if votes.len() > 1 => {
            vec![Msg::Up { ballot: *ballot, votes: votes[..1].into() }]
        }
        Msg::Down { ballot, votes } if votes.len() > 1 => {
            vec![Msg::Down { ballot: *ballot, votes: votes[..1].into() }]
        }
        _ => Vec::new(),
    }
}

/// Runs something of PBFT that leaves no effect but its signatures.
fn in_pbft<R>(part: &Part, fx: &mut Fx<SdmaPbft>, handler: impl FnOnce(&mut Fx<Pbft>) -> R) -> R {
    let me = fx.me();
    fx.nest(part, me, of_pbft, Msg::Pbft, |timer| timer, &mut Vec::new(), handler)
}
