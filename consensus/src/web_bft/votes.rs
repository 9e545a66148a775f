//! What a member knows of others' votes: the latest vote and the latest acceptance of each, the
//! votes on the previous version, and the members proved Byzantine. Such a state only grows,
//! whichever states are merged in whichever order. Not what the member itself may sign.

use super::message::{Accept, Proof, Vote};
use crate::{Members, NodeId};
use std::collections::BTreeMap;

/// The replicated state of a vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Votes {
    votes: BTreeMap<NodeId, Vote>,
    accepts: BTreeMap<NodeId, Accept>,
    /// Votes on the version decided last: a changed vote may be detected late.
    past: BTreeMap<NodeId, Vote>,
    byzantine: BTreeMap<NodeId, Proof>,
}

impl Votes {
    /// With those found out before.
    pub(super) fn with(byzantine: &BTreeMap<NodeId, Proof>) -> Self {
        Self { byzantine: byzantine.clone(), ..Self::default() }
    }

    /// Whether it holds this vote already.
    pub(super) fn knows(&self, member: NodeId, vote: &Vote) -> bool {
        self.votes.get(&member) == Some(vote) || self.past.get(&member) == Some(vote)
    }

    /// Whether it holds this acceptance already.
    pub(super) fn knows_accept(&self, member: NodeId, accept: &Accept) -> bool {
        self.accepts.get(&member) == Some(accept)
    }

    /// The proof that a vote, with one known before, is of its caster's changing its mind.
    pub(super) fn against(&self, member: NodeId, vote: &Vote) -> Option<Proof> {
        let known = [self.votes.get(&member), self.past.get(&member)];
        let other = known.into_iter().flatten().find(|known| known.contradicts(vote))?;
        Some(Proof::Votes(*other, *vote))
    }

    /// The proof that an acceptance, with one known before, is of its giver's changing its mind.
    pub(super) fn against_accept(&self, member: NodeId, accept: &Accept) -> Option<Proof> {
        let other = self.accepts.get(&member).filter(|known| known.contradicts(accept))?;
        Some(Proof::Accepts(*other, *accept))
    }

    /// Takes in a vote that its caster has signed, unless a later one is known.
    pub(super) fn take(&mut self, member: NodeId, vote: Vote) {
        let later = |known: &Vote| (known.version, known.round) >= (vote.version, vote.round);
        if !self.is_byzantine(member) && !self.votes.get(&member).is_some_and(later) {
            self.votes.insert(member, vote);
        }
    }

    /// Takes in a vote on the version decided last.
    pub(super) fn take_past(&mut self, member: NodeId, vote: Vote) {
        if !self.is_byzantine(member) {
            self.past.entry(member).or_insert(vote);
        }
    }

    /// Takes in an acceptance that its giver has signed, unless a later one is known.
    pub(super) fn take_accept(&mut self, member: NodeId, accept: Accept) {
        let later = |known: &Accept| (known.version, known.round) >= (accept.version, accept.round);
        if !self.is_byzantine(member) && !self.accepts.get(&member).is_some_and(later) {
            self.accepts.insert(member, accept);
        }
    }

    /// Counts a member no more.
    pub(super) fn convict(&mut self, member: NodeId, proof: Proof) {
        self.votes.remove(&member);
        self.accepts.remove(&member);
        self.past.remove(&member);
        self.byzantine.insert(member, proof);
    }

    /// Whether a member was found out.
    pub(super) fn is_byzantine(&self, member: NodeId) -> bool {
        self.byzantine.contains_key(&member)
    }

    /// The members proved Byzantine.
    pub fn byzantine(&self) -> Members {
        self.byzantine.keys().copied().collect()
    }

    /// The members proved Byzantine, with their proofs.
    pub(super) fn proofs(&self) -> impl Iterator<Item = (NodeId, Proof)> + '_ {
        self.byzantine.iter().map(|(&member, &proof)| (member, proof))
    }

    /// The latest votes that are on a version.
    pub(super) fn on(&self, version: u64) -> impl Iterator<Item = (NodeId, &Vote)> {
        let votes = self.votes.iter().map(|(&member, vote)| (member, vote));
        votes.filter(move |(_, vote)| vote.version == version)
    }

    /// The latest acceptances that are of a version.
    pub(super) fn accepted(&self, version: u64) -> impl Iterator<Item = (NodeId, &Accept)> {
        let accepts = self.accepts.iter().map(|(&member, accept)| (member, accept));
        accepts.filter(move |(_, accept)| accept.version == version)
    }

    /// A member's latest vote, if it is in this round.
    pub(super) fn of(&self, member: NodeId, version: u64, round: u64) -> Option<&Vote> {
        let vote = self.votes.get(&member)?;
        ((vote.version, vote.round) == (version, round)).then_some(vote)
    }

    /// The latest round of a version that a member has signed anything in.
    pub(super) fn round_of(&self, member: NodeId, version: u64) -> Option<u64> {
        let vote = self.votes.get(&member).filter(|vote| vote.version == version);
        let accept = self.accepts.get(&member).filter(|accept| accept.version == version);
        vote.map(|vote| vote.round).max(accept.map(|accept| accept.round))
    }

    /// A vote in a round from `least` on that a quorum has cast.
    pub(super) fn carried(&self, version: u64, least: u64, quorum: usize) -> Option<&Vote> {
        let mut counted: Option<&Vote> = None;
        self.on(version).map(|(_, vote)| vote).filter(|vote| vote.round >= least).find(|vote| {
            let same = |other: &Vote| (other.round, other.what()) == (vote.round, vote.what());
            if counted.is_some_and(same) {
                return false; // the one before was the same, and not enough
            }
            counted = Some(vote);
            self.on(version).filter(|(_, other)| same(other)).count() >= quorum
        })
    }

    /// An acceptance that a quorum has given.
    pub(super) fn decided(&self, version: u64, quorum: usize) -> Option<&Accept> {
        let mut counted: Option<&Accept> = None;
        self.accepted(version).map(|(_, accept)| accept).find(|accept| {
            if counted.is_some_and(|counted| counted.agrees(accept)) {
                return false;
            }
            counted = Some(accept);
            self.accepted(version).filter(|(_, other)| other.agrees(accept)).count() >= quorum
        })
    }

    /// How many votes a value has, whichever their rounds.
    pub(super) fn support(&self, version: u64, what: u64) -> usize {
        self.on(version).filter(|(_, vote)| vote.what() == what).count()
    }

    /// Moves on to a version.
    pub(super) fn advance(&mut self, version: u64) {
        self.past.clear();
        let past = self.votes.iter().filter(|(_, vote)| vote.version + 1 == version);
        self.past.extend(past.map(|(&member, &vote)| (member, vote)));
        self.votes.retain(|_, vote| vote.version >= version);
        self.accepts.retain(|_, accept| accept.version >= version);
    }

    /// How many votes, acceptances and proofs it holds.
    pub(super) fn held(&self) -> usize {
        self.votes.len() + self.accepts.len() + self.past.len() + self.byzantine.len()
    }
}
